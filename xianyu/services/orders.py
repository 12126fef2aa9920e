"""Orders: making them, and every step that they take.

A step reads the order's row, looks it up in the table of ``order_states``, writes the next status where
the row is still the one that was read, moves the stock and appends the event, all in one transaction.
Whoever makes or moves an order holds its listing's row only from the moment that the stock moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Delivery, Listing, ListingKind, ListingStatus, NoticeKind, Order, OrderEvent, OrderStatus
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, OrderChanged, Ordered
from xianyu.schemas.orders import OrderForm
from xianyu.services import address_book, contacts, names, order_news, stock
from xianyu.services.errors import InvalidForm
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN, ListingNotFound
from xianyu.services.listing_form import format_price, price_in_words
from xianyu.services.order_errors import (
    BuyOwnListing,
    IllegalStep,
    NotEnough,
    NotForSale,
    OrderMoved,
    OrderNotFound,
    PriceMoved,
    TooManyPending,
)
from xianyu.services.order_forms import StepForm, check_step
from xianyu.services.order_states import Action, Deadline, Role, Rule, Stock, deadlines, role_of, rule_for

# What one person may hold without an answer: each order keeps pieces from everybody else.
MOST_PENDING = 30


@dataclass(frozen=True)
class Purchase:
    """What is to be bought by whom. ``unit_fen`` is an agreed price, or nothing for the listing's own."""

    buyer_id: int
    form: OrderForm
    unit_fen: int | None = None
    notice: NoticeKind = NoticeKind.ORDER_PLACED


def place(session: Session, actor: Actor, form: OrderForm) -> Ordered:
    """Order something. The pieces are reserved from now on.

    The same ``client_key`` again is the same order, made once.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
        BuyOwnListing: if the actor sells it.
        NotForSale: if it is not on offer.
        NotEnough: if fewer pieces are free.
        PriceMoved: if it costs something else than the buyer saw.
        AddressNotFound: if it is to be sent to no address of the actor's.
        NotContactable: if one of the two blocked the other.
        TooManyPending: if the buyer has too many orders that nobody answered yet.
    """
    return make(session, actor, Purchase(actor.user_id, form))


def make(session: Session, actor: Actor, purchase: Purchase) -> Ordered:
    """Make an order, for its buyer or for the seller who accepts the buyer's offer. Raises like ``place``."""
    made = _made_already(session, purchase)
    if made is not None:
        return made
    form = purchase.form
    _check(session, purchase)
    if _pending(session, purchase.buyer_id) >= MOST_PENDING:
        raise TooManyPending
    if not stock.reserve(session, form.listing_id, form.quantity):
        # Somebody was faster, or it was taken down a moment ago.
        _check(session, purchase)
        raise NotForSale
    # From here on the listing's row is this transaction's.
    listing = session.get_one(Listing, form.listing_id, populate_existing=True)
    if form.seen_fen is not None and form.seen_fen != listing.price_fen:
        raise PriceMoved(price_in_words(listing.price_fen))
    contacts.may_contact(session, purchase.buyer_id, listing.seller_id)
    order = _insert(session, purchase, listing)
    _append(session, order, Action.PLACE, actor, "")
    gone = listing.status == ListingStatus.SOLD_OUT
    events = [
        *stock.told(session, form.listing_id, index=gone),
        *order_news.placed(session, order, actor, purchase.notice),
    ]
    return Ordered(order.id or 0, True, tuple(events))


def _made_already(session: Session, purchase: Purchase) -> Ordered | None:
    row = session.execute(
        sa.select(col(Order.id), col(Order.seller_id)).where(
            col(Order.buyer_id) == purchase.buyer_id, col(Order.client_key) == purchase.form.client_key
        )
    ).first()
    if row is None:
        return None
    return Ordered(row.id, False, (OrderChanged(row.id, purchase.buyer_id, row.seller_id),))


def _pending(session: Session, buyer_id: int) -> int:
    statement = sa.select(sa.func.count()).select_from(Order)
    pending = statement.where(col(Order.buyer_id) == buyer_id, col(Order.status) == OrderStatus.PENDING)
    return int(session.execute(pending).scalar_one())


def _check(session: Session, purchase: Purchase) -> None:
    """Why it cannot be ordered, as far as that is seen without a lock: most refusals hold nobody up."""
    form = purchase.form
    if not is_id(form.listing_id):
        raise ListingNotFound
    listing = session.execute(
        sa.select(
            col(Listing.seller_id), col(Listing.status), col(Listing.kind), col(Listing.quantity), col(Listing.reserved)
        ).where(col(Listing.id) == form.listing_id)
    ).first()
    if listing is None or listing.status in HIDDEN:
        raise ListingNotFound
    if listing.seller_id == purchase.buyer_id:
        raise BuyOwnListing
    if listing.kind == ListingKind.WANTED or listing.status in {ListingStatus.TAKEN_DOWN, ListingStatus.SUSPENDED}:
        raise NotForSale
    if listing.quantity < form.quantity:
        raise NotEnough(listing.quantity)


def _insert(session: Session, purchase: Purchase, listing: Listing) -> Order:
    form = purchase.form
    now = utc_now()
    deadline_at, warn_at = deadlines(Deadline.ANSWER, now)
    order = Order(
        buyer_id=purchase.buyer_id,
        seller_id=listing.seller_id,
        listing_id=listing.id,
        client_key=form.client_key,
        title=listing.title,
        cover=listing.cover,
        listed_fen=listing.price_fen,
        seller_name=names.of(session, listing.seller_id),
        quantity=form.quantity,
        unit_fen=listing.price_fen if purchase.unit_fen is None else purchase.unit_fen,
        delivery=form.delivery,
        note=form.note,
        phone=form.phone,
        status=OrderStatus.PENDING,
        deadline_at=deadline_at,
        warn_at=warn_at,
        created_at=now,
        updated_at=now,
    )
    if form.delivery == Delivery.SHIPPING:
        sent_to = address_book.of_buyer(session, purchase.buyer_id, form.address_id)
        order.recipient, order.phone, order.address = sent_to.recipient, sent_to.phone, sent_to.address
    session.add(order)
    session.flush()
    return order


def _append(session: Session, order: Order, action: Action, actor: Actor | None, detail: str) -> None:
    session.execute(
        sa.insert(OrderEvent).values(
            order_id=order.id,
            version=order.version,
            actor_id=actor.user_id if actor else None,
            kind=action.value,
            status=order.status,
            detail=detail,
            created_at=utc_now(),
        )
    )


def act(
    session: Session, actor: Actor, order_id: int, action: str, fields: Mapping[str, object] | None = None
) -> list[LiveEvent]:
    """Take a step. Pressed twice it is taken once.

    Args:
        session: The unit of work.
        actor: Who acts: the buyer or the seller.
        order_id: The order.
        action: An ``Action``, as text; anything else is refused.
        fields: What the step needs, as a browser sent it; see ``order_forms.check_step``.

    Raises:
        OrderNotFound: if there is no such order, or the actor is neither of its two.
        IllegalStep: if its status does not allow that to the actor.
        InvalidForm: if what the step needs is missing or refused, such as a higher price.
        OrderMoved: if the other took a step at the same moment.
    """
    order = _own(session, actor, order_id)
    role = role_of(actor.user_id, order.buyer_id, order.seller_id)
    if role is None:
        raise OrderNotFound
    rule = rule_for(order.status, action, role, order.delivery) if isinstance(action, str) else None
    if rule is None:
        if isinstance(action, str) and action != Action.PLACE and _is_repeat(session, order, action, actor):
            return []
        raise IllegalStep(order.status)
    given = check_step(rule.needs, fields or {})
    if rule.needs == "price":
        if given.unit_fen == order.unit_fen:
            return []
        if given.unit_fen > order.unit_fen:
            # The buyer agreed to what was asked for then, and could not refuse what is confirmed a moment later.
            raise InvalidForm({"price": f"只能改低，现在是每件 {price_in_words(order.unit_fen)}"})
    return take(session, order, rule, actor, given)


def _own(session: Session, actor: Actor, order_id: int) -> Order:
    order = session.get(Order, order_id, populate_existing=True) if is_id(order_id) else None
    if order is None or actor.user_id not in {order.buyer_id, order.seller_id}:
        raise OrderNotFound
    return order


def _is_repeat(session: Session, order: Order, action: str, actor: Actor) -> bool:
    """Whether the order's last step is that one, by the same person: a second press finds what the first did."""
    last = session.execute(
        sa.select(col(OrderEvent.kind), col(OrderEvent.actor_id)).where(
            col(OrderEvent.order_id) == order.id, col(OrderEvent.version) == order.version
        )
    ).first()
    return last is not None and last.kind == action and last.actor_id == actor.user_id


def take(
    session: Session, order: Order, rule: Rule, actor: Actor | None, given: StepForm, now: datetime | None = None
) -> list[LiveEvent]:
    """Write a step that a rule allows: the order, its stock, its event, and whoever hears of it.

    Args:
        session: The unit of work.
        order: The row as it was read.
        rule: The line of the table.
        actor: Who acts, or nothing for the clock.
        given: What the step needs.
        now: The clock's present, for the clock; what is due later then stays.

    Raises:
        OrderMoved: if the row is not as it was read any more.
    """
    moment = now or utc_now()
    values, detail = _values(order, rule, given)
    if rule.deadline is not Deadline.KEEP:
        values["deadline_at"], values["warn_at"] = deadlines(rule.deadline, moment)
    conditions = [
        col(Order.id) == order.id,
        col(Order.version) == order.version,
        col(Order.status) == rule.source.value,
    ]
    if rule.role is Role.CLOCK:
        conditions.append(col(Order.deadline_at) <= moment)
    taken = session.execute(
        sa.update(Order)
        .where(*conditions)
        .values(status=rule.target.value, version=order.version + 1, updated_at=utc_now(), **values)
        .execution_options(synchronize_session=False)
    )
    if getattr(taken, "rowcount", 0) != 1:
        raise OrderMoved
    session.refresh(order)
    _append(session, order, rule.action, actor, detail)
    moved = _move_stock(session, order, rule.stock)
    return [*moved, *order_news.stepped(session, order, rule.action, actor, detail)]


def _values(order: Order, rule: Rule, given: StepForm) -> tuple[dict[str, Any], str]:
    """The columns that a step fills besides the status, and how it reads in the timeline."""
    if rule.needs == "price":
        return {
            "unit_fen": given.unit_fen
        }, f"每件 ¥{format_price(order.unit_fen)} 改为 ¥{format_price(given.unit_fen)}"
    if rule.needs == "tracking":
        sent = {"carrier": given.carrier, "tracking_number": given.tracking_number}
        return sent, f"{given.carrier} {given.tracking_number}"
    return {}, given.reason


def _move_stock(session: Session, order: Order, move: Stock) -> list[LiveEvent]:
    if order.listing_id is None or move is Stock.KEEP:
        return []
    moved = {Stock.RETURN: stock.give_back, Stock.SELL: stock.sell}[move]
    if not moved(session, order.listing_id, order.quantity):
        raise StockOutOfStep(f"listing {order.listing_id} does not hold the pieces of order {order.id}")
    return stock.told(session, order.listing_id, index=move is Stock.RETURN)


class StockOutOfStep(RuntimeError):
    """A listing does not hold the pieces that an order says are reserved. Nothing is written then."""
