"""Newcomers who flood the compound are held; neighbours and the patient are not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.factories import login_token, make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import Friendship, Role
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import ListingForm
from xianyu.services import accounts, flooding, listing_pages, listings, messages, plaza
from xianyu.services.message_screening import MessageHeld
from xianyu.settings import get_settings

FORM = ListingForm("书架", "九成新，自提", 20_000, 1, "sports", (), kind="wanted")


def newcomer(database: Database) -> Actor:
    return replace(make_user(database), joined_at=utc_now())


def statuses(database: Database, seller: Actor) -> list[str]:
    cards = [*database.read(listing_pages.mine, seller, "taken_down").cards]
    return [card.status for card in (*cards, *database.read(listing_pages.mine, seller, "active").cards)]


def publish(database: Database, seller: Actor, count: int, title: Callable[[int], str] = "书架 {}".format) -> None:
    for number in range(count):
        database.write(listings.publish, seller, replace(FORM, title=title(number)))


def test_who_acts_is_known_to_be_new(database: Database) -> None:
    actor = make_user(database)
    known = database.read(accounts.resolve_actor, login_token(database, actor))
    assert known is not None
    assert known.joined_at is not None
    assert abs(known.joined_at - utc_now()) < timedelta(minutes=5)


def test_a_newcomer_publishes_ten_things_an_hour(database: Database) -> None:
    seller = newcomer(database)
    publish(database, seller, get_settings().newcomer_listings + 2)
    assert statuses(database, seller).count("held") == 2
    # No other text helps what waits for that.
    [held, _] = database.read(listing_pages.mine, seller, "taken_down").cards
    database.write(listings.edit, seller, held.id, replace(FORM, title="桌子"))
    assert statuses(database, seller).count("held") == 2


@pytest.mark.parametrize(
    "changes",
    [{"joined_at": None}, {"joined_at": utc_now() - flooding.NEW}, {"role": Role.OPERATOR}],
    ids=["server", "neighbour", "operator"],
)
def test_nobody_else_is_counted(sqlite_database: Database, changes: dict[str, object]) -> None:
    seller = replace(newcomer(sqlite_database), **changes)  # type: ignore[arg-type]
    publish(sqlite_database, seller, 12)
    assert set(statuses(sqlite_database, seller)) == {"active"}
    for number in range(12):
        write(sqlite_database, seller, make_user(sqlite_database), "这件东西还在不在？", number)


def test_the_same_thing_over_and_over_is_held(database: Database) -> None:
    seller = newcomer(database)
    publish(database, seller, 4, lambda _: "书架")
    assert statuses(database, seller).count("held") == 1


def test_what_was_published_long_ago_does_not_count(sqlite_database: Database) -> None:
    seller = newcomer(sqlite_database)
    for _ in range(12):
        make_listing(sqlite_database, seller, created_at=utc_now() - flooding.WINDOW)
    publish(sqlite_database, seller, 1)
    assert "held" not in statuses(sqlite_database, seller)


def write(database: Database, one: Actor, other: Actor, body: str, number: int) -> None:
    database.write(messages.send, one, other.user_id, f"client-{one.user_id:05}-{number:05}", body)


def test_a_newcomer_writes_to_ten_strangers_an_hour(database: Database) -> None:
    one, friend, caller = newcomer(database), make_user(database), make_user(database)
    strangers = [make_user(database) for _ in range(get_settings().newcomer_contacts + 1)]
    for number, stranger in enumerate(strangers[:-1]):
        write(database, one, stranger, f"第 {number} 位邻居好", number)
    last = strangers[-1]
    for number in range(2):
        with pytest.raises(MessageHeld) as stopped:
            write(database, one, last, "你好", 100 + number)
        assert stopped.value.caught.reason == "flood"
    # With whom they talk already, who wrote first, and friends are no strangers.
    write(database, one, strangers[0], "还有一句", 200)
    write(database, caller, one, "你好", 201)
    write(database, one, caller, "你也好", 202)

    def befriend(session: object) -> None:
        for pair in ((one.user_id, friend.user_id), (friend.user_id, one.user_id)):
            session.add(Friendship(user_id=pair[0], friend_id=pair[1]))  # type: ignore[attr-defined]

    database.write(befriend)
    write(database, one, friend, "朋友好", 203)


def test_one_text_to_everybody_is_held(database: Database) -> None:
    one = newcomer(database)
    people = [make_user(database) for _ in range(flooding.SAME + 1)]
    for number, person in enumerate(people[:-1]):
        write(database, one, person, "看看我的主页，便宜出好物", number)
    with pytest.raises(MessageHeld):
        write(database, one, people[-1], "看看我的主页, 便宜出 好物", 10)
    # What everybody asks is no flood.
    for number, person in enumerate(people):
        write(database, one, person, "在吗", 20 + number)


def test_the_room_is_not_filled_with_one_text(sqlite_database: Database) -> None:
    one = newcomer(sqlite_database)

    def post(client_id: str, body: str) -> None:
        sqlite_database.write(plaza.post, one, client_id, body)

    for number in range(flooding.SAME):
        for _ in range(2):
            # A repeat of a message is that message.
            post(f"client-{number:05}", "便宜出好物，快来看看")
    with pytest.raises(MessageHeld):
        post("client-00009", "便宜出好物，快来看看")


def test_it_can_be_switched_off(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_NEWCOMER_LISTINGS", "0")
    monkeypatch.setenv("XIANYU_NEWCOMER_CONTACTS", "0")
    get_settings.cache_clear()
    seller = newcomer(sqlite_database)
    publish(sqlite_database, seller, 12)
    assert set(statuses(sqlite_database, seller)) == {"active"}
    for number in range(12):
        write(sqlite_database, seller, make_user(sqlite_database), "看看我的主页，便宜出好物", number)
