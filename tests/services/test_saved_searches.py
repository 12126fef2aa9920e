"""Saved searches: keeping them, and who hears of a new listing."""

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import Draft, Listing, ListingStatus, Notice, NoticeKind, SavedSearch, Section, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import NoticeAdded
from xianyu.schemas.search import SavedSearchView, SearchQuery
from xianyu.services import closing, exports, saved_searches, search_index
from xianyu.services.plain_query import understand
from xianyu.services.saved_searches import MOST, SavedSearchNotFound, SearchNotSaved
from xianyu.services.search_address import query_string, string_to_query


def keep(database: Database, actor: Actor, name: str = "", **fields: Any) -> SavedSearchView:
    return database.write(saved_searches.save, actor, name, SearchQuery(**fields))


def publish(database: Database, seller: Actor, **values: Any) -> int:
    """An active listing that the index knows."""
    listing_id = make_listing(database, seller, **({"category": "bicycles"} | values))
    database.write(search_index.refresh, Section.TRADE, listing_id)
    return listing_id


def told(database: Database, listing_id: int) -> list[tuple[int, str, str, str]]:
    """Who was told of a listing: the person, what it was, its subject and detail."""

    def read(session: Session) -> list[tuple[int, str, str, str]]:
        rows = session.exec(select(Notice).where(Notice.listing_id == listing_id).order_by(col(Notice.user_id)))
        return [(row.user_id, row.kind, row.subject, row.detail) for row in rows]

    return database.read(read)


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def test_a_search_is_kept_with_its_name_and_words(database: Database) -> None:
    me = make_user(database)
    query = understand("200元以内的山地车，九成新").query
    first = database.write(saved_searches.save, me, " 通勤\u3000车 ", query)
    second = keep(database, me, words="婴儿推车", tag="自提", max_fen=0, sort="cheapest")
    assert [first.name, first.summary] == ["通勤 车", "山地车 · 自行车 · 200 元以内 · 九成新"]
    assert second.name == second.summary == "婴儿推车 · #自提 · 免费"
    assert first.url.startswith("/search?")
    assert string_to_query(first.url.partition("?")[2]) == query
    assert database.read(saved_searches.mine, me) == [second, first]
    assert database.read(saved_searches.mine, make_user(database)) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "先输入要找的内容或选择条件，再保存搜索"),
        ({"sort": "cheapest"}, "先输入要找的内容或选择条件，再保存搜索"),
        ({"section": "trade"}, "先输入要找的内容或选择条件，再保存搜索"),
        ({"words": "羽毛球", "section": "activity"}, "只有闲置的搜索可以保存"),
        ({"words": "汉" * 100, "tag": "汉" * 16}, "搜索内容太长了，删掉一些再保存"),
    ],
)
def test_a_search_that_cannot_be_kept_says_why(sqlite_database: Database, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SearchNotSaved) as error:
        keep(sqlite_database, make_user(sqlite_database), **fields)
    assert error.value.message == message


@pytest.mark.parametrize("name", ["长" * 61, "长" * 10_000])
def test_a_long_name_is_refused(sqlite_database: Database, name: str) -> None:
    with pytest.raises(SearchNotSaved, match="名称不能超过 60 个字"):
        keep(sqlite_database, make_user(sqlite_database), name, words="车")


@pytest.mark.parametrize("name", [None, 3, ["x"], "\x00", " "])
def test_without_a_name_it_is_called_after_what_it_looks_for(sqlite_database: Database, name: Any) -> None:
    me = make_user(sqlite_database)
    long = SearchQuery(words="车" * 90)
    assert sqlite_database.write(saved_searches.save, me, name, long).name == "车" * 60


def test_the_same_search_is_kept_once(database: Database) -> None:
    me = make_user(database)
    keep(database, me, words="iPhone 15", max_fen=300_000)
    for same in (
        {"words": "ＩＰＨＯＮＥ  15"},
        {"words": "iphone 15", "sort": "cheapest"},
        {"words": "iPhone 15", "section": "trade"},
    ):
        query = SearchQuery(max_fen=300_000, **same)  # type: ignore[arg-type]  # texts alone
        assert database.read(saved_searches.is_saved, me, query)
        with pytest.raises(SearchNotSaved, match="这个搜索已经保存过了"):
            database.write(saved_searches.save, me, "", query)
    keep(database, me, words="iPhone 15", max_fen=200_000)
    keep(database, make_user(database), words="iPhone 15", max_fen=300_000)
    assert len(database.read(saved_searches.mine, me)) == 2


def test_twenty_are_enough_also_from_two_tabs_at_once(database: Database) -> None:
    me = make_user(database)
    for number in range(MOST - 1):
        keep(database, me, words=f"车{number}")
    outcomes = race(*(partial(keep, database, me, words=f"船{number}") for number in range(4)))
    refused = [str(one) for one in outcomes if isinstance(one, SearchNotSaved)]
    assert refused == [f"最多保存 {MOST} 个搜索，先删掉一些吧"] * 3
    assert len(database.read(saved_searches.mine, me)) == MOST


def test_a_search_is_renamed_and_deleted_by_its_owner_alone(database: Database) -> None:
    me, other = make_user(database), make_user(database)
    saved = keep(database, me, words="钢琴")
    assert database.write(saved_searches.rename, me, saved.id, "给女儿的").name == "给女儿的"
    for work in (saved_searches.delete, partial(saved_searches.rename, name="我的")):
        with pytest.raises(SavedSearchNotFound):
            database.write(work, other, saved.id)
    with pytest.raises(SearchNotSaved, match="请填写名称"):
        database.write(saved_searches.rename, me, saved.id, " ")
    assert [one.name for one in database.read(saved_searches.mine, me)] == ["给女儿的"]
    database.write(saved_searches.delete, me, saved.id)
    assert database.read(saved_searches.mine, me) == []


@pytest.mark.parametrize("saved_id", [0, -1, 2**70, None, "1", 1.5, True, [1]])
def test_a_number_that_names_nothing_is_not_found(sqlite_database: Database, saved_id: Any) -> None:
    me = make_user(sqlite_database)
    for work in (saved_searches.delete, partial(saved_searches.rename, name="名")):
        with pytest.raises(SavedSearchNotFound):
            sqlite_database.write(work, me, saved_id)


def test_who_looks_for_it_hears_of_a_new_listing(database: Database) -> None:
    seller, fits, other_words, dearer, cheaper, group, leaf, worn = (make_user(database) for _ in range(8))
    keep(database, fits, "我的车", words="山地车", max_fen=20_000)
    keep(database, other_words, words="折叠车")
    keep(database, dearer, words="山地车", min_fen=20_001)
    keep(database, cheaper, words="山地车", max_fen=19_999)
    keep(database, group, "代步", category="bikes")
    keep(database, leaf, category="kids-bikes")
    keep(database, worn, words="山地车", conditions=("worn",))
    keep(database, seller, words="山地车")
    listing_id = publish(database, seller, title="捷安特山地车", price_fen=20_000, condition="good")
    events = database.write(saved_searches.notify_matches, listing_id)
    assert events == [NoticeAdded(fits.user_id), NoticeAdded(group.user_id)]
    assert told(database, listing_id) == [
        (fits.user_id, NoticeKind.SEARCH_MATCHED, "捷安特山地车", "我的车"),
        (group.user_id, NoticeKind.SEARCH_MATCHED, "捷安特山地车", "代步"),
    ]


def test_what_was_understood_in_a_sentence_matches(database: Database) -> None:
    seller, me = make_user(database), make_user(database)
    database.write(saved_searches.save, me, "", understand("谁有九成新以上的山地车，200左右").query)
    for values, is_told in (
        ({"title": "永久山地车", "price_fen": 18_000, "condition": "like_new"}, True),
        ({"title": "永久山地车", "price_fen": 18_000, "condition": "fair"}, False),
        ({"title": "求购山地车", "price_fen": 18_000, "condition": "", "kind": "wanted"}, False),
        ({"title": "永久山地车", "price_fen": 26_000, "condition": "new"}, False),
        ({"title": "山地车头盔", "price_fen": 18_000, "condition": "new", "category": "car-accessories"}, False),
    ):
        listing_id = publish(database, seller, **values)
        assert bool(database.write(saved_searches.notify_matches, listing_id)) is is_told, values


def test_nobody_hears_of_a_listing_twice(database: Database) -> None:
    seller, me = make_user(database), make_user(database)
    keep(database, me, "第一", words="山地车")
    keep(database, me, "第二", category="bicycles")
    listing_id = publish(database, seller, title="山地车")
    assert database.write(saved_searches.notify_matches, listing_id) == [NoticeAdded(me.user_id)]
    # Put back to the top, taken down and up again: it is still the same thing.
    assert database.write(saved_searches.notify_matches, listing_id) == []
    assert told(database, listing_id) == [(me.user_id, NoticeKind.SEARCH_MATCHED, "山地车", "第一")]
    later = make_user(database)
    keep(database, later, words="山地车")
    assert database.write(saved_searches.notify_matches, listing_id) == [NoticeAdded(later.user_id)]


def test_what_cannot_be_found_tells_nobody(database: Database) -> None:
    seller, me = make_user(database), make_user(database)
    keep(database, me, words="山地车")
    listing_id = publish(database, seller, title="山地车", status=ListingStatus.TAKEN_DOWN)
    assert database.write(saved_searches.notify_matches, listing_id) == []
    assert database.write(saved_searches.notify_matches, listing_id + 1) == []


def test_a_thousand_searches_of_others_cost_few_statements(database: Database) -> None:
    seller, one, many = make_user(database), make_user(database), make_user(database)
    keep(database, one, words="山地车")

    def fill(session: Session) -> None:
        rows = []
        for number in range(1000):
            query = SearchQuery(words=f"别的东西{number}", max_fen=50_000 + number)
            rows.append(
                {
                    "user_id": many.user_id,
                    "name": f"第{number}",
                    "query": query_string(query),
                    "query_hash": f"{number:064d}",
                    "category": "",
                    "min_fen": None,
                    "max_fen": query.max_fen,
                    "created_at": utc_now(),
                }
            )
        session.execute(sa.insert(SavedSearch), rows)

    database.write(fill)
    listing_id = publish(database, seller, title="山地车", price_fen=10_000)
    with counting(database) as sent:
        events = database.write(saved_searches.notify_matches, listing_id)
    assert events == [NoticeAdded(one.user_id)]
    # The listing, the searches, and the notice, besides what opens and closes a transaction.
    assert len([each for each in sent if not each.startswith(("BEGIN", "COMMIT"))]) == 3


def test_what_category_and_price_rule_out_is_not_even_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    seller, me = make_user(database), make_user(database)
    for fields in ({"category": "books"}, {"min_fen": 10_001}, {"max_fen": 9_999}, {"category": "kids-bikes"}):
        keep(database, me, words="山地车", **fields)
    listing_id = publish(database, seller, title="山地车", price_fen=10_000)
    read: list[str] = []

    def reading(text: str) -> SearchQuery:
        read.append(text)
        return string_to_query(text)

    monkeypatch.setattr(saved_searches, "string_to_query", reading)
    assert database.write(saved_searches.notify_matches, listing_id) == []
    assert read == []


def test_an_account_that_is_erased_keeps_no_search_and_no_draft(database: Database) -> None:
    me = make_user(database)
    keep(database, me, words="山地车")

    def end(session: Session) -> None:
        session.add(Draft(user_id=me.user_id, form=json.dumps({"title": "半个标题"})))
        session.get_one(User, me.user_id).closing_at = utc_now() - timedelta(seconds=1)

    database.write(end)
    database.write(closing.erase, me.user_id)
    assert database.read(lambda session: session.exec(select(SavedSearch)).all()) == []
    assert database.read(lambda session: session.exec(select(Draft)).all()) == []


def test_searches_and_drafts_are_in_the_archive(database: Database) -> None:
    me = make_user(database)
    keep(database, me, "我的车", words="山地车", max_fen=20_000)
    database.write(lambda session: session.add(Draft(user_id=me.user_id, form=json.dumps({"title": "半个标题"}))))
    database.write(exports.request, me)
    taken = database.write(exports.take)
    assert taken is not None
    exports.make(database, *taken, lambda _percent: None)
    [path] = exports.folder().glob("*.zip")
    with zipfile.ZipFile(path) as archive:
        content = json.loads(archive.read("interest.json"))
    [search], [draft] = content["saved_searches"], content["drafts"]
    assert (search["name"], string_to_query(search["query"])) == ("我的车", SearchQuery(words="山地车", max_fen=20_000))
    assert draft["form"] == {"title": "半个标题"}


def test_a_listing_that_is_gone_takes_its_notices_along(database: Database) -> None:
    seller, me = make_user(database), make_user(database)
    keep(database, me, words="山地车")
    listing_id = publish(database, seller, title="山地车")
    database.write(saved_searches.notify_matches, listing_id)

    def hide(session: Session) -> None:
        session.get_one(Listing, listing_id).status = ListingStatus.DELETED
        search_index.refresh(session, Section.TRADE, listing_id)

    database.write(hide)
    assert database.write(saved_searches.notify_matches, listing_id) == []
    assert len(told(database, listing_id)) == 1
