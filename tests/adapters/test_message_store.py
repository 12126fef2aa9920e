"""What every message store does, told through the protocol alone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.backends import BACKENDS, new_database
from tests.concurrency import race
from tests.message_stores import mongo, sql
from tests.mongodb import running_mongodb
from xianyu.adapters.database import Database
from xianyu.adapters.messages import InStore, MessageStore, StoreUnavailable, ThreadNotOpen
from xianyu.adapters.migrations import migrate
from xianyu.adapters.mongo import connect
from xianyu.adapters.mongo_messages import MongoMessageStore
from xianyu.adapters.sql_messages import SqlMessageStore
from xianyu.models import metadata
from xianyu.schemas.messages import MessageDraft, StoredMessage, StoredThread

ALICE, BOB, CAROL = 11, 12, 13
HERE, THERE = 501, 502
NOON = datetime(2026, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)
THREADS = 20

_number = count(1)


@pytest.fixture
def mongo_store(mongodb: str) -> Iterator[InStore]:
    """An empty store in MongoDB."""
    with mongo(mongodb) as store:
        yield store


@pytest.fixture(params=[*BACKENDS, "mongodb"])
def open_store(request: pytest.FixtureRequest, migrated: Callable[[str], str]) -> Iterator[InStore]:
    """A store in which Alice and Bob have a conversation, and Alice and Carol another."""
    if request.param == "mongodb":
        store: InStore = request.getfixturevalue("mongo_store")
    else:
        database = Database(migrated(request.param))
        store = sql(database)
    store(lambda it: it.open(HERE, (ALICE, BOB)))
    store(lambda it: it.open(THERE, (ALICE, CAROL)))
    yield store
    if request.param != "mongodb":
        database.write(_delete_messages)
        database.engine.dispose()


def _delete_messages(session: Session) -> None:
    for table in ("message", "read_position", "message_thread", "hidden_message"):
        session.execute(sa.delete(metadata.tables[table]))


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


def test_an_attachment_comes_back(open_store: InStore) -> None:
    sent = replace(draft(body=""), kind="photo", attachment='{"name": "照片.webp"}')
    [stored] = append(open_store, sent)
    [found] = open_store(lambda it: it.page(HERE, None, 1))
    assert (found.kind, found.attachment, found) == ("photo", sent.attachment, stored)


def test_what_is_taken_back_keeps_its_number_and_loses_its_text(open_store: InStore) -> None:
    first, second = append(open_store, draft(body="打错了"), draft())
    recalled = open_store(lambda it: it.recall(HERE, ALICE, first.seq, first.sent_at))
    assert recalled is not None
    assert (recalled.seq, recalled.body, recalled.recalled_at is None) == (1, "", False)
    assert open_store(lambda it: it.page(HERE, None, 10)) == [recalled, second]


def test_who_wrote_it_may_take_it_back_once_and_in_time(open_store: InStore) -> None:
    [sent] = append(open_store, draft())
    too_late = sent.sent_at + timedelta(microseconds=1)
    assert open_store(lambda it: it.recall(HERE, BOB, 1, sent.sent_at)) is None
    assert open_store(lambda it: it.recall(THERE, ALICE, 1, sent.sent_at)) is None
    assert open_store(lambda it: it.recall(HERE, ALICE, 2, sent.sent_at)) is None
    assert open_store(lambda it: it.recall(HERE, ALICE, 1, too_late)) is None
    assert open_store(lambda it: it.recall(HERE, ALICE, 1, sent.sent_at)) is not None
    assert open_store(lambda it: it.recall(HERE, ALICE, 1, sent.sent_at)) is None


def test_deleting_for_oneself_leaves_the_others_copy(open_store: InStore) -> None:
    append(open_store, *(draft() for _ in range(5)))
    open_store(lambda it: it.hide(HERE, BOB, [2, 5, 99]))
    open_store(lambda it: it.hide(HERE, BOB, [2]))
    assert seqs(open_store(lambda it: it.page(HERE, None, 10, BOB))) == [1, 3, 4]
    assert seqs(open_store(lambda it: it.page(HERE, 4, 1, BOB))) == [3]
    assert seqs(open_store(lambda it: it.since(HERE, 1, 10, BOB))) == [3, 4]
    assert seqs(open_store(lambda it: it.page(HERE, None, 10, ALICE))) == [1, 2, 3, 4, 5]
    assert open_store(lambda it: it.last([HERE], BOB))[HERE].seq == 4
    assert open_store(lambda it: it.last([HERE], ALICE))[HERE].seq == 5


def test_deleting_everything_stays_so_and_new_messages_start_afresh(open_store: InStore) -> None:
    append(open_store, *(draft() for _ in range(3)))
    open_store(lambda it: it.hide(HERE, BOB, [1]))
    assert open_store(lambda it: it.clear(HERE, BOB)) == 3
    assert open_store(lambda it: it.page(HERE, None, 10, BOB)) == []
    assert open_store(lambda it: it.since(HERE, 0, 10, BOB)) == []
    assert open_store(lambda it: it.last([HERE, THERE], BOB)) == {}
    assert open_store(lambda it: it.unread(BOB)) == {}
    [fresh] = append(open_store, draft())
    assert open_store(lambda it: it.page(HERE, None, 10, BOB)) == [fresh]
    assert open_store(lambda it: it.last([HERE], BOB)) == {HERE: fresh}
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 1}
    assert seqs(open_store(lambda it: it.page(HERE, None, 10, ALICE))) == [1, 2, 3, 4]


def test_clearing_an_empty_conversation_changes_nothing(open_store: InStore) -> None:
    assert open_store(lambda it: it.clear(HERE, BOB)) == 0
    assert seqs(append(open_store, draft())) == [1]


def test_a_search_finds_text_and_no_patterns(open_store: InStore) -> None:
    append(open_store, draft(body="山地车还在吗"), draft(BOB, "在，100% 新 iPhone_15"), draft(body="好"))
    append(open_store, draft(CAROL, "山地车多少钱", conversation=THERE))

    def found(reader: int, text: str, where: tuple[int, ...] = (HERE, THERE)) -> list[tuple[int, int]]:
        return [(m.conversation_id, m.seq) for m in open_store(lambda it: it.search(where, reader, text, 10))]

    assert found(ALICE, "山地车") == [(THERE, 1), (HERE, 1)]
    assert found(ALICE, "山地车", (HERE,)) == [(HERE, 1)]
    assert found(ALICE, "iphone_15") == [(HERE, 2)]
    assert found(ALICE, "0%") == [(HERE, 2)]
    for pattern in ("%", "_", ".", "[", "!", "\\", "山.车", "a|b", "(", "$"):
        assert found(ALICE, pattern) == ([(HERE, 2)] if pattern in "%_" else []), pattern
    open_store(lambda it: it.hide(HERE, ALICE, [1]))
    assert found(ALICE, "山地车") == [(THERE, 1)]
    assert open_store(lambda it: it.search((), ALICE, "山", 10)) == []


def test_how_far_somebody_has_read(open_store: InStore) -> None:
    append(open_store, draft(), draft())
    open_store(lambda it: it.mark_read(HERE, BOB, 1))
    assert open_store(lambda it: [it.position(HERE, who) for who in (ALICE, BOB, CAROL)]) == [2, 1, 0]


def test_the_messages_of_a_time_are_counted(open_store: InStore) -> None:
    first, *_, last = append(open_store, draft(), draft(BOB), draft(conversation=THERE), draft())
    open_store(lambda it: it.recall(HERE, ALICE, first.seq, NOON))
    open_store(lambda it: it.clear(HERE, BOB))
    begin, end, moment = first.sent_at, last.sent_at, timedelta(microseconds=1)
    for since, until, found in ((begin, end + moment, 4), (begin, end, 3), (begin + moment, end, 2), (end, begin, 0)):
        assert open_store(partial(_count, since=since, until=until)) == found


def _count(store: MessageStore, since: datetime, until: datetime) -> int:
    return store.count(since, until)


def _all_messages(store: MessageStore, here: int) -> list[StoredMessage]:
    return store.since(here, 0, 100)


def _thread(store: MessageStore, here: int) -> StoredThread:
    thread = store.thread(here)
    assert thread is not None
    return thread


def _restore(store: MessageStore, messages: list[StoredMessage], thread: StoredThread) -> None:
    store.restore_messages(messages)
    store.restore_thread(thread)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[InStore]:
    """An empty store to move to."""
    with new_database("sqlite", tmp_path) as url:
        migrate(url)
        database = Database(url)
        yield sql(database)
        database.engine.dispose()


def test_everything_can_be_put_elsewhere_and_again(open_store: InStore, elsewhere: InStore) -> None:
    append(open_store, draft(), draft(BOB), draft(), draft(conversation=THERE))
    open_store(lambda it: it.recall(HERE, ALICE, 1, NOON))
    open_store(lambda it: it.hide(HERE, BOB, [2]))
    open_store(lambda it: it.clear(THERE, CAROL))
    assert open_store(lambda it: it.thread_ids(0, 10)) == [HERE, THERE]
    assert open_store(lambda it: it.thread_ids(HERE, 10)) == [THERE]
    for here in (HERE, THERE, HERE, THERE):
        messages = open_store(partial(_all_messages, here=here))
        thread = open_store(partial(_thread, here=here))
        elsewhere(partial(_restore, messages=messages, thread=thread))
        assert elsewhere(partial(_all_messages, here=here)) == messages
        assert elsewhere(partial(_thread, here=here)).positions == thread.positions
    assert seqs(elsewhere(lambda it: it.page(HERE, None, 10, BOB))) == [1, 3]
    assert seqs(append(elsewhere, draft())) == [4]
    assert open_store(lambda it: it.thread(99)) is None


def test_a_server_that_is_away_is_said_to_be() -> None:
    with running_mongodb() as url:
        database = connect(f"{url}?serverSelectionTimeoutMS=200")
        store = MongoMessageStore(database)
        store.open(HERE, (ALICE, BOB))
    with pytest.raises(StoreUnavailable):
        store.append(draft())
    with pytest.raises(StoreUnavailable):
        store.unread(ALICE)
    database.client.close()
