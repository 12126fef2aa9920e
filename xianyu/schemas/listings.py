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
    published_at: str = ""


@dataclass(frozen=True)
class Cursor:
    """Where a page of the feed ended: the next one starts after it (keyset, never OFFSET)."""

    published_at: str
    listing_id: int


@dataclass(frozen=True)
class ListingPage:
    """Cards in order, newest first, and whether there are more."""

    cards: list[ListingCard]
    cursor: Cursor | None


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
    is_mine: bool = False


@dataclass(frozen=True)
class Category:
    """A kind of thing. ``icon`` is a Lucide icon's name."""

    slug: str
    name: str
    icon: str
