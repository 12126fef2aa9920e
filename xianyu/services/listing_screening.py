"""Listings and the screening: their texts, and what is known of those that wait for an operator."""

import json
from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import Listing, ListingStatus, ReportTarget, Screening, ScreeningStatus, WordAction
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ModerationChanged
from xianyu.schemas.listings import ListingForm
from xianyu.services import screening, tags
from xianyu.services.screening import Screened

# A held listing that was turned down, as cards call it: of the listing itself this is no status.
REJECTED = "rejected"
WAITS = "正在审核，通过后会自动上架。现在只有你能看到它。"
_TURNED_DOWN = "没有通过审核{}。修改后保存，会重新提交。现在只有你能看到它。"


def of_form(
    session: Session, actor: Actor, form: ListingForm, listing_id: int | None = None, *, is_flood: bool = False
) -> tuple[ListingForm, Screened]:
    """The form as it is to be stored, and what was found in it. A tag with something to mask is left out.

    Raises:
        Refused: if it holds a refused word.
    """
    texts = {"title": form.title, "description": form.description, "place": form.place}
    fields = texts | {f"tags.{number}": name for number, name in enumerate(form.tags)}
    found = screening.check(session, actor, ReportTarget.LISTING, fields, subject_id=listing_id, is_flood=is_flood)
    if found.caught is None:
        return form, found
    kept = tuple(name for number, name in enumerate(form.tags) if found.fields[f"tags.{number}"] == name)
    title, description, place = (found.fields[name] for name in texts)
    return replace(form, title=title, description=description, place=place, tags=kept), found


def of_stored(session: Session, actor: Actor, listing: Listing) -> Screened:
    """Screen a listing as it stands, since the list may be another than when it was written, and mask it.

    Raises:
        Refused: as ``of_form`` does.
    """
    assert listing.id is not None
    texts = {"title": listing.title, "description": listing.description, "place": listing.place}
    names = tags.of(session, listing.id)
    fields = texts | {f"tags.{number}": name for number, name in enumerate(names)}
    found = screening.check(session, actor, ReportTarget.LISTING, fields, subject_id=listing.id)
    for name in texts:
        setattr(listing, name, found.fields[name])
    kept = [name for number, name in enumerate(names) if found.fields[f"tags.{number}"] == name]
    if kept != names:
        tags.put(session, listing.id, kept)
    return found


def note(session: Session, found: Screened, listing_id: int, then: ListingStatus | None) -> list[ModerationChanged]:
    """Keep what was found, and what the listing is to be once it was let through: nothing for a new one."""
    if found.caught is not None and found.is_held and then is not None:
        found = replace(found, caught=replace(found.caught, payload=json.dumps({"then": then.value})))
    return screening.note(session, found, subject_id=listing_id)


def _latest(session: Session, listing_id: int) -> Screening | None:
    return session.exec(
        select(Screening)
        .where(
            Screening.subject_kind == ReportTarget.LISTING,
            Screening.subject_id == listing_id,
            Screening.action == WordAction.HOLD,
        )
        .order_by(col(Screening.id).desc())
        .limit(1)
    ).first()


def then(session: Session, listing_id: int) -> ListingStatus | None:
    """What a held listing is to be once it was let through, or nothing where it was never to be seen before."""
    row = _latest(session, listing_id)
    found = json.loads(row.payload).get("then") if row is not None and row.payload else None
    return ListingStatus(found) if found else None


def is_flood(session: Session, listing_id: int) -> bool:
    """Whether a held listing waits since it was one too many, so that no other text helps it."""
    row = _latest(session, listing_id)
    return row is not None and row.reason == screening.FLOOD and row.status != ScreeningStatus.APPROVED


def sentence(session: Session, listing_id: int) -> str:
    """What the seller of a held listing reads on its page."""
    row = _latest(session, listing_id)
    if row is None or row.status != ScreeningStatus.REJECTED:
        return WAITS
    note = json.loads(row.payload).get("note", "") if row.payload else ""
    return _TURNED_DOWN.format(f"：{note}" if note else "")


def rejected(session: Session, listing_ids: Collection[int]) -> set[int]:
    """Which of these held listings wait for nobody any more."""
    waiting = sa.select(col(Screening.subject_id)).where(
        col(Screening.subject_kind) == ReportTarget.LISTING,
        col(Screening.subject_id).in_(listing_ids),
        col(Screening.status) == ScreeningStatus.WAITING,
    )
    return set(listing_ids) - set(session.execute(waiting).scalars()) if listing_ids else set()
