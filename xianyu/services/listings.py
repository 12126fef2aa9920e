"""Listings: publishing and changing them.

Whoever changes a listing holds its row first. Each change that others can see or find is told by the
events that it returns, and stands in the search index by the end of the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from xianyu.models import Listing, ListingStatus, ReportTarget, Section, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingPublished, LiveEvent, Published
from xianyu.schemas.listings import BulkResult, FormBase, ListingForm
from xianyu.services import (
    ban_terms,
    catalog,
    drafts,
    flooding,
    interest,
    listing_screening,
    listing_start,
    photos,
    reports,
    saved_searches,
    screening,
    search_index,
    tags,
    videos,
)
from xianyu.services.categories import group_of
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import (
    HIDDEN,
    BumpedAlready,
    IllegalChange,
    ListingNotFound,
    NotYourListing,
    Outdated,
)
from xianyu.services.listing_pages import VISIBLE
from xianyu.services.order_errors import UnfinishedOrders
from xianyu.services.screening import Screened

# How long a listing that was put back to the top stays where it is.
BUMP_REST = timedelta(hours=24)
# How many listings are changed by one press.
MAX_BULK = 100


@dataclass(frozen=True)
class _Transition:
    """A change of status: from which ones it is legal, and what to say otherwise."""

    sources: tuple[ListingStatus, ...]
    target: ListingStatus
    refusal: str


_TAKE_DOWN = _Transition((ListingStatus.ACTIVE,), ListingStatus.TAKEN_DOWN, "只有在售的宝贝可以下架")
_RELIST = _Transition(
    (ListingStatus.TAKEN_DOWN, ListingStatus.SOLD_OUT), ListingStatus.ACTIVE, "这件宝贝已经在售，不用再上架"
)
_MARK_SOLD_OUT = _Transition(
    (ListingStatus.ACTIVE, ListingStatus.TAKEN_DOWN), ListingStatus.SOLD_OUT, "这件宝贝已经售出"
)
# A second press on 删除 finds what the first one did, which is no error.
_DELETE = _Transition(tuple(ListingStatus), ListingStatus.DELETED, "这件宝贝不能删除")


def publish(session: Session, actor: Actor, form: ListingForm, *, keeps_draft: bool = False) -> Published:
    """Offer something, or say what is wanted.

    Args:
        session: The unit of work.
        actor: Who offers it.
        form: What it is.
        keeps_draft: Whether the actor's draft is of something else and stays; otherwise it is done.

    Raises:
        InvalidForm: if a picture or the video is not the actor's own or is part of something already, the
            category takes nothing new, or it says what may not be said. What has to be looked at first is held.
    """
    catalog.require_open(session, form.category)
    now = utc_now()
    is_flood = flooding.by_listing(session, actor, form.title, form.description)
    form, found = listing_screening.of_form(session, actor, form, is_flood=is_flood)
    listing = Listing(
        seller_id=actor.user_id, **_columns(form), cover="", created_at=now, published_at=now, updated_at=now
    )
    if found.is_held:
        listing.status = ListingStatus.HELD
    session.add(listing)
    session.flush()
    _fill(session, actor, listing, form)
    listing_id = _id(listing)
    noted = listing_screening.note(session, found, listing_id, None)
    if not keeps_draft:
        drafts.discard(session, actor)
    if found.is_held:
        return Published(listing_id, tuple(noted))
    search_index.refresh(session, Section.TRADE, listing_id)
    told = saved_searches.notify_matches(session, listing_id)
    return Published(listing_id, (ListingPublished(listing_id, actor.user_id, form.category), *told, *noted))


def edit(
    session: Session, actor: Actor, listing_id: int, form: ListingForm, base: FormBase | None = None
) -> list[LiveEvent]:
    """Change everything that the form holds; what was sold out is on offer again.

    Args:
        session: The unit of work.
        actor: Who changes it.
        listing_id: The listing.
        form: What it is to be.
        base: What the form began with; without it the form is saved over whatever is there.

    Raises:
        ListingNotFound: if it does not exist or is deleted.
        NotYourListing: if it is somebody else's.
        Outdated: if it was saved by another form since this one began.
        InvalidForm: if a picture or the video is not the actor's own or is part of something else, another
            category is chosen that takes nothing new, or it says what may not be said.
    """
    listing = _own(session, actor, listing_id)
    _require(listing, (*VISIBLE, ListingStatus.HELD), ListingNotFound())
    if base is not None and base.version != listing.version:
        raise Outdated(listing_start.changed_since(session, listing, base), listing.version)
    catalog.require_open(session, form.category, listing.category)
    old_fen = listing.price_fen
    was_held = listing.status == ListingStatus.HELD
    is_flood = was_held and listing_screening.is_flood(session, listing_id)
    form, found = listing_screening.of_form(session, actor, form, listing_id, is_flood=is_flood)
    for name, value in _columns(form).items():
        setattr(listing, name, value)
    if listing.status == ListingStatus.SOLD_OUT:
        is_barred = reports.is_barred(session, actor.user_id, listing_id)
        listing.status = ListingStatus.TAKEN_DOWN if is_barred else ListingStatus.ACTIVE
    _fill(session, actor, listing, form)
    _touch(listing)
    if found.is_held or was_held:
        return _hold_or_let_go(session, listing, found)
    noted = listing_screening.note(session, found, listing_id, None)
    told = interest.price_dropped(session, listing_id, old_fen, form.price_fen) if form.price_fen < old_fen else []
    return [*changed(session, listing), *told, *noted]


def _hold_or_let_go(session: Session, listing: Listing, found: Screened) -> list[LiveEvent]:
    """After a change of what is held by now, or was until now."""
    listing_id, was_held = _id(listing), listing.status == ListingStatus.HELD
    then = listing_screening.then(session, listing_id) if was_held else ListingStatus(listing.status)
    settled = screening.settle(session, ReportTarget.LISTING, listing_id)
    noted = [*settled, *listing_screening.note(session, found, listing_id, then)][-1:]
    if found.is_held:
        listing.status = ListingStatus.HELD
        return [*changed(session, listing), *noted]
    return [*_let_go(session, listing, then), *noted]


def let_through(session: Session, listing_id: int) -> list[LiveEvent]:
    """An operator has nothing against a held listing: everything happens that waited. The caller tells its seller."""
    listing = session.get(Listing, listing_id, with_for_update={"key_share": True}, populate_existing=True)
    if listing is None or listing.status != ListingStatus.HELD:
        return []
    return _let_go(session, listing, listing_screening.then(session, listing_id))


def _let_go(session: Session, listing: Listing, then: ListingStatus | None) -> list[LiveEvent]:
    """A held listing becomes what it was to be. One that nobody has seen yet begins now."""
    listing.status, listing.updated_at = then or ListingStatus.ACTIVE, utc_now()
    seller = session.get_one(User, listing.seller_id)
    if seller.closing_at is not None or reports.is_barred(session, listing.seller_id, _id(listing)):
        listing.status = ListingStatus.TAKEN_DOWN
    elif listing.status == ListingStatus.ACTIVE and ban_terms.is_banned(seller.banned_until):
        listing.status = ListingStatus.SUSPENDED
    if then is not None or listing.status != ListingStatus.ACTIVE:
        return changed(session, listing)
    listing.published_at = listing.updated_at
    return [ListingPublished(_id(listing), listing.seller_id, listing.category), *changed(session, listing)]


def take_down(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Stop offering it. Raises as ``edit`` does, and ``IllegalChange`` unless it is on offer."""
    return changed(session, _move(session, actor, listing_id, _TAKE_DOWN))


def relist(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Offer it again, at its old place in the feed.

    Raises:
        ListingNotFound, NotYourListing, InvalidForm: as ``edit`` does.
        IllegalChange: where nothing is left to sell, it is on offer already, or operators took it down after a report.
    """
    listing = _move(session, actor, listing_id, _RELIST)
    if reports.is_barred(session, actor.user_id, listing_id):
        raise IllegalChange("因举报成立被管理员下架，不能再上架")
    if listing.quantity < 1:
        raise IllegalChange("数量是 0，先编辑数量才能上架")
    found = listing_screening.of_stored(session, actor, listing)
    if found.is_held:
        listing.status = ListingStatus.HELD
    return [*changed(session, listing), *listing_screening.note(session, found, listing_id, ListingStatus.ACTIVE)]


def mark_sold_out(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Say that nothing is left. Raises ``IllegalChange`` if that is known already."""
    listing = _move(session, actor, listing_id, _MARK_SOLD_OUT)
    listing.sold += listing.quantity
    listing.quantity = 0
    # A form that began before does not know that nothing is left.
    listing.version += 1
    return changed(session, listing)


def delete(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Remove it from sight for good; the row stays for those who refer to it. May be repeated.

    Raises:
        UnfinishedOrders: while pieces of it are reserved, which whoever orders holds the row for.
    """
    listing = _move(session, actor, listing_id, _DELETE)
    if listing.reserved:
        raise UnfinishedOrders(f"还有 {listing.reserved} 件在未完成的订单里，先完成或取消订单才能删除")
    tags.put(session, listing_id, ())
    settled = screening.settle(session, ReportTarget.LISTING, listing_id)
    return [*changed(session, listing), *settled]


def bump(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Put it back to the top of the feed (擦亮), once a day.

    Raises:
        ListingNotFound, NotYourListing: as ``edit`` does.
        IllegalChange: unless it is on offer.
        BumpedAlready: if that was done within the last day.
    """
    listing = _own(session, actor, listing_id)
    _require(listing, (ListingStatus.ACTIVE,), IllegalChange("只有在售的宝贝可以擦亮"))
    now = utc_now()
    if listing.bumped_at is not None and (left := listing.bumped_at + BUMP_REST - now) > timedelta():
        raise BumpedAlready(_in_words(left))
    listing.bumped_at = listing.published_at = now
    return [ListingPublished(listing_id, actor.user_id, listing.category), *changed(session, listing)]


def _in_words(left: timedelta) -> str:
    minutes = max(1, round(left.total_seconds() / 60))
    return f"{minutes} 分钟" if minutes < 60 else f"{round(minutes / 60)} 小时"  # noqa: PLR2004 - minutes of an hour


Change = Callable[[Session, Actor, int], list[LiveEvent]]


def bulk(
    session: Session, actor: Actor, listing_ids: Sequence[int], change: Change
) -> tuple[BulkResult, list[LiveEvent]]:
    """Change several listings, as many of them as the change is legal for.

    Args:
        session: The unit of work.
        actor: Whose they are.
        listing_ids: At most ``MAX_BULK`` of them; what is no id is passed over.
        change: ``take_down`` or ``relist``.
    """
    events: list[LiveEvent] = []
    changed, refused = 0, []
    # In one order, so that two presses wait for each other in one direction.
    for listing_id in sorted({each for each in listing_ids if is_id(each)})[:MAX_BULK]:
        try:
            # What a refused change began is undone, and the others stand.
            with session.begin_nested():
                events += change(session, actor, listing_id)
            changed += 1
        except (ListingNotFound, NotYourListing) as error:
            refused.append(error.message)
        except DomainError as error:
            refused.append(f"“{session.get_one(Listing, listing_id).title}”{error.message}")
    return BulkResult(changed, refused), events


def _columns(form: ListingForm) -> dict[str, Any]:
    return {
        "title": form.title,
        "description": form.description,
        "price_fen": form.price_fen,
        "quantity": form.quantity,
        "kind": form.kind,
        "category": form.category,
        "category_group": group_of(form.category),
        "condition": form.condition,
        "original_price_fen": form.original_price_fen,
        "is_negotiable": form.is_negotiable,
        "place": form.place,
    }


def _fill(session: Session, actor: Actor, listing: Listing, form: ListingForm) -> None:
    """What stands in tables of its own: pictures, video and tags."""
    listing_id = _id(listing)
    listing.cover = photos.place(session, actor, photos.LISTING, listing_id, form.photo_ids)
    videos.place(session, actor, listing_id, form.video_id)
    tags.put(session, listing_id, form.tags)


def _own(session: Session, actor: Actor, listing_id: int) -> Listing:
    """The actor's listing, whatever its status, held until the end of the transaction."""
    if not is_id(listing_id):
        raise ListingNotFound
    listing = session.get(Listing, listing_id, with_for_update={"key_share": True}, populate_existing=True)
    if listing is None:
        raise ListingNotFound
    if listing.seller_id != actor.user_id:
        raise ListingNotFound if listing.status in HIDDEN else NotYourListing
    return listing


def _require(listing: Listing, statuses: Sequence[ListingStatus], refusal: DomainError) -> None:
    if listing.status not in statuses:
        if listing.status == ListingStatus.HELD:
            refusal = IllegalChange("这件宝贝还没有通过审核")
        raise ListingNotFound if listing.status == ListingStatus.DELETED else refusal


def _move(session: Session, actor: Actor, listing_id: int, transition: _Transition) -> Listing:
    listing = _own(session, actor, listing_id)
    _require(listing, transition.sources, IllegalChange(transition.refusal))
    listing.status = transition.target
    listing.updated_at = utc_now()
    return listing


def _touch(listing: Listing) -> None:
    listing.version += 1
    listing.updated_at = utc_now()


def changed(session: Session, listing: Listing) -> list[LiveEvent]:
    """What a change brings about, whatever it was: the index, open pages, and those who wait for such a thing."""
    session.flush()
    listing_id = _id(listing)
    search_index.refresh(session, Section.TRADE, listing_id)
    is_on_offer = listing.status == ListingStatus.ACTIVE
    told = saved_searches.notify_matches(session, listing_id) if is_on_offer else []
    return [ListingChanged(listing_id), *told]


def _id(listing: Listing) -> int:
    assert listing.id is not None
    return listing.id
