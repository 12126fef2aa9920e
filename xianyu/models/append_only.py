"""Tables whose rows are added and never changed: the ORM refuses anything else, whoever asks for it."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import ORMExecuteState, Session

_TABLES: set[type[Any]] = set()


class AppendOnly(RuntimeError):
    """Something was about to change or remove a row that is to stay as it is."""


def append_only(table: type[Any]) -> None:
    """Refuse to change or remove the rows of a table, as objects and by statements about its class.

    What empties a whole database, to restore a backup into it, speaks to tables and not to classes.
    """
    _TABLES.add(table)
    for change in ("before_update", "before_delete"):
        sa.event.listen(table, change, _refuse)


def _refuse(_mapper: Any, _connection: Any, row: Any) -> None:
    raise AppendOnly(f"{type(row).__name__} rows are never changed")


@sa.event.listens_for(Session, "do_orm_execute")
def _watch(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete):
        return
    mapper = state.bind_mapper
    if mapper is not None and mapper.class_ in _TABLES:
        raise AppendOnly(f"{mapper.class_.__name__} rows are never changed")
