"""What messages carry besides text: pictures, and cards of listings, orders and offers.

How it is stored, and what is shown of it.
"""

import json
import re
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Listing, ListingStatus, Photo
from xianyu.models.messages import MessageKind
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.messages import RECALLED, AttachmentView, MessageView, StoredMessage
from xianyu.schemas.times import iso
from xianyu.services import listing_pages, trade_cards
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN
from xianyu.services.names import Name
from xianyu.services.text import clean_line
from xianyu.settings import get_settings

PREVIEW_LENGTH = 80

# What a line of the list says of a message that is not text.
_WORDS: dict[str, str] = {
    MessageKind.PHOTO: "[图片]",
    MessageKind.LISTING: "[宝贝]",
    MessageKind.ORDER: "[订单]",
    MessageKind.OFFER: "[出价]",
}


def of_photo(photo: Photo) -> str:
    """A picture, as a message's attachment."""
    return json.dumps({"id": photo.id, "name": photo.name, "width": photo.width, "height": photo.height})


def photo_id(attachment: str) -> int:
    """The picture's number, or 0 for what has none."""
    return int(_parsed(attachment).get("id", 0))


def picture_name(message: StoredMessage) -> str:
    """The name of the picture that a message is; empty for one that is none."""
    return str(_parsed(message.attachment)["name"]) if message.kind == MessageKind.PHOTO else ""


def of_listing(session: Session, listing_id: int, sellers: Collection[int]) -> str:
    """A listing of one of these people, as a message's attachment; empty if there is none like that."""
    listing = session.get(Listing, listing_id) if is_id(listing_id) else None
    if listing is None or listing.status in HIDDEN or listing.seller_id not in sellers:
        return ""
    # The title stays readable after the listing is gone.
    return json.dumps({"id": listing.id, "title": listing.title}, ensure_ascii=False)


def linked_listing(body: str) -> int:
    """The listing that a text names if it is nothing but the address of one of this site, else 0."""
    found = _listing_address(get_settings().public_url).fullmatch(body)
    return int(found[1]) if found else 0


@lru_cache(maxsize=2)
def _listing_address(public_url: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{re.escape(public_url.rstrip('/'))})?/listing/([0-9]{{1,15}})/?")


def _parsed(attachment: str) -> dict[str, Any]:
    return json.loads(attachment) if attachment else {}


def views(session: Session, messages: Iterable[StoredMessage], senders: dict[int, Name]) -> list[MessageView]:
    """Messages as both sides see them, the cards with the present state of their listings."""
    found = list(messages)
    ids = {photo_id(message.attachment) for message in found if message.kind == MessageKind.LISTING}
    cards = {card.id: card for card in listing_pages.cards(session, None, sorted(ids))} if ids else {}
    trade = trade_cards.of_messages(session, [(one.kind, _parsed(one.attachment)) for one in found])
    return [_view(message, senders[message.sender_id], cards, trade) for message in found]


def _view(message: StoredMessage, sender: Name, cards: dict[int, ListingCard], trade: trade_cards.Cards) -> MessageView:
    return MessageView(
        seq=message.seq,
        client_id=message.client_id,
        sender_id=message.sender_id,
        sender_name=sender.text,
        sender_avatar_url=sender.avatar_url,
        body=message.body,
        sent_at=iso(message.sent_at),
        kind=RECALLED if message.recalled_at else message.kind,
        attachment=_attachment(message, cards, trade) if message.attachment else None,
    )


def _attachment(message: StoredMessage, cards: dict[int, ListingCard], trade: trade_cards.Cards) -> AttachmentView:
    stored = _parsed(message.attachment)
    if message.kind in trade_cards.KINDS:
        return trade_cards.card(trade, message.kind, stored)
    if message.kind == MessageKind.PHOTO:
        return AttachmentView(
            url=routes.media(stored["name"]),
            image_url=routes.media(thumb_name(stored["name"])),
            width=stored["width"],
            height=stored["height"],
        )
    card = cards.get(stored["id"])
    if card is None:
        return gone_card(stored["id"], stored.get("title", ""))
    return listing_card(card)


def listing_card(card: ListingCard) -> AttachmentView:
    """A listing's card in a conversation."""
    return AttachmentView(
        url=card.url,
        image_url=card.cover_url,
        title=card.title,
        price=card.price,
        status=card.status,
        ref_id=card.id,
    )


def gone_card(listing_id: int, title: str) -> AttachmentView:
    """What is left in a conversation of a listing's card once nobody sees that one any more."""
    return AttachmentView(title=title, status=ListingStatus.DELETED.value, ref_id=listing_id)


def preview(message: StoredMessage, reader_id: int) -> str:
    """A message in a line of its reader's list."""
    if message.recalled_at:
        return "你撤回了一条消息" if message.sender_id == reader_id else "对方撤回了一条消息"
    title = _parsed(message.attachment).get("title", "")
    line = clean_line(f"{_WORDS.get(message.kind, '')} {title} {message.body}")
    return line if len(line) <= PREVIEW_LENGTH else f"{line[: PREVIEW_LENGTH - 1]}…"
