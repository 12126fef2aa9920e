"""Somebody new who floods the compound: more things, more strangers or more of the same than a neighbour begins with.

It is held for an operator and not refused: who moves in with a van full of furniture does nothing wrong.
"""

from datetime import timedelta
from hashlib import blake2b

import sqlalchemy as sa
from limits import RateLimitItemPerHour
from sqlmodel import Session, col

from xianyu.adapters.rate_limits import get_rate_limits
from xianyu.models import ConversationMember, Friendship, Listing
from xianyu.models.conversations import NEVER_ACTIVE
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services.word_folding import fold
from xianyu.settings import get_settings

# How long an account is a new one.
NEW = timedelta(hours=24)
WINDOW = timedelta(hours=1)
# How often one text may be said within the window, and from how many characters on it is looked at: many say 在吗.
SAME = 3
_SHORTEST_SAME = 8
_ONCE = (RateLimitItemPerHour(1),)


def _is_new(actor: Actor) -> bool:
    return actor.joined_at is not None and not actor.is_operator and actor.joined_at > utc_now() - NEW


def by_listing(session: Session, actor: Actor, title: str, description: str) -> bool:
    """Whether one more listing is too many. Ask before it is stored; what was deleted since counts as well."""
    allowed = get_settings().newcomer_listings
    if not allowed or not _is_new(actor):
        return False
    lately = (col(Listing.seller_id) == actor.user_id, col(Listing.created_at) > utc_now() - WINDOW)
    rows = session.execute(sa.select(col(Listing.title), col(Listing.description)).where(*lately)).all()
    return len(rows) >= allowed or sum(tuple(row) == (title, description) for row in rows) >= SAME


def by_message(session: Session, actor: Actor, peer_id: int, body: str) -> bool:
    """Whether a message to somebody is one too many: of whom nothing was heard before they are a stranger."""
    allowed = get_settings().newcomer_contacts
    if not allowed or not _is_new(actor):
        return False
    if _is_stranger(session, actor.user_id, peer_id) and not _has_room(
        "stranger", allowed, actor.user_id, str(peer_id)
    ):
        return True
    return not _may_repeat(actor, body, str(peer_id))


def in_room(actor: Actor, client_id: str, body: str) -> bool:
    """Whether a message to everybody repeats what was said too often."""
    return bool(get_settings().newcomer_contacts) and _is_new(actor) and not _may_repeat(actor, body, client_id)


def _may_repeat(actor: Actor, body: str, where: str) -> bool:
    text = fold(body)
    if len(text) < _SHORTEST_SAME:
        return True
    digest = blake2b(text.encode(errors="replace"), digest_size=12).hexdigest()
    return _has_room(f"same {digest}", SAME, actor.user_id, where)


def _has_room(what: str, allowed: int, user_id: int, item: str) -> bool:
    """Count something once in a while, however often it is tried; whether it is among those that are allowed."""
    limits, keys = get_rate_limits(), (f"newcomer {what}", str(user_id))
    if limits.spend(_ONCE, *keys, item) > 0:
        return True
    if limits.spend((RateLimitItemPerHour(allowed),), *keys) > 0:
        limits.forget(_ONCE, *keys, item)
        return False
    return True


def _is_stranger(session: Session, user_id: int, other_id: int) -> bool:
    """Whether the two have said nothing to each other, and are no friends."""
    if session.get(Friendship, (user_id, other_id)) is not None:
        return False
    talked = sa.select(col(ConversationMember.user_id)).where(
        col(ConversationMember.user_id) == other_id,
        col(ConversationMember.peer_id) == user_id,
        col(ConversationMember.active_at) > NEVER_ACTIVE,
    )
    return session.execute(talked.limit(1)).first() is None
