import json
import os
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_user
from xianyu.adapters import media
from xianyu.adapters.database import Database
from xianyu.models import DataExport, Photo
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import exports, messages
from xianyu.settings import get_settings


def make_one(database: Database) -> list[int]:
    """Make the next archive in the queue, and return what it told of its progress."""
    job = database.write(exports.take)
    assert job is not None
    told: list[int] = []
    exports.make(database, *job, told.append)
    return told


def picture(database: Database, owner: Actor) -> str:
    data = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(data, "JPEG")
    stored = media.store_photo(data.getvalue(), get_settings().media_dir)

    def add(session: Session) -> None:
        session.add(Photo(owner_id=owner.user_id, name=stored.name, width=stored.width, height=stored.height))

    database.write(add)
    return stored.name


def archive_of(database: Database, actor: Actor) -> Path:
    url = database.read(exports.present, actor).url
    return database.read(exports.archive, actor, url.rpartition("/")[2])


def test_an_archive_holds_all_that_is_mine(database: Database) -> None:
    me, peer = make_user(database, "导出的人"), make_user(database, "邻居")
    make_listing(database, me, title="旧台灯", price_fen=1250)
    make_listing(database, peer, title="别人的东西")
    name = picture(database, me)
    others = picture(database, peer)
    for number in range(3):
        database.write(messages.send, me, peer.user_id, f"client-{number}", f"第 {number} 句")
    database.write(messages.send, peer, me.user_id, "client-9", "回话")

    assert database.write(exports.request, me).status == "waiting"
    told = make_one(database)
    assert told[-1] == 100
    assert told == sorted(told)
    view = database.read(exports.present, me)
    assert (view.status, view.progress) == ("ready", 100)

    with zipfile.ZipFile(archive_of(database, me)) as zipped:
        assert zipped.testzip() is None
        account = json.loads(zipped.read("account.json"))
        assert account["username"] == "导出的人"
        assert "password" not in zipped.read("account.json").decode()
        assert [listing["title"] for listing in json.loads(zipped.read("listings.json"))] == ["旧台灯"]
        assert json.loads(zipped.read("listings.json"))[0]["price"] == "12.50"
        assert json.loads(zipped.read("reports.json")) == []
        assert set(json.loads(zipped.read("activities.json"))) == {"organized", "joined", "announced"}
        (conversation,) = [entry for entry in zipped.namelist() if entry.startswith("conversations/")]
        content = json.loads(zipped.read(conversation))
        assert content["with"] == "邻居"
        assert [message["text"] for message in content["messages"]] == ["第 0 句", "第 1 句", "第 2 句", "回话"]
        assert [message["from_me"] for message in content["messages"]] == [True, True, True, False]
        assert f"pictures/{name}" in zipped.namelist()
        assert not [entry for entry in zipped.namelist() if others in entry]


def test_a_second_wish_waits_for_the_first(database: Database) -> None:
    me = make_user(database)
    database.write(exports.request, me)
    database.write(exports.request, me)
    assert len(database.read(lambda session: session.exec(select(DataExport)).all())) == 1


def test_an_export_is_made_by_one_worker(database: Database) -> None:
    me = make_user(database)
    database.write(exports.request, me)
    taken = race(*[lambda: database.write(exports.take) for _ in range(4)])
    assert len([job for job in taken if job is not None]) == 1


def test_what_a_dead_worker_left_is_taken_up_again(sqlite_database: Database) -> None:
    me = make_user(sqlite_database)
    sqlite_database.write(exports.request, me)
    assert sqlite_database.write(exports.take) is not None
    assert sqlite_database.write(exports.take) is None

    def age(session: Session) -> None:
        session.exec(select(DataExport)).one().created_at = utc_now() - exports.STALE - timedelta(seconds=1)

    sqlite_database.write(age)
    assert make_one(sqlite_database)[-1] == 100


def test_nobody_else_gets_it(sqlite_database: Database) -> None:
    me, stranger = make_user(sqlite_database), make_user(sqlite_database)
    sqlite_database.write(exports.request, me)
    make_one(sqlite_database)
    name = archive_of(sqlite_database, me).stem
    for actor, wanted in ((stranger, name), (me, "x" * 43), (me, ""), (me, "../xianyu")):
        with pytest.raises(exports.ExportNotFound):
            sqlite_database.read(exports.archive, actor, wanted)


def test_an_archive_goes_when_its_time_is_over(sqlite_database: Database) -> None:
    me = make_user(sqlite_database)
    sqlite_database.write(exports.request, me)
    make_one(sqlite_database)
    path = archive_of(sqlite_database, me)
    assert exports.remove_expired(sqlite_database) == 0

    def expire(session: Session) -> None:
        session.exec(select(DataExport).where(col(DataExport.user_id) == me.user_id)).one().expires_at = utc_now()

    sqlite_database.write(expire)
    assert sqlite_database.read(exports.present, me).status == "none"
    assert exports.remove_expired(sqlite_database) == 1
    assert not path.exists()


def test_a_failure_is_noted_and_leaves_no_half_file(sqlite_database: Database) -> None:
    me = make_user(sqlite_database)
    sqlite_database.write(exports.request, me)
    job = sqlite_database.write(exports.take)
    assert job is not None

    def stop(_percent: int) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        exports.make(sqlite_database, *job, stop)
    assert sqlite_database.read(exports.present, me).status == "failed"
    assert list(exports.folder().iterdir()) == []
    # It can be asked for again.
    assert sqlite_database.write(exports.request, me).status == "waiting"


def test_what_a_dead_worker_left_unfinished_goes_as_well(sqlite_database: Database) -> None:
    exports.folder().mkdir(parents=True)
    old, fresh = exports.folder() / "old.part", exports.folder() / "fresh.part"
    for path in (old, fresh):
        path.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert exports.remove_expired(sqlite_database) == 1
    assert [path.name for path in exports.folder().iterdir()] == [fresh.name]
