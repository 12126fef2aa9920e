"""What happened that one person should hear of: the box 互动."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class NoticeKind(StrEnum):
    """What a notice is about."""

    WANTED = "wanted"
    FAVORITED = "favorited"
    PRICE_DROPPED = "price_dropped"
    SEARCH_MATCHED = "search_matched"
    FRIEND_REQUESTED = "friend_requested"
    FRIEND_ACCEPTED = "friend_accepted"
    MENTIONED = "mentioned"
    ACTIVITY_JOINED = "activity_joined"
    ACTIVITY_CHANGED = "activity_changed"
    ACTIVITY_CANCELLED = "activity_cancelled"
    ORDER_PLACED = "order_placed"
    ORDER_CONFIRMED = "order_confirmed"
    ORDER_REPRICED = "order_repriced"
    ORDER_DECLINED = "order_declined"
    ORDER_CANCELLED = "order_cancelled"
    ORDER_SHIPPED = "order_shipped"
    ORDER_HANDED_OVER = "order_handed_over"
    ORDER_RECEIVED = "order_received"
    ORDER_COMPLETED = "order_completed"
    ORDER_EXPIRED = "order_expired"
    ORDER_EXPIRES = "order_expires"
    ORDER_COMPLETES = "order_completes"
    OFFER_MADE = "offer_made"
    OFFER_ACCEPTED = "offer_accepted"
    OFFER_COUNTERED = "offer_countered"
    OFFER_DECLINED = "offer_declined"
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_EXPIRED = "offer_expired"
    REVIEW_WRITTEN = "review_written"
    REVIEWS_OPENED = "reviews_opened"
    REVIEW_REPLIED = "review_replied"
    REPORT_UPHELD = "report_upheld"
    REPORT_DISMISSED = "report_dismissed"
    LISTING_REMOVED = "listing_removed"
    REVIEW_REMOVED = "review_removed"
    LISTING_TAKEN_DOWN = "listing_taken_down"
    LISTING_RESTORED = "listing_restored"
    LISTING_ERASED = "listing_erased"
    # What was held back is published, or is not.
    HELD_APPROVED = "held_approved"
    HELD_REJECTED = "held_rejected"
    MESSAGE_REJECTED = "message_rejected"
    REVIEW_APPROVED = "review_approved"
    REVIEW_REJECTED = "review_rejected"


class Notice(Table, table=True):
    """One entry. ``subject`` is what it speaks of as it was called then; ``detail`` adds to that."""

    __tablename__ = "notice"
    __table_args__ = table_args(
        sa.Index("ix_notice_box", "user_id", "id"), sa.Index("ix_notice_unread", "user_id", "is_read"), numbered=True
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)
    )
    kind: str = Field(max_length=24)
    actor_id: int | None = Field(
        default=None,
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=True, index=True),
    )
    listing_id: int | None = Field(
        default=None,
        sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="CASCADE"), nullable=True, index=True),
    )
    activity_id: int | None = Field(
        default=None,
        sa_column=sa.Column(BigId, sa.ForeignKey("activity.id", ondelete="CASCADE"), nullable=True, index=True),
    )
    order_id: int | None = Field(
        default=None,
        sa_column=sa.Column(BigId, sa.ForeignKey("trade_order.id", ondelete="CASCADE"), nullable=True, index=True),
    )
    subject: str = Field(default="", max_length=60)
    detail: str = Field(default="", max_length=120)
    is_read: bool = Field(default=False)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
