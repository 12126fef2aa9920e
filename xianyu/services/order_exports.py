"""Orders where a person leaves or takes their data along."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import Address, Offer, Order, OrderEvent, User
from xianyu.schemas.events import LiveEvent, OrderChanged
from xianyu.schemas.times import iso
from xianyu.services import names
from xianyu.services.listing_form import format_price
from xianyu.services.order_errors import UnfinishedOrders
from xianyu.services.order_states import UNFINISHED


def has_unfinished(user_id: Any) -> sa.ColumnElement[bool]:
    """In a query: whether a person buys or sells something that is not finished. Takes a column or a number."""
    unfinished = col(Order.status).in_(UNFINISHED)
    return sa.or_(
        *(sa.exists().where(side == user_id, unfinished) for side in (col(Order.buyer_id), col(Order.seller_id)))
    )


def refuse_unfinished(session: Session, user_id: int) -> None:
    """Raise ``UnfinishedOrders`` if a person has such orders."""
    mine = sa.or_(col(Order.buyer_id) == user_id, col(Order.seller_id) == user_id)
    # Whoever orders meanwhile takes a lock on both, see ``contacts``.
    session.execute(sa.select(col(User.id)).where(col(User.id) == user_id).with_for_update())
    count = session.execute(
        sa.select(sa.func.count()).select_from(Order).where(mine, col(Order.status).in_(UNFINISHED))
    ).scalar_one()
    if count:
        raise UnfinishedOrders(f"还有 {count} 个未完成的订单，先完成或取消它们才能注销")


def forget_person(session: Session, user_id: int) -> list[LiveEvent]:
    """Take a person out of the orders that stay for the other: their name, and where things were sent."""
    session.execute(sa.delete(Offer).where(sa.or_(col(Offer.buyer_id) == user_id, col(Offer.seller_id) == user_id)))
    session.execute(sa.update(Order).where(col(Order.seller_id) == user_id).values(seller_name=names.CLOSED))
    session.execute(
        sa.update(Order).where(col(Order.buyer_id) == user_id).values(recipient="", phone="", address="", note="")
    )
    # What they gave as a reason.
    session.execute(sa.update(OrderEvent).where(col(OrderEvent.actor_id) == user_id).values(detail=""))
    rows = session.execute(
        sa.select(col(Order.id), col(Order.buyer_id), col(Order.seller_id)).where(
            sa.or_(col(Order.buyer_id) == user_id, col(Order.seller_id) == user_id)
        )
    )
    return [OrderChanged(row.id, row.buyer_id, row.seller_id) for row in rows]


def of_person(session: Session, user_id: int) -> dict[str, Any]:
    """What an archive of one person's data holds: orders with their steps, offers, addresses."""
    return {
        "bought": _orders(session, col(Order.buyer_id) == user_id, user_id),
        "sold": _orders(session, col(Order.seller_id) == user_id, user_id),
        "offers": [
            {
                "listing": offer.listing_id,
                "made_by_me": offer.maker_id == user_id,
                "quantity": offer.quantity,
                "price": format_price(offer.unit_fen),
                "status": offer.status,
                "at": iso(offer.created_at),
            }
            for offer in session.exec(
                select(Offer)
                .where(sa.or_(col(Offer.buyer_id) == user_id, col(Offer.seller_id) == user_id))
                .order_by(col(Offer.id))
            )
        ],
        "addresses": [
            {"recipient": one.recipient, "phone": one.phone, "address": one.address, "default": one.is_default}
            for one in session.exec(select(Address).where(Address.user_id == user_id).order_by(col(Address.id)))
        ],
    }


def _orders(session: Session, mine: sa.ColumnElement[bool], user_id: int) -> list[dict[str, Any]]:
    steps: dict[int, list[dict[str, Any]]] = {}
    for event in session.exec(
        select(OrderEvent)
        .join(Order, col(Order.id) == col(OrderEvent.order_id))
        .where(mine)
        .order_by(col(OrderEvent.order_id), col(OrderEvent.version))
    ):
        steps.setdefault(event.order_id, []).append(
            {
                "step": event.kind,
                "by_me": event.actor_id == user_id,
                "detail": event.detail,
                "at": iso(event.created_at),
            }
        )
    return [
        {
            "title": order.title,
            "quantity": order.quantity,
            "price": format_price(order.unit_fen),
            "status": order.status,
            "delivery": order.delivery,
            "note": order.note,
            # The buyer's own; a seller takes nobody's address along.
            **(
                {"recipient": order.recipient, "phone": order.phone, "address": order.address}
                if order.buyer_id == user_id
                else {}
            ),
            "carrier": order.carrier,
            "tracking_number": order.tracking_number,
            "seller": order.seller_name,
            "picture": order.cover,
            "at": iso(order.created_at),
            "steps": steps.get(order.id or 0, []),
        }
        for order in session.exec(select(Order).where(mine).order_by(col(Order.id)))
    ]
