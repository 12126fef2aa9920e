"""The public room (公共聊天室): everyone reads, members write, operators keep order.

It is conversation number 0 of the message store, has no members there, and so is in nobody's counts.
"""

import json
import re
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.message_stores import message_store
from xianyu.adapters.messages import StoreUnavailable, ThreadNotOpen
from xianyu.models import NoticeKind, Role, RoomMute, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import OpenedRoom, RoomMessage, RoomPerson
from xianyu.schemas.events import RoomMessageChanged, RoomMessageSent, RoomMuteChanged
from xianyu.schemas.messages import RECALLED, RETRACTED, MessageDraft, StoredMessage
from xianyu.schemas.times import iso
from xianyu.services import accounts, contacts, limits, message_screening, names, notices, operator_log
from xianyu.services.accounts import PersonNotFound, fold_username
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_client_id, is_id
from xianyu.services.message_changes import RECALL_WITHIN, MessageNotFound, RecallTooLate
from xianyu.services.message_errors import InvalidClientId
from xianyu.services.messages import PAGE_LIMIT, SETTLED_LIMIT, bounded, checked_body
from xianyu.settings import get_settings

# The room's number in the message store.
ROOM = 0
# For how many minutes somebody may be muted; 0 ends it.
MUTES = (10, 60, 24 * 60)
# How many people one message can call by name.
MOST_MENTIONS = 5
_LARGEST_SEQ = 2**31 - 1
# What may follow an @ that is not part of an address: a username is at its beginning, however the
# sentence goes on. So many of these are looked up.
_MOST_CALLS = 10
_CALL = re.compile(
    r"(?<![0-9A-Za-z_.@-])@([0-9A-Za-z_\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]{1,20})"
)
_SENDER = sa.select(col(User.id), *names.COLUMNS).where(col(User.id).in_(sa.bindparam("people", expanding=True)))
_CALLED = sa.select(col(User.id), col(User.username_key)).where(
    col(User.username_key).in_(sa.bindparam("keys", expanding=True)), col(User.closed_at).is_(None)
)


class Muted(DomainError):
    """Somebody who was muted would write. The page says until when, in the reader's own time."""

    def __init__(self) -> None:
        super().__init__("你已被禁言，暂时不能在这里发言")


class SlowDown(DomainError):
    """Somebody writes faster than the room allows.

    Args:
        wait: In how many seconds they may write again.
    """

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(f"慢速模式：请 {wait} 秒后再发")


class NotMutable(DomainError):
    """An operator is to be muted."""

    def __init__(self) -> None:
        super().__init__("不能禁言管理员")


class WrongTime(DomainError):
    """Somebody is to be muted for a time that is not among those to choose from."""

    def __init__(self) -> None:
        super().__init__("请选择禁言时长")


async def take_turn(actor: Actor) -> None:
    """Count a message for the slow mode. Operators never wait. Raises ``SlowDown``."""
    pause = get_settings().room_pause
    if pause and not actor.is_operator:
        wait = await limits.waiting("room", pause, str(actor.user_id))
        if wait > 0:
            raise SlowDown(max(1, round(wait + 0.5)))


def open_room(session: Session, actor: Actor | None, limit: int) -> OpenedRoom:
    """What to show of the room, to a member or a visitor."""
    user_id = actor.user_id if actor else 0
    found: list[RoomMessage] = []
    is_available = True
    try:
        found = history(session, actor, limit=limit + 1)
    except StoreUnavailable:
        is_available = False
    return OpenedRoom(
        reader_id=user_id,
        messages=found[-limit:],
        has_older=len(found) > limit,
        blocked=contacts.blocked_by(session, user_id) if actor else [],
        muted_until=muted_until(session, user_id) if actor else "",
        is_operator=actor is not None and actor.is_operator,
        is_available=is_available,
        now=iso(utc_now()),
    )


def muted_until(session: Session, user_id: int) -> str:
    """Until when a person may not write; empty if they may."""
    mute = session.get(RoomMute, user_id)
    return iso(mute.until) if mute is not None and mute.until > utc_now() else ""


def history(
    session: Session, _actor: Actor | None, before_seq: int | None = None, limit: int = 40
) -> list[RoomMessage]:
    """A page of the room, oldest first: the latest, or the latest before ``before_seq``."""
    if before_seq is not None and not is_id(before_seq):
        return []
    before = None if before_seq is None else min(before_seq, _LARGEST_SEQ)
    return _views(session, message_store(session).page(ROOM, before, bounded(limit, PAGE_LIMIT)))


def post(session: Session, actor: Actor, client_id: str, body: str, *, is_approved: bool = False) -> RoomMessageSent:
    """Store a text. The same ``client_id`` again is the same message, stored once.

    Args:
        session: The unit of work.
        actor: Who writes.
        client_id: Made by the sender's browser.
        body: What is written.
        is_approved: Whether an operator has looked at it already.

    Raises:
        InvalidBody: if the text cannot be sent.
        InvalidClientId: if the id is not of the form that the page makes.
        Muted: if the actor may not write now.
        Stopped: if it holds what may not be said, or has to be looked at by an operator first.
    """
    body = checked_body(body)
    if not is_client_id(client_id):
        raise InvalidClientId
    if muted_until(session, actor.user_id):
        raise Muted
    if not is_approved:
        body = message_screening.of_room(session, actor, ROOM, client_id, body)
    called = _called(session, body)
    attachment = json.dumps({"mentions": list(called)}, ensure_ascii=False) if called else ""
    draft = MessageDraft(ROOM, actor.user_id, client_id, body, utc_now(), attachment=attachment)
    store = message_store(session)
    try:
        stored = store.append(draft)
    except ThreadNotOpen:
        store.open(ROOM, ())
        stored = store.append(draft)
    sender = names.Name(actor.name, actor.avatar_url)
    # A repeat of a message tells nobody a second time.
    is_new = stored.sent_at == draft.sent_at
    mentioned = _tell(session, actor, set(called.values()) - {actor.user_id}) if is_new else ()
    return RoomMessageSent(_view(stored, sender, actor.username), mentioned)


def _tell(session: Session, actor: Actor, people: set[int]) -> tuple[int, ...]:
    """Let those who were named know of it, unless one of the two wants nothing of the other."""
    told = people - contacts.apart_from(session, actor.user_id, people)
    notices.add(session, told, NoticeKind.MENTIONED, actor_id=actor.user_id)
    return tuple(sorted(told))


def _called(session: Session, body: str) -> dict[str, int]:
    """Whom a text calls by name: their ids by what stands behind the @."""
    calls = list(dict.fromkeys(_CALL.findall(body)))[:_MOST_CALLS]
    if not calls:
        return {}
    starts = [call[:end] for call in calls for end in range(len(call), 0, -1)]
    keys = {start: fold_username(start) for start in starts}
    rows = session.execute(_CALLED, {"keys": list(set(keys.values()))})
    people = {row.username_key: row.id for row in rows}
    found: dict[str, int] = {}
    for call in calls:
        longest = next((call[:end] for end in range(len(call), 0, -1) if keys[call[:end]] in people), "")
        if longest and len(found) < MOST_MENTIONS:
            found[longest] = people[keys[longest]]
    return found


def settled(session: Session, actor: Actor, client_ids: list[str]) -> list[str]:
    """Which of the actor's messages are stored, by the ids that their browser made; see ``messages.settled``."""
    wanted = [one for one in client_ids[:SETTLED_LIMIT] if is_client_id(one)] if isinstance(client_ids, list) else []
    stored = message_store(session).stored_ids(ROOM, actor.user_id, wanted) if wanted else set()
    done = stored | message_screening.turned_down(session, actor.user_id, wanted)
    return [one for one in wanted if one in done]


def recall(session: Session, actor: Actor, seq: int) -> RoomMessageChanged:
    """Take one's own message back within two minutes. Done twice it is done once.

    Raises:
        MessageNotFound: if there is no such message, or it is not the actor's.
        RecallTooLate: if it was sent more than two minutes ago.
    """
    before = _message(session, seq)
    if before.sender_id != actor.user_id:
        raise MessageNotFound
    after = before
    if before.recalled_at is None:
        found = message_store(session).recall(ROOM, actor.user_id, seq, utc_now() - RECALL_WITHIN)
        if found is None:
            raise RecallTooLate
        after = found
    return _changed(session, after)


def retract(session: Session, actor: Actor, seq: int) -> RoomMessageChanged:
    """Delete anybody's message, for everyone. Done twice it is done once.

    Raises:
        OperatorsOnly: if the actor is none.
        MessageNotFound: if there is no such message.
    """
    accounts.require_operator(session, actor)
    before = _message(session, seq)
    after = message_store(session).retract(ROOM, seq)
    if after is not None:
        operator_log.record(
            session,
            actor,
            "room.retract",
            target_kind="room_message",
            target_id=seq,
            target_name=names.of(session, before.sender_id),
            detail=before.body,
        )
    return _changed(session, after or before)


def _message(session: Session, seq: int) -> StoredMessage:
    found = message_store(session).since(ROOM, seq - 1, 1) if is_id(seq) and seq <= _LARGEST_SEQ else []
    if not found or found[0].seq != seq:
        raise MessageNotFound
    return found[0]


def _changed(session: Session, message: StoredMessage) -> RoomMessageChanged:
    [view] = _views(session, [message])
    return RoomMessageChanged(view)


def mute(session: Session, actor: Actor, user_id: int, minutes: int) -> RoomMuteChanged:
    """Keep somebody from writing for one of ``MUTES``, in minutes from now, or let them again with 0.

    Raises:
        OperatorsOnly: if the actor is none.
        PersonNotFound: if there is no such person.
        NotMutable: if it is an operator.
        WrongTime: if the time is not one of those.
    """
    accounts.require_operator(session, actor)
    person = session.get(User, user_id) if is_id(user_id) else None
    if person is None:
        raise PersonNotFound
    if person.role == Role.OPERATOR:
        raise NotMutable
    if isinstance(minutes, bool) or minutes not in (0, *MUTES):
        raise WrongTime
    session.execute(sa.delete(RoomMute).where(col(RoomMute.user_id) == user_id))
    operator_log.record(
        session,
        actor,
        "room.mute" if minutes else "room.unmute",
        target_kind="user",
        target_id=user_id,
        target_name=person.username,
        detail=f"{minutes} 分钟" if minutes else "",
    )
    if not minutes:
        return RoomMuteChanged(user_id, "")
    until = utc_now() + timedelta(minutes=minutes)
    session.execute(sa.insert(RoomMute).values(user_id=user_id, until=until))
    return RoomMuteChanged(user_id, iso(until))


def people(session: Session, user_ids: Iterable[int]) -> list[RoomPerson]:
    """Those who have the room open, as everyone may see them."""
    rows = session.execute(_SENDER, {"people": list(user_ids)})
    found = [RoomPerson(row.id, *_shown(row), routes.user(row.id)) for row in rows]
    return sorted(found, key=lambda person: person.id)


def _shown(row: sa.Row[tuple[object, ...]]) -> tuple[str, str]:
    name = names.called(row)
    return name.text, name.avatar_url


def _views(session: Session, messages: list[StoredMessage]) -> list[RoomMessage]:
    senders = {message.sender_id for message in messages}
    rows = session.connection().execute(_SENDER, {"people": sorted(senders)}).all() if senders else []
    known = {row.id: (names.called(row), "" if row.closed_at else row.username) for row in rows}
    nobody = (names.Name(names.CLOSED, ""), "")
    return [_view(message, *known.get(message.sender_id, nobody)) for message in messages]


def _view(message: StoredMessage, sender: names.Name, username: str) -> RoomMessage:
    kind = message.kind
    if message.recalled_at:
        kind = RETRACTED if kind == RETRACTED else RECALLED
    return RoomMessage(
        seq=message.seq,
        client_id=message.client_id,
        sender_id=message.sender_id,
        sender_name=sender.text,
        sender_avatar_url=sender.avatar_url,
        sender_username=username,
        body=message.body,
        sent_at=iso(message.sent_at),
        kind=kind,
        mentions=json.loads(message.attachment)["mentions"] if message.attachment else [],
    )
