"""What the forms of listings, activities and announcements check alike."""

import unicodedata
from collections.abc import Callable

from xianyu.services.ids import is_id
from xianyu.services.text import has_control_characters, is_blank

TITLE_LENGTH = (2, 60)
MAX_PHOTOS = 9
# Longer than any number that passes, so that nothing long is normalised.
_LONGEST_NUMBER = 24


def as_text(value: object) -> str:
    """The value, if it is text; a client may send anything."""
    return value if isinstance(value, str) else ""


def text_error(text: str, label: str, length: tuple[int, int], clean: Callable[[str], str]) -> str:
    """Why a text is refused, or an empty string.

    Args:
        text: What was typed.
        label: What the field is called.
        length: The fewest and the most characters, counted after the cleaning.
        clean: ``clean_line`` or ``clean_lines``.
    """
    shortest, longest = length
    # Nobody means to send a text many times too long; it is not worth cleaning.
    if len(text) > 10 * longest:
        return f"{label}不能超过 {longest} 个字"
    if has_control_characters(text.replace("\r\n", "\n").replace("\r", "\n")):
        return f"{label}里有无法显示的字符"
    cleaned = clean(text)
    if is_blank(cleaned):
        return f"请填写{label}"
    if len(cleaned) < shortest:
        return f"{label}至少要 {shortest} 个字"
    if len(cleaned) > longest:
        return f"{label}不能超过 {longest} 个字，现在是 {len(cleaned)} 个"
    return ""


def number_text(text: str) -> str:
    """A number field's text in ASCII digits. What is too long for any number stays, to be refused."""
    return text if len(text) > _LONGEST_NUMBER else unicodedata.normalize("NFKC", text).strip()


def photos_error(ids: tuple[object, ...], most: int = MAX_PHOTOS) -> str:
    """Why the numbers of at ``most`` so many pictures are refused, or an empty string. That there are none is fine."""
    if len(ids) > most:
        return f"最多 {most} 张照片"
    if not all(is_id(item) for item in ids):
        return "有照片无法使用，请移除后重新添加"
    if len(set(ids)) != len(ids):
        return "同一张照片只能添加一次"
    return ""
