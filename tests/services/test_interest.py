import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import Favorite, Listing, ListingStatus, ListingView, Notice, NoticeKind, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import FavoritesChanged, ListingCounted, NoticeAdded
from xianyu.schemas.interest import ListingCounts
from xianyu.services import closing, exports, interest, message_errors, notices
from xianyu.services.listing_errors import ListingNotFound


def counts(database: Database, listing_id: int) -> ListingCounts:
    return database.read(interest.standing, listing_id).counts


def rows(database: Database, table: type[Favorite | ListingView], listing_id: int) -> int:
    def count(session: Session) -> int:
        statement = sa.select(sa.func.count()).select_from(table).where(col(table.listing_id) == listing_id)
        return int(session.execute(statement).scalar_one())

    return database.read(count)


def kinds(database: Database, actor: Actor) -> list[str]:
    return [notice.kind for notice in database.read(notices.page, actor).notices]


def change(database: Database, listing_id: int, **values: object) -> None:
    statement = sa.update(Listing).where(col(Listing.id) == listing_id).values(**values)
    database.write(lambda session: session.execute(statement))


def test_a_favourite_is_counted_and_told_once(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller)
    events = database.write(interest.favorite, buyer, listing_id)
    assert set(events) == {
        ListingCounted(listing_id),
        FavoritesChanged(buyer.user_id),
        NoticeAdded(seller.user_id),
    }
    assert database.write(interest.favorite, buyer, listing_id) == []
    assert counts(database, listing_id).favorites == 1
    assert database.read(interest.standing_for, buyer, listing_id).saved_by == {buyer.user_id}
    assert database.read(interest.standing_for, seller, listing_id).saved_by == set()
    # Whoever changes their mind and changes it again is no news.
    assert NoticeAdded(seller.user_id) not in database.write(interest.unfavorite, buyer, listing_id)
    assert counts(database, listing_id).favorites == 0
    assert NoticeAdded(seller.user_id) not in database.write(interest.favorite, buyer, listing_id)
    assert kinds(database, seller) == [NoticeKind.FAVORITED]


def test_to_save_it_no_longer_twice_changes_nothing(database: Database) -> None:
    buyer, listing_id = make_user(database), make_listing(database, make_user(database))
    assert database.write(interest.unfavorite, buyer, listing_id) == []
    database.write(interest.favorite, buyer, listing_id)
    assert database.write(interest.unfavorite, buyer, listing_id) != []
    assert database.write(interest.unfavorite, buyer, listing_id) == []
    assert counts(database, listing_id).favorites == 0


def test_ones_own_listing_cannot_be_saved(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    with pytest.raises(interest.FavoriteOwnListing):
        database.write(interest.favorite, seller, listing_id)
    assert rows(database, Favorite, listing_id) == 0


@pytest.mark.parametrize("listing_id", [0, -1, 2**63, 2**62, True, "1", None, [1]])
def test_what_is_no_listing_is_refused(sqlite_database: Database, listing_id: Any) -> None:
    buyer = make_user(sqlite_database)
    services: list[Callable[..., object]] = [interest.favorite, interest.unfavorite, interest.want]
    for service in services:
        with pytest.raises(ListingNotFound):
            sqlite_database.write(service, buyer, listing_id)
    with pytest.raises(ListingNotFound):
        sqlite_database.write(interest.look, buyer, listing_id, False)
    assert sqlite_database.read(interest.standing, listing_id).counts == ListingCounts()


def test_a_deleted_listing_can_only_be_let_go_of(database: Database) -> None:
    buyer, listing_id = make_user(database), make_listing(database, make_user(database))
    database.write(interest.favorite, buyer, listing_id)
    change(database, listing_id, status=ListingStatus.DELETED)
    services: list[Callable[..., object]] = [interest.favorite, interest.want]
    for service in services:
        with pytest.raises(ListingNotFound):
            database.write(service, make_user(database), listing_id)
    with pytest.raises(ListingNotFound):
        database.write(interest.look, None, listing_id, False)
    database.write(interest.unfavorite, buyer, listing_id)
    assert rows(database, Favorite, listing_id) == 0


def test_presses_at_the_same_moment_are_counted_exactly(database: Database) -> None:
    listing_id = make_listing(database, make_user(database))
    people = [make_user(database) for _ in range(4)]
    # Everybody presses twice, in two tabs.
    pressed = race(*[partial(database.write, interest.favorite, one, listing_id) for one in people for _ in range(2)])
    assert [one for one in pressed if isinstance(one, Exception)] == []
    assert counts(database, listing_id).favorites == rows(database, Favorite, listing_id) == len(people)
    # Half of them let go while the others press again.
    services = [interest.unfavorite, interest.favorite] * 2
    works = [partial(database.write, service, one, listing_id) for service, one in zip(services, people, strict=True)]
    assert [one for one in race(*works, *works) if isinstance(one, Exception)] == []
    assert counts(database, listing_id).favorites == rows(database, Favorite, listing_id) == 2


def test_looks_and_wants_at_the_same_moment_are_counted_exactly(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    people = [make_user(database) for _ in range(3)]
    works: list[Callable[[], object]] = [
        *[partial(database.write, interest.look, one, listing_id, False) for one in people for _ in range(2)],
        *[partial(database.write, interest.want, one, listing_id) for one in people for _ in range(2)],
    ]
    assert [one for one in race(*works) if isinstance(one, Exception)] == []
    assert counts(database, listing_id) == ListingCounts(wants=3, favorites=0, views=3)
    assert rows(database, ListingView, listing_id) == 3
    assert kinds(database, seller) == [NoticeKind.WANTED] * 3


def test_a_look_counts_once_for_a_neighbour_and_never_for_the_seller(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller)
    assert database.write(interest.look, buyer, listing_id, False) == [ListingCounted(listing_id)]
    assert database.write(interest.look, buyer, listing_id, False) == []
    assert database.write(interest.look, seller, listing_id, False) == []
    assert counts(database, listing_id).views == 1
    # A visitor's tab says whether it was counted; who logs in there is the same person.
    assert database.write(interest.look, None, listing_id, False) == [ListingCounted(listing_id)]
    assert database.write(interest.look, None, listing_id, True) == []
    assert database.write(interest.look, make_user(database), listing_id, True) == []
    assert counts(database, listing_id).views == 2
    assert rows(database, ListingView, listing_id) == 2


def test_who_wants_it_is_counted_and_told_once(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller, title="旧台灯")
    seller_id, events = database.write(interest.want, buyer, listing_id)
    assert (seller_id, set(events)) == (seller.user_id, {ListingCounted(listing_id), NoticeAdded(seller.user_id)})
    assert database.write(interest.want, buyer, listing_id) == (seller.user_id, [])
    assert counts(database, listing_id).wants == 1
    (notice,) = database.read(notices.page, seller).notices
    assert (notice.actor_name, notice.lead, notice.subject) == (buyer.username, "想要你的", "旧台灯")
    with pytest.raises(message_errors.WantOwnListing):
        database.write(interest.want, seller, listing_id)
    assert counts(database, listing_id).wants == 1


def test_who_has_what_somebody_looks_for_is_told_as_such(sqlite_database: Database) -> None:
    seeker, owner = make_user(sqlite_database), make_user(sqlite_database)
    listing_id = make_listing(sqlite_database, seeker, kind="wanted", cover="")
    sqlite_database.write(interest.want, owner, listing_id)
    (notice,) = sqlite_database.read(notices.page, seeker).notices
    assert (notice.lead, notice.cover_url) == ("有你求购的", "")


def test_a_lower_price_is_told_to_who_saved_it(database: Database) -> None:
    seller, one, other = make_user(database), make_user(database), make_user(database)
    listing_id = make_listing(database, seller, title="山地车", price_fen=20_000)
    for person in (one, other):
        database.write(interest.favorite, person, listing_id)
    told = database.write(interest.price_dropped, listing_id, 25_000, 20_000)
    assert set(told) == {NoticeAdded(one.user_id), NoticeAdded(other.user_id)}
    (notice,) = database.read(notices.page, one).notices
    assert (notice.subject, notice.detail) == ("山地车", "¥250.00 → ¥200.00")
    assert notice.actor_name == ""
    # A second drop before anybody looked takes the first one's place.
    database.write(interest.price_dropped, listing_id, 20_000, 0)
    (notice,) = database.read(notices.page, one).notices
    assert notice.detail == "¥200.00 → 免费送"
    # What was seen stays.
    database.write(notices.mark_all_read, one)
    database.write(interest.price_dropped, listing_id, 20_000, 15_000)
    assert len(database.read(notices.page, one).notices) == 2
    assert len(database.read(notices.page, other).notices) == 1


@pytest.mark.parametrize(
    ("old", "new", "values"),
    [
        (100, 100, {}),
        (100, 200, {}),
        (200, 100, {"status": ListingStatus.TAKEN_DOWN}),
        (200, 100, {"kind": "wanted"}),
    ],
)
def test_no_other_change_is_told(sqlite_database: Database, old: int, new: int, values: dict[str, Any]) -> None:
    buyer, listing_id = make_user(sqlite_database), make_listing(sqlite_database, make_user(sqlite_database))
    sqlite_database.write(interest.favorite, buyer, listing_id)
    change(sqlite_database, listing_id, **(values or {"quantity": 1}))
    assert sqlite_database.write(interest.price_dropped, listing_id, old, new) == []
    assert kinds(sqlite_database, buyer) == []


def test_who_leaves_is_counted_no_more(database: Database) -> None:
    seller, leaving, staying = make_user(database), make_user(database), make_user(database)
    listing_id, own = make_listing(database, seller), make_listing(database, leaving)
    for person in (leaving, staying):
        database.write(interest.favorite, person, listing_id)
        database.write(interest.look, person, listing_id, False)
        database.write(interest.want, person, listing_id)
    database.write(interest.favorite, staying, own)
    database.write(interest.price_dropped, own, 2, 1)
    assert counts(database, listing_id) == ListingCounts(2, 2, 2)
    database.write(closing.ask, leaving)
    database.write(
        lambda session: session.execute(
            sa.update(User).where(col(User.id) == leaving.user_id).values(closing_at=utc_now() - timedelta(seconds=1))
        )
    )
    assert ListingCounted(listing_id) in database.write(closing.erase, leaving.user_id)
    assert counts(database, listing_id) == ListingCounts(1, 1, 1)
    left = database.read(lambda session: session.exec(select(Notice)).all())
    assert {(notice.user_id, notice.actor_id) for notice in left} == {(seller.user_id, staying.user_id)}


def test_an_archive_holds_what_i_did(sqlite_database: Database) -> None:
    me, seller = make_user(sqlite_database), make_user(sqlite_database)
    listing_id = make_listing(sqlite_database, seller, title="旧台灯")
    sqlite_database.write(interest.look, me, listing_id, False)
    sqlite_database.write(interest.favorite, me, listing_id)
    sqlite_database.write(interest.want, me, listing_id)
    sqlite_database.write(interest.price_dropped, listing_id, 200, 100)
    sqlite_database.write(exports.request, me)
    job = sqlite_database.write(exports.take)
    assert job is not None
    exports.make(sqlite_database, *job, lambda _percent: None)
    name = sqlite_database.read(exports.present, me).url.rpartition("/")[2]
    with zipfile.ZipFile(sqlite_database.read(exports.archive, me, name)) as zipped:
        content = json.loads(zipped.read("interest.json"))
    assert [one["title"] for kind in ("favorites", "wanted", "viewed") for one in content[kind]] == ["旧台灯"] * 3
    assert [one["detail"] for one in content["notices"]] == ["¥2.00 → ¥1.00"]
