"""Pictures over HTTP: one upload a request, and the stored files."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path

from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters import media as store
from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database, in_thread
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import PhotoView
from xianyu.services import accounts, photos
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.settings import get_settings

# A picture of MAX_PIXELS takes 400 MB while it is decoded.
MAX_DECODING = 2
_decoding = asyncio.Semaphore(MAX_DECODING)

_REFUSALS: dict[type[store.PhotoError], tuple[int, str]] = {
    store.PhotoTooLarge: (413, f"照片不能超过 {store.MAX_PHOTO_BYTES // 1_000_000} MB"),
    store.NotAPhoto: (415, "请选择 JPEG、PNG、WebP 或 HEIC 格式的照片"),
    store.AbsurdDimensions: (422, "照片的尺寸太大或太狭长，请换一张"),
    store.BrokenPhoto: (422, "照片已损坏，无法读取"),
}
_STATUS: dict[type[DomainError], int] = {LoginRequired: 401, photos.PhotoLimit: 429}


async def upload(request: Request) -> Response:
    """Take one picture, the request's body, from a logged-in neighbour.

    Answers 201 with the fields of ``PhotoView``, or ``{"error": …}`` with 401, 413, 415, 422 or 429.
    """
    token = read_session_cookie(request.headers.get("cookie", ""))
    try:
        await get_database().reading(_as_member, token, photos.check_room)
        data = await _read_body(request)
        async with _decoding:
            view = await in_thread(partial(_store, token, data))
    except store.PhotoError as error:
        status, message = _REFUSALS[type(error)]
        return JSONResponse({"error": message}, status_code=status)
    except DomainError as error:
        return JSONResponse({"error": error.message}, status_code=_STATUS[type(error)])
    except ClientDisconnect:
        return Response(status_code=400)
    return JSONResponse(asdict(view), status_code=201)


async def _read_body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:12]) > store.MAX_PHOTO_BYTES:
        raise store.PhotoTooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > store.MAX_PHOTO_BYTES:
            raise store.PhotoTooLarge
    return bytes(body)


def _as_member(session: Session, token: str, service: Callable[[Session, Actor], PhotoView | None]) -> PhotoView | None:
    actor = accounts.resolve_actor(session, token)
    if actor is None:
        raise LoginRequired
    return service(session, actor)


def _store(token: str, data: bytes) -> PhotoView:
    """File and row in one go, in one thread: a request that is cancelled cannot part them."""
    directory = get_settings().media_dir
    stored = store.store_photo(data, directory)
    try:
        view = get_database().write(_as_member, token, partial(photos.add_photo, stored=stored))
    except Exception:
        store.delete_photo(directory, stored.name)
        raise
    assert view is not None
    return view


async def media(request: Request) -> Response:
    """One stored file. Its name is random and its content never changes, so it is cached for good."""
    found = await in_thread(partial(_find, request.path_params["name"]))
    if found is None:
        raise HTTPException(404)
    path, status = found
    return FileResponse(
        path,
        stat_result=status,
        media_type="image/webp",
        headers={"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"},
    )


def _find(name: str) -> tuple[Path, os.stat_result] | None:
    path = store.photo_path(get_settings().media_dir, name)
    return None if path is None else (path, path.stat())


routes = [
    Route(paths.PHOTO_UPLOAD, upload, methods=["POST"]),
    Route(paths.media("{name}"), media, methods=["GET"]),
]
