"""Refuses what another site's page asks of this one with a neighbour's cookie."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from xianyu.adapters import security_log
from xianyu.http.addresses import client_address
from xianyu.settings import get_settings

_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class SameOriginOnly:
    """Middleware: sockets and unsafe requests pass only from pages of this site.

    A browser names the page's origin in ``Origin``. It must be the host that was asked, or the
    public URL where a proxy changes the host. Clients that send none are no browsers and carry no
    neighbour's cookie by accident.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or refuse with 403 (a socket is closed before it is accepted)."""
        if scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in _SAFE_METHODS):
            if not _is_own(Headers(scope=scope)):
                await _refuse(scope, receive, send)
                return
            if scope["type"] == "websocket":
                # The socket server knows a fixed list only; what was checked here need not be again.
                scope = {**scope, "headers": [item for item in scope["headers"] if item[0] != b"origin"]}
        await self.app(scope, receive, send)


def _is_own(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "same-origin") in {"same-origin", "none"}
    return origin == get_settings().public_url or urlsplit(origin).netloc == headers.get("host", "")


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    connection = HTTPConnection(scope)
    security_log.record(
        "refused",
        "refused",
        address=client_address(connection),
        reason="ForeignOrigin",
        origin=connection.headers.get("origin", ""),
        kind=scope["type"],
    )
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4403, "reason": "foreign origin"})
        return
    await PlainTextResponse("foreign origin", status_code=403)(scope, receive, send)
