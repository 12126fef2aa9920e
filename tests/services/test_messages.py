"""Conversations: who may write what to whom, and what each of the two then sees."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.concurrency import race
from tests.factories import make_listing
from tests.said import bodies, send
from xianyu.adapters.database import Database
from xianyu.models import Conversation, ConversationMember, ListingStatus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ConversationRead
from xianyu.schemas.messages import MessageView
from xianyu.services import conversation_list, message_errors, messages
from xianyu.services.accounts import PersonNotFound
from xianyu.services.listing_errors import ListingNotFound

NOBODY = 987_654_321
JUNK: list[Any] = [None, True, "7", 1.0, [], {}, -1, 0, 2**63, 10**30]


@pytest.fixture
def database(messaging_database: Database) -> Database:
    """Each of the databases, and a message store beside one."""
    return messaging_database


def unread(database: Database, actor: Actor) -> dict[int, int]:
    """By peer; the three ways of asking agree."""
    by_user = database.read(conversation_list.unread_by_user, actor.user_id)
    listed = {
        view.peer_id: view.unread for view in database.read(conversation_list.conversations, actor) if view.unread
    }
    assert by_user == listed
    assert database.read(conversation_list.unread_total, actor) == sum(by_user.values())
    return by_user


def rows(database: Database, model: type[Conversation | ConversationMember]) -> int:
    return database.read(lambda session: session.scalar(sa.select(sa.func.count()).select_from(model))) or 0


def test_both_read_the_same_message(database: Database, alice: Actor, bob: Actor) -> None:
    sent = database.write(messages.send, alice, bob.user_id, "client-id-1", "  还在吗？\r\n我想要\u200b  ")
    assert (sent.sender_id, sent.recipient_id) == (alice.user_id, bob.user_id)
    assert sent.message.body == "还在吗？\n我想要"
    assert sent.message.sender_name == "小艾"
    assert sent.message.seq == 1
    assert sent.message.sent_at.endswith("Z")
    assert database.read(messages.history, alice, bob.user_id) == [sent.message]
    assert database.read(messages.history, bob, alice.user_id) == [sent.message]


def test_every_message_names_who_wrote_it(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, alice, bob)
    send(database, bob, alice)
    names = [(view.sender_id, view.sender_name) for view in database.read(messages.history, alice, bob.user_id)]
    assert names == [(alice.user_id, "小艾"), (bob.user_id, "老王")]


@pytest.mark.parametrize(
    "body",
    [
        "😀🏳️‍🌈👨‍👩‍👧‍👦",
        "𠮷𪚥𰻝",
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; DROP TABLE message; -- \" \\ %s %(x)s :name {} $1",
        "第一行\n\t第二行",
        "好" * 2000,
        "𠮷" * 2000,
    ],
)
def test_text_is_kept_to_the_letter(database: Database, alice: Actor, bob: Actor, body: str) -> None:
    assert send(database, alice, bob, body).message.body == body
    assert bodies(database, bob, alice) == [body]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "消息不能为空"),
        (" \n\t\u200b\u3000 ", "消息不能为空"),
        ("\u200d\ufe0f", "消息不能为空"),
        (None, "消息不能为空"),
        ({"body": "x"}, "消息不能为空"),
        (7, "消息不能为空"),
        ("好" * 2001, "消息太长（最多 2000 字）"),
        ("x" * 100_000, "消息太长（最多 2000 字）"),
        ("a\x00b", "不能包含控制字符"),
        ("a\x1bb", "不能包含控制字符"),
        ("a\ud83db", "不能包含控制字符"),
    ],
)
def test_a_text_that_cannot_be_sent_is_refused(
    database: Database, alice: Actor, bob: Actor, body: str, message: str
) -> None:
    with pytest.raises(message_errors.InvalidBody) as refusal:
        database.write(messages.send, alice, bob.user_id, "client-id-1", body)
    assert (refusal.value.message, refusal.value.field) == (message, "body")
    assert rows(database, Conversation) == 0


@pytest.mark.parametrize(
    "client_id", ["", "short", "x" * 37, "with space", "中文字符编号一二三", "id-12345\n", None, 12345678]
)
def test_a_message_id_of_another_form_is_refused(database: Database, alice: Actor, bob: Actor, client_id: str) -> None:
    with pytest.raises(message_errors.InvalidClientId):
        database.write(messages.send, alice, bob.user_id, client_id, "你好")
    assert rows(database, Conversation) == 0


def test_nobody_writes_to_themselves(database: Database, alice: Actor) -> None:
    with pytest.raises(message_errors.TalkToYourself, match="不能给自己发消息"):
        database.write(messages.send, alice, alice.user_id, "client-id-1", "你好")
    with pytest.raises(message_errors.TalkToYourself):
        database.write(messages.conversation_with, alice, alice.user_id)
    assert database.read(messages.find_conversation, alice, alice.user_id) is None
    assert rows(database, Conversation) == 0


@pytest.mark.parametrize("peer_id", [NOBODY, *JUNK])
def test_nobody_writes_to_nobody(database: Database, alice: Actor, peer_id: int) -> None:
    with pytest.raises(PersonNotFound):
        database.write(messages.send, alice, peer_id, "client-id-1", "你好")
    with pytest.raises(PersonNotFound):
        database.write(messages.conversation_with, alice, peer_id)
    assert database.read(messages.find_conversation, alice, peer_id) is None
    assert database.read(messages.about, alice, peer_id) is None
    assert database.read(messages.history, alice, peer_id) == []
    assert database.read(messages.since, alice, peer_id, 0) == []
    assert database.read(messages.settled, alice, peer_id, ["client-id-1"]) == []
    assert database.write(messages.read, alice, peer_id, 1) is None
    assert rows(database, Conversation) == 0


def test_sending_again_never_makes_two(database: Database, alice: Actor, bob: Actor) -> None:
    """Regression: a message shown twice."""
    first = database.write(messages.send, alice, bob.user_id, "client-id-1", "你好")
    again = database.write(messages.send, alice, bob.user_id, "client-id-1", "你好")
    assert again == replace(first, is_repeat=True)
    assert bodies(database, bob, alice) == ["你好"]
    assert unread(database, bob) == {alice.user_id: 1}


def test_a_repeat_leaves_the_order_of_conversations_alone(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    def order() -> list[str]:
        return [view.peer_name for view in database.read(conversation_list.conversations, bob)]

    def repeat() -> None:
        database.write(messages.send, alice, bob.user_id, "client-id-1", "你好")

    repeat()
    send(database, carol, bob)
    repeat()
    assert order() == ["卡罗", "小艾"]
    send(database, alice, bob)
    repeat()
    assert order() == ["小艾", "卡罗"]


def test_first_messages_from_both_sides_at_once_end_in_one_conversation(
    database: Database, alice: Actor, bob: Actor
) -> None:
    pairs = [(alice, bob), (bob, alice)] * 4
    results = race(*(partial(send, database, sender, to) for sender, to in pairs))
    assert [result for result in results if isinstance(result, Exception)] == []
    assert rows(database, Conversation) == 1
    assert rows(database, ConversationMember) == 2
    history = database.read(messages.history, alice, bob.user_id)
    assert [view.seq for view in history] == list(range(1, 9))


def test_no_message_shows_in_another_conversation(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    """Regression: a message in the wrong conversation (串台)."""
    send(database, alice, bob, "给老王")
    send(database, carol, alice, "给小艾")
    send(database, bob, alice, "回小艾")
    assert bodies(database, alice, bob) == bodies(database, bob, alice) == ["给老王", "回小艾"]
    assert bodies(database, alice, carol) == bodies(database, carol, alice) == ["给小艾"]
    assert bodies(database, bob, carol) == bodies(database, carol, bob) == []
    assert unread(database, carol) == {}


def test_unread_is_what_the_other_wrote_since(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    """Regression: the count stuck at 1, or back after a reload."""
    for _ in range(3):
        send(database, alice, bob)
    send(database, carol, bob)
    assert unread(database, bob) == {alice.user_id: 3, carol.user_id: 1}
    assert unread(database, alice) == {}
    assert database.write(messages.read, bob, alice.user_id, 2) is not None
    assert unread(database, bob) == {alice.user_id: 1, carol.user_id: 1}
    send(database, bob, alice)
    assert unread(database, bob) == {carol.user_id: 1}
    assert unread(database, alice) == {bob.user_id: 1}


def test_reading_tells_what_moved_and_nothing_else(database: Database, alice: Actor, bob: Actor) -> None:
    sent = send(database, alice, bob)
    event = ConversationRead(sent.conversation_id, bob.user_id, alice.user_id, 1)
    assert database.write(messages.read, bob, alice.user_id, 10**30) == event
    assert database.write(messages.read, bob, alice.user_id, 1) is None
    assert database.write(messages.read, alice, bob.user_id, 1) is None
    assert unread(database, bob) == {}


@pytest.mark.parametrize("seq", [None, True, "1", 1.5, [], -3, 0, -(10**30)])
def test_a_position_that_is_none_moves_nothing(database: Database, alice: Actor, bob: Actor, seq: int) -> None:
    send(database, alice, bob)
    assert database.write(messages.read, bob, alice.user_id, seq) is None
    assert unread(database, bob) == {alice.user_id: 1}


def test_nobody_reads_for_somebody_else(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    send(database, alice, bob)
    assert database.write(messages.read, carol, alice.user_id, 1) is None
    assert database.write(messages.read, carol, bob.user_id, 1) is None
    assert unread(database, bob) == {alice.user_id: 1}


def test_a_message_in_view_is_read_as_it_arrives(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, alice, bob)
    send(database, alice, bob, seen_by_peer=True)
    assert unread(database, bob) == {}
    send(database, alice, bob)
    assert unread(database, bob) == {alice.user_id: 1}


def test_history_goes_back_by_pages(database: Database, alice: Actor, bob: Actor) -> None:
    for number in range(1, 8):
        send(database, alice, bob, str(number))

    def page(**bounds: Any) -> list[MessageView]:
        return database.read(messages.history, bob, alice.user_id, **bounds)

    assert [view.seq for view in page(limit=3)] == [5, 6, 7]
    assert [view.seq for view in page(before_seq=5, limit=3)] == [2, 3, 4]
    assert [view.seq for view in page(before_seq=10**30, limit=2)] == [6, 7]
    assert page(before_seq=1) == []
    assert page(before_seq="5") == page(before_seq=True) == []
    assert len(page(limit=-1)) == 1
    assert len(page(limit=10**30)) == len(page(limit="3")) == 7


def test_an_open_page_catches_up(database: Database, alice: Actor, bob: Actor) -> None:
    for number in range(1, 6):
        send(database, alice, bob, str(number))

    def after(seq: Any, limit: int = 50) -> list[MessageView]:
        return database.read(messages.since, bob, alice.user_id, seq, limit)

    assert [view.body for view in after(3)] == ["4", "5"]
    assert [view.body for view in after(0, 2)] == ["1", "2"]
    assert [view.body for view in after(-(10**30), 2)] == ["1", "2"]
    assert after(10**30) == after("3") == []


def test_an_opened_conversation_without_a_message_is_in_nobodys_list(
    database: Database, alice: Actor, bob: Actor
) -> None:
    opened = database.write(messages.conversation_with, alice, bob.user_id)
    assert database.write(messages.conversation_with, bob, alice.user_id) == opened
    assert database.read(messages.find_conversation, bob, alice.user_id) == opened
    assert database.read(conversation_list.conversations, alice) == []
    assert database.read(conversation_list.conversations, bob) == []


def test_wanting_opens_a_conversation_about_the_listing(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob)
    assert database.write(messages.want, alice, listing_id) == bob.user_id
    assert database.read(messages.about, alice, bob.user_id) == listing_id
    assert database.read(messages.about, bob, alice.user_id) == listing_id
    [view] = database.read(conversation_list.conversations, alice)
    assert (view.peer_id, view.last_body, view.unread) == (bob.user_id, "", 0)
    assert database.read(conversation_list.conversations, bob) == []
    assert bodies(database, alice, bob) == []


def test_wanting_something_else_changes_what_the_conversation_is_about(
    database: Database, alice: Actor, bob: Actor
) -> None:
    first, second = make_listing(database, bob), make_listing(database, bob)
    database.write(messages.want, alice, first)
    send(database, alice, bob)
    database.write(messages.want, alice, second)
    assert database.read(messages.about, bob, alice.user_id) == second
    assert rows(database, Conversation) == 1
    assert bodies(database, bob, alice) == ["你好"]


def test_nobody_wants_what_they_sell(database: Database, alice: Actor) -> None:
    """Regression: 想要 on one's own listing."""
    listing_id = make_listing(database, alice)
    with pytest.raises(message_errors.WantOwnListing, match="这是你自己发布的宝贝"):
        database.write(messages.want, alice, listing_id)
    assert rows(database, Conversation) == 0


@pytest.mark.parametrize("listing_id", [NOBODY, *JUNK])
def test_nobody_wants_what_there_is_not(database: Database, alice: Actor, listing_id: int) -> None:
    with pytest.raises(ListingNotFound):
        database.write(messages.want, alice, listing_id)


def test_nobody_wants_what_was_deleted(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob, status=ListingStatus.DELETED)
    with pytest.raises(ListingNotFound):
        database.write(messages.want, alice, listing_id)
    assert rows(database, Conversation) == 0


def test_a_first_message_that_was_cut_off_is_in_no_other_conversation(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    """A worker was killed before the conversation was committed; the next one may get its number."""
    with Session(database.engine) as session:
        messages.send(session, alice, bob.user_id, "client-id-1", "只给老王看")
    send(database, bob, carol, "你好")
    assert bodies(database, carol, bob) == ["你好"]
    assert unread(database, carol) == {bob.user_id: 1}
    database.write(messages.send, alice, bob.user_id, "client-id-1", "只给老王看")
    assert bodies(database, bob, alice) == bodies(database, alice, bob) == ["只给老王看"]
    assert unread(database, bob) == {alice.user_id: 1}


def test_an_outbox_learns_what_is_stored(database: Database, alice: Actor, bob: Actor) -> None:
    database.write(messages.send, alice, bob.user_id, "client-id-1", "一")
    database.write(messages.send, bob, alice.user_id, "client-id-2", "二")
    database.write(messages.send, alice, bob.user_id, "client-id-3", "三")
    asked: list[Any] = ["client-id-3", "client-id-2", "never-sent", "client-id-1", None, {}, 7, "' OR 1=1 --"]

    def settled(client_ids: Any) -> list[str]:
        return database.read(messages.settled, alice, bob.user_id, client_ids)

    assert settled(asked) == ["client-id-3", "client-id-1"]
    assert settled([*["never-sent"] * 100, "client-id-1"]) == []
    assert settled(None) == settled("client-id-1") == settled([]) == settled([[]]) == []
