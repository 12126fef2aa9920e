"""The message store in MongoDB.

Three collections: ``threads`` (a conversation and the number of its newest message), ``messages``,
``positions`` (how far somebody has read). No transaction spans them, so that a single server will
do, and each step is one that may be repeated: a message takes the next number by a unique index, and
the counter beside it follows. Who crashes between the two leaves a message that the next writer, or
whoever reads the newest page, or its sender asking for it, counts.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

from xianyu.adapters.messages import ThreadNotOpen
from xianyu.adapters.mongo import Document, guarded
from xianyu.models.types import utc_now
from xianyu.schemas.messages import RETRACTED, MessageDraft, StoredMessage, StoredThread

_DUPLICATE_KEY = 11000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Writers of one conversation in this process queue here instead of contending for a number.
_QUEUES = [threading.Lock() for _ in range(64)]


class MongoMessageStore:
    """The message store in MongoDB.

    Args:
        database: Where the collections are, with the indexes of ``mongo.make_indexes``.
    """

    def __init__(self, database: Database[Document]) -> None:
        self.client = database.client
        self._threads: Collection[Document] = database["threads"]
        self._messages: Collection[Document] = database["messages"]
        self._positions: Collection[Document] = database["positions"]

    @guarded
    def open(self, conversation_id: int, member_ids: Iterable[int]) -> None:
        """See ``MessageStore``."""
        _insert_missing(self._threads, {"_id": conversation_id}, {"last_seq": 0})
        for member_id in member_ids:
            _insert_missing(self._positions, _of(conversation_id, member_id), {"seq": 0, "cleared_seq": 0})

    @guarded
    def begin(self, conversation_id: int, member_ids: Iterable[int]) -> None:
        """See ``MessageStore``. What is said here is not undone with the transaction that made the conversation."""
        for collection in (self._messages, self._positions):
            collection.delete_many({"conversation_id": conversation_id})
        self._threads.delete_one({"_id": conversation_id})
        self.open(conversation_id, member_ids)

    @guarded
    def append(self, draft: MessageDraft) -> StoredMessage:
        """See ``MessageStore``."""
        with _QUEUES[draft.conversation_id % len(_QUEUES)]:
            stored = self._repeat(draft) or self._insert(draft)
            self._count(stored)
        return stored

    def _repeat(self, draft: MessageDraft) -> StoredMessage | None:
        key = {name: getattr(draft, name) for name in ("conversation_id", "sender_id", "client_id")}
        found = self._messages.find_one(key)
        return None if found is None else _message(found)

    def _insert(self, draft: MessageDraft) -> StoredMessage:
        thread = self._threads.find_one({"_id": draft.conversation_id})
        if thread is None:
            raise ThreadNotOpen(draft.conversation_id)
        seq = int(thread["last_seq"])
        # Each turn that fails saw another writer succeed, so this ends.
        while True:
            seq += 1
            stored = StoredMessage(
                draft.conversation_id,
                seq,
                draft.sender_id,
                draft.client_id,
                draft.body,
                draft.sent_at,
                draft.kind,
                draft.attachment,
            )
            try:
                self._messages.insert_one(_document(stored))
            except DuplicateKeyError:
                # Either the number is taken, or another thread stored this very message just now.
                if repeat := self._repeat(draft):
                    return repeat
            else:
                return stored

    def _count(self, stored: StoredMessage) -> None:
        self._threads.update_one({"_id": stored.conversation_id}, {"$max": {"last_seq": stored.seq}})
        self._advance(stored.conversation_id, stored.sender_id, stored.seq)

    def _advance(self, conversation_id: int, reader_id: int, seq: int) -> bool:
        behind = {**_of(conversation_id, reader_id), "seq": {"$lt": seq}}
        return self._positions.update_one(behind, {"$set": {"seq": seq}}).modified_count == 1

    @guarded
    def page(
        self, conversation_id: int, before_seq: int | None, limit: int, reader_id: int | None = None
    ) -> list[StoredMessage]:
        """See ``MessageStore``."""
        seq: Document = {"$gt": self._cleared(conversation_id, reader_id)}
        if before_seq is not None:
            seq["$lt"] = before_seq
        found = self._find({"conversation_id": conversation_id, "seq": seq}, reader_id)
        page = [_message(each) for each in reversed(list(found.sort("seq", -1).limit(limit)))]
        if before_seq is None:
            self._count_missing(conversation_id, page)
        return page

    def _count_missing(self, conversation_id: int, newest: Sequence[StoredMessage]) -> None:
        """Count what was stored by somebody who crashed before counting it: whoever sees it sends it no more."""
        last_seq = self._last_seq(conversation_id) if newest else 0
        for message in newest:
            if message.seq > last_seq:
                self._count(message)

    @guarded
    def since(
        self, conversation_id: int, after_seq: int, limit: int, reader_id: int | None = None
    ) -> list[StoredMessage]:
        """See ``MessageStore``."""
        after = max(after_seq, self._cleared(conversation_id, reader_id))
        found = self._find({"conversation_id": conversation_id, "seq": {"$gt": after}}, reader_id)
        return [_message(each) for each in found.sort("seq", 1).limit(limit)]

    def _find(self, wanted: Mapping[str, Any], reader_id: int | None) -> Any:
        kept = {} if reader_id is None else {"hidden_for": {"$ne": reader_id}}
        return self._messages.find({**wanted, **kept})

    def _cleared(self, conversation_id: int, reader_id: int | None) -> int:
        if reader_id is None:
            return 0
        position = self._positions.find_one(_of(conversation_id, reader_id))
        return 0 if position is None else int(position["cleared_seq"])

    @guarded
    def last(self, conversation_ids: Iterable[int], reader_id: int | None = None) -> dict[int, StoredMessage]:
        """See ``MessageStore``. Only where the reader deleted the very newest one is there more to look up."""
        threads = self._threads.find({"_id": {"$in": list(conversation_ids)}, "last_seq": {"$gt": 0}})
        newest = [{"conversation_id": each["_id"], "seq": each["last_seq"]} for each in threads]
        if not newest:
            return {}
        kept: dict[int, StoredMessage] = {}
        cleared = self._cleared_of(reader_id)
        for found in self._messages.find({"$or": newest}):
            here = found["conversation_id"]
            if reader_id is None or (reader_id not in found.get("hidden_for", ()) and found["seq"] > cleared[here]):
                kept[here] = _message(found)
            else:
                kept.update({message.conversation_id: message for message in self.page(here, None, 1, reader_id)})
        return kept

    def _cleared_of(self, reader_id: int | None) -> defaultdict[int, int]:
        found = self._positions.find({"reader_id": reader_id, "cleared_seq": {"$gt": 0}}) if reader_id else ()
        return defaultdict(int, {each["conversation_id"]: each["cleared_seq"] for each in found})

    @guarded
    def search(self, conversation_ids: Iterable[int], reader_id: int, text: str, limit: int) -> list[StoredMessage]:
        """See ``MessageStore``."""
        cleared = self._cleared_of(reader_id)
        within = [{"conversation_id": each, "seq": {"$gt": cleared[each]}} for each in conversation_ids]
        if not within:
            return []
        # Case counts in neither store, and of ASCII letters alone: what every database can do.
        pattern = "".join(f"[{one.lower()}{one.upper()}]" if _is_letter(one) else re.escape(one) for one in text)
        found = self._find({"$or": within, "body": {"$regex": pattern}}, reader_id)
        newest = [("sent_at", -1), ("conversation_id", -1), ("seq", -1)]
        return [_message(each) for each in found.sort(newest).limit(limit)]

    @guarded
    def mark_read(self, conversation_id: int, reader_id: int, seq: int) -> bool:
        """See ``MessageStore``. The counter only grows, so what it was a moment ago is a safe bound."""
        return self._advance(conversation_id, reader_id, min(seq, self._last_seq(conversation_id)))

    def _last_seq(self, conversation_id: int) -> int:
        thread = self._threads.find_one({"_id": conversation_id})
        return 0 if thread is None else int(thread["last_seq"])

    def unread(self, reader_id: int) -> dict[int, int]:
        """See ``MessageStore``."""
        return self.unread_of([reader_id]).get(reader_id, {})

    @guarded
    def unread_of(self, reader_ids: Iterable[int]) -> dict[int, dict[int, int]]:
        """See ``MessageStore``."""
        positions = list(self._positions.find({"reader_id": {"$in": list(reader_ids)}}))
        here = list({each["conversation_id"] for each in positions})
        last = {each["_id"]: each["last_seq"] for each in self._threads.find({"_id": {"$in": here}})}
        behind = [each for each in positions if each["seq"] < last.get(each["conversation_id"], 0)]
        gone = self._nothing_left(behind)
        found: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for each in behind:
            here, reader_id = each["conversation_id"], each["reader_id"]
            left_out = gone[here, None] | gone[here, reader_id]
            unread = last[here] - each["seq"] - sum(each["seq"] < seq <= last[here] for seq in left_out)
            if unread > 0:
                found[reader_id][here] = unread
        return dict(found)

    def _nothing_left(self, behind: list[Document]) -> defaultdict[tuple[int, int | None], set[int]]:
        """The numbers of messages behind these positions that are empty, or that a reader deleted."""
        found: defaultdict[tuple[int, int | None], set[int]] = defaultdict(set)
        if not behind:
            return found
        here = {
            "conversation_id": {"$in": [each["conversation_id"] for each in behind]},
            "seq": {"$gt": min(each["seq"] for each in behind)},
        }
        empty = {**here, "recalled_at": {"$gt": 0}}
        hidden = {**here, "hidden_for": {"$in": [each["reader_id"] for each in behind]}}
        for each in self._messages.find({"$or": [empty, hidden]}):
            readers = [*each.get("hidden_for", []), *([None] if each["recalled_at"] else [])]
            for reader_id in readers:
                found[each["conversation_id"], reader_id].add(each["seq"])
        return found

    @guarded
    def stored_ids(self, conversation_id: int, sender_id: int, client_ids: Iterable[str]) -> set[str]:
        """See ``MessageStore``."""
        wanted = {"conversation_id": conversation_id, "sender_id": sender_id, "client_id": {"$in": list(client_ids)}}
        stored = [_message(each) for each in self._messages.find(wanted).sort("seq", 1)]
        self._count_missing(conversation_id, stored)
        return {message.client_id for message in stored}

    @guarded
    def position(self, conversation_id: int, reader_id: int) -> int:
        """See ``MessageStore``."""
        found = self._positions.find_one(_of(conversation_id, reader_id))
        return 0 if found is None else int(found["seq"])

    @guarded
    def count(self, since: datetime, until: datetime) -> int:
        """See ``MessageStore``."""
        bounds = {"$gte": _microseconds(since), "$lt": _microseconds(until)}
        return int(self._messages.count_documents({"sent_at": bounds}))

    @guarded
    def recall(self, conversation_id: int, sender_id: int, seq: int, not_before: datetime) -> StoredMessage | None:
        """See ``MessageStore``."""
        found = self._messages.find_one_and_update(
            {
                "conversation_id": conversation_id,
                "seq": seq,
                "sender_id": sender_id,
                "recalled_at": None,
                "sent_at": {"$gte": _microseconds(not_before)},
            },
            {"$set": {"body": "", "attachment": "", "recalled_at": _microseconds(utc_now())}},
            return_document=pymongo.ReturnDocument.AFTER,
        )
        return None if found is None else _message(found)

    @guarded
    def retract(self, conversation_id: int, seq: int) -> StoredMessage | None:
        """See ``MessageStore``."""
        found = self._messages.find_one_and_update(
            {"conversation_id": conversation_id, "seq": seq, "recalled_at": None},
            {"$set": {"body": "", "attachment": "", "kind": RETRACTED, "recalled_at": _microseconds(utc_now())}},
            return_document=pymongo.ReturnDocument.AFTER,
        )
        return None if found is None else _message(found)

    @guarded
    def hide(self, conversation_id: int, reader_id: int, seqs: Iterable[int]) -> None:
        """See ``MessageStore``."""
        self._messages.update_many(
            {"conversation_id": conversation_id, "seq": {"$in": list(seqs)}}, {"$addToSet": {"hidden_for": reader_id}}
        )

    @guarded
    def clear(self, conversation_id: int, reader_id: int) -> int:
        """See ``MessageStore``."""
        last_seq = self._last_seq(conversation_id)
        self._advance(conversation_id, reader_id, last_seq)
        self._positions.update_one(_of(conversation_id, reader_id), {"$max": {"cleared_seq": last_seq}})
        return last_seq

    @guarded
    def thread_ids(self, after: int, limit: int) -> list[int]:
        """See ``MessageStore``."""
        return [each["_id"] for each in self._threads.find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)]

    @guarded
    def thread(self, conversation_id: int) -> StoredThread | None:
        """See ``MessageStore``."""
        thread = self._threads.find_one({"_id": conversation_id})
        if thread is None:
            return None
        here = {"conversation_id": conversation_id}
        positions = {each["reader_id"]: (each["seq"], each["cleared_seq"]) for each in self._positions.find(here)}
        hidden: defaultdict[int, list[int]] = defaultdict(list)
        for each in self._messages.find({**here, "hidden_for.0": {"$exists": True}}).sort("seq", 1):
            for reader_id in each["hidden_for"]:
                hidden[reader_id].append(each["seq"])
        return StoredThread(conversation_id, int(thread["last_seq"]), positions, dict(hidden))

    @guarded
    def restore_messages(self, messages: Sequence[StoredMessage]) -> None:
        """See ``MessageStore``."""
        if not messages:
            return
        try:
            self._messages.insert_many([_document(message) for message in messages], ordered=False)
        except BulkWriteError as error:
            if any(each["code"] != _DUPLICATE_KEY for each in error.details["writeErrors"]):
                raise

    @guarded
    def restore_thread(self, thread: StoredThread) -> None:
        """See ``MessageStore``."""
        here = thread.conversation_id
        self.open(here, thread.positions)
        self._threads.update_one({"_id": here}, {"$max": {"last_seq": thread.last_seq}})
        for reader_id, (seq, cleared_seq) in thread.positions.items():
            self._positions.update_one(_of(here, reader_id), {"$max": {"seq": seq, "cleared_seq": cleared_seq}})
        for reader_id, seqs in thread.hidden.items():
            self.hide(here, reader_id, seqs)


def _insert_missing(collection: Collection[Document], key: Document, values: Document) -> None:
    """Two at once: the second finds the first one's and leaves it."""
    try:
        collection.update_one(key, {"$setOnInsert": values}, upsert=True)
    except DuplicateKeyError:
        return


def _of(conversation_id: int, reader_id: int) -> Document:
    return {"conversation_id": conversation_id, "reader_id": reader_id}


def _is_letter(one: str) -> bool:
    return one.isascii() and one.isalpha()


def _microseconds(instant: datetime) -> int:
    """An instant as a whole number: MongoDB's own dates know milliseconds only."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _instant(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


def _document(message: StoredMessage) -> Document:
    document = {name: getattr(message, name) for name in StoredMessage.__dataclass_fields__}
    document["sent_at"] = _microseconds(message.sent_at)
    document["recalled_at"] = None if message.recalled_at is None else _microseconds(message.recalled_at)
    return document


def _message(document: Mapping[str, Any]) -> StoredMessage:
    values = {name: document[name] for name in StoredMessage.__dataclass_fields__}
    recalled_at = values["recalled_at"]
    values["sent_at"] = _instant(values["sent_at"])
    values["recalled_at"] = None if recalled_at is None else _instant(recalled_at)
    return StoredMessage(**values)
