"""The boxes 互动 and 广播 as the interface sees them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NoticeView:
    """A line of the box 互动, which reads ``actor_name`` ``lead`` 「``subject``」 ``tail``.

    ``actor_name`` is empty where nobody did it; ``url`` is what it leads to. ``is_new`` says that it
    had not been seen when it was read from the database.
    """

    id: int
    kind: str
    actor_name: str
    actor_avatar_url: str
    lead: str
    subject: str
    tail: str
    detail: str
    cover_url: str
    url: str
    at: str
    is_new: bool


@dataclass(frozen=True)
class NoticePage:
    """Notices in order, newest first, and whether there are older ones."""

    notices: list[NoticeView]
    has_more: bool


@dataclass(frozen=True)
class BroadcastView:
    """A line of the box 广播. ``kind`` is ``listing``, ``activity`` or ``announcement``; ``note`` adds to the title."""

    kind: str
    id: int
    title: str
    note: str
    cover_url: str
    url: str
    at: str
