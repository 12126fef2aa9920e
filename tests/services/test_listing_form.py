"""What the form of a listing takes, and what it refuses whoever sends it."""

from importlib import import_module

import pytest

from xianyu.models import Condition
from xianyu.services.categories import categories, category_name, is_category
from xianyu.services.conditions import condition_name
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_form import check_listing, format_price

GOOD: dict[str, object] = {
    "title": "山地车",
    "description": "九成新，自提",
    "price": "200",
    "quantity": "1",
    "category": "bikes",
    "photo_ids": [3, 1, 2],
}
HOSTILE: list[object] = [
    None,
    1,
    1.5,
    True,
    {},
    {"a": 1},
    [],
    ["x"],
    b"bytes",
    object(),
    "\0",
    "\ud800",
    "x" * 2_000_000,
]


def errors(**changes: object) -> dict[str, str]:
    try:
        check_listing(GOOD | changes)
    except InvalidForm as refused:
        return refused.errors
    return {}


def test_a_good_form_passes() -> None:
    form = check_listing(GOOD)
    assert (form.title, form.description, form.price_fen, form.quantity) == ("山地车", "九成新，自提", 20_000, 1)
    assert (form.category, form.photo_ids) == ("bikes", (3, 1, 2))


def test_an_empty_form_names_every_field() -> None:
    empty: dict[str, object] = dict.fromkeys(GOOD, "")
    assert errors(**empty) == {
        "title": "请填写标题",
        "description": "请填写描述",
        "price": "请填写价格",
        "quantity": "请填写数量",
        "category": "请选择分类",
        "photos": "请至少添加一张照片",
    }


OPTIONAL = ("condition", "tags", "original_price", "place", "video_id", "kind", "is_free", "is_negotiable")


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: f"{type(value).__name__}-{str(value)[:5]!a}")
@pytest.mark.parametrize("field", OPTIONAL)
def test_what_may_be_left_out_is_left_out_or_refused_in_its_place(field: str, value: object) -> None:
    assert set(errors(**{field: value})) <= {"video" if field == "video_id" else field}


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: f"{type(value).__name__}-{str(value)[:5]!a}")
@pytest.mark.parametrize("field", list(GOOD))
def test_nothing_that_a_client_sends_is_a_crash(field: str, value: object) -> None:
    assert list(errors(**{field: value})) == ["photos" if field == "photo_ids" else field]


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("0", 0),
        ("0.00", 0),
        ("0.01", 1),
        ("0.1", 10),
        ("1", 100),
        ("007", 700),
        ("12.50", 1250),
        (" 12.5 ", 1250),
        ("9999999.99", 999_999_999),
        ("9,999,999.99", 999_999_999),
        ("1,280.00", 128_000),
        ("１２８．５０", 12_850),
        ("￥１００", 10_000),
        ("¥ 100", 10_000),
    ],
)
def test_prices_are_read_exactly(typed: str, fen: int) -> None:
    assert check_listing(GOOD | {"price": typed}).price_fen == fen


@pytest.mark.parametrize(
    "typed",
    ["", " ", "-1", "+1", "+", "-", "1e5", "1E5", "NaN", "inf", "Infinity", "0x10", "1.234", "0.001",
     ".5", "5.", "1..2", "1.2.3", "1,2", "12,80", "1,2800", "10000000", "9999999.991", "99999999999999999999999999",
     "十块", "½", "٣", "1 000", "12元", "1_000", "1;DROP", "<b>1</b>", "1\n2", "1\x002", "\u200b"],
)  # fmt: skip
def test_other_prices_are_refused(typed: str) -> None:
    assert list(errors(price=typed)) == ["price"]


@pytest.mark.parametrize(("typed", "count"), [("1", 1), ("9999", 9999), ("０１２", 12), (" 3 ", 3)])
def test_quantities_are_read(typed: str, count: int) -> None:
    assert check_listing(GOOD | {"quantity": typed}).quantity == count


@pytest.mark.parametrize(
    "typed", ["", "0", "-1", "+1", "1.0", "1.5", "10000", "1000000", "1" * 50, "1e3", "NaN", "两", "٣"]
)
def test_other_quantities_are_refused(typed: str) -> None:
    assert list(errors(quantity=typed)) == ["quantity"]


@pytest.mark.parametrize(
    "title",
    [
        "ab",
        "山地车",
        "x" * 60,
        "𠮷" * 60,
        "<script>alert(1)</script>",
        "'; DROP TABLE listing;--",
        "👨‍👩‍👧‍👦 亲子",
        "100% _\\",
        "& &amp;",
    ],
)
def test_titles_are_kept_as_typed(title: str) -> None:
    assert check_listing(GOOD | {"title": title}).title == title


def test_a_title_is_one_line() -> None:
    assert check_listing(GOOD | {"title": "  山地车\r\n\t九成新\u3000\u200b "}).title == "山地车 九成新"


@pytest.mark.parametrize(
    "title",
    ["", " ", "\n", "\u3000", "\u200b\u200b\u200b", "\u200d\u200d\u200d", "\ufeff", "\ufe0f\ufe0f", "\u3164\u3164",
     "a", "a\u200b\u200b", "x" * 61, "𠮷" * 61, "a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\x1cb", "\udc00ab"],
)  # fmt: skip
def test_other_titles_are_refused(title: str) -> None:
    assert list(errors(title=title)) == ["title"]


def test_a_description_keeps_its_lines() -> None:
    typed = "  第一行\r\n\r\n第二行\t<b>粗</b>\u202e 👍🏽\n"
    assert check_listing(GOOD | {"description": typed}).description == "第一行\n\n第二行\t<b>粗</b> 👍🏽"
    assert check_listing(GOOD | {"description": "字" * 5000}).description == "字" * 5000


@pytest.mark.parametrize(
    "text", ["", "太短了呀", "字" * 5001, "\u200b" * 10, " \n \n ", "有控制符\x00的文字", "字" * 100_000]
)
def test_other_descriptions_are_refused(text: str) -> None:
    assert list(errors(description=text)) == ["description"]


@pytest.mark.parametrize("slug", ["", "cars", "Bikes", "自行车/代步", "bikes ", "' OR 1=1"])
def test_unknown_categories_are_refused(slug: str) -> None:
    assert list(errors(category=slug)) == ["category"]


@pytest.mark.parametrize(
    "photo_ids",
    [[], [1, 1], list(range(1, 11)), [0], [-1], [2**63], ["1"], [None], [True], [1.0], [[1]], [{}], {"0": 1}],
)
def test_other_photos_are_refused(photo_ids: object) -> None:
    assert list(errors(photo_ids=photo_ids)) == ["photos"]


def test_nine_photos_pass() -> None:
    assert check_listing(GOOD | {"photo_ids": list(range(1, 10))}).photo_ids == tuple(range(1, 10))


@pytest.mark.parametrize(
    ("fen", "text"), [(0, "0.00"), (1, "0.01"), (100, "1.00"), (128_000, "1,280.00"), (999_999_999, "9,999,999.99")]
)
def test_prices_are_shown_grouped_and_can_be_typed_back(fen: int, text: str) -> None:
    assert format_price(fen) == text
    assert check_listing(GOOD | {"price": text}).price_fen == fen


def test_categories_are_complete_and_distinct() -> None:
    every = categories()
    assert len({category.slug for category in every}) == len({category.name for category in every}) == len(every) == 12
    assert all(is_category(category.slug) and category_name(category.slug) == category.name for category in every)
    assert category_name("abolished") == "其他"


def test_every_category_has_an_icon_that_exists() -> None:
    icons = import_module("reflex_components_lucide.icon").LUCIDE_ICON_LIST
    assert {category.icon.replace("-", "_") for category in categories()} <= set(icons)


def test_more_can_be_said_of_a_thing() -> None:
    more: dict[str, object] = {
        "condition": "good",
        "tags": ["#捷安特", " 通勤 ", "通勤", "ＧＩＡＮＴ"],
        "original_price": "1,299",
        "is_negotiable": True,
        "place": " 3 号楼\n大堂 ",
        "video_id": 7,
    }
    form = check_listing(GOOD | more)
    assert (form.kind, form.condition, form.tags) == ("offer", "good", ("捷安特", "通勤", "ＧＩＡＮＴ"))
    assert (form.original_price_fen, form.is_negotiable) == (129_900, True)
    assert (form.place, form.video_id) == ("3 号楼 大堂", 7)


def test_a_gift_costs_nothing_whatever_is_in_the_price_field() -> None:
    for price in ("", "0", "200", "x"):
        form = check_listing(GOOD | {"is_free": True, "price": price, "is_negotiable": True, "original_price": "99"})
        assert (form.price_fen, form.is_negotiable, form.original_price_fen) == (0, False, 9900)


def test_what_is_wanted_needs_a_budget_and_no_photo() -> None:
    wanted: dict[str, object] = {"kind": "wanted", "photo_ids": []}
    form = check_listing(GOOD | wanted | {"condition": "good", "original_price": "x", "is_free": True})
    assert (form.kind, form.price_fen, form.photo_ids) == ("wanted", 20_000, ())
    assert (form.condition, form.original_price_fen) == ("", None)
    assert errors(**wanted, price="") == {"price": "请填写预算"}
    assert errors(**wanted, price="0") == {"price": "预算最低 0.01 元"}
    assert errors(**wanted, price="一百") == {"price": "预算要写成数字，最多两位小数，例如 128 或 12.50"}


@pytest.mark.parametrize("typed", ["200", "199.99", "0", "x", "-1", "99999999999"])
def test_an_original_price_is_higher_than_the_present_one(typed: str) -> None:
    assert list(errors(original_price=typed)) == ["original_price"]


@pytest.mark.parametrize(
    "names",
    [[f"标签{number}" for number in range(9)], ["x"] * 81, ["十一个字的标签十一个字"], ["a\x00"],
     [1], [None], [["a"]], ["\ud800"], ["x" * 101], ["\ufdfa" * 3]],
)  # fmt: skip
def test_other_tags_are_refused(names: list[object]) -> None:
    assert list(errors(tags=names)) == ["tags"]


def test_forty_tags_are_told_as_what_they_are() -> None:
    assert errors(tags=[f"标签{number}" for number in range(40)]) == {"tags": "最多 8 个标签，现在是 40 个"}


def test_empty_tags_are_none() -> None:
    assert check_listing(GOOD | {"tags": ["", " ", "#", "\u200b"]}).tags == ()


@pytest.mark.parametrize("place", ["x" * 41, "a\x00b", "x" * 5000])
def test_other_places_are_refused(place: str) -> None:
    assert list(errors(place=place)) == ["place"]


def test_every_condition_has_a_name() -> None:
    assert [condition_name(each) for each in Condition] == ["全新", "几乎全新", "九成新", "八成新", "七成新及以下"]
    assert condition_name("") == condition_name("abolished") == ""
