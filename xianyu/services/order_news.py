"""Who hears of what becomes of an order: the box 互动, the card in the conversation, and open pages."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.message_stores import message_store
from xianyu.adapters.messages import StoreUnavailable
from xianyu.models import NoticeKind, Offer, Order, OrderStatus, User
from xianyu.models.messages import MessageKind
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import CardChanged, LiveEvent, OfferChanged, OrderChanged
from xianyu.services import attachments, messages, names, notices, trade_cards
from xianyu.services.listing_form import format_price
from xianyu.services.order_states import Action

# What the other of the two is told; where an order is thereby done, they are told that instead.
_NOTICES: dict[str, NoticeKind] = {
    Action.REPRICE: NoticeKind.ORDER_REPRICED,
    Action.CONFIRM: NoticeKind.ORDER_CONFIRMED,
    Action.DECLINE: NoticeKind.ORDER_DECLINED,
    Action.CANCEL: NoticeKind.ORDER_CANCELLED,
    Action.SHIP: NoticeKind.ORDER_SHIPPED,
    Action.HAND_OVER: NoticeKind.ORDER_HANDED_OVER,
    Action.RECEIVE: NoticeKind.ORDER_RECEIVED,
    Action.EXPIRE: NoticeKind.ORDER_EXPIRED,
    Action.COMPLETE: NoticeKind.ORDER_COMPLETED,
}


def placed(session: Session, order: Order, actor: Actor, kind: NoticeKind) -> list[LiveEvent]:
    """Tell the other of a new order, and put its card into the conversation.

    Args:
        session: The unit of work that made the order.
        order: The order, which has its number.
        actor: Who made it: the buyer, or the seller who accepted an offer.
        kind: What the other is told.
    """
    other_id = order.buyer_id + order.seller_id - actor.user_id
    detail = f"{order.quantity} 件，共 ¥{format_price(order.unit_fen * order.quantity)}"
    told = notices.add_of_order(session, order, kind, actor.user_id, detail)
    name = trade_cards.message_name(MessageKind.ORDER, order.buyer_id, order.client_key)
    card = trade_cards.stored(order.buyer_id, order.client_key, order.title)
    # Last: where messages are kept elsewhere they are not taken back with the rest.
    sent = messages.send_card(session, actor, other_id, MessageKind.ORDER, name, card)
    _note_card(session, Order, order.id, sent.conversation_id, sent.message.seq)
    return [*told, sent, OrderChanged(_number(order), order.buyer_id, order.seller_id)]


def stepped(session: Session, order: Order, action: Action, actor: Actor | None, detail: str) -> list[LiveEvent]:
    """Tell of a step that was just written. Without an actor it was the clock's, and both are told.

    Args:
        session: The unit of work of the step.
        order: The order's row as it is now.
        action: What was done.
        actor: Who did it.
        detail: What there is to add.
    """
    kind = NoticeKind.ORDER_COMPLETED if order.status == OrderStatus.COMPLETED else _NOTICES[action]
    told = notices.add_of_order(session, order, kind, actor.user_id if actor else None, detail)
    return [*told, *shown(session, order)]


def warned(session: Session, order: Order) -> list[LiveEvent]:
    """Tell both that the clock is about to take the next step."""
    pending = order.status == OrderStatus.PENDING
    kind = NoticeKind.ORDER_EXPIRES if pending else NoticeKind.ORDER_COMPLETES
    return [*notices.add_of_order(session, order, kind, None)]


def shown(session: Session, order: Order) -> list[LiveEvent]:
    """What open pages and the card have to show anew of an order."""
    changed = OrderChanged(_number(order), order.buyer_id, order.seller_id)
    return [changed, *_card(session, order)]


def offer_made(session: Session, offer: Offer, actor: Actor, title: str, kind: NoticeKind) -> list[LiveEvent]:
    """Tell the other of an offer, and put its card into the conversation."""
    other_id = offer.buyer_id + offer.seller_id - actor.user_id
    told = notices.add(
        session,
        [other_id],
        kind,
        actor_id=actor.user_id,
        listing_id=offer.listing_id,
        subject=title,
        detail=f"{offer.quantity} 件，每件 ¥{format_price(offer.unit_fen)}",
    )
    name = trade_cards.message_name(MessageKind.OFFER, offer.maker_id, offer.client_key)
    card = trade_cards.stored(offer.maker_id, offer.client_key, title)
    sent = messages.send_card(session, actor, other_id, MessageKind.OFFER, name, card)
    _note_card(session, Offer, offer.id, sent.conversation_id, sent.message.seq)
    return [*told, sent, OfferChanged(offer.id or 0, offer.listing_id, offer.buyer_id, offer.seller_id)]


def offer_settled(session: Session, offer: Offer) -> list[LiveEvent]:
    """What open pages and the card have to show anew of an offer."""
    changed = OfferChanged(offer.id or 0, offer.listing_id, offer.buyer_id, offer.seller_id)
    return [changed, *_card(session, offer)]


def _note_card(session: Session, table: Any, row_id: int | None, conversation_id: int, seq: int) -> None:
    session.execute(
        sa.update(table)
        .where(table.id == row_id)
        .values(conversation_id=conversation_id, card_seq=seq)
        .execution_options(synchronize_session=False)
    )


def _card(session: Session, row: Any) -> list[LiveEvent]:
    """The card's message as it is now. While the store is away the pages that are opened later read it anew."""
    if not row.conversation_id or not row.card_seq:
        return []
    try:
        found = message_store(session).since(row.conversation_id, row.card_seq - 1, 1)
    except StoreUnavailable:
        return []
    if not found or found[0].seq != row.card_seq:
        return []
    [view] = attachments.views(session, found, _names(session, row.buyer_id, row.seller_id))
    sender_id = found[0].sender_id
    return [CardChanged(row.conversation_id, sender_id, row.buyer_id + row.seller_id - sender_id, view)]


def _names(session: Session, *people: int) -> dict[int, names.Name]:
    rows = session.execute(sa.select(col(User.id), *names.COLUMNS).where(col(User.id).in_(people)))
    return {row.id: names.called(row) for row in rows}


def _number(order: Order) -> int:
    return int(order.id or 0)
