"""Reports: the form, what operators see of one, and what they decide."""

from dataclasses import dataclass, field

from xianyu.schemas.events import LiveEvent
from xianyu.schemas.listings import PhotoView


@dataclass(frozen=True)
class ReportForm:
    """A checked report. ``ref`` names what it is about as a page does: of a message, whom one talks with.

    ``seq`` is a message's number and 0 for everything else.
    """

    kind: str
    ref: int
    seq: int
    reason: str
    text: str
    photo_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What can be reported, as the dialog names it before anything is written."""

    kind: str = ""
    ref: int = 0
    seq: int = 0
    kind_name: str = ""
    title: str = ""
    accused_id: int = 0
    accused_name: str = ""
    is_blocked: bool = False


@dataclass(frozen=True)
class Reported:
    """A report's number and what happened with it."""

    report_id: int
    events: tuple[LiveEvent, ...]


@dataclass(frozen=True)
class Snapshot:
    """What was reported as it was then. ``at`` is when it was written, ``images`` are addresses."""

    title: str = ""
    text: str = ""
    at: str = ""
    images: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class ReportLine:
    """A report in the operators' queue.

    ``url`` is what was reported as it is now, empty where operators cannot see it there. ``removal`` names
    what can be done to it beside the decision, if anything. ``upheld`` counts the accused's earlier ones.
    """

    id: int
    kind: str
    kind_name: str
    reason: str
    text: str
    snapshot: Snapshot
    url: str
    reporter_name: str
    reporter_url: str
    accused_id: int
    accused_name: str
    accused_url: str
    upheld: int
    can_ban: bool
    has_context: bool
    removal: str
    photos: list[PhotoView]
    at: str
    status: str
    answer: str
    decided_by: str
    decided_at: str


@dataclass(frozen=True)
class ReportPage:
    """Some of the reports in order. ``last_id`` is where the next page goes on."""

    lines: list[ReportLine]
    last_id: int
    has_more: bool


@dataclass(frozen=True)
class Wanted:
    """Which reports are asked for, and in what order. ``about`` is whom they are about, or 0 for all."""

    decided: bool = False
    newest_first: bool = False
    about: int = 0


@dataclass(frozen=True)
class ContextLine:
    """A message beside the one that was reported, which ``is_it`` points out."""

    seq: int
    name: str
    body: str
    at: str
    is_it: bool


@dataclass(frozen=True)
class Decision:
    """A checked decision. ``ban_days`` is empty where nobody is to be banned, 0 is for good."""

    is_upheld: bool
    answer: str
    removes: bool = False
    ban_days: int | None = None
    ban_reason: str = ""
