"""The box 广播: what is new in the compound, of every kind, the newest first, and how much of it is unread.

Only announcements count as unread: what an operator tells everyone is for everyone, while a count that
rises with each thing that somebody offers would always be there and soon be looked at no more.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Activity, ActivityStatus, Announcement, Listing, ListingKind, ListingStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import BroadcastsSeen
from xianyu.schemas.notices import BroadcastView
from xianyu.schemas.times import iso
from xianyu.services.listing_form import format_price

LIMIT = 50
# How far back it goes. What an operator tells everyone is worth more than one more thing for sale.
DAYS = {"listing": timedelta(days=7), "activity": timedelta(days=14), "announcement": timedelta(days=60)}


def latest(session: Session, _actor: Actor | None = None) -> list[BroadcastView]:
    """The announcements, activities and listings of the last days; all that is shown is for everyone.

    However much is offered, no announcement is crowded out.
    """
    now = utc_now()
    told = _announcements(session, now)
    found = sorted([*_activities(session, now), *_listings(session, now)], key=_moment, reverse=True)
    found = sorted([*told, *found[: max(LIMIT - len(told), LIMIT // 2)]], key=_moment, reverse=True)
    return [view for _, view in found]


def _moment(entry: tuple[datetime, BroadcastView]) -> datetime:
    return entry[0]


# A person's position is the announcement that was told last when they looked. Those that waited were told
# later than others of higher numbers, so that what came after is a matter of time.
_SEEN = aliased(Announcement)


def _is_later(moment: Any, key: Any) -> sa.ColumnElement[bool]:
    """Whether that moment is after a person's position; where they have none, it is."""
    seen, seen_id = col(_SEEN.published_at), col(_SEEN.id)
    return sa.or_(seen_id.is_(None), moment > seen, sa.and_(moment == seen, key > seen_id))


# What is in the box, is not one's own, and came after the last look, or after one came to live here.
_NEW = (
    _is_later(col(Announcement.published_at), col(Announcement.id)),
    col(Announcement.scheduled_at).is_(None),
    col(Announcement.published_at) > col(User.created_at),
    col(Announcement.published_at) > sa.bindparam("since"),
    col(Announcement.author_id) != col(User.id),
    col(Announcement.is_deleted).is_(False),
)
_UNREAD = (
    sa.select(sa.func.count())
    .select_from(Announcement)
    .join(User, col(User.id) == sa.bindparam("user"))
    .outerjoin(_SEEN, col(_SEEN.id) == col(User.broadcasts_seen))
    .where(*_NEW)
)


def unread(session: Session, user_id: int) -> int:
    """How many announcements a person has not seen; for the server's own use."""
    values = {"user": user_id, "since": utc_now() - DAYS["announcement"]}
    return int(session.connection().execute(_UNREAD, values).scalar_one())


def mark_seen(session: Session, actor: Actor) -> BroadcastsSeen | None:
    """The actor has seen the box as it is now.

    Returns:
        The event if their position moved, else nothing.
    """
    told = sa.select(col(Announcement.id), col(Announcement.published_at)).where(
        col(Announcement.scheduled_at).is_(None)
    )
    newest = session.execute(
        told.order_by(col(Announcement.published_at).desc(), col(Announcement.id).desc()).limit(1)
    ).first()
    if newest is None:
        return None
    # Forward only: a page that was opened earlier may say so later.
    position = sa.select(col(_SEEN.id)).where(
        col(_SEEN.id) == col(User.broadcasts_seen), sa.not_(_is_later(newest.published_at, newest.id))
    )
    moved = session.execute(
        sa.update(User)
        .where(col(User.id) == actor.user_id, sa.not_(position.exists()))
        .values(broadcasts_seen=newest.id)
        .execution_options(synchronize_session=False)
    )
    return BroadcastsSeen(actor.user_id) if getattr(moved, "rowcount", 0) == 1 else None


def _announcements(session: Session, now: datetime) -> list[tuple[datetime, BroadcastView]]:
    rows = _rows(
        session,
        Announcement,
        (col(Announcement.is_pinned),),
        col(Announcement.is_deleted).is_(False),
        col(Announcement.scheduled_at).is_(None),
        col(Announcement.published_at) > now - DAYS["announcement"],
    )
    return [
        _entry("announcement", row, routes.announcement(row.id), "置顶公告" if row.is_pinned else "公告")
        for row in rows
    ]


def _activities(session: Session, now: datetime) -> list[tuple[datetime, BroadcastView]]:
    rows = _rows(
        session,
        Activity,
        (col(Activity.place),),
        col(Activity.status) == ActivityStatus.OPEN,
        col(Activity.published_at) > now - DAYS["activity"],
        col(Activity.ends_at) > now,
    )
    return [_entry("activity", row, routes.activity(row.id), f"活动 · {row.place}") for row in rows]


def _listings(session: Session, now: datetime) -> list[tuple[datetime, BroadcastView]]:
    rows = _rows(
        session,
        Listing,
        (col(Listing.price_fen), col(Listing.kind)),
        col(Listing.status) == ListingStatus.ACTIVE,
        col(Listing.published_at) > now - DAYS["listing"],
    )
    return [_entry("listing", row, routes.listing(row.id), _offer(row)) for row in rows]


def _offer(row: sa.Row[Any]) -> str:
    if row.kind == ListingKind.WANTED:
        return f"求购 · 预算 ¥{format_price(row.price_fen)}"
    return f"新上架 · ¥{format_price(row.price_fen)}" if row.price_fen else "新上架 · 免费送"


def _rows(
    session: Session,
    table: type[Announcement | Activity | Listing],
    columns: tuple[Any, ...],
    *conditions: sa.ColumnElement[bool],
) -> list[sa.Row[Any]]:
    published = col(table.published_at)
    statement = sa.select(col(table.id), col(table.title), col(table.cover), published, *columns)
    return list(
        session.execute(statement.where(*conditions).order_by(published.desc(), col(table.id).desc()).limit(LIMIT))
    )


def _entry(kind: str, row: sa.Row[Any], url: str, note: str) -> tuple[datetime, BroadcastView]:
    cover = routes.media(thumb_name(row.cover)) if row.cover else ""
    return row.published_at, BroadcastView(kind, row.id, row.title, note, cover, url, iso(row.published_at))
