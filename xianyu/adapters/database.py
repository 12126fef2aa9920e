"""The relational database: one engine, and two ways to run a unit of work in it."""

import asyncio
import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session

from xianyu.adapters import metrics
from xianyu.settings import get_settings

P = ParamSpec("P")
T = TypeVar("T")

# How often a write is tried when another transaction was in its way.
WRITE_ATTEMPTS = 4
# Threads for database work and pictures; more than asyncio's default on a small machine,
# so that slow work cannot hold up every query.
WORKER_THREADS = 24


class Database:
    """An engine with the settings that each database needs.

    Args:
        url: A SQLAlchemy URL for SQLite, PostgreSQL (psycopg 3) or MySQL/MariaDB (PyMySQL).
    """

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        # Errors are logged, and the values of a statement are messages, addresses and hashes.
        options: dict[str, Any] = {"pool_pre_ping": not self.is_sqlite, "hide_parameters": True}
        if self.is_sqlite:
            if parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            options |= {"pool_size": WORKER_THREADS, "connect_args": {"check_same_thread": False, "timeout": 10}}
        else:
            # A write locks the rows that it changes, so nothing relies on a snapshot, and
            # READ COMMITTED lets a waiter see what it waited for.
            options |= {"pool_size": 10, "max_overflow": WORKER_THREADS - 10, "isolation_level": "READ COMMITTED"}
            if parsed.get_backend_name() in {"mysql", "mariadb"}:
                options["connect_args"] = {"charset": "utf8mb4"}
        self.engine = sa.create_engine(parsed, **options)
        self._write_engine = self.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")
        # SQLite has one writer; waiting here costs less than polling its file lock.
        self._writer: AbstractContextManager[Any] = threading.Lock() if self.is_sqlite else nullcontext()
        # And one thread that writes costs less than many that wait for that lock and for the interpreter's.
        self._writers = ThreadPoolExecutor(1, "xianyu-writer") if self.is_sqlite else None
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    def read(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(session, …)`` in a transaction that is rolled back at the end."""
        started = time.perf_counter()
        try:
            with Session(self.engine, expire_on_commit=False) as session:
                return work(session, *args, **kwargs)
        finally:
            metrics.READING.observe(time.perf_counter() - started)

    def write(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work(session, …)`` in a transaction and commit it.

        Deadlocks, serialization failures and a lost race for a unique key start it over with a
        fresh session, so ``work`` must do nothing outside the session that may not happen twice.
        """
        started = time.perf_counter()
        try:
            return self._write(work, *args, **kwargs)
        finally:
            metrics.WRITING.observe(time.perf_counter() - started)

    def _write(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, WRITE_ATTEMPTS + 1):
            try:
                with self._writer, Session(self._write_engine, expire_on_commit=False) as session:
                    result = work(session, *args, **kwargs)
                    session.commit()
                    return result
            except DBAPIError as error:
                if attempt == WRITE_ATTEMPTS or not _is_transient(error):
                    raise
                metrics.RETRIES.inc()
        raise AssertionError("the last attempt returns or raises")

    async def reading(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``read`` in a worker thread."""
        return await in_thread(partial(self.read, work, *args, **kwargs))

    async def writing(self, work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``write`` in a worker thread, or in the one that writes where only one can."""
        return await in_thread(partial(self.write, work, *args, **kwargs), self._writers)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # Transactions are opened by the listener below, in the mode that the work needs.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "busy_timeout=10000", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))


# SQLSTATE of PostgreSQL: serialization failure, deadlock. Error numbers of MySQL and MariaDB: lock
# wait timeout, deadlock, record changed since last read.
_TRANSIENT_STATES = {"40001", "40P01"}
_TRANSIENT_NUMBERS = {1205, 1213, 1020}


def _is_transient(error: DBAPIError) -> bool:
    if isinstance(error, IntegrityError):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    number = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return state in _TRANSIENT_STATES or number in _TRANSIENT_NUMBERS or "database is locked" in str(error.orig)


@lru_cache(maxsize=1)
def get_database() -> Database:
    """The database of this process."""
    return Database(get_settings().resolved_database_url)


async def in_thread(work: Callable[[], T], threads: Executor | None = None) -> T:
    """Run blocking work (queries, hashes, pictures) off the event loop, keeping context variables.

    Args:
        work: What to do.
        threads: Where to do it, if not among the worker threads.
    """
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(threads, context.run, work)


def use_worker_threads() -> None:
    """Give the running event loop its pool of worker threads. Called once, at start-up."""
    asyncio.get_running_loop().set_default_executor(
        ThreadPoolExecutor(max_workers=WORKER_THREADS, thread_name_prefix="xianyu")
    )
