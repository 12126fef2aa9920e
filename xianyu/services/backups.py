"""A backup of the whole site in one file, made while it runs: rows, messages, pictures and videos.

What belongs together is together. Rows come from one snapshot. Messages in the relational database
are part of it; where MongoDB keeps them, how far each conversation goes is noted before the snapshot
is taken, so that what a message speaks of is in it. Files come last: their content never changes, and
a picture is on the disk before any row names it.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from xianyu.adapters import encryption, media, message_stores, migrations, tables
from xianyu.adapters.archives import KEY, MESSAGES, Archive, ArchiveWriter, Manifest, Report
from xianyu.adapters.database import Database
from xianyu.adapters.messages import InStore
from xianyu.models.types import utc_now
from xianyu.schemas.messages import StoredMessage, StoredThread
from xianyu.services import message_moves
from xianyu.settings import Settings


class BackupRefused(Exception):
    """No backup can be made now."""


@dataclass
class _Messages:
    """Where messages come from, and how far to read.

    ``ends`` is the newest message of each conversation, as it was noted before the snapshot; nothing
    where the messages are part of the snapshot themselves.
    """

    store: InStore
    ends: dict[int, int] | None
    newest_person: int
    newest_conversation: int
    conversations: int = 0
    count: int = 0


def default_name(now: datetime | None = None) -> str:
    """What a backup is called where only a folder is given: by the time, which is UTC."""
    return f"xianyu-{now or utc_now():%Y%m%d-%H%M%S}.zip"


def make(database: Database, settings: Settings, target: Path, report: Report) -> Manifest:
    """Write a backup, read it again to its end, and only then give it its name.

    Args:
        database: Which.
        settings: Where the files are.
        target: A file that does not exist yet, or a folder for one.
        report: Is told what is being done, and how much of how much.

    Raises:
        BackupRefused: if the file exists, or the database needs a migration first.
        StoreUnavailable: if the messages cannot be read.
    """
    path = target / default_name() if target.is_dir() else target
    if path.exists():
        raise BackupRefused(f"{path} exists already.")
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        manifest = _write(database, settings, unfinished, report)
        archive = Archive(unfinished)
        archive.verify(report)
        archive.close()
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def _write(database: Database, settings: Settings, path: Path, report: Report) -> Manifest:
    writer = ArchiveWriter(path)
    try:
        manifest = _dump(database, settings, writer, report)
        writer.finish(replace(manifest, parts=writer.parts))
    finally:
        writer.abandon()
    return manifest


def _dump(database: Database, settings: Settings, writer: ArchiveWriter, report: Report) -> Manifest:
    made_at = utc_now().isoformat(timespec="seconds")
    ends = _ends(message_stores.in_mongodb()) if settings.mongodb_url else None
    with tables.snapshot(database, writer.path.parent) as session:
        connection = session.connection()
        revision = tables.revision(connection)
        if revision != migrations.newest_revision():
            raise BackupRefused("The database is not at this program's newest schema; run migrate first.")
        written = _dump_tables(connection, writer, report)
        messages = _messages(session, ends)
        with writer.part(MESSAGES) as part:
            for line in _threads(messages, report):
                part.write(_line(line))
    return Manifest(
        revision=revision,
        made_at=made_at,
        database=database.engine.dialect.name,
        messages_in="mongodb" if settings.mongodb_url else "database",
        tables=written,
        conversations=messages.conversations,
        messages=messages.count,
        files=_dump_files(settings, writer, report),
        key=encryption.key_mark(),
    )


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass") + b"\n"


def _dump_tables(connection: sa.Connection, writer: ArchiveWriter, report: Report) -> dict[str, dict[str, int | None]]:
    written: dict[str, dict[str, int | None]] = {}
    every = tables.reflected(connection)
    for done, table in enumerate(every, 1):
        count = 0
        with writer.part(f"tables/{table.name}.jsonl") as part:
            for row in tables.rows(connection, table):
                part.write(_line(row))
                count += 1
        written[table.name] = {"rows": count, "last": tables.last_number(connection, table.name)}
        report("Tables", done, len(every))
    return written


# Messages ---------------------------------------------------------------------------------------------


def _ends(store: InStore) -> dict[int, int]:
    return {here: message_moves.thread_of(store, here).last_seq for here in message_moves.thread_ids(store)}


def _messages(session: Session, ends: dict[int, int] | None) -> _Messages:
    def newest(table: str) -> int:
        return int(session.execute(sa.select(sa.func.max(sa.column("id"))).select_from(sa.table(table))).scalar() or 0)

    store = message_stores.in_session(session) if ends is None else message_stores.in_mongodb()
    return _Messages(store, ends, newest("user_account"), newest("conversation"))


def _threads(messages: _Messages, report: Report) -> Iterator[dict[str, Any]]:
    """Each conversation as lines: its messages, some at a time, and then the rest about it with a digest."""
    known = sorted(messages.ends) if messages.ends is not None else list(message_moves.thread_ids(messages.store))
    for done, here in enumerate(known, 1):
        # One that was begun after the snapshot is not in it.
        if messages.ends is None or here <= messages.newest_conversation:
            yield from _thread(messages, here)
            messages.conversations += 1
        report("Conversations", done, len(known))


def _thread(messages: _Messages, here: int) -> Iterator[dict[str, Any]]:
    digest = message_moves.ThreadDigest()
    last = 0
    for found in message_moves.messages_of(messages.store, here):
        batch = _until_end(messages, here, found)
        if batch:
            digest.add(batch)
            last = batch[-1].seq
            yield {"messages": [_as_json(message) for message in batch]}
        if len(batch) < len(found):
            break
    thread = _cut(messages, message_moves.thread_of(messages.store, here), last)
    messages.count += digest.count
    yield {"thread": asdict(thread), "digest": digest.of(thread)}


def _until_end(messages: _Messages, here: int, batch: list[StoredMessage]) -> list[StoredMessage]:
    """What lies within the snapshot: up to the noted end, and to the first of somebody who is not in it."""
    if messages.ends is None:
        return batch
    end = messages.ends[here]
    kept: list[StoredMessage] = []
    for message in batch:
        if message.seq > end or message.sender_id > messages.newest_person:
            break
        kept.append(message)
    return kept


def _cut(messages: _Messages, thread: StoredThread, last: int) -> StoredThread:
    if messages.ends is None:
        return thread
    return StoredThread(
        thread.conversation_id,
        last,
        {
            reader: (min(seq, last), min(cleared, last))
            for reader, (seq, cleared) in thread.positions.items()
            if reader <= messages.newest_person
        },
        {
            reader: [seq for seq in seqs if seq <= last]
            for reader, seqs in thread.hidden.items()
            if reader <= messages.newest_person
        },
    )


def _as_json(message: StoredMessage) -> dict[str, Any]:
    values = asdict(message)
    values["sent_at"] = message.sent_at.isoformat()
    values["recalled_at"] = message.recalled_at.isoformat() if message.recalled_at else None
    return values


# Files ------------------------------------------------------------------------------------------------


def _dump_files(settings: Settings, writer: ArchiveWriter, report: Report) -> int:
    writer.add_file(KEY, settings.data_dir / encryption.KEY_FILE)
    every = sorted(media.stored_files(settings.media_dir))
    count = 0
    for done, path in enumerate(every, 1):
        # One that is gone by now belonged to something that was deleted meanwhile.
        count += writer.add_file(f"media/{path.name}", path)
        report("Pictures and videos", done, len(every))
    return count
