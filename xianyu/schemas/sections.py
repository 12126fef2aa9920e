"""Activities and announcements as the interface sees them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from xianyu.schemas.listings import PhotoView


class Phase(StrEnum):
    """How an activity stands right now, which follows from its status, its numbers and the time."""

    OPEN = "open"
    FULL = "full"
    PAST = "past"
    CANCELLED = "cancelled"
    DELETED = "deleted"


@dataclass(frozen=True)
class SectionName:
    """A section of the site: its slug, which is a ``Section``, what it is called, and whether it is put away."""

    slug: str = ""
    name: str = ""
    is_hidden: bool = False


@dataclass(frozen=True)
class Guest:
    """Somebody who comes."""

    id: int = 0
    url: str = ""
    name: str = ""
    avatar_url: str = ""


@dataclass(frozen=True)
class ActivityCard:
    """An activity on a page of many.

    ``when`` is in words and in the compound's own time, ``month`` and ``day`` are those of its
    beginning: "11月" and "28". ``phase`` is a ``Phase``.
    """

    id: int = 0
    url: str = ""
    title: str = ""
    when: str = ""
    month: str = ""
    day: str = ""
    place: str = ""
    capacity: int = 0
    signup_count: int = 0
    phase: str = ""
    cover_url: str = ""
    organizer_id: int = 0
    organizer_name: str = ""


@dataclass(frozen=True)
class AnnouncementCard:
    """An announcement on a page of many. ``excerpt`` is how its text begins, in one line."""

    id: int = 0
    url: str = ""
    title: str = ""
    excerpt: str = ""
    cover_url: str = ""
    is_pinned: bool = False
    published_at: str = ""


@dataclass(frozen=True)
class Place:
    """A place in the list of a section, to continue after it (keyset, never OFFSET).

    ``published_at`` is ISO 8601 with microseconds, as exact as the database's own value.
    """

    published_at: str
    id: int
    is_pinned: bool = False


@dataclass(frozen=True)
class ActivityPage:
    """Cards in order. ``cursor`` is where the next page begins, or nothing at the end.

    ``newest`` is the place of what was published last, or nothing where nothing was.
    """

    cards: list[ActivityCard]
    cursor: Place | None = None
    newest: Place | None = None


@dataclass(frozen=True)
class AnnouncementPage:
    """The same for announcements, of which the pinned ones come first."""

    cards: list[AnnouncementCard]
    cursor: Place | None = None
    newest: Place | None = None


@dataclass(frozen=True)
class ActivityDetail:
    """Everything about one activity. ``is_mine`` and ``is_going`` say which buttons make sense.

    ``starts_input`` and ``ends_input`` are the times as a form's field holds them: "2026-11-28T14:00".
    ``is_over_at`` is when it ends, for the browser to know.
    """

    id: int = 0
    title: str = ""
    text: str = ""
    place: str = ""
    when: str = ""
    starts_input: str = ""
    ends_input: str = ""
    is_over_at: str = ""
    capacity: int = 0
    signup_count: int = 0
    phase: str = ""
    organizer_id: int = 0
    organizer_name: str = ""
    organizer_avatar_url: str = ""
    published_at: str = ""
    version: int = 0
    is_mine: bool = False
    is_going: bool = False


@dataclass(frozen=True)
class ActivityView:
    """What an activity's page shows. ``guests`` come in the order in which they signed up.

    The organizer is shown all of them, others the first ones; ``more_guests`` is how many are left out.
    """

    activity: ActivityDetail = field(default_factory=ActivityDetail)
    photos: list[PhotoView] = field(default_factory=list)
    guests: list[Guest] = field(default_factory=list)
    more_guests: int = 0


@dataclass(frozen=True)
class AnnouncementDetail:
    """Everything about one announcement.

    While it waits to be published ``scheduled_for`` says in words until when, and ``scheduled_input``
    as a form's field holds it. Both are empty afterwards.
    """

    id: int = 0
    title: str = ""
    text: str = ""
    is_pinned: bool = False
    author_name: str = ""
    published_at: str = ""
    version: int = 0
    scheduled_for: str = ""
    scheduled_input: str = ""


@dataclass(frozen=True)
class AnnouncementView:
    """What an announcement's page shows."""

    announcement: AnnouncementDetail = field(default_factory=AnnouncementDetail)
    photos: list[PhotoView] = field(default_factory=list)


@dataclass(frozen=True)
class ActivityForm:
    """A checked form of an activity. ``photo_ids`` are in order, the cover first; there may be none."""

    title: str
    text: str
    place: str
    starts_at: datetime
    ends_at: datetime
    capacity: int
    photo_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class AnnouncementForm:
    """A checked form of an announcement. ``scheduled_at`` is when it is to be published; nothing is now."""

    title: str
    text: str
    is_pinned: bool = False
    photo_ids: tuple[int, ...] = ()
    scheduled_at: datetime | None = None


@dataclass(frozen=True)
class AnnouncementRow:
    """An announcement in the operators' list. ``when`` is in words: when it is to be published, or was."""

    id: int = 0
    url: str = ""
    edit_url: str = ""
    title: str = ""
    author_name: str = ""
    when: str = ""
    is_scheduled: bool = False
    is_pinned: bool = False


@dataclass(frozen=True)
class AnnouncementRows:
    """A part of the operators' list, and whether there are more below it."""

    rows: list[AnnouncementRow] = field(default_factory=list)
    has_more: bool = False
