"""Moving every message from one store to the other, conversation by conversation."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xianyu.adapters.messages import InStore
from xianyu.schemas.messages import StoredMessage, StoredThread

BATCH = 500


class MoveFailed(RuntimeError):
    """What arrived is not what was sent."""


@dataclass(frozen=True)
class Moved:
    """One conversation is in place. ``was_there`` says that an earlier run had brought it."""

    conversation_id: int
    messages: int
    was_there: bool


def move(source: InStore, target: InStore) -> Iterator[Moved]:
    """Copy conversations one after the other, each verified by count and digest; the source stays whole.

    Nothing else may write meanwhile. Run again after an interruption, it passes over what is there.

    Raises:
        MoveFailed: if a conversation differs after it was copied.
    """
    for conversation_id in thread_ids(source):
        wanted = digest_of(source, conversation_id)
        if was_there := digest_of(target, conversation_id) == wanted:
            yield Moved(conversation_id, wanted[0], was_there)
            continue
        _copy(source, target, conversation_id)
        if digest_of(target, conversation_id) != wanted:
            raise MoveFailed(f"conversation {conversation_id} differs after it was copied")
        yield Moved(conversation_id, wanted[0], was_there)


def count_threads(store: InStore) -> int:
    """How many conversations there are to move."""
    return sum(1 for _ in thread_ids(store))


def thread_ids(store: InStore) -> Iterator[int]:
    """The ids of all conversations, in order."""
    # The public room has number 0.
    after = -1
    while ids := store(lambda it, after=after: it.thread_ids(after, BATCH)):  # type: ignore[misc]  # no lambda is generic
        yield from ids
        after = ids[-1]


def messages_of(store: InStore, conversation_id: int) -> Iterator[list[StoredMessage]]:
    """The messages of a conversation, in order, some at a time."""
    after = 0
    while batch := store(lambda it, after=after: it.since(conversation_id, after, BATCH)):  # type: ignore[misc]  # the same
        yield batch
        after = batch[-1].seq


def _copy(source: InStore, target: InStore, conversation_id: int) -> None:
    for batch in messages_of(source, conversation_id):
        target(lambda it, batch=batch: it.restore_messages(batch))  # type: ignore[misc]  # the same
    thread = thread_of(source, conversation_id)
    target(lambda it: it.restore_thread(thread))


def thread_of(store: InStore, conversation_id: int) -> StoredThread:
    """Everything about a conversation but its messages."""
    thread = store(lambda it: it.thread(conversation_id))
    return thread or StoredThread(conversation_id, 0, {}, {})


def digest_of(store: InStore, conversation_id: int) -> tuple[int, str]:
    """How many messages there are, and a SHA-256 of them and of what people did with them."""
    digest = ThreadDigest()
    for batch in messages_of(store, conversation_id):
        digest.add(batch)
    return digest.count, digest.of(thread_of(store, conversation_id))


class ThreadDigest:
    """Sums up one conversation, a batch of messages after the other; two stores that agree have the same."""

    def __init__(self) -> None:
        self.count = 0
        self._digest = hashlib.sha256()

    def add(self, batch: Sequence[StoredMessage]) -> None:
        """Take in messages, which come in order."""
        for message in batch:
            self._digest.update(repr(message).encode())
        self.count += len(batch)

    def of(self, thread: StoredThread) -> str:
        """A SHA-256 of the messages so far and of what people did with them."""
        digest = self._digest.copy()
        # What lies under a reader's clearing is gone for them, whether it was hidden one by one or not.
        hidden = {
            reader: [seq for seq in sorted(seqs) if seq > thread.positions.get(reader, (0, 0))[1]]
            for reader, seqs in sorted(thread.hidden.items())
        }
        kept = {reader: seqs for reader, seqs in hidden.items() if seqs}
        digest.update(repr((thread.last_seq, sorted(thread.positions.items()), kept)).encode())
        return digest.hexdigest()
