"""A person's conversations as a list, how much of them is unread, and what was once said in them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.message_stores import message_store
from xianyu.models import User, metadata
from xianyu.models.conversations import NEVER_ACTIVE
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import ConversationView, FoundMessage, StoredMessage
from xianyu.schemas.times import iso
from xianyu.services import contacts, names
from xianyu.services.attachments import preview
from xianyu.services.messages import bounded
from xianyu.services.text import clean_line, has_control_characters

CONVERSATION_LIMIT = 500
FOUND_LIMIT = 50
# In characters: of what is looked for, and of a found message around it.
QUERY_LENGTH = 50
CONTEXT = 24
EXCERPT = 90

_MEMBER = metadata.tables["conversation_member"]
_USER = metadata.tables["user_account"]
_OWN_CHOICE = (
    sa.select(col(User.shows_presence)).where(col(User.id) == sa.bindparam("user")).correlate(None).scalar_subquery()
)
_LIST = (
    sa.select(
        _MEMBER.c.conversation_id,
        _MEMBER.c.peer_id,
        _MEMBER.c.active_at,
        _MEMBER.c.pinned_at,
        _MEMBER.c.is_muted,
        sa.and_(_USER.c.shows_presence, ~contacts.apart(sa.bindparam("user"), _MEMBER.c.peer_id)).label(
            "shows_presence"
        ),
        _OWN_CHOICE.label("own_choice"),
        *names.COLUMNS,
    )
    .join(_USER, _USER.c.id == _MEMBER.c.peer_id)
    .where(_MEMBER.c.user_id == sa.bindparam("user"), _MEMBER.c.active_at > NEVER_ACTIVE)
    .order_by(
        sa.case((_MEMBER.c.pinned_at.is_(None), 1), else_=0),
        _MEMBER.c.pinned_at.desc(),
        _MEMBER.c.active_at.desc(),
        _MEMBER.c.conversation_id.desc(),
    )
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_ALL = (
    sa.select(_MEMBER.c.conversation_id, _MEMBER.c.peer_id, *names.COLUMNS)
    .join(_USER, _USER.c.id == _MEMBER.c.peer_id)
    .where(_MEMBER.c.user_id == sa.bindparam("user"))
    .order_by(_MEMBER.c.active_at.desc())
    .limit(CONVERSATION_LIMIT)
)
_PEERS = sa.select(_MEMBER.c.conversation_id, _MEMBER.c.peer_id).where(
    _MEMBER.c.user_id == sa.bindparam("user"),
    _MEMBER.c.conversation_id.in_(sa.bindparam("conversations", expanding=True)),
)


def conversations(session: Session, actor: Actor, limit: int = 100) -> list[ConversationView]:
    """The actor's conversations: those that are pinned, then the most recently active."""
    return conversations_of(session, actor.user_id, limit)


def conversations_of(
    session: Session, user_id: int, limit: int = 100, unread: Mapping[int, int] | None = None
) -> list[ConversationView]:
    """A person's conversations, for the server itself to show in that person's tabs.

    ``unread`` is what ``unread_of`` gave in the same unit of work, where the caller has asked already.
    """
    rows = session.connection().execute(_LIST, {"user": user_id, "limit": bounded(limit, CONVERSATION_LIMIT)}).all()
    store = message_store(session)
    last = store.last([row.conversation_id for row in rows], user_id)
    unread = store.unread(user_id) if unread is None else unread
    return [_line(row, user_id, last.get(row.conversation_id), unread.get(row.conversation_id, 0)) for row in rows]


def _line(row: sa.Row[Any], reader_id: int, last: StoredMessage | None, unread: int) -> ConversationView:
    peer = names.called(row)
    return ConversationView(
        peer_id=row.peer_id,
        peer_name=peer.text,
        peer_avatar_url=peer.avatar_url,
        last_body=preview(last, reader_id) if last else "",
        last_at=iso(last.sent_at if last else row.active_at),
        unread=unread,
        url=routes.conversation(row.peer_id),
        is_pinned=row.pinned_at is not None,
        is_muted=bool(row.is_muted),
        shows_presence=bool(row.shows_presence and row.own_choice and row.closed_at is None),
    )


def unread_total(session: Session, actor: Actor) -> int:
    """How many messages the actor has not read, over all conversations."""
    return sum(unread_of(session, actor.user_id).values())


def unread_of(session: Session, user_id: int) -> dict[int, int]:
    """How many messages a person has not read, by conversation; for the server's own use."""
    return message_store(session).unread(user_id)


def unread_by_user(session: Session, user_id: int) -> dict[int, int]:
    """How many messages a person has not read, by who wrote them; for the server's own use."""
    unread = unread_of(session, user_id)
    rows = session.connection().execute(_PEERS, {"user": user_id, "conversations": list(unread)})
    return {peer_id: unread[conversation_id] for conversation_id, peer_id in rows}


def search(session: Session, actor: Actor, text: str, limit: int = FOUND_LIMIT) -> list[FoundMessage]:
    """The latest messages of the actor's conversations that contain ``text``; none where it is empty or too long."""
    wanted = clean_line(text) if isinstance(text, str) else ""
    if not wanted or len(wanted) > QUERY_LENGTH or has_control_characters(wanted):
        return []
    rows = {row.conversation_id: row for row in session.connection().execute(_ALL, {"user": actor.user_id})}
    found = message_store(session).search(list(rows), actor.user_id, wanted, bounded(limit, FOUND_LIMIT))
    return [_found(message, rows[message.conversation_id], actor, wanted) for message in found]


def _found(message: StoredMessage, row: sa.Row[Any], actor: Actor, wanted: str) -> FoundMessage:
    peer = names.called(row)
    return FoundMessage(
        key=f"{message.conversation_id}-{message.seq}",
        peer_name=peer.text,
        peer_avatar_url=peer.avatar_url,
        body=_excerpt(clean_line(message.body), wanted),
        sent_at=iso(message.sent_at),
        is_mine=message.sender_id == actor.user_id,
        url=routes.message(row.peer_id, message.seq),
    )


def _excerpt(line: str, wanted: str) -> str:
    """The part of a long text around what was looked for."""
    start = max(0, line.lower().find(wanted.lower()) - CONTEXT)
    part = line[start : start + EXCERPT]
    return f"{'…' if start else ''}{part}{'…' if start + EXCERPT < len(line) else ''}"
