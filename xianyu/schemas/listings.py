"""Listings and pictures as the interface sees them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PhotoView:
    """A picture: two sizes and the proportions that keep its place while it loads."""

    id: int
    url: str
    thumb_url: str
    width: int
    height: int


@dataclass(frozen=True)
class VideoView:
    """A video: its file, its poster and the size at which it is shown. ``duration`` is ``"0:42"``.

    Where there is no video, ``id`` is 0.
    """

    id: int = 0
    url: str = ""
    poster_url: str = ""
    thumb_url: str = ""
    width: int = 0
    height: int = 0
    duration: str = ""


@dataclass(frozen=True)
class ListingCard:
    """A listing on a page of many. ``price`` is in yuan, grouped, two decimals: ``"1,280.00"``.

    ``kind`` is a ``ListingKind``; of what is wanted ``price`` is the budget. ``condition`` is its name.
    ``cover_url`` is empty where there is no picture. ``has_video`` is whether it can be seen in motion.
    """

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
    kind: str = "offer"
    condition: str = ""
    has_video: bool = False


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
class TagLink:
    """A tag of a listing, and the search for others that bear it."""

    name: str = ""
    url: str = ""


@dataclass(frozen=True)
class ListingDetail:
    """Everything about one listing. ``is_mine`` says which buttons make sense, not what is allowed.

    ``kind`` is a ``ListingKind``; of what is wanted ``price`` is the budget. ``condition`` is its name.
    Whatever the seller left out is empty. ``held`` is why nobody but the seller sees it, for them to read.
    """

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
    kind: str = "offer"
    condition: str = ""
    original_price: str = ""
    is_negotiable: bool = False
    place: str = ""
    tags: list[TagLink] = field(default_factory=list)
    video: VideoView = VideoView()
    held: str = ""


@dataclass(frozen=True)
class Category:
    """A kind of thing. ``icon`` is a Lucide icon's name, of groups only; ``group`` the slug of the group.

    A group is its own group, and ``children`` are the categories inside it. What is hidden takes nothing
    new; ``is_added`` is one that operators added and may remove.
    """

    slug: str
    name: str
    icon: str = ""
    group: str = ""
    children: tuple["Category", ...] = ()
    is_hidden: bool = False
    is_added: bool = False


@dataclass(frozen=True)
class CategoryName:
    """A category as navigation and forms show it."""

    slug: str = ""
    name: str = ""


@dataclass(frozen=True)
class CategoryGroup:
    """A group as they show it. ``rest`` is what a form calls what fits none of its categories."""

    slug: str = ""
    name: str = ""
    icon: str = ""
    rest: str = ""
    children: list[CategoryName] = field(default_factory=list)


@dataclass(frozen=True)
class CatalogRow:
    """A section or category in the operators' list. ``group`` is empty of sections and of groups."""

    kind: str = ""
    slug: str = ""
    group: str = ""
    name: str = ""
    is_hidden: bool = False
    is_added: bool = False
    is_first: bool = False
    is_last: bool = False
    is_fixed: bool = False


@dataclass(frozen=True)
class CatalogRows:
    """All of them in order, each group's categories after it."""

    sections: list[CatalogRow] = field(default_factory=list)
    categories: list[CatalogRow] = field(default_factory=list)


@dataclass(frozen=True)
class ListingForm:
    """A checked form of a listing. ``photo_ids`` are in order, the cover first.

    Of what is wanted (``kind``) ``price_fen`` is the budget. An offer at 0 is given away.
    """

    title: str
    description: str
    price_fen: int
    quantity: int
    category: str
    photo_ids: tuple[int, ...]
    kind: str = "offer"
    condition: str = ""
    tags: tuple[str, ...] = ()
    original_price_fen: int | None = None
    is_negotiable: bool = False
    place: str = ""
    video_id: int | None = None


@dataclass(frozen=True)
class FormStart:
    """What the fields of a listing's form start with, as people type it.

    ``base`` is the ``FormBase`` of a listing that is changed, as JSON, for the form to carry.
    """

    kind: str = "offer"
    title: str = ""
    description: str = ""
    price: str = ""
    is_free: bool = False
    quantity: str = "1"
    category: str = ""
    condition: str = ""
    tags: list[str] = field(default_factory=list)
    original_price: str = ""
    is_negotiable: bool = False
    place: str = ""
    base: str = ""


@dataclass(frozen=True)
class FormBase:
    """Which version of a listing a form began with, and a mark of each field's content by its name."""

    version: int
    marks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DraftView:
    """A form that somebody began and did not publish. ``saved_at`` is empty where there is none."""

    saved_at: str = ""
    title: str = ""
    cover_url: str = ""


@dataclass(frozen=True)
class BulkResult:
    """What became of several listings: how many changed, and a sentence on each that did not."""

    changed: int = 0
    refused: list[str] = field(default_factory=list)
