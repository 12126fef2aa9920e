"""Several workers that tell each other what happened, through a real Redis."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from random import Random
from typing import Any, get_args, get_origin
from urllib.parse import urlsplit

import pytest
import redis

from tests.chaos.balancer import balancing
from tests.redis_server import running_redis
from xianyu.adapters import relay as relays
from xianyu.adapters.live import LiveBus, is_from_elsewhere
from xianyu.adapters.relay import Relay, decode, encode
from xianyu.schemas.events import ListingChanged, LiveEvent, MessageSent, Reconnected
from xianyu.schemas.messages import MessageView

PATIENCE = 20  # seconds
TRIES, PAUSE = 1000, 0.02

MESSAGE = MessageSent(7, 1, 2, MessageView(3, "client-1", 1, "小明", "在吗 😀\n", "2026-01-01T00:00:00.000Z"))


class Worker:
    """A bus with its relay, and what its listeners heard."""

    def __init__(self, url: str) -> None:
        self.bus = LiveBus(lambda token: f"socket of {token}")
        self.relay = Relay(url, "test", self.bus)
        self.heard: list[tuple[LiveEvent, bool]] = []
        self.bus.subscribe(self.hear)

    async def hear(self, event: LiveEvent) -> None:
        self.heard.append((event, is_from_elsewhere()))


@asynccontextmanager
async def workers(url: str, count: int = 2) -> AsyncIterator[list[Worker]]:
    async with AsyncExitStack() as stack:
        started = [await stack.enter_async_context(running(Worker(url))) for _ in range(count)]
        # Each one that starts wakes those that are there, and itself.
        await until(lambda: [len(each.heard) for each in started] == list(range(count, 0, -1)))
        for each in started:
            each.heard.clear()
        yield started


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[Worker]:
    task = asyncio.create_task(worker.relay.run())
    try:
        await asyncio.wait_for(worker.relay.connected(), PATIENCE)
        yield worker
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    for _ in range(TRIES):
        if holds():
            return
        await asyncio.sleep(PAUSE)
    pytest.fail("it did not happen")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "RETRY", 0.05)
    monkeypatch.setattr(relays, "HEARTBEAT", 0.1)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with running_redis(tmp_path) as url:
        yield url


def _sample(kind: Any) -> Any:
    """A value of that type, other than what its fields are by themselves where that can be."""
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{one.name: _sample(one.type) for one in fields(kind)})
    if get_origin(kind) is list:
        return []
    return {str: "x", int: 5, bool: True, tuple[int, ...]: (1, 2)}.get(kind)


def test_every_kind_of_event_survives_the_way() -> None:
    for cls in get_args(LiveEvent):
        event = MESSAGE if cls is MessageSent else _sample(cls)
        assert decode(encode("worker", [event])) == ("worker", [event])


def test_what_only_a_newer_version_knows_is_left_out() -> None:
    text = encode("worker", [ListingChanged(1)]).replace("ListingChanged", "ListingPainted")
    assert decode(text) == ("worker", [])


async def test_an_event_reaches_every_worker_once(url: str) -> None:
    async with workers(url, 3) as (here, *others):
        await here.bus.publish([MESSAGE, ListingChanged(1)])
        await until(lambda: all(len(other.heard) == 2 for other in others))
        await asyncio.sleep(0.2)
        assert here.heard == [(MESSAGE, False), (ListingChanged(1), False)]
        assert [other.heard for other in others] == [[(MESSAGE, True), (ListingChanged(1), True)]] * 2


async def test_what_is_no_event_is_passed_over(url: str) -> None:
    async with workers(url) as (here, other):
        client = redis.Redis.from_url(url)
        for rubbish in ("", "null", "[]", '["x", [["ListingChanged", {}]]]', '["x", [["MessageSent", 5]]]', "\xff"):
            client.publish("xianyu:test:events", rubbish)
        client.close()
        await here.bus.publish([ListingChanged(1)])
        await until(lambda: bool(other.heard))
        assert other.heard == [(ListingChanged(1), True)]


async def test_without_redis_a_worker_goes_on_alone(tmp_path: Path) -> None:
    with running_redis(tmp_path) as url:
        pass
    worker = Worker(url)
    task = asyncio.create_task(worker.relay.run())
    await asyncio.sleep(0.1)
    await worker.bus.publish([ListingChanged(1)])
    assert worker.heard == [(ListingChanged(1), False)]
    assert await worker.relay.online([1]) == set()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_when_redis_is_back_pages_are_told_to_read_anew(tmp_path: Path) -> None:
    with running_redis(tmp_path) as url:
        here, other = Worker(url), Worker(url)
        tasks = [asyncio.create_task(each.relay.run()) for each in (here, other)]
        await asyncio.wait_for(asyncio.gather(here.relay.connected(), other.relay.connected()), PATIENCE)
    await here.bus.publish([ListingChanged(1)])
    assert (ListingChanged(1), True) not in other.heard
    here.heard.clear()
    other.heard.clear()
    with running_redis(tmp_path, port=int(url.rsplit(":", 1)[1].partition("/")[0])):
        await until(lambda: (Reconnected(), True) in here.heard and (Reconnected(), True) in other.heard)
        await here.bus.publish([ListingChanged(2)])
        await until(lambda: (ListingChanged(2), True) in other.heard)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_worker_that_starts_has_the_others_read_anew(url: str) -> None:
    """It takes the place of one that may have been killed between a commit and the word about it."""
    async with workers(url, 1) as [here]:
        assert here.heard == []
        async with running(Worker(url)):
            await until(lambda: here.heard == [(Reconnected(), True)])


async def test_when_a_worker_dies_the_others_read_anew(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "GONE_AFTER", 1.0)
    async with workers(url, 1) as [here]:
        client = redis.Redis.from_url(url)
        # All that a worker leaves behind that is killed.
        client.zadd("xianyu:test:workers", {"killed": time.time()})
        client.close()
        await asyncio.sleep(0.3)
        assert here.heard == []
        await until(lambda: here.heard == [(Reconnected(), True)])
        await asyncio.sleep(0.3)
        assert len(here.heard) == 1


async def test_what_could_not_be_told_is_read_anew_by_the_others(url: str) -> None:
    """One worker loses Redis, which the others do not notice."""
    async with balancing(Random(1)) as line:
        line.ready.add(urlsplit(url).port or 0)
        async with workers(url, 1) as [other], running(Worker(f"{line.origin.replace('http', 'redis')}/0")) as here:
            await until(lambda: other.heard == [(Reconnected(), True)])
            ready = line.ready.copy()
            line.ready.clear()
            line.cut(10)
            await here.bus.publish([ListingChanged(1)])
            line.ready |= ready
            await until(lambda: len(other.heard) == 2)
            assert other.heard[1] == (Reconnected(), True)


async def test_silence_is_no_event(url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with workers(url):
        await asyncio.sleep(5 * relays.HEARTBEAT)
    assert "no event" not in caplog.text


async def test_who_has_a_tab_on_another_worker_is_online(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "GONE_AFTER", 2.0)
    async with workers(url) as (here, other):
        other.bus.enter("tab", 5, 1)
        other.bus.enter("visitor", 0, 0)
        await _becomes(here, {5})
        assert await here.relay.online([]) == set()
        other.bus.socket_of = lambda _token: ""
        await _becomes(here, set())


async def test_who_came_or_went_is_known_at_once_when_that_is_shared(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relays, "HEARTBEAT", 60.0)
    async with workers(url) as (here, other):
        other.bus.enter("tab", 5, 1)
        await other.relay.share_presence()
        assert await here.relay.online([5]) == {5}
        other.bus.socket_of = lambda _token: ""
        await other.relay.share_presence()
        assert await here.relay.online([5]) == set()


async def test_who_looks_at_a_page_of_another_worker_is_told_apart_from_who_has_one_open(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relays, "HEARTBEAT", 60.0)
    async with workers(url) as (here, other):
        tab = other.bus.enter("tab", 5, 1)
        other.bus.enter("behind", 6, 2)
        for in_front, looking in ((False, set()), (True, {5}), (False, set())):
            tab.in_front = in_front
            await other.relay.share_presence()
            assert await here.relay.online([5, 6, 7], looking=True) == looking
            assert await here.relay.online([5, 6, 7]) == {5, 6}
            assert other.bus.lookers() == looking
            assert other.bus.is_looking(5) is in_front


async def test_who_is_in_the_room_on_another_worker_is_there(url: str) -> None:
    async with workers(url) as (here, other):
        other.bus.enter("tab", 5, 1)
        other.bus.enter("elsewhere", 6, 2)
        other.bus.show("tab", "plaza")
        await _is_at(here, {5})
        assert await here.relay.at("nowhere") == set()
        other.bus.show("tab", "home")
        await _is_at(here, set())
        # One's own are known without asking.
        assert other.bus.people("plaza") == set()


async def _is_at(worker: Worker, wanted: set[int]) -> None:
    for _ in range(TRIES):
        if await worker.relay.at("plaza") == wanted:
            return
        await asyncio.sleep(PAUSE)
    pytest.fail("it did not happen")


async def test_a_worker_that_ends_takes_its_people_along(url: str) -> None:
    async with workers(url, 1) as [here]:
        async with workers(url, 1) as [other]:
            other.bus.enter("tab", 5, 1)
            await _becomes(here, {5})
        await _becomes(here, set())


async def _becomes(worker: Worker, wanted: set[int]) -> None:
    for _ in range(TRIES):
        if await worker.relay.online([5, 6]) == wanted:
            return
        await asyncio.sleep(PAUSE)
    pytest.fail("it did not happen")
