"""Databases and message stores to measure with: empty at first, and gone or empty at the end."""

import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymongo
import sqlalchemy as sa

from alembic import command
from tests.mongodb import running_mongodb
from xianyu.adapters.database import Database, get_database
from xianyu.adapters.migrations import alembic_config, migrate
from xianyu.adapters.mongo import forget_connection
from xianyu.settings import get_settings

# A server to measure with in place of the stand-in, and a database in place of SQLite.
MONGODB_URL = "XIANYU_BENCH_MONGODB_URL"
DATABASE_URL = "XIANYU_BENCH_DATABASE_URL"


def bench_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for whatever a measurement leaves behind, removed at the end of the block."""
    return tempfile.TemporaryDirectory(prefix="xianyu-bench-")


@contextmanager
def empty_database(url: str = "") -> Iterator[Database]:
    """The database that the URL names, with its tables for the time of the block; without one SQLite in a folder.

    It must be empty, since what is there would be gone afterwards.
    """
    with bench_folder() as folder:
        url = url or f"sqlite:///{Path(folder) / 'bench.db'}"
        database = Database(url)
        if sa.inspect(database.engine).get_table_names() not in ([], ["alembic_version"]):
            raise SystemExit("the database must be empty")
        migrate(url)
        try:
            yield database
        finally:
            database.engine.dispose()
            command.downgrade(alembic_config(url), "base")


def url_of(database: Database) -> str:
    """Its URL, for another process."""
    return database.engine.url.render_as_string(hide_password=False)


@contextmanager
def empty_mongodb() -> Iterator[str]:
    """The URL of an empty MongoDB: of a name of its own where a server is given, else the tests' stand-in's."""
    given = os.environ.get(MONGODB_URL, "")
    if not given:
        with running_mongodb() as url:
            yield url
        return
    name = f"xianyu_bench_{secrets.token_hex(6)}"
    yield f"{given.rstrip('/')}/{name}"
    with pymongo.MongoClient(given) as client:  # type: ignore[var-annotated]  # nothing is read from it
        client.drop_database(name)


def use_settings(**values: object) -> None:
    """Settings by their variables' names, for this process and the servers that it starts from now on."""
    os.environ |= {name: str(value) for name, value in values.items()}
    get_settings.cache_clear()
    get_database.cache_clear()
    forget_connection()
