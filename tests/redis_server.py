"""A Redis of a test's own."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.backends import unavailable

PATIENCE = 20  # seconds


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """The URL of an empty Redis that keeps nothing on disk; without the program the test is skipped."""
    program = shutil.which("redis-server")
    if program is None:
        unavailable("redis-server is not on the PATH")
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        _await_answer(url)
        yield url
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _await_answer(url: str) -> None:
    client = redis.Redis.from_url(url)
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            client.ping()
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            client.close()
            return
