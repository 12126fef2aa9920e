"""Listings: publishing, changing, and every way of reading them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Listing, ListingStatus, Photo, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingPublished
from xianyu.schemas.listings import Cursor, ListingCard, ListingDetail, ListingForm, ListingPage, PhotoView
from xianyu.schemas.times import iso
from xianyu.services import names
from xianyu.services.categories import category_name
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.ids import is_id
from xianyu.services.listing_form import check_listing, format_price
from xianyu.services.photos import photo_view

__all__ = ["check_listing", "format_price"]  # the form belongs to the noun, though not to this file

PAGE_SIZE = 24


class ListingNotFound(DomainError):
    """There is no such listing, or it is deleted."""

    def __init__(self) -> None:
        super().__init__("这件宝贝不存在或已被删除")


class NotYourListing(DomainError):
    """Somebody tried to change a listing of somebody else."""

    def __init__(self) -> None:
        super().__init__("只有发布者本人可以修改这件宝贝")


class IllegalChange(DomainError):
    """The listing's present status does not allow the change."""


@dataclass(frozen=True)
class _Transition:
    """A change of status: from which ones it is legal, what it sets, and what to say otherwise."""

    sources: tuple[ListingStatus, ...]
    values: dict[str, Any]
    refusal: str
    needs_stock: bool = False


_VISIBLE = (ListingStatus.ACTIVE, ListingStatus.TAKEN_DOWN, ListingStatus.SOLD_OUT)

_TAKE_DOWN = _Transition(
    sources=(ListingStatus.ACTIVE,), values={"status": ListingStatus.TAKEN_DOWN}, refusal="只有在售的宝贝可以下架"
)
_RELIST = _Transition(
    sources=(ListingStatus.TAKEN_DOWN, ListingStatus.SOLD_OUT),
    values={"status": ListingStatus.ACTIVE},
    refusal="这件宝贝已经在售，或者数量为 0，请先编辑数量",
    needs_stock=True,
)
_MARK_SOLD_OUT = _Transition(
    sources=(ListingStatus.ACTIVE, ListingStatus.TAKEN_DOWN),
    values={"status": ListingStatus.SOLD_OUT, "quantity": 0},
    refusal="这件宝贝已经售出",
)
# A second press on 删除 finds what the first one did, which is no error.
_DELETE = _Transition(
    sources=tuple(ListingStatus), values={"status": ListingStatus.DELETED}, refusal="这件宝贝不能删除"
)


def publish(session: Session, actor: Actor, form: ListingForm) -> ListingPublished:
    """Offer something.

    Raises:
        InvalidForm: if a picture is not the actor's own or is part of a listing already.
    """
    now = utc_now()
    listing = Listing(
        seller_id=actor.user_id,
        title=form.title,
        description=form.description,
        price_fen=form.price_fen,
        quantity=form.quantity,
        category=form.category,
        cover="",
        published_at=now,
        updated_at=now,
    )
    session.add(listing)
    session.flush()
    assert listing.id is not None
    listing.cover = _place_photos(session, actor, listing.id, form.photo_ids)
    return ListingPublished(listing_id=listing.id, seller_id=actor.user_id, category=form.category)


def edit(session: Session, actor: Actor, listing_id: int, form: ListingForm) -> ListingChanged:
    """Change everything that the form holds; what was sold out is on offer again.

    Raises:
        ListingNotFound: if it does not exist or is deleted.
        NotYourListing: if it is somebody else's.
        InvalidForm: if a picture is not the actor's own or is part of another listing.
    """
    reopened = sa.case((col(Listing.status) == ListingStatus.SOLD_OUT, ListingStatus.ACTIVE), else_=col(Listing.status))
    values = {
        "title": form.title,
        "description": form.description,
        "price_fen": form.price_fen,
        "quantity": form.quantity,
        "category": form.category,
        "status": reopened,
    }
    # The row is locked from here on, so that two edits cannot mix their pictures.
    _change(session, actor, listing_id, _Transition(_VISIBLE, values, "这件宝贝不能修改"))
    session.execute(
        sa.update(Photo)
        .where(col(Photo.listing_id) == listing_id, col(Photo.id).not_in(form.photo_ids))
        .values(listing_id=None, position=0, created_at=utc_now())
    )
    cover = _place_photos(session, actor, listing_id, form.photo_ids)
    session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(cover=cover))
    return ListingChanged(listing_id)


def take_down(session: Session, actor: Actor, listing_id: int) -> ListingChanged:
    """Stop offering it. Raises as ``edit`` does, and ``IllegalChange`` unless it is on offer."""
    return _change(session, actor, listing_id, _TAKE_DOWN)


def relist(session: Session, actor: Actor, listing_id: int) -> ListingChanged:
    """Offer it again, at its old place in the feed. Raises ``IllegalChange`` where nothing is left to sell."""
    return _change(session, actor, listing_id, _RELIST)


def mark_sold_out(session: Session, actor: Actor, listing_id: int) -> ListingChanged:
    """Say that nothing is left. Raises ``IllegalChange`` if that is known already."""
    return _change(session, actor, listing_id, _MARK_SOLD_OUT)


def delete(session: Session, actor: Actor, listing_id: int) -> ListingChanged:
    """Remove it from sight for good; the row stays for those who refer to it. May be repeated."""
    return _change(session, actor, listing_id, _DELETE)


def _change(session: Session, actor: Actor, listing_id: int, transition: _Transition) -> ListingChanged:
    """One conditional update, so that what was checked still holds when it is written."""
    if not is_id(listing_id):
        raise ListingNotFound
    statement = sa.update(Listing).where(
        col(Listing.id) == listing_id,
        col(Listing.seller_id) == actor.user_id,
        col(Listing.status).in_(transition.sources),
    )
    if transition.needs_stock:
        statement = statement.where(col(Listing.quantity) > 0)
    changed = session.execute(statement.values(**transition.values, updated_at=utc_now()))
    if getattr(changed, "rowcount", 0) != 1:
        raise _refusal(session, actor, listing_id, transition)
    return ListingChanged(listing_id)


def _refusal(session: Session, actor: Actor, listing_id: int, transition: _Transition) -> DomainError:
    row = session.exec(select(Listing.seller_id, Listing.status).where(Listing.id == listing_id)).first()
    if row is None or row[1] == ListingStatus.DELETED:
        return ListingNotFound()
    if row[0] != actor.user_id:
        return NotYourListing()
    return IllegalChange(transition.refusal)


def _place_photos(session: Session, actor: Actor, listing_id: int, photo_ids: Sequence[int]) -> str:
    """Make the pictures the listing's own, in this order, and return the first one's name.

    Each is claimed by a conditional update, so that of two listings that want it one goes without.
    """
    positions = {photo_id: position for position, photo_id in enumerate(photo_ids)}
    # In one order for everyone, so that two claims wait for each other in one direction.
    for photo_id in sorted(positions):
        claimed = session.execute(
            sa.update(Photo)
            .where(
                col(Photo.id) == photo_id,
                col(Photo.owner_id) == actor.user_id,
                sa.or_(col(Photo.listing_id).is_(None), col(Photo.listing_id) == listing_id),
            )
            .values(listing_id=listing_id, position=positions[photo_id])
        )
        if getattr(claimed, "rowcount", 0) != 1:
            raise InvalidForm({"photos": "有照片已失效或已用于其他宝贝，请移除后重新添加"})
    return session.exec(select(Photo.name).where(Photo.id == photo_ids[0])).one()


_CARD = sa.select(
    col(Listing.id),
    col(Listing.title),
    col(Listing.price_fen),
    col(Listing.quantity),
    col(Listing.status),
    col(Listing.cover),
    col(Listing.published_at),
    col(Listing.seller_id),
    *names.COLUMNS,
).join(User, col(User.id) == col(Listing.seller_id))
_NEWEST_FIRST = (col(Listing.published_at).desc(), col(Listing.id).desc())


def _card(row: sa.Row[Any]) -> ListingCard:
    seller = names.called(row)
    return ListingCard(
        id=row.id,
        url=routes.listing(row.id),
        title=row.title,
        price=format_price(row.price_fen),
        quantity=row.quantity,
        status=row.status,
        cover_url=routes.media(thumb_name(row.cover)),
        seller_id=row.seller_id,
        seller_name=seller.text,
        seller_avatar_url=seller.avatar_url,
        published_at=iso(row.published_at),
    )


def _cursor(row: sa.Row[Any]) -> Cursor:
    return Cursor(row.published_at.isoformat(timespec="microseconds"), row.id)


def _after(cursor: Cursor) -> list[sa.ColumnElement[bool]]:
    """What comes after a place. The plain bound lets every planner seek in the index; an OR alone does not."""
    moment = datetime.fromisoformat(cursor.published_at)
    return [
        col(Listing.published_at) <= moment,
        sa.or_(col(Listing.published_at) < moment, col(Listing.id) < cursor.listing_id),
    ]


def _page(
    session: Session, conditions: Sequence[sa.ColumnElement[bool]], after: Cursor | None, limit: int, index: str = ""
) -> ListingPage:
    keyset = _after(after) if after else []
    # One more than is shown tells whether there are more.
    statement = _CARD.where(*conditions, *keyset).order_by(*_NEWEST_FIRST).limit(limit + 1)
    if index:
        # MariaDB takes the status for the better key and walks down from the newest to the cursor.
        for dialect in ("mysql", "mariadb"):
            statement = statement.with_hint(Listing, f"FORCE INDEX ({index})", dialect)
    rows = session.execute(statement).all()
    shown = rows[:limit]
    return ListingPage(
        cards=[_card(row) for row in shown],
        cursor=_cursor(shown[-1]) if len(rows) > limit else None,
        top=_cursor(shown[0]) if shown else None,
    )


def _on_offer(category: str) -> list[sa.ColumnElement[bool]]:
    of_category = [col(Listing.category) == category] if category else []
    return [col(Listing.status) == ListingStatus.ACTIVE, *of_category]


def feed(
    session: Session,
    _actor: Actor | None,
    category: str = "",
    after: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> ListingPage:
    """What is on offer, newest first; all of it, or one category's."""
    index = "ix_listing_category_feed" if category else "ix_listing_feed"
    return _page(session, _on_offer(category), after, limit, index)


def has_newer(session: Session, _actor: Actor | None, than: Cursor | None, category: str = "") -> bool:
    """Whether the feed has something above a page's ``top``; above an empty page, anything at all."""
    conditions = _on_offer(category)
    if than is not None:
        moment = datetime.fromisoformat(than.published_at)
        conditions += [
            col(Listing.published_at) >= moment,
            sa.or_(col(Listing.published_at) > moment, col(Listing.id) > than.listing_id),
        ]
    return session.exec(select(Listing.id).where(*conditions).limit(1)).first() is not None


def cards(session: Session, actor: Actor | None, ids: Sequence[int]) -> list[ListingCard]:
    """The present state of listings that a page shows, in the order of ``ids``.

    Whatever became of them is told, except that deleted ones are missing for all but their seller.
    """
    wanted = [listing_id for listing_id in ids if is_id(listing_id)]
    if not wanted:
        return []
    there = col(Listing.status) != ListingStatus.DELETED
    if actor is not None:
        there = sa.or_(there, col(Listing.seller_id) == actor.user_id)
    found = {row.id: _card(row) for row in session.execute(_CARD.where(col(Listing.id).in_(wanted), there))}
    return [found[listing_id] for listing_id in wanted if listing_id in found]


def by_seller(
    session: Session,
    actor: Actor | None,
    seller_id: int,
    statuses: Collection[str] = (ListingStatus.ACTIVE,),
    after: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> ListingPage:
    """One person's listings, newest first. Of other statuses than on offer only they themselves see any."""
    is_own = actor is not None and actor.user_id == seller_id
    allowed = _VISIBLE if is_own else (ListingStatus.ACTIVE,)
    shown = [status for status in allowed if status in statuses]
    if not shown or not is_id(seller_id):
        return ListingPage([], None)
    return _page(session, [col(Listing.seller_id) == seller_id, col(Listing.status).in_(shown)], after, limit)


def counts_by_status(session: Session, actor: Actor) -> dict[str, int]:
    """How many listings the actor has of each status that is not deleted, zeros included."""
    rows = session.execute(
        sa.select(col(Listing.status), sa.func.count())
        .where(col(Listing.seller_id) == actor.user_id, col(Listing.status).in_(_VISIBLE))
        .group_by(col(Listing.status))
    )
    return {str(status): 0 for status in _VISIBLE} | dict(rows.all())


def detail(session: Session, actor: Actor | None, listing_id: int) -> ListingDetail:
    """Everything about one listing. What is taken down or sold stays visible to those with its address.

    Raises:
        ListingNotFound: if it does not exist or is deleted.
    """
    if not is_id(listing_id):
        raise ListingNotFound
    row = session.exec(
        select(Listing, User)
        .join(User, col(User.id) == col(Listing.seller_id))
        .where(Listing.id == listing_id, Listing.status != ListingStatus.DELETED)
    ).first()
    if row is None:
        raise ListingNotFound
    listing, seller = row[0], names.called(row[1])
    return ListingDetail(
        id=listing_id,
        title=listing.title,
        description=listing.description,
        price=format_price(listing.price_fen),
        quantity=listing.quantity,
        category=listing.category,
        category_name=category_name(listing.category),
        status=listing.status,
        published_at=iso(listing.published_at),
        seller_id=listing.seller_id,
        seller_name=seller.text,
        seller_avatar_url=seller.avatar_url,
        is_mine=actor is not None and actor.user_id == listing.seller_id,
    )


def photos(session: Session, listing_id: int) -> list[PhotoView]:
    """A listing's pictures in order, the cover first; none of one that is deleted."""
    if not is_id(listing_id):
        return []
    rows = session.exec(
        select(Photo)
        .join(Listing, col(Listing.id) == col(Photo.listing_id))
        .where(Photo.listing_id == listing_id, Listing.status != ListingStatus.DELETED)
        .order_by(col(Photo.position), col(Photo.id))
    )
    return [photo_view(row) for row in rows]


def with_photos(session: Session, actor: Actor | None, listing_id: int) -> tuple[ListingDetail, list[PhotoView]]:
    """What a listing's page shows. Raises ``ListingNotFound``."""
    return detail(session, actor, listing_id), photos(session, listing_id)


def own_with_photos(session: Session, actor: Actor, listing_id: int) -> tuple[ListingDetail, list[PhotoView]]:
    """What the form of one's own listing starts with. Raises ``ListingNotFound`` and ``NotYourListing``."""
    found, pictures = with_photos(session, actor, listing_id)
    if not found.is_mine:
        raise NotYourListing
    return found, pictures


def mine(session: Session, actor: Actor, status: str, after: Cursor | None = None) -> ListingPage:
    """The actor's listings of one status, newest first."""
    return by_seller(session, actor, actor.user_id, (status,), after)
