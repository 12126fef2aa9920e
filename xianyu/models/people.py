"""Who knows whom, who wants nothing of whom, and who may be told outside of an open page."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class FriendRequest(Table, table=True):
    """Somebody would like to be friends and has no answer yet."""

    __tablename__ = "friend_request"
    __table_args__ = table_args(sa.Index("ix_friend_request_recipient_id", "recipient_id", "created_at"))

    sender_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    recipient_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Friendship(Table, table=True):
    """One side of a friendship: there are two rows or none."""

    __tablename__ = "friendship"
    __table_args__ = table_args(sa.Index("ix_friendship_friend_id", "friend_id"))

    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    friend_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Block(Table, table=True):
    """Somebody wants nothing of somebody else (拉黑). It keeps both from writing to the other."""

    __tablename__ = "block"
    __table_args__ = table_args(sa.Index("ix_block_blocked_id", "blocked_id"))

    blocker_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    blocked_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class RoomMute(Table, table=True):
    """Until when somebody may not write in the public room."""

    __tablename__ = "room_mute"
    __table_args__ = table_args()

    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    until: datetime = Field(sa_type=UtcDateTime)


class PushSubscription(Table, table=True):
    """A browser that takes Web Push messages: where they go and its keys (RFC 8291). It ends with its login."""

    __tablename__ = "push_subscription"
    __table_args__ = table_args(numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False, index=True)
    )
    session_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("auth_session.id", ondelete="CASCADE"), nullable=False, unique=True)
    )
    endpoint: str = Field(sa_type=sa.Text)
    endpoint_hash: str = Field(max_length=64, unique=True)
    p256dh: str = Field(max_length=100)
    auth: str = Field(max_length=50)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
