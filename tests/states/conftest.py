"""The running site for tests of states."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.factories import make_user
from tests.live_site import Site, running_site
from tests.mailbox import Mailbox, serving
from tests.programs import free_port
from xianyu.adapters.database import Database
from xianyu.schemas.accounts import Actor
from xianyu.settings import get_settings


@pytest.fixture
async def site(sqlite_database: Database) -> AsyncIterator[Site]:
    """The whole site on SQLite, behind a real port."""
    async with running_site(sqlite_database) as site:
        yield site


@pytest.fixture
def two(site: Site) -> tuple[Actor, Actor]:
    """Two neighbours who have never spoken."""
    return make_user(site.database, "小明"), make_user(site.database, "小红")


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A server that the site sends through."""
    mailbox, port = Mailbox(), free_port()
    monkeypatch.setenv("XIANYU_SMTP_URL", f"smtp://127.0.0.1:{port}")
    get_settings.cache_clear()
    with serving(mailbox, port):
        yield mailbox
