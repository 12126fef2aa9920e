"""Whether what the site stands on is there: each part is asked in a thread of its own, and not for long."""

import asyncio
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import lru_cache, partial

import redis
import sqlalchemy as sa
from sqlmodel import Session

from xianyu.adapters import message_stores
from xianyu.adapters.database import get_database
from xianyu.settings import get_settings

logger = logging.getLogger(__name__)

# Seconds that all parts together may take, and for which an answer holds: who asks more often gets
# the same one, so that nobody can keep the database busy with this.
PATIENCE = 2.0
FRESH = 1.0
# Bytes that must be free: enough for a few uploads and for the database to end what it has begun.
LEAST_FREE = 200_000_000

Probe = Callable[[], None]


class Missing(Exception):
    """A part answered, and not as it should."""


class Readiness:
    """Asks the parts that a site consists of.

    A part that does not come back is asked again only after it did: a database that hangs costs one
    thread, however often somebody wants to know.

    Args:
        probes: For each part what raises while the part is missing.
    """

    def __init__(self, probes: Mapping[str, Probe]) -> None:
        self._probes = probes
        # Not the threads of the site's own work: when those are all stuck, this must still answer.
        self._pool = ThreadPoolExecutor(max_workers=len(probes), thread_name_prefix="part")
        self._asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ready")
        self._asked: dict[str, Future[None]] = {}
        self._answer: dict[str, bool] = {}
        self._fresh_until = 0.0

    def close(self) -> None:
        """Let go of the threads, and of what the parts hold open."""
        self._asker.shutdown(wait=True)
        self._pool.shutdown(wait=True)

    async def check(self) -> dict[str, bool]:
        """Each part and whether it is there, after ``PATIENCE`` at most. Who asks meanwhile gets the same answer."""
        return await asyncio.get_running_loop().run_in_executor(self._asker, self._check)

    def _check(self) -> dict[str, bool]:
        if time.monotonic() < self._fresh_until:
            return self._answer
        for part, probe in self._probes.items():
            if part not in self._asked:
                self._asked[part] = self._pool.submit(probe)
        wait(self._asked.values(), PATIENCE)
        answer = {part: self._is_there(part) for part in self._probes}
        self._answer, self._fresh_until = answer, time.monotonic() + FRESH
        return answer

    def _is_there(self, part: str) -> bool:
        asked = self._asked[part]
        if asked.done():
            del self._asked[part]
            error = asked.exception()
            reason = "" if error is None else type(error).__name__
        else:
            reason = "no answer"
        was_there = self._answer.get(part, True)
        # Once for each change: whoever asks does so every few seconds. The name of the error alone,
        # since its text may hold a password.
        if reason and was_there:
            logger.error("Not ready: %s (%s)", part, reason)
        elif not reason and not was_there:
            logger.info("Ready again: %s", part)
        return not reason


def _database() -> None:
    def work(session: Session) -> None:
        # A row of the schema's own: a bare SELECT 1 would not even open SQLite's file.
        session.execute(sa.text("SELECT version_num FROM alembic_version")).one()

    get_database().read(work)


def _messages() -> None:
    if not message_stores.is_available():
        raise Missing


def _redis(client: redis.Redis) -> None:
    client.ping()


def _disk() -> None:
    """There is room, and a file can be written where pictures go. It has no name and leaves nothing."""
    folder = get_settings().media_dir
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"ready")
        file.flush()
    if shutil.disk_usage(folder).free < LEAST_FREE:
        raise Missing


@lru_cache(maxsize=1)
def get_readiness() -> Readiness:
    """The parts of this process, by its settings."""
    probes: dict[str, Probe] = {"database": _database, "messages": _messages, "disk": _disk}
    url = get_settings().redis_url
    if url:
        client = redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
        probes["redis"] = partial(_redis, client)
    return Readiness(probes)
