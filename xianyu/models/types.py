"""Column types and table options that behave alike on SQLite, PostgreSQL and MySQL/MariaDB."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlmodel import SQLModel

# 64 bits everywhere; SQLite only numbers rows by itself in a column declared INTEGER.
BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An instant. Aware and in UTC in Python, naive UTC with microseconds in the database."""

    impl = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Refuse naive values, since nobody can say which instant they mean."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime names no instant")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Give the zone back that the column cannot hold."""
        return None if value is None else value.replace(tzinfo=UTC)


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


# MySQL and MariaDB: four-byte characters (emoji, rare Han) and comparison by code point, as the
# other two databases do. Case and width are folded in Python where that is wanted.
MYSQL_OPTIONS = {"mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_bin", "mysql_engine": "InnoDB"}
MARIADB_OPTIONS = {key.replace("mysql", "mariadb"): value for key, value in MYSQL_OPTIONS.items()}


def table_args(*items: Any, numbered: bool = False) -> tuple[Any, ...]:
    """A ``__table_args__`` value: the given constraints and indexes, and the options above.

    Args:
        items: Constraints and indexes.
        numbered: Whether the table numbers its rows itself, which must then never reuse a number:
            links and snapshots outlive rows, and SQLite alone would hand the last one out again.
    """
    return (*items, {**MYSQL_OPTIONS, **MARIADB_OPTIONS, **({"sqlite_autoincrement": True} if numbered else {})})


class Table(SQLModel):
    """The base of every table: one metadata with a naming convention that migrations can rely on."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
