"""Uploading and fetching pictures as a browser does."""

import asyncio
import io
import threading
from pathlib import Path

import httpx
import pytest
from PIL import Image
from sqlmodel import Session, select

from tests.factories import make_photo
from tests.uploads import CountedBody, files, login
from xianyu.adapters import media
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.models import Photo
from xianyu.services import accounts, photos
from xianyu.settings import Settings

PATIENCE = 30


def jpeg(size: tuple[int, int] = (640, 480)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "orange").save(buffer, "JPEG")
    return buffer.getvalue()


def rows(database: Database) -> list[Photo]:
    return list(database.read(lambda session: session.exec(select(Photo)).all()))


async def test_an_upload_is_stored_and_served(
    client: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    actor = login(client, database)

    answer = await client.post("/api/photos", content=jpeg((2000, 1000)))

    assert answer.status_code == 201
    row = rows(database)[0]
    assert (row.owner_id, row.listing_id) == (actor.user_id, None)
    assert answer.json() == {
        "id": row.id,
        "url": f"/media/{row.name}",
        "thumb_url": f"/media/{media.thumb_name(row.name)}",
        "width": 1600,
        "height": 800,
    }
    for url, size in (("url", (1600, 800)), ("thumb_url", (480, 240))):
        served = await client.get(answer.json()[url])
        assert served.status_code == 200
        assert served.headers["content-type"] == "image/webp"
        assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert served.headers["x-content-type-options"] == "nosniff"
        with Image.open(io.BytesIO(served.content)) as image:
            assert (image.format, image.size) == ("WEBP", size)
    assert len(files(settings)) == 2


@pytest.mark.parametrize("cookie", ["", "nonsense", "a" * 43])
async def test_strangers_cannot_upload(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings, cookie: str
) -> None:
    if cookie:
        client.cookies.set(session_cookie_name(), cookie)
    answer = await client.post("/api/photos", content=jpeg())
    assert (answer.status_code, answer.json()) == (401, {"error": "请先登录"})
    assert (rows(sqlite_database), files(settings)) == ([], [])


async def test_a_login_that_ended_cannot_upload(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    login(client, sqlite_database)
    sqlite_database.write(accounts.end_session, client.cookies[session_cookie_name()])
    assert (await client.post("/api/photos", content=jpeg())).status_code == 401


@pytest.mark.parametrize(
    ("data", "status", "word"),
    [
        (b"", 415, "JPEG"),
        (b"<html><script>alert(1)</script>", 415, "JPEG"),
        (b"GIF89a" + b"\0" * 100, 415, "JPEG"),
        (jpeg()[:800], 422, "损坏"),
        (jpeg((8, 4000)), 422, "尺寸"),
    ],
    ids=["empty", "html", "gif", "truncated", "line"],
)
async def test_bad_files_are_refused_in_chinese(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings, data: bytes, status: int, word: str
) -> None:
    login(client, sqlite_database)
    answer = await client.post("/api/photos", content=data)
    assert answer.status_code == status
    assert word in answer.json()["error"]
    assert (rows(sqlite_database), files(settings)) == ([], [])


async def test_a_declared_size_over_the_limit_is_not_read(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    login(client, sqlite_database)
    body = CountedBody(chunks=1000)
    headers = {"content-length": str(media.MAX_PHOTO_BYTES + 1)}
    answer = await client.post("/api/photos", content=body.stream(), headers=headers)
    assert answer.status_code == 413
    assert "10 MB" in answer.json()["error"]
    assert body.sent == 0


async def test_reading_stops_at_the_limit(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    login(client, sqlite_database)
    body = CountedBody(chunks=1000)
    answer = await client.post("/api/photos", content=body.stream())
    assert answer.status_code == 413
    assert body.sent <= media.MAX_PHOTO_BYTES // len(body.CHUNK) + 1


async def test_too_many_unused_uploads_are_refused(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings
) -> None:
    actor = login(client, sqlite_database)
    for _ in range(photos.MAX_UNUSED):
        make_photo(sqlite_database, actor)
    answer = await client.post("/api/photos", content=jpeg())
    assert answer.status_code == 429
    assert "太多" in answer.json()["error"]
    assert files(settings) == []


async def test_a_file_whose_row_is_refused_is_deleted_again(
    client: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    actor = login(client, database)
    for _ in range(photos.MAX_UNUSED - 1):
        make_photo(database, actor)
    # All find room at first; only one row is stored.
    answers = await asyncio.gather(*(client.post("/api/photos", content=jpeg()) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 429, 429, 429]
    assert len(rows(database)) == photos.MAX_UNUSED
    assert len(files(settings)) == 2


async def test_at_most_two_pictures_are_decoded_at_once(
    client: httpx.AsyncClient, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(client, sqlite_database)
    at_work, most, lock = 0, 0, threading.Lock()
    two_are_in = threading.Barrier(2)
    store_photo = media.store_photo

    def watched(data: bytes, directory: Path) -> media.StoredPhoto:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        two_are_in.wait(PATIENCE)
        try:
            return store_photo(data, directory)
        finally:
            with lock:
                at_work -= 1

    monkeypatch.setattr(media, "store_photo", watched)
    answers = await asyncio.gather(*(client.post("/api/photos", content=jpeg()) for _ in range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert most == 2


async def test_one_persons_upload_cannot_be_anothers(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    first = login(client, sqlite_database)
    photo_id = (await client.post("/api/photos", content=jpeg())).json()["id"]
    login(client, sqlite_database)
    row = sqlite_database.read(Session.get_one, Photo, photo_id)
    assert isinstance(row, Photo)
    assert row.owner_id == first.user_id


@pytest.mark.parametrize(
    "path",
    ["/media/", "/media/x", "/media/" + "a" * 32 + ".webp", "/media/..%2f..%2fxianyu.db", "/media/%2e%2e/xianyu.db",
     "/media/" + "a" * 32 + ".webp%00", "/media/%2Fetc%2Fpasswd"],
)  # fmt: skip
async def test_other_addresses_are_not_found(client: httpx.AsyncClient, settings: Settings, path: str) -> None:
    settings.media_dir.mkdir(parents=True)
    (settings.data_dir / "xianyu.db").write_bytes(b"secret")
    answer = await client.get(path)
    assert answer.status_code == 404
    assert b"secret" not in answer.content


async def test_other_methods_are_refused(client: httpx.AsyncClient) -> None:
    assert (await client.get("/api/photos")).status_code == 405
    assert (await client.post(f"/media/{'a' * 32}.webp")).status_code == 405
