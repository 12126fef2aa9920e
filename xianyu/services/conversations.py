"""The page of a conversation, put together from people, listings and messages."""

from sqlmodel import Session

from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.messages import OpenedConversation
from xianyu.services import accounts, listings, messages


def open_with(session: Session, actor: Actor, peer_id: int, limit: int) -> OpenedConversation:
    """What to show of the actor's conversation with ``peer_id``; nothing need have been said yet.

    Raises:
        PersonNotFound: if there is no such person.
        TalkToYourself: if the two are one.
    """
    if peer_id == actor.user_id:
        raise messages.TalkToYourself
    peer = accounts.person(session, peer_id)
    page = messages.history(session, actor, peer_id, limit=limit + 1)
    return OpenedConversation(
        reader_id=actor.user_id,
        peer=peer,
        about=_about(session, actor, peer_id),
        messages=page[-limit:],
        has_older=len(page) > limit,
    )


def _about(session: Session, actor: Actor, peer_id: int) -> ListingCard:
    listing_id = messages.about(session, actor, peer_id)
    found = listings.cards(session, actor, [listing_id]) if listing_id else []
    return found[0] if found else ListingCard()
