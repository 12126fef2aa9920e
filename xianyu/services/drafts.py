"""The form of a new listing that somebody began and did not publish: kept while they type, one a person."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import Draft, ListingKind, Photo, Video
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import DraftView, FormStart, PhotoView, VideoView
from xianyu.schemas.times import iso
from xianyu.services import photos, videos
from xianyu.services.form_checks import MAX_PHOTOS
from xianyu.services.ids import is_id
from xianyu.services.tags import LENGTH, MAX_TAGS

# What nobody came back for in that time is gone, and its uploads with it.
LIFETIME = timedelta(days=30)

# Characters that are kept of each field: more than any that passes, so that what was too long can be
# shortened by the one who wrote it.
_TEXTS = {
    "title": 200,
    "description": 8000,
    "price": 40,
    "quantity": 40,
    "category": 40,
    "condition": 20,
    "original_price": 40,
    "place": 200,
}
_FLAGS = ("is_free", "is_negotiable")
# What somebody has typed or chosen who has begun.
_CONTENT = ("title", "description", "price", "original_price", "place", "category", "tags", "photo_ids", "video_id")


def keep(session: Session, actor: Actor, fields: Mapping[str, object]) -> None:
    """Keep what the form holds, as far as it makes sense, in place of what was kept before.

    An empty form keeps nothing. What is refused when it is published is kept all the same.

    Args:
        session: The unit of work.
        actor: Whose draft it is.
        fields: As ``check_listing`` takes them.
    """
    form = _kept(fields)
    if not any(form[name] for name in _CONTENT):
        discard(session, actor)
        return
    draft = session.get(Draft, actor.user_id, with_for_update={"key_share": True})
    if draft is None:
        draft = Draft(user_id=actor.user_id, form="")
        session.add(draft)
    draft.form, draft.updated_at = json.dumps(form, ensure_ascii=False), utc_now()


def _kept(fields: Mapping[str, object]) -> dict[str, Any]:
    form: dict[str, Any] = {name: _text(fields.get(name), longest) for name, longest in _TEXTS.items()}
    form |= {name: fields.get(name) is True for name in _FLAGS}
    wanted = fields.get("kind") == ListingKind.WANTED
    form["kind"] = (ListingKind.WANTED if wanted else ListingKind.OFFER).value
    names = [_text(name, 2 * LENGTH) for name in _items(fields.get("tags"))[: 2 * MAX_TAGS]]
    form["tags"] = [name for name in names if name]
    ids = dict.fromkeys(each for each in _items(fields.get("photo_ids")) if is_id(each))
    form["photo_ids"] = list(ids)[:MAX_PHOTOS]
    video_id = fields.get("video_id")
    form["video_id"] = video_id if is_id(video_id) else None
    return form


def _text(value: object, longest: int) -> str:
    """Text that every database can hold: halves of characters are left out."""
    return value[:longest].encode(errors="ignore").decode() if isinstance(value, str) else ""


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def present(session: Session, actor: Actor) -> DraftView:
    """What is offered to go on with; ``saved_at`` is empty if there is nothing."""
    draft = session.get(Draft, actor.user_id)
    if draft is None:
        return DraftView()
    form = json.loads(draft.form)
    pictures = photos.unused(session, actor, form["photo_ids"])
    cover = pictures[0].thumb_url if pictures else ""
    return DraftView(saved_at=iso(draft.updated_at), title=form["title"], cover_url=cover)


def resume(session: Session, actor: Actor) -> tuple[FormStart, list[PhotoView], VideoView]:
    """What the form goes on with. Uploads that are gone or used by now are left out."""
    draft = session.get(Draft, actor.user_id)
    if draft is None:
        return FormStart(), [], VideoView()
    form = json.loads(draft.form)
    pictures = photos.unused(session, actor, form.pop("photo_ids"))
    video = videos.unused(session, actor, form.pop("video_id") or 0)
    return FormStart(**form), pictures, video


def discard(session: Session, actor: Actor) -> None:
    """Forget it, if there is one."""
    session.execute(sa.delete(Draft).where(col(Draft.user_id) == actor.user_id))


def tidy(session: Session, now: datetime | None = None) -> None:
    """Forget drafts whose time is over, and keep the uploads of the others from being cleaned away.

    What a draft holds counts as just uploaded, each time anew: it is part of nothing as yet.
    """
    now = now or utc_now()
    session.execute(sa.delete(Draft).where(col(Draft.updated_at) < now - LIFETIME))
    for user_id, stored in session.exec(select(Draft.user_id, Draft.form)).all():
        form = json.loads(stored)
        for table, ids in ((Photo, form["photo_ids"]), (Video, [form["video_id"]])):
            if any(ids):
                session.execute(
                    sa.update(table)
                    .where(col(table.id).in_(ids), col(table.owner_id) == user_id, col(table.listing_id).is_(None))
                    .values(created_at=now)
                )
