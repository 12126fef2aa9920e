"""What is for sale, and its pictures."""

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


class Listing(Table, table=True):
    """Something that a neighbour offers. ``price_fen`` is in fen, a hundredth of a yuan."""

    __tablename__ = "listing"
    __table_args__ = table_args(
        sa.CheckConstraint("price_fen >= 0", name="price_not_negative"),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        # The home page, whole and by category, and a person's page: newest first, by keyset.
        sa.Index("ix_listing_feed", "status", "published_at", "id"),
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
    category: str = Field(max_length=32)
    status: str = Field(default=ListingStatus.ACTIVE, max_length=16)
    # The first picture's name again, so that a page of cards needs no second query.
    cover: str = Field(max_length=40)
    published_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Photo(Table, table=True):
    """A stored picture. Without a listing it is an upload that may still become part of one."""

    __tablename__ = "photo"
    __table_args__ = table_args(sa.Index("ix_photo_orphans", "listing_id", "created_at"), numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    owner_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False, index=True))
    listing_id: int | None = Field(default=None, sa_column=sa.Column(BigId, sa.ForeignKey("listing.id"), nullable=True))
    position: int = Field(default=0, sa_type=sa.Integer)
    name: str = Field(max_length=40, unique=True)
    width: int = Field(sa_type=sa.Integer)
    height: int = Field(sa_type=sa.Integer)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
