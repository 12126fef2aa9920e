"""Friends: asking, answering, and letting go."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.models import Block, FriendRequest, Friendship, NoticeKind, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import Contact, Contacts
from xianyu.schemas.events import FriendshipChanged, LiveEvent
from xianyu.schemas.times import iso
from xianyu.services import contacts, message_changes, names, notices
from xianyu.services.errors import DomainError
from xianyu.services.message_changes import ConversationNotFound
from xianyu.services.text import clean_line

# A list that is shown whole has an end.
MOST_FRIENDS = 500
MOST_SHOWN = 500
QUERY_LENGTH = 50


class RequestGone(DomainError):
    """A request that is to be answered was withdrawn, or answered already."""

    def __init__(self) -> None:
        super().__init__("这条好友申请已失效")


class TooManyFriends(DomainError):
    """One of the two has as many friends as there is room for."""

    def __init__(self) -> None:
        super().__init__(f"好友最多 {MOST_FRIENDS} 位，已经满了")


def ask(session: Session, actor: Actor, other_id: int) -> list[LiveEvent]:
    """加好友. If the other asked before, the two are friends now. Done twice it is done once.

    Raises:
        PersonNotFound: if there is no such person.
        ThatIsYou: if the two are one.
        NotContactable: if one of them blocked the other.
        TooManyFriends: if this makes them friends and there is no room.
    """
    contacts.hold(session, actor, other_id)
    contacts.refuse_blocked(session, actor.user_id, other_id)
    if session.get(Friendship, (actor.user_id, other_id)) is not None:
        return []
    if session.get(FriendRequest, (other_id, actor.user_id)) is not None:
        return _befriend(session, actor.user_id, other_id)
    changed = FriendshipChanged(actor.user_id, other_id)
    if session.get(FriendRequest, (actor.user_id, other_id)) is not None:
        return [changed]
    session.add(FriendRequest(sender_id=actor.user_id, recipient_id=other_id))
    session.flush()
    return [changed, *notices.add(session, [other_id], NoticeKind.FRIEND_REQUESTED, actor_id=actor.user_id)]


def accept(session: Session, actor: Actor, other_id: int) -> list[LiveEvent]:
    """通过 what ``other_id`` asked. Done twice it is done once. Raises like ``ask``, and ``RequestGone``."""
    contacts.hold(session, actor, other_id)
    contacts.refuse_blocked(session, actor.user_id, other_id)
    if session.get(Friendship, (actor.user_id, other_id)) is not None:
        return []
    if session.get(FriendRequest, (other_id, actor.user_id)) is None:
        raise RequestGone
    return _befriend(session, actor.user_id, other_id)


def _befriend(session: Session, one: int, other: int) -> list[LiveEvent]:
    """Make them friends: ``one`` has just agreed to what ``other`` asked."""
    # Other pairs of the two may become friends meanwhile; a few too many do no harm.
    if max(_count(session, one), _count(session, other)) >= MOST_FRIENDS:
        raise TooManyFriends
    contacts.end_friendship(session, one, other)
    session.execute(sa.insert(Friendship), [{"user_id": one, "friend_id": other}, {"user_id": other, "friend_id": one}])
    told = notices.add(session, [other], NoticeKind.FRIEND_ACCEPTED, actor_id=one)
    return [FriendshipChanged(one, other), *told]


def _count(session: Session, user_id: int) -> int:
    found = sa.select(sa.func.count()).select_from(Friendship).where(col(Friendship.user_id) == user_id)
    return int(session.execute(found).scalar_one())


def decline(session: Session, actor: Actor, other_id: int) -> list[LiveEvent]:
    """拒绝 what ``other_id`` asked; they are not told. Raises ``PersonNotFound`` and ``ThatIsYou``."""
    return _take_away(session, actor, other_id, sender_id=other_id, recipient_id=actor.user_id)


def withdraw(session: Session, actor: Actor, other_id: int) -> list[LiveEvent]:
    """Take back what the actor asked ``other_id``. Raises ``PersonNotFound`` and ``ThatIsYou``."""
    return _take_away(session, actor, other_id, sender_id=actor.user_id, recipient_id=other_id)


def _take_away(session: Session, actor: Actor, other_id: int, *, sender_id: int, recipient_id: int) -> list[LiveEvent]:
    contacts.hold(session, actor, other_id, closed=True)
    request = session.get(FriendRequest, (sender_id, recipient_id))
    if request is None:
        return []
    session.delete(request)
    return [FriendshipChanged(actor.user_id, other_id)]


def unfriend(session: Session, actor: Actor, other_id: int) -> list[LiveEvent]:
    """删除好友: for both, with the actor's copy of the conversation. The other keeps theirs.

    Raises:
        PersonNotFound: if there is no such person.
        ThatIsYou: if the two are one.
    """
    contacts.hold(session, actor, other_id, closed=True)
    if session.get(Friendship, (actor.user_id, other_id)) is None:
        return []
    contacts.end_friendship(session, actor.user_id, other_id)
    events: list[LiveEvent] = [FriendshipChanged(actor.user_id, other_id)]
    try:
        events.append(message_changes.clear(session, actor, other_id))
    except ConversationNotFound:
        return events
    return events


def everybody(session: Session, actor: Actor, text: str = "") -> Contacts:
    """The actor's friends, requests in both directions, and whom they blocked.

    With a text there are only the friends whose name it is part of.
    """
    return everybody_of(session, actor.user_id, text)


def everybody_of(session: Session, user_id: int, text: str = "") -> Contacts:
    """``everybody`` of a person, for the server itself to show in that person's tabs."""
    friends = _people(session, Friendship.friend_id, Friendship.user_id, Friendship.created_at, user_id)
    wanted = clean_line(text)[:QUERY_LENGTH].casefold() if isinstance(text, str) else ""
    found = [one for one in friends if wanted in f"{one.name}\n{one.username}".casefold()]
    request = FriendRequest
    return Contacts(
        friends=sorted(found, key=lambda one: (one.name.casefold(), one.id)),
        asking=_people(session, request.sender_id, request.recipient_id, request.created_at, user_id),
        asked=_people(session, request.recipient_id, request.sender_id, request.created_at, user_id),
        blocked=_people(session, Block.blocked_id, Block.blocker_id, Block.created_at, user_id),
    )


def _people(session: Session, who: Any, whose: Any, since: Any, user_id: int) -> list[Contact]:
    """The people in one column of a table whose other column is the person, the latest first."""
    rows = session.execute(
        sa.select(col(who).label("id"), col(since).label("since"), *names.COLUMNS)
        .join(User, col(User.id) == who)
        .where(whose == user_id, col(User.closed_at).is_(None))
        .order_by(col(since).desc(), col(who))
        .limit(MOST_SHOWN)
    )
    return [_contact(row) for row in rows]


def _contact(row: Any) -> Contact:
    name = names.called(row)
    return Contact(
        id=row.id,
        name=name.text,
        username=row.username,
        avatar_url=name.avatar_url,
        since=iso(row.since),
        url=routes.user(row.id),
        chat_url=routes.conversation(row.id),
    )


def waiting(session: Session, actor: Actor) -> int:
    """How many requests wait for the actor's answer."""
    return waiting_of(session, actor.user_id)


def waiting_of(session: Session, user_id: int) -> int:
    """``waiting`` for a person, for the server itself to show in that person's tabs."""
    found = session.execute(
        sa.select(sa.func.count())
        .select_from(FriendRequest)
        .join(User, col(User.id) == col(FriendRequest.sender_id))
        .where(col(FriendRequest.recipient_id) == user_id, col(User.closed_at).is_(None))
    )
    return int(found.scalar_one())
