"""What is for sale or wanted, and its pictures and video."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class ListingStatus(StrEnum):
    """Where a listing stands. Only ``ACTIVE`` ones are offered to others."""

    ACTIVE = "active"
    SOLD_OUT = "sold_out"
    TAKEN_DOWN = "taken_down"
    DELETED = "deleted"
    # Waits for an operator; its seller alone sees it.
    HELD = "held"
    # Was on offer when its seller was banned, and is again once that is over.
    SUSPENDED = "suspended"


class ListingKind(StrEnum):
    """Whether somebody has the thing or looks for it. An offer at price 0 is given away."""

    OFFER = "offer"
    WANTED = "wanted"


class Condition(StrEnum):
    """How worn a thing is, from new to worn."""

    NEW = "new"
    LIKE_NEW = "like_new"
    GOOD = "good"
    FAIR = "fair"
    WORN = "worn"


class Listing(Table, table=True):
    """Something that a neighbour offers or looks for.

    Prices are in fen, a hundredth of a yuan; where something is wanted, ``price_fen`` is the budget.
    ``quantity`` counts the pieces that are free, ``reserved`` those of unfinished orders, ``sold`` those
    that are gone. ``published_at`` is the listing's place in the feed and moves when it is put back to the top,
    ``created_at`` never moves. The counts are kept in step with the rows that they count.
    """

    __tablename__ = "listing"
    __table_args__ = table_args(
        sa.CheckConstraint("price_fen >= 0", name="price_not_negative"),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        sa.CheckConstraint("reserved >= 0", name="reserved_not_negative"),
        sa.CheckConstraint("sold >= 0", name="sold_not_negative"),
        # The home page, whole, by group of categories and by category, and a person's page: newest
        # first, by keyset.
        sa.Index("ix_listing_feed", "status", "published_at", "id"),
        sa.Index("ix_listing_group_feed", "category_group", "status", "published_at", "id"),
        sa.Index("ix_listing_category_feed", "category", "status", "published_at", "id"),
        sa.Index("ix_listing_seller_feed", "seller_id", "status", "published_at", "id"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    seller_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    title: str = Field(max_length=60)
    description: str = Field(sa_type=sa.Text)
    price_fen: int = Field(sa_type=sa.Integer)
    quantity: int = Field(sa_type=sa.Integer)
    reserved: int = Field(default=0, sa_type=sa.Integer)
    sold: int = Field(default=0, sa_type=sa.Integer)
    kind: str = Field(default=ListingKind.OFFER, max_length=16)
    category: str = Field(max_length=32)
    # The category's parent, or itself where it has none, so that a group is read by one index.
    category_group: str = Field(max_length=32)
    # Empty where the seller said nothing, and for what is wanted.
    condition: str = Field(default="", max_length=16)
    original_price_fen: int | None = Field(default=None, sa_type=sa.Integer)
    is_negotiable: bool = Field(default=False)
    # Where the thing is handed over, in the seller's words.
    place: str = Field(default="", max_length=40)
    status: str = Field(default=ListingStatus.ACTIVE, max_length=16)
    # The first picture's name again, so that a page of cards needs no second query.
    cover: str = Field(max_length=40)
    # Counts up with every edit, so that a form that was opened before one is not saved over it.
    version: int = Field(default=1, sa_type=sa.Integer)
    view_count: int = Field(default=0, sa_type=sa.Integer)
    want_count: int = Field(default=0, sa_type=sa.Integer)
    favorite_count: int = Field(default=0, sa_type=sa.Integer)
    # When its seller last put it back to the top.
    bumped_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    published_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Photo(Table, table=True):
    """A stored picture. Part of nothing, it is an upload that may still become part of something."""

    __tablename__ = "photo"
    __table_args__ = table_args(sa.Index("ix_photo_orphans", "listing_id", "created_at"), numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    owner_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False, index=True))
    listing_id: int | None = Field(default=None, sa_column=sa.Column(BigId, sa.ForeignKey("listing.id"), nullable=True))
    activity_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("activity.id"), nullable=True, index=True)
    )
    announcement_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("announcement.id"), nullable=True, index=True)
    )
    # Sent in this conversation.
    conversation_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("conversation.id"), nullable=True, index=True)
    )
    review_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("review.id"), nullable=True, index=True)
    )
    # Evidence: seen by operators and nobody else.
    report_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("report.id"), nullable=True, index=True)
    )
    position: int = Field(default=0, sa_type=sa.Integer)
    name: str = Field(max_length=40, unique=True)
    width: int = Field(sa_type=sa.Integer)
    height: int = Field(sa_type=sa.Integer)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Video(Table, table=True):
    """A stored video and its poster, which has the same name but for its ending. Like ``Photo`` otherwise."""

    __tablename__ = "video"
    __table_args__ = table_args(sa.Index("ix_video_orphans", "listing_id", "created_at"), numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    owner_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False, index=True))
    listing_id: int | None = Field(default=None, sa_column=sa.Column(BigId, sa.ForeignKey("listing.id"), nullable=True))
    name: str = Field(max_length=40, unique=True)
    width: int = Field(sa_type=sa.Integer)
    height: int = Field(sa_type=sa.Integer)
    duration_ms: int = Field(sa_type=sa.Integer)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ListingTag(Table, table=True):
    """A tag of a listing. ``name_key`` is the folded name, under which it is found and counted."""

    __tablename__ = "listing_tag"
    __table_args__ = table_args(sa.Index("ix_listing_tag_name_key", "name_key", "listing_id"))

    listing_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    )
    position: int = Field(sa_column=sa.Column(sa.Integer, primary_key=True, autoincrement=False))
    name: str = Field(max_length=16)
    name_key: str = Field(max_length=32)


class Tag(Table, table=True):
    """A tag that listings bear or bore, for suggestions: how it is spelled, sounds, and how many bear it."""

    __tablename__ = "tag"
    __table_args__ = table_args(sa.Index("ix_tag_pinyin", "pinyin"), sa.Index("ix_tag_initials", "initials"))

    name_key: str = Field(max_length=32, primary_key=True)
    name: str = Field(max_length=16)
    # Without tones, "zixingche" and "zxc"; empty where there is no Chinese character.
    pinyin: str = Field(default="", max_length=128)
    initials: str = Field(default="", max_length=32)
    uses: int = Field(default=0, sa_type=sa.Integer)
