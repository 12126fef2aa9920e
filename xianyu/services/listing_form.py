"""The form of a listing: what people type, checked and made into numbers."""

import re
import unicodedata
from collections.abc import Callable

from xianyu.schemas.listings import ListingForm
from xianyu.services.categories import is_category
from xianyu.services.errors import InvalidForm
from xianyu.services.ids import is_id
from xianyu.services.text import clean_line, clean_lines, has_control_characters, is_blank

TITLE_LENGTH = (2, 60)
DESCRIPTION_LENGTH = (5, 5000)
MAX_PRICE_FEN = 999_999_999
MAX_QUANTITY = 9999
MAX_PHOTOS = 9

# Digits with up to two decimals; commas only where ``format_price`` puts them.
_PRICE = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.([0-9]{1,2}))?")
_QUANTITY = re.compile(r"[0-9]{1,9}")
# Longer than any number that passes, so that nothing long is normalised.
_LONGEST_NUMBER = 24


def format_price(fen: int) -> str:
    """A price in yuan, grouped, with two decimals: 128000 is ``"1,280.00"``."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def check_listing(
    title: object, description: object, price: object, quantity: object, category: object, photo_ids: object
) -> ListingForm:
    """Check a form as a browser sent it. Every argument may be of any type.

    Args:
        title: One line of 2 to 60 characters.
        description: 5 to 5000 characters in any number of lines.
        price: Yuan, with at most two decimals; full-width digits are fine.
        quantity: How many there are, 1 to 9999, as text.
        category: A category's slug.
        photo_ids: The numbers of 1 to 9 uploaded pictures, in order, the cover first.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    fen, price_error = _price(_text(price))
    count, quantity_error = _quantity(_text(quantity))
    ids = tuple(photo_ids) if isinstance(photo_ids, list | tuple) else ()
    errors = {
        "title": _text_error(_text(title), "标题", TITLE_LENGTH, clean_line),
        "description": _text_error(_text(description), "描述", DESCRIPTION_LENGTH, clean_lines),
        "price": price_error,
        "quantity": quantity_error,
        "category": "" if is_category(category) else "请选择分类",
        "photos": _photos_error(ids),
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return ListingForm(
        title=clean_line(_text(title)),
        description=clean_lines(_text(description)),
        price_fen=fen,
        quantity=count,
        category=_text(category),
        photo_ids=ids,
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text_error(text: str, label: str, length: tuple[int, int], clean: Callable[[str], str]) -> str:
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


def _number(text: str) -> str:
    """A number field's text in ASCII digits. What is too long for any number stays, to be refused."""
    return text if len(text) > _LONGEST_NUMBER else unicodedata.normalize("NFKC", text).strip()


def _price(text: str) -> tuple[int, str]:
    text = _number(text).removeprefix("¥").lstrip()
    if not text:
        return 0, "请填写价格"
    match = _PRICE.fullmatch(text)
    if match is None:
        return 0, "价格要写成数字，最多两位小数，例如 128 或 12.50"
    fen = int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))
    if fen > MAX_PRICE_FEN:
        return 0, f"价格不能超过 {format_price(MAX_PRICE_FEN)} 元"
    if fen < 1:
        return 0, "价格最低 0.01 元"
    return fen, ""


def _quantity(text: str) -> tuple[int, str]:
    text = _number(text)
    if not text:
        return 0, "请填写数量"
    if not _QUANTITY.fullmatch(text) or not 1 <= int(text) <= MAX_QUANTITY:
        return 0, f"数量要是 1 到 {MAX_QUANTITY} 的整数"
    return int(text), ""


def _photos_error(ids: tuple[object, ...]) -> str:
    if not ids:
        return "请至少添加一张照片"
    if len(ids) > MAX_PHOTOS:
        return f"最多 {MAX_PHOTOS} 张照片"
    if not all(is_id(item) for item in ids):
        return "有照片无法使用，请移除后重新添加"
    if len(set(ids)) != len(ids):
        return "同一张照片只能添加一次"
    return ""
