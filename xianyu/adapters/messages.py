"""Where messages are kept: what every message store does."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from xianyu.schemas.messages import MessageDraft, StoredMessage, StoredThread

T = TypeVar("T")


class ThreadNotOpen(LookupError):
    """A message was to be stored in a conversation that was never opened."""


class StoreUnavailable(ConnectionError):
    """The server that keeps the messages does not answer. What was to be stored may be sent again."""


class MessageStore(Protocol):
    """Messages by conversation, and how far each member has read.

    A conversation's messages are numbered from 1 without gaps. A read position is such a number, so
    an unread count is a difference, less what has nothing to read any more. Ids of conversations and
    people are opaque here: who may read or write what is for the services to decide.
    """

    def open(self, conversation_id: int, member_ids: Iterable[int]) -> None:
        """Make room for a conversation, nothing read by any member. What exists stays as it is."""
        ...

    def begin(self, conversation_id: int, member_ids: Iterable[int]) -> None:
        """``open`` a conversation that was just made.

        What is there under its number is no part of it: whoever made one with that number before was
        cut off, and the number was given away again.
        """
        ...

    def append(self, draft: MessageDraft) -> StoredMessage:
        """Store a message under the next number; its sender has thereby read up to it.

        A draft with the conversation, sender and client id of a stored message is a repeat: the
        stored one is returned, nothing changes and no number is used up.

        Raises:
            ThreadNotOpen: if the conversation was never opened.
        """
        ...

    def page(
        self, conversation_id: int, before_seq: int | None, limit: int, reader_id: int | None = None
    ) -> list[StoredMessage]:
        """The latest ``limit`` messages, or the latest before ``before_seq``; oldest first.

        With a reader, those that the reader deleted for themselves are left out, here and below.
        """
        ...

    def since(
        self, conversation_id: int, after_seq: int, limit: int, reader_id: int | None = None
    ) -> list[StoredMessage]:
        """The first ``limit`` messages after ``after_seq``, oldest first."""
        ...

    def last(self, conversation_ids: Iterable[int], reader_id: int | None = None) -> dict[int, StoredMessage]:
        """The newest message of each conversation that has one."""
        ...

    def search(self, conversation_ids: Iterable[int], reader_id: int, text: str, limit: int) -> list[StoredMessage]:
        """The latest messages that contain ``text``, whatever its case, the newest first."""
        ...

    def mark_read(self, conversation_id: int, reader_id: int, seq: int) -> bool:
        """Move a member's position forward to ``seq``, or to the newest message if that comes first.

        Returns:
            Whether it moved. It never moves back, and somebody who is no member has none.
        """
        ...

    def unread(self, reader_id: int) -> dict[int, int]:
        """How many messages the reader has not read, by conversation; those with none are left out.

        What was taken back, or the reader deleted, has nothing to read and does not count.
        """
        ...

    def unread_of(self, reader_ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """``unread`` of several readers at once; those with nothing unread are left out."""
        ...

    def stored_ids(self, conversation_id: int, sender_id: int, client_ids: Iterable[str]) -> set[str]:
        """Those of a sender's client ids that name a stored message."""
        ...

    def position(self, conversation_id: int, reader_id: int) -> int:
        """How far a member has read; 0 for somebody who is none."""
        ...

    def count(self, since: datetime, until: datetime) -> int:
        """How many messages were sent from ``since`` on and before ``until``, whatever became of them."""
        ...

    def recall(self, conversation_id: int, sender_id: int, seq: int, not_before: datetime) -> StoredMessage | None:
        """Empty a message of that sender's, unless it was sent before ``not_before`` or is empty already.

        Returns:
            The message as it is now, or nothing where nothing changed.
        """
        ...

    def retract(self, conversation_id: int, seq: int) -> StoredMessage | None:
        """Empty a message whoever sent it and whenever, and make it of the kind ``RETRACTED``.

        Returns:
            The message as it is now, or nothing where there is none or it was empty already.
        """
        ...

    def hide(self, conversation_id: int, reader_id: int, seqs: Iterable[int]) -> None:
        """Leave these messages out of what the reader sees. May be repeated."""
        ...

    def clear(self, conversation_id: int, reader_id: int) -> int:
        """Leave out everything up to the newest message, which is thereby read, and return its number."""
        ...

    def thread_ids(self, after: int, limit: int) -> list[int]:
        """The ids of conversations after that id, in order."""
        ...

    def thread(self, conversation_id: int) -> StoredThread | None:
        """Everything about a conversation but its messages."""
        ...

    def restore_messages(self, messages: Sequence[StoredMessage]) -> None:
        """Put messages of one conversation in place as they are; one that is there already stays."""
        ...

    def restore_thread(self, thread: StoredThread) -> None:
        """Put a conversation in place after its messages; positions that are there only move forward."""
        ...


class InStore(Protocol):
    """Runs work with a store in a unit of work of its own."""

    def __call__(self, work: Callable[[MessageStore], T]) -> T:
        """What the work returns, once it is kept."""
        ...
