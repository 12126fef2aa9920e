"""Accounts in full: profiles, second steps, mailed tokens, third-party logins, exports."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Instant = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
OPTIONS = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"), ("engine", "InnoDB"))
}

# Where SQLite has to copy a table, the copy must go on numbering its rows, never handing a number out twice.
NUMBERED = {"sqlite_autoincrement": True}


def upgrade() -> None:
    op.create_table(
        "data_export",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_data_export_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("data_export", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_data_export_user_id"), ["user_id"], unique=False)

    op.create_table(
        "external_identity",
        sa.Column("id", BigId, nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=254), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_external_identity_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint("provider", "subject", name=op.f("uq_external_identity_provider_subject")),
        **OPTIONS,
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("external_identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_external_identity_user_id"), ["user_id"], unique=False)

    op.create_table(
        "external_login",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_verifier", sa.String(length=128), nullable=False),
        sa.Column("next_path", sa.String(length=500), nullable=False),
        sa.Column("user_id", BigId, nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_external_login_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_external_login")),
        **OPTIONS,
    )
    op.create_table(
        "mailed_token",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_mailed_token_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_mailed_token")),
        sa.UniqueConstraint("user_id", "purpose", name=op.f("uq_mailed_token_user_id_purpose")),
        **OPTIONS,
    )
    op.create_table(
        "recovery_code",
        sa.Column("user_id", BigId, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_code")),
        **OPTIONS,
    )
    with op.batch_alter_table("auth_session", table_kwargs=NUMBERED) as batch_op:
        batch_op.add_column(sa.Column("address", sa.String(length=45), nullable=False, server_default=""))

    with op.batch_alter_table("user_account", table_kwargs=NUMBERED) as batch_op:
        batch_op.add_column(sa.Column("display_name", sa.String(length=20), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("bio", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("building", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("avatar", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("totp_secret", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("mail_about_messages", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("reminded_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("closing_at", Instant, nullable=True))
        batch_op.add_column(sa.Column("closed_at", Instant, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user_account", table_kwargs=NUMBERED) as batch_op:
        batch_op.drop_column("closed_at")
        batch_op.drop_column("closing_at")
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("mail_about_messages")
        batch_op.drop_column("totp_step")
        batch_op.drop_column("totp_secret")
        batch_op.drop_column("avatar")
        batch_op.drop_column("building")
        batch_op.drop_column("bio")
        batch_op.drop_column("display_name")

    with op.batch_alter_table("auth_session", table_kwargs=NUMBERED) as batch_op:
        batch_op.drop_column("address")

    op.drop_table("recovery_code")
    op.drop_table("mailed_token")
    op.drop_table("external_login")
    op.drop_table("external_identity")
    op.drop_table("data_export")
