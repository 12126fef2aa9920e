"""What becomes of listings while the conversations are open that are about them or hold their cards."""

from dataclasses import replace

from sqlmodel import Session

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.models.messages import MessageKind
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingErased, LiveEvent
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.messages import MessageView
from xianyu.services import attachments, conversations, listing_pages
from xianyu.states.conversation import TOPIC, ConversationState
from xianyu.states.delivery import plain, tab_state


async def on_event(event: LiveEvent) -> None:
    """Show it at the head of each conversation and in each card."""
    if isinstance(event, ListingErased):
        await _show(event.listing_id, _tabs_with(event.seller_id))
    elif isinstance(event, ListingChanged) and _conversations():
        seller_id = await get_database().reading(listing_pages.seller_of, event.listing_id)
        await _show(event.listing_id, _tabs_with(seller_id))


def _conversations() -> dict[str, Tab]:
    """The tabs that show a conversation, by their names."""
    found = {}
    for tab in bus.tabs():
        if any(name.startswith(f"{TOPIC}:") for name in tab.topics):
            found[tab.token] = tab
    return found


def _tabs_with(seller_id: int) -> list[Tab]:
    """Those that show a conversation with that person on one of its sides: a card is of one of the two's listings."""
    return [
        tab
        for tab in _conversations().values()
        for name in tab.topics
        if name.startswith(f"{TOPIC}:") and str(seller_id) in name.split(":")[1:]
    ]


def _seen(session: Session, user_id: int, peer_id: int, listing_id: int) -> tuple[ListingCard, ListingCard | None]:
    """What a tab's conversation is about, and the listing as its cards show it, unless it is gone."""
    found = listing_pages.cards(session, None, [listing_id])
    return conversations.about(session, Actor(user_id, "", "", 0), peer_id), found[0] if found else None


async def _show(listing_id: int, tabs: list[Tab]) -> None:
    for tab in tabs:
        async with tab_state(tab, ConversationState) as page:
            if not page.peer.id:
                # It slept so long that its state was made anew: it reads everything when somebody speaks.
                continue
            about, card = await get_database().reading(_seen, tab.user_id, page.peer.id, listing_id)
            if page.about != about:
                page.about = about
            for name in ("history", "tail"):
                shown = plain(getattr(page, name))
                now = [_with_card(message, listing_id, card) for message in shown]
                if now != shown:
                    setattr(page, name, now)


def _with_card(message: MessageView, listing_id: int, card: ListingCard | None) -> MessageView:
    """The message, with what its card shows now if it is one of that listing."""
    before = message.attachment
    if message.kind != MessageKind.LISTING.value or before is None or before.ref_id != listing_id:
        return message
    now = attachments.listing_card(card) if card is not None else attachments.gone_card(listing_id, before.title)
    return replace(message, attachment=now)
