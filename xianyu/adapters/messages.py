"""Where messages are kept: the protocol of a message store, and the store in the relational database."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

import sqlalchemy as sa
from sqlmodel import Session

from xianyu.models import metadata
from xianyu.models.types import BigId
from xianyu.schemas.messages import MessageDraft, StoredMessage


class ThreadNotOpen(LookupError):
    """A message was to be stored in a conversation that was never opened."""


class MessageStore(Protocol):
    """Messages by conversation, and how far each member has read.

    A conversation's messages are numbered from 1 without gaps. A read position is such a number, so
    an unread count is a difference. Ids of conversations and people are opaque here: who may read
    or write what is for the services to decide.
    """

    def open(self, conversation_id: int, member_ids: Iterable[int]) -> None:
        """Make room for a conversation, nothing read by any member. What exists stays as it is."""
        ...

    def append(self, draft: MessageDraft) -> StoredMessage:
        """Store a message under the next number; its sender has thereby read up to it.

        A draft with the conversation, sender and client id of a stored message is a repeat: the
        stored one is returned, nothing changes and no number is used up.

        Raises:
            ThreadNotOpen: if the conversation was never opened.
        """
        ...

    def page(self, conversation_id: int, before_seq: int | None, limit: int) -> list[StoredMessage]:
        """The latest ``limit`` messages, or the latest before ``before_seq``; oldest first."""
        ...

    def since(self, conversation_id: int, after_seq: int, limit: int) -> list[StoredMessage]:
        """The first ``limit`` messages after ``after_seq``, oldest first."""
        ...

    def last(self, conversation_ids: Iterable[int]) -> dict[int, StoredMessage]:
        """The newest message of each conversation that has one."""
        ...

    def mark_read(self, conversation_id: int, reader_id: int, seq: int) -> bool:
        """Move a member's position forward to ``seq``, or to the newest message if that comes first.

        Returns:
            Whether it moved. It never moves back, and somebody who is no member has none.
        """
        ...

    def unread(self, reader_id: int) -> dict[int, int]:
        """How many messages the reader has not read, by conversation; those with none are left out."""
        ...

    def unread_of(self, reader_ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """``unread`` of several readers at once; those with nothing unread are left out."""
        ...

    def stored_ids(self, conversation_id: int, sender_id: int, client_ids: Iterable[str]) -> set[str]:
        """Those of a sender's client ids that name a stored message."""
        ...


# Statements are built once: building one costs more than running it on SQLite.
_THREAD = metadata.tables["message_thread"]
_MESSAGE = metadata.tables["message"]
_POSITION = metadata.tables["read_position"]

_conversation = sa.bindparam("conversation", type_=BigId)
_sender = sa.bindparam("sender", type_=BigId)
_reader = sa.bindparam("reader", type_=BigId)
_new_seq = sa.bindparam("new_seq", type_=sa.Integer)
_limit = sa.bindparam("limit", type_=sa.Integer)

_COLUMNS = [_MESSAGE.c[name] for name in ("conversation_id", "seq", "sender_id", "client_id", "body", "sent_at")]
_IN_CONVERSATION = sa.select(*_COLUMNS).where(_MESSAGE.c.conversation_id == _conversation)

_LAST_SEQ = sa.select(_THREAD.c.last_seq).where(_THREAD.c.conversation_id == _conversation)
_COUNT_UP = (
    sa.update(_THREAD)
    .where(_THREAD.c.conversation_id == _conversation)
    .values(last_seq=_THREAD.c.last_seq + sa.bindparam("step", type_=sa.Integer))
)
_NEW_SEQ_AND_REPEAT = (
    sa.select(_THREAD.c.last_seq, *_COLUMNS)
    .outerjoin(
        _MESSAGE,
        sa.and_(
            _MESSAGE.c.conversation_id == _THREAD.c.conversation_id,
            _MESSAGE.c.sender_id == _sender,
            _MESSAGE.c.client_id == sa.bindparam("client"),
        ),
    )
    .where(_THREAD.c.conversation_id == _conversation)
)
_INSERT = sa.insert(_MESSAGE)
_ADVANCE = (
    sa.update(_POSITION)
    .where(
        _POSITION.c.conversation_id == _conversation,
        _POSITION.c.reader_id == _reader,
        _POSITION.c.seq < _new_seq,
    )
    .values(seq=_new_seq)
)

_LATEST = _IN_CONVERSATION.order_by(_MESSAGE.c.seq.desc()).limit(_limit)
_LATEST_BEFORE = _LATEST.where(_MESSAGE.c.seq < sa.bindparam("before"))
_AFTER = _IN_CONVERSATION.where(_MESSAGE.c.seq > sa.bindparam("after")).order_by(_MESSAGE.c.seq).limit(_limit)
_LAST = (
    sa.select(*_COLUMNS)
    .join(
        _THREAD,
        sa.and_(_THREAD.c.conversation_id == _MESSAGE.c.conversation_id, _THREAD.c.last_seq == _MESSAGE.c.seq),
    )
    .where(_THREAD.c.conversation_id.in_(sa.bindparam("conversations", expanding=True)))
)
_ALL_UNREAD = (
    sa.select(
        _POSITION.c.reader_id, _POSITION.c.conversation_id, (_THREAD.c.last_seq - _POSITION.c.seq).label("unread")
    )
    .join(_THREAD, _THREAD.c.conversation_id == _POSITION.c.conversation_id)
    .where(_THREAD.c.last_seq > _POSITION.c.seq)
)
_UNREAD = _ALL_UNREAD.where(_POSITION.c.reader_id == _reader)
_UNREAD_OF = _ALL_UNREAD.where(_POSITION.c.reader_id.in_(sa.bindparam("readers", expanding=True)))
_STORED_IDS = sa.select(_MESSAGE.c.client_id).where(
    _MESSAGE.c.conversation_id == _conversation,
    _MESSAGE.c.sender_id == _sender,
    _MESSAGE.c.client_id.in_(sa.bindparam("clients", expanding=True)),
)
_READERS = sa.select(_POSITION.c.reader_id).where(_POSITION.c.conversation_id == _conversation)


class SqlMessageStore:
    """The message store in the relational database.

    Args:
        session: The unit of work; everything here is part of its transaction and undone with it.
    """

    def __init__(self, session: Session) -> None:
        # The statements need nothing from the ORM, whose way of running them costs about as much again.
        self._connection = session.connection()

    def open(self, conversation_id: int, member_ids: Iterable[int]) -> None:
        """See ``MessageStore``. Two at once meet in the primary key; the unit of work starts one over."""
        run = self._connection.execute
        if run(_LAST_SEQ, {"conversation": conversation_id}).first() is None:
            run(sa.insert(_THREAD), {"conversation_id": conversation_id, "last_seq": 0})
        missing = set(member_ids) - set(run(_READERS, {"conversation": conversation_id}).scalars())
        for member_id in sorted(missing):
            run(sa.insert(_POSITION), {"conversation_id": conversation_id, "reader_id": member_id, "seq": 0})

    def append(self, draft: MessageDraft) -> StoredMessage:
        """See ``MessageStore``. Writers of one conversation queue up at its counter's row.

        Counting comes first because it takes the row's lock on every database: only behind it is it
        sure that no other transaction is about to store the same message.
        """
        here = {"conversation": draft.conversation_id}
        run = self._connection.execute
        if run(_COUNT_UP, {**here, "step": 1}).rowcount != 1:
            raise ThreadNotOpen(draft.conversation_id)
        new_seq, *repeat = run(
            _NEW_SEQ_AND_REPEAT, {**here, "sender": draft.sender_id, "client": draft.client_id}
        ).one()
        if repeat[0] is not None:
            run(_COUNT_UP, {**here, "step": -1})
            return StoredMessage(*repeat)
        stored = StoredMessage(
            conversation_id=draft.conversation_id,
            seq=new_seq,
            sender_id=draft.sender_id,
            client_id=draft.client_id,
            body=draft.body,
            sent_at=draft.sent_at,
        )
        run(_INSERT, {column.name: getattr(stored, column.name) for column in _COLUMNS})
        run(_ADVANCE, {**here, "reader": stored.sender_id, "new_seq": stored.seq})
        return stored

    def page(self, conversation_id: int, before_seq: int | None, limit: int) -> list[StoredMessage]:
        """See ``MessageStore``."""
        statement = _LATEST if before_seq is None else _LATEST_BEFORE
        values = {"conversation": conversation_id, "limit": limit}
        if before_seq is not None:
            values["before"] = before_seq
        rows = self._connection.execute(statement, values).all()
        return [StoredMessage(*row) for row in reversed(rows)]

    def since(self, conversation_id: int, after_seq: int, limit: int) -> list[StoredMessage]:
        """See ``MessageStore``."""
        values = {"conversation": conversation_id, "after": after_seq, "limit": limit}
        return [StoredMessage(*row) for row in self._connection.execute(_AFTER, values)]

    def last(self, conversation_ids: Iterable[int]) -> dict[int, StoredMessage]:
        """See ``MessageStore``."""
        rows = self._connection.execute(_LAST, {"conversations": list(conversation_ids)})
        return {row.conversation_id: StoredMessage(*row) for row in rows}

    def mark_read(self, conversation_id: int, reader_id: int, seq: int) -> bool:
        """See ``MessageStore``. The counter only grows, so what it was a moment ago is a safe bound."""
        here = {"conversation": conversation_id}
        last_seq = self._connection.execute(_LAST_SEQ, here).scalar() or 0
        values = {**here, "reader": reader_id, "new_seq": min(seq, last_seq)}
        return self._connection.execute(_ADVANCE, values).rowcount == 1

    def unread(self, reader_id: int) -> dict[int, int]:
        """See ``MessageStore``."""
        rows = self._connection.execute(_UNREAD, {"reader": reader_id})
        return {row.conversation_id: row.unread for row in rows}

    def unread_of(self, reader_ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """See ``MessageStore``."""
        found: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for row in self._connection.execute(_UNREAD_OF, {"readers": list(reader_ids)}):
            found[row.reader_id][row.conversation_id] = row.unread
        return dict(found)

    def stored_ids(self, conversation_id: int, sender_id: int, client_ids: Iterable[str]) -> set[str]:
        """See ``MessageStore``."""
        values = {"conversation": conversation_id, "sender": sender_id, "clients": list(client_ids)}
        return set(self._connection.execute(_STORED_IDS, values).scalars())


def message_store(session: Session) -> MessageStore:
    """The message store to use together with ``session``. The one place that chooses it."""
    return SqlMessageStore(session)
