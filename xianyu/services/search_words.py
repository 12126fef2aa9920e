"""A text as words that the full-text index of every database takes apart alike: ASCII letters and digits.

====== ==================================================== ==========================================
word   stands for                                           where
====== ==================================================== ==========================================
``u``  one character that is not ASCII                      once a document
``b``  two adjacent ones                                    in order: three are a phrase of two words
``lt`` a run of Latin letters, or of digits                 in order: "iPhone15" is "ltiphone lt15"
``lp`` the beginning of a run of letters                    once, of title and tags
``py`` how a Chinese character sounds                       once, of title and tags
``pp`` how two adjacent ones sound                          the same, in order: "ppzi0xing ppxing0che"
``hd`` the first letters of three such sounds               the same, in order
``f``  a facet: section, category, tag, price and so on     once a document
====== ==================================================== ==========================================

No word is shorter than three letters, which is what InnoDB indexes, and none is a stop word or syntax.
Pairs of characters make a two-character word one look-up, where a phrase of two common characters would
read two long lists.
"""

import itertools
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import blake2s
from typing import NamedTuple

from xianyu.services import pinyin

# InnoDB takes words of up to 84 characters; longer runs of letters are several words.
_LONGEST_RUN = 32
_PREFIXES = range(2, 13)

LETTERS, DIGITS, WIDE = "letters", "digits", "wide"
# What lies between two runs.
TOUCHING, JOINED, SPACED, APART = range(4)
# Between letters and digits these keep a word together: "USB-C", "3.5", "xi'an".
_JOINERS = "-_./'’·"
_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


class Run(NamedTuple):
    """Adjacent characters of one kind in a plain text, where they begin, and what lies before them."""

    kind: str
    text: str
    start: int
    gap: int


class Chain(NamedTuple):
    """Words, and from where to where in the plain text each of them stands."""

    words: list[str]
    starts: Sequence[int]
    ends: Sequence[int]


class Reading(NamedTuple):
    """A text as words: those that stand alone, and chains in which neighbours make phrases."""

    singles: list[Chain]
    chains: list[Chain]


# Facets and prices -----------------------------------------------------------------------------------


def facet(name: str, value: str) -> str:
    """The word of a property that a thing has or has not."""
    digest = blake2s(value.encode(errors="surrogatepass"), digest_size=6).hexdigest()
    return f"f{name[:2]}{digest}"


def fold(text: str) -> str:
    """A text as it is compared: case, width and compatibility forms make no difference."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


# Each step is a sixth dearer than the one before, so that a range of prices is few steps at any height.
# The steps are leaves of a binary tree, and a price bears the words of all nodes above it: any range is
# a handful of nodes, and only the steps at its ends hold prices outside it.
_LEVELS = 7


@lru_cache(maxsize=1)
def _steps() -> list[int]:
    steps, price = [1], 1.0
    while len(steps) < 2**_LEVELS - 1:
        price *= 1.165
        if int(price) > steps[-1]:
            steps.append(int(price))
    return steps


def price_step(fen: int) -> int:
    """On which step a price lies, from 0 (given away) to 127."""
    return bisect_right(_steps(), fen)


def price_bounds(step: int) -> tuple[int, int]:
    """The lowest and the highest price of a step."""
    steps = [0, *_steps(), 2**63]
    return steps[step], steps[step + 1] - 1


def price_word(node: int, level: int = 0) -> str:
    """The word of a node: of a step, on level 0, or of several."""
    return f"fpr{level}x{node}"


def price_words(fen: int) -> list[str]:
    """The words of a price: its step, and each node above that."""
    step = price_step(fen)
    return [price_word(step >> level, level) for level in range(_LEVELS)]


def price_range_words(first: int, last: int) -> list[str]:
    """The words of the fewest nodes that cover the steps from ``first`` to ``last``, the cheapest first."""
    words = []
    while first <= last:
        level = 0
        while level + 1 < _LEVELS and first % 2 ** (level + 1) == 0 and first + 2 ** (level + 1) - 1 <= last:
            level += 1
        words.append(price_word(first >> level, level))
        first += 2**level
    return words


# Words -----------------------------------------------------------------------------------------------


def read(text: str, *, has_sound: bool) -> Reading:
    """The words of a plain text, and those of sound and of beginnings where they are wanted."""
    singles: list[Chain] = []
    chains: list[Chain] = []
    latin: Chain | None = None
    for run in runs(text):
        if run.kind == WIDE:
            latin = None
            _read_wide(run, has_sound, singles, chains)
            continue
        if latin is None or run.gap == APART:
            latin = Chain([], [], [])
            chains.append(latin)
        _append(latin, run)
        if has_sound and run.kind == LETTERS:
            lengths = [length for length in _PREFIXES if length <= len(run.text)]
            beginnings = [prefix_word(run.text[:length]) for length in lengths]
            singles.append(Chain(beginnings, [run.start] * len(lengths), [run.start + length for length in lengths]))
    return Reading(singles, chains)


def _append(chain: Chain, run: Run) -> None:
    chain.words.append(latin_word(run.text))
    for places, place in ((chain.starts, run.start), (chain.ends, run.start + len(run.text))):
        assert isinstance(places, list)
        places.append(place)


def _read_wide(run: Run, has_sound: bool, singles: list[Chain], chains: list[Chain]) -> None:
    singles.append(_regular([wide_word(char) for char in run.text], run.start, 1))
    chains.append(_regular(wide_words(run.text), run.start, 2))
    if not has_sound:
        return
    for first, sounds in _spoken(run.text):
        start = run.start + first
        singles.append(_regular([sound_word(sound) for sound in sounds], start, 1))
        chains.append(_regular(sound_words(sounds), start, 2))
        chains.append(_regular(initial_words("".join(sound[0] for sound in sounds)), start, 3))


def _regular(words: list[str], start: int, size: int) -> Chain:
    """Words of so many characters each, one beginning at each character."""
    return Chain(words, range(start, start + len(words)), range(start + size, start + size + len(words)))


def _spoken(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Stretches in which every character has a sound, and where each begins."""
    sounds = pinyin.syllables(text)
    start = 0
    for end in range(len(text) + 1):
        if end == len(text) or not sounds[end]:
            if end > start:
                yield start, sounds[start:end]
            start = end + 1


def is_of_sound(word: str) -> bool:
    """Whether a word stands for a sound or a beginning, which only titles and tags have."""
    return word.startswith(("py", "pp", "hd", "lp"))


def wide_word(char: str) -> str:
    """The word of one character that is not ASCII."""
    return f"u{_code(char)}"


def wide_words(text: str) -> list[str]:
    """The words of adjacent characters: one for each pair."""
    return [f"b{_code(first)}{_code(second)}" for first, second in itertools.pairwise(text)]


def latin_word(text: str) -> str:
    """The word of a run of letters or digits."""
    return f"lt{text}"


def prefix_word(text: str) -> str:
    """The word of the beginning of a run of letters."""
    return f"lp{text}"


def sound_word(sound: str) -> str:
    """The word of one syllable."""
    return f"py{sound}"


def sound_words(sounds: Sequence[str]) -> list[str]:
    """The words of syllables in a row: one for each pair."""
    return [f"pp{first}0{second}" for first, second in itertools.pairwise(sounds)]


def initial_words(letters: str) -> list[str]:
    """The words of first letters in a row: one for each three."""
    return [f"hd{letters[i : i + 3]}" for i in range(len(letters) - 2)]


@lru_cache(maxsize=65_536)
def _code(char: str) -> str:
    """A code point as four characters, so that of two none can be mistaken for another two."""
    number, digits = ord(char), ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        digits = _ALPHABET[digit] + digits
    return digits


# Characters ------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """A text as it is taken apart: folded, without accents, all that is no letter or digit made alike.

    That is ``-`` for what joins letters, a space for any, and ``|`` for what stands between words.
    """
    return normal(text).translate(_PLAIN)


def normal(text: str) -> str:
    """A text with each letter and its marks in one character where there is one; it looks the same."""
    return unicodedata.normalize("NFC", text)


def places(text: str) -> list[int]:
    """For each character of the plain text, which one of the ``normal`` text it comes from."""
    return [place for place, char in enumerate(text) for _ in char.translate(_PLAIN)]


_RUNS = re.compile(rf"([a-z]{{1,{_LONGEST_RUN}}})|([0-9]{{1,{_LONGEST_RUN}}})|[^a-z0-9 |-]+")


def runs(text: str) -> list[Run]:
    """A plain text as runs of letters, of digits, and of everything else that people write with."""
    found = []
    before = 0
    for match in _RUNS.finditer(text):
        kind = WIDE if match.lastindex is None else (LETTERS, DIGITS)[match.lastindex - 1]
        gap = _gap(text[before : match.start()]) if before else APART
        found.append(Run(kind, match[0], match.start(), gap))
        before = match.end()
    return found


def _gap(between: str) -> int:
    if not between:
        return TOUCHING
    return APART if "|" in between else SPACED if " " in between else JOINED


class _Plain(dict[int, str]):
    """What becomes of each character, found out when it first appears."""

    def __missing__(self, number: int) -> str:
        made = self[number] = "".join(map(_plain, fold(chr(number))))
        return made


_PLAIN = _Plain()


def _plain(char: str) -> str:
    # Accents are left out of Latin letters alone: elsewhere they make another letter.
    base = unicodedata.normalize("NFD", char)[0]
    char = base if base.isascii() else char
    if char in _JOINERS:
        return "-"
    if char.isspace():
        return " "
    # Marks and what shows nothing belong to the character before.
    if unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf"}:
        return ""
    return char if char.isalnum() else "|"
