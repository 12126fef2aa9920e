"""Neighbours who are logged in, and conversations with a past."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from itertools import count

import sqlalchemy as sa
from sqlmodel import Session, col

from benchmarks.tabs import BODY
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import AuthSession, Message, MessageThread, ReadPosition, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import messages

_number = count(1)


@dataclass(frozen=True)
class Person:
    """A neighbour and the value of their session cookie."""

    actor: Actor
    cookie: str


def make_person(database: Database) -> Person:
    """A neighbour with a login. Nobody can log in as them again: there is no password."""
    return database.write(_insert_person, f"bench{next(_number)}", passwords.new_token())


def _insert_person(session: Session, name: str, cookie: str) -> Person:
    email = f"{name}@example.com"
    user = User(username=name, username_key=name, email=email, email_key=email, password_hash="-")
    session.add(user)
    session.flush()
    assert user.id is not None
    login = AuthSession(
        token_hash=passwords.token_hash(cookie), user_id=user.id, expires_at=utc_now() + timedelta(days=1)
    )
    session.add(login)
    session.flush()
    assert login.id is not None
    return Person(Actor(user.id, name, Role.MEMBER, login.id, name), cookie)


def make_pair(database: Database, past: int = 0) -> tuple[Person, Person]:
    """Two people, and the conversation between them with ``past`` messages, all of them read."""
    one, other = make_person(database), make_person(database)
    database.write(_insert_past, one.actor, other.actor, past)
    return one, other


def _insert_past(session: Session, one: Actor, other: Actor, past: int) -> None:
    conversation_id = messages.conversation_with(session, one, other.user_id)
    now = utc_now()
    rows = [
        {
            "conversation_id": conversation_id,
            "seq": seq,
            "sender_id": (one, other)[seq % 2].user_id,
            "client_id": str(uuid.uuid4()),
            "body": BODY,
            "sent_at": now - timedelta(seconds=past - seq),
        }
        for seq in range(1, past + 1)
    ]
    if rows:
        session.execute(sa.insert(Message), rows)
    for table, key in ((MessageThread, {"last_seq": past}), (ReadPosition, {"seq": past})):
        session.execute(sa.update(table).where(col(table.conversation_id) == conversation_id).values(**key))


def stored_ids(database: Database, one: Person, other: Person) -> set[str]:
    """The client ids of every message between two people."""

    def work(session: Session) -> set[str]:
        conversation_id = messages.conversation_with(session, one.actor, other.actor.user_id)
        return set(session.scalars(sa.select(col(Message.client_id)).where(_is_in(conversation_id))))

    return database.read(work)


def _is_in(conversation_id: int) -> sa.ColumnElement[bool]:
    return col(Message.conversation_id) == conversation_id
