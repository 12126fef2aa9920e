"""Databases, settings and cheap password hashes for every test."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.backends import BACKENDS, new_database
from tests.mongodb import running_mongodb
from tests.third_parties import Campus, Forger, campus, forger
from xianyu.adapters import passwords
from xianyu.adapters.database import Database, get_database
from xianyu.adapters.health import get_readiness
from xianyu.adapters.migrations import migrate
from xianyu.adapters.mongo import forget_connection, get_mongo_database
from xianyu.adapters.providers import providers
from xianyu.adapters.rate_limits import get_rate_limits
from xianyu.models import metadata
from xianyu.services import categories
from xianyu.settings import Settings, get_settings

# The lowest cost that bcrypt knows: the same code, a thousandth of the time.
TEST_ROUNDS = 4


@pytest.fixture(scope="session", autouse=True)
def production_rounds() -> Iterator[int]:
    """Hash passwords at the lowest cost; the value is the cost outside tests."""
    rounds = passwords.BCRYPT_ROUNDS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "BCRYPT_ROUNDS", TEST_ROUNDS)
        yield rounds


def _forget() -> None:
    get_settings.cache_clear()
    get_database.cache_clear()
    get_rate_limits.cache_clear()
    forget_connection()
    providers.cache_clear()
    get_readiness.cache_clear()
    categories.forget()


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """The default settings with a data directory of the test's own; no developer's .env gets in."""
    for name in [name for name in os.environ if name.startswith("XIANYU_") and not name.startswith("XIANYU_TEST_")]:
        monkeypatch.delenv(name)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    monkeypatch.setenv("XIANYU_DATA_DIR", str(tmp_path / "data"))
    _forget()
    yield get_settings()
    _forget()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Maps a kind of database to the URL of one with all tables, made when it is first asked for."""
    urls: dict[str, str] = {}
    with ExitStack() as stack:

        def url_of(backend: str) -> str:
            if backend not in urls:
                url = stack.enter_context(new_database(backend, tmp_path_factory.mktemp(backend)))
                migrate(url)
                urls[backend] = url
            return urls[backend]

        yield url_of


def _emptied_afterwards(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("XIANYU_DATABASE_URL", url)
    _forget()
    database = get_database()
    yield database
    assert database.engine.pool.checkedout() == 0, "a transaction was left open"  # type: ignore[attr-defined]
    database.write(_delete_all_rows)
    database.engine.dispose()


def _delete_all_rows(session: Session) -> None:
    """Empty the tables, referring ones first; ids go on, so that those of two tables seldom agree."""
    for table in reversed(metadata.sorted_tables):
        session.execute(sa.delete(table))


@pytest.fixture(params=BACKENDS)
def database(
    request: pytest.FixtureRequest,
    settings: Settings,
    migrated: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Database]:
    """An empty migrated database, once of each kind; ``get_database()`` is the same one."""
    yield from _emptied_afterwards(migrated(request.param), monkeypatch)


@pytest.fixture(params=[*BACKENDS, "mongodb"])
def messaging_database(
    request: pytest.FixtureRequest,
    settings: Settings,
    migrated: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Database]:
    """The same, and once more on SQLite with the messages in MongoDB."""
    if request.param == "mongodb":
        server = request.getfixturevalue("mongodb").removesuffix("xianyu")
        monkeypatch.setenv("XIANYU_MONGODB_URL", f"{server}test_{secrets.token_hex(6)}")
        yield from _emptied_afterwards(migrated("sqlite"), monkeypatch)
        messages = get_mongo_database()
        messages.client.drop_database(messages.name)
        messages.client.close()
        forget_connection()
    else:
        yield from _emptied_afterwards(migrated(request.param), monkeypatch)


@pytest.fixture
def sqlite_database(
    settings: Settings, migrated: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Database]:
    """The same on SQLite alone, for what does not depend on the kind of database."""
    yield from _emptied_afterwards(migrated("sqlite"), monkeypatch)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A session on each database; nothing is committed unless the test does so."""
    with Session(database.engine, expire_on_commit=False) as session:
        yield session


@pytest.fixture(scope="session")
def mongodb() -> Iterator[str]:
    """The URL of a MongoDB that is shared by all tests of a process that need only a database in it."""
    with running_mongodb() as url:
        yield url


@pytest.fixture(scope="module")
def honest() -> Iterator[Campus]:
    """A third party to log in at, of another make than the program."""
    with campus() as provider:
        yield provider


@pytest.fixture
def liar() -> Iterator[Forger]:
    """A third party that says whatever a test wants."""
    with forger() as provider:
        yield provider
