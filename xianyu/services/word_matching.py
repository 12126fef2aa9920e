"""Finding words in what people type, however it is spelled or split up.

All words are looked for at once, by the algorithm of Aho and Corasick, in a text without its separators. So a
word cannot hide behind spaces, punctuation or characters that only look alike. What stands side by side by
chance is sorted out afterwards, by the text as it was typed:

- A word that begins or ends with a letter or a digit begins or ends one there, too: "vx" is not in "devx".
- A Latin word of up to three letters that is split up is so between each of them, and no further single letter
  stands beside it: "v x" is "vx", the sizes "S M L" are no "sm". Longer ones may be split anywhere.
- A number is found whole or with each of its digits apart: "1.10" is no "110".
- Of a word of up to three characters, one mark between two clauses does not join what stands on either side of
  it: "已消毒，品相好" is about no drug. A clause has three characters or more.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import ahocorasick

from xianyu.models import WordAction
from xianyu.schemas.moderation import TextPart
from xianyu.services.word_folding import fold, folded, places

# In a text's place for what is found in it; as wide as a Chinese character.
MASK = "＊"
# Characters of a word up to which it takes more than their order to be meant.
_SHORT = 3
_SHORTEST_CLAUSE = 3
_CLAUSE_MARKS = "，。！？；：、,!?;:\n"
_CLAUSE_BREAK = re.compile(rf"\s*[{_CLAUSE_MARKS}]+\s*")


@dataclass(frozen=True, slots=True)
class Match:
    """A word that was found: where in the text as it was typed, ``end`` not included."""

    start: int
    end: int
    word: str
    action: WordAction


class Matcher:
    """Words to look for, all at once.

    Args:
        words: As people read them, and what becomes of a text with one. Those of which nothing is left
            without separators are passed over; of two that fold to the same the latter stands.
    """

    def __init__(self, words: Iterable[tuple[str, WordAction]]) -> None:
        self._automaton = ahocorasick.Automaton()
        for word, action in words:
            key = fold(word)
            if key:
                self._automaton.add_word(key, (key, word, action))
        self._is_empty = len(self._automaton) == 0
        self._automaton.make_automaton()

    def find(self, text: str) -> list[Match]:
        """Where the words are, by their beginnings; they may overlap."""
        if self._is_empty:
            return []
        found = list(self._automaton.iter(fold(text)))
        if not found:
            return []
        at = places(text)
        matches = [
            Match(at[last - len(key) + 1], at[last] + 1, word, action)
            for last, (key, word, action) in found
            if _is_meant(text, key, word, at[last - len(key) + 1 : last + 1])
        ]
        return sorted(matches, key=lambda match: (match.start, match.end))


def mask(text: str, matches: Iterable[Match]) -> str:
    """The text with the matched stretches covered, separators inside them included, and nothing else."""
    chars = list(text)
    for match in matches:
        chars[match.start : match.end] = MASK * (match.end - match.start)
    return "".join(chars)


def marked(text: str, matches: Iterable[Match]) -> list[TextPart]:
    """The text in stretches, those marked in which something was found."""
    inside = {place for match in matches for place in range(match.start, match.end)}
    stretches = groupby(enumerate(text), key=lambda one: one[0] in inside)
    return [TextPart("".join(char for _, char in part), is_marked) for is_marked, part in stretches]


def _is_meant(text: str, key: str, word: str, at: Sequence[int]) -> bool:
    first, last = at[0], at[-1]
    if _is_joined(text, first - 1, first) or _is_joined(text, last, last + 1):
        return False
    gaps = [(one + 1, other) for one, other in pairwise(at) if other - one > 1]
    if not gaps:
        return True
    if key.isascii():
        return _is_split_on_purpose(text, key, word, first, last, len(gaps))
    return len(key) > _SHORT or len(gaps) > 1 or not _are_clauses(text, *gaps[0])


def _is_joined(text: str, one: int, other: int) -> bool:
    """Whether two neighbours are letters, or digits, of one word."""
    return one >= 0 and other < len(text) and (kind := _kind(text[one])) != "" and kind == _kind(text[other])


def _kind(char: str) -> str:
    """Of a Latin letter "a", of a digit "1", of all else nothing."""
    if not folded(char).isascii() or not folded(char):
        return ""
    return "1" if unicodedata.normalize("NFKC", char)[-1].isdigit() else "a"


def _is_split_on_purpose(text: str, key: str, word: str, first: int, last: int, gaps: int) -> bool:
    if len(key) > _SHORT and not word.isdecimal():
        return True
    is_apart = gaps == len(key) - 1
    return is_apart and not (_is_single(text, first, -1) or _is_single(text, last, 1))


def _is_single(text: str, place: int, step: int) -> bool:
    """Whether what follows a letter or a digit in one direction, beyond separators, is one like it, alone."""
    kind, place = _kind(text[place]), place + step
    while 0 <= place < len(text) and not folded(text[place]):
        place += step
    if not (0 <= place < len(text)) or _kind(text[place]) != kind:
        return False
    beyond = place + step
    return not (0 <= beyond < len(text)) or _kind(text[beyond]) != kind


def _are_clauses(text: str, start: int, end: int) -> bool:
    """Whether the gap is a mark between two clauses."""
    if not _CLAUSE_BREAK.fullmatch(text, start, end):
        return False
    before, after = (reversed(text[:start]), text[end:])
    return all(_reaches(side) for side in (before, after))


def _reaches(clause: Iterable[str]) -> bool:
    count = 0
    for char in clause:
        count += len(folded(char))
        if char in _CLAUSE_MARKS or count >= _SHORTEST_CLAUSE:
            break
    return count >= _SHORTEST_CLAUSE
