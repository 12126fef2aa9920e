"""The cards of orders and offers in conversations: what is stored of them, and what they show now.

A card names its order by the key that the buyer's browser made, not by its number: where messages are
kept elsewhere, one may outlive the transaction that was to make its order, and the number is then
another order's.
"""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Listing, Offer, OfferStatus, Order
from xianyu.models.messages import MessageKind
from xianyu.schemas.messages import AttachmentView
from xianyu.services.listing_form import format_price
from xianyu.services.order_words import OFFERS, STATUSES

KINDS = (MessageKind.ORDER, MessageKind.OFFER)

# By kind, person and key.
Cards = dict[tuple[str, int, str], AttachmentView]
_GONE = "gone"


def stored(person_id: int, key: str, title: str) -> str:
    """A card, as a message's attachment: whose order or offer it is, its key and what it is about."""
    return json.dumps({"by": person_id, "key": key, "title": title}, ensure_ascii=False)


def message_name(kind: MessageKind, person_id: int, key: str) -> str:
    """What the card is called among the messages of its conversation."""
    return f"{kind.value}-{blake2b(f'{person_id} {key}'.encode(), digest_size=14).hexdigest()}"


def of_messages(session: Session, found: Iterable[tuple[str, dict[str, Any]]]) -> Cards:
    """What the cards among these messages show now. Takes each message's kind and attachment."""
    wanted: dict[str, set[tuple[int, str]]] = {kind.value: set() for kind in KINDS}
    for kind, attachment in found:
        if kind in wanted and attachment:
            wanted[kind].add((attachment["by"], attachment["key"]))
    return {
        **(_orders(session, wanted[MessageKind.ORDER]) if wanted[MessageKind.ORDER] else {}),
        **(_offers(session, wanted[MessageKind.OFFER]) if wanted[MessageKind.OFFER] else {}),
    }


def card(cards: Cards, kind: str, attachment: dict[str, Any]) -> AttachmentView:
    """One of them; of what is gone, or never came to be, the title."""
    found = cards.get((kind, attachment["by"], attachment["key"]))
    return found or AttachmentView(title=attachment["title"], status=_GONE, label="已失效")


def _orders(session: Session, wanted: set[tuple[int, str]]) -> Cards:
    rows = session.scalars(
        sa.select(Order)
        .where(*_named(col(Order.buyer_id), col(Order.client_key), wanted))
        # A step is written past the session's objects.
        .execution_options(populate_existing=True)
    )
    return {
        (MessageKind.ORDER.value, row.buyer_id, row.client_key): AttachmentView(
            url=routes.order(row.id or 0),
            image_url=routes.media(thumb_name(row.cover)) if row.cover else "",
            title=row.title,
            price=format_price(row.unit_fen * row.quantity),
            status=row.status,
            ref_id=row.id or 0,
            quantity=row.quantity,
            label=STATUSES[row.status],
        )
        for row in rows
    }


def _offers(session: Session, wanted: set[tuple[int, str]]) -> Cards:
    rows = session.execute(
        sa.select(Offer, col(Listing.title), col(Listing.cover))
        .join(Listing, col(Listing.id) == col(Offer.listing_id))
        .where(*_named(col(Offer.maker_id), col(Offer.client_key), wanted))
        .execution_options(populate_existing=True)
    )
    return {
        (MessageKind.OFFER.value, row.maker_id, row.client_key): AttachmentView(
            url=routes.order(row.order_id) if row.order_id else routes.listing(row.listing_id),
            image_url=routes.media(thumb_name(cover)) if cover else "",
            title=title,
            price=format_price(row.unit_fen),
            status=row.status,
            ref_id=row.id or 0,
            quantity=row.quantity,
            label=OFFERS[row.status],
            awaits_id=row.buyer_id + row.seller_id - row.maker_id if row.status == OfferStatus.OPEN else 0,
        )
        for row, title, cover in rows
    }


def _named(person: Any, key: Any, wanted: set[tuple[int, str]]) -> list[sa.ColumnElement[bool]]:
    """The bounds let the index on both find them; what else they let through is looked up by nobody."""
    return [person.in_({by for by, _ in wanted}), key.in_({name for _, name in wanted})]
