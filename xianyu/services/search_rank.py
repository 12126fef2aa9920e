"""How well something fits a search, and which of its letters do: reckoned here, so that all databases agree."""

from collections.abc import Iterator, Sequence

from xianyu.schemas.search import TextPart
from xianyu.services.search_sql import Found
from xianyu.services.search_text import END_OF_TITLE, Phrase, TextQuery
from xianyu.services.search_words import Reading, is_of_sound, normal, places, plain, read

# Points. A word in the title outweighs everything else; all of them there are worth one more.
_WORD = 100
# Found by its sound or its beginning alone.
_OTHER_WORD = 80
# Percent for a longer word that is there in parts.
_SCATTERED = 50
_EARLY = 30
_FRESH = 60
_DAY = 86_400_000_000
_END = f" {END_OF_TITLE} "
# After so many days half of the points for being fresh are gone.
_HALF_FRESH = 30


class Ranker:
    """Gives points for one search. ``top`` is the place in the feed from which ages are counted."""

    def __init__(self, query: TextQuery, top: int) -> None:
        self._top = top
        self._clauses = [
            [_Needles(group, _OTHER_WORD if number else _WORD) for number, group in enumerate(clause)]
            for clause in query.asked
        ]

    def score(self, found: Found) -> int:
        """Points of one document."""
        title = f" {found.head}"
        end = title.find(_END) + 1 or len(title)
        shares = [max((group.points(title, end) for group in clause), key=_best_first) for clause in self._clauses]
        total = sum(points for points, _ in shares)
        if shares and all(points >= _OTHER_WORD for points, _ in shares):
            total += _WORD
        hits = [place for points, place in shares if points]
        early = max(0, _EARLY - min(hits)) if hits else 0
        days = max(0, self._top - found.id) // _DAY
        return total + early + _FRESH * _HALF_FRESH // (_HALF_FRESH + days)


class _Needles:
    """What is looked for in a title: phrases, and where these are not all there, their words."""

    def __init__(self, group: Sequence[Phrase], most: int) -> None:
        self._most = most
        self._phrases = [f" {' '.join(phrase)} " for phrase in group]
        self._words = [f" {word} " for phrase in group for word in phrase]

    def points(self, title: str, end: int) -> tuple[int, int]:
        """Points, and after how many other words of the title's the first one stands."""
        found = [title.find(phrase, 0, end) for phrase in self._phrases]
        if min(found) >= 0:
            return self._most, _words_before(title, min(found))
        found = [place for word in self._words if (place := title.find(word, 0, end)) >= 0]
        points = self._most * _SCATTERED * len(found) // (100 * len(self._words))
        return points, _words_before(title, min(found, default=0))


def _best_first(share: tuple[int, int]) -> tuple[int, int]:
    return share[0], -share[1]


def _words_before(title: str, place: int) -> int:
    """How many words of the same chain come before. Those that stand alone have no place of their own."""
    return title.count(" ", max(0, title.rfind(" zz", 0, place)), place)


def parts(title: str, query: TextQuery) -> list[TextPart]:
    """A title in pieces, those marked that the search is after."""
    title = normal(title)
    phrases = [phrase for clause in query.words for group in clause for phrase in group]
    # Sounds are not looked up for those who do not ask for them.
    reading = read(plain(title), has_sound=any(is_of_sound(phrase[0]) for phrase in phrases))
    origins = places(title)
    marked = [False] * len(title)
    for phrase in phrases:
        for start, end in _spans(reading, phrase):
            first, last = origins[start], origins[end - 1] + 1
            marked[first:last] = [True] * (last - first)
    return list(_pieces(title, marked))


def _spans(reading: Reading, phrase: Phrase) -> Iterator[tuple[int, int]]:
    for chain in (*reading.singles, *reading.chains) if len(phrase) == 1 else reading.chains:
        for start in range(len(chain.words) - len(phrase) + 1):
            if tuple(chain.words[start : start + len(phrase)]) == phrase:
                yield chain.starts[start], chain.ends[start + len(phrase) - 1]


def _pieces(title: str, marked: Sequence[bool]) -> Iterator[TextPart]:
    start = 0
    for end in range(1, len(title) + 1):
        if end == len(title) or marked[end] != marked[start]:
            yield TextPart(title[start:end], marked[start])
            start = end
