"""The index is in step with every write, within its transaction, and can be made anew."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.concurrency import race
from tests.factories import make_activity, make_announcement, make_listing, make_user
from tests.services.search_stock import fill
from xianyu import __main__ as program
from xianyu.adapters.database import Database
from xianyu.models import Activity, ActivityStatus, Announcement, Listing, ListingStatus, SearchDocument, Section
from xianyu.models.types import utc_now
from xianyu.schemas.search import SearchQuery
from xianyu.services import closing, search, search_index


def found(database: Database, words: str = "", **others: Any) -> list[int]:
    return [hit.id for hit in database.read(search.search, None, SearchQuery(words=words, **others)).hits]


def documents(database: Database) -> list[tuple[int, str, int, int, str]]:
    columns = (SearchDocument.id, SearchDocument.section, SearchDocument.ref_id, SearchDocument.price_fen)
    statement = sa.select(*map(col, columns), col(SearchDocument.text)).order_by(col(SearchDocument.id))
    return [tuple(row) for row in database.read(lambda session: session.execute(statement).all())]


def change(database: Database, table: type[Any], row_id: int, section: Section, **values: Any) -> None:
    def work(session: Session) -> None:
        session.execute(sa.update(table).where(col(table.id) == row_id).values(**values))
        search_index.refresh(session, section, row_id)

    database.write(work)


def test_a_listing_is_found_as_long_as_it_is_on_offer(database: Database) -> None:
    listing = make_listing(database, make_user(database), title="山地车")
    assert found(database, "山地") == [listing]
    set_to = partial(change, database, Listing, listing, Section.TRADE)
    set_to(title="书桌", description="实木", price_fen=5)
    assert (found(database, "山地"), found(database, "实木 书桌", max_fen=5)) == ([], [listing])
    for status in (ListingStatus.TAKEN_DOWN, ListingStatus.SOLD_OUT, ListingStatus.DELETED):
        set_to(status=status)
        assert found(database) == []
        set_to(status=ListingStatus.ACTIVE)
        assert found(database, "书桌") == [listing]


def test_other_sections_are_found_as_long_as_they_stand(database: Database) -> None:
    person = make_user(database)
    activity, notice = (
        make_activity(database, person, title="羽毛球"),
        make_announcement(database, person, title="停水"),
    )
    assert (found(database, "羽毛球"), found(database, "停水")) == ([activity], [notice])
    change(database, Activity, activity, Section.ACTIVITY, status=ActivityStatus.CANCELLED)
    change(database, Announcement, notice, Section.ANNOUNCEMENT, is_deleted=True)
    assert found(database) == []


def test_what_is_rolled_back_is_not_found_and_what_was_there_still_is(database: Database) -> None:
    seller = make_user(database)
    listing = make_listing(database, seller, title="山地车")
    before = documents(database)

    def work(session: Session) -> None:
        new = Listing(
            seller_id=seller.user_id, title="滑板", description="", price_fen=1, quantity=1, category="bikes",
            category_group="bikes", cover="",
        )  # fmt: skip
        session.add(new)
        session.flush()
        search_index.refresh(session, Section.TRADE, int(new.id or 0))
        session.get_one(Listing, listing).title = "书桌"
        search_index.refresh(session, Section.TRADE, listing)
        raise ValueError("after all not")

    with pytest.raises(ValueError, match="after all not"):
        database.write(work)
    assert documents(database) == before
    assert (found(database, "滑板"), found(database, "书桌"), found(database, "山地")) == ([], [], [listing])


def test_refreshing_what_never_was_does_nothing(database: Database) -> None:
    for section in Section:
        database.write(search_index.refresh, section, 987_654)
    database.write(search_index.refresh_all, Section.TRADE, [])
    assert documents(database) == []


def test_refreshing_twice_changes_nothing(database: Database) -> None:
    listing = make_listing(database, make_user(database))
    before = documents(database)
    database.write(search_index.refresh, Section.TRADE, listing)
    assert documents(database) == before


MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_things_of_one_moment_stand_one_after_another(database: Database) -> None:
    seller = make_user(database)
    first, second, third = (make_listing(database, seller, published_at=MOMENT) for _ in range(3))
    place = search_index.feed_place(MOMENT)
    assert [(row[0], row[2]) for row in documents(database)] == [
        (place, first),
        (place + 1, second),
        (place + 2, third),
    ]
    change(database, Listing, second, Section.TRADE, published_at=MOMENT + timedelta(days=1))
    assert found(database) == [second, third, first]
    change(database, Listing, second, Section.TRADE, published_at=MOMENT)
    assert sorted(row[0] for row in documents(database)) == [place, place + 1, place + 2]


def test_two_that_are_published_in_the_same_moment_both_get_a_place(database: Database) -> None:
    seller = make_user(database)
    ids = [make_listing(database, seller, status=ListingStatus.TAKEN_DOWN) for _ in range(3)]
    put_up = partial(change, database, Listing, section=Section.TRADE, status=ListingStatus.ACTIVE, published_at=MOMENT)
    assert race(*(partial(put_up, row_id=listing_id) for listing_id in ids)) == [None] * len(ids)
    assert sorted(found(database)) == ids
    assert len({row[0] for row in documents(database)}) == len(ids)


# Rebuilding ------------------------------------------------------------------------------------------


def test_a_rebuild_makes_what_each_write_made(database: Database) -> None:
    person = make_user(database)
    fill(database)
    make_activity(database, person)
    make_announcement(database, person)
    before = documents(database)
    assert len(before) > 50
    database.write(lambda session: session.execute(sa.delete(SearchDocument)))
    assert found(database) == []
    told: list[tuple[int, int]] = []
    assert search_index.rebuild(database, lambda done, every: told.append((done, every))) == len(before)
    assert documents(database) == before
    assert told[-1][0] == told[-1][1] > len(before), "those that are not on offer are looked at as well"
    assert len(found(database, "自行车")) == 5


def test_a_rebuild_puts_right_what_is_wrong(database: Database) -> None:
    seller = make_user(database)
    stale, missing, gone = (make_listing(database, seller, title=title) for title in ("山地车", "书桌", "沙发"))
    right = [row for row in documents(database) if row[2] != gone]
    updates = [
        sa.update(SearchDocument).where(col(SearchDocument.ref_id) == stale).values(text="ltwrong", price_fen=1),
        sa.delete(SearchDocument).where(col(SearchDocument.ref_id) == missing),
        sa.update(Listing).where(col(Listing.id) == gone).values(status=ListingStatus.DELETED),
        sa.insert(SearchDocument).values(id=5, section="trade", ref_id=987_654, price_fen=1, text="ltstray"),
    ]
    database.write(lambda session: [session.execute(statement) for statement in updates])
    assert search_index.rebuild(database) == 2
    assert documents(database) == right
    assert (found(database, "山地"), found(database, "书桌"), found(database, "沙发")) == ([stale], [missing], [])


def test_a_rebuild_mends_an_index_that_fell_out_of_step_with_its_documents(sqlite_database: Database) -> None:
    listing = make_listing(sqlite_database, make_user(sqlite_database), title="山地车")

    def spoil(session: Session) -> None:
        session.connection().exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('delete-all')")

    sqlite_database.write(spoil)
    assert found(sqlite_database, "山地") == []
    search_index.rebuild(sqlite_database)
    assert found(sqlite_database, "山地") == [listing]


def test_a_rebuild_never_puts_an_older_text_over_a_newer_one(database: Database) -> None:
    seller = make_user(database)
    ids = [make_listing(database, seller, title="山地车") for _ in range(30)]

    def edits() -> int | None:
        for listing_id in ids:
            change(database, Listing, listing_id, Section.TRADE, title="书桌")
        return None

    rebuild = partial(search_index.rebuild, database)
    assert race(edits, rebuild, rebuild) == [None, len(ids), len(ids)]
    assert (found(database, "山地车"), len(found(database, "书桌", sort="cheapest"))) == ([], 24)
    assert len(documents(database)) == len(ids)


def test_a_rebuild_goes_in_steps(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    seller = make_user(database)
    for _ in range(7):
        make_listing(database, seller)
    before = documents(database)
    database.write(lambda session: session.execute(sa.delete(SearchDocument)))
    monkeypatch.setattr(search_index, "_BATCH", 3)
    told: list[int] = []
    search_index.rebuild(database, lambda done, _every: told.append(done))
    assert (told, documents(database)) == ([3, 6, 7], before)


# The command line ------------------------------------------------------------------------------------


def run(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(sys, "argv", ["xianyu", command])
    program.main()


def test_the_command_rebuilds_and_says_how_much_there_is(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    listing = make_listing(sqlite_database, make_user(sqlite_database), title="山地车")
    sqlite_database.write(lambda session: session.execute(sa.delete(SearchDocument)))
    run(monkeypatch, "reindex")
    assert found(sqlite_database, "山地") == [listing]
    assert capsys.readouterr().out.endswith("Search index: 1 things can be found.\n")


def test_a_database_from_before_the_index_gets_it_when_it_is_migrated(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(monkeypatch, "migrate")
    assert documents(sqlite_database) == []
    listing = make_listing(sqlite_database, make_user(sqlite_database), title="山地车")
    sqlite_database.write(lambda session: session.execute(sa.delete(SearchDocument)))
    run(monkeypatch, "migrate")
    assert found(sqlite_database, "山地") == [listing]

    def refuse(_database: Database, _report: Callable[[int, int], None]) -> int:
        raise AssertionError("there is nothing to rebuild")

    monkeypatch.setattr(search_index, "rebuild", refuse)
    run(monkeypatch, "migrate")


# Accounts that close ---------------------------------------------------------------------------------


def test_the_listings_of_an_account_that_closes_are_not_found(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    mine, theirs = (make_listing(database, seller, title="山地车") for seller in (actor, other))
    assert found(database, "山地车") == [theirs, mine]
    database.write(closing.ask, actor)
    assert found(database, "山地车") == [theirs]
    change(database, Listing, mine, Section.TRADE, status=ListingStatus.ACTIVE)
    _let_the_week_pass(database, actor.user_id)
    database.write(closing.erase, actor.user_id)
    assert found(database, "山地车") == [theirs]
    assert found(database) == [theirs]


def _let_the_week_pass(database: Database, user_id: int) -> None:
    statement = sa.text("UPDATE user_account SET closing_at = :past WHERE id = :id")
    past = (utc_now() - timedelta(days=1)).replace(tzinfo=None)
    database.write(lambda session: session.execute(statement, {"past": past, "id": user_id}))
