"""Announcements: what operators tell everybody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Announcement, Section, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import AnnouncementChanged, AnnouncementPublished
from xianyu.schemas.sections import (
    AnnouncementCard,
    AnnouncementDetail,
    AnnouncementForm,
    AnnouncementPage,
    AnnouncementView,
    Place,
)
from xianyu.schemas.times import iso
from xianyu.services import local_time, names, operator_log, photos, search_index, second_step
from xianyu.services.accounts import require_operator
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.ids import is_id
from xianyu.services.section_forms import FormOutdated
from xianyu.services.section_places import after, newer, place_of

PAGE_SIZE = 24
# Characters of a text that a card shows, and that are read for it.
EXCERPT = 80
_EXCERPT_READ = 240


class AnnouncementNotFound(DomainError):
    """There is no such announcement, or it is deleted."""

    def __init__(self) -> None:
        super().__init__("这条公告不存在或已被删除")


# What an act on an announcement returns: everybody is told of it now, or it is not what open pages show.
AnnouncementEvent = AnnouncementPublished | AnnouncementChanged


def publish(session: Session, actor: Actor, form: AnnouncementForm) -> AnnouncementEvent:
    """Tell everybody something, now or when the form says.

    Raises:
        OperatorsOnly: if the actor is no operator, and as ``require_operator`` does.
        InvalidForm: if a picture is not the actor's own or is used elsewhere.
    """
    require_operator(session, actor)
    now = utc_now()
    announcement = Announcement(
        author_id=actor.user_id,
        title=form.title,
        text=form.text,
        is_pinned=form.is_pinned,
        scheduled_at=form.scheduled_at,
        published_at=now,
        updated_at=now,
    )
    session.add(announcement)
    session.flush()
    announcement_id = _id(announcement)
    announcement.cover = photos.place(session, actor, photos.ANNOUNCEMENT, announcement_id, form.photo_ids)
    session.flush()
    search_index.refresh(session, Section.ANNOUNCEMENT, announcement_id)
    if form.scheduled_at is not None:
        _record(session, actor, "announcement.schedule", announcement, _due(form.scheduled_at))
        return AnnouncementChanged(announcement_id)
    _record(session, actor, "announcement.publish", announcement)
    return AnnouncementPublished(announcement_id)


def edit(
    session: Session, actor: Actor, announcement_id: int, form: AnnouncementForm, version: int
) -> AnnouncementEvent:
    """Change everything that the form holds; any operator may. One that waits and is to wait no longer is published.

    Raises:
        OperatorsOnly: as ``publish``.
        AnnouncementNotFound: if it does not exist or is deleted.
        FormOutdated: if it was changed since ``version``, with which the form started.
        InvalidForm: if a picture cannot be used, or what everybody has seen is to wait.
    """
    found = _locked(session, actor, announcement_id)
    if found.version != version:
        raise FormOutdated(found.version)
    if form.scheduled_at is not None and found.scheduled_at is None:
        raise InvalidForm({"scheduled": "这条公告已经发布了，不能再定时"})
    was, title = found.scheduled_at, found.title
    found.title, found.text, found.is_pinned = form.title, form.text, form.is_pinned
    found.cover = photos.place(session, actor, photos.ANNOUNCEMENT, announcement_id, form.photo_ids)
    if was is not None and form.scheduled_at is None:
        return _publish_now(session, actor, found)
    found.scheduled_at = form.scheduled_at
    details = [f"原标题：{title}" if title != form.title else "", _due(form.scheduled_at) if form.scheduled_at else ""]
    _record(session, actor, "announcement.edit", found, "；".join(filter(None, details)))
    return _changed(session, found)


def publish_now(session: Session, actor: Actor, announcement_id: int) -> AnnouncementPublished | None:
    """Publish at once what was to wait; nothing if it was published meanwhile.

    Raises ``OperatorsOnly`` and ``AnnouncementNotFound``.
    """
    found = _locked(session, actor, announcement_id)
    return _publish_now(session, actor, found) if found.scheduled_at is not None else None


def _publish_now(session: Session, actor: Actor, found: Announcement) -> AnnouncementPublished:
    _record(session, actor, "announcement.publish", found, "提前发布")
    found.scheduled_at, found.published_at = None, utc_now()
    _changed(session, found)
    return AnnouncementPublished(_id(found))


def pin(session: Session, actor: Actor, announcement_id: int, *, pinned: bool) -> AnnouncementChanged:
    """Have it stand first, or no longer. Raises ``OperatorsOnly`` and ``AnnouncementNotFound``."""
    found = _locked(session, actor, announcement_id)
    found.is_pinned = pinned
    _record(session, actor, "announcement.pin" if pinned else "announcement.unpin", found)
    return _changed(session, found)


def delete(session: Session, actor: Actor, announcement_id: int) -> AnnouncementChanged:
    """Remove it from sight for good. Raises ``OperatorsOnly`` and ``AnnouncementNotFound``."""
    found = _locked(session, actor, announcement_id)
    found.is_deleted = True
    _record(session, actor, "announcement.delete", found)
    return _changed(session, found)


def _locked(session: Session, actor: Actor, announcement_id: int) -> Announcement:
    require_operator(session, actor)
    if not is_id(announcement_id):
        raise AnnouncementNotFound
    statement = select(Announcement).where(Announcement.id == announcement_id, col(Announcement.is_deleted).is_(False))
    found = session.exec(statement.with_for_update()).first()
    if found is None:
        raise AnnouncementNotFound
    return found


def _changed(session: Session, announcement: Announcement) -> AnnouncementChanged:
    announcement.version, announcement.updated_at = announcement.version + 1, utc_now()
    session.flush()
    search_index.refresh(session, Section.ANNOUNCEMENT, _id(announcement))
    return AnnouncementChanged(_id(announcement))


def _id(announcement: Announcement) -> int:
    assert announcement.id is not None, "it is stored"
    return announcement.id


def _record(session: Session, actor: Actor, action: str, announcement: Announcement, detail: str = "") -> None:
    operator_log.record(
        session,
        actor,
        action,
        target_kind="announcement",
        target_id=announcement.id,
        target_name=announcement.title,
        detail=detail,
    )


def _due(moment: datetime) -> str:
    return f"定于 {local_time.moment(moment, utc_now())} 发布"


# What everybody may read.
PUBLIC = (col(Announcement.is_deleted).is_(False), col(Announcement.scheduled_at).is_(None))
_CARD = sa.select(
    col(Announcement.id),
    col(Announcement.title),
    sa.func.substr(col(Announcement.text), 1, _EXCERPT_READ).label("beginning"),
    col(Announcement.cover),
    col(Announcement.is_pinned),
    col(Announcement.published_at),
).where(*PUBLIC)
_PINNED_FIRST = (col(Announcement.is_pinned).desc(), col(Announcement.published_at).desc(), col(Announcement.id).desc())


def _card(row: sa.Row[Any]) -> AnnouncementCard:
    beginning = " ".join(row.beginning.split())
    return AnnouncementCard(
        id=row.id,
        url=routes.announcement(row.id),
        title=row.title,
        excerpt=beginning if len(beginning) <= EXCERPT else f"{beginning[:EXCERPT]}…",
        cover_url=routes.media(thumb_name(row.cover)) if row.cover else "",
        is_pinned=bool(row.is_pinned),
        published_at=iso(row.published_at),
    )


def feed(
    session: Session, _actor: Actor | None, cursor: Place | None = None, limit: int = PAGE_SIZE
) -> AnnouncementPage:
    """Announcements, the pinned ones first, then the newest."""
    statement = _CARD
    if cursor is not None:
        is_alike = sa.and_(col(Announcement.is_pinned).is_(cursor.is_pinned), *after(Announcement, cursor))
        # After the last pinned one come all that are not.
        rest = [col(Announcement.is_pinned).is_(False)] if cursor.is_pinned else []
        statement = statement.where(sa.or_(is_alike, *rest))
    rows = session.execute(statement.order_by(*_PINNED_FIRST).limit(limit + 1)).all()
    return AnnouncementPage(
        cards=[_card(row) for row in rows[:limit]],
        cursor=place_of(rows[limit - 1]) if len(rows) > limit else None,
        newest=_newest(session) if cursor is None else None,
    )


def _newest(session: Session) -> Place | None:
    """Which was published last: it need not stand first."""
    columns = _CARD.order_by(col(Announcement.published_at).desc(), col(Announcement.id).desc()).limit(1)
    row = session.execute(columns).first()
    return place_of(row) if row is not None else None


def has_newer(session: Session, _actor: Actor | None, than: Place | None) -> bool:
    """Whether something was published after that place; after none, anything at all."""
    bound = newer(Announcement, than) if than else []
    found = select(Announcement.id).where(*PUBLIC, *bound).limit(1)
    return session.exec(found).first() is not None


def cards(session: Session, _actor: Actor | None, ids: Sequence[int]) -> list[AnnouncementCard]:
    """The present state of announcements that a page shows, in the order of ``ids``, without deleted ones."""
    wanted = [announcement_id for announcement_id in ids if is_id(announcement_id)]
    if not wanted:
        return []
    found = {row.id: _card(row) for row in session.execute(_CARD.where(col(Announcement.id).in_(wanted)))}
    return [found[announcement_id] for announcement_id in wanted if announcement_id in found]


def view(session: Session, actor: Actor | None, announcement_id: int) -> AnnouncementView:
    """What an announcement's page shows; operators see it before it is published. Raises ``AnnouncementNotFound``."""
    if not is_id(announcement_id):
        raise AnnouncementNotFound
    row = session.exec(
        select(Announcement, User)
        .join(User, col(User.id) == col(Announcement.author_id))
        .where(Announcement.id == announcement_id, col(Announcement.is_deleted).is_(False))
    ).first()
    if row is None:
        raise AnnouncementNotFound
    found, author = row
    if found.scheduled_at is not None and not _sees_all(actor):
        raise AnnouncementNotFound
    detail = AnnouncementDetail(
        id=announcement_id,
        title=found.title,
        text=found.text,
        is_pinned=found.is_pinned,
        author_name=names.called(author).text,
        published_at=iso(found.published_at),
        version=found.version,
        scheduled_for=local_time.moment(found.scheduled_at, utc_now()) if found.scheduled_at else "",
        scheduled_input=local_time.for_input(found.scheduled_at) if found.scheduled_at else "",
    )
    return AnnouncementView(detail, photos.part_of(session, photos.ANNOUNCEMENT, announcement_id))


def _sees_all(actor: Actor | None) -> bool:
    return actor is not None and actor.is_operator and not second_step.must_enrol(actor)


def for_form(session: Session, actor: Actor, announcement_id: int) -> AnnouncementView:
    """What the form starts with. Raises ``OperatorsOnly`` and ``AnnouncementNotFound``."""
    require_operator(session, actor)
    return view(session, actor, announcement_id)


def may_publish(session: Session, actor: Actor) -> None:
    """Refuse the form to those who are no operators. Raises as ``publish`` does."""
    require_operator(session, actor)
