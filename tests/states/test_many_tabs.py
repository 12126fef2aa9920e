"""Tabs come and go by the thousand: what a worker and Redis keep of them is nothing."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis

from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site, Tab, quiet, running_site, until
from tests.redis_server import running_redis
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.adapters.live import LiveBus, bus
from xianyu.adapters.rate_limits import get_rate_limits
from xianyu.adapters.relay import Relay, get_relay, make_relay
from xianyu.schemas.accounts import Actor
from xianyu.settings import get_settings
from xianyu.states import delivery
from xianyu.states.shell import ShellState

TABS = 1000
AT_ONCE = 50
# Seconds: so long Reflex keeps the state of a tab that nobody touches, and a closed socket its task.
EXPIRY = 1


@pytest.fixture
def redis_url(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with running_redis(tmp_path) as url:
        monkeypatch.setenv("XIANYU_REDIS_URL", url)
        monkeypatch.setenv("XIANYU_RATE_ALLOWANCE", "1000")
        for forget in (get_settings.cache_clear, get_rate_limits.cache_clear, get_relay.cache_clear):
            forget()
        yield url
        get_relay.cache_clear()


@pytest.fixture
async def other_worker(redis_url: str) -> AsyncIterator[Relay]:
    """Another worker of the same site, on which nobody has a tab open."""
    other = make_relay(get_settings(), LiveBus(lambda _token: ""))
    assert other is not None
    listening = asyncio.create_task(other.run())
    await other.connected()
    yield other
    listening.cancel()
    await asyncio.wait([listening])


@pytest.fixture
async def site(sqlite_database: Database, other_worker: Relay, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    async with running_site(sqlite_database) as site:
        from xianyu.xianyu import app

        monkeypatch.setattr(app.state_manager, "token_expiration", EXPIRY)
        sockets: Any = app.sio
        monkeypatch.setattr(sockets.eio, "ping_interval", EXPIRY)
        yield site


Kept = dict[str, set[Any]]


def kept() -> Kept:
    """What there is of tabs in this process, by where it is kept."""
    from xianyu.xianyu import app

    namespace: Any = app.event_namespace
    manager: Any = app.state_manager
    processor: Any = app.event_processor
    sockets: Any = app.sio
    tokens = namespace._token_manager
    found = {
        "tabs": bus._tabs,
        "index of tabs": bus._index,
        "tokens": tokens.token_to_socket,
        "sockets": tokens.sid_to_token,
        "handshakes": namespace._static_router_data,
        "states": manager.states,
        "locks": manager._states_locks,
        "expiries": manager._token_expires_at,
        "queues": processor._token_queues,
        "futures": processor._futures,
        "tasks of events": processor._tasks,
        "superseded": processor._superseded,
        "hydrations": processor._pending_hydrates,
        "connections": sockets.eio.sockets,
        "rooms": sockets.manager.rooms.get("/_event", {}),
        "announcements": delivery._announcing,
        "running refreshes": [one for refresher in _refreshers() for one in (*refresher._running, *refresher._again)],
    }
    return {name: set(what) for name, what in found.items()}


def left(before: Kept) -> dict[str, int]:
    """How much more there is than ``before``, when other tests may have left something that ends later."""
    return {name: len(what - before[name]) for name, what in kept().items()}


def _refreshers() -> list[delivery.Refresher]:
    # By type: a weak proxy among them passes the question on to what it stands for, which may be gone.
    return [one for one in gc.get_objects() if type(one) is delivery.Refresher]


def shells() -> int:
    """How many tabs' states are in memory, whoever holds them."""
    gc.collect()
    return sum(issubclass(type(one), ShellState) for one in gc.get_objects())


async def visit(site: Site, page: str, cookie: str) -> None:
    """Open a page, do what people do there, and close it."""
    tab = await Tab(site.origin, cookie).open(page)
    await tab.close()


async def come_and_go(site: Site, people: list[Actor], count: int) -> None:
    listing_id = make_listing(site.database, people[0])
    cookies = ["", *(login_token(site.database, one) for one in people)]
    pages = [
        *(routes.HOME, routes.listing(listing_id), routes.PLAZA, f"{routes.SEARCH}?q=山地车"),
        *(routes.user(people[0].user_id), routes.conversation(people[1].user_id), routes.MESSAGES, routes.FRIENDS),
    ]
    for start in range(0, count, AT_ONCE):
        await asyncio.gather(
            *(
                visit(site, pages[number % len(pages)], cookies[number % len(cookies)])
                for number in range(start, min(start + AT_ONCE, count))
            )
        )


async def gone(before: Kept) -> dict[str, int]:
    """What is left once all that ends by itself has ended."""
    from xianyu.xianyu import app

    await quiet()
    manager: Any = app.state_manager

    def nothing() -> bool:
        # Both are done every now and then on a site where people are.
        bus.people()
        manager._purge_expired_tokens()
        return not any(left(before).values())

    with suppress(TimeoutError):
        await until(nothing)
    return left(before)


async def test_a_thousand_tabs_leave_nothing_behind(site: Site, redis_url: str, other_worker: Relay) -> None:
    before = kept()
    people = [make_user(site.database) for _ in range(5)]
    await come_and_go(site, people, AT_ONCE)
    nothing = await gone(before)
    assert not any(nothing.values()), nothing
    tasks, states = len(asyncio.all_tasks()), shells()
    await come_and_go(site, people, TABS)
    nothing = await gone(before)
    assert not any(nothing.values()), nothing
    assert shells() <= states
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    await _sign_of_life(other_worker)
    await asyncio.to_thread(partial(_look_into, redis_url))


async def _sign_of_life(other: Relay) -> None:
    here = get_relay()
    assert here is not None
    for worker in (here, other):
        await worker.share_presence()


def _look_into(redis_url: str) -> None:
    """Redis knows the two workers, that nobody is there, and for how long each count is of use."""
    with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        keys = {key: client.ttl(key) for key in client.scan_iter()}
        lasting = [key for key, seconds in keys.items() if seconds == -1]
        assert [key.rpartition(":")[2] for key in lasting] == ["workers"]
        assert client.zcard(lasting[0]) == 2
        assert not [key for key in keys if ":online:" in key]
        # Not one for each tab.
        assert len(keys) < AT_ONCE
