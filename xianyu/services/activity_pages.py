"""Activities as pages show them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Activity, ActivitySignup, ActivityStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.sections import ActivityCard, ActivityDetail, ActivityPage, ActivityView, Guest, Phase, Place
from xianyu.schemas.times import iso
from xianyu.services import local_time, names, photos
from xianyu.services.activities import ActivityNotFound, NotYourActivity
from xianyu.services.ids import is_id
from xianyu.services.section_places import after, newer, place_of

PAGE_SIZE = 24
# How many of those who come others than the organizer are shown.
GUESTS_SHOWN = 60
MINE_SHOWN = 50

_CARD = sa.select(
    col(Activity.id),
    col(Activity.title),
    col(Activity.place),
    col(Activity.starts_at),
    col(Activity.ends_at),
    col(Activity.capacity),
    col(Activity.signup_count),
    col(Activity.status),
    col(Activity.cover),
    col(Activity.published_at),
    col(Activity.organizer_id),
    *names.COLUMNS,
).join(User, col(User.id) == col(Activity.organizer_id))
_NEWEST_FIRST = (col(Activity.published_at).desc(), col(Activity.id).desc())


def phase(row: Any, now: datetime) -> Phase:
    """How an activity, or a row that has its columns, stands."""
    if row.status != ActivityStatus.OPEN:
        return Phase.CANCELLED if row.status == ActivityStatus.CANCELLED else Phase.DELETED
    if row.ends_at <= now:
        return Phase.PAST
    return Phase.FULL if row.signup_count >= row.capacity else Phase.OPEN


def _card(row: sa.Row[Any], now: datetime) -> ActivityCard:
    month, day = local_time.month_and_day(row.starts_at)
    return ActivityCard(
        id=row.id,
        url=routes.activity(row.id),
        title=row.title,
        when=local_time.span(row.starts_at, row.ends_at, now),
        month=month,
        day=day,
        place=row.place,
        capacity=row.capacity,
        signup_count=row.signup_count,
        phase=phase(row, now).value,
        cover_url=routes.media(thumb_name(row.cover)) if row.cover else "",
        organizer_id=row.organizer_id,
        organizer_name=names.called(row).text,
    )


def feed(session: Session, _actor: Actor | None, cursor: Place | None = None, limit: int = PAGE_SIZE) -> ActivityPage:
    """What neighbours are invited to, newest first; what is over has its place among it."""
    keyset = after(Activity, cursor) if cursor else []
    is_open = col(Activity.status) == ActivityStatus.OPEN
    # One more than is shown tells whether there are more.
    statement = _CARD.where(is_open, *keyset).order_by(*_NEWEST_FIRST).limit(limit + 1)
    rows = session.execute(statement).all()
    now = utc_now()
    return ActivityPage(
        cards=[_card(row, now) for row in rows[:limit]],
        cursor=place_of(rows[limit - 1]) if len(rows) > limit else None,
        newest=place_of(rows[0]) if rows and cursor is None else None,
    )


def has_newer(session: Session, _actor: Actor | None, than: Place | None) -> bool:
    """Whether something was published after that place; after none, anything at all."""
    bound = newer(Activity, than) if than else []
    found = select(Activity.id).where(Activity.status == ActivityStatus.OPEN, *bound).limit(1)
    return session.exec(found).first() is not None


def cards(session: Session, _actor: Actor | None, ids: Sequence[int]) -> list[ActivityCard]:
    """The present state of activities that a page shows, in the order of ``ids``, without deleted ones."""
    wanted = [activity_id for activity_id in ids if is_id(activity_id)]
    if not wanted:
        return []
    there = (col(Activity.id).in_(wanted), col(Activity.status) != ActivityStatus.DELETED)
    now = utc_now()
    found = {row.id: _card(row, now) for row in session.execute(_CARD.where(*there))}
    return [found[activity_id] for activity_id in wanted if activity_id in found]


def mine(session: Session, actor: Actor, limit: int = MINE_SHOWN) -> list[ActivityCard]:
    """What the actor organizes and where they come, the latest first."""
    coming = sa.select(col(ActivitySignup.activity_id)).where(col(ActivitySignup.user_id) == actor.user_id)
    own = sa.or_(col(Activity.organizer_id) == actor.user_id, col(Activity.id).in_(coming))
    statement = _CARD.where(own, col(Activity.status) != ActivityStatus.DELETED)
    rows = session.execute(statement.order_by(col(Activity.starts_at).desc(), col(Activity.id).desc()).limit(limit))
    now = utc_now()
    return [_card(row, now) for row in rows]


def view(session: Session, actor: Actor | None, activity_id: int) -> ActivityView:
    """What an activity's page shows to the actor. Raises ``ActivityNotFound``."""
    viewer_id = actor.user_id if actor else 0
    return views(session, activity_id, {viewer_id})[viewer_id]


def views(session: Session, activity_id: int, viewer_ids: Collection[int]) -> dict[int, ActivityView]:
    """What an activity's page shows to each of several people, all from one reading; visitors are 0.

    Raises:
        ActivityNotFound: if it does not exist or is deleted.
    """
    activity, organizer = find(session, activity_id)
    pictures = photos.part_of(session, photos.ACTIVITY, activity_id)
    guests = _guests(session, activity_id)
    coming = {guest.id for guest in guests}
    base = _detail(activity, organizer)
    return {
        viewer_id: ActivityView(
            ActivityDetail(**base, is_mine=viewer_id == activity.organizer_id, is_going=viewer_id in coming),
            pictures,
            guests if viewer_id == activity.organizer_id else guests[:GUESTS_SHOWN],
            0 if viewer_id == activity.organizer_id else max(0, len(guests) - GUESTS_SHOWN),
        )
        for viewer_id in viewer_ids
    }


def own(session: Session, actor: Actor, activity_id: int) -> ActivityView:
    """What the form of one's own activity starts with. Raises ``ActivityNotFound`` and ``NotYourActivity``."""
    found = view(session, actor, activity_id)
    if not found.activity.is_mine:
        raise NotYourActivity
    return found


def find(session: Session, activity_id: int) -> tuple[Activity, User]:
    """An activity that is not deleted, and who organizes it. Raises ``ActivityNotFound``."""
    if not is_id(activity_id):
        raise ActivityNotFound
    row = session.exec(
        select(Activity, User)
        .join(User, col(User.id) == col(Activity.organizer_id))
        .where(Activity.id == activity_id, Activity.status != ActivityStatus.DELETED)
    ).first()
    if row is None:
        raise ActivityNotFound
    return row[0], row[1]


def _detail(activity: Activity, organizer: User) -> dict[str, Any]:
    now = utc_now()
    name = names.called(organizer)
    return {
        "id": activity.id,
        "title": activity.title,
        "text": activity.text,
        "place": activity.place,
        "when": local_time.span(activity.starts_at, activity.ends_at, now),
        "starts_input": local_time.for_input(activity.starts_at),
        "ends_input": local_time.for_input(activity.ends_at),
        "is_over_at": iso(activity.ends_at),
        "capacity": activity.capacity,
        "signup_count": activity.signup_count,
        "phase": phase(activity, now).value,
        "organizer_id": activity.organizer_id,
        "organizer_name": name.text,
        "organizer_avatar_url": name.avatar_url,
        "published_at": iso(activity.published_at),
        "version": activity.version,
    }


def _guests(session: Session, activity_id: int) -> list[Guest]:
    rows = session.execute(
        sa.select(col(User.id), *names.COLUMNS)
        .join(ActivitySignup, col(ActivitySignup.user_id) == col(User.id))
        .where(col(ActivitySignup.activity_id) == activity_id)
        .order_by(col(ActivitySignup.created_at), col(User.id))
    )
    return [_guest(row) for row in rows]


def _guest(row: sa.Row[Any]) -> Guest:
    name = names.called(row)
    return Guest(row.id, routes.user(row.id), name.text, name.avatar_url)
