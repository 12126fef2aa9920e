"""The activities and announcements of the demo."""

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.media import StoredPhoto
from xianyu.models import Activity, ActivitySignup, Announcement, Role, Section
from xianyu.schemas.accounts import Actor
from xianyu.services import activities, announcements, local_time, photos, search_index
from xianyu.services.section_forms import check_activity, check_announcement
from xianyu.settings import get_settings

_SOURCE = Path(__file__).resolve().parent / "sections.toml"


@dataclass(frozen=True)
class DemoActivity:
    """Something that begins in ``days`` days, or began so long ago. ``thing`` is what is drawn, if anything is."""

    organizer: str
    title: str
    text: str
    place: str
    days: int
    hour: int
    hours: int
    capacity: int
    age: float
    guests: tuple[str, ...]
    thing: str = ""
    colour: str = ""
    accent: str = ""

    @property
    def photos(self) -> int:
        """How many pictures it has."""
        return 1 if self.thing else 0


@dataclass(frozen=True)
class DemoAnnouncement:
    """Something that an operator told everybody ``age`` days ago."""

    author: str
    title: str
    text: str
    is_pinned: bool
    age: float


@lru_cache(maxsize=1)
def _source() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(_SOURCE.read_text(encoding="utf-8"))


def invitations() -> list[DemoActivity]:
    """Every activity, the oldest first."""
    found = [DemoActivity(**{**row, "guests": tuple(row["guests"])}) for row in _source()["activity"]]
    return sorted(found, key=lambda one: -one.age)


def news() -> list[DemoAnnouncement]:
    """Every announcement, the oldest first."""
    return sorted((DemoAnnouncement(**row) for row in _source()["announcement"]), key=lambda one: -one.age)


def add(session: Session, actors: dict[str, Actor], pictures: dict[str, list[StoredPhoto]], now: datetime) -> None:
    """Publish all of it, have people sign up, and move it to the days on which it happened.

    Args:
        session: The unit of work.
        actors: The neighbours, by name. Who announces something is an operator.
        pictures: The drawings, by the activity's title.
        now: The present instant.
    """
    for invitation in invitations():
        _invite(session, actors, invitation, pictures.get(invitation.title, []), now)
    for one in news():
        _announce(session, actors[one.author], one, now)


def _invite(
    session: Session, actors: dict[str, Actor], invitation: DemoActivity, drawn: list[StoredPhoto], now: datetime
) -> None:
    organizer = actors[invitation.organizer]
    zone = ZoneInfo(get_settings().timezone)
    starts = now.astimezone(zone).replace(hour=invitation.hour, minute=0, second=0, microsecond=0)
    # What is over was ahead when it was published.
    ahead = starts + timedelta(days=abs(invitation.days))
    form = {
        "title": invitation.title,
        "text": invitation.text,
        "place": invitation.place,
        "capacity": str(invitation.capacity),
        "starts": local_time.for_input(ahead),
        "ends": local_time.for_input(ahead + timedelta(hours=invitation.hours)),
    }
    photo_ids = [photos.add_photo(session, organizer, stored).id for stored in drawn]
    activity_id = activities.publish(session, organizer, check_activity(form, photo_ids, now)).activity_id
    for guest in invitation.guests:
        activities.sign_up(session, actors[guest], activity_id)
    published = now - timedelta(days=invitation.age)
    begins = starts + timedelta(days=invitation.days)
    session.execute(
        sa.update(Activity)
        .where(col(Activity.id) == activity_id)
        .values(
            published_at=published,
            updated_at=published,
            starts_at=begins,
            ends_at=begins + timedelta(hours=invitation.hours),
        )
    )
    session.execute(
        sa.update(ActivitySignup).where(col(ActivitySignup.activity_id) == activity_id).values(created_at=published)
    )
    search_index.refresh(session, Section.ACTIVITY, activity_id)


def _announce(session: Session, author: Actor, one: DemoAnnouncement, now: datetime) -> None:
    form = check_announcement({"title": one.title, "text": one.text, "pinned": one.is_pinned}, ())
    operator = replace(author, role=Role.OPERATOR)
    announcement_id = announcements.publish(session, operator, form).announcement_id
    published = now - timedelta(days=one.age)
    session.execute(
        sa.update(Announcement)
        .where(col(Announcement.id) == announcement_id)
        .values(published_at=published, updated_at=published)
    )
    search_index.refresh(session, Section.ANNOUNCEMENT, announcement_id)
