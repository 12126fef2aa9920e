"""All rows of a database, read in one snapshot and written into another, of whatever kind the two are.

The tables are those that the database has, and not those of the models: what is restored comes in as
it was, and migrations bring it forward.
"""

import base64
import re
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from xianyu.adapters.database import Database

# Rows in memory at a time.
BATCH = 500
# The index of the search is made anew. The messages have a form of their own, which every message
# store reads. The rest is good for minutes, or names files that belong to one process's folder.
LEFT_OUT = {
    *("alembic_version", "search_document", "search_index"),
    *("message_thread", "message", "read_position", "hidden_message"),
    *("login_ticket", "mailed_token", "external_login", "data_export"),
}
MESSAGES = ("message_thread", "message", "read_position", "hidden_message")
_INDEX_TABLE = "search_index_"


@contextmanager
def snapshot(database: Database, folder: Path) -> Iterator[Session]:
    """The database as it is at one moment, however long one reads, while others go on writing.

    Args:
        database: Which.
        folder: Where a copy may lie meanwhile. SQLite makes one, since a reader of hours would keep
            its log from ever being shortened.
    """
    if database.is_sqlite:
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            copy = Path(temporary) / "copy.db"
            _copy_sqlite(database, copy)
            frozen = Database(f"sqlite:///{copy}")
            with Session(frozen.engine) as session:
                yield session
            frozen.engine.dispose()
        return
    with (
        database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        Session(connection) as session,
    ):
        yield session


def _copy_sqlite(database: Database, path: Path) -> None:
    source = database.engine.raw_connection()
    try:
        with closing(sqlite3.connect(path)) as target:
            driver: Any = source.driver_connection
            driver.backup(target)
    finally:
        source.close()


def revision(connection: sa.Connection) -> str:
    """The migration that the database is at, or nothing where it has no tables."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or "")


def reflected(connection: sa.Connection) -> list[sa.Table]:
    """The tables that are kept in backups, each after those that it refers to."""
    metadata = sa.MetaData()

    def is_kept(name: str, _metadata: sa.MetaData) -> bool:
        return name not in LEFT_OUT and not name.startswith((_INDEX_TABLE, "sqlite_"))

    metadata.reflect(connection, only=is_kept)
    return metadata.sorted_tables


def rows(connection: sa.Connection, table: sa.Table) -> Iterator[dict[str, Any]]:
    """A table's rows in the order of its key, with values that JSON can hold."""
    statement = sa.select(table).order_by(*table.primary_key.columns)
    for row in connection.execute(statement, execution_options={"yield_per": BATCH}).mappings():
        yield {name: _encoded(value) for name, value in row.items()}


def _encoded(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def insert(connection: sa.Connection, table: sa.Table, values: Iterable[dict[str, Any]]) -> int:
    """Put rows that ``rows`` has read into a table that is empty. Returns how many."""
    types = {column.name: _python_type(column) for column in table.columns}
    count, batch = 0, []
    for row in values:
        batch.append({name: _decoded(value, types[name]) for name, value in row.items()})
        if len(batch) == BATCH:
            count += _flush(connection, table, batch)
    return count + _flush(connection, table, batch)


def _flush(connection: sa.Connection, table: sa.Table, batch: list[dict[str, Any]]) -> int:
    written = len(batch)
    if batch:
        connection.execute(table.insert(), batch)
        batch.clear()
    return written


def _python_type(column: sa.Column[Any]) -> type:
    return object if isinstance(column.type, sa.types.NullType) else column.type.python_type


def _decoded(value: Any, wanted: type) -> Any:
    """What MariaDB calls a number may be a truth value elsewhere, and each has its own idea of a time."""
    if value is None:
        return None
    if wanted is datetime:
        return datetime.fromisoformat(value)
    if wanted is bytes:
        return base64.b64decode(value)
    return wanted(value) if wanted in {bool, int} else value


def is_empty(connection: sa.Connection) -> bool:
    """Whether there is not a single row, messages included, tables or not."""
    there = set(sa.inspect(connection).get_table_names())
    names = [table.name for table in reflected(connection)] + [name for name in MESSAGES if name in there]
    return all(
        connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first() is None
        for name in names
    )


def delete_everything(connection: sa.Connection) -> None:
    """Empty every table of the site, referring ones first."""
    there = set(sa.inspect(connection).get_table_names())
    alone = sorted((LEFT_OUT - {"alembic_version", "search_index"}) & there)
    for name in [*alone, *(table.name for table in reversed(reflected(connection)))]:
        connection.execute(sa.delete(sa.table(name)))


# Numbers that were given out ------------------------------------------------------------------------
# A row that was deleted had a number that links still name, so counting goes on where it was.


def last_number(connection: sa.Connection, table: str) -> int | None:
    """The last number that the table gave to a row, if it numbers them and ever did."""
    kind = connection.dialect.name
    if kind == "sqlite":
        found = connection.execute(sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table})
        # A table that was copied by a migration, empty as it was, has a zero there.
        return found.scalar() or None
    if kind == "postgresql":
        sequence = _sequence(connection, table)
        if sequence is None:
            return None
        # Nothing as long as it was never asked for a number.
        called = sa.text("SELECT pg_sequence_last_value(CAST(:sequence AS regclass))")
        found = connection.execute(called, {"sequence": sequence})
        return found.scalar()
    created = connection.exec_driver_sql(f"SHOW CREATE TABLE {_quoted(connection, table)}").one()[1]
    found_next = re.search(r"\bAUTO_INCREMENT=(\d+)", created)
    return int(found_next[1]) - 1 if found_next else None


def go_on_after(connection: sa.Connection, table: str, number: int) -> None:
    """Have the table give higher numbers than this one."""
    kind = connection.dialect.name
    if kind == "sqlite":
        values = {"name": table, "number": number}
        connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
        connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :number)"), values)
    elif kind == "postgresql":
        sequence = _sequence(connection, table)
        if sequence is not None:
            connection.execute(sa.text("SELECT setval(:sequence, :number)"), {"sequence": sequence, "number": number})
    else:
        connection.exec_driver_sql(f"ALTER TABLE {_quoted(connection, table)} AUTO_INCREMENT = {number + 1:d}")


def _sequence(connection: sa.Connection, table: str) -> str | None:
    if "id" not in {column["name"] for column in sa.inspect(connection).get_columns(table)}:
        return None
    name = connection.execute(sa.text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table}).scalar()
    return None if name is None else str(name)


def _quoted(connection: sa.Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote(name)
