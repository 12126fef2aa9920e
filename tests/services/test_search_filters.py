"""The filters of a search in words and as changes, and what open searches hear of."""

from typing import Any

import pytest

from tests.factories import make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.schemas.search import SearchQuery
from xianyu.services import search_filters, search_news
from xianyu.services.errors import DomainError
from xianyu.services.search_address import query_string
from xianyu.services.search_filters import change, filters

FULL = SearchQuery(
    words="山地车",
    section="trade",
    category="bicycles",
    tag="通勤",
    conditions=("new", "good"),
    kind="offer",
    min_fen=5_000,
    max_fen=20_050,
    sort="cheapest",
)


def labels(query: SearchQuery) -> list[str]:
    return [each.label for each in filters(query)]


def test_every_filter_has_a_name_and_lifting_it_leaves_the_others() -> None:
    assert labels(FULL) == ["板块：闲置", "分类：自行车", "标签：通勤", "出售", "全新、九成新", "50–200.50 元"]
    for each in filters(FULL):
        without = change(FULL, each.name, "")
        assert labels(without) == [label for label in labels(FULL) if label != each.label]
        assert (without.words, without.sort) == (FULL.words, FULL.sort)
    assert search_filters.without_filters(FULL) == SearchQuery(words="山地车", sort="cheapest")


@pytest.mark.parametrize(
    ("fields", "label"),
    [
        ({"max_fen": 20_000}, "200 元以内"),
        ({"min_fen": 10_000}, "100 元以上"),
        ({"min_fen": 100, "max_fen": 100}, "1 元"),
        ({"max_fen": 0}, "免费"),
        ({"kind": "offer", "max_fen": 0}, "免费"),
        ({"kind": "wanted", "max_fen": 0}, "求购"),
        ({"conditions": ("new", "like_new", "good")}, "九成新以上"),
        ({"conditions": ("worn",)}, "七成新及以下"),
        ({"category": "bikes"}, "分类：自行车/代步"),
    ],
)
def test_filters_in_words(fields: dict[str, Any], label: str) -> None:
    assert labels(SearchQuery(**fields))[0] == label


def test_conditions_are_added_and_taken_away() -> None:
    query = change(change(SearchQuery(), "condition", "good"), "condition", "new")
    assert query.conditions == ("new", "good")
    assert change(query, "condition", "good").conditions == ("new",)


def test_what_is_given_away_is_chosen_and_left_like_a_kind() -> None:
    free = change(SearchQuery(min_fen=500), "kind", search_filters.FREE)
    assert (free.kind, free.min_fen, free.max_fen) == ("offer", None, 0)
    wanted = change(free, "kind", "wanted")
    assert (wanted.kind, wanted.max_fen) == ("wanted", None)
    # Another upper bound stays.
    assert change(SearchQuery(max_fen=900), "kind", "wanted").max_fen == 900


def test_other_sections_have_no_filters_of_listings() -> None:
    assert change(FULL, "section", "activity") == SearchQuery(words="山地车", section="activity", sort="cheapest")
    assert change(FULL, "section", "trade") == FULL


@pytest.mark.parametrize(
    ("name", "value"), [("nonsense", "x"), ("category", "moon"), ("sort", "x" * 999), ("section", "' OR 1=1"), ("", "")]
)
def test_what_is_no_filter_restricts_nothing(name: str, value: str) -> None:
    assert change(SearchQuery(words="山"), name, value) == SearchQuery(words="山")


@pytest.mark.parametrize(
    ("least", "most", "bounds"),
    [("", "", (None, None)), (" 50 ", "99.9", (5_000, 9_990)), ("０", "", (0, None)), ("20", "20", (2_000, 2_000))],
)
def test_prices_as_people_type_them(least: str, most: str, bounds: tuple[int | None, int | None]) -> None:
    assert search_filters.prices(least, most) == bounds


@pytest.mark.parametrize(("least", "most"), [("abc", ""), ("", "1.234"), ("-1", ""), ("9", "8"), ("", "五块")])
def test_prices_that_are_none(least: str, most: str) -> None:
    with pytest.raises(DomainError) as refused:
        search_filters.prices(least, most)
    assert refused.value.field == "price"


def test_a_search_that_finds_nothing_knows_which_filter_is_in_the_way(database: Database) -> None:
    seller = make_user(database)
    for _ in range(2):
        make_listing(database, seller, title="山地车", category="bicycles", condition="good", price_fen=90_000)
    strict = SearchQuery(words="山地车", category="bikes", conditions=("good",), max_fen=10_000)
    ways = database.read(search_filters.ways_out, None, strict)
    assert [(each.label, each.count, each.is_more) for each in ways] == [("100 元以内", 2, False)]


def test_open_searches_hear_of_what_they_find(database: Database) -> None:
    seller = make_user(database)
    bike = make_listing(database, seller, title="捷安特山地车", category="bicycles", price_fen=15_000)
    desk = make_listing(database, seller, title="实木书桌", category="tables-chairs", price_fen=15_000)
    make_listing(database, seller, title="山地车头盔")
    cheap = query_string(SearchQuery(words="山地车", max_fen=20_000))
    all_cheap = query_string(SearchQuery(max_fen=20_000))
    dear = query_string(SearchQuery(words="山地车", min_fen=20_000))
    found = database.read(search_news.found_by, [bike, desk, 2**60], [cheap, all_cheap, dear])
    assert found == {cheap: {bike}, all_cheap: {bike, desk}}
