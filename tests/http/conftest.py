"""The running site for tests over HTTP."""

from collections.abc import AsyncIterator

import pytest

from tests.live_site import Site, running_site
from xianyu.adapters.database import Database


@pytest.fixture
async def site(sqlite_database: Database) -> AsyncIterator[Site]:
    """The whole site on SQLite, behind a real port."""
    async with running_site(sqlite_database) as site:
        yield site
