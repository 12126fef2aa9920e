"""What the two people of a completed order say of each other."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class ReviewStatus(StrEnum):
    """Where a review stands. Only ``SHOWN`` ones are read by others and count."""

    # Waits for the other's review, or for the end of the time to write one.
    SEALED = "sealed"
    SHOWN = "shown"
    # Waits for an operator, who lets it through or not.
    HELD = "held"
    REMOVED = "removed"


class Review(Table, table=True):
    """One side's review of the other: ``author_id`` writes about ``subject_id``, once per order."""

    __tablename__ = "review"
    __table_args__ = table_args(
        sa.UniqueConstraint("order_id", "author_id"),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name="one_to_five_stars"),
        sa.CheckConstraint("author_id <> subject_id", name="two_people"),
        # A person's page: the count of each number of stars, and the newest.
        sa.Index("ix_review_subject", "subject_id", "status", "stars"),
        sa.Index("ix_review_subject_feed", "subject_id", "status", "id"),
        sa.Index("ix_review_listing", "listing_id", "status", "id"),
        sa.Index("ix_review_author_id", "author_id"),
        # What is to be opened since the time is over.
        sa.Index("ix_review_due", "status", "opens_at"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("trade_order.id", ondelete="CASCADE"), nullable=False)
    )
    listing_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="SET NULL"), nullable=True)
    )
    author_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    subject_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    # As what the author took part: an ``order_states.Role``.
    author_role: str = Field(max_length=8)
    stars: int = Field(sa_type=sa.Integer)
    text: str = Field(default="", sa_type=sa.Text)
    # What the subject answered, once.
    reply: str = Field(default="", sa_type=sa.Text)
    replied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    status: str = Field(default=ReviewStatus.SEALED, max_length=16)
    # When it is shown even if the other has written nothing.
    opens_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
