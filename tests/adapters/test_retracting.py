"""Messages that somebody else deletes for everyone, in every store."""

from tests.adapters.test_message_store import (  # noqa: F401 - fixtures are found by their names
    ALICE,
    BOB,
    CAROL,
    HERE,
    NOON,
    append,
    draft,
    mongo_store,
    open_store,
    seqs,
)
from xianyu.adapters.messages import InStore
from xianyu.schemas.messages import RETRACTED


def test_a_retracted_message_keeps_its_number_and_nothing_else(open_store: InStore) -> None:  # noqa: F811
    first, second = append(open_store, draft(ALICE), draft(BOB))
    gone = open_store(lambda it: it.retract(HERE, first.seq))
    assert gone is not None
    assert (gone.seq, gone.sender_id, gone.client_id) == (first.seq, ALICE, first.client_id)
    assert (gone.body, gone.attachment, gone.kind, gone.recalled_at is None) == ("", "", RETRACTED, False)
    assert open_store(lambda it: it.page(HERE, None, 10)) == [gone, second]
    assert seqs(append(open_store, draft())) == [3]


def test_it_is_retracted_once_and_not_where_there_is_nothing(open_store: InStore) -> None:  # noqa: F811
    append(open_store, draft(ALICE), draft(ALICE))
    assert open_store(lambda it: it.retract(HERE, 1)) is not None
    assert open_store(lambda it: it.retract(HERE, 1)) is None
    assert open_store(lambda it: it.recall(HERE, ALICE, 1, NOON)) is None
    assert open_store(lambda it: it.recall(HERE, ALICE, 2, NOON)) is not None
    assert open_store(lambda it: it.retract(HERE, 2)) is None
    assert open_store(lambda it: it.retract(HERE, 3)) is None
    assert open_store(lambda it: it.retract(999, 1)) is None


def test_a_repeat_of_it_is_what_became_of_it(open_store: InStore) -> None:  # noqa: F811
    sent = draft(ALICE, client_id="same-one")
    append(open_store, sent)
    gone = open_store(lambda it: it.retract(HERE, 1))
    assert append(open_store, sent) == [gone]


def test_a_conversation_without_members_is_in_nobodys_counts(open_store: InStore) -> None:  # noqa: F811
    open_store(lambda it: it.open(0, ()))
    append(open_store, draft(ALICE, conversation=0), draft(BOB, conversation=0))
    assert seqs(open_store(lambda it: it.page(0, None, 10))) == [1, 2]
    for reader in (ALICE, BOB):
        assert open_store(lambda it, reader=reader: it.unread(reader)) == {}  # type: ignore[misc]  # no lambda is generic


def test_what_has_nothing_to_read_is_not_unread(open_store: InStore) -> None:  # noqa: F811
    first, *_ = append(open_store, *(draft() for _ in range(6)))
    assert open_store(lambda it: it.recall(HERE, ALICE, 1, first.sent_at)) is not None
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 5}
    assert open_store(lambda it: it.retract(HERE, 2)) is not None
    open_store(lambda it: it.hide(HERE, BOB, [2, 3]))
    open_store(lambda it: it.hide(HERE, CAROL, [4]))
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 3}
    assert open_store(lambda it: it.unread_of([BOB, ALICE])) == {BOB: {HERE: 3}}
    assert open_store(lambda it: it.mark_read(HERE, BOB, 4))
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 2}
    open_store(lambda it: it.hide(HERE, BOB, [5, 6]))
    assert open_store(lambda it: it.unread(BOB)) == {}
    append(open_store, draft())
    assert open_store(lambda it: it.unread(BOB)) == {HERE: 1}
