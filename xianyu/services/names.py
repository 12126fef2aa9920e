"""What a person is called and looks like: the one place that decides it."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.models import User

CLOSED = "已注销用户"

# What a query has to select of a person for ``called``.
COLUMNS = (col(User.username), col(User.display_name), col(User.avatar), col(User.closed_at))


@dataclass(frozen=True, slots=True)
class Name:
    """How a person appears beside what they do. ``avatar_url`` is empty where there is no picture."""

    text: str
    avatar_url: str


def called(row: Any) -> Name:
    """The name of a ``User``, or of a row that has ``COLUMNS``: nothing remains of one who left."""
    if row.closed_at is not None:
        return Name(CLOSED, "")
    return Name(row.display_name or row.username, avatar_url(row.avatar))


def of(session: Session, user_id: int) -> str:
    """A person's name as it is now; empty where there is nobody of that number."""
    row = session.execute(sa.select(*COLUMNS).where(col(User.id) == user_id)).first()
    return called(row).text if row is not None else ""


def avatar_url(avatar: str) -> str:
    """The address of a stored avatar, or an empty string for none."""
    return routes.media(avatar) if avatar else ""
