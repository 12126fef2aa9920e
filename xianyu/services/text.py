"""Checks and clean-ups of what people type, the same for every form."""

import re
import unicodedata

# C0 and C1 controls, except the line feed and tab that descriptions and messages may hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Characters that show nothing, or turn the direction of what follows. The joiners U+200C and
# U+200D stay: emoji and several scripts are spelled with them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffb]"
)
_SURROGATE = re.compile("[\ud800-\udfff]")


def has_control_characters(text: str) -> bool:
    """Whether ``text`` holds something that no keyboard types: controls or half characters."""
    return bool(_CONTROL.search(text) or _SURROGATE.search(text))


def clean_lines(text: str) -> str:
    """Text of several lines: one kind of line end, no invisible characters, no outer space."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _INVISIBLE.sub("", text).strip()


def clean_line(text: str) -> str:
    """Text of one line: as above, every run of white space one space."""
    return " ".join(clean_lines(text).split())


def is_blank(text: str) -> bool:
    """Whether nothing of ``text`` would be seen: joiners and variation selectors alone show nothing."""
    return all(unicodedata.category(char) in {"Cf", "Zs", "Zl", "Zp", "Cc", "Mn", "Me"} for char in text)
