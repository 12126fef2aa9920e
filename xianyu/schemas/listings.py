"""Listings and pictures as the interface sees them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class PhotoView:
    """A picture: two sizes and the proportions that keep its place while it loads."""

    id: int
    url: str
    thumb_url: str
    width: int
    height: int


@dataclass(frozen=True)
class ListingCard:
    """A listing on a page of many. ``price`` is in yuan, grouped, two decimals: ``"1,280.00"``."""

    id: int = 0
    url: str = ""
    title: str = ""
    price: str = ""
    quantity: int = 0
    status: str = ""
    cover_url: str = ""
    seller_id: int = 0
    seller_name: str = ""
    seller_avatar_url: str = ""
    published_at: str = ""


@dataclass(frozen=True)
class Cursor:
    """A place in the feed, to continue after it (keyset, never OFFSET) or to look for what is newer.

    ``published_at`` is ISO 8601 with microseconds, as exact as the database's own value.
    """

    published_at: str
    listing_id: int


@dataclass(frozen=True)
class ListingPage:
    """Cards in order, newest first. ``cursor`` is where the next page begins, or nothing at the end.

    ``top`` is the place of the first card, or nothing on an empty page.
    """

    cards: list[ListingCard]
    cursor: Cursor | None
    top: Cursor | None = None


@dataclass(frozen=True)
class ListingDetail:
    """Everything about one listing. ``is_mine`` says which buttons make sense, not what is allowed."""

    id: int = 0
    title: str = ""
    description: str = ""
    price: str = ""
    quantity: int = 0
    category: str = ""
    category_name: str = ""
    status: str = ""
    published_at: str = ""
    seller_id: int = 0
    seller_name: str = ""
    seller_avatar_url: str = ""
    is_mine: bool = False


@dataclass(frozen=True)
class Category:
    """A kind of thing. ``icon`` is a Lucide icon's name."""

    slug: str
    name: str
    icon: str


@dataclass(frozen=True)
class ListingForm:
    """A checked form of a listing. ``photo_ids`` are in order, the cover first."""

    title: str
    description: str
    price_fen: int
    quantity: int
    category: str
    photo_ids: tuple[int, ...]
