"""Putting a backup back in place, into any kind of database and either message store.

Everything in the archive is verified before anything is touched, and everything that was restored is
compared with the archive afterwards. In between a mark lies in the data folder, and no server starts
beside it: what is half restored must not be mistaken for a site.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from xianyu.adapters import encryption, media, message_stores, migrations, mongo, tables
from xianyu.adapters.archives import KEY, MESSAGES, Archive, BadArchive, Manifest, Report
from xianyu.adapters.database import Database
from xianyu.adapters.messages import InStore
from xianyu.schemas.messages import StoredMessage, StoredThread
from xianyu.services import message_moves, search_index
from xianyu.settings import Settings, get_settings

UNFINISHED = "restore-unfinished"
_REPLACE = "give --replace to lose what is there"


class RestoreRefused(Exception):
    """Nothing was touched."""


class RestoreFailed(Exception):
    """What was restored is not what the archive holds."""


def check_finished(settings: Settings) -> None:
    """Refuse to work with what an interrupted restore has left.

    Raises:
        RestoreRefused: if there is such a thing.
    """
    if (settings.data_dir / UNFINISHED).exists():
        raise RestoreRefused("A restore was not finished. Run it again with --replace.")


def restore(database: Database, settings: Settings, path: Path, report: Report, *, replace: bool = False) -> Manifest:
    """Restore a backup. The site must not run meanwhile.

    Args:
        database: Where rows go: a database that exists, and is empty unless ``replace``.
        settings: Where messages and files go.
        path: The archive.
        report: Is told what is being done, and how much of how much.
        replace: Whether what is there may be lost.

    Raises:
        BadArchive: if the archive is damaged, none, or a newer program's; nothing was touched.
        RestoreRefused: if there is something already; nothing was touched.
        RestoreFailed: if what was restored differs from the archive.
    """
    archive = Archive(path)
    try:
        if not migrations.is_known(archive.manifest.revision):
            raise BadArchive("it was made by a newer version of this program")
        archive.verify(report)
        _check_target(database, settings, archive, replace=replace)
        _put_in_place(database, settings, archive, report)
    finally:
        archive.close()
    return archive.manifest


def _put_in_place(database: Database, settings: Settings, archive: Archive, report: Report) -> None:
    mark = settings.data_dir / UNFINISHED
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    mark.write_text("A restore is under way, or was interrupted.\n", encoding="utf-8")
    _restore_files(settings, archive, report)
    url = database.engine.url.render_as_string(hide_password=False)
    _restore_tables(database, url, archive, report)
    migrations.migrate(url)
    _restore_messages(message_stores.chosen(database), archive, report)
    search_index.rebuild(database, lambda done, every: report("Search index", done, every))
    mark.unlink()


# What is there already -------------------------------------------------------------------------------


def _check_target(database: Database, settings: Settings, archive: Archive, *, replace: bool) -> None:
    with database.engine.connect() as connection:
        present = tables.revision(connection)
        if present and not migrations.is_known(present):
            raise RestoreRefused("The database belongs to a newer version of this program.")
        if replace:
            return
        if not tables.is_empty(connection):
            raise RestoreRefused(f"The database is not empty; {_REPLACE}.")
    if settings.mongodb_url and next(message_moves.thread_ids(message_stores.in_mongodb()), None) is not None:
        raise RestoreRefused(f"There are messages in MongoDB; {_REPLACE}.")
    if next(media.stored_files(settings.media_dir), None) is not None:
        raise RestoreRefused(f"There are pictures in {settings.media_dir}; {_REPLACE}.")
    key = settings.data_dir / encryption.KEY_FILE
    if key.exists() and KEY in archive.manifest.parts and key.read_bytes() != _key(archive):
        raise RestoreRefused(f"{key} is another key than the backup's; {_REPLACE}.")


def _key(archive: Archive) -> bytes:
    with archive.open(KEY) as part:
        return part.read()


# Files -----------------------------------------------------------------------------------------------


def _restore_files(settings: Settings, archive: Archive, report: Report) -> None:
    if KEY in archive.manifest.parts:
        archive.copy(KEY, settings.data_dir / encryption.KEY_FILE)
    names = archive.files()
    for done, name in enumerate(names, 1):
        archive.copy(f"media/{name}", media.locate(settings.media_dir, name))
        report("Pictures and videos", done, len(names))
    wanted = set(names)
    for path in list(media.stored_files(settings.media_dir)):
        if path.name not in wanted:
            path.unlink()


# Rows ------------------------------------------------------------------------------------------------


def _restore_tables(database: Database, url: str, archive: Archive, report: Report) -> None:
    """In one transaction, as they were at the archive's revision, whatever came after that."""
    with database.engine.begin() as connection:
        tables.delete_everything(connection)
    with database.engine.connect() as connection:
        present = tables.revision(connection)
    if present:
        migrations.remove_tables(url)
    migrations.migrate(url, archive.manifest.revision)
    with database.engine.begin() as connection:
        _fill(connection, archive, report)


def _fill(connection: sa.Connection, archive: Archive, report: Report) -> None:
    every = tables.reflected(connection)
    wanted = archive.manifest.tables
    if {table.name for table in every} != set(wanted):
        raise RestoreFailed("The tables of the backup are not those of its revision.")
    for done, table in enumerate(every, 1):
        written = tables.insert(connection, table, archive.lines(f"tables/{table.name}.jsonl"))
        there = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar()
        if not written == there == wanted[table.name]["rows"]:
            raise RestoreFailed(f"{table.name} has {there} rows where the backup has {wanted[table.name]['rows']}.")
        report("Tables", done, len(every))
    for table in every:
        last = wanted[table.name]["last"]
        if last is not None:
            tables.go_on_after(connection, table.name, last)


# Messages --------------------------------------------------------------------------------------------


def _empty_mongodb() -> None:
    if get_settings().mongodb_url:
        mongo.delete_messages(mongo.get_mongo_database())


def _restore_messages(store: InStore, archive: Archive, report: Report) -> None:
    done = count = 0
    _empty_mongodb()
    for line in archive.lines(MESSAGES):
        if "messages" in line:
            batch = [_message(values) for values in line["messages"]]
            store(lambda it, batch=batch: it.restore_messages(batch))  # type: ignore[misc]  # no lambda is generic
            continue
        thread = _thread(line["thread"])
        store(lambda it, thread=thread: it.restore_thread(thread))  # type: ignore[misc]  # the same
        messages, digest = message_moves.digest_of(store, thread.conversation_id)
        if digest != line["digest"]:
            raise RestoreFailed(f"Conversation {thread.conversation_id} differs from the backup.")
        done, count = done + 1, count + messages
        report("Conversations", done, archive.manifest.conversations)
    if (done, count) != (archive.manifest.conversations, archive.manifest.messages):
        raise RestoreFailed(f"There are {count} messages where the backup has {archive.manifest.messages}.")


def _message(values: dict[str, Any]) -> StoredMessage:
    recalled = values["recalled_at"]
    return StoredMessage(
        **{
            **values,
            "sent_at": datetime.fromisoformat(values["sent_at"]),
            "recalled_at": datetime.fromisoformat(recalled) if recalled else None,
        }
    )


def _thread(values: dict[str, Any]) -> StoredThread:
    """JSON's keys are texts."""
    return StoredThread(
        values["conversation_id"],
        values["last_seq"],
        {int(reader): (seq, cleared) for reader, (seq, cleared) in values["positions"].items()},
        {int(reader): seqs for reader, seqs in values["hidden"].items()},
    )


def end_logins(session: Session) -> int:
    """Log everybody out: a backup brings logins back that were ended since. Returns how many."""
    ended = session.execute(sa.delete(sa.table("auth_session")))
    return int(getattr(ended, "rowcount", 0))


def key_is_another(manifest: Manifest) -> bool:
    """Whether the two-step logins of the backup cannot be read with the present key."""
    return bool(manifest.key) and encryption.key_mark() != manifest.key
