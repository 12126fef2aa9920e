"""Conversations between two people: who talks with whom, about what, what is said, and how far it is read."""

from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.message_stores import message_store
from xianyu.adapters.messages import MessageStore
from xianyu.models import Conversation, ConversationMember, Listing, User, metadata
from xianyu.models.conversations import NEVER_ACTIVE
from xianyu.models.messages import MessageKind
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ConversationRead, MessageSent
from xianyu.schemas.messages import MessageDraft, MessageView, StoredMessage
from xianyu.services import attachments, contacts, message_screening, names, photos
from xianyu.services.accounts import PersonNotFound
from xianyu.services.ids import is_client_id, is_id
from xianyu.services.listing_errors import HIDDEN, ListingNotFound
from xianyu.services.message_errors import InvalidBody, InvalidClientId, PhotoGone, TalkToYourself, WantOwnListing
from xianyu.services.names import Name
from xianyu.services.text import clean_lines, has_control_characters, is_blank

BODY_LENGTH = 2000
PAGE_LIMIT = 200
SETTLED_LIMIT = 100
_LARGEST_SEQ = 2**31 - 1


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
    .where(
        _MEMBER.c.conversation_id == sa.bindparam("conversation"),
        _MEMBER.c.user_id.in_(sa.bindparam("members", expanding=True)),
        _MEMBER.c.active_at < sa.bindparam("now"),
    )
    .values(active_at=sa.bindparam("now"))
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


def about_what_is_gone(session: Session, actor: Actor, peer_id: int) -> str:
    """What the listing was called that the conversation is about, if it was deleted for good; else empty."""
    row = _find(session, actor, peer_id)
    if row is None or row[1] is not None:
        return ""
    title = sa.select(col(Conversation.listing_title)).where(col(Conversation.id) == row[0])
    return str(session.execute(title).scalar_one())


def let_go_of_listing(session: Session, listing_id: int, title: str) -> None:
    """Conversations about a listing that is about to be gone keep what it was called."""
    session.execute(
        sa.update(Conversation)
        .where(col(Conversation.listing_id) == listing_id)
        .values(listing_id=None, listing_title=title)
    )


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
            ConversationMember(conversation_id=conversation.id, user_id=one, peer_id=other, active_at=NEVER_ACTIVE)
        )
    session.flush()
    message_store(session).begin(conversation.id, (user_id, peer_id))
    return conversation.id


def want(session: Session, actor: Actor, listing_id: int) -> int:
    """Open the conversation with a listing's seller about that listing. No message is sent.

    Returns:
        The seller's id: whom to talk with.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
        WantOwnListing: if the actor sells it.
        NotContactable: if one of the two blocked the other.
    """
    listing = session.get(Listing, listing_id) if is_id(listing_id) else None
    if listing is None or listing.status in HIDDEN:
        raise ListingNotFound
    if listing.seller_id == actor.user_id:
        raise WantOwnListing
    contacts.may_contact(session, actor.user_id, listing.seller_id)
    conversation_id = conversation_with(session, actor, listing.seller_id)
    session.execute(
        sa.update(Conversation)
        .where(col(Conversation.id) == conversation_id)
        .values(listing_id=listing_id, listing_title="")
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
    session: Session,
    actor: Actor,
    peer_id: int,
    client_id: str,
    body: str,
    seen_by_peer: bool = False,
    *,
    is_approved: bool = False,
) -> MessageSent:
    """Store a text to ``peer_id``. The same ``client_id`` again is the same message, stored once.

    The bare address of a listing of one of the two becomes its card.

    Args:
        session: The unit of work.
        actor: Who writes.
        peer_id: To whom.
        client_id: Made by the sender's browser: 8 to 36 letters, digits and hyphens.
        body: What is written, at most 2000 characters.
        seen_by_peer: Whether the peer has the conversation before their eyes, so that it is read
            as it arrives.
        is_approved: Whether an operator has looked at it already.

    Raises:
        InvalidBody: if the text cannot be sent.
        InvalidClientId: if the id is not of that form.
        TalkToYourself: if the two are one.
        PersonNotFound: if there is no such person.
        NotContactable: if one of the two blocked the other.
        Stopped: if it holds what may not be said, or has to be looked at by an operator first.
    """
    body = checked_body(body)
    conversation_id = _begin(session, actor, peer_id, client_id)
    if not is_approved:
        body = message_screening.of_private(session, actor, peer_id, conversation_id, client_id, body)
    listing_id = attachments.linked_listing(body)
    card = attachments.of_listing(session, listing_id, (actor.user_id, peer_id)) if listing_id else ""
    draft = MessageDraft(conversation_id, actor.user_id, client_id, body, utc_now())
    if card:
        draft = replace(draft, body="", kind=MessageKind.LISTING.value, attachment=card)
    return _deliver(session, actor, peer_id, draft, seen_by_peer)


def send_photo(
    session: Session, actor: Actor, peer_id: int, client_id: str, photo_id: int, seen_by_peer: bool = False
) -> MessageSent:
    """Store an upload of the actor's as a message; otherwise like ``send``.

    Raises:
        PhotoGone: if it is not theirs, or part of something else.
    """
    conversation_id = _begin(session, actor, peer_id, client_id)
    photo = photos.put_in_conversation(session, actor, conversation_id, photo_id) if is_id(photo_id) else None
    if photo is None:
        raise PhotoGone
    draft = MessageDraft(
        conversation_id,
        actor.user_id,
        client_id,
        "",
        utc_now(),
        MessageKind.PHOTO.value,
        attachments.of_photo(photo),
    )
    return _deliver(session, actor, peer_id, draft, seen_by_peer)


def send_listing(
    session: Session, actor: Actor, peer_id: int, client_id: str, listing_id: int, seen_by_peer: bool = False
) -> MessageSent:
    """Store the card of a listing of one of the two as a message; otherwise like ``send``.

    Raises:
        ListingNotFound: if neither of them has such a listing.
    """
    conversation_id = _begin(session, actor, peer_id, client_id)
    card = attachments.of_listing(session, listing_id, (actor.user_id, peer_id))
    if not card:
        raise ListingNotFound
    draft = MessageDraft(conversation_id, actor.user_id, client_id, "", utc_now(), MessageKind.LISTING.value, card)
    return _deliver(session, actor, peer_id, draft, seen_by_peer)


def send_card(session: Session, actor: Actor, peer_id: int, kind: MessageKind, name: str, card: str) -> MessageSent:
    """Store the card of an order or an offer as a message of the actor's.

    Whether the two may deal with each other is for the caller to know.

    Args:
        session: The unit of work.
        actor: Who made the order or the offer, or accepted it.
        peer_id: The other.
        kind: ``ORDER`` or ``OFFER``.
        name: What tells this card from all others, as a message's id: the same again is the same message.
        card: The attachment.
    """
    conversation_id = conversation_with(session, actor, peer_id)
    draft = MessageDraft(conversation_id, actor.user_id, name, "", utc_now(), kind.value, card)
    return _deliver(session, actor, peer_id, draft, seen_by_peer=False)


def _begin(session: Session, actor: Actor, peer_id: int, client_id: str) -> int:
    """What comes before every message, whatever it is: the conversation's id."""
    if not is_client_id(client_id):
        raise InvalidClientId
    conversation_id = conversation_with(session, actor, peer_id)
    contacts.may_contact(session, actor.user_id, peer_id)
    return conversation_id


def _deliver(session: Session, actor: Actor, peer_id: int, draft: MessageDraft, seen_by_peer: bool) -> MessageSent:
    conversation_id = draft.conversation_id
    store = message_store(session)
    stored = store.append(draft)
    if seen_by_peer:
        store.mark_read(conversation_id, peer_id, stored.seq)
    members = [actor.user_id, peer_id]
    if stored.sent_at != draft.sent_at:
        # A repeat: it has no place in the list of whoever deleted the message meanwhile.
        members = [one for one in members if _has(store, stored, one)]
    # Also for a repeat, since the first time may have ended after the message was stored.
    session.connection().execute(_TOUCH, {"conversation": conversation_id, "now": stored.sent_at, "members": members})
    [view] = attachments.views(session, [stored], {actor.user_id: _own_name(actor)})
    # What was stored before has kept its time.
    is_repeat = stored.sent_at != draft.sent_at
    return MessageSent(conversation_id, actor.user_id, peer_id, view, is_read=seen_by_peer, is_repeat=is_repeat)


def _has(store: MessageStore, message: StoredMessage, reader_id: int) -> bool:
    """Whether a member has not deleted the message for themselves."""
    found = store.since(message.conversation_id, message.seq - 1, 1, reader_id)
    return bool(found) and found[0].seq == message.seq


def checked_body(body: str) -> str:
    """A text as it is stored. Raises ``InvalidBody`` if it cannot be sent."""
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

    Those that an operator turned down are among them: they wait for nothing any more. Only the first 100
    ids are looked at; what is no such id is passed over.
    """
    wanted = [one for one in client_ids[:SETTLED_LIMIT] if is_client_id(one)] if isinstance(client_ids, list) else []
    conversation_id = find_conversation(session, actor, peer_id)
    done = message_screening.turned_down(session, actor.user_id, wanted)
    if conversation_id is not None and wanted:
        done |= message_store(session).stored_ids(conversation_id, actor.user_id, wanted)
    return [one for one in wanted if one in done]


def read(session: Session, actor: Actor, peer_id: int, seq: int) -> ConversationRead | None:
    """The actor has read the conversation up to ``seq``.

    Returns:
        The event if their position moved, else nothing.
    """
    conversation_id = find_conversation(session, actor, peer_id)
    if conversation_id is None or not _is_whole(seq):
        return None
    store = message_store(session)
    if not store.mark_read(conversation_id, actor.user_id, _seq(seq)):
        return None
    return ConversationRead(conversation_id, actor.user_id, peer_id, store.position(conversation_id, actor.user_id))


def read_by(session: Session, actor: Actor, peer_id: int) -> int:
    """The number up to which ``peer_id`` has read the conversation with the actor."""
    conversation_id = find_conversation(session, actor, peer_id)
    return 0 if conversation_id is None else message_store(session).position(conversation_id, peer_id)


def history(
    session: Session, actor: Actor, peer_id: int, before_seq: int | None = None, limit: int = 40
) -> list[MessageView]:
    """A page of the conversation, oldest first: the latest, or the latest before ``before_seq``.

    What the actor deleted is not on it, here and below.
    """
    found = _find_with_name(session, actor, peer_id)
    if found is None or not (before_seq is None or _is_whole(before_seq)):
        return []
    conversation_id, senders = found
    before = None if before_seq is None else _seq(before_seq)
    store, most = message_store(session), bounded(limit, PAGE_LIMIT)
    return attachments.views(session, store.page(conversation_id, before, most, actor.user_id), senders)


def since(session: Session, actor: Actor, peer_id: int, after_seq: int, limit: int = 200) -> list[MessageView]:
    """What was said after ``after_seq``, oldest first: how an open page catches up."""
    found = _find_with_name(session, actor, peer_id)
    if found is None or not _is_whole(after_seq):
        return []
    conversation_id, senders = found
    store, most = message_store(session), bounded(limit, PAGE_LIMIT)
    return attachments.views(session, store.since(conversation_id, _seq(after_seq), most, actor.user_id), senders)


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


def _pair(one: int, other: int) -> dict[str, int]:
    return {"low": min(one, other), "high": max(one, other)}


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _seq(value: int) -> int:
    """The nearest number that a message can have, or 0: what is larger fails in some drivers."""
    return max(0, min(value, _LARGEST_SEQ))


def bounded(limit: int, most: int) -> int:
    """A limit that a client may have sent: between 1 and ``most``."""
    return max(1, min(limit, most)) if _is_whole(limit) else most
