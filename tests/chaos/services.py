"""What can fail: the workers, Redis, and the server that keeps the messages."""

import asyncio
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.servers import Server, serving
from tests.chaos.balancer import Balancer
from tests.mongodb import running_mongodb
from tests.programs import free_port
from tests.redis_server import running_redis

PATIENCE = 60  # seconds


class Worker:
    """A server process that is killed and started again on the same port.

    Args:
        name: What its logs are called after.
        folder: Where they go.
        balancer: What sends people to it while it is ready.
    """

    def __init__(self, name: str, folder: Path, balancer: Balancer) -> None:
        self.port = free_port()
        # The longest time in seconds until it answered.
        self.slowest_start = 0.0
        self._name = name
        self._folder = folder
        self._balancer = balancer
        self._starts = 0
        self._running = ExitStack()
        self._server: Server | None = None

    async def start(self) -> None:
        """Start it and wait until it answers."""
        began = time.monotonic()
        for last in (False, True):
            try:
                await asyncio.to_thread(self._start)
                break
            except RuntimeError:
                # A machine that is busy with other things may take longer than a server is waited for.
                if last:
                    raise
        self.slowest_start = max(self.slowest_start, time.monotonic() - began)
        self._balancer.ready.add(self.port)

    def _start(self) -> None:
        self._starts += 1
        folder = self._folder / f"{self._name}-{self._starts}"
        folder.mkdir()
        self._server = self._running.enter_context(serving("benchmarks.site", self.port, folder))
        _await_pong(self.port)

    async def kill(self) -> None:
        """End it, the process that watches over it included, in the middle of whatever it does."""
        self._balancer.ready.discard(self.port)
        assert self._server is not None
        os.killpg(self._server.process.pid, signal.SIGKILL)
        await asyncio.to_thread(self.stop)

    def stop(self) -> None:
        """End it as an operator does."""
        self._balancer.ready.discard(self.port)
        self._running.close()


def _await_pong(port: int) -> None:
    """The port is open before the worker behind it is there."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=PATIENCE):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class Redis:
    """A Redis that forgets everything when it is restarted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running = ExitStack()
        self.url = self._running.enter_context(running_redis(folder))

    def start(self) -> None:
        """Start it again, empty, on the same port."""
        self._running.enter_context(running_redis(self._folder, urlsplit(self.url).port or 0))

    def stop(self) -> None:
        """Stop it; whoever is connected loses the connection."""
        self._running.close()


class MongoDB:
    """The stand-in for MongoDB, which keeps its data when it is restarted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "mongodb"
        self._folder.mkdir()
        self._running = ExitStack()
        self.url = self._running.enter_context(running_mongodb(self._folder))

    def start(self) -> None:
        """Start it again on the same port with the same data."""
        self._running.enter_context(running_mongodb(self._folder, urlsplit(self.url).port or 0))

    def stop(self) -> None:
        """Stop it; whoever is connected loses the connection."""
        self._running.close()


@contextmanager
def environment(**values: str) -> Iterator[None]:
    """Set variables for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ |= values
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
