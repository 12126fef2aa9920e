"""Chat from tab to tab: latency, throughput, many tabs, memory; a bare relay beside it.

``python -m benchmarks.chat [--quick] [--json] [--only NAME …]``
"""

import argparse
import asyncio
import os
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

# Seconds between a message and the next in the latency test, so that each meets an idle server.
PACE = 0.01
# Tabs that load at the same time: a crowd that comes at once is another question than what it then costs.
OPENING = 10


@dataclass(frozen=True)
class Size:
    """How much is measured."""

    messages: int = 1000
    warm_up: int = 100
    past: int = 10_000
    pairs: int = 20
    each: int = 50
    tabs: int = 500
    rounds: int = 15


QUICK = Size(messages=20, warm_up=2, past=200, pairs=3, each=5, tabs=12, rounds=2)


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


async def _one_to_one(tabs: tuple[Tab, Tab], size: Size) -> list[float]:
    times = []
    for _ in range(size.warm_up + size.messages):
        times.append(await _deliver(tabs[0], tabs[1:]))
        await asyncio.sleep(PACE)
    await _close(tabs)
    return times[size.warm_up :]


async def latency(bench: Bench) -> list[Figure]:
    """One message at a time between two tabs, with no history and with much of it."""
    size = bench.size
    fresh = await _one_to_one(await bench.pair(), size)
    relay = await _one_to_one(await bench.relay_pair(), size)
    old = await _one_to_one(await bench.pair(size.past), size)
    figures = []
    for name, times in (("no history", fresh), (f"{size.past:,} messages of history", old)):
        for percent, target in ((50, "≤ 6 ×"), (99, "")):
            label = f"one to one, p{percent}, {name}"
            figures.append(Figure(label, percentile(times, percent), "ms", percentile(relay, percent), target))
    return figures


async def _send_all(sender: Tab, client_ids: Sequence[str]) -> None:
    for client_id in client_ids:
        await sender.send(client_id)
        await sender.inbox.wait_for(client_id)


async def _rate(pairs: Sequence[tuple[Tab, Tab]], each: int) -> tuple[float, list[list[str]]]:
    """Messages a second until every tab has all of them, and the ids of the messages by pair."""
    client_ids = [[new_client_id() for _ in range(each)] for _ in pairs]
    start = perf_counter()
    await asyncio.gather(*(_send_all(sender, ids) for (sender, _), ids in zip(pairs, client_ids, strict=True)))
    arrivals = [
        receiver.inbox.wait_for(one) for (_, receiver), ids in zip(pairs, client_ids, strict=True) for one in ids
    ]
    last = max(await asyncio.gather(*arrivals))
    return len(pairs) * each / (last - start), client_ids


async def throughput(bench: Bench) -> list[Figure]:
    """Many pairs at once, each sender as fast as its own tab shows what it sent."""
    size = bench.size
    people = [make_pair(bench.database) for _ in range(size.pairs)]
    pairs = [(await bench.tab(one, other), await bench.tab(other, one)) for one, other in people]
    relay_pairs = [await bench.relay_pair() for _ in range(size.pairs)]
    await _rate(pairs, size.warm_up // size.pairs)
    rate, client_ids = await _rate(pairs, size.each)
    stored = [stored_ids(bench.database, *pair) for pair in people]
    lost = sum(len(set(ids) - kept) for ids, kept in zip(client_ids, stored, strict=True))
    relay_rate, _ = await _rate(relay_pairs, size.each * 4)
    await _close([tab for pair in (*pairs, *relay_pairs) for tab in pair])
    return [
        Figure(f"throughput, {size.pairs} pairs", rate, "messages/s", relay_rate, "≥ 300"),
        Figure("of these not stored or not received", lost, "messages", target="0"),
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


async def _fan_out(sender: Tab, tabs: Sequence[Tab], rounds: int) -> float:
    """Median of ``rounds`` messages, each sent when the one before has reached every tab."""
    times = []
    for _ in range(rounds + 1):
        times.append(await _deliver(sender, tabs))
        # What follows a message (counts, lists) reaches the tabs too and is no part of the next one.
        await asyncio.sleep(1)
    return percentile(times[1:], 50)


async def many_tabs(bench: Bench) -> list[Figure]:
    """One person with many tabs on one conversation: what each costs, and how long a message takes to the last."""
    size = bench.size
    one, other = make_pair(bench.database)
    sender = await bench.tab(one, other)
    before = await _settled_memory(bench.site)
    tabs = await _open_many(lambda: bench.tab(other, one), size.tabs)
    per_tab = (await _settled_memory(bench.site) - before) / size.tabs / 1000
    spread = await _fan_out(sender, tabs, size.rounds)
    await _close([sender, *tabs])

    room = new_room()
    relay_sender = await RelayTab(bench.relay.origin, room).open()
    relay_tabs = await _open_many(lambda: RelayTab(bench.relay.origin, room).open(), size.tabs)
    relay_spread = await _fan_out(relay_sender, relay_tabs, size.rounds)
    await _close([relay_sender, *relay_tabs])
    return [
        Figure(f"one message to {size.tabs} tabs, the last one", spread, "ms", relay_spread, "≤ 8 ×"),
        Figure("memory of a further tab", per_tab, "kB", target="≤ 300 kB"),
    ]


_PARTS = {"latency": latency, "throughput": throughput, "tabs": many_tabs}


async def _measure(bench: Bench, parts: Sequence[str]) -> list[Figure]:
    return [figure for part in parts for figure in await _PARTS[part](bench)]


def run(size: Size, parts: Sequence[str]) -> list[Figure]:
    """Start both servers on an empty database and measure."""
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
