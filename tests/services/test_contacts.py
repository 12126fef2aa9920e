"""Friends and blocks, alone and when two people act at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from tests.concurrency import race
from tests.factories import make_listing, make_user
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.models import Block, FriendRequest, Friendship, NoticeKind, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import Standing
from xianyu.schemas.events import BlockChanged, ConversationCleared, FriendshipChanged, NoticeAdded, PresenceChanged
from xianyu.services import (
    closing,
    contacts,
    conversation_list,
    friends,
    messages,
    notices,
    presence,
)
from xianyu.services.accounts import PersonNotFound
from xianyu.services.contacts import NotContactable, ThatIsYou
from xianyu.services.friends import RequestGone, TooManyFriends

# How often a race is run: who comes first is up to the database.
TRIES = 6


@pytest.fixture
def two(database: Database) -> tuple[Actor, Actor]:
    return make_user(database, "小明"), make_user(database, "小红")


def count(database: Database, table: type[SQLModel]) -> int:
    return database.read(
        lambda session: int(session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
    )


def standing(database: Database, one: Actor, other: Actor) -> Standing:
    return database.read(contacts.standing, one, other.user_id)


def friendship(database: Database, one: Actor, other: Actor) -> tuple[str, str]:
    return standing(database, one, other).friendship, standing(database, other, one).friendship


def names_of(people: list[Any]) -> list[str]:
    return [person.name for person in people]


def befriend(database: Database, one: Actor, other: Actor) -> None:
    database.write(friends.ask, one, other.user_id)
    database.write(friends.accept, other, one.user_id)


def send(database: Database, one: Actor, other: Actor, client_id: str = "client-0001") -> None:
    database.write(messages.send, one, other.user_id, client_id, "在吗？")


def test_asked_and_accepted_the_two_are_friends_once_each(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    changed = FriendshipChanged(one.user_id, other.user_id)
    assert database.write(friends.ask, one, other.user_id) == [changed, NoticeAdded(other.user_id)]
    assert friendship(database, one, other) == ("asked", "is_asked")
    assert database.read(friends.waiting, other) == 1
    assert database.read(friends.waiting, one) == 0
    # Asked again it is the same request.
    database.write(friends.ask, one, other.user_id)
    assert count(database, FriendRequest) == 1
    accepted = [FriendshipChanged(other.user_id, one.user_id), NoticeAdded(one.user_id)]
    assert database.write(friends.accept, other, one.user_id) == accepted
    told = [(who, database.read(notices.page, who).notices) for who in two]
    assert [(who.user_id, line.kind, line.url) for who, lines in told for line in lines] == [
        (one.user_id, NoticeKind.FRIEND_ACCEPTED, routes.user(other.user_id)),
        (other.user_id, NoticeKind.FRIEND_REQUESTED, routes.FRIENDS),
    ]
    assert friendship(database, one, other) == ("friends", "friends")
    assert count(database, FriendRequest) == 0
    for me, them in (two, two[::-1]):
        assert names_of(database.read(friends.everybody, me).friends) == [them.username]
    # All of it once more changes nothing.
    assert database.write(friends.accept, other, one.user_id) == []
    assert database.write(friends.ask, one, other.user_id) == []
    assert count(database, Friendship) == 2


def test_who_asks_somebody_who_asked_accepts(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    database.write(friends.ask, one, other.user_id)
    database.write(friends.ask, other, one.user_id)
    assert friendship(database, one, other) == ("friends", "friends")
    assert count(database, FriendRequest) == 0


@pytest.mark.parametrize("end", ["decline", "withdraw"])
def test_a_request_that_is_gone_cannot_be_accepted(database: Database, two: tuple[Actor, Actor], end: str) -> None:
    one, other = two
    database.write(friends.ask, one, other.user_id)
    if end == "decline":
        database.write(friends.decline, other, one.user_id)
    else:
        database.write(friends.withdraw, one, other.user_id)
    assert friendship(database, one, other) == ("", "")
    with pytest.raises(RequestGone):
        database.write(friends.accept, other, one.user_id)
    # What is gone can be taken away again, and asked again.
    assert database.write(friends.decline, other, one.user_id) == []
    database.write(friends.ask, one, other.user_id)
    assert friendship(database, one, other) == ("asked", "is_asked")


def test_nobody_takes_away_anothers_request(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    third = make_user(database)
    database.write(friends.ask, one, other.user_id)
    for me in (third, other):
        database.write(friends.withdraw, me, one.user_id)
        database.write(friends.withdraw, me, other.user_id) if me is third else None
    database.write(friends.decline, third, one.user_id)
    with pytest.raises(RequestGone):
        database.write(friends.accept, third, one.user_id)
    with pytest.raises(RequestGone):
        database.write(friends.accept, one, other.user_id)
    assert friendship(database, one, other) == ("asked", "is_asked")


HOSTILE = [0, -1, 2**70, None, "1", True, 1.5, [1]]


@pytest.mark.parametrize("work", [friends.ask, friends.accept, friends.decline, friends.withdraw, friends.unfriend])
def test_neither_oneself_nor_nobody_can_be_a_friend(sqlite_database: Database, work: Callable[..., Any]) -> None:
    me = make_user(sqlite_database)
    for nobody in HOSTILE:
        with pytest.raises(PersonNotFound):
            sqlite_database.write(work, me, nobody)
    with pytest.raises(ThatIsYou):
        sqlite_database.write(work, me, me.user_id)


def test_the_search_finds_friends_by_either_name(sqlite_database: Database) -> None:
    me = make_user(sqlite_database)
    for name in ("王小二", "Alice", "李四"):
        befriend(sqlite_database, me, make_user(sqlite_database, name))

    def found(text: Any) -> list[str]:
        return names_of(sqlite_database.read(friends.everybody, me, text).friends)

    assert found("小") == ["王小二"]
    assert found(" aLi ") == ["Alice"]
    assert found("没有") == []
    assert sorted(found("")) == sorted(found(None)) == ["Alice", "李四", "王小二"]


def test_there_is_an_end_to_friends(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(friends, "MOST_FRIENDS", 1)
    me, other, third = (make_user(sqlite_database) for _ in range(3))
    befriend(sqlite_database, me, other)
    with pytest.raises(TooManyFriends):
        befriend(sqlite_database, third, me)
    assert friendship(sqlite_database, third, me) == ("asked", "is_asked")


def test_a_deleted_friend_stays_deleted_and_keeps_the_conversation(
    database: Database, two: tuple[Actor, Actor]
) -> None:
    one, other = two
    befriend(database, one, other)
    send(database, one, other)
    send(database, other, one, "client-0002")
    events = database.write(friends.unfriend, one, other.user_id)
    assert FriendshipChanged(one.user_id, other.user_id) in events
    assert any(isinstance(event, ConversationCleared) and event.reader_id == one.user_id for event in events)
    assert friendship(database, one, other) == ("", "")
    for me in two:
        assert database.read(friends.everybody, me).friends == []
    assert database.read(messages.history, one, other.user_id) == []
    assert database.read(conversation_list.conversations, one) == []
    assert [message.body for message in database.read(messages.history, other, one.user_id)] == ["在吗？"] * 2
    assert len(database.read(conversation_list.conversations, other)) == 1
    # A new message starts afresh.
    send(database, other, one, "client-0003")
    assert [message.seq for message in database.read(messages.history, one, other.user_id)] == [3]
    [line] = database.read(conversation_list.conversations, one)
    assert line.unread == 1
    assert database.write(friends.unfriend, one, other.user_id) == []
    assert len(database.read(messages.history, one, other.user_id)) == 1


def test_deleting_a_friend_with_whom_nothing_was_said_works(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    befriend(database, one, other)
    assert database.write(friends.unfriend, one, other.user_id) == [FriendshipChanged(one.user_id, other.user_id)]


def test_a_block_ends_everything_between_the_two(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    befriend(database, one, other)
    send(database, one, other)
    listing_id = make_listing(database, one)
    events = database.write(contacts.block, one, other.user_id)
    assert BlockChanged(one.user_id, other.user_id, True) in events
    assert {event.user_id for event in events if isinstance(event, PresenceChanged)} == {one.user_id, other.user_id}
    assert standing(database, one, other) == Standing(other.user_id, "", is_blocked=True)
    assert standing(database, other, one) == Standing(one.user_id, "", refuses=True)
    assert names_of(database.read(friends.everybody, one).blocked) == ["小红"]
    attempts: list[tuple[Actor, Callable[[], Any]]] = [
        (one, lambda: send(database, one, other, "client-0002")),
        (other, lambda: send(database, other, one, "client-0003")),
        (other, lambda: database.write(messages.want, other, listing_id)),
        (one, lambda: database.write(friends.ask, one, other.user_id)),
        (other, lambda: database.write(friends.ask, other, one.user_id)),
        (other, lambda: database.write(friends.accept, other, one.user_id)),
    ]
    for who, attempt in attempts:
        with pytest.raises(NotContactable) as refusal:
            attempt()
        # The blocked are not told that they are.
        assert ("拉黑" in refusal.value.message) == (who is one)
    for reader, peer in (two, two[::-1]):
        assert not database.read(presence.of_peer, reader.user_id, peer.user_id).shown
        [line] = database.read(conversation_list.conversations, reader)
        assert not line.shows_presence
    # What was said stays readable.
    assert len(database.read(messages.history, other, one.user_id)) == 1


def test_a_request_that_waits_does_not_survive_a_block(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    database.write(friends.ask, other, one.user_id)
    database.write(contacts.block, one, other.user_id)
    assert count(database, FriendRequest) == 0
    database.write(contacts.unblock, one, other.user_id)
    with pytest.raises(RequestGone):
        database.write(friends.accept, one, other.user_id)


def test_unblocking_restores_unless_the_other_blocked_too(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    send(database, one, other)
    for _ in range(2):
        database.write(contacts.block, one, other.user_id)
    database.write(contacts.block, other, one.user_id)
    assert count(database, Block) == 2
    database.write(contacts.unblock, one, other.user_id)
    assert standing(database, one, other) == Standing(other.user_id, "", refuses=True)
    with pytest.raises(NotContactable) as refusal:
        send(database, one, other, "client-0002")
    assert refusal.value.message == "暂时无法联系对方"
    database.write(contacts.unblock, other, one.user_id)
    send(database, one, other, "client-0003")
    database.write(friends.ask, other, one.user_id)
    assert database.read(presence.of_peer, one.user_id, other.user_id).shown


def test_a_third_person_is_not_concerned(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    third = make_user(database)
    database.write(contacts.block, one, other.user_id)
    send(database, one, third)
    send(database, third, other)
    befriend(database, third, other)
    database.write(contacts.unblock, third, other.user_id)
    assert count(database, Block) == 1


def test_who_left_is_nobodys_friend(database: Database, two: tuple[Actor, Actor]) -> None:
    one, other = two
    third = make_user(database)
    befriend(database, one, other)
    database.write(friends.ask, one, third.user_id)
    database.write(contacts.block, third, one.user_id)
    database.write(closing.ask, one)

    def pass_the_week(session: Session) -> None:
        session.execute(sa.update(User).where(col(User.id) == one.user_id).values(closing_at=utc_now() - timedelta(1)))

    database.write(pass_the_week)
    events = database.write(closing.erase, one.user_id)
    told = {event.other_id for event in events if isinstance(event, FriendshipChanged)}
    assert told == {other.user_id, third.user_id}
    assert [count(database, table) for table in (Friendship, FriendRequest, Block)] == [0, 0, 0]
    assert standing(database, other, one) == Standing()
    with pytest.raises(PersonNotFound):
        database.write(friends.ask, other, one.user_id)


# Two at once.


def test_two_who_ask_each_other_at_the_same_moment_are_friends_once(database: Database) -> None:
    for _ in range(TRIES):
        one, other = make_user(database), make_user(database)
        results = race(
            partial(database.write, friends.ask, one, other.user_id),
            partial(database.write, friends.ask, other, one.user_id),
        )
        assert not [result for result in results if isinstance(result, Exception)]
        assert friendship(database, one, other) == ("friends", "friends")
        for me, them in ((one, other), (other, one)):
            assert [friend.id for friend in database.read(friends.everybody, me).friends] == [them.user_id]
    assert count(database, FriendRequest) == 0
    assert count(database, Friendship) == 2 * TRIES


def test_accepted_from_two_tabs_at_once_it_is_accepted_once(database: Database) -> None:
    for _ in range(TRIES):
        one, other = make_user(database), make_user(database)
        database.write(friends.ask, one, other.user_id)
        accept = partial(database.write, friends.accept, other, one.user_id)
        told = race(accept, accept, accept)
        # One word to the pages of both, and one notice.
        assert sorted(len(result) for result in told if isinstance(result, list)) == [0, 0, 2]
    assert count(database, Friendship) == 2 * TRIES


def test_a_block_and_a_friendship_at_once_leave_no_friends(database: Database) -> None:
    for _ in range(TRIES):
        one, other = make_user(database), make_user(database)
        database.write(friends.ask, one, other.user_id)
        results = race(
            partial(database.write, friends.accept, other, one.user_id),
            partial(database.write, contacts.block, one, other.user_id),
        )
        assert all(isinstance(result, list | NotContactable) for result in results)
        assert friendship(database, one, other) == ("", "")
        assert standing(database, one, other).is_blocked


@pytest.mark.parametrize("spoken", [False, True], ids=["the first message", "a later one"])
def test_nothing_is_stored_after_a_block_was_committed(database: Database, spoken: bool) -> None:
    """However the two meet: a message is stored only if the block was not there yet, and none comes after it."""
    for number in range(TRIES):
        one, other = make_user(database), make_user(database)
        if spoken:
            send(database, one, other)

        def write_many(one: Actor = one, other: Actor = other, number: int = number) -> int:
            for turn in range(20):
                try:
                    send(database, other, one, f"race-{number:02}-{turn:03}")
                except NotContactable:
                    return turn
            return 20

        def block_and_look(one: Actor = one, other: Actor = other) -> int:
            database.write(contacts.block, one, other.user_id)
            # The block is committed. Whatever is stored now is all that there will ever be.
            return len(database.read(messages.history, one, other.user_id, limit=100))

        stored, seen = race(write_many, block_and_look)
        assert isinstance(stored, int), stored
        assert isinstance(seen, int), seen
        assert len(database.read(messages.history, one, other.user_id, limit=100)) == seen == stored + spoken
