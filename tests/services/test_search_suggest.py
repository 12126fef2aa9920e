"""What is offered while somebody types, and in place of what is gone."""

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import make_activity, make_listing, make_user
from tests.services.search_stock import OFFERS, fill
from xianyu.adapters.database import Database
from xianyu.models import Listing, ListingStatus, Section, Tag
from xianyu.schemas.search import Suggestion
from xianyu.services import pinyin, search, search_index
from xianyu.services.search_words import fold


@pytest.fixture
def numbers(database: Database) -> dict[int, int]:
    """The number of each offer by its listing's id; every tag of theirs is known."""
    found = fill(database)

    def count_tags(session: Session) -> None:
        for name in dict.fromkeys(tag for offer in OFFERS.values() for tag in offer.tags):
            spelled, initials = pinyin.spelling(name)
            uses = sum(name in offer.tags for offer in OFFERS.values())
            session.add(Tag(name_key=fold(name), name=name, pinyin=spelled, initials=initials, uses=uses))

    database.write(count_tags)
    return found


def suggest(database: Database, typed: str) -> list[Suggestion]:
    return database.read(search.suggest, None, typed)


def texts(database: Database, typed: str, kind: str) -> list[str]:
    return [each.text for each in suggest(database, typed) if each.kind == kind]


def test_categories_come_first_then_tags_then_titles(database: Database, numbers: dict[int, int]) -> None:
    found = suggest(database, "自行车")
    assert [each.kind for each in found] == ["category"] * 2 + ["tag"] + ["title"] * 5
    assert [each.text for each in found] == [
        "自行车/代步", "自行车", "自行车", OFFERS[57].title, OFFERS[6].title, OFFERS[3].title, OFFERS[2].title,
        OFFERS[1].title,
    ]  # fmt: skip
    ids = {number: listing_id for listing_id, number in numbers.items()}
    assert [each.url for each in found][1:4] == [
        "/search?category=bicycles", "/search?tag=%E8%87%AA%E8%A1%8C%E8%BD%A6", f"/listing/{ids[57]}",
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["zixingche", "zxc", "zixing", "ZXC", "zi xing", "自行"])
def test_sounds_and_beginnings_suggest_too(database: Database, numbers: dict[int, int], typed: str) -> None:
    assert "自行车" in texts(database, typed, "category") + texts(database, typed, "tag")
    assert OFFERS[2].title in texts(database, typed, "title")


def test_latin_words_are_found_by_their_beginning(database: Database, numbers: dict[int, int]) -> None:
    titles = [OFFERS[number].title for number in (10, 9, 8, 7)]
    assert texts(database, "iph", "title") == titles
    assert texts(database, "iphone15", "title") == [titles[0], *titles[2:]]


def test_one_title_is_offered_once_and_only_while_it_is_on_offer(database: Database) -> None:
    seller = make_user(database)
    for status in (ListingStatus.ACTIVE, ListingStatus.ACTIVE, ListingStatus.TAKEN_DOWN):
        make_listing(database, seller, title=f"滑板 {status}", status=status)
    make_activity(database, seller, title="滑板活动")
    assert texts(database, "滑板", "title") == ["滑板 active"]


@pytest.mark.parametrize(
    "typed", ["", "  ", "%", "_", "*", '"', "'", "\\", "\x00", "\ud800", "🚲", "a" * 10_000, "自" * 10_000]
)
def test_any_text_may_be_typed(database: Database, numbers: dict[int, int], typed: str) -> None:
    assert suggest(database, typed) == []


def test_there_are_never_more_than_eight(database: Database, numbers: dict[int, int]) -> None:
    for typed in ("车", "手机", "s", "儿童", "1"):
        assert len(suggest(database, typed)) <= 8


# Similar ---------------------------------------------------------------------------------------------


def similar(database: Database, numbers: dict[int, int], number: int, limit: int = 6) -> list[int]:
    (listing_id,) = [key for key, value in numbers.items() if value == number]
    return [numbers[card.id] for card in database.read(search.similar, None, listing_id, limit)]


def test_similar_ones_share_words_first_then_the_category(database: Database, numbers: dict[int, int]) -> None:
    assert similar(database, numbers, 61) == [2, 1, 6, 3, 4, 5]
    assert similar(database, numbers, 59, limit=2) == [1, 2]
    assert similar(database, numbers, 13)[0] == 14
    assert similar(database, numbers, 57) == [], "what is wanted is like other things wanted, and there is none"
    assert similar(database, numbers, 58) == []
    assert 19 not in similar(database, numbers, 19)


def test_something_similar_is_found_even_where_nothing_is_left_of_the_title(
    database: Database, numbers: dict[int, int]
) -> None:
    (listing_id,) = [key for key, value in numbers.items() if value == 1]

    def empty(session: Session) -> None:
        erased = {"title": "", "description": "", "status": ListingStatus.DELETED}
        session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(**erased))
        search_index.refresh(session, Section.TRADE, listing_id)

    database.write(empty)
    assert similar(database, numbers, 1) == [6, 4, 2, 5, 3]


@pytest.mark.parametrize("listing_id", [0, -1, 987_654, 2**63, "7", None, True])
def test_nothing_is_like_what_never_was(database: Database, listing_id: object) -> None:
    assert database.read(search.similar, None, listing_id) == []  # type: ignore[arg-type]  # as a client may send it
