"""What the full-text index reads and is asked: one function makes the document, one makes the query.

Both are made of the words of ``search_words`` and nothing else, so that all databases give the same
answers, and so does ``matches`` without any database.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from xianyu.models import Section
from xianyu.schemas.search import SearchQuery, Sort
from xianyu.services import pinyin
from xianyu.services.categories import group_of
from xianyu.services.search_words import (
    DIGITS,
    JOINED,
    LETTERS,
    SPACED,
    WIDE,
    Reading,
    Run,
    facet,
    fold,
    initial_words,
    latin_word,
    plain,
    prefix_word,
    price_bounds,
    price_range_words,
    price_step,
    price_word,
    price_words,
    read,
    runs,
    sound_word,
    sound_words,
    wide_word,
    wide_words,
)

# Characters of a description that are indexed: a text field holds 64 KB on MariaDB.
LONGEST_TEXT = 2000
# Characters and words of a query that count; the rest of a longer one is left out.
LONGEST_QUERY = 100
MOST_WORDS = 12
# Ends what the title and the tags say.
END_OF_TITLE = "zz1"
# Stands between words that do not follow one another in the text.
_BREAK = "zz0"
# Pinyin's first letters: no syllable begins with one of these.
_NEVER_FIRST = frozenset("iuv")
_INITIALS = range(3, 13)
_HIGHEST_PRICE = 2**62

# Words that must follow one another.
Phrase = tuple[str, ...]
# One word of a query: any of several groups of phrases, each group as a whole.
Clause = tuple[tuple[Phrase, ...], ...]


@dataclass(frozen=True)
class Findable:
    """What of a thing can be searched. ``price_fen`` is ``None`` where there is no price."""

    section: str
    title: str
    text: str
    tags: tuple[str, ...] = ()
    category: str = ""
    condition: str = ""
    kind: str = ""
    price_fen: int | None = None


@dataclass(frozen=True)
class TextQuery:
    """A search as the index is asked: every clause must hold.

    ``price`` are words of which one must be there, and cover the range from ``min_fen`` to ``max_fen`` or
    somewhat more: prices are checked exactly beside the index.
    ``asked`` are the words as they were meant, also where ``words`` are less strict, to rank and to mark by.
    ``is_hopeless`` says that there is nothing in the words that could ever be found.
    """

    words: tuple[Clause, ...] = ()
    asked: tuple[Clause, ...] = ()
    facets: tuple[Clause, ...] = ()
    price: tuple[str, ...] = ()
    min_fen: int | None = None
    max_fen: int | None = None
    is_hopeless: bool = False

    @property
    def clauses(self) -> tuple[Clause, ...]:
        """All of them, those first that fewer things fulfil."""
        return (*self.words, *self.facets, *([_any(self.price)] if self.price else []))

    def of_price_step(self, step: int) -> "TextQuery":
        """The part of it whose prices lie on one step."""
        return replace(self, price=(price_word(step),))

    def by_need_to_look(self) -> list["TextQuery"]:
        """The same in two: what bears words of prices inside the range alone, and what has to be looked at."""
        least, most = self.min_fen or 0, _HIGHEST_PRICE if self.max_fen is None else self.max_fen
        if (self.min_fen is None and self.max_fen is None) or least > most:
            return [self]
        steps = range(price_step(least), price_step(most) + 1)
        edges = [
            step for step in {steps[0], steps[-1]} if price_bounds(step)[0] < least or price_bounds(step)[1] > most
        ]
        inside = [step for step in steps if step not in edges]
        parts = []
        if inside:
            words = tuple(price_range_words(inside[0], inside[-1]))
            parts.append(replace(self, price=words, min_fen=None, max_fen=None))
        if edges:
            parts.append(replace(self, price=tuple(map(price_word, edges))))
        return parts

    def scattered(self) -> "TextQuery":
        """The same, but the parts of a longer word need not follow one another."""
        return replace(self, words=tuple(map(_scattered, self.words)))

    def loosened(self) -> "TextQuery":
        """The same, but any part of any word will do."""
        parts = {(phrase,): None for clause in self.scattered().words for group in clause for phrase in group}
        return replace(self, words=(tuple(parts),) if parts else ())


def document(thing: Findable) -> str:
    """The words of a thing, one space between them. The same thing has the same document everywhere."""
    head = [read(plain(part), has_sound=True) for part in (thing.title, *thing.tags)]
    body = [read(plain(thing.text[:LONGEST_TEXT]), has_sound=False)]
    known = _singles(head)
    rest = [word for word in _singles(body) if word not in known]
    return " ".join([*known, *_chained(head), END_OF_TITLE, *_facets(thing), *rest, *_chained(body)])


def _singles(readings: Iterable[Reading]) -> dict[str, None]:
    return dict.fromkeys(word for reading in readings for single in reading.singles for word in single.words)


def _chained(readings: Iterable[Reading]) -> Iterator[str]:
    for reading in readings:
        for chain in reading.chains:
            yield _BREAK
            yield from chain.words


def _facets(thing: Findable) -> list[str]:
    categories = (thing.category, group_of(thing.category)) if thing.category else ()
    found = [
        facet("section", thing.section),
        *dict.fromkeys(facet("category", slug) for slug in categories),
        *dict.fromkeys(facet("tag", fold(tag)) for tag in thing.tags),
        *(facet(name, value) for name, value in (("condition", thing.condition), ("kind", thing.kind)) if value),
    ]
    return found if thing.price_fen is None else [*found, *price_words(thing.price_fen)]


@lru_cache(maxsize=4096)
def text_query(query: SearchQuery, *, is_unfinished: bool = False) -> TextQuery:
    """What to ask the index. Quotes, operators and wildcards in the words are characters like any other.

    Args:
        query: The search. Words are cut to ``LONGEST_QUERY`` characters and ``MOST_WORDS`` words.
        is_unfinished: Whether somebody still types, so that the last letters may begin a word.
    """
    words = _word_clauses(query.words[:LONGEST_QUERY], is_unfinished)
    return TextQuery(
        words=words,
        asked=words,
        facets=_facet_clauses(query),
        price=_price_range(query.min_fen, query.max_fen),
        min_fen=query.min_fen,
        max_fen=query.max_fen,
        is_hopeless=bool(query.words.strip()) and not words,
    )


def matches(query: SearchQuery, text: str, price_fen: int) -> bool:
    """Whether a search finds the thing with this document and price, without asking the database."""
    wanted = text_query(query)
    if wanted.is_hopeless or not _is_between(price_fen, wanted.min_fen, wanted.max_fen):
        return False
    padded = f" {text} "
    return all(any(all(_has(padded, phrase) for phrase in group) for group in clause) for clause in wanted.clauses)


def _has(padded: str, phrase: Phrase) -> bool:
    return f" {' '.join(phrase)} " in padded


def _is_between(fen: int, least: int | None, most: int | None) -> bool:
    return (least is None or fen >= least) and (most is None or fen <= most)


# Facets ----------------------------------------------------------------------------------------------


def _any(words: Iterable[str]) -> Clause:
    return tuple(((word,),) for word in words)


def _facet_clauses(query: SearchQuery) -> tuple[Clause, ...]:
    """The rarer properties first. Only listings have any but the section, which then goes without saying."""
    found = [
        _any([facet("tag", fold(query.tag))] if query.tag else []),
        _any([facet("category", query.category)] if query.category else []),
        _any(facet("condition", condition) for condition in query.conditions),
        _any([facet("kind", query.kind)] if query.kind else []),
    ]
    found = [clause for clause in found if clause]
    # What is sorted by price has one.
    section = query.section or (Section.TRADE if query.sort in {Sort.CHEAPEST, Sort.DEAREST} else "")
    has_price = query.min_fen is not None or query.max_fen is not None
    if section and not (section == Section.TRADE and (found or has_price)):
        found.append(_any([facet("section", section)]))
    return tuple(found)


def _price_range(least: int | None, most: int | None) -> tuple[str, ...]:
    """Words that cover the range, none for any price; of a range that holds nothing, a word that nothing bears."""
    if least is None and most is None:
        return ()
    first, last = price_step(max(least or 0, 0)), price_step(_HIGHEST_PRICE if most is None else most)
    return tuple(price_range_words(first, last)) or (facet("price", "none"),)


# Words -----------------------------------------------------------------------------------------------


def _word_clauses(words: str, is_unfinished: bool) -> tuple[Clause, ...]:
    groups = _grouped(runs(plain(words)))
    last = len(groups) - 1
    clauses = (
        _wide_clause(group[0].text) if group[0].kind == WIDE else _latin_clause(group, is_unfinished and number == last)
        for number, group in enumerate(groups)
    )
    return tuple(dict.fromkeys(clauses))[:MOST_WORDS]


def _grouped(found: Sequence[Run]) -> list[list[Run]]:
    """Runs that make one word: letters and digits written together, and letters before digits in any case.

    So "iPhone15", "iphone 15" and "USB-C" are one word, "nike 跑鞋" and "macbook pro" are two.
    """
    groups: list[list[Run]] = []
    for run in found:
        before = groups[-1][-1] if groups else None
        if before is not None and WIDE not in (run.kind, before.kind) and _is_glued(before, run):
            groups[-1].append(run)
        else:
            groups.append([run])
    return groups


def _is_glued(before: Run, run: Run) -> bool:
    if run.gap == SPACED:
        return before.kind == LETTERS and run.kind == DIGITS
    return run.gap <= JOINED


def _wide_clause(text: str) -> Clause:
    return (((wide_word(text),) if len(text) == 1 else tuple(wide_words(text)),),)


def _latin_clause(group: Sequence[Run], is_unfinished: bool) -> Clause:
    """The letters as they are, or as the sound or the initials of Chinese; digits beside them must be there."""
    literal: Phrase = tuple(latin_word(run.text) for run in group)
    letters = [run.text for run in group if run.kind == LETTERS]
    digits = [(latin_word(run.text),) for run in group if run.kind == DIGITS]
    others = [*_sounds(letters, is_unfinished), *_initials(letters)]
    if is_unfinished and len(group) == 1 and letters:
        others.append((prefix_word(letters[0]),))
    return tuple(dict.fromkeys([(literal,), *((other, *digits) for other in others)]))


def _sounds(letters: Sequence[str], is_unfinished: bool) -> list[Phrase]:
    ways = pinyin.readings(letters, is_unfinished=is_unfinished) if sum(map(len, letters)) > 1 else []
    return [(sound_word(way[0]),) if len(way) == 1 else tuple(sound_words(way)) for way in ways]


def _initials(letters: Sequence[str]) -> list[Phrase]:
    if len(letters) != 1 or len(letters[0]) not in _INITIALS or _NEVER_FIRST & set(letters[0]):
        return []
    return [tuple(initial_words(letters[0]))]


def _scattered(clause: Clause) -> Clause:
    return tuple(tuple((word,) for phrase in group for word in phrase) for group in clause)
