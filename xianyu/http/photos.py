"""Pictures over HTTP: one upload a request, and the stored files."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters import media as store
from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database, in_thread
from xianyu.adapters.live import bus
from xianyu.http import uploads
from xianyu.http.addresses import client_address
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent
from xianyu.services import accounts, limits, photos, profiles
from xianyu.services.errors import DomainError
from xianyu.settings import get_settings

# What the browser is answered, and what open tabs are told.
_Stored = tuple[dict[str, Any], list[LiveEvent]]

# A picture of MAX_PIXELS takes 400 MB while it is decoded.
MAX_DECODING = 2
_decoding = asyncio.Semaphore(MAX_DECODING)

_TYPES = {".webp": "image/webp", ".mp4": "video/mp4"}
_REFUSALS: dict[type[store.PhotoError], tuple[int, str]] = {
    store.PhotoTooLarge: (413, f"照片不能超过 {store.MAX_PHOTO_BYTES // 1_000_000} MB"),
    store.NotAPhoto: (415, "请选择 JPEG、PNG、WebP 或 HEIC 格式的照片"),
    store.AbsurdDimensions: (422, "照片的尺寸太大或太狭长，请换一张"),
    store.BrokenPhoto: (422, "照片已损坏，无法读取"),
}


async def upload(request: Request) -> Response:
    """Take one picture, the request's body, from a logged-in neighbour.

    Answers 201 with the fields of ``PhotoView``, or ``{"error": …}`` with 401, 413, 415, 422 or 429.
    """
    return await _receive(request, photos.check_room, _store)


async def upload_avatar(request: Request) -> Response:
    """Take a neighbour's new avatar, the request's body. Answers 201 with its ``url``, or as ``upload`` does."""
    return await _receive(request, accounts.require, _store_avatar)


async def _receive(
    request: Request, check: Callable[[Session, Actor], object], store_file: Callable[[str, bytes], _Stored]
) -> Response:
    token = read_session_cookie(request.headers.get("cookie", ""))
    try:
        await uploads.admit(token, check, limits.UPLOAD, client_address(request))
        data = await _read_body(request)
        async with _decoding:
            answer, events = await in_thread(partial(store_file, token, data))
    except store.PhotoError as error:
        status, message = _REFUSALS[type(error)]
        return JSONResponse({"error": message}, status_code=status)
    except DomainError as error:
        return uploads.refusal(error, request)
    except ClientDisconnect:
        return Response(status_code=400)
    await bus.publish(events)
    return JSONResponse(answer, status_code=201)


async def _read_body(request: Request) -> bytes:
    if uploads.declared_size(request) > store.MAX_PHOTO_BYTES:
        raise store.PhotoTooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > store.MAX_PHOTO_BYTES:
            raise store.PhotoTooLarge
    return bytes(body)


def _store(token: str, data: bytes) -> _Stored:
    """File and row in one go, in one thread: a request that is cancelled cannot part them."""
    directory = get_settings().media_dir
    stored = store.store_photo(data, directory)
    try:
        view = get_database().write(uploads.as_member, token, partial(photos.add_photo, stored=stored))
    except Exception:
        store.delete_photo(directory, stored.name)
        raise
    return asdict(view), []


def _store_avatar(token: str, data: bytes) -> _Stored:
    directory = get_settings().media_dir
    name = store.store_avatar(data, directory)
    try:
        event, former = get_database().write(uploads.as_member, token, partial(profiles.set_avatar, name=name))
    except Exception:
        store.delete_photo(directory, name)
        raise
    store.delete_photo(directory, former)
    return {"url": paths.media(name)}, [event]


async def media(request: Request) -> Response:
    """One stored picture or video, or the ranges of it that were asked for (videos play while they load).

    Its name is random and its content never changes, so it is cached for good.
    """
    found = await in_thread(partial(_find, request.path_params["name"]))
    if found is None:
        raise HTTPException(404)
    path, status = found
    return FileResponse(
        path,
        stat_result=status,
        media_type=_TYPES[path.suffix],
        headers={"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"},
    )


def _find(name: str) -> tuple[Path, os.stat_result] | None:
    path = store.file_path(get_settings().media_dir, name)
    return None if path is None else (path, path.stat())


routes = [
    Route(paths.PHOTO_UPLOAD, uploads.counted("photo", upload), methods=["POST"]),
    Route(paths.AVATAR_UPLOAD, uploads.counted("avatar", upload_avatar), methods=["POST"]),
    Route(paths.media("{name}"), media, methods=["GET"]),
]
