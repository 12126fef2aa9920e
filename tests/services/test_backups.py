"""Backups and their return, on each database, into each other, and with messages in MongoDB."""

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.backends import BACKENDS, new_database
from tests.backups import fill, kept, quiet, restore, said_in, talk
from tests.factories import PASSWORD, make_listing, make_user
from tests.stored import everything
from xianyu.adapters import encryption, media, migrations, tables
from xianyu.adapters.archives import Archive
from xianyu.adapters.database import Database
from xianyu.adapters.mongo import forget_connection, get_mongo_database
from xianyu.models import LoginTicket, Message, User, metadata
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.search import SearchQuery
from xianyu.services import accounts, backups, message_moves, messages, plaza, restores, search
from xianyu.services.backups import BackupRefused
from xianyu.services.restores import RestoreRefused
from xianyu.settings import Settings, get_settings


@contextmanager
def _settings(monkeypatch: pytest.MonkeyPatch, url: str, folder: Path) -> Iterator[tuple[Database, Settings]]:
    """Another site: a database and a folder of its own."""
    with monkeypatch.context() as patch:
        patch.setenv("XIANYU_DATABASE_URL", url)
        patch.setenv("XIANYU_DATA_DIR", str(folder))
        get_settings.cache_clear()
        database = Database(url)
        yield database, get_settings()
        database.engine.dispose()
    get_settings.cache_clear()


@pytest.fixture
def archive(messaging_database: Database, tmp_path: Path) -> tuple[Database, Path, list[Actor]]:
    people = fill(messaging_database, get_settings())
    path = tmp_path / "backup.zip"
    backups.make(messaging_database, get_settings(), path, quiet)
    return messaging_database, path, people


@pytest.mark.parametrize("target", BACKENDS)
def test_everything_comes_back_in_any_kind_of_database(
    archive: tuple[Database, Path, list[Actor]], target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, path, (seller, buyer, gone) = archive
    before, said = kept(source), said_in(source, buyer, seller)
    monkeypatch.delenv("XIANYU_MONGODB_URL", raising=False)
    files = {file.name: file.read_bytes() for file in media.stored_files(get_settings().media_dir)}
    key = (get_settings().data_dir / encryption.KEY_FILE).read_bytes()
    with (
        new_database(target, tmp_path) as url,
        _settings(monkeypatch, url, tmp_path / "elsewhere") as (database, there),
    ):
        manifest = restores.restore(database, there, path, quiet)
        assert kept(database) == before
        assert said_in(database, buyer, seller) == said
        assert [text for _, text in said] == ["还在吗？", "多少钱", "好\n的 😀", "在"]
        assert (manifest.conversations, manifest.messages, manifest.files) == (2, 5, 3)
        assert {file.name: file.read_bytes() for file in media.stored_files(there.media_dir)} == files
        restored_key = there.data_dir / encryption.KEY_FILE
        assert restored_key.read_bytes() == key
        assert restored_key.stat().st_mode & 0o077 == 0
        assert not restores.key_is_another(manifest)
        assert database.read(_count, LoginTicket) == 0
        assert database.read(search.count, None, SearchQuery(words="山地车"))[0] == 1
        # No number is given out twice, also that of somebody who is gone.
        assert make_user(database).user_id > gone.user_id
        talk(database, seller, buyer, "再见")
        assert said_in(database, buyer, seller)[-1] == (seller.user_id, "再见")
        assert not (there.data_dir / restores.UNFINISHED).exists()
        credentials = database.read(accounts.find_credentials, "买家")
        assert accounts.check_password(credentials, PASSWORD) == buyer.user_id


def _count(session: Session, table: Any) -> int:
    return int(session.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_messages_come_back_into_mongodb(
    database: Database, mongodb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seller, buyer, _ = fill(database, get_settings())
    said = said_in(database, buyer, seller)
    path = tmp_path / "backup.zip"
    backups.make(database, get_settings(), path, quiet)
    server = mongodb.removesuffix("xianyu")
    monkeypatch.setenv("XIANYU_MONGODB_URL", f"{server}test_{secrets.token_hex(6)}")
    forget_connection()
    with new_database("sqlite", tmp_path) as url, _settings(monkeypatch, url, tmp_path / "elsewhere") as (there, given):
        restores.restore(there, given, path, quiet)
        assert said_in(there, buyer, seller) == said
        assert there.read(_count, Message) == 0
        # What is in MongoDB already is not overwritten by accident, even where the database is empty.
        with (
            new_database("sqlite", tmp_path) as other,
            _settings(monkeypatch, other, tmp_path / "third") as (empty, own),
        ):
            with pytest.raises(RestoreRefused, match="MongoDB"):
                restores.restore(empty, own, path, quiet)
            restores.restore(empty, own, path, quiet, replace=True)
            assert said_in(empty, buyer, seller) == said
    stored = get_mongo_database()
    stored.client.drop_database(stored.name)
    stored.client.close()
    monkeypatch.delenv("XIANYU_MONGODB_URL")
    get_settings.cache_clear()
    forget_connection()


def test_what_is_there_is_lost_only_where_that_is_wanted(database: Database, tmp_path: Path) -> None:
    fill(database, get_settings())
    path = tmp_path / "backup.zip"
    backups.make(database, get_settings(), path, quiet)
    before = kept(database)
    late = make_user(database, "后来的人")
    stray = media.locate(get_settings().media_dir, f"{'c' * 32}.webp")
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"later")
    changed = everything(database)
    with pytest.raises(RestoreRefused, match="not empty"):
        restore(database, path)
    assert everything(database) == changed
    restore(database, path, replace=True)
    assert kept(database) == before
    assert not stray.exists()
    # Numbers go on from the backup's, as they did then.
    assert make_user(database).user_id == late.user_id
    assert database.read(_count, metadata.tables["auth_session"]) == database.write(restores.end_logins)
    assert database.read(_count, metadata.tables["auth_session"]) == 0


def test_a_backup_is_its_owners_alone_and_never_overwritten(made: tuple[Database, Path], tmp_path: Path) -> None:
    database, path = made
    assert path.stat().st_mode & 0o077 == 0
    with pytest.raises(BackupRefused, match="exists already"):
        backups.make(database, get_settings(), path, quiet)
    folder = tmp_path / "backups"
    folder.mkdir()
    backups.make(database, get_settings(), folder, quiet)
    [named] = folder.iterdir()
    assert re.fullmatch(r"xianyu-\d{8}-\d{6}\.zip", named.name)


def test_what_fails_leaves_no_file(
    made: tuple[Database, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = made
    folder = tmp_path / "backups"
    folder.mkdir()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(message_moves.ThreadDigest, "add", fail)
    with pytest.raises(OSError, match="No space"):
        backups.make(database, get_settings(), folder, quiet)
    assert list(folder.iterdir()) == []


def test_a_database_that_waits_for_a_migration_is_not_backed_up(tmp_path: Path, settings: Settings) -> None:
    with new_database("sqlite", tmp_path) as url:
        migrations.migrate(url, "0003")
        database = Database(url)
        with pytest.raises(BackupRefused, match="migrate"):
            backups.make(database, settings, tmp_path / "backup.zip", quiet)
        database.engine.dispose()
        assert not (tmp_path / "backup.zip").exists()


def test_a_backup_of_an_older_schema_is_brought_forward(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made by the program as it was then: the newest migration it knew was another."""
    with new_database("sqlite", tmp_path) as url:
        migrations.migrate(url, "0003")
        old = Database(url)
        with old.engine.begin() as connection:
            user = tables.reflected(connection)
            [account] = [table for table in user if table.name == "user_account"]
            names = {column.name for column in account.columns}
            assert "seen_at" not in names, "0004 adds it"
            values = {
                "id": 41,
                "username": "老邻居",
                "username_key": "老邻居",
                "email": "a@b.cn",
                "email_key": "a@b.cn",
            }
            blank: dict[type, Any] = {str: "", int: 0, bool: False}
            for column in account.columns:
                if not column.nullable and column.name not in values:
                    values[column.name] = blank.get(column.type.python_type, utc_now().replace(tzinfo=None))
            connection.execute(account.insert(), values)
        with monkeypatch.context() as patch:
            patch.setattr(migrations, "newest_revision", lambda: "0003")
            # The messages had fewer columns then, and there were none.
            patch.setattr(backups, "_threads", lambda *_: iter(()))
            backups.make(old, get_settings(), tmp_path / "old.zip", quiet)
        old.engine.dispose()
    manifest = restore(database, tmp_path / "old.zip")
    assert manifest.revision == "0003"
    with database.engine.connect() as connection:
        assert tables.revision(connection) == migrations.newest_revision()
    assert database.read(lambda session: session.get_one(User, 41).username) == "老邻居"
    assert make_user(database).user_id == 42


def test_a_backup_among_writers_holds_together(messaging_database: Database, tmp_path: Path) -> None:
    """People register, publish and talk all the while; what was caught of it has no loose ends."""
    database, stop = messaging_database, threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            while not stop.is_set():
                one, other = make_user(database), make_user(database)
                database.write(messages.want, one, make_listing(database, other))
                talk(database, one, other, "在吗", "还在吗")
                database.write(plaza.post, one, f"client-{secrets.token_hex(8)}", "大家好")
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    paths = [tmp_path / f"backup-{number}.zip" for number in range(4)]
    try:
        for path in paths:
            backups.make(database, get_settings(), path, quiet)
    finally:
        stop.set()
        for writer in writers:
            writer.join(30)
    assert failures == []
    for path in paths:
        _assert_whole(path)
    # Every foreign key holds, or this would fail.
    restore(database, paths[-1], replace=True)


def _assert_whole(path: Path) -> None:
    archive = Archive(path)
    rows = {name: list(archive.lines(f"tables/{name}.jsonl")) for name in archive.manifest.tables}
    people = {row["id"] for row in rows["user_account"]}
    listings = {row["id"] for row in rows["listing"]}
    conversations = {row["id"] for row in rows["conversation"]} | {plaza.ROOM}
    assert {row["seller_id"] for row in rows["listing"]} <= people
    assert {row["listing_id"] for row in rows["conversation"]} <= listings | {None}
    seen: list[dict[str, Any]] = []
    for line in archive.lines("messages.jsonl"):
        if "messages" in line:
            seen += line["messages"]
            continue
        thread = line["thread"]
        assert thread["conversation_id"] in conversations
        assert [message["seq"] for message in seen] == list(range(1, thread["last_seq"] + 1))
        assert {message["sender_id"] for message in seen} <= people
        assert {int(reader) for reader in thread["positions"]} <= people
        seen.clear()
    assert seen == []
    archive.close()


def test_every_column_is_of_a_type_that_travels() -> None:
    types = [column.type for table in metadata.sorted_tables for column in table.columns]
    plain = [kind.impl_instance if isinstance(kind, sa.TypeDecorator) else kind for kind in types]
    assert {kind.python_type for kind in plain} <= {int, str, bool, float, datetime, bytes}
