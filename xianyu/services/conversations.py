"""The page of a conversation, put together from people, listings and messages."""

from sqlmodel import Session

from xianyu.adapters.messages import StoreUnavailable
from xianyu.models import ListingStatus
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.messages import MessageView, OpenedConversation
from xianyu.schemas.times import iso
from xianyu.services import accounts, listing_pages, message_changes, message_errors, messages, presence
from xianyu.services.ids import is_id


def open_with(session: Session, actor: Actor, peer_id: int, limit: int, at: int = 0) -> OpenedConversation:
    """What to show of the actor's conversation with ``peer_id``; nothing need have been said yet.

    Args:
        session: The unit of work.
        actor: Who looks.
        peer_id: With whom.
        limit: How many messages to show.
        at: The number of a message to open it at, or 0 for the newest.

    Raises:
        PersonNotFound: if there is no such person.
        TalkToYourself: if the two are one.
    """
    if peer_id == actor.user_id:
        raise message_errors.TalkToYourself
    peer = accounts.person(session, peer_id)
    page: list[MessageView] = []
    has_older = has_newer = False
    read_by_peer, is_available = 0, True
    try:
        page, has_older, has_newer = _page(session, actor, peer_id, limit, at)
        read_by_peer = messages.read_by(session, actor, peer_id)
    except StoreUnavailable:
        is_available = False
    is_pinned, is_muted = message_changes.marks(session, actor, peer_id)
    return OpenedConversation(
        reader_id=actor.user_id,
        peer=peer,
        about=about(session, actor, peer_id),
        messages=page,
        has_older=has_older,
        has_newer=has_newer,
        read_by_peer=read_by_peer,
        is_pinned=is_pinned,
        is_muted=is_muted,
        presence=presence.of_peer(session, actor.user_id, peer_id),
        is_available=is_available,
        now=iso(utc_now()),
    )


def _page(session: Session, actor: Actor, peer_id: int, limit: int, at: int) -> tuple[list[MessageView], bool, bool]:
    """The messages, and whether there are older and newer ones."""
    if not is_id(at):
        page = messages.history(session, actor, peer_id, limit=limit + 1)
        return page[-limit:], len(page) > limit, False
    half = limit // 2
    older = messages.history(session, actor, peer_id, before_seq=at, limit=half + 1)
    newer = messages.since(session, actor, peer_id, at - 1, limit=half + 1)
    return [*older[-half:], *newer[:half]], len(older) > half, len(newer) > half


def about(session: Session, actor: Actor, peer_id: int) -> ListingCard:
    """The listing that the actor's conversation with ``peer_id`` is about, or what is left of it, or an empty card."""
    listing_id = messages.about(session, actor, peer_id)
    if not listing_id:
        return _gone(messages.about_what_is_gone(session, actor, peer_id))
    found = listing_pages.cards(session, actor, [listing_id])
    return found[0] if found else ListingCard()


def _gone(title: str) -> ListingCard:
    """What is left at the head of a conversation of a listing that was deleted for good, or nothing."""
    return ListingCard(title=title, status=ListingStatus.DELETED.value) if title else ListingCard()
