"""What every message store does, told through the protocol alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Protocol, TypeVar

import pytest
from sqlmodel import Session

from tests.concurrency import race
from xianyu.adapters.database import Database
from xianyu.adapters.messages import MessageStore, SqlMessageStore, ThreadNotOpen
from xianyu.schemas.messages import MessageDraft, StoredMessage

T = TypeVar("T")

ALICE, BOB, CAROL = 11, 12, 13
HERE, THERE = 501, 502
NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
THREADS = 20

_number = count(1)


class InStore(Protocol):
    """Runs work with a store and keeps what it did."""

    def __call__(self, work: Callable[[MessageStore], T]) -> T: ...


def sql(database: Database) -> InStore:
    def run(work: Callable[[MessageStore], T]) -> T:
        def in_session(session: Session) -> T:
            return work(SqlMessageStore(session))

        return database.write(in_session)

    return run


# Each makes a store that is empty when the database is.
STORES = [sql]


@pytest.fixture(params=STORES)
def open_store(request: pytest.FixtureRequest, database: Database) -> InStore:
    """A store in which Alice and Bob have a conversation, and Alice and Carol another."""
    make: Callable[[Database], InStore] = request.param
    store = make(database)
    store(lambda it: it.open(HERE, (ALICE, BOB)))
    store(lambda it: it.open(THERE, (ALICE, CAROL)))
    return store


def draft(sender: int = ALICE, body: str = "你好", client_id: str = "", conversation: int = HERE) -> MessageDraft:
    number = next(_number)
    return MessageDraft(
        conversation_id=conversation,
        sender_id=sender,
        client_id=client_id or f"message-{number}",
        body=body,
        sent_at=NOON + timedelta(seconds=number),
    )


def append(store: InStore, *drafts: MessageDraft) -> list[StoredMessage]:
    return [store(lambda it, one=one: it.append(one)) for one in drafts]  # type: ignore[misc]  # no lambda is generic


def seqs(messages: list[StoredMessage]) -> list[int]:
    return [message.seq for message in messages]


def test_a_stored_message_comes_back_as_it_was(open_store: InStore) -> None:
    body = "😀👨‍👩‍👧 𠮷𪚥 <b>粗</b> '; DROP TABLE message; -- %s :x \\ \"\n第二行\t末"
    sent = draft(body=body)
    [stored] = append(open_store, sent)
    assert stored == StoredMessage(HERE, 1, ALICE, sent.client_id, body, sent.sent_at)
    assert open_store(lambda it: it.page(HERE, None, 10)) == [stored]


def test_each_conversation_counts_from_one(open_store: InStore) -> None:
    assert seqs(append(open_store, draft(), draft(BOB), draft())) == [1, 2, 3]
    assert seqs(append(open_store, draft(CAROL, conversation=THERE))) == [1]


def test_opening_again_changes_nothing(open_store: InStore) -> None:
    append(open_store, draft(), draft())
    open_store(lambda it: it.open(HERE, (BOB, ALICE)))
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 2}
    assert seqs(append(open_store, draft())) == [3]


def test_opening_from_many_threads_makes_one_conversation(open_store: InStore) -> None:
    results = race(*[partial(open_store, lambda it: it.open(77, (ALICE, BOB)))] * THREADS)
    assert results == [None] * THREADS
    append(open_store, draft(conversation=77))
    assert open_store(lambda it: it.unread(BOB)) == {77: 1}


def test_a_conversation_that_was_never_opened_takes_no_message(open_store: InStore) -> None:
    with pytest.raises(ThreadNotOpen):
        append(open_store, draft(conversation=99))
    assert open_store(lambda it: it.page(99, None, 10)) == []


def test_a_repeat_is_the_stored_message_and_uses_no_number(open_store: InStore) -> None:
    [first] = append(open_store, draft(client_id="same-one"))
    [again] = append(open_store, draft(client_id="same-one", body="别的"))
    assert again == first
    assert seqs(append(open_store, draft())) == [2]
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 2}


def test_a_client_id_belongs_to_its_sender_and_conversation(open_store: InStore) -> None:
    drafts = [
        draft(ALICE, client_id="same-one"),
        draft(BOB, client_id="same-one"),
        draft(ALICE, client_id="SAME-one"),
        draft(ALICE, client_id="same-one", conversation=THERE),
    ]
    assert seqs(append(open_store, *drafts)) == [1, 2, 3, 1]


def test_a_repeat_after_others_wrote_moves_no_position(open_store: InStore) -> None:
    append(open_store, draft(ALICE, client_id="same-one"), draft(BOB), draft(BOB))
    append(open_store, draft(ALICE, client_id="same-one"))
    assert open_store(lambda it: it.unread(ALICE)) == {HERE: 2}


def test_sends_from_many_threads_get_gapless_numbers(open_store: InStore) -> None:
    each = 5

    def send_some(sender: int) -> list[int]:
        return seqs(append(open_store, *(draft(sender) for _ in range(each))))

    results = race(*(partial(send_some, (ALICE, BOB)[number % 2]) for number in range(THREADS)))
    numbers = [seq for result in results if isinstance(result, list) for seq in result]
    assert [result for result in results if isinstance(result, Exception)] == []
    assert sorted(numbers) == list(range(1, THREADS * each + 1))
    assert seqs(open_store(lambda it: it.page(HERE, None, 500))) == list(range(1, THREADS * each + 1))


def test_one_message_from_many_threads_is_stored_once(open_store: InStore) -> None:
    sent = draft(client_id="same-one")
    results = race(*[partial(open_store, lambda it: it.append(sent))] * THREADS)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert set(results) == {StoredMessage(HERE, 1, ALICE, "same-one", sent.body, sent.sent_at)}
    assert seqs(append(open_store, draft())) == [2]


def test_pages_go_back_in_time_and_read_forwards(open_store: InStore) -> None:
    append(open_store, *(draft() for _ in range(7)))
    assert seqs(open_store(lambda it: it.page(HERE, None, 3))) == [5, 6, 7]
    assert seqs(open_store(lambda it: it.page(HERE, 5, 3))) == [2, 3, 4]
    assert seqs(open_store(lambda it: it.page(HERE, 2, 3))) == [1]
    assert open_store(lambda it: it.page(HERE, 1, 3)) == []


def test_since_gives_what_came_after(open_store: InStore) -> None:
    append(open_store, *(draft() for _ in range(5)))
    assert seqs(open_store(lambda it: it.since(HERE, 2, 10))) == [3, 4, 5]
    assert seqs(open_store(lambda it: it.since(HERE, 0, 2))) == [1, 2]
    assert open_store(lambda it: it.since(HERE, 5, 10)) == []


def test_last_is_the_newest_of_each_conversation(open_store: InStore) -> None:
    *_, here = append(open_store, draft(), draft(BOB, "最后"))
    assert open_store(lambda it: it.last([HERE, THERE, 99])) == {HERE: here}
    [there] = append(open_store, draft(CAROL, conversation=THERE))
    assert open_store(lambda it: it.last([HERE, THERE])) == {HERE: here, THERE: there}
    assert open_store(lambda it: it.last([])) == {}


def test_unread_counts_what_others_wrote(open_store: InStore) -> None:
    assert open_store(lambda it: it.unread(BOB)) == {}
    append(open_store, draft(), draft(), draft(conversation=THERE))
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 2}
    assert open_store(lambda it: it.unread(CAROL)) == {THERE: 1}
    assert open_store(lambda it: it.unread(ALICE)) == {}
    assert open_store(lambda it: it.unread_of([ALICE, CAROL])) == {CAROL: {THERE: 1}}
    assert open_store(lambda it: it.unread_of([BOB, CAROL])) == {BOB: {HERE: 2}, CAROL: {THERE: 1}}
    assert open_store(lambda it: it.unread_of([])) == {}


def test_sending_implies_having_read(open_store: InStore) -> None:
    append(open_store, draft(), draft(), draft(BOB))
    assert open_store(lambda it: it.unread(BOB)) == {}
    assert open_store(lambda it: it.unread(ALICE)) == {HERE: 1}


def test_a_position_moves_forward_only_and_not_beyond_the_last(open_store: InStore) -> None:
    append(open_store, draft(), draft(), draft())
    assert open_store(lambda it: it.mark_read(HERE, BOB, 2)) is True
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 1}
    assert open_store(lambda it: it.mark_read(HERE, BOB, 2)) is False
    assert open_store(lambda it: it.mark_read(HERE, BOB, 1)) is False
    assert open_store(lambda it: it.mark_read(HERE, BOB, -5)) is False
    assert open_store(lambda it: it.mark_read(HERE, BOB, 10**12)) is True
    assert open_store(lambda it: it.unread(BOB)) == {}
    append(open_store, draft())
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 1}


def test_nobody_else_has_a_position(open_store: InStore) -> None:
    append(open_store, draft())
    assert open_store(lambda it: it.mark_read(HERE, CAROL, 1)) is False
    assert open_store(lambda it: it.mark_read(99, ALICE, 1)) is False
    assert open_store(lambda it: it.unread(CAROL)) == {}


def test_reading_while_others_write_loses_nothing(open_store: InStore) -> None:
    works: list[Callable[[], object]] = [partial(append, open_store, draft()) for _ in range(THREADS // 2)]
    works += [partial(open_store, lambda it: it.mark_read(HERE, BOB, 4)) for _ in range(THREADS // 2)]
    assert [result for result in race(*works) if isinstance(result, Exception)] == []
    open_store(lambda it: it.mark_read(HERE, BOB, 4))
    assert open_store(lambda it: it.unread(BOB)) == {HERE: THREADS // 2 - 4}


def test_stored_ids_are_those_of_the_sender_here(open_store: InStore) -> None:
    append(open_store, draft(client_id="mine-here"), draft(BOB, client_id="not-mine"))
    append(open_store, draft(client_id="mine-there", conversation=THERE))
    asked = ["mine-here", "not-mine", "mine-there", "nowhere", "' OR 1=1 --"]
    assert open_store(lambda it: it.stored_ids(HERE, ALICE, asked)) == {"mine-here"}
    assert open_store(lambda it: it.stored_ids(HERE, ALICE, [])) == set()


def test_what_fails_later_in_the_transaction_is_undone_with_it(database: Database) -> None:
    store = sql(database)
    store(lambda it: it.open(HERE, (ALICE, BOB)))

    def store_and_fail(session: Session) -> None:
        SqlMessageStore(session).append(draft())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(store_and_fail)
    assert store(lambda it: it.page(HERE, None, 10)) == []
    assert seqs(append(store, draft())) == [1]
    assert store(lambda it: it.unread(BOB)) == {HERE: 1}
