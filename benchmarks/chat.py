"""Chat from tab to tab, with each message store, one worker or two, few messages or many; a bare relay beside it.

``python -m benchmarks.chat [--store NAME …] [--workers N …] [--stored N …] [--members N …] [--only PART …]``

Latency and throughput are measured with each number of stored messages, tabs and room once for each store and
number of workers. MongoDB is the stand-in that the tests run, unless ``XIANYU_BENCH_MONGODB_URL`` names a server;
SQL is SQLite, unless ``XIANYU_BENCH_DATABASE_URL`` names an empty database.
"""

import asyncio
import os
import resource
import signal
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.chat_parts import QUICK, Bench, Pair, Size, latency, many_tabs, room, throughput
from benchmarks.databases import (
    DATABASE_URL,
    MONGODB_URL,
    bench_folder,
    empty_database,
    empty_mongodb,
    url_of,
    use_settings,
)
from benchmarks.people import make_pair
from benchmarks.report import Figure, output_options, print_figures
from benchmarks.servers import serving
from tests.programs import free_port
from tests.redis_server import running_redis

STORES = ("sql", "mongodb")
PARTS = ("latency", "throughput", "tabs", "room")
STORED, QUICK_STORED = (0, 10_000, 1_000_000), (0, 60)
MEMBERS, QUICK_MEMBERS = (500, 2_000), (6, 12)
# The stand-in looks through all messages for the last ones of a list of conversations, which takes a
# second for some ten thousand of them: with a million no page would get an answer in time.
STAND_IN_STORES = 10_000


def _label(store: str) -> str:
    stand_in = " stand-in" if not os.environ.get(MONGODB_URL) else ""
    return "SQL" if store == "sql" else f"MongoDB{stand_in}"


def _measurable(store: str, stored: Sequence[int]) -> list[int]:
    most = STAND_IN_STORES if store == "mongodb" and not os.environ.get(MONGODB_URL) else max(stored)
    for number in stored:
        if number > most:
            print(f"left out: {_label(store)} with {number:,} messages; {MONGODB_URL} names a server", file=sys.stderr)
    return sorted(number for number in stored if number <= most)


@contextmanager
def _started(store: str, workers: int, size: Size) -> Iterator[Bench]:
    """So many workers on empty stores, and the relay."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(bench_folder()))
        database = stack.enter_context(empty_database(os.environ.get(DATABASE_URL, "")))
        use_settings(
            XIANYU_DATA_DIR=folder,
            XIANYU_DATABASE_URL=url_of(database),
            XIANYU_MONGODB_URL=stack.enter_context(empty_mongodb()) if store == "mongodb" else "",
            XIANYU_REDIS_URL=stack.enter_context(running_redis(folder)) if workers > 1 else "",
        )
        # Before the stores go, this process lets go of them too.
        stack.callback(use_settings)
        site = [stack.enter_context(serving("benchmarks.site", free_port(), folder)) for _ in range(workers)]
        yield Bench(site, stack.enter_context(serving("benchmarks.relay", free_port(), folder)), database, size)


def _fill(bench: Bench, stored: int, more: int) -> Pair:
    """Store ``more`` messages among many pairs; one pair that talks on has the past of a long conversation."""
    people = make_pair(bench.database, min(stored, bench.size.past))
    for start in range(bench.size.past, more, bench.size.past):
        make_pair(bench.database, min(bench.size.past, more - start))
    return people


async def _at(bench: Bench, people: Pair, parts: Sequence[str]) -> list[Figure]:
    figures = await latency(bench, people) if "latency" in parts else []
    return figures + (await throughput(bench) if "throughput" in parts else [])


async def _crowds(bench: Bench, members: Sequence[int], parts: Sequence[str]) -> list[Figure]:
    figures = await many_tabs(bench) if "tabs" in parts else []
    for number in members if "room" in parts else ():
        figures += await room(bench, number)
    return figures


def _named(name: str, figures: Sequence[Figure]) -> list[Figure]:
    return [replace(figure, name=f"{name}: {figure.name}") for figure in figures]


def _measure(bench: Bench, name: str, options: Namespace, stored: Sequence[int]) -> Iterator[Figure]:
    yield from _named(name, asyncio.run(_crowds(bench, options.members, options.only)))
    known = 0
    for number in stored if {"latency", "throughput"} & set(options.only) else ():
        people = _fill(bench, number, number - known)
        known = number
        yield from _named(f"{name}, {number:,} stored", asyncio.run(_at(bench, people, options.only)))


def run(options: Namespace) -> list[Figure]:
    """Measure each store with each number of workers, on servers and stores of its own."""
    figures: list[Figure] = []
    for store in options.store:
        stored = _measurable(store, options.stored)
        for workers in options.workers if stored or {"tabs", "room"} & set(options.only) else ():
            name = f"{_label(store)}, {workers} worker{'s' if workers > 1 else ''}"
            with _started(store, workers, QUICK if options.quick else Size()) as bench:
                for figure in _measure(bench, name, options, stored):
                    print(figure.name, end="\r" if sys.stderr.isatty() else "\n", file=sys.stderr)
                    figures.append(figure)
    return figures


def _allow_many_sockets() -> None:
    """A tab is two open files here and one in a server; the usual limit is 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = output_options(__doc__)
    parser.add_argument("--store", nargs="+", choices=STORES, default=STORES, help="where messages are stored")
    parser.add_argument("--workers", nargs="+", type=int, choices=(1, 2), default=(1, 2), help="server processes")
    parser.add_argument("--stored", nargs="+", type=int, help=f"messages that are there, else {STORED}")
    parser.add_argument("--members", nargs="+", type=int, help=f"members of the room, else {MEMBERS}")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="measure these parts")
    options = parser.parse_args()
    options.stored = options.stored or (QUICK_STORED if options.quick else STORED)
    options.members = options.members or (QUICK_MEMBERS if options.quick else MEMBERS)
    # Whoever ends this ends the servers too: an exit runs what stops them, a bare SIGTERM would not.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    _allow_many_sockets()
    print_figures(run(options), "relay", options.json)


if __name__ == "__main__":
    main()
