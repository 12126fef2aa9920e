"""What the database holds as a whole, to see what a request or an event has changed."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from xianyu.adapters.database import Database
from xianyu.models import metadata

Rows = dict[str, list[tuple[Any, ...]]]


def everything(database: Database) -> Rows:
    """All rows, by table."""

    def work(session: Session) -> Rows:
        return {
            table.name: sorted((tuple(row) for row in session.execute(sa.select(table))), key=repr)
            for table in metadata.sorted_tables
        }

    return database.read(work)


def changed(before: Rows, after: Rows) -> set[str]:
    """The tables that differ."""
    return {table for table in after if after[table] != before[table]}


def owners_of_lost(before: Rows, after: Rows) -> set[int]:
    """Whose rows were changed or removed: the owner by the column that names one, else the row's own number."""
    lost: set[int] = set()
    for table in metadata.sorted_tables:
        columns = list(table.columns.keys())
        owner = next((columns.index(name) for name in ("user_id", "owner_id", "seller_id") if name in columns), 0)
        lost |= {row[owner] for row in before[table.name] if row not in after[table.name]}
    return lost
