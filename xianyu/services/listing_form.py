"""The form of a listing: what people type, checked and made into numbers."""

import re
from collections.abc import Mapping

from xianyu.models import ListingKind
from xianyu.schemas.listings import ListingForm
from xianyu.services import tags
from xianyu.services.categories import is_category
from xianyu.services.conditions import is_condition
from xianyu.services.errors import InvalidForm
from xianyu.services.form_checks import MAX_PHOTOS, TITLE_LENGTH, as_text, number_text, photos_error, text_error
from xianyu.services.ids import is_id
from xianyu.services.text import clean_line, clean_lines

__all__ = ["MAX_PHOTOS", "TITLE_LENGTH"]  # shared with the other forms, and part of this one

DESCRIPTION_LENGTH = (5, 5000)
PLACE_LENGTH = (1, 40)
MAX_PRICE_FEN = 999_999_999
MAX_QUANTITY = 9999

# Digits with up to two decimals; commas only where ``format_price`` puts them.
_PRICE = re.compile(r"([0-9]{1,9}|[0-9]{1,3}(?:,[0-9]{3}){1,2})(?:\.([0-9]{1,2}))?")
_QUANTITY = re.compile(r"[0-9]{1,9}")


def format_price(fen: int) -> str:
    """A price in yuan, grouped, with two decimals: 128000 is ``"1,280.00"``."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def price_in_words(fen: int) -> str:
    """A price in running text: ``"¥1,280.00"``, or 免费送."""
    return f"¥{format_price(fen)}" if fen else "免费送"


def check_listing(fields: Mapping[str, object]) -> ListingForm:
    """Check a form as a browser sent it. Every value may be missing or of any type.

    Args:
        fields: By name:
            ``kind``: a ``ListingKind``; an offer, where it is none.
            ``title``: one line of 2 to 60 characters.
            ``description``: 5 to 5000 characters in any number of lines.
            ``price``: yuan, with at most two decimals; full-width digits are fine. 0 is 免费送. What is
            wanted has its budget here, which is not 0.
            ``is_free``: true for 免费送, whatever the price.
            ``quantity``: how many there are, 1 to 9999, as text.
            ``category``: a category's or a group's slug.
            ``condition``: a ``Condition``, or nothing.
            ``tags``: a list of up to 8 texts of 1 to 10 characters.
            ``original_price``: as ``price``, or nothing.
            ``is_negotiable``: true for 可议价.
            ``place``: up to 40 characters.
            ``photo_ids``: the numbers of up to 9 uploaded pictures, in order, the cover first; an offer
            needs one.
            ``video_id``: the number of an uploaded video, or nothing.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    wanted = fields.get("kind") == ListingKind.WANTED
    fen, price_error = _price(fields, wanted)
    original, original_error = (None, "") if wanted else _original_price(as_text(fields.get("original_price")), fen)
    count, quantity_error = check_quantity(as_text(fields.get("quantity")))
    names, tags_error = tags.check(_items(fields.get("tags")))
    title, description, place = (as_text(fields.get(name)) for name in ("title", "description", "place"))
    condition = "" if wanted else fields.get("condition") or ""
    ids = _items(fields.get("photo_ids"))
    video = fields.get("video_id")
    errors = {
        "photos": photos_error(ids) if ids or wanted else "请至少添加一张照片",
        "video": "" if video is None or is_id(video) else "视频无法使用，请移除后重新添加",
        "title": text_error(title, "标题", TITLE_LENGTH, clean_line),
        "description": text_error(description, "描述", DESCRIPTION_LENGTH, clean_lines),
        "price": price_error,
        "quantity": quantity_error,
        "category": "" if is_category(fields.get("category")) else "请选择分类",
        "condition": "" if not condition or is_condition(condition) else "请选择成色",
        "tags": tags_error,
        "original_price": original_error,
        "place": text_error(place, "自提地点", PLACE_LENGTH, clean_line) if clean_line(place[:1000]) else "",
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return ListingForm(
        title=clean_line(title),
        description=clean_lines(description),
        price_fen=fen,
        quantity=count,
        category=as_text(fields.get("category")),
        photo_ids=tuple(each for each in ids if is_id(each)),
        kind=(ListingKind.WANTED if wanted else ListingKind.OFFER).value,
        condition=as_text(condition),
        tags=names,
        original_price_fen=original,
        is_negotiable=fields.get("is_negotiable") is True and fen > 0,
        place=clean_line(place),
        video_id=video if is_id(video) else None,
    )


def _items(value: object) -> tuple[object, ...]:
    return tuple(value) if isinstance(value, list | tuple) else ()


def _price(fields: Mapping[str, object], wanted: bool) -> tuple[int, str]:
    if fields.get("is_free") is True and not wanted:
        return 0, ""
    label = "预算" if wanted else "价格"
    text = as_text(fields.get("price"))
    if not number_text(text):
        return 0, f"请填写{label}"
    fen, error = _amount(text, label)
    return (fen, error) if error or fen or not wanted else (0, "预算最低 0.01 元")


def _original_price(text: str, price_fen: int) -> tuple[int | None, str]:
    if not number_text(text):
        return None, ""
    fen, error = _amount(text, "原价")
    if not error and fen <= price_fen:
        error = "原价要高于现在的价格，也可以不填"
    return fen, error


def _amount(text: str, label: str) -> tuple[int, str]:
    """An amount in fen, and why it is refused, or an empty string."""
    match = _PRICE.fullmatch(number_text(text).removeprefix("¥").lstrip())
    if match is None:
        return 0, f"{label}要写成数字，最多两位小数，例如 128 或 12.50"
    fen = int(match[1].replace(",", "")) * 100 + int((match[2] or "").ljust(2, "0"))
    if fen > MAX_PRICE_FEN:
        return 0, f"{label}不能超过 {format_price(MAX_PRICE_FEN)} 元"
    return fen, ""


def check_price(text: str) -> tuple[int, str]:
    """A price in fen as it was typed, and why it is refused, or an empty string."""
    return _amount(text, "价格") if number_text(text) else (0, "请填写价格")


def check_quantity(text: str) -> tuple[int, str]:
    """A number of pieces as it was typed, and why it is refused, or an empty string."""
    text = number_text(text)
    if not text:
        return 0, "请填写数量"
    if not _QUANTITY.fullmatch(text) or not 1 <= int(text) <= MAX_QUANTITY:
        return 0, f"数量要是 1 到 {MAX_QUANTITY} 的整数"
    return int(text), ""
