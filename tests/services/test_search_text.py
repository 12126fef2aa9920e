"""Documents, queries, and what fits what, without a database but for the one that has to agree."""

import re
import sqlite3
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xianyu.schemas.search import SearchQuery
from xianyu.services import pinyin
from xianyu.services.categories import categories
from xianyu.services.listing_form import MAX_PRICE_FEN
from xianyu.services.search_sql import _fts5
from xianyu.services.search_text import LONGEST_TEXT, Findable, document, matches, text_query
from xianyu.services.search_words import (
    normal,
    places,
    plain,
    price_bounds,
    price_range_words,
    price_step,
    price_words,
    runs,
)

# Common and rare characters, letters, digits, signs, other scripts, and what is no character at all.
CHARS = "自行车山地好看书一iPhoneABC 0123９Ａ-_.'\"*%()+,，。　\t\néß½㎡①が한ЖÄ🚲👨‍👩‍👧\u0301\u200b\ud800\x00|zz𠮷"
texts = st.text(st.sampled_from(CHARS), max_size=30) | st.text(max_size=30)
words = st.lists(
    st.sampled_from(["自行车", "山地", "车", "iphone", "15", "iPhone15", "zixingche", "zxc", "che", "好看"]), max_size=3
)


def thing(title: str = "", text: str = "", **others: object) -> Findable:
    return Findable("trade", title, text, **others)  # type: ignore[arg-type]  # each test passes what the field takes


def fits(query: str, title: str, text: str = "", **others: object) -> bool:
    return matches(SearchQuery(words=query), document(thing(title, text, **others)), 100)


@given(texts, texts, st.lists(texts, max_size=3))
def test_a_document_is_ascii_words_that_every_database_takes_alike(title: str, text: str, tags: list[str]) -> None:
    found = document(thing(title, text, tags=tuple(tags), category="phones", price_fen=100))
    assert all(re.fullmatch("[a-z][a-z0-9]{2,83}", word) for word in found.split(" "))


def test_the_longest_document_fits_into_the_smallest_text_field() -> None:
    longest = thing("自行车é" * 15, "自行" * 2500, tags=("山地自行车" * 2,) * 10, category="bicycles", price_fen=1)
    assert len(document(longest)) < 65_535
    assert document(longest) == document(thing(longest.title, longest.text[:LONGEST_TEXT], **_others(longest)))


def _others(of: Findable) -> dict[str, object]:
    return {"tags": of.tags, "category": of.category, "price_fen": of.price_fen}


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("iphone15", "iPhone 15"),
        ("iphone 15", "iPhone15"),
        ("iPhone 15", "ＩＰＨＯＮＥ１５"),
        ("iphone-15", "iPhone 15"),
        ("iPhone15手机壳", "手机壳 适用iPhone15"),
        ("usb c", "USB-C线"),
        ("CAFE", "café"),
        ("ß", "SS"),
        ("㎡", "10m2"),
        ("20㎡", "20 m2"),
        ("自行车", "自\u200b行\u200b车"),
        ("é", "e\u0301"),
        ("xi'an", "西安纪念册"),
        ("nvzhuang", "女装"),
        ("lvluo", "绿萝"),
        ("yinhang", "银行纪念币"),
        ("zixingche26", "26寸自行车"),
        ("zxc", "山地自行车"),
        ("a" * 70, "A" * 70),
    ],
)
def test_these_fit(query: str, title: str) -> None:
    assert fits(query, title)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("iphone15", "iPhone手机 15元"),
        ("iphone15", "iPhone，15元"),
        ("iphone", "iphones"),
        ("自行车", "自行，车"),
        ("自行车", "自行 车"),
        ("自行车", "车行自"),
        ("好看书", "好看 看书"),
        ("zx", "自行车"),
        ("zixingche", "自行"),
        ("zxc", "自行 车"),
        ("hangche", "自行车"),
        ("自行车 猫", "自行车"),
        ("🚲", "🚲"),
    ],
)
def test_these_do_not_fit(query: str, title: str) -> None:
    assert not fits(query, title)


def test_sounds_are_of_titles_and_tags_alone() -> None:
    assert fits("zixingche", "车", tags=("自行车",))
    assert not fits("zixingche", "车", "自行车")
    assert fits("自行车", "车", "自行车")


def test_only_the_beginning_of_a_long_description_is_searched() -> None:
    filler = "很好" * (LONGEST_TEXT // 2 - 2)
    assert fits("自行车", "", f"{filler}自行车")
    assert not fits("自行车", "", f"{filler}很好自行车")


def test_what_is_still_typed_may_end_within_a_word() -> None:
    def begins(typed: str, title: str) -> bool:
        wanted = text_query(SearchQuery(words=typed), is_unfinished=True)
        padded = f" {document(thing(title))} "
        return all(
            any(all(f" {' '.join(phrase)} " in padded for phrase in group) for group in clause)
            for clause in wanted.words
        )

    for typed in ("ip", "ipho", "iphone", "zi", "zix", "zixingch", "zixingche", "自行"):
        assert begins(typed, "iPhone 自行车"), typed
    for typed in ("phone", "zixinf", "行自"):
        assert not begins(typed, "iPhone 自行车"), typed


# Against the database --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def index() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE search_index USING fts5(text, tokenize=ascii)")
    return connection


@settings(max_examples=400, deadline=None)
@given(title=texts, text=texts, query=texts | words.map(" ".join), kind=st.sampled_from(["", "offer", "wanted"]))
@example(title="好看", text="看书", query="好看书", kind="")
@example(title="", text="", query="", kind="")
def test_the_database_finds_what_matches(
    index: sqlite3.Connection, title: str, text: str, query: str, kind: str
) -> None:
    # Half of the queries are a piece of the title, or hardly any would fit.
    for asked in (query, title[1:4], text[2:5] + " " + title[:2]):
        search = SearchQuery(words=asked, kind=kind)
        stored = document(thing(title, text, kind="offer", price_fen=100))
        wanted = text_query(search)
        if wanted.is_hopeless or not wanted.clauses:
            assert matches(search, stored, 100) is not wanted.is_hopeless
            continue
        index.execute("DELETE FROM search_index")
        index.execute("INSERT INTO search_index (text) VALUES (?)", [stored])
        found = index.execute(
            "SELECT count(*) FROM search_index WHERE search_index MATCH ?", [_fts5(wanted.clauses)[1]]
        )
        assert bool(found.fetchone()[0]) == matches(search, stored, 100)


@given(texts)
def test_every_run_of_a_title_finds_it(title: str) -> None:
    for run in runs(plain(title))[:5]:
        assert fits(run.text, title)


@given(texts)
def test_each_plain_character_has_a_place_in_the_text(text: str) -> None:
    assert len(places(normal(text))) == len(plain(text))
    assert plain(plain(text)) == plain(text)


# Prices ----------------------------------------------------------------------------------------------

prices = st.integers(0, MAX_PRICE_FEN)


@given(prices, prices, prices)
def test_a_range_of_prices_is_few_words_and_has_every_price_inside(first: int, second: int, price: int) -> None:
    least, most = sorted((first, second))
    words = price_range_words(price_step(least), price_step(most))
    assert len(words) <= 12
    assert len(set(words)) == len(words)
    covered = price_step(least) <= price_step(price) <= price_step(most)
    assert covered == bool(set(words) & set(price_words(price)))
    if least <= price <= most:
        assert covered


def test_steps_of_prices_rise_and_what_is_given_away_stands_alone() -> None:
    steps = [price_step(fen) for fen in (0, 1, 2, 100, 1000, 10_000, 100_000, MAX_PRICE_FEN)]
    assert all(low < high for low, high in pairwise(steps))
    assert steps[0] == 0
    assert steps[-1] <= 127
    assert price_step(10**15) == 127


@given(prices, st.none() | prices, st.none() | prices)
def test_prices_are_compared_exactly(price: int, least: int | None, most: int | None) -> None:
    stored = document(thing("车", price_fen=price))
    expected = (least is None or price >= least) and (most is None or price <= most)
    assert matches(SearchQuery(min_fen=least, max_fen=most), stored, price) == expected


@given(prices, st.none() | prices, st.none() | prices)
def test_a_range_in_parts_is_the_same_range_once(price: int, least: int | None, most: int | None) -> None:
    bears = set(price_words(price))
    inside = [
        bool(bears & set(part.price) or not part.price)
        and (part.min_fen is None or price >= part.min_fen)
        and (part.max_fen is None or price <= part.max_fen)
        for part in text_query(SearchQuery(min_fen=least, max_fen=most)).by_need_to_look()
    ]
    assert sum(inside) == ((least is None or price >= least) and (most is None or price <= most))
    low, high = price_bounds(price_step(price))
    assert low <= price <= high


# Facets ----------------------------------------------------------------------------------------------


def test_a_listing_is_in_its_category_and_its_group_and_in_no_other() -> None:
    stored = document(thing("车", category="bicycles", price_fen=1))
    every = [each.slug for group in categories() for each in (group, *group.children)]
    assert [slug for slug in every if matches(SearchQuery(category=slug), stored, 1)] == ["bikes", "bicycles"]


def test_tags_are_compared_whole_and_folded() -> None:
    stored = document(thing("车", tags=("ＡＢc", "山地车")))
    assert matches(SearchQuery(tag="abC"), stored, 0)
    assert not matches(SearchQuery(tag="山地"), stored, 0)


def test_facets_are_not_to_be_had_by_words() -> None:
    stored = document(thing("车", category="bicycles", kind="offer", price_fen=100))
    assert not any(matches(SearchQuery(words=word), stored, 100) for word in stored.split())


# Pinyin ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        (["zixingche"], [("zi", "xing", "che")]),
        (["xian"], [("xian",), ("xi", "an")]),
        (["xi", "an"], [("xi", "an")]),
        (["fangan"], [("fang", "an"), ("fan", "gan")]),
        (["zxc"], []),
        (["iphone"], []),
        ([], []),
        (["a" * 100], []),
    ],
)
def test_letters_are_read_in_every_way(letters: list[str], expected: list[tuple[str, ...]]) -> None:
    assert pinyin.readings(letters) == expected


def test_readings_are_bounded() -> None:
    assert len(pinyin.readings(["xian" * 10])) == 8
    assert pinyin.readings(["xian" * 12 + "v"]) == []


def test_spelling_of_a_name() -> None:
    assert pinyin.spelling("自行车") == ("zixingche", "zxc")
    assert pinyin.spelling("长大") == ("zhangda", "zd")
    assert pinyin.spelling("iPhone") == ("", "")


@given(texts)
def test_each_character_has_one_sound_or_none(text: str) -> None:
    assert len(pinyin.syllables(text)) == len(text)
