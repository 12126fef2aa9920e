"""Chat from tab to tab: latency, throughput, many tabs, memory; a bare relay beside it.

``python -m benchmarks.chat [--quick] [--json] [--only NAME …]``
"""

import argparse
import asyncio
import os
import resource
import signal
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.people import Person, make_pair, stored_ids
from benchmarks.report import Figure, percentile, print_figures
from benchmarks.servers import Server, free_port, serving
from benchmarks.tabs import RelayTab, SiteTab, Tab, new_client_id, new_room
from xianyu.adapters.database import Database, get_database
from xianyu.adapters.migrations import migrate

# Seconds between a message and the next. With a pause each meets an idle server, as a chat does;
# without one it meets what its forerunner left to do (counts, lists).
PACES = {"every 10 ms": 0.01, "back to back": 0.0}
# Tabs that load at the same time: a crowd that comes at once is another question than what it then costs.
OPENING = 10


@dataclass(frozen=True)
class Size:
    """How much is measured. Site and reference take turns, so that both meet whatever else the machine does."""

    turns: int = 20
    messages: int = 50  # of a turn
    warm_up: int = 50
    past: int = 10_000
    pairs: int = 20
    bursts: int = 9
    each: int = 20  # messages of a pair in a burst
    tabs: int = 500
    rounds: int = 15


QUICK = Size(turns=2, messages=10, warm_up=2, past=200, pairs=3, bursts=2, each=3, tabs=12, rounds=2)


class Bench:
    """Both servers, the site's database, and how much is measured."""

    def __init__(self, site: Server, relay: Server, database: Database, size: Size) -> None:
        self.site = site
        self.relay = relay
        self.database = database
        self.size = size

    async def pair(self, past: int = 0) -> tuple[SiteTab, SiteTab]:
        """Two people, each with a tab on their conversation."""
        one, other = make_pair(self.database, past)
        return await self.tab(one, other), await self.tab(other, one)

    async def tab(self, owner: Person, peer: Person) -> SiteTab:
        """A tab of ``owner`` on the conversation with ``peer``."""
        return await SiteTab(self.site.origin, owner.cookie, peer.actor.user_id).open()

    async def relay_pair(self) -> tuple[RelayTab, RelayTab]:
        """Two tabs in one room of the relay."""
        room = new_room()
        return await RelayTab(self.relay.origin, room).open(), await RelayTab(self.relay.origin, room).open()


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


async def _latency(bench: Bench, pace: str) -> list[Figure]:
    size, pause = bench.size, PACES[pace]
    pairs: list[tuple[Tab, Tab]] = [await bench.relay_pair(), await bench.pair(), await bench.pair(size.past)]
    for tabs in pairs:
        await _one_to_one(tabs, size.warm_up, pause)
    times: list[list[float]] = [[], [], []]
    for _ in range(size.turns):
        for tabs, mine in zip(pairs, times, strict=True):
            mine.extend(await _one_to_one(tabs, size.messages, pause))
    await _close([tab for tabs in pairs for tab in tabs])
    relay, *site = ([percentile(mine, percent) for percent in (50, 99)] for mine in times)
    names = ("no history", f"{size.past:,} messages of history")
    return [
        Figure(f"one to one, {pace}, {name}, {label}", value, "ms", reference, target)
        for name, values in zip(names, site, strict=True)
        for label, value, reference, target in zip(("p50", "p99"), values, relay, ("≤ 6 ×", ""), strict=True)
    ]


async def latency(bench: Bench) -> list[Figure]:
    """One message at a time between two tabs, with no history and with much of it."""
    return [figure for pace in PACES for figure in await _latency(bench, pace)]


async def _send_all(sender: Tab, client_ids: Sequence[str]) -> None:
    for client_id in client_ids:
        await sender.send(client_id)
        await sender.inbox.wait_for(client_id)


@dataclass
class Load:
    """Pairs of tabs that send as fast as they can, and what came of it."""

    server: Server
    pairs: Sequence[tuple[Tab, Tab]]
    client_ids: list[list[str]]
    rates: list[float]
    seconds: float = 0

    async def burst(self, each: int) -> None:
        """``each`` messages of every pair, until every tab has all of them."""
        fresh = [[new_client_id() for _ in range(each)] for _ in self.pairs]
        before, start = self.server.worker_seconds(), perf_counter()
        await asyncio.gather(*(_send_all(sender, ids) for (sender, _), ids in zip(self.pairs, fresh, strict=True)))
        arrivals = [tab.inbox.wait_for(one) for (_, tab), ids in zip(self.pairs, fresh, strict=True) for one in ids]
        last = max(await asyncio.gather(*arrivals))
        self.rates.append(len(arrivals) / (last - start))
        self.seconds += self.server.worker_seconds() - before
        for known, ids in zip(self.client_ids, fresh, strict=True):
            known.extend(ids)

    @property
    def effort(self) -> float:
        """Processor time of the worker for a message, in milliseconds."""
        return 1000 * self.seconds / sum(map(len, self.client_ids))


def _load(server: Server, pairs: Sequence[tuple[Tab, Tab]]) -> Load:
    return Load(server, pairs, [[] for _ in pairs], [])


async def throughput(bench: Bench) -> list[Figure]:
    """Many pairs at once, each sender as fast as its own tab shows what it sent; the median of some bursts."""
    size = bench.size
    people = [make_pair(bench.database) for _ in range(size.pairs)]
    site = _load(bench.site, [(await bench.tab(one, other), await bench.tab(other, one)) for one, other in people])
    relay = _load(bench.relay, [await bench.relay_pair() for _ in people])
    for _ in range(size.bursts):
        await site.burst(size.each)
        await relay.burst(size.each * 4)
    lost = [
        one
        for pair, ids in zip(people, site.client_ids, strict=True)
        for one in set(ids) - stored_ids(bench.database, *pair)
    ]
    await _close([tab for pair in (*site.pairs, *relay.pairs) for tab in pair])
    # The first burst warms up.
    rate, reference = (statistics.median(load.rates[1:]) for load in (site, relay))
    return [
        Figure(f"throughput, {size.pairs} pairs", rate, "messages/s", reference, "≥ 300"),
        Figure("processor time of a message meanwhile", site.effort, "ms", relay.effort),
        Figure("of these not stored or not received", len(lost), "messages", target="0"),
    ]


async def _open_many(open_one: Callable[[], Awaitable[Tab]], number: int) -> list[Tab]:
    gate = asyncio.Semaphore(OPENING)

    async def one() -> Tab:
        async with gate:
            return await open_one()

    return await asyncio.gather(*(one() for _ in range(number)))


async def _settled_memory(server: Server) -> int:
    """The worker's memory once it has stood still for a second."""
    before = -1
    while before != (now := server.worker_memory()):
        before = now
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
    before = await _settled_memory(bench.site)
    tabs = await _open_many(lambda: bench.tab(other, one), size.tabs)
    per_tab = (await _settled_memory(bench.site) - before) / size.tabs / 1000

    room = new_room()
    relay_sender = await RelayTab(bench.relay.origin, room).open()
    relay_tabs = await _open_many(lambda: RelayTab(bench.relay.origin, room).open(), size.tabs)
    spread, relay_spread = await _fan_out([(sender, tabs), (relay_sender, relay_tabs)], size.rounds)
    await _close([sender, relay_sender, *tabs, *relay_tabs])
    return [
        Figure(f"one message to {size.tabs} tabs, the last one", spread, "ms", relay_spread, "≤ 8 ×"),
        Figure("memory of a further tab", per_tab, "kB", target="≤ 300 kB"),
    ]


_PARTS = {"latency": latency, "throughput": throughput, "tabs": many_tabs}


async def _measure(bench: Bench, parts: Sequence[str]) -> list[Figure]:
    return [figure for part in parts for figure in await _PARTS[part](bench)]


def _allow_many_sockets() -> None:
    """A tab is two open files here and one in a server; the usual limit is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def run(size: Size, parts: Sequence[str]) -> list[Figure]:
    """Start both servers on an empty database and measure."""
    # Whoever ends this ends the servers too: an exit runs what stops them, a bare SIGTERM would not.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    _allow_many_sockets()
    with tempfile.TemporaryDirectory(prefix="xianyu-bench-") as folder, ExitStack() as stack:
        port = free_port()
        os.environ |= {
            "XIANYU_DATA_DIR": folder,
            "XIANYU_DATABASE_URL": os.environ.get("XIANYU_BENCH_DATABASE_URL", ""),
            "XIANYU_PORT": str(port),
            "XIANYU_PUBLIC_URL": f"http://localhost:{port}",
        }
        migrate()
        site = stack.enter_context(serving("benchmarks.site", port, Path(folder)))
        relay = stack.enter_context(serving("benchmarks.relay", free_port(), Path(folder)))
        return asyncio.run(_measure(Bench(site, relay, get_database(), size), parts))


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--only", nargs="+", choices=_PARTS, default=list(_PARTS), help="measure these parts")
    options = parser.parse_args()
    print_figures(run(QUICK if options.quick else Size(), options.only), "relay", options.json)


if __name__ == "__main__":
    main()
