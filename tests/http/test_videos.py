"""Uploading and fetching videos as a browser does."""

import asyncio
import io
import time
from collections.abc import Callable

import httpx
import pytest
from PIL import Image
from sqlmodel import select

from tests import videos as samples
from tests.factories import login_token, make_user, make_video
from tests.live_site import Site
from tests.uploads import CountedBody, files, login
from xianyu.adapters import video as store
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.http import videos as endpoints
from xianyu.models import Video
from xianyu.services import accounts, limits, videos
from xianyu.settings import Settings

PATIENCE = 30
MINUTE = 60


def rows(database: Database) -> list[Video]:
    return list(database.read(lambda session: session.exec(select(Video)).all()))


async def happens(condition: Callable[[], bool]) -> None:
    """Wait for something that comes about in another task."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.01)


async def test_an_upload_is_converted_stored_and_served(
    client: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    actor = login(client, database)

    answer = await client.post("/api/videos", content=samples.webm())

    assert answer.status_code == 201
    row = rows(database)[0]
    assert (row.owner_id, row.listing_id) == (actor.user_id, None)
    stem = f"/media/{row.name.removesuffix('.mp4')}"
    assert answer.json() == {
        "id": row.id,
        "url": f"{stem}.mp4",
        "poster_url": f"{stem}.webp",
        "thumb_url": f"{stem}_t.webp",
        "width": 320,
        "height": 240,
        "duration": "0:02",
    }
    assert len(files(settings)) == 3
    served = await client.get(answer.json()["url"])
    assert (served.status_code, served.headers["content-type"]) == (200, "video/mp4")
    assert served.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["accept-ranges"] == "bytes"
    assert served.content[4:8] == b"ftyp"
    poster = await client.get(answer.json()["poster_url"])
    assert poster.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(poster.content)) as image:
        assert (image.format, image.size) == ("WEBP", (320, 240))


async def test_a_video_is_served_in_parts(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    login(client, sqlite_database)
    url = (await client.post("/api/videos", content=samples.mp4())).json()["url"]
    whole = await client.get(url)
    size = len(whole.content)
    wanted = {"bytes=0-99": (0, 100), "bytes=100-": (100, size), "bytes=-50": (size - 50, size), "bytes=0-": (0, size)}
    for asked, (start, end) in wanted.items():
        part = await client.get(url, headers={"range": asked})
        assert part.status_code == 206
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/{size}"
        assert part.headers["content-type"] == "video/mp4"
        assert part.content == whole.content[start:end]
        assert "immutable" in part.headers["cache-control"]

    beyond = await client.get(url, headers={"range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert (await client.get(url, headers={"range": "bytes=x"})).status_code in {200, 400}
    many = await client.get(url, headers={"range": "bytes=0-9, 100-109"})
    assert many.status_code == 206
    assert many.headers["content-type"].startswith("multipart/byteranges")
    assert whole.content[100:110] in many.content
    # What asks for more pieces than any player does gets no more work out of the server than others.
    greedy = await client.get(url, headers={"range": "bytes=" + ",".join(f"{at * 4}-{at * 4}" for at in range(5000))})
    assert greedy.status_code in {200, 400, 416}

    same = {"range": "bytes=0-99", "if-range": whole.headers["etag"]}
    assert (await client.get(url, headers=same)).status_code == 206
    other = await client.get(url, headers={"range": "bytes=0-99", "if-range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, size)
    head = await client.head(url)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(size), b"")


@pytest.mark.parametrize("cookie", ["", "nonsense", "a" * 43])
async def test_strangers_cannot_upload(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings, cookie: str
) -> None:
    if cookie:
        client.cookies.set(session_cookie_name(), cookie)
    body = CountedBody(chunks=10)
    answer = await client.post("/api/videos", content=body.stream())
    assert (answer.status_code, answer.json()) == (401, {"error": "请先登录"})
    assert (rows(sqlite_database), files(settings), body.sent) == ([], [], 0)


REFUSED: dict[str, tuple[Callable[[], bytes], int, str]] = {
    "nothing": (lambda: b"", 415, "MP4、MOV 或 WebM"),
    "zip": (lambda: b"PK\x03\x04" + b"\0" * 500, 415, "MP4、MOV 或 WebM"),
    "text": (lambda: "一段文字".encode() * 50, 415, "MP4、MOV 或 WebM"),
    "play list": (lambda: b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/x.ts\n", 415, "MP4、MOV 或 WebM"),
    "sound": (samples.sound, 422, "没有画面"),
    "too long": (lambda: samples.mp4(61, "32x32"), 422, "60 秒"),
    "cut off": (lambda: samples.mp4()[:-3000], 422, "损坏"),
    "line": (lambda: samples.made("mp4", *samples.picture("512x32", 5), *samples.H264, seconds=1), 422, "尺寸"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_bad_files_are_refused_in_chinese(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings, name: str
) -> None:
    make, status, word = REFUSED[name]
    login(client, sqlite_database)
    answer = await client.post("/api/videos", content=make())
    assert answer.status_code == status
    assert word in answer.json()["error"]
    assert (rows(sqlite_database), files(settings)) == ([], [])


async def test_a_conversion_that_does_not_end_is_refused(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = samples.webm(20, "640x480")
    monkeypatch.setattr(store, "TIME_LIMIT", 0.2)
    login(client, sqlite_database)
    answer = await client.post("/api/videos", content=data)
    assert answer.status_code == 422
    assert "转换太久" in answer.json()["error"]
    assert (rows(sqlite_database), files(settings)) == ([], [])


async def test_a_declared_size_over_the_limit_is_not_read(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings
) -> None:
    login(client, sqlite_database)
    body = CountedBody(chunks=1000)
    headers = {"content-length": str(store.MAX_VIDEO_BYTES + 1)}
    answer = await client.post("/api/videos", content=body.stream(), headers=headers)
    assert answer.status_code == 413
    assert "50 MB" in answer.json()["error"]
    assert (body.sent, files(settings)) == (0, [])


async def test_reading_stops_at_the_limit(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings
) -> None:
    login(client, sqlite_database)
    body = CountedBody(chunks=1000)
    answer = await client.post("/api/videos", content=body.stream())
    assert answer.status_code == 413
    assert body.sent <= store.MAX_VIDEO_BYTES // len(body.CHUNK) + 1
    assert files(settings) == []


async def test_too_many_unused_uploads_are_refused(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings
) -> None:
    actor = login(client, sqlite_database)
    for _ in range(videos.MAX_UNUSED):
        make_video(sqlite_database, actor)
    answer = await client.post("/api/videos", content=samples.mp4())
    assert answer.status_code == 429
    assert "太多" in answer.json()["error"]
    assert files(settings) == []


async def test_somebody_uploads_so_many_a_minute(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    login(client, sqlite_database)
    most = int(limits.VIDEO.windows.partition("/")[0])
    answers = [await client.post("/api/videos", content=b"") for _ in range(most + 1)]
    assert [answer.status_code for answer in answers] == [415] * most + [429]
    assert int(answers[-1].headers["retry-after"]) <= MINUTE
    assert "操作太频繁" in answers[-1].json()["error"]


async def test_a_login_that_ends_meanwhile_leaves_nothing(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings
) -> None:
    login(client, sqlite_database)
    token = client.cookies[session_cookie_name()]
    sending = asyncio.create_task(client.post("/api/videos", content=samples.webm(10)))
    await happens(lambda: any(path.name.endswith(".out.tmp") for path in files(settings)))
    sqlite_database.write(accounts.end_session, token)
    assert (await sending).status_code == 401
    assert (rows(sqlite_database), files(settings)) == ([], [])


async def test_one_video_is_converted_at_a_time_and_one_of_each_person(
    client: httpx.AsyncClient, sqlite_database: Database, settings: Settings
) -> None:
    seen = 0

    async def watch() -> None:
        nonlocal seen
        while True:
            seen = max(seen, sum(path.name.endswith(".out.tmp") for path in files(settings)))
            await asyncio.sleep(0.005)

    watching = asyncio.create_task(watch())
    people = [login_token(sqlite_database, make_user(sqlite_database)) for _ in range(3)]
    # The first of them tries it with two at once.
    sent = [
        client.post("/api/videos", content=samples.webm(4), headers={"cookie": f"{session_cookie_name()}={token}"})
        for token in [people[0], *people]
    ]
    answers = await asyncio.gather(*sent)
    watching.cancel()
    assert sorted(answer.status_code for answer in answers) == [201, 201, 201, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "上一个视频还在处理" in refused.json()["error"]
    assert seen == 1
    assert (len(rows(sqlite_database)), len(files(settings))) == (3, 9)


async def test_other_requests_are_answered_meanwhile(client: httpx.AsyncClient, sqlite_database: Database) -> None:
    login(client, sqlite_database)
    sending = asyncio.create_task(client.post("/api/videos", content=samples.webm(20, "640x480")))
    longest = 0.0
    while not sending.done():
        began = time.monotonic()
        assert (await client.get("/media/none.mp4")).status_code == 404
        longest = max(longest, time.monotonic() - began)
        await asyncio.sleep(0.01)
    assert sending.result().status_code == 201
    assert longest < 1


@pytest.mark.parametrize("moment", [".upload.tmp", ".out.tmp"], ids=["while sending", "while converting"])
async def test_whoever_goes_away_leaves_nothing(site: Site, settings: Settings, moment: str) -> None:
    """At the real server: a browser that is closed, or 取消 in the form."""
    actor = make_user(site.database)
    data = samples.webm(30, "640x480")
    cookie = f"{session_cookie_name()}={login_token(site.database, actor)}"
    host, _, port = site.origin.removeprefix("http://").partition(":")
    head = (
        f"POST /api/videos HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: {cookie}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + (data if moment == ".out.tmp" else data[:-100]))
    await writer.drain()
    await happens(lambda: any(path.name.endswith(moment) for path in files(settings)))
    writer.close()
    await writer.wait_closed()
    await happens(lambda: files(settings) == [])
    assert rows(site.database) == []
    assert endpoints._under_way == set()


@pytest.mark.parametrize(
    "path",
    ["/media/" + "a" * 32 + ".mp4", "/media/..%2f..%2fxianyu.db", "/media/" + "a" * 32 + ".mp4%00",
     "/media/" + "a" * 32 + ".upload.tmp", "/media/" + "a" * 32 + ".out.tmp"],
)  # fmt: skip
async def test_other_addresses_are_not_found(client: httpx.AsyncClient, settings: Settings, path: str) -> None:
    folder = settings.media_dir / "aa"
    folder.mkdir(parents=True)
    for name in (".upload.tmp", ".out.tmp"):
        (folder / ("a" * 32 + name)).write_bytes(b"secret")
    answer = await client.get(path)
    assert answer.status_code == 404
    assert b"secret" not in answer.content
