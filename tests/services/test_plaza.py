"""The public room: what is stored of it, who may do what, and how fast."""

import json
import zipfile
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.concurrency import race
from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.models import Message, Role, RoomMute, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import RoomMessage
from xianyu.schemas.events import RoomMessageSent
from xianyu.schemas.messages import RECALLED, RETRACTED
from xianyu.services import contacts, conversation_list, exports, friends, message_errors, messages, plaza
from xianyu.services.accounts import OperatorsOnly, PersonNotFound
from xianyu.services.message_changes import MessageNotFound, RecallTooLate
from xianyu.settings import get_settings


def say(database: Database, who: Actor, body: str, client_id: str = "client-0001") -> RoomMessageSent:
    return database.write(plaza.post, who, client_id, body)


def shown(database: Database, reader: Actor | None = None) -> list[RoomMessage]:
    return database.read(plaza.history, reader)


def age_all(database: Database, by: timedelta) -> None:
    def work(session: Session) -> None:
        session.execute(sa.update(Message).values(sent_at=utc_now() - by))

    database.write(work)


def test_what_a_member_says_everyone_reads_and_nobody_has_to(database: Database) -> None:
    one, other = make_user(database, "小明"), make_user(database, "小红")
    event = say(database, one, "楼下有人丢了钥匙")
    say(database, other, "是我的！", "client-0002")
    for reader in (None, one, other):
        assert [(line.seq, line.sender_name, line.body) for line in shown(database, reader)] == [
            (1, "小明", "楼下有人丢了钥匙"),
            (2, "小红", "是我的！"),
        ]
    assert event.message == shown(database)[0]
    assert database.read(conversation_list.unread_total, other) == 0
    assert database.read(conversation_list.conversations, other) == []
    assert database.read(conversation_list.search, other, "钥匙") == []
    # Said again with the same id it is said once.
    assert say(database, one, "别的").message.body == "楼下有人丢了钥匙"
    assert len(shown(database)) == 2
    asked: list[Any] = ["client-0001", "client-0009", None]
    assert database.read(plaza.settled, one, asked) == ["client-0001"]
    assert database.read(plaza.settled, other, ["client-0001"]) == []


def test_the_first_words_said_by_many_at_once_are_all_there(database: Database) -> None:
    people = [make_user(database) for _ in range(8)]
    results = race(*[partial(say, database, one, f"第 {n} 个", f"client-{n:04}") for n, one in enumerate(people)])
    assert not [result for result in results if isinstance(result, Exception)]
    assert [line.seq for line in shown(database)] == list(range(1, 9))


def test_the_page_is_bounded_and_older_ones_come_before_it(sqlite_database: Database) -> None:
    me = make_user(sqlite_database)
    for number in range(1, 26):
        say(sqlite_database, me, f"{number}", f"client-{number:04}")
    opened = sqlite_database.read(plaza.open_room, None, 10)
    assert ([line.seq for line in opened.messages], opened.has_older) == (list(range(16, 26)), True)
    older = sqlite_database.read(plaza.history, None, before_seq=16, limit=10)
    assert [line.seq for line in older] == list(range(6, 16))
    assert not sqlite_database.read(plaza.open_room, me, 30).has_older
    nonsense: Any
    for nonsense in (0, -1, 2**70, "1", True):
        assert len(sqlite_database.read(plaza.history, None, before_seq=nonsense, limit=3)) in {0, 3}
    assert len(sqlite_database.read(plaza.history, None, limit=10**9)) == 25


@pytest.mark.parametrize("body", ["", "  ", "\u200b", "x" * (messages.BODY_LENGTH + 1), "\x00", None, 5])
def test_a_text_that_cannot_be_sent_is_refused(sqlite_database: Database, body: str) -> None:
    with pytest.raises(message_errors.InvalidBody):
        say(sqlite_database, make_user(sqlite_database), body)
    with pytest.raises(message_errors.InvalidClientId):
        say(sqlite_database, make_user(sqlite_database), "好", "短")


def test_people_are_called_by_their_names(database: Database) -> None:
    me, short, long = make_user(database, "李雷"), make_user(database, "小明"), make_user(database, "小明明")
    latin = make_user(database, "Alice")
    event = say(database, me, "@小明你好 @小明明明天来吗？@ALICE @没有这人 a@Alice.com，@李雷 @")
    assert event.message.mentions == ["小明", "小明明", "ALICE", "李雷"]
    assert event.mentioned == tuple(sorted([short.user_id, long.user_id, latin.user_id]))
    assert shown(database)[0].mentions == event.message.mentions
    assert say(database, me, "没有叫谁", "client-0002").mentioned == ()


def test_one_message_calls_only_a_few(sqlite_database: Database) -> None:
    people = [make_user(sqlite_database, f"邻居甲{number}") for number in range(9)]
    event = say(sqlite_database, people[0], " ".join(f"@{one.username}" for one in people[1:]))
    assert len(event.mentioned) == plaza.MOST_MENTIONS


def test_ones_own_is_taken_back_within_two_minutes(database: Database) -> None:
    me, other = make_user(database), make_user(database)
    say(database, me, "说错了 @某人")
    seq: Any
    for stranger, seq in ((other, 1), (me, 2), (me, 0), (me, 2**70), (me, None)):
        with pytest.raises(MessageNotFound):
            database.write(plaza.recall, stranger, seq)
    for _ in range(2):
        gone = database.write(plaza.recall, me, 1).message
        assert (gone.kind, gone.body, gone.seq) == (RECALLED, "", 1)
    assert shown(database) == [gone]
    say(database, me, "太晚了", "client-0002")
    age_all(database, timedelta(minutes=2, seconds=1))
    with pytest.raises(RecallTooLate):
        database.write(plaza.recall, me, 2)


def test_only_operators_delete_for_everyone(database: Database) -> None:
    me, operator = make_user(database), make_user(database, role=Role.OPERATOR)
    say(database, me, "广告")
    age_all(database, timedelta(days=3))
    with pytest.raises(OperatorsOnly):
        database.write(plaza.retract, me, 1)
    for _ in range(2):
        gone = database.write(plaza.retract, operator, 1).message
        assert (gone.kind, gone.body, gone.sender_id) == (RETRACTED, "", me.user_id)
    assert shown(database) == [gone]
    with pytest.raises(MessageNotFound):
        database.write(plaza.retract, operator, 2)


@pytest.mark.parametrize("minutes", plaza.MUTES)
def test_the_muted_read_and_do_not_write_until_it_is_over(database: Database, minutes: int) -> None:
    me, operator = make_user(database), make_user(database, role=Role.OPERATOR)
    event = database.write(plaza.mute, operator, me.user_id, minutes)
    opened = database.read(plaza.open_room, me, 10)
    assert opened.muted_until == event.until != ""
    with pytest.raises(plaza.Muted):
        say(database, me, "放我出来")

    def end(session: Session) -> None:
        left = session.get_one(RoomMute, me.user_id).until - utc_now()
        assert timedelta(minutes=minutes - 1) < left <= timedelta(minutes=minutes)
        session.get_one(RoomMute, me.user_id).until = utc_now()

    database.write(end)
    assert database.read(plaza.muted_until, me.user_id) == ""
    say(database, me, "好了")


def test_an_operator_lifts_it_and_a_second_one_replaces_the_first(database: Database) -> None:
    me, operator = make_user(database), make_user(database, role=Role.OPERATOR)
    day = database.write(plaza.mute, operator, me.user_id, 1440).until
    assert database.write(plaza.mute, operator, me.user_id, 10).until < day
    assert database.write(plaza.mute, operator, me.user_id, 0).until == ""
    say(database, me, "谢谢")
    mute = partial(database.write, plaza.mute, operator, me.user_id, 60)
    assert not [result for result in race(mute, mute, mute) if isinstance(result, Exception)]


def test_who_and_for_how_long_is_checked(sqlite_database: Database) -> None:
    me, operator = make_user(sqlite_database), make_user(sqlite_database, role=Role.OPERATOR)
    with pytest.raises(OperatorsOnly):
        sqlite_database.write(plaza.mute, me, operator.user_id, 10)
    with pytest.raises(plaza.NotMutable):
        sqlite_database.write(plaza.mute, operator, operator.user_id, 10)
    nobody: Any
    for nobody in (0, 2**70, None, "1", True):
        with pytest.raises(PersonNotFound):
            sqlite_database.write(plaza.mute, operator, nobody, 10)
    minutes: Any
    for minutes in (-1, 11, 10**9, None, "10", True, [10]):
        with pytest.raises(plaza.WrongTime):
            sqlite_database.write(plaza.mute, operator, me.user_id, minutes)


async def test_there_is_a_pause_between_two_messages_of_one_person(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    me, other = make_user(sqlite_database), make_user(sqlite_database)
    operator = make_user(sqlite_database, role=Role.OPERATOR)
    await plaza.take_turn(me)
    with pytest.raises(plaza.SlowDown) as refusal:
        await plaza.take_turn(me)
    assert refusal.value.wait == 3
    assert "3 秒" in refusal.value.message
    await plaza.take_turn(other)
    for _ in range(3):
        await plaza.take_turn(operator)
    monkeypatch.setenv("XIANYU_ROOM_PAUSE", "0")
    get_settings.cache_clear()
    for _ in range(3):
        await plaza.take_turn(me)


def test_the_blocker_is_told_whose_messages_to_leave_out(sqlite_database: Database) -> None:
    me, other = make_user(sqlite_database), make_user(sqlite_database)
    sqlite_database.write(contacts.block, me, other.user_id)
    assert sqlite_database.read(plaza.open_room, me, 10).blocked == [other.user_id]
    assert sqlite_database.read(plaza.open_room, other, 10).blocked == []
    assert sqlite_database.read(plaza.open_room, None, 10).blocked == []


def test_who_is_there_has_a_name_and_who_left_has_none(sqlite_database: Database) -> None:
    one, other = make_user(sqlite_database, "小明"), make_user(sqlite_database, "小红")
    say(sqlite_database, other, "再见")
    here = sqlite_database.read(plaza.people, [other.user_id, one.user_id, 999])
    assert [person.name for person in here] == ["小明", "小红"]

    def leave(session: Session) -> None:
        session.execute(sa.update(User).where(col(User.id) == other.user_id).values(closed_at=utc_now()))

    sqlite_database.write(leave)
    [line] = shown(sqlite_database)
    assert (line.sender_name, line.sender_username, line.body) == ("已注销用户", "", "再见")


def test_my_archive_has_my_people_and_what_i_said_in_public(database: Database) -> None:
    me, friend, other = make_user(database, "我"), make_user(database, "朋友"), make_user(database, "别人")
    operator = make_user(database, role=Role.OPERATOR)
    database.write(friends.ask, me, friend.user_id)
    database.write(friends.accept, friend, me.user_id)
    database.write(contacts.block, me, other.user_id)
    say(database, me, "公开的话")
    say(database, other, "别人的话", "client-0002")
    until = database.write(plaza.mute, operator, me.user_id, 10).until
    database.write(exports.request, me)
    job = database.write(exports.take)
    assert job is not None
    exports.make(database, *job, lambda _percent: None)
    url = database.read(exports.present, me).url
    with zipfile.ZipFile(database.read(exports.archive, me, url.rpartition("/")[2])) as archive:
        people = json.loads(archive.read("people.json"))
        said = json.loads(archive.read("public_room.json"))
    assert [one["name"] for one in people["friends"]] == ["朋友"]
    assert [one["name"] for one in people["blocked"]] == ["别人"]
    assert people["muted_in_public_room_until"] == until
    assert [line["text"] for line in said] == ["公开的话"]
