"""Orders as their two people read them: 我买到的 and 我卖出的, counts, one in full, and what they may do."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Listing, Order, OrderEvent, OrderStatus, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import (
    OrderAction,
    OrderCard,
    OrderCount,
    OrderDetail,
    OrderFilter,
    OrderPage,
    OrderStep,
)
from xianyu.schemas.times import iso
from xianyu.services import local_time, names, review_times
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN
from xianyu.services.listing_form import format_price
from xianyu.services.order_errors import OrderNotFound
from xianyu.services.order_states import UNFINISHED, Role, allowed, role_of
from xianyu.services.order_words import BUTTONS, DELIVERIES, PRIMARY, STATUSES, STEPS, deadline_note, status_note
from xianyu.services.text import clean_line, has_control_characters

PAGE_SIZE = 20
MOST = 100
BOUGHT, SOLD = "bought", "sold"
# Characters of what is looked for.
LONGEST_WORDS = 60

_OWN = {BOUGHT: col(Order.buyer_id), SOLD: col(Order.seller_id)}
_PEER = {BOUGHT: col(Order.seller_id), SOLD: col(Order.buyer_id)}
# Where the seller has no use for it, or not any more, they do not see where the buyer lives.
_HIDES_ADDRESS = {
    OrderStatus.PENDING,
    OrderStatus.DECLINED,
    OrderStatus.CANCELLED,
    OrderStatus.EXPIRED,
    OrderStatus.COMPLETED,
}


def check_filter(fields: Mapping[str, object]) -> OrderFilter:
    """What a page's address or an event asks for. What makes no sense does not narrow."""

    def text(name: str) -> str:
        value = fields.get(name)
        return value[: 10 * LONGEST_WORDS] if isinstance(value, str) else ""

    words = text("words")
    return OrderFilter(
        side=SOLD if text("side") == SOLD else BOUGHT,
        status=text("status") if text("status") in STATUSES else "",
        words="" if has_control_characters(words) else clean_line(words)[:LONGEST_WORDS],
        since=local_time.typed_day(text("since")),
        until=local_time.typed_day(text("until")),
    )


def page(session: Session, actor: Actor, wanted: OrderFilter, after: int = 0, limit: int = PAGE_SIZE) -> OrderPage:
    """The actor's orders, newest first: the latest, or those after the order of that number."""
    side = _side(wanted)
    statement = select(actor, wanted)
    if is_id(after):
        statement = statement.where(col(Order.id) < after)
    most = max(1, min(limit, MOST)) if is_id(limit) else PAGE_SIZE
    # One more than is shown tells whether there are more.
    rows = session.execute(statement.order_by(col(Order.id).desc()).limit(most + 1)).all()
    shown = rows[:most]
    to_review = review_times.awaiting(session, actor.user_id, [row.id for row in shown])
    cards = [replace(_card(row, side), is_to_review=row.id in to_review) for row in shown]
    return OrderPage(cards, after=shown[-1].id if len(rows) > most else 0)


def select(actor: Actor, wanted: OrderFilter) -> sa.Select[*tuple[Any, ...]]:
    """The query for the actor's orders of a filter, each with the name of the other, in no order yet."""
    statement = _lines(_side(wanted)).where(*_conditions(actor.user_id, _side(wanted), wanted))
    return statement.where(col(Order.status) == wanted.status) if wanted.status in STATUSES else statement


def _side(wanted: OrderFilter) -> str:
    return wanted.side if wanted.side in _OWN else BOUGHT


def counts(session: Session, actor: Actor, wanted: OrderFilter) -> list[OrderCount]:
    """How many of the actor's orders there are in all and of each status, whatever status the filter names."""
    side = _side(wanted)
    rows = session.execute(
        sa.select(col(Order.status), sa.func.count())
        .where(*_conditions(actor.user_id, side, wanted))
        .group_by(col(Order.status))
    )
    found = {status: int(count) for status, count in rows}
    return [
        OrderCount("", "全部", sum(found.values())),
        *(OrderCount(status, label, found.get(status, 0)) for status, label in STATUSES.items()),
    ]


def waiting(session: Session, user_id: int) -> int:
    """How many unfinished orders wait for a step of that person's own; for a badge."""
    total = 0
    for side, role in ((BOUGHT, Role.BUYER), (SOLD, Role.SELLER)):
        mine = [col(Order.status).in_(UNFINISHED), _OWN[side] == user_id]
        rows = session.execute(
            sa.select(col(Order.status), col(Order.delivery), sa.func.count())
            .where(*mine)
            .group_by(col(Order.status), col(Order.delivery))
        )
        total += sum(
            count
            for status, delivery, count in rows
            if any(rule.action in PRIMARY for rule in allowed(status, role, delivery))
        )
    return total


def _conditions(user_id: int, side: str, wanted: OrderFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_OWN[side] == user_id]
    if wanted.words:
        # On the snapshot: what became of the listing does not matter.
        found.append(sa.func.lower(col(Order.title)).contains(wanted.words.lower(), autoescape=True))
    since, until = local_time.first_of(wanted.since), local_time.first_of(wanted.until, days=1)
    if since is not None:
        found.append(col(Order.created_at) >= since)
    if until is not None:
        found.append(col(Order.created_at) < until)
    return found


def _lines(side: str) -> sa.Select[*tuple[Any, ...]]:
    statement: sa.Select[*tuple[Any, ...]] = (
        sa.select(
            col(Order.id),
            col(Order.buyer_id),
            col(Order.seller_id),
            col(Order.listing_id),
            col(Order.status),
            col(Order.title),
            col(Order.cover),
            col(Order.unit_fen),
            col(Order.quantity),
            col(Order.delivery),
            col(Order.created_at),
            col(Order.deadline_at),
            col(Listing.status).label("listing_status"),
            *names.COLUMNS,
        )
        .join(User, col(User.id) == _PEER[side])
        .outerjoin(Listing, col(Listing.id) == col(Order.listing_id))
    )
    return statement


def _card(row: Any, side: str) -> OrderCard:
    peer = names.called(row)
    return OrderCard(
        id=row.id,
        url=routes.order(row.id),
        side=side,
        status=row.status,
        status_label=STATUSES[row.status],
        title=row.title,
        cover_url=cover_url(row.cover),
        unit_price=format_price(row.unit_fen),
        quantity=row.quantity,
        total=format_price(row.unit_fen * row.quantity),
        delivery=row.delivery,
        delivery_label=DELIVERIES[row.delivery],
        peer_id=row.seller_id if side == BOUGHT else row.buyer_id,
        peer_name=peer.text,
        peer_avatar_url=peer.avatar_url,
        created_at=iso(row.created_at),
        deadline_at=iso(row.deadline_at) if row.deadline_at else "",
        listing_url=_listing_url(row.listing_id, row.listing_status),
        actions=actions(row.status, Role.BUYER if side == BOUGHT else Role.SELLER, row.delivery),
    )


def cover_url(cover: str) -> str:
    """The small picture of an order, or an empty string for none."""
    return routes.media(thumb_name(cover)) if cover else ""


def _listing_url(listing_id: int | None, status: str | None) -> str:
    there = listing_id is not None and status not in {None, *HIDDEN}
    return routes.listing(listing_id) if there and listing_id is not None else ""


def actions(status: str, role: Role, delivery: str) -> list[OrderAction]:
    """What somebody in that role may do with an order now, the step that leads on first."""
    found = [
        OrderAction(rule.action.value, BUTTONS[rule.action], rule.needs, is_primary=rule.action in PRIMARY)
        for rule in allowed(status, role, delivery)
    ]
    return sorted(found, key=lambda one: not one.is_primary)


def detail(session: Session, actor: Actor, order_id: int) -> OrderDetail:
    """Everything about one order of the actor's, with its timeline and what the actor may do.

    Raises:
        OrderNotFound: if there is none, or the actor is neither of its two.
    """
    order = session.get(Order, order_id, populate_existing=True) if is_id(order_id) else None
    role = role_of(actor.user_id, order.buyer_id, order.seller_id) if order is not None else None
    if order is None or role is None:
        raise OrderNotFound
    people = _people(session, order)
    peer_id = order.buyer_id + order.seller_id - actor.user_id
    listing = session.get(Listing, order.listing_id) if order.listing_id else None
    reads_address = role is Role.BUYER or order.status not in _HIDES_ADDRESS
    return OrderDetail(
        id=order_id,
        side=BOUGHT if role is Role.BUYER else SOLD,
        status=order.status,
        status_label=STATUSES[order.status],
        status_note=status_note(order.status, role, order.delivery),
        title=order.title,
        cover_url=cover_url(order.cover),
        listing_url=_listing_url(order.listing_id, listing.status if listing else None),
        seller_name=order.seller_name,
        listed_price=format_price(order.listed_fen),
        unit_price=format_price(order.unit_fen),
        quantity=order.quantity,
        total=format_price(order.unit_fen * order.quantity),
        delivery=order.delivery,
        delivery_label=DELIVERIES[order.delivery],
        note=order.note,
        recipient=order.recipient if reads_address else "",
        phone=order.phone if reads_address else "",
        address=order.address if reads_address else "",
        carrier=order.carrier,
        tracking_number=order.tracking_number,
        peer_id=peer_id,
        peer_name=people[peer_id].text,
        peer_avatar_url=people[peer_id].avatar_url,
        conversation_url=routes.conversation(peer_id),
        created_at=iso(order.created_at),
        deadline_at=iso(order.deadline_at) if order.deadline_at else "",
        deadline_note=deadline_note(order.status) if order.deadline_at else "",
        version=order.version,
        actions=actions(order.status, role, order.delivery),
        steps=list(_steps(session, actor, order_id, people)),
    )


def _people(session: Session, order: Order) -> dict[int, names.Name]:
    rows = session.execute(
        sa.select(col(User.id), *names.COLUMNS).where(col(User.id).in_([order.buyer_id, order.seller_id]))
    )
    return {row.id: names.called(row) for row in rows}


def _steps(session: Session, actor: Actor, order_id: int, people: dict[int, names.Name]) -> Iterable[OrderStep]:
    """The timeline, the first step first."""
    rows = session.execute(
        sa.select(OrderEvent).where(col(OrderEvent.order_id) == order_id).order_by(col(OrderEvent.version))
    )
    for event in rows.scalars():
        yield OrderStep(
            key=event.version,
            kind=event.kind,
            title=STEPS[event.kind],
            actor_name=people[event.actor_id].text if event.actor_id in people else "",
            detail=event.detail,
            at=iso(event.created_at),
            is_mine=event.actor_id == actor.user_id,
        )
