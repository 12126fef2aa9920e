"""The orders of the demo, and what was said about them afterwards."""

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.message_stores import message_store
from xianyu.demo import reviews
from xianyu.demo.reviews import DemoReview
from xianyu.models import ConversationMember, Delivery, Listing, Order, OrderEvent
from xianyu.models.messages import MessageKind
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import MessageDraft
from xianyu.schemas.orders import AddressForm, OrderForm
from xianyu.services import address_book, interest, messages, order_deadlines, orders, trade_cards

_SOURCE = Path(__file__).resolve().parent / "orders.toml"


@dataclass(frozen=True)
class DemoOrder:
    """Something that was ordered so many hours ago, what was done since, a step every ``hours_between``, and said."""

    buyer: str
    listing: str
    quantity: int
    hours: float
    note: str
    steps: list[dict[str, str]]
    hours_between: float = 0
    address: dict[str, str] = field(default_factory=dict)
    reviews: list[DemoReview] = field(default_factory=list)


@lru_cache(maxsize=1)
def purchases() -> list[DemoOrder]:
    """Every order, the oldest first."""
    rows = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["order"]
    return sorted((_purchase(**row) for row in rows), key=lambda one: -one.hours)


def _purchase(reviews: list[dict[str, Any]] | None = None, **row: Any) -> DemoOrder:
    return DemoOrder(**row, reviews=[DemoReview(**one) for one in reviews or ()])


def add(session: Session, actors: dict[str, Actor], listing_ids: dict[str, int], now: datetime) -> None:
    """Place all of them and take their steps, at the times at which that happened.

    Args:
        session: The unit of work.
        actors: The neighbours, by name.
        listing_ids: What they offer, by title.
        now: The present instant.
    """
    people = {actor.user_id: actor for actor in actors.values()}
    for number, one in enumerate(purchases(), start=1):
        listing = session.get_one(Listing, listing_ids[one.listing])
        _trade(session, (actors[one.buyer], people[listing.seller_id]), listing, one, f"demo-order-{number:04d}", now)


def _trade(
    session: Session, people: tuple[Actor, Actor], listing: Listing, one: DemoOrder, key: str, now: datetime
) -> None:
    buyer, seller = people
    placed = now - timedelta(hours=one.hours)
    interest.want(session, buyer, listing.id or 0)
    _show_card(session, people, key, listing.title, placed)
    order_id = orders.place(session, buyer, _form(session, buyer, listing.id or 0, one, key)).order_id
    for step in one.steps:
        _take(session, {"buyer": buyer, "seller": seller}, order_id, step)
    _move_into_the_past(session, order_id, placed, one.hours_between, now)
    reviews.add(session, {"buyer": buyer, "seller": seller}, order_id, one.reviews)
    _move_conversation(session, people, placed)
    if one.steps:
        for reader, peer in (people, people[::-1]):
            messages.read(session, reader, peer.user_id, _newest(session, reader, peer))


def _show_card(session: Session, people: tuple[Actor, Actor], key: str, title: str, placed: datetime) -> None:
    """The card in the conversation, put there when the order was placed: what comes later finds it."""
    buyer, seller = people
    name = trade_cards.message_name(MessageKind.ORDER, buyer.user_id, key)
    card = trade_cards.stored(buyer.user_id, key, title)
    conversation_id = messages.conversation_with(session, buyer, seller.user_id)
    draft = MessageDraft(conversation_id, buyer.user_id, name, "", placed, MessageKind.ORDER.value, card)
    message_store(session).append(draft)


def _move_conversation(session: Session, people: tuple[Actor, Actor], placed: datetime) -> None:
    """The two were last active as the order was placed, the last thing in their conversation."""
    conversation_id = messages.conversation_with(session, people[0], people[1].user_id)
    session.execute(
        sa.update(ConversationMember)
        .where(col(ConversationMember.conversation_id) == conversation_id)
        .values(active_at=placed)
    )


def _form(session: Session, buyer: Actor, listing_id: int, one: DemoOrder, key: str) -> OrderForm:
    if not one.address:
        return OrderForm(listing_id, one.quantity, Delivery.FACE_TO_FACE.value, key, note=one.note)
    home = AddressForm(one.address["recipient"], one.address["phone"], one.address["address"])
    address_id, _ = address_book.save(session, buyer, home)
    return OrderForm(listing_id, one.quantity, Delivery.SHIPPING.value, key, note=one.note, address_id=address_id)


def _take(session: Session, people: dict[str, Actor], order_id: int, step: dict[str, str]) -> None:
    if step["who"] == "clock":
        deadline = session.get_one(Order, order_id, populate_existing=True).deadline_at
        assert deadline is not None, "the clock has nothing to do with this order"
        order_deadlines.end(session, order_id, deadline)
    else:
        orders.act(session, people[step["who"]], order_id, step["what"], step)


def _newest(session: Session, reader: Actor, peer: Actor) -> int:
    shown = messages.history(session, reader, peer.user_id, limit=1)
    return shown[-1].seq if shown else 0


def _move_into_the_past(session: Session, order_id: int, placed: datetime, hours_between: float, now: datetime) -> None:
    order = session.get_one(Order, order_id, populate_existing=True)
    events = session.scalars(
        sa.select(OrderEvent).where(col(OrderEvent.order_id) == order_id).order_by(col(OrderEvent.version))
    )
    for number, event in enumerate(events):
        event.created_at = order.updated_at = placed + number * timedelta(hours=hours_between)
    order.created_at = placed
    for name in ("deadline_at", "warn_at"):
        moment = getattr(order, name)
        # As long after the last step as it was after the present.
        setattr(order, name, moment - (now - order.updated_at) if moment else None)
    session.flush()
