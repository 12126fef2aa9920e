"""Activities: inviting neighbours, changing and calling off, coming and not coming after all."""

from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import Activity, ActivitySignup, ActivityStatus, NoticeKind, ReportTarget, Section
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ActivityChanged, ActivityPublished, LiveEvent, NoticeAdded
from xianyu.schemas.sections import ActivityForm
from xianyu.services import catalog, local_time, notices, photos, screening, search_index
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.ids import is_id
from xianyu.services.screening import Screened
from xianyu.services.section_forms import FormOutdated


class ActivityNotFound(DomainError):
    """There is no such activity, or it is deleted."""

    def __init__(self) -> None:
        super().__init__("这个活动不存在或已被删除")


class NotYourActivity(DomainError):
    """Somebody tried to change an activity of somebody else."""

    def __init__(self) -> None:
        super().__init__("只有发起人可以修改这个活动")


class ActivityClosed(DomainError):
    """The activity is full, over or called off."""


def publish(session: Session, actor: Actor, form: ActivityForm) -> ActivityPublished:
    """Invite neighbours to something.

    Raises:
        InvalidForm: if it begins in the past, a picture is not the actor's own or is used elsewhere, the
            section was put away, or it says what may not be said.
    """
    catalog.require_open_section(session, Section.ACTIVITY)
    now = utc_now()
    if form.starts_at <= now:
        raise InvalidForm({"starts": "开始时间已经过了"})
    form, found = _screened(session, actor, form)
    activity = Activity(
        organizer_id=actor.user_id,
        title=form.title,
        text=form.text,
        place=form.place,
        starts_at=form.starts_at,
        ends_at=form.ends_at,
        capacity=form.capacity,
        published_at=now,
        updated_at=now,
    )
    session.add(activity)
    session.flush()
    assert activity.id is not None
    activity.cover = photos.place(session, actor, photos.ACTIVITY, activity.id, form.photo_ids)
    session.flush()
    search_index.refresh(session, Section.ACTIVITY, activity.id)
    screening.note(session, found, subject_id=activity.id)
    return ActivityPublished(activity.id, actor.user_id)


def _screened(session: Session, actor: Actor, form: ActivityForm) -> tuple[ActivityForm, Screened]:
    """The form as it is to be stored. Nobody signs up for what waits for an operator: such a one is refused."""
    fields = {"title": form.title, "text": form.text, "place": form.place}
    found = screening.check(session, actor, ReportTarget.ACTIVITY, fields, can_hold=False)
    title, text, place = (found.fields[name] for name in fields)
    return replace(form, title=title, text=text, place=place), found


def edit(session: Session, actor: Actor, activity_id: int, form: ActivityForm, version: int) -> list[LiveEvent]:
    """Change everything that the form holds. Those who come are told where the time or the place is another.

    Args:
        session: The unit of work.
        actor: The organizer.
        activity_id: Which one.
        form: What it shall be.
        version: The version that the form started with.

    Raises:
        ActivityNotFound: if it does not exist or is deleted.
        NotYourActivity: if it is somebody else's.
        ActivityClosed: if it is called off or over.
        FormOutdated: if it was changed since the form was opened.
        InvalidForm: if more come than there would be room for, if its beginning is moved into the past,
            if a picture cannot be used, or if it says what may not be said.
    """
    old = _own(session, actor, activity_id)
    now = utc_now()
    if old.status != ActivityStatus.OPEN or old.ends_at <= now:
        raise ActivityClosed("活动已经取消或结束，不能再修改")
    if old.version != version:
        raise FormOutdated(old.version)
    if form.starts_at <= now and form.starts_at != old.starts_at:
        raise InvalidForm({"starts": "开始时间已经过了"})
    if old.signup_count > form.capacity:
        raise InvalidForm({"capacity": f"已经有 {old.signup_count} 人报名，人数上限不能比这少"})
    form, found = _screened(session, actor, form)
    changes = _changes(old, form)
    old.title, old.text, old.place, old.capacity = form.title, form.text, form.place, form.capacity
    old.starts_at, old.ends_at = form.starts_at, form.ends_at
    old.version, old.updated_at = version + 1, now
    old.cover = photos.place(session, actor, photos.ACTIVITY, activity_id, form.photo_ids)
    session.flush()
    search_index.refresh(session, Section.ACTIVITY, activity_id)
    screening.note(session, found, subject_id=activity_id)
    told = _tell_guests(session, actor, old, NoticeKind.ACTIVITY_CHANGED, "，".join(changes)) if changes else []
    return [ActivityChanged(activity_id), *told]


def _changes(old: Activity, form: ActivityForm) -> list[str]:
    """What those who come have to know of."""
    is_moved = (form.starts_at, form.ends_at) != (old.starts_at, old.ends_at)
    when = f"时间改为{local_time.span(form.starts_at, form.ends_at, utc_now())}" if is_moved else ""
    where = f"地点改为{form.place}" if form.place != old.place else ""
    return [change for change in (when, where) if change]


def cancel(session: Session, actor: Actor, activity_id: int) -> list[LiveEvent]:
    """Call it off. It stays to be seen, and those who would have come are told.

    Raises:
        ActivityNotFound: if it does not exist or is deleted.
        NotYourActivity: if it is somebody else's.
        ActivityClosed: if it is called off already or over.
    """
    activity = _own(session, actor, activity_id)
    if activity.status != ActivityStatus.OPEN or activity.ends_at <= utc_now():
        raise ActivityClosed("活动已经取消或结束了")
    return _end(session, actor, activity, ActivityStatus.CANCELLED)


def delete(session: Session, actor: Actor, activity_id: int) -> list[LiveEvent]:
    """Remove it from sight for good; the row stays for those who refer to it. May be repeated.

    Raises:
        ActivityNotFound: if it does not exist.
        NotYourActivity: if it is somebody else's.
    """
    activity = _own(session, actor, activity_id, deleted=True)
    return _end(session, actor, activity, ActivityStatus.DELETED)


def _end(session: Session, actor: Actor, activity: Activity, status: ActivityStatus) -> list[LiveEvent]:
    assert activity.id is not None
    was_coming = activity.status == ActivityStatus.OPEN and activity.ends_at > utc_now()
    activity.status, activity.updated_at, activity.version = status, utc_now(), activity.version + 1
    session.flush()
    search_index.refresh(session, Section.ACTIVITY, activity.id)
    told = _tell_guests(session, actor, activity, NoticeKind.ACTIVITY_CANCELLED) if was_coming else []
    return [ActivityChanged(activity.id), *told]


def _own(session: Session, actor: Actor, activity_id: int, *, deleted: bool = False) -> Activity:
    """The actor's own activity, locked: who signs up meanwhile waits for the end of this."""
    if not is_id(activity_id):
        raise ActivityNotFound
    found = session.exec(select(Activity).where(Activity.id == activity_id).with_for_update()).first()
    if found is None or (found.status == ActivityStatus.DELETED and not deleted):
        raise ActivityNotFound
    if found.organizer_id != actor.user_id:
        # That somebody else's was there once is nobody's business.
        raise ActivityNotFound if found.status == ActivityStatus.DELETED else NotYourActivity
    return found


def _tell_guests(
    session: Session, actor: Actor, activity: Activity, kind: NoticeKind, detail: str = ""
) -> list[NoticeAdded]:
    guests = session.exec(select(ActivitySignup.user_id).where(ActivitySignup.activity_id == activity.id)).all()
    return notices.add(
        session, guests, kind, actor_id=actor.user_id, activity_id=activity.id, subject=activity.title, detail=detail
    )


def sign_up(session: Session, actor: Actor, activity_id: int) -> list[LiveEvent]:
    """报名. Who comes already, comes.

    The place is taken by one conditional update, so that of many who want the last one a single one
    gets it.

    Raises:
        ActivityNotFound: if it does not exist or is deleted.
        ActivityClosed: if it is full, over, called off, or the actor's own.
    """
    if not is_id(activity_id):
        raise ActivityNotFound
    if session.get(ActivitySignup, (activity_id, actor.user_id)) is not None:
        return []
    taken = session.execute(
        sa.update(Activity)
        .where(
            col(Activity.id) == activity_id,
            col(Activity.organizer_id) != actor.user_id,
            col(Activity.status) == ActivityStatus.OPEN,
            col(Activity.ends_at) > utc_now(),
            col(Activity.signup_count) < col(Activity.capacity),
        )
        .values(signup_count=col(Activity.signup_count) + 1)
    )
    activity = session.exec(
        select(Activity).where(Activity.id == activity_id, Activity.status != ActivityStatus.DELETED)
    ).first()
    if activity is None:
        raise ActivityNotFound
    if getattr(taken, "rowcount", 0) != 1:
        raise _refusal(activity, actor)
    session.add(ActivitySignup(activity_id=activity_id, user_id=actor.user_id))
    session.flush()
    told = notices.add(
        session,
        [activity.organizer_id],
        NoticeKind.ACTIVITY_JOINED,
        actor_id=actor.user_id,
        activity_id=activity_id,
        subject=activity.title,
        detail=f"{activity.signup_count}/{activity.capacity} 人",
    )
    return [ActivityChanged(activity_id), *told]


def _refusal(activity: Activity, actor: Actor) -> DomainError:
    if activity.organizer_id == actor.user_id:
        return ActivityClosed("这是你自己发起的活动，不用报名")
    if activity.status != ActivityStatus.OPEN:
        return ActivityClosed("活动已经取消了")
    if activity.ends_at <= utc_now():
        return ActivityClosed("活动已经结束了")
    return ActivityClosed("名额刚刚满了，下次早点来")


def leave(session: Session, actor: Actor, activity_id: int) -> list[LiveEvent]:
    """取消报名. Who does not come anyway, does not. Once it is over, the list stays as it was.

    Raises:
        ActivityNotFound: if it does not exist or is deleted.
        ActivityClosed: if it is over.
    """
    if not is_id(activity_id):
        raise ActivityNotFound
    activity = session.exec(
        select(Activity).where(Activity.id == activity_id, Activity.status != ActivityStatus.DELETED)
    ).first()
    if activity is None:
        raise ActivityNotFound
    if activity.ends_at <= utc_now():
        raise ActivityClosed("活动已经结束了")
    gone = session.execute(
        sa.delete(ActivitySignup).where(
            col(ActivitySignup.activity_id) == activity_id, col(ActivitySignup.user_id) == actor.user_id
        )
    )
    if getattr(gone, "rowcount", 0) != 1:
        return []
    session.execute(
        sa.update(Activity).where(col(Activity.id) == activity_id).values(signup_count=col(Activity.signup_count) - 1)
    )
    return [ActivityChanged(activity_id)]


def forget_person(session: Session, user_id: int) -> list[LiveEvent]:
    """Of somebody whose account is erased: they come nowhere, and what they organized is called off and emptied."""
    coming = list(session.exec(select(ActivitySignup.activity_id).where(ActivitySignup.user_id == user_id)))
    session.execute(sa.delete(ActivitySignup).where(col(ActivitySignup.user_id) == user_id))
    session.execute(
        sa.update(Activity).where(col(Activity.id).in_(coming)).values(signup_count=col(Activity.signup_count) - 1)
    )
    events: list[LiveEvent] = [ActivityChanged(activity_id) for activity_id in coming]
    nobody = Actor(user_id=user_id, username="", role="", session_id=0)
    organized = select(Activity).where(Activity.organizer_id == user_id).with_for_update()
    for activity in session.exec(organized).all():
        events += _end(session, nobody, activity, ActivityStatus.DELETED)
        activity.cover = photos.place(session, nobody, photos.ACTIVITY, int(activity.id or 0), ())
        activity.title = activity.text = activity.place = ""
    session.flush()
    return events
