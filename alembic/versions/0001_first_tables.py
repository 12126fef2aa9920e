"""The first tables: people, logins, listings, pictures, conversations, messages."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
OPTIONS = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("conversation_id", BigId, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sender_id", BigId, nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_message")),
        sa.UniqueConstraint(
            "conversation_id", "sender_id", "client_id", name=op.f("uq_message_conversation_id_sender_id_client_id")
        ),
        **OPTIONS,
    )
    op.create_table(
        "message_thread",
        sa.Column("conversation_id", BigId, autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_message_thread")),
        **OPTIONS,
    )
    op.create_table(
        "read_position",
        sa.Column("conversation_id", BigId, autoincrement=False, nullable=False),
        sa.Column("reader_id", BigId, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "reader_id", name=op.f("pk_read_position")),
        **OPTIONS,
    )
    with op.batch_alter_table("read_position", schema=None) as batch_op:
        batch_op.create_index("ix_read_position_reader_id", ["reader_id"], unique=False)

    op.create_table(
        "user_account",
        sa.Column("id", BigId, nullable=False),
        sa.Column("username", sa.String(length=20), nullable=False),
        sa.Column("username_key", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email_key", name=op.f("uq_user_account_email_key")),
        sa.UniqueConstraint("username_key", name=op.f("uq_user_account_username_key")),
        sqlite_autoincrement=True,
        **OPTIONS,
    )
    op.create_table(
        "auth_session",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("user_agent", sa.String(length=255), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_auth_session_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_auth_session_token_hash")),
        sqlite_autoincrement=True,
        **OPTIONS,
    )
    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_auth_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "listing",
        sa.Column("id", BigId, nullable=False),
        sa.Column("seller_id", BigId, nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("cover", sa.String(length=40), nullable=False),
        sa.Column("published_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.CheckConstraint("price_fen >= 0", name=op.f("ck_listing_price_not_negative")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_listing_quantity_not_negative")),
        sa.ForeignKeyConstraint(["seller_id"], ["user_account.id"], name=op.f("fk_listing_seller_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sqlite_autoincrement=True,
        **OPTIONS,
    )
    with op.batch_alter_table("listing", schema=None) as batch_op:
        batch_op.create_index("ix_listing_category_feed", ["category", "status", "published_at", "id"], unique=False)
        batch_op.create_index("ix_listing_feed", ["status", "published_at", "id"], unique=False)
        batch_op.create_index("ix_listing_seller_feed", ["seller_id", "status", "published_at", "id"], unique=False)

    op.create_table(
        "login_ticket",
        sa.Column("ticket_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_login_ticket_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_login_ticket")),
        **OPTIONS,
    )
    with op.batch_alter_table("login_ticket", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_ticket_user_id"), ["user_id"], unique=False)

    op.create_table(
        "conversation",
        sa.Column("id", BigId, nullable=False),
        sa.Column("low_id", BigId, nullable=False),
        sa.Column("high_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.CheckConstraint("low_id < high_id", name=op.f("ck_conversation_ordered_pair")),
        sa.ForeignKeyConstraint(["high_id"], ["user_account.id"], name=op.f("fk_conversation_high_id_user_account")),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_conversation_listing_id_listing")),
        sa.ForeignKeyConstraint(["low_id"], ["user_account.id"], name=op.f("fk_conversation_low_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("low_id", "high_id", name=op.f("uq_conversation_low_id_high_id")),
        sqlite_autoincrement=True,
        **OPTIONS,
    )
    op.create_table(
        "photo",
        sa.Column("id", BigId, nullable=False),
        sa.Column("owner_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_photo_listing_id_listing")),
        sa.ForeignKeyConstraint(["owner_id"], ["user_account.id"], name=op.f("fk_photo_owner_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("name", name=op.f("uq_photo_name")),
        sqlite_autoincrement=True,
        **OPTIONS,
    )
    with op.batch_alter_table("photo", schema=None) as batch_op:
        batch_op.create_index("ix_photo_orphans", ["listing_id", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_photo_owner_id"), ["owner_id"], unique=False)

    op.create_table(
        "conversation_member",
        sa.Column("conversation_id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("peer_id", BigId, nullable=False),
        sa.Column("active_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_member_conversation_id_conversation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["peer_id"], ["user_account.id"], name=op.f("fk_conversation_member_peer_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_conversation_member_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "user_id", name=op.f("pk_conversation_member")),
        **OPTIONS,
    )
    with op.batch_alter_table("conversation_member", schema=None) as batch_op:
        batch_op.create_index(
            "ix_conversation_member_recent", ["user_id", "active_at", "conversation_id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("conversation_member")
    op.drop_table("photo")
    op.drop_table("conversation")
    op.drop_table("login_ticket")
    op.drop_table("listing")
    op.drop_table("auth_session")
    op.drop_table("user_account")
    op.drop_table("read_position")
    op.drop_table("message_thread")
    op.drop_table("message")
