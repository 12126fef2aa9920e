"""People, their logins, and the one-time tickets that turn a checked password into a login."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class Role(StrEnum):
    """What a person may do beyond their own things."""

    MEMBER = "member"
    OPERATOR = "operator"


class User(Table, table=True):
    """A neighbour. The ``*_key`` columns are what uniqueness is about: folded, never shown."""

    __tablename__ = "user_account"
    __table_args__ = table_args(numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    username: str = Field(max_length=20)
    username_key: str = Field(max_length=40, unique=True)
    email: str = Field(max_length=254)
    email_key: str = Field(max_length=254, unique=True)
    # Empty for those who only ever log in through a third party.
    password_hash: str = Field(max_length=100)
    display_name: str = Field(default="", max_length=20)
    bio: str = Field(default="", max_length=200)
    building: str = Field(default="", max_length=40)
    # The name of a stored picture, or empty.
    avatar: str = Field(default="", max_length=40)
    # The secret of the second step (TOTP), encrypted; empty until the first code was confirmed.
    totp_secret: str = Field(default="", max_length=200)
    # The last time step whose code was accepted, so that no code works twice.
    totp_step: int = Field(default=0, sa_type=sa.BigInteger)
    # Whether others see that the person is online, and when they were last.
    shows_presence: bool = Field(default=True)
    # When the last of their pages was closed.
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The last announcement that they saw in the box 广播.
    broadcasts_seen: int = Field(default=0, sa_column=sa.Column(BigId, nullable=False, default=0, server_default="0"))
    # Whether an e-mail may tell of messages that were missed.
    mail_about_messages: bool = Field(default=True)
    # When such an e-mail went out; the next one waits for a visit after that. A login empties it.
    reminded_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # When the account will be erased, if its owner asked for that; and when it was.
    closing_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    role: str = Field(default=Role.MEMBER, max_length=16)
    # Until when operators keep them out, and why; long past and empty for everybody else.
    banned_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ban_reason: str = Field(default="", max_length=200)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class AuthSession(Table, table=True):
    """One login of one browser. Only the SHA-256 of its token is kept (OWASP ASVS 5.0, 7.2)."""

    __tablename__ = "auth_session"
    __table_args__ = table_args(numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    token_hash: str = Field(max_length=64, unique=True)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    user_agent: str = Field(default="", max_length=255)
    address: str = Field(default="", max_length=45)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    seen_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class LoginTicket(Table, table=True):
    """Proof, good once and for a minute, that a password was checked over the socket."""

    __tablename__ = "login_ticket"
    __table_args__ = table_args()

    ticket_hash: str = Field(max_length=64, primary_key=True)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    expires_at: datetime = Field(sa_type=UtcDateTime)


class TokenPurpose(StrEnum):
    """What a one-time token that went out by e-mail is good for."""

    RESET_PASSWORD = "reset_password"  # noqa: S105 - a name, no secret
    CHANGE_EMAIL = "change_email"


class MailedToken(Table, table=True):
    """A one-time token in an e-mail's link, as its SHA-256. A newer one of the same purpose voids it."""

    __tablename__ = "mailed_token"
    __table_args__ = table_args(sa.UniqueConstraint("user_id", "purpose"))

    token_hash: str = Field(max_length=64, primary_key=True)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)
    )
    purpose: str = Field(max_length=16)
    # The address that is to become the account's, where that is the purpose.
    email: str = Field(default="", max_length=254)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class ExternalIdentity(Table, table=True):
    """An account at a third party that opens this one: the provider's name and its subject."""

    __tablename__ = "external_identity"
    __table_args__ = table_args(sa.UniqueConstraint("provider", "subject"), numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    provider: str = Field(max_length=32)
    subject: str = Field(max_length=255)
    # What the person recognises it by: an address or a login name.
    label: str = Field(default="", max_length=254)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ExternalLogin(Table, table=True):
    """A login at a third party that is under way, or that succeeded and waits for its person's choice.

    ``state_hash`` is the SHA-256 of the secret that the browser holds in a cookie of its own.
    """

    __tablename__ = "external_login"
    __table_args__ = table_args()

    state_hash: str = Field(max_length=64, primary_key=True)
    provider: str = Field(max_length=32)
    nonce: str = Field(default="", max_length=64)
    code_verifier: str = Field(default="", max_length=128)
    next_path: str = Field(default="", max_length=500)
    # Who wants to link the identity to their account; nobody where somebody wants to log in.
    user_id: int | None = Field(
        default=None,
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=True),
    )
    # Filled in once the provider has answered.
    subject: str = Field(default="", max_length=255)
    email: str = Field(default="", max_length=254)
    email_verified: bool = Field(default=False)
    name: str = Field(default="", max_length=100)
    expires_at: datetime = Field(sa_type=UtcDateTime)


class RecoveryCode(Table, table=True):
    """A code that stands in for the second step once, as its SHA-256."""

    __tablename__ = "recovery_code"
    __table_args__ = table_args()

    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    code_hash: str = Field(max_length=64, primary_key=True)


class DataExport(Table, table=True):
    """A person's request for all of their data. ``progress`` is in percent."""

    __tablename__ = "data_export"
    __table_args__ = table_args(numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    status: str = Field(default="waiting", max_length=16)
    progress: int = Field(default=0, sa_type=sa.Integer)
    # The archive's random name in the export folder, once somebody works on it.
    name: str = Field(default="", max_length=64)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
