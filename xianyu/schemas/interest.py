"""What people did with a listing, and the lists of listings that they come back to."""

from dataclasses import dataclass

from xianyu.schemas.listings import Cursor, ListingCard


@dataclass(frozen=True)
class ListingCounts:
    """How many people want a listing and saved it, and how often it was looked at."""

    wants: int = 0
    favorites: int = 0
    views: int = 0


@dataclass(frozen=True)
class Standing:
    """A listing's counts, and who saved it of those that were asked for."""

    counts: ListingCounts = ListingCounts()
    saved_by: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Remembered:
    """A listing that somebody saved or looked at, and when: ISO 8601, as ``previous``, the one above it, or empty.

    What was deleted since has a card without a picture, a price or an address.
    """

    card: ListingCard
    at: str
    previous: str


@dataclass(frozen=True)
class RememberedPage:
    """Such listings in order, newest first. ``cursor`` is where the next page begins, or nothing at the end."""

    entries: list[Remembered]
    cursor: Cursor | None
