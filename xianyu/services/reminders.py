"""Mails about messages that were missed: who is to get one, and that each absence brings one at most."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.mail import Mail
from xianyu.adapters.message_stores import message_store
from xianyu.models import AuthSession, ConversationMember, User
from xianyu.services import mails, unsubscribing

# How long the newest message waits to be read, and how long its reader has to be gone.
UNREAD_FOR = timedelta(minutes=10)
AWAY_FOR = timedelta(minutes=30)
# What is older is no news. It also keeps those who left for good from being looked at for ever.
NEWS_FOR = timedelta(days=7)
# People looked at together.
BATCH = 200

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Reminder:
    """A person who missed something: how many messages, of how many neighbours."""

    user_id: int
    username: str
    email: str
    messages: int
    neighbours: int


def _logins(*conditions: Any) -> sa.Exists:
    """Whether the person of the query around this has a login like that."""
    return sa.exists().where(col(AuthSession.user_id) == col(User.id), *conditions).correlate(User, ConversationMember)


_WANTS_MAIL = sa.and_(col(User.mail_about_messages).is_(True), col(User.closed_at).is_(None))
_NOT_REMINDED = sa.or_(col(User.reminded_at).is_(None), _logins(col(AuthSession.seen_at) > col(User.reminded_at)))
# A conversation went on after the last visit.
_SOMETHING_NEW = (
    sa.exists()
    .where(
        col(ConversationMember.user_id) == col(User.id),
        col(ConversationMember.is_muted).is_(False),
        col(ConversationMember.active_at) > sa.bindparam("news_since"),
        ~_logins(col(AuthSession.seen_at) >= col(ConversationMember.active_at)),
    )
    .correlate(User)
)
_CANDIDATES = (
    sa.select(
        col(User.id),
        col(User.username),
        col(User.email),
        sa.select(sa.func.max(col(AuthSession.seen_at)))
        .where(col(AuthSession.user_id) == col(User.id))
        .correlate(User)
        .scalar_subquery()
        .label("seen_at"),
    )
    .where(
        col(User.id) > sa.bindparam("after"),
        _WANTS_MAIL,
        _NOT_REMINDED,
        ~_logins(col(AuthSession.seen_at) > sa.bindparam("away_since")),
        _SOMETHING_NEW,
    )
    .order_by(col(User.id))
    .limit(BATCH)
)


def due(session: Session, now: datetime) -> list[Reminder]:
    """Who is to be reminded: away, with messages that came after their last visit and wait unread.

    A login counts as there when it was used lately; open tabs are for the caller to look at.
    """
    return [reminder for people in _candidates(session, now) for reminder in _missed(session, people, now)]


def _candidates(session: Session, now: datetime) -> Iterator[list[sa.Row[Any]]]:
    values = {"after": 0, "news_since": now - NEWS_FOR, "away_since": now - AWAY_FOR}
    while people := list(session.execute(_CANDIDATES, values).all()):
        yield people
        if len(people) < BATCH:
            return
        values["after"] = people[-1].id


def _missed(session: Session, people: list[sa.Row[Any]], now: datetime) -> Iterator[Reminder]:
    store = message_store(session)
    unread = _but_muted(session, store.unread_of(person.id for person in people))
    last = store.last({conversation_id for counts in unread.values() for conversation_id in counts})
    for person in people:
        counts = unread.get(person.id, {})
        newest = max((last[conversation_id].sent_at for conversation_id in counts), default=_LONG_AGO)
        if max(person.seen_at or _LONG_AGO, now - NEWS_FOR) < newest <= now - UNREAD_FOR:
            yield Reminder(person.id, person.username, person.email, sum(counts.values()), len(counts))


def _but_muted(session: Session, unread: dict[int, dict[int, int]]) -> dict[int, dict[int, int]]:
    """The counts without the conversations about which their reader wants to hear nothing."""
    rows = session.execute(
        sa.select(col(ConversationMember.user_id), col(ConversationMember.conversation_id)).where(
            col(ConversationMember.user_id).in_(list(unread)), col(ConversationMember.is_muted).is_(True)
        )
    )
    muted = {(row.user_id, row.conversation_id) for row in rows}
    return {
        user_id: {
            conversation_id: count
            for conversation_id, count in counts.items()
            if (user_id, conversation_id) not in muted
        }
        for user_id, counts in unread.items()
    }


def note(session: Session, user_id: int, now: datetime) -> bool:
    """Note that the person is reminded.

    Returns:
        Whether the mail is the caller's to send: of two who ask at once, one is told so.
    """
    noted = session.execute(
        sa.update(User)
        .where(col(User.id) == user_id, _WANTS_MAIL, _NOT_REMINDED)
        .values(reminded_at=now)
        .execution_options(synchronize_session=False)
    )
    return getattr(noted, "rowcount", 0) == 1


def forget(session: Session, user_id: int) -> None:
    """The person has just logged in: this absence is over, even if they log out at once."""
    session.execute(
        sa.update(User)
        .where(col(User.id) == user_id, col(User.reminded_at).is_not(None))
        .values(reminded_at=None)
        .execution_options(synchronize_session=False)
    )


def mail(reminder: Reminder) -> Mail:
    """What they are told. Reads the server's key: not for the event loop."""
    return mails.compose(
        "missed_messages",
        reminder.email,
        username=reminder.username,
        messages=reminder.messages,
        neighbours=reminder.neighbours,
        path=routes.MESSAGES,
        unsubscribe=routes.unsubscribe(unsubscribing.token(reminder.user_id)),
    )
