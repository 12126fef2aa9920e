"""Neighbours who are logged in, and conversations with a past, in whichever store the settings choose."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from sqlmodel import Session

from benchmarks.tabs import BODY, new_client_id
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.adapters.message_stores import message_store
from xianyu.models import AuthSession, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import StoredMessage, StoredThread
from xianyu.services import messages

# Messages that are stored, and that are asked for, at once.
BATCH = 1000
ASKED_AT_ONCE = messages.SETTLED_LIMIT

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
    conversation_id = database.write(messages.conversation_with, one.actor, other.actor.user_id)
    for start in range(1, past + 1, BATCH):
        numbers = range(start, min(start + BATCH, past + 1))
        database.write(_store_past, conversation_id, (one.actor.user_id, other.actor.user_id), numbers)
    if past:
        read = {person.actor.user_id: (past, 0) for person in (one, other)}
        database.write(_store_thread, StoredThread(conversation_id, past, read, {}))
    return one, other


def _store_past(session: Session, conversation_id: int, people: tuple[int, int], numbers: range) -> None:
    now = utc_now() - timedelta(days=1)
    said = [
        StoredMessage(conversation_id, seq, people[seq % 2], new_client_id(), BODY, now + timedelta(milliseconds=seq))
        for seq in numbers
    ]
    message_store(session).restore_messages(said)


def _store_thread(session: Session, thread: StoredThread) -> None:
    message_store(session).restore_thread(thread)


def unstored(database: Database, sender: Person, recipient: Person, client_ids: list[str]) -> list[str]:
    """Those of the messages from one to the other that are not in the store."""
    stored: set[str] = set()
    for start in range(0, len(client_ids), ASKED_AT_ONCE):
        some = client_ids[start : start + ASKED_AT_ONCE]
        stored.update(database.read(messages.settled, sender.actor, recipient.actor.user_id, some))
    return [one for one in client_ids if one not in stored]
