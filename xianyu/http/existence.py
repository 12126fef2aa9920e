"""Status 404 for the pages of listings and people that do not exist, whose HTML is the same for all."""

import re
from http import HTTPStatus

from sqlmodel import Session
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xianyu.adapters.database import get_database
from xianyu.services import accounts, listings
from xianyu.services.errors import DomainError

_PAGE = re.compile(r"/(listing|user)/(\d{1,15})/?")


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
        if match is None or await get_database().reading(_exists, match[1], int(match[2])):
            await self.app(scope, receive, send)
            return

        async def send_not_found(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                message = {**message, "status": HTTPStatus.NOT_FOUND}
            await send(message)

        await self.app(scope, receive, send_not_found)


def _exists(session: Session, kind: str, key: int) -> bool:
    try:
        if kind == "listing":
            listings.detail(session, None, key)
        else:
            accounts.person(session, key)
    except DomainError:
        return False
    return True
