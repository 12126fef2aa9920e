"""What the operators' console shows."""

from dataclasses import dataclass, field

from xianyu.schemas.events import LiveEvent


@dataclass(frozen=True)
class Waiting:
    """How much waits for an operator: reports, and texts that were held back."""

    reports: int = 0
    held: int = 0


@dataclass(frozen=True)
class LogFilter:
    """Which acts of operators are wanted: whose, of which kind, with which word, from which day to which.

    ``operator`` is a person's number, ``"0"`` for the server's command line; days are as ISO 8601 writes them.
    """

    operator: str = ""
    action: str = ""
    words: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class LogEntry:
    """Something that an operator did. ``target_url`` is empty where there is nothing to look at."""

    id: int
    at: str
    operator_name: str
    sentence: str
    target_name: str
    target_url: str
    detail: str
    address: str


@dataclass(frozen=True)
class LogPage:
    """Acts, the latest first; ``after`` is where the next page begins, or 0 at the end."""

    entries: list[LogEntry]
    after: int = 0


@dataclass(frozen=True)
class Choice:
    """Something to choose: its value in the address and what it is called."""

    value: str
    label: str


@dataclass(frozen=True)
class Chart:
    """A figure over days as paths for an SVG 300 wide and 100 high, and what it says in words.

    ``bars`` are the days that are over, ``today`` is the one that is not; ``line`` and ``dots`` are of figures
    that some days have none of. ``top`` and ``middle`` are what the upper edge and the middle stand for.
    """

    name: str = ""
    title: str = ""
    headline: str = ""
    caption: str = ""
    summary: str = ""
    bars: str = ""
    today: str = ""
    line: str = ""
    dots: str = ""
    today_dot: str = ""
    top: str = ""
    middle: str = ""


@dataclass(frozen=True)
class DayRow:
    """All figures of one day in words."""

    day: str
    cells: list[str]


@dataclass(frozen=True)
class Tiles:
    """How much there is right now."""

    people: int = 0
    listings: int = 0
    orders: int = 0


@dataclass(frozen=True)
class Overview:
    """What the first page of the console shows of the last days. ``first`` is what the first day is called.

    ``counted`` are figures of days that are over and that nobody kept yet: day, figure, value.
    """

    tiles: Tiles
    charts: list[Chart]
    rows: list[DayRow]
    first: str
    counted: tuple[tuple[str, str, int], ...] = ()


@dataclass(frozen=True)
class ListingFilter:
    """Which listings are wanted: of which status, and with which word in the title, the seller's name or number."""

    status: str = ""
    words: str = ""


@dataclass(frozen=True)
class ConsoleListing:
    """A listing as operators see it, whatever its status. ``url`` is empty where its page shows nothing."""

    id: int = 0
    url: str = ""
    title: str = ""
    cover_url: str = ""
    price: str = ""
    status: str = ""
    status_label: str = ""
    seller_id: int = 0
    seller_name: str = ""
    seller_url: str = ""
    pieces: str = ""
    excerpt: str = ""
    created_at: str = ""
    actions: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ConsoleListings:
    """Listings, the latest first; ``after`` is where the next page begins, or 0 at the end."""

    listings: list[ConsoleListing]
    after: int = 0


@dataclass(frozen=True)
class Erased:
    """What happened when a listing was deleted for good, and which files are to be removed now."""

    events: tuple[LiveEvent, ...]
    photo_names: tuple[str, ...]
    video_names: tuple[str, ...]
