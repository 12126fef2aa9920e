"""Videos over HTTP: one upload a request. The stored files are served beside the pictures."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import Session
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters import ffmpeg
from xianyu.adapters import video as store
from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database, in_thread
from xianyu.http import uploads
from xianyu.http.addresses import client_address
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import VideoView
from xianyu.services import limits, videos
from xianyu.services.errors import DomainError
from xianyu.settings import get_settings

# One conversion keeps two cores busy; the site goes on beside it.
MAX_CONVERTING = 1
_converting = asyncio.Semaphore(MAX_CONVERTING)
# Whose videos are being received or converted: one at a time, so that nobody fills the queue alone.
_under_way: set[int] = set()
# Bytes that are collected before they are written.
_BLOCK = 1_000_000

_REFUSALS: dict[type[store.VideoError], tuple[int, str]] = {
    store.VideoTooLarge: (413, f"视频不能超过 {store.MAX_VIDEO_BYTES // 1_000_000} MB"),
    store.NotAVideo: (415, "请选择 MP4、MOV 或 WebM 格式的视频"),
    store.NoPicture: (422, "这个文件里没有画面，请选择视频"),
    store.VideoTooLong: (422, f"视频不能超过 {store.MAX_SECONDS} 秒，请剪短后再上传"),
    store.AbsurdDimensions: (422, "视频的画面尺寸太大、太小或太狭长，请换一个"),
    store.BrokenVideo: (422, "视频已损坏或不完整，无法读取"),
    store.ConversionTimeout: (422, "这个视频转换太久，请剪短或降低清晰度后再上传"),
}


async def upload(request: Request) -> Response:
    """Take one video, the request's body, from a logged-in neighbour, and make it what every browser plays.

    Answers 201 with the fields of ``VideoView``, or ``{"error": …}`` with 401, 413, 415, 422 or 429.
    Whoever goes away meanwhile leaves nothing behind.
    """
    token = read_session_cookie(request.headers.get("cookie", ""))
    try:
        member_id = await uploads.admit(token, videos.check_room, limits.VIDEO, client_address(request))
        with _only_one(member_id), _temporary() as path:
            await _receive(request, path)
            async with _while_there(request) as is_gone, _converting:
                answer = await in_thread(partial(_store, token, path, is_gone))
    except store.VideoError as error:
        status, message = _REFUSALS[type(error)]
        return JSONResponse({"error": message}, status_code=status)
    except DomainError as error:
        return uploads.refusal(error, request)
    except (ClientDisconnect, ffmpeg.Abandoned):
        return Response(status_code=400)
    return JSONResponse(answer, status_code=201)


@contextmanager
def _only_one(member_id: int) -> Iterator[None]:
    if member_id in _under_way:
        raise videos.VideoUnderWay
    _under_way.add(member_id)
    try:
        yield
    finally:
        _under_way.discard(member_id)


@contextmanager
def _temporary() -> Iterator[Path]:
    path = store.new_upload(get_settings().media_dir)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


async def _receive(request: Request, path: Path) -> None:
    """Write the body to a file, a block at a time."""
    if uploads.declared_size(request) > store.MAX_VIDEO_BYTES:
        raise store.VideoTooLarge
    size = 0
    block = bytearray()
    with path.open("wb") as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > store.MAX_VIDEO_BYTES:
                raise store.VideoTooLarge
            block += chunk
            if len(block) >= _BLOCK:
                await in_thread(partial(file.write, bytes(block)))
                block.clear()
        await in_thread(partial(file.write, bytes(block)))


@asynccontextmanager
async def _while_there(request: Request) -> AsyncIterator[threading.Event]:
    """Notice when the browser goes away; what is done for it in a thread then ends as well."""
    is_gone = threading.Event()

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        is_gone.set()

    watching = asyncio.create_task(watch())
    try:
        yield is_gone
    finally:
        watching.cancel()
        is_gone.set()


def _store(token: str, upload: Path, is_gone: threading.Event) -> dict[str, Any]:
    """Files and row in one go, in one thread: a request that is cancelled cannot part them."""
    directory = get_settings().media_dir
    stored = store.store_video(upload, directory, is_gone.is_set)

    def note(session: Session, actor: Actor) -> VideoView:
        if is_gone.is_set():
            raise ffmpeg.Abandoned
        return videos.add_video(session, actor, stored)

    try:
        view = get_database().write(uploads.as_member, token, note)
    except BaseException:
        store.delete_video(directory, stored.name)
        raise
    return asdict(view)


routes = [Route(paths.VIDEO_UPLOAD, uploads.counted("video", upload), methods=["POST"])]
