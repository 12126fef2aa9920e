"""Pictures between their upload and what they become part of, or their removal."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import StoredPhoto, thumb_name
from xianyu.models import Order, Photo, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import PhotoView
from xianyu.services import uploads
from xianyu.services.errors import DomainError, InvalidForm

# Uploads of one person that are part of nothing: several forms' worth, no free storage.
MAX_UNUSED = 60

# What a picture can be part of.
LISTING = col(Photo.listing_id)
ACTIVITY = col(Photo.activity_id)
ANNOUNCEMENT = col(Photo.announcement_id)
REVIEW = col(Photo.review_id)
REPORT = col(Photo.report_id)
_UNUSED = (
    *(whole.is_(None) for whole in (LISTING, ACTIVITY, ANNOUNCEMENT, REVIEW, REPORT)),
    col(Photo.conversation_id).is_(None),
)
# An order shows the picture that its listing had, whatever becomes of that.
_FORGOTTEN = (*_UNUSED, ~sa.exists().where(col(Order.cover) == col(Photo.name)))


class PhotoLimit(DomainError):
    """Somebody has too many uploads that became part of nothing."""

    def __init__(self) -> None:
        super().__init__("未发布的照片太多了，请先发布或明天再试", "photos")


def photo_view(photo: Photo) -> PhotoView:
    """A picture as pages show it."""
    assert photo.id is not None
    return PhotoView(
        id=photo.id,
        url=routes.media(photo.name),
        thumb_url=routes.media(thumb_name(photo.name)),
        width=photo.width,
        height=photo.height,
    )


def check_room(session: Session, actor: Actor) -> None:
    """Refuse early what ``add_photo`` would refuse, before a picture is decoded for nothing.

    Raises:
        PhotoLimit: if the actor has ``MAX_UNUSED`` uploads that are part of nothing.
    """
    if uploads.count(session, actor, Photo, _UNUSED) >= MAX_UNUSED:
        raise PhotoLimit


def add_photo(session: Session, actor: Actor, stored: StoredPhoto) -> PhotoView:
    """Note a picture that is on disk as the actor's, part of nothing yet.

    Raises:
        PhotoLimit: if the actor has ``MAX_UNUSED`` of them already.
    """
    uploads.queue(session, actor)
    check_room(session, actor)
    photo = Photo(owner_id=actor.user_id, name=stored.name, width=stored.width, height=stored.height)
    session.add(photo)
    session.flush()
    return photo_view(photo)


def let_go(session: Session, listing_id: int) -> list[str]:
    """Take the pictures of a listing that is about to be gone, for good, but for those that orders show.

    Returns:
        The names of those whose files nothing refers to any more once this is committed.
    """
    rows = session.execute(sa.select(col(Photo.id), col(Photo.name)).where(col(Photo.listing_id) == listing_id)).all()
    session.execute(sa.update(Photo).where(col(Photo.listing_id) == listing_id).values(listing_id=None, position=0))
    gone = forget(session, [row.id for row in rows])
    return [row.name for row in rows if row.id in gone]


def put_in_conversation(session: Session, actor: Actor, conversation_id: int, photo_id: int) -> Photo | None:
    """Make an upload of the actor's part of a conversation and return it.

    It may be part of that one already; of any other thing, or somebody else's, it is nothing here.
    """
    here = col(Photo.conversation_id) == conversation_id
    claimed = session.execute(
        sa.update(Photo)
        .where(col(Photo.id) == photo_id, col(Photo.owner_id) == actor.user_id, sa.or_(here, sa.and_(*_UNUSED)))
        .values(conversation_id=conversation_id)
    )
    return session.get(Photo, photo_id) if getattr(claimed, "rowcount", 0) == 1 else None


def keep_for_report(session: Session, report_id: int, names: Collection[str]) -> None:
    """Keep pictures that somebody reported, whatever becomes of what they are part of."""
    session.execute(sa.update(Photo).where(col(Photo.name).in_(names), REPORT.is_(None)).values(report_id=report_id))


def take_from_conversation(session: Session, conversation_id: int, photo_id: int) -> None:
    """A picture was taken back: the next cleaning removes it."""
    session.execute(
        sa.update(Photo)
        .where(col(Photo.id) == photo_id, col(Photo.conversation_id) == conversation_id)
        .values(conversation_id=None, created_at=utc_now() - timedelta(days=365))
    )


def place(session: Session, actor: Actor, whole: Mapped[int | None], ref_id: int, ids: Sequence[int]) -> str:
    """Make exactly these pictures part of something, in this order, and return the first one's name.

    The caller holds the lock on the row of the whole. Each picture is claimed by a conditional update,
    so that of two wholes that want it one goes without.

    Args:
        session: The unit of work.
        actor: Whose pictures they have to be, unless they are part of it already.
        whole: ``LISTING``, ``ACTIVITY``, ``ANNOUNCEMENT`` or ``REVIEW``.
        ref_id: The number of the listing, activity, announcement or review.
        ids: The pictures; of none the name is empty.

    Raises:
        InvalidForm: if a picture is not the actor's own or is part of something else.
    """
    removed = sa.update(Photo).where(whole == ref_id, col(Photo.id).not_in(ids))
    session.execute(removed.values({whole: None, "position": 0, "created_at": utc_now()}))
    positions = {photo_id: position for position, photo_id in enumerate(ids)}
    # In one order for everyone, so that two claims wait for each other in one direction.
    for photo_id in sorted(positions):
        own = sa.and_(col(Photo.owner_id) == actor.user_id, *_UNUSED)
        claimed = session.execute(
            sa.update(Photo)
            .where(col(Photo.id) == photo_id, sa.or_(own, whole == ref_id))
            .values({whole: ref_id, "position": positions[photo_id]})
        )
        if getattr(claimed, "rowcount", 0) != 1:
            raise InvalidForm({"photos": "有照片已失效或已用在别处，请移除后重新添加"})
    return session.exec(select(Photo.name).where(Photo.id == ids[0])).one() if ids else ""


def part_of(session: Session, whole: Mapped[int | None], ref_id: int) -> list[PhotoView]:
    """The pictures of a listing, activity or announcement in order, the cover first."""
    rows = session.exec(select(Photo).where(whole == ref_id).order_by(col(Photo.position), col(Photo.id)))
    return [photo_view(row) for row in rows]


def unused(session: Session, actor: Actor, ids: Sequence[int]) -> list[PhotoView]:
    """The actor's own uploads that a draft speaks of, in its order, but for those that are gone or used by now."""
    rows = session.exec(select(Photo).where(col(Photo.id).in_(ids), Photo.owner_id == actor.user_id, *_UNUSED))
    found = {row.id: photo_view(row) for row in rows}
    return [found[photo_id] for photo_id in ids if photo_id in found]


def expired_orphans(session: Session, before: datetime) -> list[tuple[int, str]]:
    """Ids and names of a batch of pictures that are part of nothing, uploaded or removed before then."""
    return uploads.expired(session, Photo, _FORGOTTEN, before)


def forget(session: Session, ids: Collection[int]) -> set[int]:
    """Delete those rows that still are part of nothing, and return their ids."""
    return uploads.forget(session, Photo, _FORGOTTEN, ids)


def known_names(session: Session, names: Collection[str]) -> set[str]:
    """Which of the names some picture or somebody's avatar has."""
    # Those without an avatar have an empty one, which is the name of nothing.
    avatars = session.exec(select(User.avatar).where(col(User.avatar).in_(names), User.avatar != ""))
    return set(session.exec(select(Photo.name).where(col(Photo.name).in_(names)))) | set(avatars)


def is_empty(session: Session) -> bool:
    """Whether there is no picture at all."""
    return session.exec(select(Photo.id).limit(1)).first() is None
