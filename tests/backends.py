"""The databases that the tests run on, and how a test gets one of its own."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest
import sqlalchemy as sa

# A database beside SQLite takes part when its variable names a server where databases may be made.
SERVERS = {"postgresql": "XIANYU_TEST_POSTGRESQL_URL", "mariadb": "XIANYU_TEST_MARIADB_URL"}
DRIVERS = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
BACKENDS = ("sqlite", *SERVERS)
REQUIRE_ALL = "XIANYU_TEST_REQUIRE_ALL"


def unavailable(reason: str) -> NoReturn:
    """Skip the test for want of something outside the project, or fail where nothing may be wanting."""
    if os.environ.get(REQUIRE_ALL) == "1":
        pytest.fail(f"{reason}, and {REQUIRE_ALL}=1 forbids skipping", pytrace=False)
    pytest.skip(reason)


@contextmanager
def new_database(backend: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database with a name of its own, dropped at the end."""
    name = f"xianyu_test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{secrets.token_hex(6)}"
    if backend == "sqlite":
        yield f"sqlite:///{folder / name}.db"
        return
    server = _server(backend)
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        # A test that left a connection open has failed already; its database goes all the same.
        _execute(server, f"DROP DATABASE {name}{' WITH (FORCE)' if backend == 'postgresql' else ''}")


def _server(backend: str) -> sa.URL:
    url = os.environ.get(SERVERS[backend])
    if not url:
        unavailable(f"{SERVERS[backend]} is not set")
    return sa.make_url(url).set(drivername=DRIVERS[backend])


def _execute(server: sa.URL, statement: str) -> None:
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
