"""Orders with their history, offers, the address book, and what of a listing is reserved and sold."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
OPTIONS = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}
# Where SQLite copies a table, the copy must be told again that no number is used twice.
NUMBERED = {"sqlite_autoincrement": True}


def _create_orders() -> None:
    op.create_table(
        "address",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("recipient", sa.String(length=30), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_address_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("address") as batch_op:
        batch_op.create_index("ix_address_user_id", ["user_id"], unique=False)

    op.create_table(
        "trade_order",
        sa.Column("id", BigId, nullable=False),
        sa.Column("buyer_id", BigId, nullable=False),
        sa.Column("seller_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("client_key", sa.String(length=36), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("cover", sa.String(length=40), nullable=False),
        sa.Column("listed_fen", sa.Integer(), nullable=False),
        sa.Column("seller_name", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_fen", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("recipient", sa.String(length=30), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("carrier", sa.String(length=30), nullable=False),
        sa.Column("tracking_number", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deadline_at", Instant, nullable=True),
        sa.Column("warn_at", Instant, nullable=True),
        sa.Column("conversation_id", BigId, nullable=True),
        sa.Column("card_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.CheckConstraint("buyer_id <> seller_id", name=op.f("ck_trade_order_two_people")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_trade_order_quantity_positive")),
        sa.CheckConstraint("unit_fen >= 0", name=op.f("ck_trade_order_price_not_negative")),
        sa.ForeignKeyConstraint(["buyer_id"], ["user_account.id"], name=op.f("fk_trade_order_buyer_id_user_account")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_trade_order_listing_id_listing"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["user_account.id"], name=op.f("fk_trade_order_seller_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_order")),
        sa.UniqueConstraint("buyer_id", "client_key", name=op.f("uq_trade_order_buyer_id_client_key")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("trade_order") as batch_op:
        batch_op.create_index("ix_trade_order_bought", ["buyer_id", "id"], unique=False)
        batch_op.create_index("ix_trade_order_bought_status", ["buyer_id", "status", "id"], unique=False)
        batch_op.create_index("ix_trade_order_cover", ["cover"], unique=False)
        batch_op.create_index("ix_trade_order_deadline_at", ["deadline_at"], unique=False)
        batch_op.create_index("ix_trade_order_listing_id", ["listing_id"], unique=False)
        batch_op.create_index("ix_trade_order_sold", ["seller_id", "id"], unique=False)
        batch_op.create_index("ix_trade_order_sold_status", ["seller_id", "status", "id"], unique=False)
        batch_op.create_index("ix_trade_order_warn_at", ["warn_at"], unique=False)

    op.create_table(
        "order_event",
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("actor_id", BigId, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["user_account.id"], name=op.f("fk_order_event_actor_id_user_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["trade_order.id"], name=op.f("fk_order_event_order_id_trade_order"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_event")),
        sa.UniqueConstraint("order_id", "version", name=op.f("uq_order_event_order_id_version")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("order_event") as batch_op:
        batch_op.create_index("ix_order_event_actor_id", ["actor_id"], unique=False)


def _create_offers() -> None:
    op.create_table(
        "offer",
        sa.Column("id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=False),
        sa.Column("buyer_id", BigId, nullable=False),
        sa.Column("seller_id", BigId, nullable=False),
        sa.Column("maker_id", BigId, nullable=False),
        sa.Column("client_key", sa.String(length=36), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_fen", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("open_slot", sa.Integer(), nullable=True),
        sa.Column("deadline_at", Instant, nullable=True),
        sa.Column("order_id", BigId, nullable=True),
        sa.Column("conversation_id", BigId, nullable=True),
        sa.Column("card_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_offer_quantity_positive")),
        sa.CheckConstraint("unit_fen >= 0", name=op.f("ck_offer_price_not_negative")),
        sa.ForeignKeyConstraint(["buyer_id"], ["user_account.id"], name=op.f("fk_offer_buyer_id_user_account")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_offer_listing_id_listing"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["maker_id"], ["user_account.id"], name=op.f("fk_offer_maker_id_user_account")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["trade_order.id"], name=op.f("fk_offer_order_id_trade_order"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["user_account.id"], name=op.f("fk_offer_seller_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("listing_id", "buyer_id", "open_slot", name=op.f("uq_offer_listing_id_buyer_id_open_slot")),
        sa.UniqueConstraint("maker_id", "client_key", name=op.f("uq_offer_maker_id_client_key")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("offer") as batch_op:
        batch_op.create_index("ix_offer_buyer_id", ["buyer_id"], unique=False)
        batch_op.create_index("ix_offer_deadline_at", ["deadline_at"], unique=False)
        batch_op.create_index("ix_offer_order_id", ["order_id"], unique=False)
        batch_op.create_index("ix_offer_seller_id", ["seller_id"], unique=False)


def upgrade() -> None:
    _create_orders()
    _create_offers()
    with op.batch_alter_table("listing", table_kwargs=NUMBERED) as batch_op:
        batch_op.add_column(sa.Column("reserved", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("sold", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_check_constraint(batch_op.f("ck_listing_reserved_not_negative"), "reserved >= 0")
        batch_op.create_check_constraint(batch_op.f("ck_listing_sold_not_negative"), "sold >= 0")
    with op.batch_alter_table("notice", table_kwargs=NUMBERED) as batch_op:
        batch_op.add_column(sa.Column("order_id", BigId, nullable=True))
        batch_op.create_index(batch_op.f("ix_notice_order_id"), ["order_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_notice_order_id_trade_order"), "trade_order", ["order_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    with op.batch_alter_table("notice", table_kwargs=NUMBERED) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notice_order_id_trade_order"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_notice_order_id"))
        batch_op.drop_column("order_id")
    with op.batch_alter_table("listing", table_kwargs=NUMBERED) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_listing_sold_not_negative"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_listing_reserved_not_negative"), type_="check")
        batch_op.drop_column("sold")
        batch_op.drop_column("reserved")
    for table in ("offer", "order_event", "trade_order", "address"):
        op.drop_table(table)
