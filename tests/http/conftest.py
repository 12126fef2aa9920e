"""The running site for tests over HTTP, and single groups of its routes without a port."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from tests.external_browser import SITE, set_up
from tests.live_site import Site, running_site
from tests.third_parties import Forger
from xianyu.adapters.database import Database
from xianyu.http import external, photos, videos

# Seconds that an answer may take: a video is converted before it is there.
PATIENCE = 60


@pytest.fixture
async def site(sqlite_database: Database) -> AsyncIterator[Site]:
    """The whole site on SQLite, behind a real port."""
    async with running_site(sqlite_database) as site:
        yield site


@pytest.fixture(autouse=True)
def own_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has an event loop of its own, where the program has one for good."""
    monkeypatch.setattr(photos, "_decoding", asyncio.Semaphore(photos.MAX_DECODING))
    monkeypatch.setattr(videos, "_converting", asyncio.Semaphore(videos.MAX_CONVERTING))
    monkeypatch.setattr(videos, "_under_way", set())


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the routes of pictures and videos."""
    transport = httpx.ASGITransport(Starlette(routes=[*photos.routes, *videos.routes]))
    async with httpx.AsyncClient(transport=transport, base_url=SITE, timeout=PATIENCE) as client:
        yield client


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """A browser at the routes of logins through third parties."""
    transport = httpx.ASGITransport(Starlette(routes=external.routes))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


@pytest.fixture
def liar(liar: Forger, monkeypatch: pytest.MonkeyPatch) -> Forger:
    """The third party that says whatever a test wants, as the site's provider ``campus``."""
    set_up(monkeypatch, campus=liar.origin)
    return liar
