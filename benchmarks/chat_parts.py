"""What is measured of chat: latency, throughput, many tabs, memory and the public room, each beside a bare relay."""

import asyncio
import statistics
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

from benchmarks.people import Person, make_pair, make_person, unstored
from benchmarks.report import Figure, percentile
from benchmarks.servers import Server
from benchmarks.tabs import RelayTab, RoomTab, SiteTab, Tab, new_client_id, new_room
from xianyu.adapters.database import Database
from xianyu.states.plaza import INTERVAL

T = TypeVar("T")
Pair = tuple[Person, Person]

# Seconds between a message and the next. With a pause each meets an idle server, as a chat does;
# without one it meets what its forerunner left to do (counts, lists).
PACES = {"every 10 ms": 0.01, "back to back": 0.0}
# Tabs that load at the same time: a crowd that comes at once is another question than what it then costs.
OPENING = 10
# Seconds that memory may take to stand still.
SETTLING = 30


@dataclass(frozen=True)
class Size:
    """How much is measured. Site and reference take turns, so that both meet whatever else the machine does."""

    turns: int = 12
    messages: int = 50  # of a turn
    warm_up: int = 50
    past: int = 10_000  # messages of a conversation, where so many are stored
    pairs: int = 20
    bursts: int = 7
    each: int = 20  # messages of a pair in a burst
    tabs: int = 500
    rounds: int = 11


QUICK = Size(turns=2, messages=5, warm_up=2, past=20, pairs=3, bursts=2, each=3, tabs=12, rounds=2)


@dataclass(frozen=True)
class Bench:
    """The workers of the site, which share a database, the relay, and how much is measured.

    With several workers the two sides of a conversation are on different ones, and a crowd is spread over all.
    """

    workers: Sequence[Server]
    relay: Server
    database: Database
    size: Size

    async def tab(self, owner: Person, peer: Person, worker: int = 0) -> SiteTab:
        """A tab of ``owner`` on the conversation with ``peer``, at one of the workers in turn."""
        return await SiteTab(self._origin(worker), owner.cookie, peer.actor.user_id).open()

    async def pair(self, people: Pair, worker: int = 0) -> tuple[SiteTab, SiteTab]:
        """Two people, each with a tab on their conversation, the second at the worker after the first one's."""
        one, other = people
        return await self.tab(one, other, worker), await self.tab(other, one, worker + 1)

    async def room_tab(self, owner: Person, worker: int) -> RoomTab:
        """A tab of theirs on the public room."""
        return await RoomTab(self._origin(worker), owner.cookie).open()

    async def relay_tab(self, room: str) -> RelayTab:
        """A tab in a room of the relay."""
        return await RelayTab(self.relay.origin, room).open()

    async def relay_pair(self) -> tuple[RelayTab, RelayTab]:
        """Two tabs in one room of the relay."""
        room = new_room()
        return await self.relay_tab(room), await self.relay_tab(room)

    def _origin(self, worker: int) -> str:
        return self.workers[worker % len(self.workers)].origin


async def _close(tabs: Sequence[Tab]) -> None:
    await asyncio.gather(*(tab.close() for tab in tabs))


async def _deliver(sender: Tab, receivers: Sequence[Tab]) -> float:
    """Send one message and wait until every tab has it. Milliseconds until the last receiver had it."""
    client_id = new_client_id()
    start = perf_counter()
    await sender.send(client_id)
    last = max(await asyncio.gather(*(tab.inbox.wait_for(client_id) for tab in receivers)))
    await sender.inbox.wait_for(client_id)
    return (last - start) * 1000


async def _one_to_one(tabs: tuple[Tab, Tab], number: int, pause: float) -> list[float]:
    times = []
    for _ in range(number):
        times.append(await _deliver(tabs[0], tabs[1:]))
        await asyncio.sleep(pause)
    return times


async def latency(bench: Bench, people: Pair) -> list[Figure]:
    """One message at a time between two tabs of a conversation that may have a long past."""
    pairs: list[tuple[Tab, Tab]] = [await bench.relay_pair(), await bench.pair(people)]
    figures = [figure for pace in PACES for figure in await _latency(bench.size, pairs, pace)]
    await _close([tab for tabs in pairs for tab in tabs])
    return figures


async def _latency(size: Size, pairs: Sequence[tuple[Tab, Tab]], pace: str) -> list[Figure]:
    for tabs in pairs:
        await _one_to_one(tabs, size.warm_up, PACES[pace])
    times: list[list[float]] = [[] for _ in pairs]
    for _ in range(size.turns):
        for tabs, mine in zip(pairs, times, strict=True):
            mine.extend(await _one_to_one(tabs, size.messages, PACES[pace]))
    relay, site = times
    return [
        Figure(f"one to one, {pace}, p{percent}", percentile(site, percent), "ms", percentile(relay, percent), target)
        for percent, target in ((50, "≤ 6 ×"), (99, ""))
    ]


async def _send_all(sender: Tab, client_ids: Sequence[str]) -> None:
    for client_id in client_ids:
        await sender.send(client_id)
        await sender.inbox.wait_for(client_id)


@dataclass
class Load:
    """Pairs of tabs that send as fast as they can, and what came of it."""

    servers: Sequence[Server]
    pairs: Sequence[tuple[Tab, Tab]]
    client_ids: list[list[str]]
    rates: list[float]
    seconds: float = 0

    async def burst(self, each: int) -> None:
        """``each`` messages of every pair, until every tab has all of them."""
        fresh = [[new_client_id() for _ in range(each)] for _ in self.pairs]
        before, start = self._worked(), perf_counter()
        await asyncio.gather(*(_send_all(sender, ids) for (sender, _), ids in zip(self.pairs, fresh, strict=True)))
        arrivals = [tab.inbox.wait_for(one) for (_, tab), ids in zip(self.pairs, fresh, strict=True) for one in ids]
        last = max(await asyncio.gather(*arrivals))
        self.rates.append(len(arrivals) / (last - start))
        self.seconds += self._worked() - before
        for known, ids in zip(self.client_ids, fresh, strict=True):
            known.extend(ids)

    def _worked(self) -> float:
        return sum(server.worker_seconds() for server in self.servers)

    @property
    def effort(self) -> float:
        """Processor time of the workers for a message, in milliseconds."""
        return 1000 * self.seconds / sum(map(len, self.client_ids))


def _load(servers: Sequence[Server], pairs: Sequence[tuple[Tab, Tab]]) -> Load:
    return Load(servers, pairs, [[] for _ in pairs], [])


async def throughput(bench: Bench) -> list[Figure]:
    """Many pairs at once, each sender as fast as its own tab shows what it sent; the median of some bursts."""
    size = bench.size
    people = [make_pair(bench.database) for _ in range(size.pairs)]
    # One after the other begins at another worker, so that each stores its share.
    site = _load(bench.workers, [await bench.pair(pair, worker) for worker, pair in enumerate(people)])
    relay = _load([bench.relay], [await bench.relay_pair() for _ in people])
    for _ in range(size.bursts):
        await site.burst(size.each)
        await relay.burst(size.each * 4)
    lost = sum(len(unstored(bench.database, *pair, ids)) for pair, ids in zip(people, site.client_ids, strict=True))
    await _close([tab for pair in (*site.pairs, *relay.pairs) for tab in pair])
    # The first burst warms up.
    rate, reference = (statistics.median(load.rates[1:]) for load in (site, relay))
    return [
        Figure(f"throughput, {size.pairs} pairs", rate, "messages/s", reference, "≥ 300"),
        Figure("processor time of a message meanwhile", site.effort, "ms", relay.effort),
        Figure("of these not stored or not received", lost, "messages", target="0"),
    ]


async def _open_many(open_one: Callable[[int], Awaitable[T]], number: int) -> list[T]:
    gate = asyncio.Semaphore(OPENING)

    async def one(index: int) -> T:
        async with gate:
            return await open_one(index)

    return await asyncio.gather(*(one(index) for index in range(number)))


async def _settled_memory(servers: Sequence[Server]) -> int:
    """The workers' memory once it has stood still for a second, or will not do so."""
    before = now = -1
    for _ in range(SETTLING):
        before, now = now, sum(server.worker_memory() for server in servers)
        if before == now:
            break
        await asyncio.sleep(1)
    return now


async def _fan_out(crowds: Sequence[tuple[Tab, Sequence[Tab]]], rounds: int) -> list[float]:
    """For each crowd the median time, in milliseconds, until a message has reached all of its tabs."""
    times: list[list[float]] = [[] for _ in crowds]
    for _ in range(rounds + 1):
        for (sender, tabs), mine in zip(crowds, times, strict=True):
            mine.append(await _deliver(sender, tabs))
            # What follows a message (counts, lists) reaches the tabs too and is no part of the next one.
            await asyncio.sleep(1)
    # The first round warms up.
    return [statistics.median(mine[1:]) for mine in times]


async def many_tabs(bench: Bench) -> list[Figure]:
    """One person with many tabs on one conversation: what each costs, and how long a message takes to the last."""
    size = bench.size
    one, other = make_pair(bench.database)
    sender = await bench.tab(one, other)
    before = await _settled_memory(bench.workers)
    tabs = await _open_many(lambda index: bench.tab(other, one, index), size.tabs)
    per_tab = (await _settled_memory(bench.workers) - before) / size.tabs / 1000

    room = new_room()
    relay_sender = await bench.relay_tab(room)
    relay_tabs = await _open_many(lambda _index: bench.relay_tab(room), size.tabs)
    spread, relay_spread = await _fan_out([(sender, tabs), (relay_sender, relay_tabs)], size.rounds)
    await _close([sender, relay_sender, *tabs, *relay_tabs])
    return [
        Figure(f"one message to {size.tabs} tabs, the last one", spread, "ms", relay_spread, "≤ 8 ×"),
        Figure("memory of a further tab", per_tab, "kB", target="≤ 300 kB"),
    ]


async def room(bench: Bench, members: int) -> list[Figure]:
    """The public room, each member with an account and a tab of their own; one of them says something."""
    people = [make_person(bench.database) for _ in range(members + 1)]
    tabs = await _open_many(lambda index: bench.room_tab(people[index], index), members + 1)
    name = new_room()
    relay_tabs = await _open_many(lambda _index: bench.relay_tab(name), members + 1)
    # Until everybody is shown who is here.
    await asyncio.sleep(3 * INTERVAL)
    before = sum(tab.received for tab in tabs)
    crowds: list[tuple[Tab, Sequence[Tab]]] = [(tabs[0], tabs[1:]), (relay_tabs[0], relay_tabs[1:])]
    spread, relay_spread = await _fan_out(crowds, bench.size.rounds)
    cost = (sum(tab.received for tab in tabs) - before) / (bench.size.rounds + 1) / len(tabs)
    await _close([*tabs, *relay_tabs])
    # The next crowd finds nobody here.
    await asyncio.sleep(2 * INTERVAL)
    return [
        Figure(f"one message in the room to {members:,} members, the last one", spread, "ms", relay_spread, "≤ 8 ×"),
        Figure(f"what it sends to each of {members:,}", cost, "bytes"),
    ]
