"""Places in the lists of activities and announcements: where a page ends and the next begins."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from xianyu.models import Activity, Announcement
from xianyu.schemas.sections import Place

_Dated = type[Activity] | type[Announcement]


def place_of(row: Any) -> Place:
    """The place of a row that has ``published_at``, ``id`` and, of announcements, ``is_pinned``."""
    pinned = bool(getattr(row, "is_pinned", False))
    return Place(row.published_at.isoformat(timespec="microseconds"), row.id, pinned)


def after(table: _Dated, place: Place) -> list[sa.ColumnElement[bool]]:
    """What comes after a place, newest first. The plain bound lets every planner seek in the index."""
    moment = datetime.fromisoformat(place.published_at)
    return [
        col(table.published_at) <= moment,
        sa.or_(col(table.published_at) < moment, col(table.id) < place.id),
    ]


def newer(table: _Dated, place: Place) -> list[sa.ColumnElement[bool]]:
    """What was published after a place."""
    moment = datetime.fromisoformat(place.published_at)
    return [
        col(table.published_at) >= moment,
        sa.or_(col(table.published_at) > moment, col(table.id) > place.id),
    ]
