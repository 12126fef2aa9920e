"""What an archive of one person's data holds of activities and announcements."""

from typing import Any

from sqlmodel import Session, col, select

from xianyu.models import Activity, ActivitySignup, Announcement, Photo
from xianyu.schemas.times import iso


def of_person(session: Session, user_id: int) -> dict[str, Any]:
    """What they organized, where they signed up, and what they announced as an operator."""
    organized = session.exec(select(Activity).where(Activity.organizer_id == user_id).order_by(col(Activity.id)))
    written = session.exec(select(Announcement).where(Announcement.author_id == user_id).order_by(col(Announcement.id)))
    joined = session.exec(
        select(Activity, ActivitySignup.created_at)
        .join(ActivitySignup, col(ActivitySignup.activity_id) == col(Activity.id))
        .where(ActivitySignup.user_id == user_id)
        .order_by(col(Activity.id))
    )
    pictures = _pictures(session, user_id)
    return {
        "organized": [
            {
                "title": activity.title,
                "text": activity.text,
                **_when_and_where(activity),
                "capacity": activity.capacity,
                "status": activity.status,
                "published_at": iso(activity.published_at),
                "pictures": pictures.get(("activity", activity.id), []),
            }
            for activity in organized
        ],
        "joined": [
            {"title": activity.title, **_when_and_where(activity), "signed_up_at": iso(since)}
            for activity, since in joined
        ],
        "announced": [
            {
                "title": announcement.title,
                "text": announcement.text,
                **_told(announcement),
                "pictures": pictures.get(("announcement", announcement.id), []),
            }
            for announcement in written
        ],
    }


def _told(announcement: Announcement) -> dict[str, str]:
    if announcement.scheduled_at is not None:
        return {"scheduled_at": iso(announcement.scheduled_at)}
    return {"published_at": iso(announcement.published_at)}


def _when_and_where(activity: Activity) -> dict[str, str]:
    return {"place": activity.place, "starts_at": iso(activity.starts_at), "ends_at": iso(activity.ends_at)}


def _pictures(session: Session, user_id: int) -> dict[tuple[str, int | None], list[str]]:
    """The names of the person's pictures, by what they are part of."""
    found: dict[tuple[str, int | None], list[str]] = {}
    for photo in session.exec(select(Photo).where(Photo.owner_id == user_id).order_by(col(Photo.position))):
        part_of = ("activity", photo.activity_id) if photo.activity_id else ("announcement", photo.announcement_id)
        found.setdefault(part_of, []).append(photo.name)
    return found
