"""People who write to each other while everything that may fail does, and what became of their messages."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic

from benchmarks.people import make_person
from benchmarks.report import Figure
from tests.chaos.balancer import Balancer, balancing
from tests.chaos.clients import LastingTab, Writer
from tests.chaos.services import MongoDB, Redis, Worker, environment
from tests.chaos.truth import Truth, find_out
from xianyu import routes
from xianyu.adapters.database import Database

# Seconds within which every open page has to be right again after the last fault.
RECOVERY = 10
# Seconds from one cut to the next, and how many connections are cut at once, at most.
CUTTING = (0.05, 0.4)
# The same while enough were cut for the fault that is under way.
CUTTING_ON = (0.5, 1.5)
CUT_AT_ONCE = 3
# Seconds until something fails once it may: people write meanwhile.
UNDER_WAY = (0.05, 0.3)
# Seconds that something stays away, at least and at most.
AWAY = (0.3, 2.5)


@dataclass(frozen=True)
class Size:
    """How much is sent and how much fails.

    ``people`` is a multiple of four. ``faults`` are done in turn, spread over the time in which
    messages are sent: ``one``, ``two`` and ``both`` kill workers, ``redis`` and ``mongodb`` stop
    these; what is not there is passed over. Before the last one connections are cut no more, since
    a page that is loaded anew hides what it missed. ``limit`` is in seconds.
    """

    people: int
    messages: int
    disconnects: int
    faults: Sequence[str]
    limit: float


_ROUND = ("redis", "two", "mongodb", "one")
SMALL = Size(8, 8, 60, _ROUND, 120)
FULL = Size(20, 50, 1_000, (*_ROUND * 2, "both", *_ROUND * 2), 1_200)


class Chaos:
    """One run.

    Args:
        size: How much of everything.
        balancer: The site's address.
        workers: The two servers behind it.
        redis: What the workers tell each other through.
        mongodb: Where the messages are, or nothing where they are in the database.
        chance: Decides what is cut, and when.
    """

    def __init__(
        self,
        size: Size,
        balancer: Balancer,
        workers: Sequence[Worker],
        redis: Redis,
        mongodb: MongoDB | None,
        chance: Random,
    ) -> None:
        self.size = size
        self.writers: list[Writer] = []
        self.lists: dict[LastingTab, int] = {}
        self.counts = dict.fromkeys(("kills", "redis", "mongodb", "cuts"), 0)
        self._balancer = balancer
        self.workers = workers
        self._redis = redis
        self._mongodb = mongodb
        self._chance = chance
        self._faults = [fault for fault in size.faults if fault != "mongodb" or mongodb is not None]
        self._begun = 0

    def people(self, database: Database) -> None:
        """Pairs, of whom every second one also talks with one of another pair; a quarter looks at what comes."""
        people = [make_person(database) for _ in range(self.size.people)]
        for number, person in enumerate(people):
            peers = [number ^ 1] if number % 2 else [number ^ 1, number ^ 2]
            ids = [people[peer].actor.user_id for peer in peers]
            self.writers.append(Writer(self._balancer.origin, person, ids, looks=number % 4 == 1))
            if number % 4 < 2:
                tab = LastingTab(self._balancer.origin, person.cookie, routes.MESSAGES)
                self.lists[tab] = person.actor.user_id

    @property
    def tabs(self) -> list[tuple[int, LastingTab]]:
        """Every open tab with its owner."""
        mine = [(writer.user_id, writer.tab) for writer in self.writers]
        return [*mine, *((owner, tab) for tab, owner in self.lists.items())]

    @property
    def disconnects(self) -> int:
        """How often a tab lost its connection."""
        return sum(tab.disconnects for _, tab in self.tabs)

    def _share(self, number: int) -> float:
        """How many disconnects come before a fault; all of them before the last."""
        return self.size.disconnects * number / len(self._faults)

    def may_write(self, written: int) -> bool:
        """Whether it is time for somebody's next message: there are some left to be written at each fault."""
        progress = min(self.disconnects / self.size.disconnects, (self._begun + 1) / (len(self._faults) + 1))
        return written <= progress * self.size.messages

    async def run(self) -> tuple[float, Truth, list[str]]:
        """Let everything happen; how long the pages took to be right again, and what is still wrong with them."""
        over = asyncio.Event()
        async with asyncio.timeout(self.size.limit), asyncio.TaskGroup() as group:
            for writer in self.writers:
                group.create_task(writer.write(self.size.messages, self.may_write, over))
            for tab in self.lists:
                group.create_task(tab.stay(over))
            await asyncio.gather(self._cut(), self._fail())
            quiet_since = monotonic()
            await self._until(lambda: not any(writer.is_busy(self.size.messages) for writer in self.writers))
            truth = await find_out(self._balancer.origin, self.writers)
            wrong = await self._settled(truth, quiet_since + RECOVERY)
            took = monotonic() - quiet_since
            over.set()
        return took, truth, wrong

    async def _settled(self, truth: Truth, deadline: float) -> list[str]:
        """What is wrong with open pages at the deadline; nothing as soon as they are right."""
        while (wrong := self.wrong_tabs(truth)) and monotonic() < deadline:  # noqa: ASYNC110 - only a look can tell
            await asyncio.sleep(0.1)
        return wrong

    def wrong_tabs(self, truth: Truth) -> list[str]:
        """What open tabs show otherwise than it is."""
        return [what for owner, tab in self.tabs for what in truth.wrong_with(owner, tab)]

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():  # noqa: ASYNC110 - only a look can tell
            await asyncio.sleep(0.05)

    async def _cut(self) -> None:
        """Cut connections until there were enough disconnects, fewer while a fault takes long."""
        while self.disconnects < self.size.disconnects:
            self.counts["cuts"] += self._balancer.cut(self._chance.randint(1, CUT_AT_ONCE))
            is_late = self.disconnects < self._share(self._begun + 1)
            await asyncio.sleep(self._chance.uniform(*(CUTTING if is_late else CUTTING_ON)))

    async def _fail(self) -> None:
        for number, fault in enumerate(self._faults, start=1):
            enough = self._share(number)
            await self._until(lambda enough=enough: self.disconnects >= enough)  # type: ignore[misc]
            self._begun = number
            # Into the midst of what is now written.
            await asyncio.sleep(self._chance.uniform(*UNDER_WAY))
            await self._faults_by_name()[fault]()

    def _faults_by_name(self) -> dict[str, Callable[[], Awaitable[None]]]:
        one, two = self.workers
        return {
            "one": lambda: self._kill(one),
            "two": lambda: self._kill(two),
            "both": lambda: self._kill(one, two),
            "redis": lambda: self._restart("redis", self._redis),
            "mongodb": lambda: self._restart("mongodb", self._mongodb),
        }

    async def _kill(self, *workers: Worker) -> None:
        self.counts["kills"] += len(workers)
        await asyncio.gather(*(worker.kill() for worker in workers))
        await self._stay_away()
        await asyncio.gather(*(worker.start() for worker in workers))

    async def _restart(self, name: str, service: Redis | MongoDB | None) -> None:
        assert service is not None
        self.counts[name] += 1
        await asyncio.to_thread(service.stop)
        await self._stay_away()
        await asyncio.to_thread(service.start)

    async def _stay_away(self) -> None:
        await asyncio.sleep(self._chance.uniform(*AWAY))


@dataclass(frozen=True)
class Report:
    """What happened, and everything that is not as it should be."""

    figures: list[Figure]
    problems: list[str]


async def play(size: Size, database: Database, folder: Path, *, with_mongodb: bool, seed: int) -> Report:
    """Start everything, let it fail, and look at what became of it.

    Args:
        size: How much of everything.
        database: A migrated database, the one that the environment names.
        folder: For data and logs; empty.
        with_mongodb: Whether messages are kept in the stand-in for MongoDB.
        seed: Decides what is cut, and when; how processes meet stays a matter of chance.
    """
    started = monotonic()
    async with _everything(size, folder, with_mongodb=with_mongodb, chance=Random(seed)) as chaos:
        chaos.people(database)
        try:
            recovery, truth, wrong = await chaos.run()
        finally:
            await asyncio.gather(*(tab.close() for _, tab in chaos.tabs))
    figures = _figures(chaos, recovery, monotonic() - started, _errors(folder))
    return Report(figures, [*truth.problems(), *wrong])


@asynccontextmanager
async def _everything(size: Size, folder: Path, *, with_mongodb: bool, chance: Random) -> AsyncIterator[Chaos]:
    async with AsyncExitStack() as stack:
        balancer = await stack.enter_async_context(balancing(chance))
        redis = Redis(folder)
        stack.callback(redis.stop)
        mongodb = MongoDB(folder) if with_mongodb else None
        if mongodb is not None:
            stack.callback(mongodb.stop)
        settings = {"XIANYU_REDIS_URL": redis.url, "XIANYU_PUBLIC_URL": balancer.origin}
        settings["XIANYU_MONGODB_URL"] = mongodb.url if mongodb else ""
        stack.enter_context(environment(**settings))
        workers = [Worker(name, folder, balancer) for name in ("one", "two")]
        for worker in workers:
            stack.callback(worker.stop)
        await asyncio.gather(*(worker.start() for worker in workers))
        yield Chaos(size, balancer, workers, redis, mongodb, chance)


def _errors(folder: Path) -> list[str]:
    """The last line of every traceback in the workers' logs."""
    logs = [log.read_text(errors="replace") for log in sorted(folder.glob("*/benchmarks.site.log"))]
    return [line for log in logs for line in re.findall(r"^Traceback .*\n(?:[ \t].*\n|\n)*(\S.*)$", log, re.MULTILINE)]


def _figures(chaos: Chaos, recovery: float, duration: float, errors: list[str]) -> list[Figure]:
    sent = [each for writer in chaos.writers for each in writer.sent.values()]
    seconds = [one for each in sent for one in each.seconds.values()]
    return [
        Figure("people", len(chaos.writers), ""),
        Figure("conversations", len(sent) // 2, ""),
        Figure("messages acknowledged", len(seconds), ""),
        Figure("sent again with the same id", sum(each.repeats for each in sent), ""),
        Figure("disconnects", chaos.disconnects, ""),
        Figure("of these cut", chaos.counts["cuts"], ""),
        Figure("workers killed", chaos.counts["kills"], ""),
        Figure("Redis restarted", chaos.counts["redis"], ""),
        Figure("MongoDB restarted", chaos.counts["mongodb"], ""),
        Figure("slowest acknowledgement", max(seconds, default=0), "s"),
        Figure("slowest start of a worker", max(worker.slowest_start for worker in chaos.workers), "s"),
        Figure("slowest page after a connection", max(tab.slowest_page for _, tab in chaos.tabs), "s"),
        Figure("all pages right again after the last fault", recovery, "s", target=f"≤ {RECOVERY} s"),
        Figure("tracebacks in the logs", len(errors), ""),
        Figure("duration", duration, "s"),
    ]
