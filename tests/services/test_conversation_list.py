"""A person's conversations as a list."""

import pytest
import sqlalchemy as sa

from tests.factories import make_user
from tests.said import send
from xianyu.adapters.database import Database
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import ConversationView
from xianyu.services import conversation_list, message_changes, messages


@pytest.fixture
def database(messaging_database: Database) -> Database:
    """Each of the databases, and a message store beside one."""
    return messaging_database


def test_the_list_shows_the_last_message_of_each_latest_first(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    send(database, carol, alice, "早")
    send(database, alice, bob, "第一句")
    last = send(database, bob, alice, "第二句\n\n  还有一行")
    first, second = database.read(conversation_list.conversations, alice)
    assert first == ConversationView(
        peer_id=bob.user_id,
        peer_name="老王",
        last_body="第二句 还有一行",
        last_at=last.message.sent_at,
        unread=1,
        url=f"/messages/{bob.user_id}",
        shows_presence=True,
    )
    assert (second.peer_name, second.last_body, second.unread) == ("卡罗", "早", 1)
    assert database.read(conversation_list.conversations, alice, limit=1) == [first]
    assert database.read(conversation_list.conversations_of, alice.user_id, 10) == [first, second]


def test_a_long_last_message_is_cut(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, alice, bob, "好" * 80)
    assert database.read(conversation_list.conversations, bob)[0].last_body == "好" * 80
    send(database, alice, bob, "好" * 81)
    assert database.read(conversation_list.conversations, bob)[0].last_body == "好" * 79 + "…"


def test_the_list_takes_as_many_queries_for_many_as_for_one(database: Database, alice: Actor, bob: Actor) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    def listed() -> int:
        statements.clear()
        assert database.read(conversation_list.conversations, alice)
        return len(statements)

    send(database, bob, alice)
    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        for_one = listed()
        for _ in range(10):
            send(database, make_user(database), alice)
        assert listed() == for_one
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def test_a_repeat_brings_no_deleted_conversation_back(database: Database) -> None:
    """The sender's browser never heard that the message was stored, and tries again after the other deleted it."""
    alice, bob = make_user(database), make_user(database)
    database.write(messages.send, alice, bob.user_id, "client-repeated", "在吗")
    database.write(message_changes.clear, bob, alice.user_id)
    database.write(messages.send, alice, bob.user_id, "client-repeated", "在吗")
    assert database.read(conversation_list.conversations, bob) == []
    [line] = database.read(conversation_list.conversations, alice)
    assert line.peer_id == bob.user_id
    database.write(messages.send, alice, bob.user_id, "client-new-one", "还在吗")
    assert [line.unread for line in database.read(conversation_list.conversations, bob)] == [1]
