"""What tests of uploads share: who uploads, and what is left on the disk."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from tests.factories import login_token, make_user
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.schemas.accounts import Actor
from xianyu.settings import Settings


def login(client: httpx.AsyncClient, database: Database) -> Actor:
    """Log a new neighbour in."""
    actor = make_user(database)
    client.cookies.set(session_cookie_name(), login_token(database, actor))
    return actor


def files(settings: Settings) -> list[Path]:
    """The files of all uploads."""
    return [path for path in settings.media_dir.rglob("*") if path.is_file()]


class CountedBody:
    """A request's body of many chunks that counts how many were asked for."""

    CHUNK = b"\xff" * 100_000

    def __init__(self, chunks: int) -> None:
        self.chunks = chunks
        self.sent = 0

    async def stream(self) -> AsyncIterator[bytes]:
        """The chunks, as a client takes them."""
        for _ in range(self.chunks):
            self.sent += 1
            yield self.CHUNK
