"""Searches and what they find, as the interface sees them."""

from dataclasses import dataclass, field
from enum import StrEnum

from xianyu.schemas.listings import ListingCard


class Sort(StrEnum):
    """The order of results."""

    NEWEST = "newest"
    RELEVANCE = "relevance"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True)
class SearchQuery:
    """A checked search. Empty fields do not restrict; prices are in fen, both ends included.

    ``words`` is plain text and never syntax. ``category`` is a group's or a category's slug,
    ``conditions`` any of which will do, ``kind`` a ``ListingKind``, ``section`` a ``Section``.
    """

    words: str = ""
    section: str = ""
    category: str = ""
    tag: str = ""
    conditions: tuple[str, ...] = ()
    kind: str = ""
    min_fen: int | None = None
    max_fen: int | None = None
    sort: str = Sort.NEWEST


@dataclass(frozen=True)
class TextPart:
    """A piece of a title; ``is_match`` where it is what was searched for."""

    text: str = ""
    is_match: bool = False


@dataclass(frozen=True)
class SearchHit:
    """Something that was found: a card of any section. ``parts`` make up the title.

    ``card`` is filled in for listings; ``line`` says in one line what matters of the others: an
    activity's time and place, an announcement's date.
    """

    section: str = ""
    id: int = 0
    url: str = ""
    title: str = ""
    parts: list[TextPart] = field(default_factory=list)
    cover_url: str = ""
    line: str = ""
    card: ListingCard = field(default_factory=ListingCard)


@dataclass(frozen=True)
class SearchPage:
    """Results in order. ``cursor`` is where the next page begins, or empty at the end.

    ``count`` is exact up to a bound; ``is_more`` says that there are more than that. ``is_relaxed``
    says that nothing matched in full and these match in part.
    """

    hits: list[SearchHit]
    cursor: str = ""
    count: int = 0
    is_more: bool = False
    is_relaxed: bool = False


@dataclass(frozen=True)
class Suggestion:
    """What the search box offers while somebody types. ``kind``: "category", "tag" or "title"."""

    kind: str = ""
    text: str = ""
    url: str = ""


@dataclass(frozen=True)
class Filter:
    """What restricts a search besides its words, in Chinese. ``name`` is what it is called in addresses.

    ``count`` is how many there would be without it, where that was looked up, and ``is_more`` whether it
    is even more.
    """

    name: str = ""
    label: str = ""
    count: int = 0
    is_more: bool = False


@dataclass(frozen=True)
class Chip:
    """A piece of a sentence that became part of a search.

    ``field`` is the ``SearchQuery`` field that it set, or "price" for both bounds; ``label`` says it in
    Chinese, and ``text`` is what of the sentence said so.
    """

    field: str = ""
    label: str = ""
    text: str = ""


@dataclass(frozen=True)
class Understood:
    """What a sentence means: the search, its words those that remained, and the pieces behind the rest."""

    query: SearchQuery
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True)
class SavedSearchView:
    """A search that somebody keeps. ``summary`` says in words what it looks for; ``url`` shows its results."""

    id: int = 0
    name: str = ""
    summary: str = ""
    url: str = ""
    created_at: str = ""
