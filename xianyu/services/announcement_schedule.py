"""Announcements that wait: the clock that publishes them, and the operators' list, where they stand first."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.models import Announcement, Section, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import AnnouncementPublished
from xianyu.schemas.sections import AnnouncementRow, AnnouncementRows
from xianyu.services import local_time, names, search_index
from xianyu.services.accounts import require_operator

PAGE_SIZE = 20
# What an open list holds at most; whoever looks further down asks for more.
MOST = 500

_WAITING = (col(Announcement.is_deleted).is_(False), col(Announcement.scheduled_at).is_not(None))


def next_due(session: Session) -> datetime | None:
    """When the next one is to be published, for the clock."""
    earliest = sa.select(col(Announcement.scheduled_at)).where(*_WAITING).order_by(col(Announcement.scheduled_at))
    return session.execute(earliest.limit(1)).scalar_one_or_none()


def publish_due(session: Session, now: datetime) -> list[AnnouncementPublished]:
    """Publish what is due, each once however many servers look: whoever changes the row has published it."""
    due = sa.select(col(Announcement.id)).where(*_WAITING, col(Announcement.scheduled_at) <= now)
    ids = session.execute(due.order_by(col(Announcement.scheduled_at), col(Announcement.id))).scalars().all()
    published = [announcement_id for announcement_id in ids if _publish(session, announcement_id, now)]
    search_index.refresh_all(session, Section.ANNOUNCEMENT, published)
    return [AnnouncementPublished(announcement_id) for announcement_id in published]


def _publish(session: Session, announcement_id: int, now: datetime) -> bool:
    done = session.execute(
        sa.update(Announcement)
        .where(col(Announcement.id) == announcement_id, *_WAITING, col(Announcement.scheduled_at) <= now)
        # The moment at which it is told, which may be after a time when the server was off.
        .values(scheduled_at=None, published_at=now, updated_at=now, version=col(Announcement.version) + 1)
        .execution_options(synchronize_session=False)
    )
    return getattr(done, "rowcount", 0) == 1


def listed(session: Session, actor: Actor, limit: int = PAGE_SIZE) -> AnnouncementRows:
    """Every announcement, those that wait first, then the newest. Raises as ``require_operator`` does."""
    require_operator(session, actor)
    return rows(session, limit)


def rows(session: Session, limit: int = PAGE_SIZE) -> AnnouncementRows:
    """The same for the server itself, to show in operators' tabs."""
    limit = max(1, min(limit, MOST))
    statement = (
        sa.select(
            col(Announcement.id),
            col(Announcement.title),
            col(Announcement.is_pinned),
            col(Announcement.scheduled_at),
            col(Announcement.published_at),
            *names.COLUMNS,
        )
        .join(User, col(User.id) == col(Announcement.author_id))
        .where(col(Announcement.is_deleted).is_(False))
        # Times that wait lie ahead of all that are over.
        .order_by(
            sa.func.coalesce(col(Announcement.scheduled_at), col(Announcement.published_at)).desc(),
            col(Announcement.id).desc(),
        )
        .limit(limit + 1)
    )
    found = session.execute(statement).all()
    return AnnouncementRows([_row(row) for row in found[:limit]], limit < len(found) and limit < MOST)


def _row(row: sa.Row[Any]) -> AnnouncementRow:
    is_scheduled = row.scheduled_at is not None
    return AnnouncementRow(
        id=row.id,
        url=routes.announcement(row.id),
        edit_url=routes.announcement_edit(row.id),
        title=row.title,
        author_name=names.called(row).text,
        when=local_time.moment(row.scheduled_at if is_scheduled else row.published_at, utc_now()),
        is_scheduled=is_scheduled,
        is_pinned=bool(row.is_pinned),
    )
