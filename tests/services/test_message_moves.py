"""Moving all messages between the two stores."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice

import pytest

from tests.message_stores import mongo, sql
from xianyu.adapters.database import Database
from xianyu.adapters.messages import InStore, MessageStore
from xianyu.schemas.messages import MessageDraft, StoredMessage
from xianyu.services import message_moves
from xianyu.services.message_moves import MoveFailed, count_threads, move

ALICE, BOB = 11, 12
NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
THREADS, EACH = 5, 7


def _fill(store: MessageStore) -> None:
    for here in range(THREADS):
        store.open(here, (ALICE, BOB))
        for number in range(EACH):
            sent_at = NOON + timedelta(minutes=number)
            store.append(
                MessageDraft(here, (ALICE, BOB)[number % 2], f"message-{number}", f"第 {number} 条 😀", sent_at)
            )
        store.hide(here, BOB, [2, 6])
    store.clear(1, ALICE)
    store.clear(2, BOB)
    store.recall(3, ALICE, 1, NOON)


@pytest.fixture
def elsewhere(mongodb: str) -> Iterator[InStore]:
    with mongo(mongodb) as store:
        yield store


@pytest.fixture(params=["to MongoDB", "to the database"])
def pair(request: pytest.FixtureRequest, sqlite_database: Database, elsewhere: InStore) -> tuple[InStore, InStore]:
    """A filled source and an empty target."""
    here = sql(sqlite_database)
    source, target = (here, elsewhere) if request.param == "to MongoDB" else (elsewhere, here)
    source(_fill)
    return source, target


def _page(store: MessageStore, here: int, reader: int | None) -> list[StoredMessage]:
    return store.page(here, None, 100, reader)


def test_everything_arrives_as_it_was(pair: tuple[InStore, InStore], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_moves, "BATCH", 3)
    source, target = pair
    assert count_threads(source) == THREADS
    assert [(one.conversation_id, one.messages, one.was_there) for one in move(source, target)] == [
        (here, EACH, False) for here in range(THREADS)
    ]
    for here in range(THREADS):
        for reader in (None, ALICE, BOB):
            look = partial(_page, here=here, reader=reader)
            assert target(look) == source(look)
    assert target(lambda it: it.unread_of([ALICE, BOB])) == source(lambda it: it.unread_of([ALICE, BOB]))
    [thread] = [target(lambda it: it.append(MessageDraft(0, BOB, "afterwards", "好", NOON)))]
    assert thread.seq == EACH + 1


def test_an_interrupted_move_goes_on_where_it_was(pair: tuple[InStore, InStore]) -> None:
    source, target = pair
    assert len(list(islice(move(source, target), 2))) == 2
    assert [one.was_there for one in move(source, target)] == [True, True, False, False, False]


def test_a_conversation_that_was_half_there_is_completed(pair: tuple[InStore, InStore]) -> None:
    source, target = pair
    target(lambda it: it.restore_messages(source(lambda them: them.since(0, 0, 3))))
    assert [one.was_there for one in move(source, target)] == [False] * THREADS
    assert target(lambda it: it.page(0, None, 100)) == source(lambda it: it.page(0, None, 100))


def test_a_difference_is_not_passed_over(pair: tuple[InStore, InStore]) -> None:
    source, target = pair
    [first] = source(lambda it: it.since(0, 0, 1))
    target(lambda it: it.restore_messages([replace(first, body="别的")]))
    with pytest.raises(MoveFailed, match="conversation 0 differs"):
        list(move(source, target))
