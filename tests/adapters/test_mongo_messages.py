"""What a worker that was killed half-way leaves in MongoDB, where no transaction undoes it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.message_stores import mongo
from xianyu.adapters.messages import InStore, MessageStore
from xianyu.schemas.messages import MessageDraft

HERE, ALICE, BOB = 5, 1, 2


def draft(client_id: str) -> MessageDraft:
    return MessageDraft(HERE, ALICE, client_id, "你好", datetime(2026, 1, 1, 12, tzinfo=UTC))


@pytest.fixture
def store(mongodb: str) -> Iterator[InStore]:
    """The half of storing a message that a crash may leave: it is there, and not counted."""
    with mongo(mongodb) as store:
        store(lambda it: it.open(HERE, (ALICE, BOB)))
        store(lambda it: it._insert(draft("uncounted")))  # type: ignore[attr-defined]
        assert store(lambda it: it.unread(BOB)) == {}
        yield store


def test_who_crashed_before_counting_is_counted_by_the_next(store: InStore) -> None:
    assert store(lambda it: it.append(draft("counted"))).seq == 2
    assert store(lambda it: it.unread(BOB)) == {HERE: 2}
    assert store(lambda it: it.append(draft("uncounted"))).seq == 1


@pytest.mark.parametrize(
    "look",
    [lambda it: it.page(HERE, None, 10, ALICE), lambda it: it.stored_ids(HERE, ALICE, ["uncounted"])],
    ids=["its page is read", "its sender asks for it"],
)
def test_who_crashed_before_counting_is_counted_when(store: InStore, look: Callable[[MessageStore], Any]) -> None:
    """Whoever sees the message stored sends it no more, so that nobody else would count it."""
    assert store(look)
    assert store(lambda it: it.unread(BOB)) == {HERE: 1}
    assert store(lambda it: it.position(HERE, ALICE)) == 1
    assert list(store(lambda it: it.last([HERE]))) == [HERE]


def test_a_conversation_begins_with_nothing_of_one_that_was_cut_off(store: InStore) -> None:
    store(lambda it: it.begin(HERE, (ALICE, BOB)))
    assert store(lambda it: it.page(HERE, None, 10)) == []
    assert store(lambda it: it.append(draft("uncounted"))).seq == 1
    assert store(lambda it: it.unread(BOB)) == {HERE: 1}
