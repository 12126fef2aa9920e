"""Sensitive words and texts that were caught, as operators see them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class WordView:
    """A word of the list; ``action`` is a ``WordAction``."""

    id: int
    word: str
    action: str
    changed_at: str


@dataclass(frozen=True)
class WordPage:
    """Words, the latest first; ``total`` are those of the whole search, ``after`` is where the next page begins."""

    words: list[WordView]
    total: int = 0
    after: int = 0


@dataclass(frozen=True)
class TextPart:
    """A stretch of a text, ``is_marked`` where something was found."""

    text: str
    is_marked: bool = False


@dataclass(frozen=True)
class TryOut:
    """What would become of a text: what was found, what readers would see, and what happens with it in a sentence.

    Empty before anything was tried; ``shown`` is empty where nothing would be published.
    """

    parts: list[TextPart] = field(default_factory=list)
    shown: str = ""
    verdict: str = ""


@dataclass(frozen=True)
class HeldView:
    """A text that was caught, as it was typed, with what was found marked.

    ``kind``, ``reason`` and ``outcome`` are in words. ``subject_url`` leads to the thing where operators can see
    it; ``recipient`` is to whom a message is. While it ``is_waiting`` nothing is decided.
    """

    id: int
    kind: str
    reason: str
    outcome: str
    is_waiting: bool
    parts: list[TextPart]
    words: str
    author_name: str
    author_url: str
    recipient: str
    subject_url: str
    at: str
    decided_by: str = ""
    decided_at: str = ""
    note: str = ""


@dataclass(frozen=True)
class HeldPage:
    """Texts that were caught; ``after`` is where the next page begins, or 0 at the end."""

    entries: list[HeldView]
    after: int = 0
