"""What people did with listings that are not theirs: saved, looked at, wanted; and searches they keep."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class Favorite(Table, table=True):
    """A listing that somebody saved (收藏)."""

    __tablename__ = "favorite"
    __table_args__ = table_args(
        sa.Index("ix_favorite_recent", "user_id", "created_at", "listing_id"),
        sa.Index("ix_favorite_listing_id", "listing_id"),
    )

    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    listing_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    )
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ListingView(Table, table=True):
    """That somebody looked at a listing (足迹), and when last. Hidden once they erased it: it was counted."""

    __tablename__ = "listing_view"
    __table_args__ = table_args(sa.Index("ix_listing_view_recent", "user_id", "is_hidden", "viewed_at", "listing_id"))

    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    listing_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    )
    is_hidden: bool = Field(default=False)
    viewed_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class ListingWant(Table, table=True):
    """That somebody pressed 想要, once however often they did."""

    __tablename__ = "listing_want"
    __table_args__ = table_args(sa.Index("ix_listing_want_user_id", "user_id"))

    listing_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="CASCADE"), primary_key=True)
    )
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Draft(Table, table=True):
    """The form of a listing that somebody began and did not publish, as JSON. One a person."""

    __tablename__ = "draft"
    __table_args__ = table_args()

    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    )
    form: str = Field(sa_type=sa.Text)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class SavedSearch(Table, table=True):
    """A search whose new matches somebody wants to hear of. ``query`` is its address's query string.

    The columns beside it hold what can be compared in SQL, so that few are left to be matched in full.
    """

    __tablename__ = "saved_search"
    __table_args__ = table_args(
        sa.UniqueConstraint("user_id", "query_hash"), sa.Index("ix_saved_search_category", "category"), numbered=True
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)
    )
    name: str = Field(max_length=60)
    query: str = Field(max_length=1000)
    query_hash: str = Field(max_length=64)
    category: str = Field(default="", max_length=32)
    min_fen: int | None = Field(default=None, sa_type=sa.Integer)
    max_fen: int | None = Field(default=None, sa_type=sa.Integer)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
