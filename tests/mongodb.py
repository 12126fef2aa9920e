"""A server that speaks MongoDB's wire protocol, of a test run's own."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from tests.backends import unavailable
from tests.programs import free_port, running


@contextmanager
def running_mongodb(folder: Path | None = None, port: int = 0) -> Iterator[str]:
    """The URL of such a server, on a free port unless told; empty unless the folder has data already.

    It is a program of its own. Where it is not installed the test is skipped.
    """
    program = shutil.which("secantusd-py", path=str(Path(sys.executable).parent))
    if program is None:
        unavailable("secantusd-py is not installed")
    chosen = port or free_port()
    storage = ":memory:" if folder is None else str(folder)
    options = ["--port", str(chosen), "--storage-path", storage, "--standalone", "--log-level", "ERROR"]
    url = f"mongodb://127.0.0.1:{chosen}/xianyu"
    client: pymongo.MongoClient[dict[str, object]] = pymongo.MongoClient(url, serverSelectionTimeoutMS=500)

    def answers() -> bool:
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        client.close()
        return True

    with client, running([program, *options], answers):
        yield url
