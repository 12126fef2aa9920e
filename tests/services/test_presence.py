"""Who sees whether somebody is online, and since when they are gone."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.models import AuthSession, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import PresenceChanged
from xianyu.schemas.messages import PresenceView
from xianyu.schemas.times import iso
from xianyu.services import conversation_list, conversations, messages, presence, profiles


def talk(database: Database, one: Actor, other: Actor) -> None:
    database.write(messages.send, one, other.user_id, f"client-{one.user_id}-{other.user_id}", "你好")


def view(database: Database, reader: Actor, peer: Actor) -> PresenceView:
    return database.read(presence.of_peer, reader.user_id, peer.user_id)


def test_only_those_who_talk_see_it(database: Database, alice: Actor, bob: Actor) -> None:
    stranger = make_user(database)
    assert view(database, alice, bob) == PresenceView()
    talk(database, alice, bob)
    assert view(database, alice, bob).shown
    assert view(database, bob, alice).shown
    assert not view(database, stranger, bob).shown
    everyone = [alice.user_id, bob.user_id, stranger.user_id]
    assert database.read(presence.audience, bob.user_id, everyone) == {alice.user_id}
    assert database.read(presence.acquainted, bob.user_id, everyone) == {alice.user_id}
    assert database.read(presence.audience, bob.user_id, []) == set()


@pytest.mark.parametrize("peer_id", [None, True, "1", -1, 0, 2**70, 987_654_321])
def test_nobody_is_nowhere(database: Database, alice: Actor, peer_id: int) -> None:
    assert database.read(presence.of_peer, alice.user_id, peer_id) == PresenceView()


def test_who_hides_it_sees_it_of_nobody(database: Database, alice: Actor, bob: Actor) -> None:
    talk(database, alice, bob)
    event = database.write(profiles.set_shows_presence, alice, False)
    assert event == PresenceChanged(alice.user_id, by_choice=True)
    assert view(database, alice, bob) == view(database, bob, alice) == PresenceView()
    assert database.read(presence.audience, bob.user_id, [alice.user_id]) == set()
    # They still know each other: their pages have to be told of the choice.
    assert database.read(presence.acquainted, alice.user_id, [bob.user_id]) == {bob.user_id}
    for one in (alice, bob):
        assert [line.shows_presence for line in database.read(conversation_list.conversations, one)] == [False]
    assert database.read(profiles.own, alice).shows_presence is False
    database.write(profiles.set_shows_presence, alice, True)
    for one in (alice, bob):
        assert [line.shows_presence for line in database.read(conversation_list.conversations, one)] == [True]
    assert view(database, bob, alice).shown


def test_the_last_time_is_the_latest_that_is_known(database: Database, alice: Actor, bob: Actor) -> None:
    talk(database, alice, bob)
    long_ago, lately = utc_now() - timedelta(days=3), utc_now() - timedelta(hours=1)
    for moment in (long_ago, lately):
        used = sa.update(AuthSession).where(col(AuthSession.user_id) == bob.user_id).values(seen_at=moment)
        database.write(partial(Session.execute, statement=used))
        assert view(database, alice, bob) == PresenceView(shown=True, last_seen_at=iso(moment))
    before = iso(utc_now())
    database.write(presence.note_gone, {bob.user_id})
    assert view(database, alice, bob).last_seen_at >= before
    # After every logout it is still known.
    database.write(lambda session: session.execute(sa.delete(AuthSession)))
    assert view(database, alice, bob).last_seen_at >= before
    assert database.read(conversations.open_with, alice, bob.user_id, 10).presence == view(database, alice, bob)


def test_of_who_left_for_good_nothing_is_shown(database: Database, alice: Actor, bob: Actor) -> None:
    talk(database, alice, bob)
    left = sa.update(User).where(col(User.id) == bob.user_id).values(closed_at=utc_now())
    database.write(lambda session: session.execute(left))
    assert view(database, alice, bob) == PresenceView()
    assert [line.shows_presence for line in database.read(conversation_list.conversations, alice)] == [False]
    database.write(presence.note_gone, {bob.user_id})
    seen = sa.select(col(User.seen_at)).where(col(User.id) == bob.user_id)
    assert database.read(lambda session: session.execute(seen).scalar_one()) is None
