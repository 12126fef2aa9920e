from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import Favorite, Listing, ListingStatus
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.interest import RememberedPage
from xianyu.services import interest, remembered


def ids(page: RememberedPage) -> list[int]:
    return [entry.card.id for entry in page.entries]


@pytest.fixture
def offered(database: Database) -> list[int]:
    seller = make_user(database)
    return [make_listing(database, seller) for _ in range(5)]


def save_all(database: Database, actor: Actor, listing_ids: list[int]) -> None:
    for listing_id in listing_ids:
        database.write(interest.favorite, actor, listing_id)


def test_favourites_come_last_saved_first_page_by_page(database: Database, offered: list[int]) -> None:
    me = make_user(database)
    save_all(database, me, offered)
    save_all(database, make_user(database), offered[:2])
    first = database.read(remembered.favorites, me, None, 2)
    assert ids(first) == offered[:2:-1]
    second = database.read(remembered.favorites, me, first.cursor, 2)
    third = database.read(remembered.favorites, me, second.cursor, 2)
    assert ids(second) + ids(third) == offered[2::-1]
    assert third.cursor is None
    assert second.entries[0].previous == first.entries[-1].at


def test_those_saved_at_the_same_moment_are_all_there(database: Database, offered: list[int]) -> None:
    me = make_user(database)
    save_all(database, me, offered)
    database.write(lambda session: session.execute(sa.update(Favorite).values(created_at=utc_now())))
    found: list[int] = []
    page = database.read(remembered.favorites, me, None, 2)
    while True:
        found += ids(page)
        if page.cursor is None:
            break
        page = database.read(remembered.favorites, me, page.cursor, 2)
    assert found == offered[::-1]


def test_what_became_of_a_favourite_is_told(database: Database, offered: list[int]) -> None:
    me = make_user(database)
    save_all(database, me, offered[:3])
    for listing_id, status in zip(offered, ("sold_out", "taken_down", "deleted"), strict=False):
        statement = sa.update(Listing).where(col(Listing.id) == listing_id).values(status=ListingStatus(status))
        database.write(partial(Session.execute, statement=statement))
    deleted, taken_down, sold = (entry.card for entry in database.read(remembered.favorites, me).entries)
    assert (sold.status, taken_down.status) == ("sold_out", "taken_down")
    assert sold.url
    # Nothing of what was deleted is left but its place.
    assert (deleted.id, deleted.status, deleted.url, deleted.cover_url) == (offered[2], "deleted", "", "")
    assert deleted.title == "这件宝贝已被删除"


def test_history_is_what_i_looked_at_the_last_look_first(database: Database, offered: list[int]) -> None:
    me, other = make_user(database), make_user(database)
    for listing_id in offered[:3]:
        database.write(interest.look, me, listing_id, False)
    database.write(interest.look, other, offered[4], False)
    database.write(interest.look, me, offered[0], False)
    assert ids(database.read(remembered.history, me)) == [offered[0], offered[2], offered[1]]


def test_what_was_erased_is_gone_and_not_counted_again(database: Database, offered: list[int]) -> None:
    me, other = make_user(database), make_user(database)
    for person in (me, other):
        for listing_id in offered[:3]:
            database.write(interest.look, person, listing_id, False)
    database.write(remembered.erase, me, offered[1])
    assert ids(database.read(remembered.history, me)) == [offered[2], offered[0]]
    database.write(remembered.erase_all, me)
    assert ids(database.read(remembered.history, me)) == []
    assert len(ids(database.read(remembered.history, other))) == 3
    database.write(interest.look, me, offered[1], False)
    assert ids(database.read(remembered.history, me)) == [offered[1]]
    assert database.read(interest.standing, offered[1]).counts.views == 2


@pytest.mark.parametrize("listing_id", [0, -1, 2**63, "x", None, [], True])
def test_an_id_that_is_none_erases_nothing(sqlite_database: Database, listing_id: Any) -> None:
    me, shown = make_user(sqlite_database), make_listing(sqlite_database, make_user(sqlite_database))
    sqlite_database.write(interest.look, me, shown, False)
    sqlite_database.write(remembered.erase, me, listing_id)
    assert ids(sqlite_database.read(remembered.history, me)) == [shown]
