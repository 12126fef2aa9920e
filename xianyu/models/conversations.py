"""Who talks with whom, and about what. The messages themselves live in a message store."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now

# A conversation enters a person's list with its first message, or when they pressed 想要. Until
# then its ``active_at`` on their side is this, so that the list and its limit pass it over.
NEVER_ACTIVE = datetime(1970, 1, 1, tzinfo=UTC)


class Conversation(Table, table=True):
    """Two people. The smaller id stands first, so that a pair has one conversation by constraint."""

    __tablename__ = "conversation"
    __table_args__ = table_args(
        sa.UniqueConstraint("low_id", "high_id"),
        sa.CheckConstraint("low_id < high_id", name="ordered_pair"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    low_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    high_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    listing_id: int | None = Field(default=None, sa_column=sa.Column(BigId, sa.ForeignKey("listing.id"), nullable=True))
    # What is left of a listing that was deleted for good.
    listing_title: str = Field(default="", max_length=60)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ConversationMember(Table, table=True):
    """One person's side of a conversation. ``active_at`` orders their list, latest first, after what is pinned."""

    __tablename__ = "conversation_member"
    __table_args__ = table_args(sa.Index("ix_conversation_member_recent", "user_id", "active_at", "conversation_id"))

    conversation_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("conversation.id", ondelete="CASCADE"), primary_key=True)
    )
    user_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), primary_key=True))
    peer_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    active_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    # Counts, but neither mails nor pushes.
    is_muted: bool = Field(default=False)
    pinned_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
