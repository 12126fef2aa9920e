"""What can be found: one row for each thing on offer, which the database's full-text index reads."""

from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, table_args


class Section(StrEnum):
    """The parts of the marketplace."""

    TRADE = "trade"
    ACTIVITY = "activity"
    ANNOUNCEMENT = "announcement"


class SearchDocument(Table, table=True):
    """One thing that can be found, as long as it can.

    ``id`` is its place in the feed: microseconds since 1970 of its ``published_at``, counted up where
    two share one, so that walking down the ids is newest first. ``text`` is what the full-text index
    reads: ASCII words that stand for characters, words, sounds and facets (``services/search_text.py``).
    """

    __tablename__ = "search_document"
    __table_args__ = table_args(sa.UniqueConstraint("section", "ref_id"))

    id: int = Field(sa_column=sa.Column(BigId, primary_key=True, autoincrement=False))
    section: str = Field(max_length=16)
    ref_id: int = Field(sa_type=BigId)
    price_fen: int = Field(default=0, sa_type=sa.Integer)
    text: str = Field(sa_type=sa.Text)
