"""Conversations between two people: who talks with whom, about what, and what is unread."""

import re
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.messages import message_store
from xianyu.models import Conversation, ConversationMember, Listing, ListingStatus, User, metadata
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ConversationRead, MessageSent
from xianyu.schemas.messages import ConversationView, MessageDraft, MessageView, StoredMessage
from xianyu.schemas.times import iso
from xianyu.services import names
from xianyu.services.accounts import PersonNotFound
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.listings import ListingNotFound
from xianyu.services.names import Name
from xianyu.services.text import clean_line, clean_lines, has_control_characters, is_blank

BODY_LENGTH = 2000
PREVIEW_LENGTH = 80
PAGE_LIMIT = 200
CONVERSATION_LIMIT = 500
SETTLED_LIMIT = 100

# A conversation enters a person's list with its first message, or when they pressed 想要. Until
# then its ``active_at`` on their side is this, so that the list and its limit pass it over.
_NEVER_ACTIVE = datetime(1970, 1, 1, tzinfo=UTC)
_CLIENT_ID = re.compile(r"[0-9A-Za-z-]{8,36}")
_LARGEST_SEQ = 2**31 - 1


class TalkToYourself(DomainError):
    """Somebody opened a conversation with themselves."""

    def __init__(self) -> None:
        super().__init__("不能给自己发消息")


class WantOwnListing(DomainError):
    """Somebody pressed 想要 on what they sell."""

    def __init__(self) -> None:
        super().__init__("这是你自己发布的宝贝")


class InvalidBody(DomainError):
    """A message's text is empty, too long, or holds what no keyboard types."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "body")


class InvalidClientId(DomainError):
    """A message's id is not of the form that the page makes."""

    def __init__(self) -> None:
        super().__init__("消息编号不正确，请刷新页面后重试", "client_id")


# Core statements, built once: they are on the way of every message.
_CONVERSATION = metadata.tables["conversation"]
_MEMBER = metadata.tables["conversation_member"]
_USER = metadata.tables["user_account"]

_OF_PAIR = (_CONVERSATION.c.low_id == sa.bindparam("low"), _CONVERSATION.c.high_id == sa.bindparam("high"))
_FIND = sa.select(_CONVERSATION.c.id, _CONVERSATION.c.listing_id).where(*_OF_PAIR)
_FIND_WITH_NAME = (
    sa.select(_CONVERSATION.c.id.label("conversation_id"), *names.COLUMNS)
    .join(_USER, _USER.c.id == sa.bindparam("peer"))
    .where(*_OF_PAIR)
)
# Forward only, so that a repeat of an old message brings no conversation back to the top.
_TOUCH = (
    sa.update(_MEMBER)
    .where(_MEMBER.c.conversation_id == sa.bindparam("conversation"), _MEMBER.c.active_at < sa.bindparam("now"))
    .values(active_at=sa.bindparam("now"))
)
_LIST = (
    sa.select(_MEMBER.c.conversation_id, _MEMBER.c.peer_id, _MEMBER.c.active_at, *names.COLUMNS)
    .join(_USER, _USER.c.id == _MEMBER.c.peer_id)
    .where(_MEMBER.c.user_id == sa.bindparam("user"), _MEMBER.c.active_at > _NEVER_ACTIVE)
    .order_by(_MEMBER.c.active_at.desc(), _MEMBER.c.conversation_id.desc())
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_PEERS = sa.select(_MEMBER.c.conversation_id, _MEMBER.c.peer_id).where(
    _MEMBER.c.user_id == sa.bindparam("user"),
    _MEMBER.c.conversation_id.in_(sa.bindparam("conversations", expanding=True)),
)


def conversation_with(session: Session, actor: Actor, peer_id: int) -> int:
    """The id of the actor's conversation with ``peer_id``, made if there is none.

    Raises:
        TalkToYourself: if the two are one.
        PersonNotFound: if there is no such person.
    """
    if not is_id(peer_id):
        raise PersonNotFound
    if peer_id == actor.user_id:
        raise TalkToYourself
    found = find_conversation(session, actor, peer_id)
    return _create(session, actor.user_id, peer_id) if found is None else found


def find_conversation(session: Session, actor: Actor, peer_id: int) -> int | None:
    """The id of the actor's conversation with ``peer_id``, or nothing if they never had one."""
    row = _find(session, actor, peer_id)
    return None if row is None else int(row[0])


def about(session: Session, actor: Actor, peer_id: int) -> int | None:
    """The listing that the conversation is about, if any: the last one that was wanted in it."""
    row = _find(session, actor, peer_id)
    return None if row is None or row[1] is None else int(row[1])


def _find(session: Session, actor: Actor, peer_id: int) -> sa.Row[int, int | None] | None:
    if not is_id(peer_id):
        return None
    return session.connection().execute(_FIND, _pair(actor.user_id, peer_id)).first()


def _create(session: Session, user_id: int, peer_id: int) -> int:
    """Two people who do this at once meet in the unique pair; the unit of work starts one over."""
    if session.execute(sa.select(col(User.id)).where(col(User.id) == peer_id)).first() is None:
        raise PersonNotFound
    pair = _pair(user_id, peer_id)
    conversation = Conversation(low_id=pair["low"], high_id=pair["high"])
    session.add(conversation)
    session.flush()
    assert conversation.id is not None
    for one, other in ((user_id, peer_id), (peer_id, user_id)):
        session.add(
            ConversationMember(conversation_id=conversation.id, user_id=one, peer_id=other, active_at=_NEVER_ACTIVE)
        )
    session.flush()
    message_store(session).open(conversation.id, (user_id, peer_id))
    return conversation.id


def want(session: Session, actor: Actor, listing_id: int) -> int:
    """Open the conversation with a listing's seller about that listing. No message is sent.

    Returns:
        The seller's id: whom to talk with.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
        WantOwnListing: if the actor sells it.
    """
    listing = session.get(Listing, listing_id) if is_id(listing_id) else None
    if listing is None or listing.status == ListingStatus.DELETED:
        raise ListingNotFound
    if listing.seller_id == actor.user_id:
        raise WantOwnListing
    conversation_id = conversation_with(session, actor, listing.seller_id)
    session.execute(
        sa.update(Conversation).where(col(Conversation.id) == conversation_id).values(listing_id=listing_id)
    )
    session.execute(
        sa.update(ConversationMember)
        .where(
            col(ConversationMember.conversation_id) == conversation_id,
            col(ConversationMember.user_id) == actor.user_id,
        )
        .values(active_at=utc_now())
    )
    return listing.seller_id


def send(
    session: Session, actor: Actor, peer_id: int, client_id: str, body: str, seen_by_peer: bool = False
) -> MessageSent:
    """Store a message to ``peer_id``. The same ``client_id`` again is the same message, stored once.

    Args:
        session: The unit of work.
        actor: Who writes.
        peer_id: To whom.
        client_id: Made by the sender's browser: 8 to 36 letters, digits and hyphens.
        body: What is written, at most 2000 characters.
        seen_by_peer: Whether the peer has the conversation before their eyes, so that it is read
            as it arrives.

    Raises:
        InvalidBody: if the text cannot be sent.
        InvalidClientId: if the id is not of that form.
        TalkToYourself: if the two are one.
        PersonNotFound: if there is no such person.
    """
    body = _checked_body(body)
    if not _is_client_id(client_id):
        raise InvalidClientId
    conversation_id = conversation_with(session, actor, peer_id)
    store = message_store(session)
    stored = store.append(MessageDraft(conversation_id, actor.user_id, client_id, body, utc_now()))
    if seen_by_peer:
        store.mark_read(conversation_id, peer_id, stored.seq)
    session.connection().execute(_TOUCH, {"conversation": conversation_id, "now": stored.sent_at})
    return MessageSent(conversation_id, actor.user_id, peer_id, _view(stored, _own_name(actor)))


def _checked_body(body: str) -> str:
    # An event may carry anything in place of text.
    body = clean_lines(body) if isinstance(body, str) else ""
    if has_control_characters(body):
        raise InvalidBody("不能包含控制字符")
    if is_blank(body):
        raise InvalidBody("消息不能为空")
    if len(body) > BODY_LENGTH:
        raise InvalidBody(f"消息太长（最多 {BODY_LENGTH} 字）")
    return body


def settled(session: Session, actor: Actor, peer_id: int, client_ids: list[str]) -> list[str]:
    """Which of the actor's messages to ``peer_id`` are stored, by the ids that their browser made.

    Only the first 100 ids are looked at; what is no such id is passed over.
    """
    wanted = [one for one in client_ids[:SETTLED_LIMIT] if _is_client_id(one)] if isinstance(client_ids, list) else []
    conversation_id = find_conversation(session, actor, peer_id)
    if conversation_id is None or not wanted:
        return []
    stored = message_store(session).stored_ids(conversation_id, actor.user_id, wanted)
    return [one for one in wanted if one in stored]


def read(session: Session, actor: Actor, peer_id: int, seq: int) -> ConversationRead | None:
    """The actor has read the conversation up to ``seq``.

    Returns:
        The event if their position moved, else nothing.
    """
    conversation_id = find_conversation(session, actor, peer_id)
    if conversation_id is None or not _is_whole(seq):
        return None
    moved = message_store(session).mark_read(conversation_id, actor.user_id, _seq(seq))
    return ConversationRead(conversation_id, actor.user_id) if moved else None


def history(
    session: Session, actor: Actor, peer_id: int, before_seq: int | None = None, limit: int = 40
) -> list[MessageView]:
    """A page of the conversation, oldest first: the latest, or the latest before ``before_seq``."""
    found = _find_with_name(session, actor, peer_id)
    if found is None or not (before_seq is None or _is_whole(before_seq)):
        return []
    conversation_id, senders = found
    before = None if before_seq is None else _seq(before_seq)
    messages = message_store(session).page(conversation_id, before, _bounded(limit, PAGE_LIMIT))
    return [_view(message, senders[message.sender_id]) for message in messages]


def since(session: Session, actor: Actor, peer_id: int, after_seq: int, limit: int = 200) -> list[MessageView]:
    """What was said after ``after_seq``, oldest first: how an open page catches up."""
    found = _find_with_name(session, actor, peer_id)
    if found is None or not _is_whole(after_seq):
        return []
    conversation_id, senders = found
    messages = message_store(session).since(conversation_id, _seq(after_seq), _bounded(limit, PAGE_LIMIT))
    return [_view(message, senders[message.sender_id]) for message in messages]


def _find_with_name(session: Session, actor: Actor, peer_id: int) -> tuple[int, dict[int, Name]] | None:
    """The conversation's id and the names of its two members by their ids."""
    if not is_id(peer_id):
        return None
    row = session.connection().execute(_FIND_WITH_NAME, {**_pair(actor.user_id, peer_id), "peer": peer_id}).first()
    if row is None:
        return None
    return (row.conversation_id, {actor.user_id: _own_name(actor), peer_id: names.called(row)})


def _own_name(actor: Actor) -> Name:
    return Name(actor.name, actor.avatar_url)


def conversations(session: Session, actor: Actor, limit: int = 100) -> list[ConversationView]:
    """The actor's conversations, the most recently active first."""
    return conversations_of(session, actor.user_id, limit)


def conversations_of(session: Session, user_id: int, limit: int = 100) -> list[ConversationView]:
    """A person's conversations, for the server itself to show in that person's tabs."""
    rows = session.connection().execute(_LIST, {"user": user_id, "limit": _bounded(limit, CONVERSATION_LIMIT)}).all()
    store = message_store(session)
    last = store.last([row.conversation_id for row in rows])
    unread = store.unread(user_id)
    return [_line(row, last.get(row.conversation_id), unread.get(row.conversation_id, 0)) for row in rows]


def _line(row: sa.Row[Any], last: StoredMessage | None, unread: int) -> ConversationView:
    peer = names.called(row)
    return ConversationView(
        peer_id=row.peer_id,
        peer_name=peer.text,
        peer_avatar_url=peer.avatar_url,
        last_body=_preview(last.body) if last else "",
        last_at=iso(last.sent_at if last else row.active_at),
        unread=unread,
        url=routes.conversation(row.peer_id),
    )


def unread_total(session: Session, actor: Actor) -> int:
    """How many messages the actor has not read, over all conversations."""
    return sum(message_store(session).unread(actor.user_id).values())


def unread_by_user(session: Session, user_id: int) -> dict[int, int]:
    """How many messages a person has not read, by who wrote them; for the server's own use."""
    unread = message_store(session).unread(user_id)
    rows = session.connection().execute(_PEERS, {"user": user_id, "conversations": list(unread)})
    return {peer_id: unread[conversation_id] for conversation_id, peer_id in rows}


def _view(message: StoredMessage, sender: Name) -> MessageView:
    return MessageView(
        seq=message.seq,
        client_id=message.client_id,
        sender_id=message.sender_id,
        sender_name=sender.text,
        sender_avatar_url=sender.avatar_url,
        body=message.body,
        sent_at=iso(message.sent_at),
    )


def _preview(body: str) -> str:
    line = clean_line(body)
    return line if len(line) <= PREVIEW_LENGTH else f"{line[: PREVIEW_LENGTH - 1]}…"


def _pair(one: int, other: int) -> dict[str, int]:
    return {"low": min(one, other), "high": max(one, other)}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _seq(value: int) -> int:
    """The nearest number that a message can have, or 0: what is larger fails in some drivers."""
    return max(0, min(value, _LARGEST_SEQ))


def _is_client_id(value: object) -> bool:
    return isinstance(value, str) and _CLIENT_ID.fullmatch(value) is not None


def _bounded(limit: int, most: int) -> int:
    return max(1, min(limit, most)) if _is_whole(limit) else most
