"""Pictures between their upload and the listing that they become part of, or their removal."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import StoredPhoto, thumb_name
from xianyu.models import Photo, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import PhotoView
from xianyu.services.errors import DomainError

# Uploads of one person that are part of no listing: several forms' worth, no free storage.
MAX_UNUSED = 60
BATCH = 500


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
        PhotoLimit: if the actor has ``MAX_UNUSED`` uploads that are part of no listing.
    """
    unused = sa.select(sa.func.count()).where(col(Photo.owner_id) == actor.user_id, col(Photo.listing_id).is_(None))
    if session.execute(unused).scalar_one() >= MAX_UNUSED:
        raise PhotoLimit


def add_photo(session: Session, actor: Actor, stored: StoredPhoto) -> PhotoView:
    """Note a picture that is on disk as the actor's, part of nothing yet.

    Raises:
        PhotoLimit: if the actor has ``MAX_UNUSED`` of them already.
    """
    # Uploads of one person queue here, so that the limit holds when many arrive at once.
    session.execute(sa.select(col(User.id)).where(col(User.id) == actor.user_id).with_for_update(key_share=True))
    check_room(session, actor)
    photo = Photo(owner_id=actor.user_id, name=stored.name, width=stored.width, height=stored.height)
    session.add(photo)
    session.flush()
    return photo_view(photo)


def expired_orphans(session: Session, before: datetime) -> list[tuple[int, str]]:
    """Ids and names of up to ``BATCH`` pictures that are part of no listing, uploaded or removed before then."""
    rows = session.execute(
        sa.select(col(Photo.id), col(Photo.name))
        .where(col(Photo.listing_id).is_(None), col(Photo.created_at) < before)
        .order_by(col(Photo.created_at))
        .limit(BATCH)
    )
    return [(row.id, row.name) for row in rows]


def forget(session: Session, ids: Collection[int]) -> set[int]:
    """Delete those rows that still are part of no listing, and return their ids."""
    gone = set()
    for photo_id in sorted(ids):
        deleted = session.execute(sa.delete(Photo).where(col(Photo.id) == photo_id, col(Photo.listing_id).is_(None)))
        if getattr(deleted, "rowcount", 0) == 1:
            gone.add(photo_id)
    return gone


def known_names(session: Session, names: Collection[str]) -> set[str]:
    """Which of the names some picture or somebody's avatar has."""
    # Those without an avatar have an empty one, which is the name of nothing.
    avatars = session.exec(select(User.avatar).where(col(User.avatar).in_(names), User.avatar != ""))
    return set(session.exec(select(Photo.name).where(col(Photo.name).in_(names)))) | set(avatars)


def is_empty(session: Session) -> bool:
    """Whether there is no picture at all."""
    return session.exec(select(Photo.id).limit(1)).first() is None
