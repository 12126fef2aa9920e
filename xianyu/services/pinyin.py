"""How Chinese sounds, in letters without tones: 自行车 is zi xing che, and zxc for short."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby, islice, product

from pypinyin import lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.contrib.tone_convert import to_normal

# Ways to read one run of letters that are tried, such as xi'an and xian.
_MOST_READINGS = 8
# Letters of the longest thing that anybody spells out.
_LONGEST = 48
_LONGEST_SYLLABLE = 6


def has_sound(char: str) -> bool:
    """Whether a character is Chinese and its sound is known."""
    return ord(char) in PINYIN_DICT


@lru_cache(maxsize=8192)
def syllables(text: str) -> tuple[str, ...]:
    """The sound of each character, as it is most likely read there; ``""`` for one that has none."""
    found: list[str] = []
    for is_chinese, chars in groupby(text, has_sound):
        run = "".join(chars)
        found += _spoken(run) if is_chinese else [""] * len(run)
    return tuple(found)


def _spoken(chinese: str) -> list[str]:
    sounds = lazy_pinyin(chinese)
    if len(sounds) != len(chinese):
        sounds = [lazy_pinyin(char)[0] for char in chinese]
    return [sound if sound in _known() else "" for sound in sounds]


def spelling(text: str) -> tuple[str, str]:
    """All of a text's sounds in a row and their first letters; two empty strings where nothing has one."""
    sounds = [sound for sound in syllables(text) if sound]
    return "".join(sounds), "".join(sound[0] for sound in sounds)


def readings(letters: Sequence[str], *, is_unfinished: bool = False) -> list[tuple[str, ...]]:
    """Every way to read runs of letters as syllables, a bounded number of them; none where there is no way.

    Args:
        letters: Runs in lower case, which no syllable crosses, as in "xi'an".
        is_unfinished: Whether the last run may end within a syllable, which is then left out.
    """
    if not letters or sum(map(len, letters)) > _LONGEST:
        return []
    ways = [list(islice(_split(run), _MOST_READINGS)) for run in letters]
    if is_unfinished and ways and not ways[-1]:
        ways[-1] = _begun(letters[-1])
    joined = (tuple(sound for way in several for sound in way) for several in product(*ways))
    return list(islice(joined, _MOST_READINGS))


def _split(letters: str) -> Iterator[tuple[str, ...]]:
    """The longest syllables first. Where the rest cannot be read is known before it is tried."""
    ends = [False] * len(letters) + [True]
    for start in reversed(range(len(letters))):
        ends[start] = any(ends[end] for end in _stops(letters, start))

    def walk(start: int) -> Iterator[tuple[str, ...]]:
        if start == len(letters):
            yield ()
            return
        for end in _stops(letters, start):
            if ends[end]:
                yield from ((letters[start:end], *rest) for rest in walk(end))

    return walk(0)


def _stops(letters: str, start: int) -> list[int]:
    furthest = min(start + _LONGEST_SYLLABLE, len(letters))
    return [end for end in range(furthest, start, -1) if letters[start:end] in _known()]


def _begun(letters: str) -> list[tuple[str, ...]]:
    """Readings of all but the last few letters, which begin a syllable."""
    for cut in range(1, _LONGEST_SYLLABLE):
        rest = letters[-cut:]
        if len(letters) > cut and any(sound.startswith(rest) for sound in _known()):
            found = list(islice(_split(letters[:-cut]), _MOST_READINGS))
            if found:
                return found
    return []


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """Every syllable. Those without a vowel (m, ng) are left out: no one spells a thing with them."""
    written = {sound for sounds in PINYIN_DICT.values() for sound in sounds.split(",")}
    plain = {to_normal(sound) for sound in written}
    return frozenset(sound for sound in plain if sound.isascii() and set(sound) & set("aeiouv"))
