"""Messages in full: kinds, taking back, deleting for oneself; friends, blocks, the public room, push."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic import op

revision = "0004"
down_revision = "0003"
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


def _create_people() -> None:
    op.create_table(
        "block",
        sa.Column("blocker_id", BigId, nullable=False),
        sa.Column("blocked_id", BigId, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["blocked_id"], ["user_account.id"], name=op.f("fk_block_blocked_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["blocker_id"], ["user_account.id"], name=op.f("fk_block_blocker_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("blocker_id", "blocked_id", name=op.f("pk_block")),
        **OPTIONS,
    )
    with op.batch_alter_table("block") as batch_op:
        batch_op.create_index("ix_block_blocked_id", ["blocked_id"], unique=False)

    op.create_table(
        "friend_request",
        sa.Column("sender_id", BigId, nullable=False),
        sa.Column("recipient_id", BigId, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"],
            ["user_account.id"],
            name=op.f("fk_friend_request_recipient_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"],
            ["user_account.id"],
            name=op.f("fk_friend_request_sender_id_user_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sender_id", "recipient_id", name=op.f("pk_friend_request")),
        **OPTIONS,
    )
    with op.batch_alter_table("friend_request") as batch_op:
        batch_op.create_index("ix_friend_request_recipient_id", ["recipient_id", "created_at"], unique=False)

    op.create_table(
        "friendship",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("friend_id", BigId, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["friend_id"], ["user_account.id"], name=op.f("fk_friendship_friend_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_friendship_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "friend_id", name=op.f("pk_friendship")),
        **OPTIONS,
    )
    with op.batch_alter_table("friendship") as batch_op:
        batch_op.create_index("ix_friendship_friend_id", ["friend_id"], unique=False)

    op.create_table(
        "push_subscription",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("session_id", BigId, nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("endpoint_hash", sa.String(length=64), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=50), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_push_subscription_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["auth_session.id"],
            name=op.f("fk_push_subscription_session_id_auth_session"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscription")),
        sa.UniqueConstraint("session_id", name=op.f("uq_push_subscription_session_id")),
        sa.UniqueConstraint("endpoint_hash", name=op.f("uq_push_subscription_endpoint_hash")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("push_subscription") as batch_op:
        batch_op.create_index(batch_op.f("ix_push_subscription_user_id"), ["user_id"], unique=False)

    op.create_table(
        "room_mute",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_room_mute_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_room_mute")),
        **OPTIONS,
    )


def upgrade() -> None:
    _create_people()
    op.create_table(
        "hidden_message",
        sa.Column("conversation_id", BigId, autoincrement=False, nullable=False),
        sa.Column("reader_id", BigId, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "reader_id", "seq", name=op.f("pk_hidden_message")),
        **OPTIONS,
    )
    # Added in place: copying a table of messages would take as long as there are messages.
    op.add_column("message", sa.Column("kind", sa.String(length=16), nullable=False, server_default="text"))
    op.add_column("message", sa.Column("attachment", sa.String(length=500), nullable=False, server_default=""))
    op.add_column("message", sa.Column("recalled_at", Instant, nullable=True))
    op.add_column("read_position", sa.Column("cleared_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("conversation_member", sa.Column("is_muted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conversation_member", sa.Column("pinned_at", Instant, nullable=True))
    op.add_column("user_account", sa.Column("shows_presence", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("user_account", sa.Column("seen_at", Instant, nullable=True))
    op.add_column("user_account", sa.Column("broadcasts_seen", BigId, nullable=False, server_default="0"))
    # What was announced until now is no news.
    op.execute("UPDATE user_account SET broadcasts_seen = (SELECT COALESCE(MAX(id), 0) FROM announcement)")
    with op.batch_alter_table("photo", table_kwargs=NUMBERED) as batch_op:
        batch_op.add_column(sa.Column("conversation_id", BigId, nullable=True))
        batch_op.create_index(batch_op.f("ix_photo_conversation_id"), ["conversation_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_photo_conversation_id_conversation"), "conversation", ["conversation_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("photo", table_kwargs=NUMBERED) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_photo_conversation_id_conversation"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_photo_conversation_id"))
        batch_op.drop_column("conversation_id")
    op.drop_column("user_account", "broadcasts_seen")
    op.drop_column("user_account", "seen_at")
    op.drop_column("user_account", "shows_presence")
    op.drop_column("conversation_member", "pinned_at")
    op.drop_column("conversation_member", "is_muted")
    op.drop_column("read_position", "cleared_seq")
    op.drop_column("message", "recalled_at")
    op.drop_column("message", "attachment")
    op.drop_column("message", "kind")
    op.drop_table("hidden_message")
    for table in ("room_mute", "push_subscription", "friendship", "friend_request", "block"):
        op.drop_table(table)
