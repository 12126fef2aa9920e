"""Searching a neighbourhood's stock: the same things in the same order on every database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories import make_activity, make_announcement, make_listing, make_user
from tests.services.search_stock import OFFERS, fill, published
from xianyu.adapters.database import Database
from xianyu.models import Listing, Section
from xianyu.schemas.search import SearchPage, SearchQuery, Sort, TextPart
from xianyu.services import search, search_index, search_sql, search_text

ON_OFFER = [number for number in sorted(OFFERS, reverse=True) if OFFERS[number].status == "active"]


@dataclass
class Stock:
    """The stock in one database. Results are told by the offers' numbers."""

    database: Database
    numbers: dict[int, int]

    def page(self, words: str = "", cursor: str = "", limit: int = 100, **others: Any) -> SearchPage:
        return self.database.read(search.search, None, SearchQuery(words=words, **others), cursor, limit)

    def find(self, words: str = "", **others: Any) -> list[int]:
        """What fits in full, in order."""
        page = self.page(words, **others)
        return [] if page.is_relaxed else self.numbers_of(page)

    def numbers_of(self, page: SearchPage) -> list[int]:
        return [self.numbers[hit.id] for hit in page.hits]

    def walk(self, limit: int, **query: Any) -> Iterator[list[int]]:
        cursor = ""
        while True:
            page = self.page(cursor=cursor, limit=limit, **query)
            yield self.numbers_of(page)
            if not (cursor := page.cursor):
                return


def joined(pages: Iterable[list[int]]) -> list[int]:
    return [number for page in pages for number in page]


@pytest.fixture
def stock(database: Database) -> Stock:
    return Stock(database, fill(database))


# Newest first. What is expected is written down and not reckoned.
FOUND = {
    # Two characters and more, in title, text and tags.
    "自行车": [57, 6, 3, 2, 1],
    "山地": [1],
    "推车": [14, 13],
    "婴儿推车": [14, 13],
    "九成新": [46, 14, 1],
    "数学": [58, 22, 21, 19],
    "通勤": [5, 1],
    # One character.
    "车": [57, 43, 14, 13, 6, 5, 4, 3, 2, 1],
    "猫": [53],
    "缸": [63],
    # Several words, in any order.
    "考研 数学": [58, 22, 19],
    "数学　考研": [58, 22, 19],
    "自行车 九成新": [1],
    # Characters that only seem to follow one another.
    "书书": [],
    "爱看书": [],
    # Latin letters and digits, however they are written.
    "iphone": [12, 10, 9, 8, 7],
    "iPhone15": [10, 8, 7],
    "iphone 15": [10, 8, 7],
    "IPHONE　１５": [10, 8, 7],
    "iPhone15手机壳": [7],
    "手机壳iphone15": [7],
    "15": [12, 10, 9, 8, 7],
    "128g": [8],
    "128 G": [8],
    "type-c": [37],
    "WH-1000XM4": [41],
    "1.5米": [31],
    "3-4人": [52],
    "C++": [37, 24, 4],
    "sony": [41],
    "cafe": [63],
    "café": [63],
    # Pinyin in full and by first letters.
    "zixingche": [57, 3, 2, 1],
    "zxc": [57, 3, 2, 1],
    "zi xing che": [57, 3, 2, 1],
    "yingertuiche": [14, 13],
    "yetc": [14, 13],
    "ZXC 26": [1],
    "shouji": [12, 11, 8, 7],
    "pingguo15": [9, 8, 7],
    "mao": [53],
    # Other scripts.
    "матрёшка": [62],
    "РОССИЯ": [62],
    "かわいい": [63],
    "한국": [63],
    # Nothing of the kind.
    "飞机": [],
    "zzz": [],
}


def test_words_find_what_they_should_newest_first(stock: Stock) -> None:
    assert {words: stock.find(words) for words in FOUND} == FOUND


@pytest.mark.parametrize("read", [5, 1000])
def test_common_words_that_are_read_document_by_document_find_the_same(
    stock: Stock, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_sql, "_COMMON", 1)
    monkeypatch.setattr(search_sql, "_READ", read)
    assert {words: stock.find(words) for words in FOUND} == FOUND
    assert [stock.find(**query) for query, _ in FILTERED] == [expected for _, expected in FILTERED]
    assert joined(stock.walk(2, words="车")) == FOUND["车"]
    assert sorted(joined(stock.walk(3, words="车", sort=Sort.RELEVANCE)), reverse=True) == FOUND["车"]


FILTERED: list[tuple[dict[str, Any], list[int]]] = [
    ({"category": "bicycles"}, [57, 6, 4, 2, 1]),
    ({"category": "bikes"}, [57, 6, 5, 4, 3, 2, 1]),
    ({"category": "bikes", "kind": "offer"}, [6, 5, 4, 3, 2, 1]),
    ({"kind": "wanted"}, [58, 57]),
    ({"kind": "wanted", "words": "考研"}, [58]),
    ({"tag": "考研"}, [58, 20, 19]),
    ({"tag": "考研", "words": "英语"}, [20]),
    ({"tag": "考"}, []),
    ({"conditions": ("new",)}, [47, 10, 7, 6]),
    ({"conditions": ("new", "worn")}, [56, 47, 10, 7, 6]),
    ({"conditions": ("like_new",), "category": "bikes"}, [1]),
    ({"min_fen": 0, "max_fen": 0}, [56, 55]),
    ({"max_fen": 1000}, [56, 55, 22, 10]),
    ({"min_fen": 250_000}, [40, 39, 9, 8, 4]),
    ({"min_fen": 1500, "max_fen": 1500}, [20, 12, 7]),
    ({"min_fen": 1501, "max_fen": 1999}, [21]),
    ({"words": "自行车", "min_fen": 10_000, "max_fen": 20_000}, [57, 1]),
    ({"words": "山地车", "category": "books"}, []),
    ({"min_fen": 2000, "max_fen": 1000}, []),
    ({"category": "no-such"}, []),
    ({"words": "iphone", "section": "trade", "category": "phones", "conditions": ("good",), "max_fen": 5000}, [12]),
    ({"section": "activity"}, []),
    ({"section": "announcement", "category": "bikes"}, []),
]


def test_filters_narrow_what_is_found(stock: Stock) -> None:
    assert [(query, stock.find(**query)) for query, _ in FILTERED] == FILTERED


def test_without_words_everything_on_offer_is_there(stock: Stock) -> None:
    assert stock.find() == ON_OFFER
    assert stock.find("  \u3000 ") == ON_OFFER


def test_by_price_the_newest_of_one_price_first(stock: Stock) -> None:
    cheapest = stock.find("自行车", sort=Sort.CHEAPEST)
    assert cheapest == [6, 3, 1, 57, 2]
    assert stock.find("自行车", sort=Sort.DEAREST) == [2, 57, 1, 3, 6]
    every = stock.find(sort=Sort.CHEAPEST)
    assert every[:8] == [56, 55, 10, 22, 20, 12, 7, 21]
    assert sorted(every, reverse=True) == ON_OFFER
    assert stock.find(sort=Sort.DEAREST)[:3] == [9, 8, 4]


def test_many_by_price_come_step_by_step_in_the_same_order(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    orders = {sort: stock.find("车", sort=sort) for sort in (Sort.CHEAPEST, Sort.DEAREST)}
    assert orders[Sort.CHEAPEST] == [6, 3, 13, 1, 57, 2, 14, 43, 5, 4]
    monkeypatch.setattr(search, "COUNT_BOUND", 3)
    assert {sort: stock.find("车", sort=sort) for sort in orders} == orders
    pages = list(stock.walk(3, words="车", sort=Sort.DEAREST, max_fen=150_000))
    assert joined(pages) == [number for number in orders[Sort.DEAREST] if number != 4]


RANKED = {
    # In the title before in the text; there, the newer one.
    "自行车": [57, 3, 2, 1, 6],
    # All words in the title, then some.
    "考研 数学": [58, 19, 22],
    # Early in the title.
    "数学": [19, 58, 22, 21],
    "iphone": [9, 10, 8, 7, 12],
    "zxc": [57, 3, 2, 1],
}


def test_the_best_come_first(stock: Stock) -> None:
    for words in ("自行车", "考研 数学", "zxc"):
        assert stock.find(words, sort=Sort.RELEVANCE) == RANKED[words]
    assert stock.find("iphone", sort=Sort.RELEVANCE)[-1] == 12, "in the text alone"
    assert stock.find("猫", sort=Sort.RELEVANCE) == [53]
    assert sorted(stock.find(sort=Sort.RELEVANCE), reverse=True) == ON_OFFER


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("window", [500, 7])
def test_paging_shows_everything_once(stock: Stock, sort: Sort, window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_WINDOW", window)
    for query in ({"words": ""}, {"words": "手机"}, {"words": "车"}, {"words": "", "category": "books"}):
        whole = joined(stock.walk(100, sort=sort, **query))
        pages = list(stock.walk(5, sort=sort, **query))
        assert joined(pages) == whole
        assert sorted(whole, reverse=True) == stock.find(**query)
        assert all(len(page) <= 5 for page in pages)
        assert all(pages)


def test_what_comes_in_meanwhile_moves_nothing_between_pages(stock: Stock) -> None:
    for sort in Sort:
        first = stock.page("车", limit=4, sort=sort)
        seller = make_user(stock.database)
        for _ in range(3):
            stock.numbers[make_listing(stock.database, seller, title="车", description="新的车", price_fen=12_000)] = 99
        later = stock.numbers_of(stock.page("车", cursor=first.cursor, sort=sort))
        shown = stock.numbers_of(first)
        assert set(shown) & set(later) <= {99}
        assert {number for number in shown + later if number != 99} >= set(FOUND["车"]) - {99}


@pytest.mark.parametrize(
    "cursor",
    [
        "0",
        "x",
        "0.",
        ".",
        "1.2.3.4.5.6",
        "-1.5",
        "9.1",
        "0.99999999999999999999",
        "0.5.6.7",
        "0.١",
        "' OR 1=1",
        "9" * 400,
    ],
)
def test_a_cursor_that_is_none_begins_anew(stock: Stock, cursor: str) -> None:
    assert stock.numbers_of(stock.page("自行车", cursor=cursor)) == FOUND["自行车"]


def test_where_nothing_fits_in_full_parts_will_do_the_best_first(stock: Stock) -> None:
    page = stock.page("折叠山地自行车")
    assert page.is_relaxed
    assert stock.numbers_of(page)[:2] == [1, 2], "both have two of the three words in their titles"
    assert page.count == len(page.hits)
    scattered = stock.page("车婴儿推车")
    assert scattered.is_relaxed
    assert stock.numbers_of(scattered)[:2] == [13, 14]
    either = stock.page("电饭煲 飞机")
    assert (either.is_relaxed, stock.numbers_of(either)) == (True, [32])
    assert stock.page("折叠山地自行车", category="books").hits == []
    assert not stock.page("自行车").is_relaxed
    pages = list(stock.walk(3, words="折叠山地自行车"))
    assert joined(pages) == stock.numbers_of(page)
    cheapest = stock.page("折叠山地自行车", sort=Sort.CHEAPEST)
    prices = [OFFERS[number].yuan for number in stock.numbers_of(cheapest)]
    assert prices == sorted(prices)


HOSTILE = [
    '"', "'", '"自行车', '自行车"', "自行车*", "*", "%", "_", "自%车", "自_车", "NOT 自行车", "自行车 OR 猫", "(自行车",
    "a AND", "自行车 NEAR 山地", "text:自行车", "^自行车", "+自行车 -山地", "~自行车", "<自行车>", "@@", "自行车:*",
    "a & b | !c", "\\", ":asked", "'; DROP TABLE search_document;--", "\x00", "\ud800", "自行车\x00", "🚲", "👨‍👩‍👧",
    "%s", "{0}", "zz0 zz1", "u0jez", "f" * 300,
]  # fmt: skip


def test_quotes_operators_and_wildcards_are_no_syntax(stock: Stock) -> None:
    pages = {words: stock.page(words) for words in HOSTILE}
    assert {hit.id for page in pages.values() for hit in page.hits} <= set(stock.numbers)
    # Only the words in them count, so that signs find nothing by themselves.
    for signs in ('"', "'", "*", "%", "_", "@@", "\\", "🚲", "\x00", "\ud800"):
        assert pages[signs] == SearchPage([])
    for words in (
        '"自行车',
        '自行车"',
        "自行车*",
        "(自行车",
        "^自行车",
        "~自行车",
        "<自行车>",
        "自行车:*",
        "自行车\x00",
    ):
        assert stock.numbers_of(pages[words]) == FOUND["自行车"]
    assert stock.numbers_of(pages["+自行车 -山地"]) == [1], "minus is a sign, not a word to leave out"
    assert pages["自%车"].is_relaxed or stock.numbers_of(pages["自%车"]) != ON_OFFER
    # The index's own words are not to be reached from outside.
    assert all(stock.find(word) == [] for word in ("zz0", "zz1", "zz0 zz1", "u0jez", "fpr0x0", "b0jez0ke2"))
    for words in HOSTILE:
        stock.database.read(search.suggest, None, words)
        stock.database.read(search.count, None, SearchQuery(words=words, tag=words, category=words, kind=words))


def test_a_very_long_query_is_cut(stock: Stock) -> None:
    assert stock.find("自行车 " * 2500) == FOUND["自行车"]
    for words in (
        "自" * 10_000,
        "a" * 10_000,
        "自行车山地" * 2000,
        "a " * 5000,
        "zi" * 5000,
        '"' * 10_000,
        "1 a" * 3000,
    ):
        page = stock.page(words)
        assert {hit.id for hit in page.hits} <= set(stock.numbers)
    wanted = search_text.text_query(SearchQuery(words=" ".join(chr(0x4E00 + number) for number in range(5000))))
    assert len(wanted.words) == search_text.MOST_WORDS


def test_the_number_of_results_is_exact_up_to_a_bound(stock: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    page = stock.page("车", limit=3)
    assert (len(page.hits), page.count, page.is_more) == (3, len(FOUND["车"]), False)
    assert stock.page("车", cursor=page.cursor, limit=3).count == len(FOUND["车"])
    monkeypatch.setattr(search, "COUNT_BOUND", 4)
    page = stock.page("车", limit=3)
    assert (page.count, page.is_more) == (4, True)
    assert stock.database.read(search.count, None, SearchQuery(words="车")) == (4, True)
    assert stock.database.read(search.count, None, SearchQuery(words="猫")) == (1, False)
    assert stock.database.read(search.count, None, SearchQuery(words="%")) == (0, False)


def marked(stock: Stock, words: str, number: int) -> list[str]:
    (hit,) = [hit for hit in stock.page(words).hits if stock.numbers[hit.id] == number]
    assert "".join(part.text for part in hit.parts) == hit.title == hit.card.title
    return [part.text for part in hit.parts if part.is_match]


def test_what_was_searched_for_is_marked_in_the_title(stock: Stock) -> None:
    assert marked(stock, "自行车", 1) == ["自行车"]
    assert marked(stock, "车", 3) == ["车"]
    assert marked(stock, "zxc 26", 1) == ["自行车", "26"]
    assert marked(stock, "zixingche", 2) == ["自行车"]
    assert marked(stock, "iphone15手机壳", 7) == ["iPhone15手机壳"]
    assert marked(stock, "iphone15", 10) == ["ｉＰｈｏｎｅ１５"]
    assert marked(stock, "自行车", 6) == []
    assert marked(stock, "飞机自行车", 1) == ["自行车"]
    (first, *_) = stock.page("山地").hits
    assert first.parts == [TextPart("山地", True), TextPart("自行车 26寸 九成新", False)]


def test_activities_and_announcements_are_found_with_what_matters_of_them(stock: Stock) -> None:
    operator = make_user(stock.database)
    activity = make_activity(stock.database, operator, title="周末骑自行车去水库", place="东门集合")
    notice = make_announcement(stock.database, operator, title="自行车棚清理", text="请贴上门牌号")
    page = stock.page("自行车", limit=2)
    assert [(hit.section, hit.id) for hit in page.hits] == [("announcement", notice), ("activity", activity)]
    assert page.hits[0].url == f"/announcement/{notice}"
    assert page.hits[0].line.endswith("日")
    assert page.hits[1].url == f"/activity/{activity}"
    assert page.hits[1].line.endswith("东门集合")
    assert [part.text for part in page.hits[1].parts if part.is_match] == ["自行车"]
    assert stock.find("自行车", section="trade") == FOUND["自行车"]
    assert [hit.id for hit in stock.page("自行车", section="activity").hits] == [activity]
    assert [hit.id for hit in stock.page("东门").hits] == [activity]
    assert [hit.id for hit in stock.page("", section="announcement").hits] == [notice]
    # They have no price, category, condition or kind.
    for others in ({"sort": Sort.CHEAPEST}, {"max_fen": 10**9}, {"kind": "offer"}, {"sort": Sort.DEAREST}):
        assert {hit.section for hit in stock.page("自行车", **others).hits} == {"trade"}


def test_all_databases_agree_with_what_is_reckoned_without_any(stock: Stock) -> None:
    def documents(session: Session) -> dict[int, tuple[str, int] | None]:
        return {number: search_index.stored(session, Section.TRADE, key) for key, number in stock.numbers.items()}

    documents_of = stock.database.read(documents)
    assert {number for number, stored in documents_of.items() if stored} == set(ON_OFFER)
    queries: list[dict[str, Any]] = [{"words": words} for words in FOUND] + [query for query, _ in FILTERED]
    for query in queries:
        fits = partial(search_text.matches, SearchQuery(**query))
        assert [number for number in ON_OFFER if (stored := documents_of[number]) and fits(*stored)] == stock.find(
            **query
        )


def test_a_listing_that_is_put_back_to_the_top_is_the_newest(stock: Stock) -> None:
    (bike,) = [key for key, number in stock.numbers.items() if number == 1]

    def bump(session: Session) -> None:
        session.get_one(Listing, bike).published_at = published(1000)
        search_index.refresh(session, Section.TRADE, bike)

    stock.database.write(bump)
    assert stock.find("自行车") == [1, *FOUND["自行车"][:-1]]
    assert all(first >= second for first, second in pairwise(stock.find("考研")))
