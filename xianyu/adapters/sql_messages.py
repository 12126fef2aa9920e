"""The message store in the relational database."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from xianyu.adapters.messages import ThreadNotOpen
from xianyu.models import metadata
from xianyu.models.messages import FOR_ALL
from xianyu.models.types import BigId, utc_now
from xianyu.schemas.messages import RETRACTED, MessageDraft, StoredMessage, StoredThread

# Statements are built once: building one costs more than running it on SQLite.
_THREAD = metadata.tables["message_thread"]
_MESSAGE = metadata.tables["message"]
_POSITION = metadata.tables["read_position"]
_HIDDEN = metadata.tables["hidden_message"]

_conversation = sa.bindparam("conversation", type_=BigId)
_sender = sa.bindparam("sender", type_=BigId)
_reader = sa.bindparam("reader", type_=BigId)
_new_seq = sa.bindparam("new_seq", type_=sa.Integer)
_limit = sa.bindparam("limit", type_=sa.Integer)

_COLUMNS = [_MESSAGE.c[name] for name in StoredMessage.__dataclass_fields__]
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

# What a reader did not delete for themselves.
_CLEARED = (
    sa.select(_POSITION.c.cleared_seq)
    .where(_POSITION.c.conversation_id == _MESSAGE.c.conversation_id, _POSITION.c.reader_id == _reader)
    .scalar_subquery()
)
_KEPT = (
    _MESSAGE.c.seq > sa.func.coalesce(_CLEARED, 0),
    ~sa.exists().where(
        _HIDDEN.c.conversation_id == _MESSAGE.c.conversation_id,
        _HIDDEN.c.reader_id == _reader,
        _HIDDEN.c.seq == _MESSAGE.c.seq,
    ),
)
_LATEST = _IN_CONVERSATION.order_by(_MESSAGE.c.seq.desc()).limit(_limit)
_LATEST_BEFORE = _LATEST.where(_MESSAGE.c.seq < sa.bindparam("before"))
_AFTER = _IN_CONVERSATION.where(_MESSAGE.c.seq > sa.bindparam("after")).order_by(_MESSAGE.c.seq).limit(_limit)
_LATEST_KEPT, _LATEST_BEFORE_KEPT, _AFTER_KEPT = (each.where(*_KEPT) for each in (_LATEST, _LATEST_BEFORE, _AFTER))
_LAST = (
    sa.select(*_COLUMNS)
    .join(
        _THREAD,
        sa.and_(_THREAD.c.conversation_id == _MESSAGE.c.conversation_id, _THREAD.c.last_seq == _MESSAGE.c.seq),
    )
    .where(_THREAD.c.conversation_id.in_(sa.bindparam("conversations", expanding=True)))
)
_LAST_GONE = (
    sa.select(_THREAD.c.conversation_id)
    .join(
        _MESSAGE,
        sa.and_(_THREAD.c.conversation_id == _MESSAGE.c.conversation_id, _THREAD.c.last_seq == _MESSAGE.c.seq),
    )
    .where(_THREAD.c.conversation_id.in_(sa.bindparam("conversations", expanding=True)), ~sa.and_(*_KEPT))
)
# Of the messages behind a position, those of which nothing is left to read.
_NOTHING_LEFT = (
    sa.select(sa.func.count(sa.distinct(_HIDDEN.c.seq)))
    .where(
        _HIDDEN.c.conversation_id == _POSITION.c.conversation_id,
        _HIDDEN.c.reader_id.in_([_POSITION.c.reader_id, FOR_ALL]),
        _HIDDEN.c.seq > _POSITION.c.seq,
        _HIDDEN.c.seq <= _THREAD.c.last_seq,
    )
    .scalar_subquery()
)
_ALL_UNREAD = (
    sa.select(
        _POSITION.c.reader_id,
        _POSITION.c.conversation_id,
        (_THREAD.c.last_seq - _POSITION.c.seq - _NOTHING_LEFT).label("unread"),
    )
    .join(_THREAD, _THREAD.c.conversation_id == _POSITION.c.conversation_id)
    .where(_THREAD.c.last_seq > _POSITION.c.seq)
)
_UNREAD = _ALL_UNREAD.where(_POSITION.c.reader_id == _reader)
_UNREAD_OF = _ALL_UNREAD.where(_POSITION.c.reader_id.in_(sa.bindparam("readers", expanding=True)))
_SEARCH = (
    sa.select(*_COLUMNS)
    .where(
        _MESSAGE.c.conversation_id.in_(sa.bindparam("conversations", expanding=True)),
        sa.func.lower(_MESSAGE.c.body).like(sa.bindparam("pattern"), escape="!"),
        *_KEPT,
    )
    .order_by(_MESSAGE.c.sent_at.desc(), _MESSAGE.c.conversation_id.desc(), _MESSAGE.c.seq.desc())
    .limit(_limit)
)
_OWN_POSITION = sa.select(_POSITION.c.seq).where(
    _POSITION.c.conversation_id == _conversation, _POSITION.c.reader_id == _reader
)
_ONE = _IN_CONVERSATION.where(_MESSAGE.c.seq == _new_seq)
_RECALL = (
    sa.update(_MESSAGE)
    .where(
        _MESSAGE.c.conversation_id == _conversation,
        _MESSAGE.c.seq == _new_seq,
        _MESSAGE.c.sender_id == _sender,
        _MESSAGE.c.recalled_at.is_(None),
        _MESSAGE.c.sent_at >= sa.bindparam("not_before", type_=_MESSAGE.c.sent_at.type),
    )
    .values(body="", attachment="", recalled_at=sa.bindparam("now", type_=_MESSAGE.c.recalled_at.type))
)
_RETRACT = (
    sa.update(_MESSAGE)
    .where(_MESSAGE.c.conversation_id == _conversation, _MESSAGE.c.seq == _new_seq, _MESSAGE.c.recalled_at.is_(None))
    .values(
        body="",
        attachment="",
        kind=RETRACTED,
        recalled_at=sa.bindparam("now", type_=_MESSAGE.c.recalled_at.type),
    )
)
_CLEAR = (
    sa.update(_POSITION)
    .where(_POSITION.c.conversation_id == _conversation, _POSITION.c.reader_id == _reader)
    .values(cleared_seq=_new_seq)
)
_STORED_IDS = sa.select(_MESSAGE.c.client_id).where(
    _MESSAGE.c.conversation_id == _conversation,
    _MESSAGE.c.sender_id == _sender,
    _MESSAGE.c.client_id.in_(sa.bindparam("clients", expanding=True)),
)
_SINCE, _UNTIL = (sa.bindparam(name, type_=_MESSAGE.c.sent_at.type) for name in ("since", "until"))
_COUNT = sa.select(sa.func.count()).where(_MESSAGE.c.sent_at >= _SINCE, _MESSAGE.c.sent_at < _UNTIL)
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

    def begin(self, conversation_id: int, member_ids: Iterable[int]) -> None:
        """See ``MessageStore``. What was not committed left nothing here."""
        self.open(conversation_id, member_ids)

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
            kind=draft.kind,
            attachment=draft.attachment,
            sent_at=draft.sent_at,
        )
        run(_INSERT, {column.name: getattr(stored, column.name) for column in _COLUMNS})
        run(_ADVANCE, {**here, "reader": stored.sender_id, "new_seq": stored.seq})
        return stored

    def page(
        self, conversation_id: int, before_seq: int | None, limit: int, reader_id: int | None = None
    ) -> list[StoredMessage]:
        """See ``MessageStore``."""
        values: dict[str, int] = {"conversation": conversation_id, "limit": limit}
        if before_seq is None:
            statement = _LATEST if reader_id is None else _LATEST_KEPT
        else:
            statement = _LATEST_BEFORE if reader_id is None else _LATEST_BEFORE_KEPT
            values["before"] = before_seq
        rows = self._connection.execute(statement, _with_reader(values, reader_id)).all()
        return [StoredMessage(*row) for row in reversed(rows)]

    def since(
        self, conversation_id: int, after_seq: int, limit: int, reader_id: int | None = None
    ) -> list[StoredMessage]:
        """See ``MessageStore``."""
        statement = _AFTER if reader_id is None else _AFTER_KEPT
        values = {"conversation": conversation_id, "after": after_seq, "limit": limit}
        return [StoredMessage(*row) for row in self._connection.execute(statement, _with_reader(values, reader_id))]

    def last(self, conversation_ids: Iterable[int], reader_id: int | None = None) -> dict[int, StoredMessage]:
        """See ``MessageStore``. Only where the reader deleted the very newest one is there more to look up."""
        wanted = list(conversation_ids)
        rows = self._connection.execute(_LAST, {"conversations": wanted})
        newest = {row.conversation_id: StoredMessage(*row) for row in rows}
        if reader_id is None or not newest:
            return newest
        gone = self._connection.execute(_LAST_GONE, {"conversations": list(newest), "reader": reader_id}).scalars()
        for conversation_id in gone.all():
            kept = self.page(conversation_id, None, 1, reader_id)
            del newest[conversation_id]
            newest.update({message.conversation_id: message for message in kept})
        return newest

    def search(self, conversation_ids: Iterable[int], reader_id: int, text: str, limit: int) -> list[StoredMessage]:
        """See ``MessageStore``."""
        literal = text.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
        values = {
            "conversations": list(conversation_ids),
            "pattern": f"%{literal}%",
            "reader": reader_id,
            "limit": limit,
        }
        return [StoredMessage(*row) for row in self._connection.execute(_SEARCH, values)]

    def mark_read(self, conversation_id: int, reader_id: int, seq: int) -> bool:
        """See ``MessageStore``. The counter only grows, so what it was a moment ago is a safe bound."""
        here = {"conversation": conversation_id}
        last_seq = self._connection.execute(_LAST_SEQ, here).scalar() or 0
        values = {**here, "reader": reader_id, "new_seq": min(seq, last_seq)}
        return self._connection.execute(_ADVANCE, values).rowcount == 1

    def unread(self, reader_id: int) -> dict[int, int]:
        """See ``MessageStore``."""
        rows = self._connection.execute(_UNREAD, {"reader": reader_id})
        return {row.conversation_id: row.unread for row in rows if row.unread}

    def unread_of(self, reader_ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """See ``MessageStore``."""
        found: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for row in self._connection.execute(_UNREAD_OF, {"readers": list(reader_ids)}):
            if row.unread:
                found[row.reader_id][row.conversation_id] = row.unread
        return dict(found)

    def stored_ids(self, conversation_id: int, sender_id: int, client_ids: Iterable[str]) -> set[str]:
        """See ``MessageStore``."""
        values = {"conversation": conversation_id, "sender": sender_id, "clients": list(client_ids)}
        return set(self._connection.execute(_STORED_IDS, values).scalars())

    def position(self, conversation_id: int, reader_id: int) -> int:
        """See ``MessageStore``."""
        values = {"conversation": conversation_id, "reader": reader_id}
        return int(self._connection.execute(_OWN_POSITION, values).scalar() or 0)

    def count(self, since: datetime, until: datetime) -> int:
        """See ``MessageStore``."""
        return int(self._connection.execute(_COUNT, {"since": since, "until": until}).scalar_one())

    def recall(self, conversation_id: int, sender_id: int, seq: int, not_before: datetime) -> StoredMessage | None:
        """See ``MessageStore``."""
        here = {"conversation": conversation_id, "new_seq": seq}
        values = {**here, "sender": sender_id, "not_before": not_before, "now": utc_now()}
        if self._connection.execute(_RECALL, values).rowcount != 1:
            return None
        self.hide(conversation_id, FOR_ALL, [seq])
        return StoredMessage(*self._connection.execute(_ONE, here).one())

    def retract(self, conversation_id: int, seq: int) -> StoredMessage | None:
        """See ``MessageStore``."""
        here = {"conversation": conversation_id, "new_seq": seq}
        if self._connection.execute(_RETRACT, {**here, "now": utc_now()}).rowcount != 1:
            return None
        self.hide(conversation_id, FOR_ALL, [seq])
        return StoredMessage(*self._connection.execute(_ONE, here).one())

    def hide(self, conversation_id: int, reader_id: int, seqs: Iterable[int]) -> None:
        """See ``MessageStore``. Two at once meet in the primary key; the unit of work starts one over."""
        wanted = set(seqs)
        if not wanted:
            return
        where = (_HIDDEN.c.conversation_id == conversation_id, _HIDDEN.c.reader_id == reader_id)
        known = set(
            self._connection.execute(sa.select(_HIDDEN.c.seq).where(*where, _HIDDEN.c.seq.in_(wanted))).scalars()
        )
        rows = [
            {"conversation_id": conversation_id, "reader_id": reader_id, "seq": seq} for seq in sorted(wanted - known)
        ]
        if rows:
            self._connection.execute(sa.insert(_HIDDEN), rows)

    def clear(self, conversation_id: int, reader_id: int) -> int:
        """See ``MessageStore``. What was hidden one by one lies below and need not be remembered."""
        here = {"conversation": conversation_id, "reader": reader_id}
        last_seq = int(self._connection.execute(_LAST_SEQ, here).scalar() or 0)
        self._connection.execute(_ADVANCE, {**here, "new_seq": last_seq})
        self._connection.execute(_CLEAR, {**here, "new_seq": last_seq})
        self._connection.execute(
            sa.delete(_HIDDEN).where(
                _HIDDEN.c.conversation_id == conversation_id,
                _HIDDEN.c.reader_id == reader_id,
                _HIDDEN.c.seq <= last_seq,
            )
        )
        return last_seq

    def thread_ids(self, after: int, limit: int) -> list[int]:
        """See ``MessageStore``."""
        key = _THREAD.c.conversation_id
        return list(self._connection.execute(sa.select(key).where(key > after).order_by(key).limit(limit)).scalars())

    def thread(self, conversation_id: int) -> StoredThread | None:
        """See ``MessageStore``."""
        run = self._connection.execute
        last_seq = run(_LAST_SEQ, {"conversation": conversation_id}).scalar()
        if last_seq is None:
            return None
        positions = run(sa.select(_POSITION).where(_POSITION.c.conversation_id == conversation_id)).all()
        hidden: defaultdict[int, list[int]] = defaultdict(list)
        own = (_HIDDEN.c.conversation_id == conversation_id, _HIDDEN.c.reader_id != FOR_ALL)
        for row in run(sa.select(_HIDDEN).where(*own).order_by(_HIDDEN.c.seq)):
            hidden[row.reader_id].append(row.seq)
        found = {row.reader_id: (row.seq, row.cleared_seq) for row in positions}
        return StoredThread(conversation_id, last_seq, found, dict(hidden))

    def restore_messages(self, messages: Sequence[StoredMessage]) -> None:
        """See ``MessageStore``."""
        if not messages:
            return
        here = _MESSAGE.c.conversation_id == messages[0].conversation_id
        seqs = [message.seq for message in messages]
        known = set(self._connection.execute(sa.select(_MESSAGE.c.seq).where(here, _MESSAGE.c.seq.in_(seqs))).scalars())
        rows = [
            {column.name: getattr(message, column.name) for column in _COLUMNS}
            for message in messages
            if message.seq not in known
        ]
        if rows:
            self._connection.execute(_INSERT, rows)
        self.hide(messages[0].conversation_id, FOR_ALL, [message.seq for message in messages if message.recalled_at])

    def restore_thread(self, thread: StoredThread) -> None:
        """See ``MessageStore``."""
        run, here = self._connection.execute, {"conversation": thread.conversation_id}
        self.open(thread.conversation_id, thread.positions)
        last_seq = int(run(_LAST_SEQ, here).scalar() or 0)
        run(_COUNT_UP, {**here, "step": max(thread.last_seq - last_seq, 0)})
        for reader_id, (seq, cleared_seq) in thread.positions.items():
            run(_ADVANCE, {**here, "reader": reader_id, "new_seq": seq})
            if cleared_seq:
                run(_CLEAR, {**here, "reader": reader_id, "new_seq": cleared_seq})
        for reader_id, seqs in thread.hidden.items():
            self.hide(thread.conversation_id, reader_id, seqs)


def _with_reader(values: dict[str, int], reader_id: int | None) -> dict[str, int]:
    return values if reader_id is None else {**values, "reader": reader_id}
