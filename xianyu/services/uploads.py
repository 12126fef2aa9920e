"""What pictures and videos have in common between their upload and what they become part of, or their removal."""

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Photo, User, Video
from xianyu.schemas.accounts import Actor

BATCH = 500

Kind = type[Photo] | type[Video]
# What holds of the rows that are part of nothing.
Unused = Sequence[sa.ColumnElement[bool]]


def queue(session: Session, actor: Actor) -> None:
    """Have uploads of one person wait for each other, so that a limit holds when many arrive at once."""
    session.execute(sa.select(col(User.id)).where(col(User.id) == actor.user_id).with_for_update(key_share=True))


def count(session: Session, actor: Actor, kind: Kind, unused: Unused) -> int:
    """How many uploads of the actor's are part of nothing."""
    statement = sa.select(sa.func.count()).where(col(kind.owner_id) == actor.user_id, *unused)
    return int(session.execute(statement).scalar_one())


def expired(session: Session, kind: Kind, unused: Unused, before: datetime) -> list[tuple[int, str]]:
    """Ids and names of up to ``BATCH`` that are part of nothing, uploaded or removed before then."""
    rows = session.execute(
        sa.select(col(kind.id), col(kind.name))
        .where(*unused, col(kind.created_at) < before)
        .order_by(col(kind.created_at))
        .limit(BATCH)
    )
    return [(row.id, row.name) for row in rows]


def forget(session: Session, kind: Kind, unused: Unused, ids: Collection[int]) -> set[int]:
    """Delete those rows that still are part of nothing, and return their ids."""
    gone = set()
    for row_id in sorted(ids):
        deleted = session.execute(sa.delete(kind).where(col(kind.id) == row_id, *unused))
        if getattr(deleted, "rowcount", 0) == 1:
            gone.add(row_id)
    return gone
