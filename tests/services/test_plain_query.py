"""Plain sentences: the set that lies in tests/data, and what holds for any text at all."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xianyu.schemas.search import Chip, SearchQuery
from xianyu.services.categories import categories, is_category
from xianyu.services.listing_form import MAX_PRICE_FEN
from xianyu.services.plain_prices import number
from xianyu.services.plain_query import LONGEST, combined, described, understand, without
from xianyu.services.plain_words import _nouns
from xianyu.services.search_address import MAX_WORDS, address_to_query, query_to_address

SET = tomllib.loads((Path(__file__).resolve().parents[1] / "data" / "plain_sentences.toml").read_text(encoding="utf-8"))


def fen(yuan: float | None) -> int | None:
    return None if yuan is None else round(yuan * 100)


def meant(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "words": set(row.get("words", "").split()),
        "conditions": tuple(row.get("conditions", ())),
        "min_fen": fen(row.get("min")),
        "max_fen": fen(row.get("max")),
        "sort": row.get("sort", "newest"),
        **{name: row.get(name, "") for name in ("section", "category", "tag", "kind")},
    }


def taken(query: SearchQuery) -> dict[str, Any]:
    return query.__dict__ | {"words": set(query.words.split())}


def test_the_set_is_large_and_says_what_a_search_can_say() -> None:
    rows = SET["sentences"]
    assert len(rows) >= 150
    assert len({row["say"] for row in rows}) == len(rows)
    fields = {"say", "words", "section", "category", "tag", "conditions", "kind", "min", "max", "sort"}
    assert [row for row in rows if set(row) - fields] == []
    assert [row for row in rows if row.get("category") and not is_category(row["category"])] == []
    for row in rows:
        expected = SearchQuery(**(meant(row) | {"words": row.get("words", "")}))
        assert address_to_query(query_to_address(expected)) == expected


def test_as_many_sentences_are_understood_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    rows = SET["sentences"]
    wrong = [row["say"] for row in rows if taken(understand(row["say"]).query) != meant(row)]
    share = 100 * (1 - len(wrong) / len(rows))
    with capsys.disabled():
        # A test's output is the place for this figure.
        print(f"\n{len(rows) - len(wrong)} of {len(rows)} plain sentences understood in full: {share:.1f} %")  # noqa: T201
    assert share >= SET["floor"], wrong


def test_what_was_understood_is_shown_piece_by_piece() -> None:
    understood = understand("200元以内的山地车，九成新")
    assert {(chip.field, chip.label, chip.text) for chip in understood.chips} == {
        ("price", "200 元以内", "200元以内"),
        ("conditions", "九成新", "九成新"),
        ("category", "分类：自行车", "山地车"),
    }
    labels = {chip.label for chip in understand("有没有免费送的沙发，8成新以上，最新发布").chips}
    assert labels == {"免费", "八成新以上", "最新发布", "出售", "分类：沙发"}
    assert described(understood.query) == "山地车 · 自行车 · 200 元以内 · 九成新"


def test_a_piece_that_is_taken_away_restricts_no_longer() -> None:
    understood = understand("200元以内的自行车，九成新")
    for chip in understood.chips:
        understood = without(understood, chip)
    # What named the category is a word again, or nothing would be left of it.
    assert (understood.query, understood.chips) == (SearchQuery(words="自行车"), ())
    price = next(chip for chip in understand("100到300块的山地车").chips if chip.field == "price")
    assert without(understand("100到300块的山地车"), price).query == SearchQuery(words="山地车", category="bicycles")


def test_what_the_address_says_comes_before_the_sentence() -> None:
    understood = understand("200元以内的山地车，便宜的")
    asked = SearchQuery(words="200元以内的山地车，便宜的", max_fen=15_000, kind="offer", sort="dearest")
    assert combined(asked, understood) == SearchQuery(
        words="山地车", category="bicycles", max_fen=15_000, kind="offer", sort="dearest"
    )
    assert combined(SearchQuery(words="x"), understood) == understood.query


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("200", 200), ("1,200", 1200), ("1.5万", 15_000), ("5k", 5000), ("2w", 20_000), ("1千5", 1500), ("百", 100),
        ("千", 1000), ("万", 10_000), ("十五", 15), ("二十", 20), ("一百五", 150), ("一百零五", 105), ("两百", 200),
        ("三千五", 3500), ("两千五百", 2500), ("一万二", 12_000), ("一万零五百", 10_500), ("十万", 100_000),
    ],
)  # fmt: skip
def test_numerals(text: str, value: float) -> None:
    assert number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "，。！",
        "🙏",
        "的",
        "吗",
        "#",
        "《》",
        "a" * 10_000,
        "200元以内" * 2000,
        "一" * 10_000,
        "\x00\ud800",
        '"OR 1=1*%_',
    ],
)
def test_odd_texts_are_searches_too(text: str) -> None:
    query = understand(text).query
    assert len(query.words) <= MAX_WORDS
    assert address_to_query(query_to_address(query)) == query


PIECES = [row["say"] for row in SET["sentences"]] + list(
    "0123456789.,，-~百千万两几多以内上下元块的成新免费求购谁有#《》¥ks%\"'*"
)


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=3 * LONGEST), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)))
def test_any_text_is_a_valid_search(text: str) -> None:
    understood = understand(text)
    query = understood.query
    # Whatever it is, an address can hold it, and it stays within the bounds of a search.
    assert address_to_query(query_to_address(query)) == query
    assert all(fen is None or 0 <= fen <= MAX_PRICE_FEN for fen in (query.min_fen, query.max_fen))
    assert understand(text) == understood
    assert all(isinstance(chip, Chip) and chip.label for chip in understood.chips)


def test_every_noun_names_a_category_and_every_category_has_one() -> None:
    named = {slug for slug in _nouns().slugs.values() if slug}
    slugs = {each.slug for group in categories() for each in (group, *group.children)}
    assert named <= slugs
    # What these hold is too various to be named by a noun.
    assert slugs - named == {"beauty", "sports", "pets-plants", "other", "other-books", "services", "handmade"}
