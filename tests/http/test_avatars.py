"""Uploading an avatar as a browser does."""

import asyncio
import io

import httpx
import pytest
from PIL import Image

from tests.uploads import files, login
from xianyu.adapters import media
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.adapters.live import bus
from xianyu.schemas.events import LiveEvent, ProfileChanged
from xianyu.services import profiles
from xianyu.settings import Settings

LEFT, MIDDLE, RIGHT = (200, 30, 30), (30, 200, 30), (30, 30, 200)


def striped(width: int = 900, height: int = 300, exif: bytes = b"") -> bytes:
    """Three squares side by side; the middle one is what an avatar shows."""
    picture = Image.new("RGB", (width, height), MIDDLE)
    picture.paste(LEFT, (0, 0, width // 3, height))
    picture.paste(RIGHT, (width * 2 // 3, 0, width, height))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=95, exif=exif)
    return buffer.getvalue()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[LiveEvent]:
    """What open tabs are told."""
    events: list[LiveEvent] = []

    async def listen(event: LiveEvent) -> None:
        events.append(event)

    monkeypatch.setattr(bus, "_listeners", [listen])
    return events


async def test_an_avatar_is_the_square_in_the_middle(
    client: httpx.AsyncClient, database: Database, settings: Settings, told: list[LiveEvent]
) -> None:
    actor = login(client, database)
    answer = await client.post("/api/avatar", content=striped())
    assert answer.status_code == 201
    assert answer.json() == {"url": database.read(profiles.own, actor).avatar_url}
    assert told == [ProfileChanged(actor.user_id)]

    served = await client.get(answer.json()["url"])
    assert (served.status_code, served.headers["content-type"]) == (200, "image/webp")
    with Image.open(io.BytesIO(served.content)) as image:
        assert (image.format, image.size) == ("WEBP", (media.AVATAR_SIDE, media.AVATAR_SIDE))
        for place in ((20, 128), (128, 20), (235, 128)):
            pixel = image.convert("RGB").getpixel(place)
            assert isinstance(pixel, tuple)
            assert all(abs(found - wanted) < 30 for found, wanted in zip(pixel, MIDDLE, strict=True))


async def test_nothing_of_the_file_but_its_pixels_survives(
    client: httpx.AsyncClient, sqlite_database: Database
) -> None:
    login(client, sqlite_database)
    exif = Image.Exif()
    exif[0x010F] = "SECRETMAKER"
    answer = await client.post("/api/avatar", content=striped(exif=exif.tobytes()))
    served = await client.get(answer.json()["url"])
    assert b"SECRETMAKER" not in served.content


async def test_a_new_avatar_replaces_the_file_of_the_old_one(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings
) -> None:
    login(client, sqlite_database)
    first = (await client.post("/api/avatar", content=striped())).json()["url"]
    second = (await client.post("/api/avatar", content=striped(500, 400))).json()["url"]
    assert first != second
    assert [path.name for path in files(settings)] == [second.rpartition("/")[2]]
    assert (await client.get(first)).status_code == 404


async def test_of_several_at_once_one_stays(client: httpx.AsyncClient, database: Database, settings: Settings) -> None:
    actor = login(client, database)
    answers = await asyncio.gather(*(client.post("/api/avatar", content=striped()) for _ in range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    kept = database.read(profiles.own, actor).avatar_url
    assert [path.name for path in files(settings)] == [kept.rpartition("/")[2]]


@pytest.mark.parametrize("cookie", ["", "a" * 43])
async def test_strangers_have_no_avatar(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings, cookie: str
) -> None:
    if cookie:
        client.cookies.set(session_cookie_name(), cookie)
    answer = await client.post("/api/avatar", content=striped())
    assert (answer.status_code, answer.json()) == (401, {"error": "请先登录"})
    assert files(settings) == []


@pytest.mark.parametrize(
    ("data", "status", "word"),
    [(b"<svg onload=alert(1)>", 415, "JPEG"), (striped()[:500], 422, "损坏"), (b"\xff" * 10_000_001, 413, "10 MB")],
    ids=["svg", "truncated", "large"],
)
async def test_bad_files_are_refused(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings, data: bytes, status: int, word: str
) -> None:
    actor = login(client, sqlite_database)
    answer = await client.post("/api/avatar", content=data)
    assert answer.status_code == status
    assert word in answer.json()["error"]
    assert files(settings) == []
    assert sqlite_database.read(profiles.own, actor).avatar_url == ""
