"""What characters come down to when words are looked for: one spelling for all that looks the same.

Every character is folded alone, so that a place in the folded text leads back to one in the text as it was
typed. What only separates or shows nothing folds to nothing at all.
"""

import unicodedata
from functools import lru_cache

import opencc

# Letters that are drawn like a Latin one, and the digits that stand for a letter. What NFKD and the folding
# of case take back to a letter by themselves (full-width, circled, accented, mathematical) is not here.
# After Unicode's confusables.txt (UTS 39), cut down to what keyboards and pickers offer.
_DRAWN_ALIKE = {
    "a": "аАαΑɑ",
    "b": "вВβΒьЬ",
    "c": "сСϲ",
    "d": "ԁđ",
    "e": "еЕεΕєЄ",
    "f": "ƒ",
    "g": "ɡԍ",
    "h": "нНһҺΗ",
    # One stroke: which of the three is meant no reader can tell.
    "i": "1lLıіІιΙӏӀł",
    "j": "јЈ",
    "k": "кКκΚ",
    "m": "мМΜ",
    "n": "ΝηпП",
    "o": "0оОοΟσøØ",
    "p": "рРρΡ",
    "q": "ԛ",
    "r": "гГ",
    "s": "ѕЅ",
    "t": "тТτΤ",
    "u": "υ",
    "v": "νѵѴ",
    "w": "ԝωшШ",
    "x": "хХχΧ",
    "y": "уУγΥүҮ",
    "z": "Ζ",
}
# Letters on tiles, which have no decomposition: squared, in a black circle, on a black square, of flags.
_TILES = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
_LATIN = "abcdefghijklmnopqrstuvwxyz"
# Hangul's fillers are letters to Unicode and nothing to the eye.
_FILLERS = "\u115f\u1160\u3164\uffa0"
# First letters of the general categories that separate: punctuation, symbols, spaces, controls, marks.
_SEPARATING = frozenset("PSZCM")
# Han characters that OpenCC knows of.
_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x2A6E0))
# Characters whose folding is remembered: a fraction of Unicode, and far more than people type.
_MOST_REMEMBERED = 30_000


def _drawn_alike() -> dict[str, str]:
    found = {char: letter for letter, chars in _DRAWN_ALIKE.items() for char in chars}
    for start in _TILES:
        found.update({chr(start + number): letter for number, letter in enumerate(_LATIN)})
    return found | dict.fromkeys(_FILLERS, "")


_ALIKE = _drawn_alike()


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    """Traditional characters by themselves, without regard to the words that they stand in."""
    chars = [chr(code) for block in _HAN for code in block]
    simple = opencc.OpenCC("t2s").convert("\n".join(chars)).split("\n")
    return {one: other for one, other in zip(chars, simple, strict=True) if one != other}


class _Folds(dict[int, str]):
    """What characters fold to, by their numbers; as ``str.translate`` takes it."""

    def __missing__(self, code: int) -> str:
        folded = _fold(chr(code))
        if len(self) < _MOST_REMEMBERED:
            self[code] = folded
        return folded


_FOLDS = _Folds()


def _fold(char: str) -> str:
    bare = "".join(part for part in unicodedata.normalize("NFKD", char) if unicodedata.category(part)[0] != "M")
    # Hangul is put together again.
    parts = unicodedata.normalize("NFC", bare)
    letters = "".join(_ALIKE.get(part, part) for part in parts).casefold()
    return "".join(_plain(letter) for letter in letters)


def _plain(letter: str) -> str:
    if letter in _ALIKE:
        return _ALIKE[letter]
    if unicodedata.category(letter)[0] in _SEPARATING:
        return ""
    return _simplified().get(letter, letter)


def fold(text: str) -> str:
    """The text as words are looked for in it."""
    return text.translate(_FOLDS)


def folded(char: str) -> str:
    """What one character comes down to: nothing, or one or more characters."""
    return _FOLDS[ord(char)]


def places(text: str) -> list[int]:
    """For each character of ``fold(text)``, the place in ``text`` that it comes from."""
    return [place for place, char in enumerate(text) for _ in _FOLDS[ord(char)]]
