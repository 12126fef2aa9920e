"""What happened on one worker, told to the others through Redis, and who has a tab open on any of them."""

import asyncio
import hashlib
import json
import logging
import secrets
import time
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, get_args

import redis.asyncio
from pydantic import TypeAdapter, ValidationError
from redis.exceptions import RedisError

from xianyu.adapters.live import LiveBus, bus
from xianyu.schemas.events import LiveEvent, Reconnected
from xianyu.settings import Settings, get_settings

logger = logging.getLogger(__name__)

# Seconds: between two tries to reach Redis, between two signs of life, and after which a worker
# without one counts as gone.
RETRY = 1.0
HEARTBEAT = 2.0
GONE_AFTER = 6.0
# Seconds that Redis may take for one answer.
PATIENCE = 2.0
# The topics of which the workers tell each other who has a tab on them.
SHARED_TOPICS = ("plaza",)
# Beside them they tell who has a tab in front. No page is at a topic of that name.
_LOOKING = "*looking"
_SHARED = ("", *SHARED_TOPICS, _LOOKING)

_ADAPTERS: dict[str, TypeAdapter[Any]] = {cls.__name__: TypeAdapter(cls) for cls in get_args(LiveEvent)}


def encode(worker: str, events: Iterable[LiveEvent]) -> str:
    """Events as JSON, with the worker that they come from."""
    rows = [[type(event).__name__, _ADAPTERS[type(event).__name__].dump_python(event, mode="json")] for event in events]
    return json.dumps([worker, rows], ensure_ascii=False)


def decode(text: str | bytes) -> tuple[str, list[LiveEvent]]:
    """The inverse of ``encode``.

    Raises:
        ValueError: if it is no such JSON. An event of a kind that only a newer version knows is left out.
    """
    worker, rows = json.loads(text)
    return str(worker), [_ADAPTERS[name].validate_python(values) for name, values in rows if name in _ADAPTERS]


class Relay:
    """Sends this worker's events to the others, and brings theirs to this worker's bus.

    Without it, and while Redis is away, everything goes on within this worker. When Redis is back,
    the open tabs are told ``Reconnected`` and read everything anew, since nobody knows what they missed.
    The same is told where another worker could not say what happened: it lost its connection, or it
    was killed between a commit and the word about it.

    Args:
        url: Redis.
        scope: What tells this site from others that use the same Redis.
        bus: The bus of this worker.
    """

    def __init__(self, url: str, scope: str, bus: LiveBus) -> None:
        self.worker = secrets.token_hex(8)
        self._bus = bus
        self._channel = f"xianyu:{scope}:events"
        self._workers = f"xianyu:{scope}:workers"
        self._redis = redis.asyncio.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, decode_responses=True
        )
        self._connected = asyncio.Event()
        # Whether others may lack something that happened here, or, at the start, on a worker whose place this takes.
        self._owes = True
        self._others: set[str] = set()
        self._waking: asyncio.Task[None] | None = None

    async def send(self, events: list[LiveEvent]) -> None:
        """Tell the other workers. Where Redis is away they will notice by themselves that they missed something."""
        try:
            await self._redis.publish(self._channel, encode(self.worker, events))
        except (RedisError, OSError) as error:
            self._owes = True
            logger.warning("Events did not reach the other workers: %s", type(error).__name__)

    async def run(self) -> None:
        """Listen for as long as the worker runs, and come back after Redis went away."""
        self._bus.relay = self.send
        heart = asyncio.create_task(self._beat(), name="presence")
        try:
            while not _is_ending():
                try:
                    await self._listen()
                except (RedisError, OSError) as error:
                    logger.warning("Redis went away: %s", type(error).__name__)
                self._connected.clear()
                # A Redis that was restarted has forgotten those that live, too.
                self._others = set()
                await asyncio.sleep(RETRY)
        finally:
            self._bus.relay = None
            heart.cancel()
            await asyncio.wait([heart])
            await self._leave()

    async def connected(self) -> None:
        """Wait until what others say is heard."""
        await self._connected.wait()

    @property
    def is_connected(self) -> bool:
        """Whether what others say is heard right now."""
        return self._connected.is_set()

    async def _listen(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.subscribe(self._channel)
            while not _is_ending():
                message = await pubsub.get_message(timeout=HEARTBEAT)
                if message is None:
                    # A silent line may be a dead one.
                    await pubsub.ping()
                elif message["type"] == "subscribe":
                    await self._make_up()
                    # From here on nothing is missed; before, something may have been.
                    await self._bus.receive([Reconnected()])
                    self._connected.set()
                elif message["type"] == "message":
                    await self._bring(message["data"])

    async def _make_up(self) -> None:
        """Have the other workers read anew what they could not be told."""
        if self._owes:
            self._owes = False
            await self.send([Reconnected()])

    async def _bring(self, text: str) -> None:
        try:
            worker, events = decode(text)
        except (ValueError, TypeError, ValidationError):
            logger.warning("Something that is no event came through Redis")
            return
        if worker != self.worker:
            await self._bus.receive(events)

    def _online(self, worker: str, topic: str = "") -> str:
        return f"{self._channel}:online:{worker}{':' if topic else ''}{topic}"

    async def _beat(self) -> None:
        while not _is_ending():
            await self.share_presence()
            if self._connected.is_set():
                await self._make_up()
                await self._look_for_the_dead()
            await asyncio.sleep(HEARTBEAT)

    async def _look_for_the_dead(self) -> None:
        """A worker that gives no sign of life any more may have died before it told what it had stored."""
        try:
            alive = set(await self._redis.zrangebyscore(self._workers, time.time() - GONE_AFTER, "+inf"))
        except (RedisError, OSError):
            return
        gone, self._others = self._others - alive, alive - {self.worker}
        if gone:
            # Beside the signs of life, which must not wait for thousands of tabs.
            self._waking = asyncio.create_task(self._bus.receive([Reconnected()]), name="wake")

    async def share_presence(self) -> None:
        """Have the other workers know who has a tab open here. Done by itself from time to time."""
        try:
            await self._note_presence()
        except (RedisError, OSError):
            logger.debug("No sign of life could be given")

    async def _note_presence(self) -> None:
        async with self._redis.pipeline() as pipe:
            for topic in _SHARED:
                people = self._bus.lookers() if topic == _LOOKING else self._bus.people(topic)
                key = self._online(self.worker, topic)
                pipe.delete(key)
                if people:
                    pipe.sadd(key, *people)
                    pipe.expire(key, int(GONE_AFTER))
            pipe.zadd(self._workers, {self.worker: time.time()})
            pipe.zremrangebyscore(self._workers, 0, time.time() - GONE_AFTER)
            await pipe.execute()

    async def _leave(self) -> None:
        try:
            await self._redis.zrem(self._workers, self.worker)
            await self._redis.delete(*(self._online(self.worker, topic) for topic in _SHARED))
        except (RedisError, OSError):
            logger.debug("Redis was away when the worker ended")
        finally:
            await self._redis.aclose()

    async def online(self, user_ids: Iterable[int], *, looking: bool = False) -> set[int]:
        """Which of these people have a tab open on another worker, as far as Redis knows.

        With ``looking``, one that is in front.
        """
        wanted = list(user_ids)
        if not wanted:
            return set()
        try:
            workers = await self._redis.zrangebyscore(self._workers, time.time() - GONE_AFTER, "+inf")
            async with self._redis.pipeline() as pipe:
                for worker in workers:
                    pipe.smismember(self._online(worker, _LOOKING if looking else ""), wanted)
                rows = await pipe.execute()
        except (RedisError, OSError):
            return set()
        return {user_id for row in rows for user_id, there in zip(wanted, row, strict=True) if there}

    async def at(self, topic: str) -> set[int]:
        """Who has a tab on one of the ``SHARED_TOPICS`` on another worker, as far as Redis knows."""
        try:
            workers = await self._redis.zrangebyscore(self._workers, time.time() - GONE_AFTER, "+inf")
            keys = [self._online(worker, topic) for worker in workers if worker != self.worker]
            async with self._redis.pipeline() as pipe:
                for key in keys:
                    pipe.smembers(key)
                rows = await pipe.execute()
        except (RedisError, OSError):
            return set()
        return {int(one) for row in rows for one in row}


def _is_ending() -> bool:
    """Whether this task was cancelled: the client may take that for its own time limit and swallow it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def make_relay(settings: Settings, bus: LiveBus) -> Relay | None:
    """The relay that the settings ask for."""
    if not settings.redis_url:
        return None
    # Workers of one site share its database.
    scope = hashlib.sha256(settings.resolved_database_url.encode()).hexdigest()[:12]
    return Relay(settings.redis_url, scope, bus)


@lru_cache(maxsize=1)
def get_relay() -> Relay | None:
    """The relay of this process."""
    return make_relay(get_settings(), bus)


async def who_is_online(user_ids: Iterable[int]) -> set[int]:
    """Which of these people have a tab open, here or on another worker."""
    wanted = set(user_ids)
    here = wanted & bus.people()
    relay = get_relay()
    return here if relay is None else here | await relay.online(wanted - here)


async def who_is_looking(user_ids: Iterable[int]) -> set[int]:
    """Which of these people have a tab in front, here or on another worker."""
    wanted = set(user_ids)
    here = {user_id for user_id in wanted if bus.is_looking(user_id)}
    relay = get_relay()
    return here if relay is None else here | await relay.online(wanted - here, looking=True)


async def who_is_at(topic: str) -> set[int]:
    """Who has a tab on one of the ``SHARED_TOPICS`` open, here or on another worker."""
    relay = get_relay()
    here = bus.people(topic)
    return here if relay is None else here | await relay.at(topic)


async def share_presence() -> None:
    """Have the other workers know at once who has a tab open here: somebody came or went."""
    relay = get_relay()
    if relay is not None:
        await relay.share_presence()


async def run_relay() -> None:
    """Lifespan task: take part in what other workers tell, where Redis is set."""
    relay = get_relay()
    if relay is not None:
        await relay.run()
