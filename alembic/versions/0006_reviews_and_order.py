"""Reviews, reports, sensitive words, and what operators do."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic import op

revision = "0006"
down_revision = "0005"
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


def _create_lists() -> None:
    op.create_table(
        "catalog_entry",
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("slug", sa.String(length=32), nullable=False),
        sa.Column("parent", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("kind", "slug", name=op.f("pk_catalog_entry")),
        **OPTIONS,
    )
    op.create_table(
        "daily_figure",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "name", name=op.f("pk_daily_figure")),
        **OPTIONS,
    )
    op.create_table(
        "sensitive_word",
        sa.Column("id", BigId, nullable=False),
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("word_key", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sensitive_word")),
        sa.UniqueConstraint("word_key", name=op.f("uq_sensitive_word_word_key")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )


def _create_moderation() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", BigId, nullable=False),
        sa.Column("operator_id", BigId, nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("target_kind", sa.String(length=16), nullable=False),
        sa.Column("target_id", BigId, nullable=True),
        sa.Column("target_name", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["operator_id"], ["user_account.id"], name=op.f("fk_audit_entry_operator_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.create_index("ix_audit_entry_action", ["action", "id"], unique=False)
        batch_op.create_index("ix_audit_entry_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_audit_entry_operator_id", ["operator_id", "id"], unique=False)

    op.create_table(
        "report",
        sa.Column("id", BigId, nullable=False),
        sa.Column("reporter_id", BigId, nullable=True),
        sa.Column("accused_id", BigId, nullable=False),
        sa.Column("target_kind", sa.String(length=16), nullable=False),
        sa.Column("target_id", BigId, nullable=False),
        sa.Column("target_seq", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("open_slot", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["accused_id"], ["user_account.id"], name=op.f("fk_report_accused_id_user_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_report_decided_by_user_account")),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["user_account.id"], name=op.f("fk_report_reporter_id_user_account"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint(
            "reporter_id", "target_kind", "target_id", "target_seq", "open_slot", name="uq_report_open"
        ),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("report") as batch_op:
        batch_op.create_index("ix_report_accused_id", ["accused_id", "id"], unique=False)
        batch_op.create_index("ix_report_queue", ["status", "id"], unique=False)

    op.create_table(
        "screening",
        sa.Column("id", BigId, nullable=False),
        sa.Column("author_id", BigId, nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", BigId, nullable=True),
        sa.Column("action", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("payload", sa.String(length=500), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("decided_by", BigId, nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user_account.id"], name=op.f("fk_screening_author_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_screening_decided_by_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_screening")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("screening") as batch_op:
        batch_op.create_index("ix_screening_author_id", ["author_id", "id"], unique=False)
        batch_op.create_index("ix_screening_queue", ["status", "id"], unique=False)
        batch_op.create_index("ix_screening_subject", ["subject_kind", "subject_id"], unique=False)


def _create_reviews() -> None:
    op.create_table(
        "review",
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("listing_id", BigId, nullable=True),
        sa.Column("author_id", BigId, nullable=False),
        sa.Column("subject_id", BigId, nullable=False),
        sa.Column("author_role", sa.String(length=8), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("replied_at", Instant, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("opens_at", Instant, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.CheckConstraint("author_id <> subject_id", name=op.f("ck_review_two_people")),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_review_one_to_five_stars")),
        sa.ForeignKeyConstraint(["author_id"], ["user_account.id"], name=op.f("fk_review_author_id_user_account")),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listing.id"], name=op.f("fk_review_listing_id_listing"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["trade_order.id"], name=op.f("fk_review_order_id_trade_order"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["user_account.id"], name=op.f("fk_review_subject_id_user_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
        sa.UniqueConstraint("order_id", "author_id", name=op.f("uq_review_order_id_author_id")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("review") as batch_op:
        batch_op.create_index("ix_review_author_id", ["author_id"], unique=False)
        batch_op.create_index("ix_review_due", ["status", "opens_at"], unique=False)
        batch_op.create_index("ix_review_listing", ["listing_id", "status", "id"], unique=False)
        batch_op.create_index("ix_review_subject", ["subject_id", "status", "stars"], unique=False)
        batch_op.create_index("ix_review_subject_feed", ["subject_id", "status", "id"], unique=False)


def upgrade() -> None:
    _create_lists()
    _create_moderation()
    _create_reviews()
    op.add_column("announcement", sa.Column("scheduled_at", Instant, nullable=True))
    op.create_index("ix_announcement_scheduled_at", "announcement", ["scheduled_at"], unique=False)
    op.create_index("ix_message_sent_at", "message", ["sent_at"], unique=False)
    op.add_column("conversation", sa.Column("listing_title", sa.String(length=60), nullable=False, server_default=""))
    op.add_column("user_account", sa.Column("banned_until", Instant, nullable=True))
    op.add_column("user_account", sa.Column("ban_reason", sa.String(length=200), nullable=False, server_default=""))
    with op.batch_alter_table("photo", table_kwargs=NUMBERED) as batch_op:
        for target in ("review", "report"):
            batch_op.add_column(sa.Column(f"{target}_id", BigId, nullable=True))
            batch_op.create_index(batch_op.f(f"ix_photo_{target}_id"), [f"{target}_id"], unique=False)
            batch_op.create_foreign_key(batch_op.f(f"fk_photo_{target}_id_{target}"), target, [f"{target}_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("photo", table_kwargs=NUMBERED) as batch_op:
        for target in ("review", "report"):
            batch_op.drop_constraint(batch_op.f(f"fk_photo_{target}_id_{target}"), type_="foreignkey")
            batch_op.drop_index(batch_op.f(f"ix_photo_{target}_id"))
            batch_op.drop_column(f"{target}_id")
    op.drop_column("user_account", "ban_reason")
    op.drop_column("user_account", "banned_until")
    op.drop_column("conversation", "listing_title")
    op.drop_index("ix_message_sent_at", table_name="message")
    op.drop_index("ix_announcement_scheduled_at", table_name="announcement")
    op.drop_column("announcement", "scheduled_at")
    for table in ("review", "screening", "report", "audit_entry", "sensitive_word", "daily_figure", "catalog_entry"):
        op.drop_table(table)
