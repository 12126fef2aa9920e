"""Status 404 for pages of things and people that do not exist, whose HTML is the same for all."""

import re
from collections.abc import Callable
from http import HTTPStatus

from sqlmodel import Session
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, activity_pages, announcements, listing_pages, order_lists
from xianyu.services.errors import DomainError

_PAGE = re.compile(r"/(listing|user|activity|announcement|orders)/(\d{1,15})(?:/buy)?/?")


class HonestStatus:
    """Middleware: a page that will say “there is no such thing” says so in its status, too.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with another status where the address names nothing."""
        match = _PAGE.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if match is None or await get_database().reading(_exists, match[1], int(match[2]), _cookie(scope)):
            await self.app(scope, receive, send)
            return

        async def send_not_found(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                message = {**message, "status": HTTPStatus.NOT_FOUND}
            await send(message)

        await self.app(scope, receive, send_not_found)


def _cookie(scope: Scope) -> str:
    return Headers(scope=scope).get("cookie", "")


def _exists(session: Session, kind: str, key: int, cookie: str) -> bool:
    try:
        if kind == "orders":
            return _is_known_order(session, key, cookie)
        if kind in _SEEN_BY_SOME:
            _SEEN_BY_SOME[kind](session, accounts.resolve_actor(session, read_session_cookie(cookie)), key)
        else:
            _READERS[kind](session, key)
    except DomainError:
        return False
    return True


def _is_known_order(session: Session, order_id: int, cookie: str) -> bool:
    """An order is there for its two people alone. Whoever is nobody yet is sent to log in first."""
    actor = accounts.resolve_actor(session, read_session_cookie(cookie))
    if actor is not None:
        order_lists.detail(session, actor, order_id)
    return True


# What raises where there is nothing to see.
_READERS: dict[str, Callable[[Session, int], object]] = {
    "user": accounts.person,
    "activity": activity_pages.find,
}
# What depends on who asks: operators see an announcement before it is published, a seller what is held.
_SEEN_BY_SOME: dict[str, Callable[[Session, Actor | None, int], object]] = {
    "announcement": announcements.view,
    "listing": listing_pages.detail,
}
