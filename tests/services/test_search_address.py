import pytest
from hypothesis import given
from hypothesis import strategies as st

from xianyu.schemas.search import SearchQuery
from xianyu.services.listing_form import MAX_PRICE_FEN
from xianyu.services.search_address import (
    MAX_TAG,
    MAX_WORDS,
    address_to_query,
    clean_words,
    is_literal,
    query_string,
    query_to_address,
    string_to_query,
    yuan,
)

FULL = SearchQuery(
    words="山地车 21速",
    section="trade",
    category="bicycles",
    tag="通勤",
    conditions=("like_new", "good"),
    kind="offer",
    min_fen=1250,
    max_fen=20_000,
    sort="cheapest",
)


def test_a_search_and_its_address_say_the_same() -> None:
    address = query_to_address(FULL)
    assert address == {
        "q": "山地车 21速",
        "section": "trade",
        "category": "bicycles",
        "tag": "通勤",
        "condition": "like_new,good",
        "kind": "offer",
        "min": "12.50",
        "max": "200",
        "sort": "cheapest",
    }
    assert address_to_query(address) == string_to_query(query_string(FULL)) == FULL
    assert query_to_address(SearchQuery()) == {}
    assert query_string(SearchQuery()) == ""


def test_free_is_a_bound() -> None:
    assert query_to_address(SearchQuery(max_fen=0)) == {"max": "0"}
    assert address_to_query({"max": "0"}) == SearchQuery(max_fen=0)


def test_words_that_are_no_sentence_are_marked() -> None:
    assert is_literal(query_to_address(FULL, is_literal=True))
    assert not is_literal(query_to_address(FULL))
    assert "plain=0" in query_string(FULL)


@pytest.mark.parametrize(
    ("parameters", "query"),
    [
        ({"q": "  山地车\u3000\n21速\x00 "}, SearchQuery(words="山地车 21速")),
        ({"q": "车" * 10_000}, SearchQuery(words="车" * MAX_WORDS)),
        ({"q": "\ud800"}, SearchQuery()),
        ({"q": ["a"], "max": 3, "category": None, "condition": {}}, SearchQuery()),
        ({"tag": "长" * 50}, SearchQuery(tag="长" * MAX_TAG)),
        ({"category": "nothing", "section": "admin", "kind": "x", "sort": "price;--"}, SearchQuery()),
        ({"condition": "good,new,good,x,"}, SearchQuery(conditions=("new", "good"))),
        ({"condition": "new," * 5000}, SearchQuery()),
        ({"min": "300", "max": "100"}, SearchQuery(min_fen=10_000, max_fen=30_000)),
        ({"min": "１２．５"}, SearchQuery(min_fen=1250)),
        ({"min": "-1", "max": "1e9"}, SearchQuery()),
        ({"min": "NaN", "max": "0x10"}, SearchQuery()),
        ({"max": "9" * 5000}, SearchQuery()),
        ({"max": "9999999"}, SearchQuery(max_fen=MAX_PRICE_FEN - 99)),
        ({"max": "9999999.99"}, SearchQuery(max_fen=MAX_PRICE_FEN)),
        ({"plain": "0", "other": "1"}, SearchQuery()),
    ],
)
def test_what_is_no_value_is_left_out(parameters: dict[str, object], query: SearchQuery) -> None:
    assert address_to_query(parameters) == query


@given(
    st.dictionaries(
        st.sampled_from(["q", "section", "category", "tag", "condition", "kind", "min", "max", "sort"]), st.text()
    )
)
def test_any_address_names_a_search_that_has_one(parameters: dict[str, object]) -> None:
    query = address_to_query(parameters)
    assert address_to_query(query_to_address(query)) == string_to_query(query_string(query)) == query


def test_words_are_cut_and_cleaned() -> None:
    assert clean_words("一  二", 2) == "一"
    assert clean_words(None) == ""
    assert [yuan(fen) for fen in (None, 0, 1250, 20_000)] == ["", "0", "12.50", "200"]
