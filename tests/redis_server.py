"""A Redis of a test's own."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.backends import unavailable
from tests.programs import free_port, running


@contextmanager
def running_redis(folder: Path, port: int = 0) -> Iterator[str]:
    """The URL of an empty Redis that keeps nothing on disk; without the program the test is skipped."""
    program = shutil.which("redis-server")
    if program is None:
        unavailable("redis-server is not on the PATH")
    chosen = port or free_port()
    options = ["--port", str(chosen), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    url = f"redis://127.0.0.1:{chosen}/0"
    client = redis.Redis.from_url(url)

    def answers() -> bool:
        try:
            client.ping()
        except redis.ConnectionError:
            return False
        client.close()
        return True

    with running([program, *options], answers):
        yield url
