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
    password_hash: str = Field(max_length=100)
    role: str = Field(default=Role.MEMBER, max_length=16)
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
