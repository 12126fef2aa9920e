"""Offers in a conversation (出价): made, countered, accepted, which makes an order, declined, withdrawn, over.

Two people have at most one open offer about a listing, by a unique key that what is answered leaves.
Whoever answers one writes its new status where it is still open: of two answers one counts.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.models import Delivery, Listing, ListingKind, ListingStatus, NoticeKind, Offer, OfferStatus
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, OfferChanged, Offered, Ordered
from xianyu.schemas.orders import OfferView, OrderForm
from xianyu.schemas.times import iso
from xianyu.services import contacts, notices, order_news, orders
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN, ListingNotFound
from xianyu.services.listing_form import format_price
from xianyu.services.order_errors import BuyOwnListing, NotEnough, NotForSale, OfferNotFound, OfferSettled
from xianyu.services.order_forms import OfferForm
from xianyu.services.order_lists import cover_url
from xianyu.services.order_states import Deadline, deadlines
from xianyu.services.order_words import OFFERS


def make(session: Session, actor: Actor, listing_id: int, form: OfferForm) -> Offered:
    """Offer to buy at another price. One's own open offer is thereby withdrawn, the seller's countered.

    The same ``client_key`` again is the same offer, made once.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
        BuyOwnListing: if the actor sells it.
        NotForSale: if it is not on offer, or looked for.
        NotEnough: if fewer pieces are free.
        NotContactable: if one of the two blocked the other.
    """
    made = _made_already(session, actor, form)
    if made is not None:
        return made
    listing = _listing(session, listing_id, form.quantity)
    if listing.seller_id == actor.user_id:
        raise BuyOwnListing
    contacts.may_contact(session, actor.user_id, listing.seller_id)
    events: list[LiveEvent] = []
    before = _open_between(session, listing_id, actor.user_id)
    if before is not None:
        mine = before.maker_id == actor.user_id
        events += _settle(session, before, OfferStatus.WITHDRAWN if mine else OfferStatus.COUNTERED)
    kind = NoticeKind.OFFER_MADE if before is None or before.maker_id == actor.user_id else NoticeKind.OFFER_COUNTERED
    return _insert(session, actor, listing, actor.user_id, form, kind, events)


def counter(session: Session, actor: Actor, offer_id: int, form: OfferForm) -> Offered:
    """Answer the other's open offer with another price.

    Raises:
        OfferNotFound: if there is no such offer, or the actor is neither of its two.
        OfferSettled: if it is not open, or the actor's own.
        ListingNotFound, NotForSale, NotEnough, NotContactable: as ``make`` does.
    """
    made = _made_already(session, actor, form)
    if made is not None:
        return made
    offer = _to_answer(session, actor, offer_id)
    listing = _listing(session, offer.listing_id, form.quantity)
    contacts.may_contact(session, actor.user_id, offer.maker_id)
    events = _settle(session, offer, OfferStatus.COUNTERED)
    return _insert(session, actor, listing, offer.buyer_id, form, NoticeKind.OFFER_COUNTERED, events)


def accept(session: Session, actor: Actor, offer_id: int) -> Ordered:
    """Take the other's open offer: it becomes an order, to be met for unless the two agree on something else.

    Raises:
        OfferNotFound: if there is no such offer, or the actor is neither of its two.
        OfferSettled: if it is not open, or the actor's own.
        ListingNotFound, NotForSale, NotEnough, NotContactable: as ``orders.place`` does.
    """
    offer = _own(session, actor, offer_id)
    if offer.status == OfferStatus.ACCEPTED and offer.order_id and offer.maker_id != actor.user_id:
        # A second press finds what the first one did.
        return Ordered(offer.order_id, False)
    offer = _to_answer(session, actor, offer_id)
    # No browser can send that key: a buyer's own order is not to be found in the offer's place.
    form = OrderForm(
        offer.listing_id, offer.quantity, Delivery.FACE_TO_FACE.value, f"offer:{offer.id}", note="按议好的价格"
    )
    settled = _close(session, offer, OfferStatus.ACCEPTED)
    ordered = orders.make(
        session, actor, orders.Purchase(offer.buyer_id, form, offer.unit_fen, NoticeKind.OFFER_ACCEPTED)
    )
    session.execute(sa.update(Offer).where(col(Offer.id) == offer.id).values(order_id=ordered.order_id))
    return Ordered(ordered.order_id, True, (*ordered.events, *order_news.offer_settled(session, settled)))


def decline(session: Session, actor: Actor, offer_id: int) -> list[LiveEvent]:
    """Refuse the other's open offer. Raises ``OfferNotFound`` and ``OfferSettled`` as ``accept`` does."""
    offer = _to_answer(session, actor, offer_id)
    return [*_settle(session, offer, OfferStatus.DECLINED), *_tell(session, offer, actor, NoticeKind.OFFER_DECLINED)]


def withdraw(session: Session, actor: Actor, offer_id: int) -> list[LiveEvent]:
    """Take one's own open offer back. Raises ``OfferNotFound``, and ``OfferSettled`` if it is not open."""
    offer = _own(session, actor, offer_id)
    if offer.maker_id != actor.user_id:
        raise OfferSettled("这是对方的出价，你可以接受、还价或拒绝")
    return [*_settle(session, offer, OfferStatus.WITHDRAWN), *_tell(session, offer, actor, NoticeKind.OFFER_WITHDRAWN)]


def expire(session: Session, offer_id: int, now: datetime) -> list[LiveEvent]:
    """The clock ends an offer that nobody answered; for the server's own use. Done twice it is done once."""
    offer = session.get(Offer, offer_id, populate_existing=True)
    if offer is None or offer.status != OfferStatus.OPEN or offer.deadline_at is None or offer.deadline_at > now:
        return []
    settled = _settle(session, offer, OfferStatus.EXPIRED)
    told = notices.add(
        session,
        [offer.buyer_id, offer.seller_id],
        NoticeKind.OFFER_EXPIRED,
        listing_id=offer.listing_id,
        subject=_title(session, offer),
    )
    return [*settled, *told]


def end_all(session: Session, user_id: int) -> list[LiveEvent]:
    """End the open offers of somebody who leaves, whoever made them; for the server's own use."""
    mine = sa.or_(col(Offer.buyer_id) == user_id, col(Offer.seller_id) == user_id)
    found = session.scalars(sa.select(Offer).where(mine, col(Offer.status) == OfferStatus.OPEN).order_by(col(Offer.id)))
    return [event for offer in found.all() for event in _settle(session, offer, OfferStatus.WITHDRAWN)]


def erase_about(session: Session, listing_id: int) -> list[LiveEvent]:
    """Remove all offers for a listing that is about to be gone; their cards keep what it was called."""
    found = session.scalars(sa.select(Offer).where(col(Offer.listing_id) == listing_id).with_for_update()).all()
    for offer in found:
        session.expunge(offer)
    session.execute(sa.delete(Offer).where(col(Offer.listing_id) == listing_id))
    return [event for offer in found for event in order_news.offer_settled(session, offer)]


def between(session: Session, actor: Actor, peer_id: int) -> list[OfferView]:
    """The open offers of the actor and somebody else, the newest first."""
    if not is_id(peer_id):
        return []
    pair = [actor.user_id, peer_id]
    return _views(
        session,
        actor,
        col(Offer.open_slot) == 1,
        col(Offer.buyer_id).in_(pair),
        col(Offer.seller_id).in_(pair),
    )


def about(session: Session, actor: Actor, listing_id: int) -> list[OfferView]:
    """The actor's open offers about a listing, the newest first: as its seller all of them."""
    if not is_id(listing_id):
        return []
    mine = sa.or_(col(Offer.buyer_id) == actor.user_id, col(Offer.seller_id) == actor.user_id)
    return _views(session, actor, col(Offer.open_slot) == 1, col(Offer.listing_id) == listing_id, mine)


def one(session: Session, actor: Actor, offer_id: int) -> OfferView:
    """One offer of the actor's. Raises ``OfferNotFound``."""
    _own(session, actor, offer_id)
    return _views(session, actor, col(Offer.id) == offer_id)[0]


def _views(session: Session, actor: Actor, *conditions: sa.ColumnElement[bool]) -> list[OfferView]:
    rows = session.execute(
        sa.select(Offer, col(Listing.title), col(Listing.cover))
        .join(Listing, col(Listing.id) == col(Offer.listing_id))
        .where(*conditions)
        .order_by(col(Offer.id).desc())
        .limit(100)
        .execution_options(populate_existing=True)
    )
    return [_view(offer, title, cover, actor) for offer, title, cover in rows]


def _view(offer: Offer, title: str, cover: str, actor: Actor) -> OfferView:
    both = offer.buyer_id + offer.seller_id
    return OfferView(
        id=offer.id or 0,
        listing_id=offer.listing_id,
        title=title,
        cover_url=cover_url(cover),
        quantity=offer.quantity,
        unit_price=format_price(offer.unit_fen),
        total=format_price(offer.unit_fen * offer.quantity),
        status=offer.status,
        status_label=OFFERS[offer.status],
        maker_id=offer.maker_id,
        awaits_id=both - offer.maker_id if offer.status == OfferStatus.OPEN else 0,
        peer_id=both - actor.user_id,
        order_url=routes.order(offer.order_id) if offer.order_id else "",
        deadline_at=iso(offer.deadline_at) if offer.deadline_at else "",
    )


def _made_already(session: Session, actor: Actor, form: OfferForm) -> Offered | None:
    row = session.execute(
        sa.select(col(Offer.id), col(Offer.listing_id), col(Offer.buyer_id), col(Offer.seller_id)).where(
            col(Offer.maker_id) == actor.user_id, col(Offer.client_key) == form.client_key
        )
    ).first()
    return (
        None if row is None else Offered(row.id, (OfferChanged(row.id, row.listing_id, row.buyer_id, row.seller_id),))
    )


def _listing(session: Session, listing_id: int, quantity: int) -> Listing:
    listing = session.get(Listing, listing_id, populate_existing=True) if is_id(listing_id) else None
    if listing is None or listing.status in HIDDEN:
        raise ListingNotFound
    if listing.kind == ListingKind.WANTED or listing.status in {ListingStatus.TAKEN_DOWN, ListingStatus.SUSPENDED}:
        raise NotForSale
    if listing.quantity < quantity:
        raise NotEnough(listing.quantity)
    return listing


def _open_between(session: Session, listing_id: int, buyer_id: int) -> Offer | None:
    found = session.scalars(
        sa.select(Offer)
        .where(col(Offer.listing_id) == listing_id, col(Offer.buyer_id) == buyer_id, col(Offer.open_slot) == 1)
        # Somebody may be answering it, or replacing it from another tab.
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return found.first()


def _insert(
    session: Session,
    actor: Actor,
    listing: Listing,
    buyer_id: int,
    form: OfferForm,
    kind: NoticeKind,
    before: list[LiveEvent],
) -> Offered:
    now = utc_now()
    deadline_at, _ = deadlines(Deadline.ANSWER, now)
    offer = Offer(
        listing_id=listing.id or 0,
        buyer_id=buyer_id,
        seller_id=listing.seller_id,
        maker_id=actor.user_id,
        client_key=form.client_key,
        quantity=form.quantity,
        unit_fen=form.unit_fen,
        deadline_at=deadline_at,
        created_at=now,
        updated_at=now,
    )
    session.add(offer)
    # Two that are made at once meet in the unique key, and the unit of work starts one over.
    session.flush()
    made = order_news.offer_made(session, offer, actor, listing.title, kind)
    return Offered(offer.id or 0, (*before, *made))


def _own(session: Session, actor: Actor, offer_id: int) -> Offer:
    offer = session.get(Offer, offer_id, populate_existing=True) if is_id(offer_id) else None
    if offer is None or actor.user_id not in {offer.buyer_id, offer.seller_id}:
        raise OfferNotFound
    return offer


def _to_answer(session: Session, actor: Actor, offer_id: int) -> Offer:
    offer = _own(session, actor, offer_id)
    if offer.status != OfferStatus.OPEN:
        raise OfferSettled
    if offer.maker_id == actor.user_id:
        raise OfferSettled("这是你自己的出价，等对方回复")
    return offer


def _settle(session: Session, offer: Offer, status: OfferStatus) -> list[LiveEvent]:
    return order_news.offer_settled(session, _close(session, offer, status))


def _close(session: Session, offer: Offer, status: OfferStatus) -> Offer:
    closed = session.execute(
        sa.update(Offer)
        .where(col(Offer.id) == offer.id, col(Offer.status) == OfferStatus.OPEN)
        .values(status=status.value, open_slot=None, deadline_at=None, updated_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    if getattr(closed, "rowcount", 0) != 1:
        raise OfferSettled
    session.refresh(offer)
    return offer


def _tell(session: Session, offer: Offer, actor: Actor, kind: NoticeKind) -> list[LiveEvent]:
    other_id = offer.buyer_id + offer.seller_id - actor.user_id
    subject = _title(session, offer)
    return [
        *notices.add(session, [other_id], kind, actor_id=actor.user_id, listing_id=offer.listing_id, subject=subject)
    ]


def _title(session: Session, offer: Offer) -> str:
    listing = session.get(Listing, offer.listing_id)
    return listing.title if listing is not None else ""
