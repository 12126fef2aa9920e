"""Videos between their upload and the listing that they become part of, or their removal."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.adapters.video import StoredVideo, poster_name
from xianyu.models import Video
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import VideoView
from xianyu.services import uploads
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.ids import is_id

# Uploads of one person that are part of no listing. Each costs as much as dozens of pictures.
MAX_UNUSED = 8

_UNUSED = (col(Video.listing_id).is_(None),)


class VideoLimit(DomainError):
    """Somebody has too many uploads that became part of nothing."""

    def __init__(self) -> None:
        super().__init__("未发布的视频太多了，请先发布或明天再试", "video")


class VideoUnderWay(DomainError):
    """Somebody's other video is still being received or converted."""

    def __init__(self) -> None:
        super().__init__("上一个视频还在处理，请稍后重试", "video")


def video_view(video: Video) -> VideoView:
    """A video as pages show it."""
    assert video.id is not None
    poster = poster_name(video.name)
    seconds = max(1, round(video.duration_ms / 1000))
    return VideoView(
        id=video.id,
        url=routes.media(video.name),
        poster_url=routes.media(poster),
        thumb_url=routes.media(thumb_name(poster)),
        width=video.width,
        height=video.height,
        duration=f"{seconds // 60}:{seconds % 60:02d}",
    )


def check_room(session: Session, actor: Actor) -> None:
    """Refuse early what ``add_video`` would refuse, before a video is converted for nothing.

    Raises:
        VideoLimit: if the actor has ``MAX_UNUSED`` uploads that are part of no listing.
    """
    if uploads.count(session, actor, Video, _UNUSED) >= MAX_UNUSED:
        raise VideoLimit


def add_video(session: Session, actor: Actor, stored: StoredVideo) -> VideoView:
    """Note a video that is on disk as the actor's, part of nothing yet.

    Raises:
        VideoLimit: if the actor has ``MAX_UNUSED`` of them already.
    """
    uploads.queue(session, actor)
    check_room(session, actor)
    video = Video(
        owner_id=actor.user_id,
        name=stored.name,
        width=stored.width,
        height=stored.height,
        duration_ms=stored.duration_ms,
    )
    session.add(video)
    session.flush()
    return video_view(video)


def place(session: Session, actor: Actor, listing_id: int, video_id: int | None) -> None:
    """Make exactly this video part of a listing, or none. The caller holds the lock on the listing's row.

    It is claimed by a conditional update, so that of two listings that want it one goes without.

    Raises:
        InvalidForm: if it is not the actor's own, is part of another listing, or is gone.
    """
    removed = sa.update(Video).where(col(Video.listing_id) == listing_id)
    if video_id is not None:
        removed = removed.where(col(Video.id) != video_id)
    session.execute(removed.values(listing_id=None, created_at=utc_now()))
    if video_id is None:
        return
    claimed = session.execute(
        sa.update(Video)
        .where(
            col(Video.id) == video_id,
            col(Video.owner_id) == actor.user_id,
            sa.or_(*_UNUSED, col(Video.listing_id) == listing_id),
        )
        .values(listing_id=listing_id)
    )
    if getattr(claimed, "rowcount", 0) != 1:
        raise InvalidForm({"video": "视频已失效或已用在别处，请移除后重新添加"})


def let_go(session: Session, listing_id: int) -> list[str]:
    """Take the video of a listing that is about to be gone, and return the names of its files. See ``photos``."""
    rows = session.execute(sa.select(col(Video.id), col(Video.name)).where(col(Video.listing_id) == listing_id)).all()
    session.execute(sa.update(Video).where(col(Video.listing_id) == listing_id).values(listing_id=None))
    gone = forget(session, [row.id for row in rows])
    return [row.name for row in rows if row.id in gone]


def part_of(session: Session, listing_id: int) -> VideoView:
    """A listing's video, or one with the id 0."""
    video = session.exec(select(Video).where(Video.listing_id == listing_id).order_by(col(Video.id)).limit(1)).first()
    return video_view(video) if video else VideoView()


def unused(session: Session, actor: Actor, video_id: int) -> VideoView:
    """The actor's own upload that a draft speaks of, or one with the id 0 if it is gone or used by now."""
    if not is_id(video_id):
        return VideoView()
    video = session.exec(select(Video).where(Video.id == video_id, Video.owner_id == actor.user_id, *_UNUSED)).first()
    return video_view(video) if video else VideoView()


def expired_orphans(session: Session, before: datetime) -> list[tuple[int, str]]:
    """Ids and names of a batch of videos that are part of no listing, uploaded or removed before then."""
    return uploads.expired(session, Video, _UNUSED, before)


def forget(session: Session, ids: Collection[int]) -> set[int]:
    """Delete those rows that still are part of no listing, and return their ids."""
    return uploads.forget(session, Video, _UNUSED, ids)


def known_names(session: Session, names: Collection[str]) -> set[str]:
    """Which of the names some video or its poster has."""
    videos = {f"{name.partition('.')[0]}.mp4" for name in names if name}
    found = set(session.exec(select(Video.name).where(col(Video.name).in_(videos))))
    return found | {poster_name(name) for name in found}


def is_empty(session: Session) -> bool:
    """Whether there is no video at all."""
    return session.exec(select(Video.id).limit(1)).first() is None
