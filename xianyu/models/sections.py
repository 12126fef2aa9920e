"""What the compound shares beside things: activities that people sign up for, and announcements."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class ActivityStatus(StrEnum):
    """Where an activity stands. That it is full or past follows from its numbers and times."""

    OPEN = "open"
    CANCELLED = "cancelled"
    DELETED = "deleted"


class Activity(Table, table=True):
    """Something that neighbours do together. ``signup_count`` never exceeds ``capacity``, by constraint."""

    __tablename__ = "activity"
    __table_args__ = table_args(
        sa.CheckConstraint("signup_count >= 0", name="signup_count_not_negative"),
        sa.CheckConstraint("signup_count <= capacity", name="not_overbooked"),
        sa.Index("ix_activity_feed", "status", "published_at", "id"),
        sa.Index("ix_activity_organizer_id", "organizer_id"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    organizer_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    title: str = Field(max_length=60)
    text: str = Field(sa_type=sa.Text)
    place: str = Field(max_length=60)
    starts_at: datetime = Field(sa_type=UtcDateTime)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    capacity: int = Field(sa_type=sa.Integer)
    signup_count: int = Field(default=0, sa_type=sa.Integer)
    status: str = Field(default=ActivityStatus.OPEN, max_length=16)
    # The first picture's name, or empty.
    cover: str = Field(default="", max_length=40)
    version: int = Field(default=1, sa_type=sa.Integer)
    published_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ActivitySignup(Table, table=True):
    """That somebody comes (报名)."""

    __tablename__ = "activity_signup"
    __table_args__ = table_args(sa.Index("ix_activity_signup_user_id", "user_id"))

    activity_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True)
    )
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Announcement(Table, table=True):
    """Something that an operator tells everybody. Pinned ones stand first."""

    __tablename__ = "announcement"
    __table_args__ = table_args(
        sa.Index("ix_announcement_feed", "is_deleted", "is_pinned", "published_at", "id"),
        sa.Index("ix_announcement_scheduled_at", "scheduled_at"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    author_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False, index=True))
    title: str = Field(max_length=60)
    text: str = Field(sa_type=sa.Text)
    is_pinned: bool = Field(default=False)
    is_deleted: bool = Field(default=False)
    cover: str = Field(default="", max_length=40)
    # When it is to be published, while it is not; operators alone see it until then.
    scheduled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    version: int = Field(default=1, sa_type=sa.Integer)
    published_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
