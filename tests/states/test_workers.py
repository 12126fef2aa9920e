"""Two server processes that share a database and a Redis: what happens on one shows on the other."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from benchmarks.servers import Server, serving
from tests.factories import login_token, make_listing, make_user
from tests.live_site import Tab
from tests.programs import free_port
from tests.redis_server import running_redis
from tests.states.talk import bodies
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.models import Role
from xianyu.schemas.accounts import Actor
from xianyu.services import messages

# Seconds within which pages have to recover after Redis was away.
RECOVERY = 10


class FarTab(Tab):
    """A tab of a server in another process, which nobody here can look into: wait for what is to be seen."""

    async def settle(self) -> "FarTab":
        """Wait for nothing but that the socket answers."""
        await self._pong()
        return self


@dataclass
class Workers:
    """The two processes, and the Redis between them."""

    database: Database
    servers: list[Server]
    redis: ExitStack
    redis_url: str
    folder: Path
    tabs: list[Tab]

    async def tab(self, worker: int, actor: Actor, path: str) -> Tab:
        """A page of somebody's, served by that worker."""
        tab = FarTab(self.servers[worker].origin, login_token(self.database, actor))
        self.tabs.append(tab)
        return await tab.open(path)

    def kill(self, worker: int) -> None:
        """End a worker in the middle of whatever it does."""
        os.killpg(self.servers[worker].process.pid, signal.SIGKILL)

    def start_redis(self) -> None:
        """The same Redis again, empty."""
        port = urlsplit(self.redis_url).port
        assert port is not None
        self.redis.enter_context(running_redis(self.folder, port))


@pytest.fixture
def started(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    with ExitStack() as redis, ExitStack() as servers:
        url = redis.enter_context(running_redis(tmp_path))
        monkeypatch.setenv("XIANYU_REDIS_URL", url)
        running = []
        for name, port in (("one", free_port()), ("two", free_port())):
            folder = tmp_path / name
            folder.mkdir()
            running.append(servers.enter_context(serving("benchmarks.site", port, folder)))
        yield Workers(sqlite_database, running, redis, url, tmp_path, [])


@pytest.fixture
async def workers(started: Workers) -> AsyncIterator[Workers]:
    yield started
    for tab in started.tabs:
        await tab.close()


def seen(tab: Tab, state: str, name: str) -> Any:
    """A var as the browser knows it, or nothing as long as it does not."""
    return tab.vars.get(state, {}).get(name)


async def say(tab: Tab, peer: Actor, body: str) -> None:
    client_id = f"client-{body.encode().hex()}"[:36]
    await tab.emit("conversation_state.send", peer_id=peer.user_id, client_id=client_id, body=body)


async def test_a_message_and_its_badge_cross(workers: Workers) -> None:
    one, other = make_user(workers.database), make_user(workers.database)
    mine = await workers.tab(0, one, routes.conversation(other.user_id))
    theirs = await workers.tab(1, other, routes.HOME)
    await mine.until(lambda tab: bool(seen(tab, "conversation_state", "loaded")))
    await theirs.until(lambda tab: bool(seen(tab, "shell_state", "known")))
    await say(mine, other, "在吗")
    await theirs.until(lambda tab: seen(tab, "shell_state", "unread") == 1)
    await theirs.go(routes.conversation(one.user_id))
    await theirs.until(lambda tab: bodies(tab) == ["在吗"])
    await theirs.until(lambda tab: seen(tab, "shell_state", "unread") == 0)
    await say(theirs, one, "在的")
    await mine.until(lambda tab: bodies(tab) == ["在吗", "在的"])
    # It is before the other's eyes, on another worker than the one that stored it, and so is read.
    await mine.until(lambda tab: (seen(tab, "conversation_state", "read_by_peer") or 0) >= 1)
    await theirs.until(lambda tab: seen(tab, "shell_state", "unread") == 0)
    await say(mine, other, "太好了")
    await mine.until(lambda tab: seen(tab, "conversation_state", "read_by_peer") == 3)


async def test_typing_and_presence_cross(workers: Workers) -> None:
    one, other = make_user(workers.database), make_user(workers.database)
    mine = await workers.tab(0, one, routes.conversation(other.user_id))
    await mine.until(lambda tab: bool(seen(tab, "conversation_state", "loaded")))
    await say(mine, other, "在吗")
    theirs = await workers.tab(1, other, routes.conversation(one.user_id))
    await theirs.until(lambda tab: bodies(tab) == ["在吗"])
    await mine.until(lambda tab: bool((seen(tab, "conversation_state", "presence") or {}).get("is_online")))
    before = seen(mine, "conversation_state", "typing") or 0
    await theirs.emit("conversation_state.note_typing")
    await mine.until(lambda tab: (seen(tab, "conversation_state", "typing") or 0) > before)


async def test_a_change_of_a_listing_crosses(workers: Workers) -> None:
    seller, reader = make_user(workers.database), make_user(workers.database)
    page = routes.listing(make_listing(workers.database, seller))
    theirs = await workers.tab(1, reader, page)
    home = await workers.tab(1, reader, routes.HOME)
    mine = await workers.tab(0, seller, page)
    for tab, state in ((theirs, "listing_state"), (home, "feed_state"), (mine, "listing_state")):
        await tab.until(lambda tab, state=state: bool(seen(tab, state, "loaded")))  # type: ignore[misc]
    await mine.emit("listing_state.take_down")
    await theirs.until(lambda tab: (seen(tab, "listing_state", "listing") or {}).get("status") == "taken_down")
    await home.until(lambda tab: [card["status"] for card in seen(tab, "feed_state", "cards") or []] == ["taken_down"])


async def test_what_an_operator_changes_about_categories_crosses(workers: Workers) -> None:
    """Each worker keeps what the table says, and shows it in its own tabs."""
    operator, seller = make_user(workers.database, role=Role.OPERATOR), make_user(workers.database)
    mine = await workers.tab(0, operator, routes.ADMIN_CATALOG)
    home = await workers.tab(1, seller, routes.HOME)
    await mine.until(lambda tab: bool(seen(tab, "console_catalog_state", "loaded")))
    await home.until(lambda tab: bool(seen(tab, "feed_state", "loaded")))
    await mine.emit("console_catalog_state.save", form={"key": "add phones", "name": "无人机"})
    await home.until(lambda tab: seen(tab, "catalog_state", "groups")[0]["children"][-1]["slug"] == "wurenji")
    # What that worker is asked for next knows it, too.
    listing_id = make_listing(workers.database, seller, category="wurenji", category_group="phones")
    await home.go(routes.listing(listing_id))
    await home.until(lambda tab: (seen(tab, "listing_state", "listing") or {}).get("category_name") == "无人机")


async def test_pages_recover_after_redis_was_away(workers: Workers) -> None:
    one, other = make_user(workers.database), make_user(workers.database)
    mine = await workers.tab(0, one, routes.conversation(other.user_id))
    theirs = await workers.tab(1, other, routes.conversation(one.user_id))
    for tab in (mine, theirs):
        await tab.until(lambda tab: bool(seen(tab, "conversation_state", "loaded")))
    workers.redis.close()
    await say(mine, other, "听得到吗")
    await mine.until(lambda tab: bodies(tab) == ["听得到吗"])
    assert bodies(theirs) == []
    workers.start_redis()
    async with asyncio.timeout(RECOVERY):
        await theirs.until(lambda tab: bodies(tab) == ["听得到吗"])
    await say(theirs, one, "听到了")
    await mine.until(lambda tab: bodies(tab) == ["听得到吗", "听到了"])


async def test_what_a_killed_worker_could_not_tell_is_shown(workers: Workers) -> None:
    """It died between the commit and the word about it, and nobody starts it again."""
    reader, other, sender = (make_user(workers.database) for _ in range(3))
    chat = await workers.tab(0, reader, routes.conversation(sender.user_id))
    home = await workers.tab(0, other, routes.HOME)
    await chat.until(lambda tab: bool(seen(tab, "conversation_state", "loaded")))
    await home.until(lambda tab: bool(seen(tab, "shell_state", "known")))
    for to in (reader, other):
        workers.database.write(messages.send, sender, to.user_id, "client-id-1", "最后一句")
    workers.kill(1)
    async with asyncio.timeout(RECOVERY):
        await chat.until(lambda tab: bodies(tab) == ["最后一句"])
        await home.until(lambda tab: seen(tab, "shell_state", "unread") == 1)
