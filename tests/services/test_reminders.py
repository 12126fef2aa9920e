"""Who is mailed about missed messages: what each condition is for, and that an absence brings one mail."""

from datetime import datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.concurrency import race
from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.models import AuthSession, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, conversation_list, message_changes, messages, reminders
from xianyu.services.reminders import AWAY_FOR, BATCH, NEWS_FOR, UNREAD_FOR, Reminder

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)

_number = count(1)


def send(database: Database, sender: Actor, to: Actor) -> None:
    database.write(messages.send, sender, to.user_id, f"client-{next(_number)}", "还在吗？")


def set_user(database: Database, actor: Actor, **values: Any) -> None:
    statement = sa.update(User).where(col(User.id) == actor.user_id).values(**values)
    database.write(lambda session: session.execute(statement))


def set_seen(database: Database, actor: Actor, at: datetime) -> None:
    statement = sa.update(AuthSession).where(col(AuthSession.user_id) == actor.user_id).values(seen_at=at)
    database.write(lambda session: session.execute(statement))


def log_out(database: Database, actor: Actor) -> None:
    statement = sa.delete(AuthSession).where(col(AuthSession.user_id) == actor.user_id)
    database.write(lambda session: session.execute(statement))


def due(database: Database, now: datetime) -> list[int]:
    return [reminder.user_id for reminder in database.read(reminders.due, now)]


@pytest.fixture
def alice(database: Database) -> Actor:
    """Away for an hour, with a message that came a moment ago."""
    alice = make_user(database, username="小艾", email="alice@example.com")
    set_seen(database, alice, utc_now() - HOUR)
    send(database, make_user(database), alice)
    return alice


@pytest.fixture
def later() -> datetime:
    """When that message has waited long enough."""
    return utc_now() + UNREAD_FOR + timedelta(minutes=1)


def test_a_reminder_counts_messages_and_neighbours(database: Database, alice: Actor, later: datetime) -> None:
    bob = make_user(database)
    send(database, bob, alice)
    send(database, bob, alice)
    [reminder] = database.read(reminders.due, later)
    assert reminder == Reminder(alice.user_id, "小艾", "alice@example.com", messages=3, neighbours=2)
    mail = reminders.mail(reminder)
    assert mail.to == "alice@example.com"
    assert "2 位邻居给你发了消息，共有 3 条还没看" in mail.text
    assert "还在吗" not in mail.text + mail.html + mail.subject


def test_the_newest_message_waits_for_a_while(database: Database, alice: Actor) -> None:
    assert due(database, utc_now() + UNREAD_FOR - SECOND * 30) == []
    assert due(database, utc_now() + UNREAD_FOR + SECOND) == [alice.user_id]


def test_a_newer_message_makes_the_older_one_wait_too(
    database: Database, alice: Actor, later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob = make_user(database)
    with monkeypatch.context() as patch:
        patch.setattr(messages, "utc_now", lambda: later - SECOND)
        send(database, bob, alice)
    assert due(database, later) == []
    assert due(database, later + UNREAD_FOR) == [alice.user_id]


def test_what_is_old_is_no_news(database: Database, alice: Actor) -> None:
    now = utc_now()
    assert due(database, now + NEWS_FOR - HOUR) == [alice.user_id]
    assert due(database, now + NEWS_FOR + HOUR) == []


def test_what_one_wrote_oneself_does_not_make_the_old_new(
    database: Database, later: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = make_user(database), make_user(database)
    with monkeypatch.context() as patch:
        patch.setattr(messages, "utc_now", lambda: later - NEWS_FOR - HOUR)
        send(database, bob, alice)
    send(database, alice, carol := make_user(database))
    for actor in (alice, carol):
        log_out(database, actor)
    assert due(database, later) == [carol.user_id]


def test_who_switched_mails_off_gets_none(database: Database, alice: Actor, later: datetime) -> None:
    set_user(database, alice, mail_about_messages=False)
    assert due(database, later) == []
    assert database.write(reminders.note, alice.user_id, later) is False


def test_who_left_gets_none(database: Database, alice: Actor, later: datetime) -> None:
    set_user(database, alice, closed_at=later)
    assert due(database, later) == []
    assert database.write(reminders.note, alice.user_id, later) is False


def test_what_was_read_is_not_missed(database: Database, alice: Actor, later: datetime) -> None:
    [peer_id] = database.read(conversation_list.unread_by_user, alice.user_id)
    database.write(messages.read, alice, peer_id, 1)
    assert due(database, later) == []


def test_what_is_muted_brings_no_mail_but_does_not_stop_others(
    database: Database, alice: Actor, later: datetime
) -> None:
    [peer_id] = database.read(conversation_list.unread_by_user, alice.user_id)
    database.write(message_changes.set_muted, alice, peer_id, True)
    assert due(database, later) == []
    send(database, make_user(database), alice)
    [reminder] = database.read(reminders.due, later)
    assert (reminder.user_id, reminder.messages, reminder.neighbours) == (alice.user_id, 1, 1)
    database.write(message_changes.set_muted, alice, peer_id, False)
    [reminder] = database.read(reminders.due, later)
    assert reminder.neighbours == 2


def test_who_was_here_lately_gets_none(database: Database, alice: Actor, later: datetime) -> None:
    set_seen(database, alice, later - AWAY_FOR + SECOND)
    assert due(database, later) == []
    set_seen(database, alice, later - AWAY_FOR)
    assert due(database, later) == [alice.user_id]


def test_another_browser_that_was_here_counts(database: Database, alice: Actor, later: datetime) -> None:
    other = AuthSession(token_hash="f" * 64, user_id=alice.user_id, seen_at=later - SECOND, expires_at=later)

    def add(session: Session) -> None:
        session.add(AuthSession(**other.model_dump()))

    database.write(add)
    assert due(database, later) == []


def test_what_came_before_the_last_visit_is_not_missed(database: Database, alice: Actor) -> None:
    set_seen(database, alice, utc_now() + SECOND)
    assert due(database, utc_now() + 2 * HOUR) == []


def test_own_news_in_one_conversation_do_not_make_old_ones_of_another_new(database: Database, alice: Actor) -> None:
    set_seen(database, alice, utc_now())
    send(database, alice, peer := make_user(database))
    assert due(database, utc_now() + 2 * HOUR) == [peer.user_id]


def test_an_absence_brings_one_mail(database: Database, alice: Actor, later: datetime) -> None:
    assert database.write(reminders.note, alice.user_id, later) is True
    assert due(database, later) == []
    assert database.write(reminders.note, alice.user_id, later) is False
    send(database, make_user(database), alice)
    assert due(database, later + HOUR) == []


def test_a_visit_begins_a_new_absence(database: Database, alice: Actor) -> None:
    now = utc_now()
    set_user(database, alice, reminded_at=now - 2 * HOUR)
    assert due(database, now + HOUR) == [alice.user_id]
    assert database.write(reminders.note, alice.user_id, now + HOUR) is True


def test_who_logged_out_is_reminded_once(database: Database, alice: Actor, later: datetime) -> None:
    log_out(database, alice)
    assert due(database, later) == [alice.user_id]
    assert database.write(reminders.note, alice.user_id, later) is True
    assert due(database, later) == []
    assert database.write(reminders.note, alice.user_id, later) is False


def test_a_login_begins_a_new_absence_even_if_it_is_over(database: Database, alice: Actor, later: datetime) -> None:
    log_out(database, alice)
    bob = make_user(database)
    for actor in (alice, bob):
        set_user(database, actor, reminded_at=later)
    database.write(reminders.forget, alice.user_id)
    assert due(database, later) == [alice.user_id]
    kept = database.read(lambda session: session.get_one(User, bob.user_id).reminded_at)
    assert kept == later


def test_of_two_who_note_at_once_one_sends(database: Database, alice: Actor, later: datetime) -> None:
    for login in (True, False):
        results = race(*[partial(database.write, reminders.note, alice.user_id, later)] * 2)
        assert sorted(results, key=str) == [False, True]
        if login:
            log_out(database, alice)
            database.write(reminders.forget, alice.user_id)


def test_the_work_does_not_grow_with_the_people(database: Database, alice: Actor, later: datetime) -> None:
    ran: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("SELECT"):
            ran.append(statement)

    def queries(now: datetime = later) -> tuple[int, int]:
        ran.clear()
        return len(due(database, now)), len(ran)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        assert queries() == (1, 4)
        bob = make_user(database)
        for _ in range(4):
            person = make_user(database)
            set_seen(database, person, utc_now() - HOUR)
            send(database, alice, person)
            send(database, bob, person)
        assert queries() == (5, 4)
        for person_id in due(database, later):
            database.write(reminders.note, person_id, later)
        assert queries() == (0, 1)
        database.write(lambda session: session.execute(sa.update(User).values(reminded_at=None)))
        database.write(lambda session: session.execute(sa.update(AuthSession).values(seen_at=utc_now())))
        # Nothing came since: nobody's messages are even counted.
        assert queries(later + HOUR) == (0, 1)
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)


def test_there_may_be_more_people_than_one_batch(sqlite_database: Database) -> None:
    sender = make_user(sqlite_database)

    def fill(session: Session) -> list[int]:
        found = []
        for number in range(BATCH + 3):
            name, address = f"batch{number}", f"batch{number}@example.com"
            keys = accounts.fold_username(name), accounts.fold_email(address)
            user = User(username=name, username_key=keys[0], email=address, email_key=keys[1], password_hash="")
            session.add(user)
            session.flush()
            assert user.id is not None
            found.append(user.id)
            messages.send(session, sender, user.id, f"client-{next(_number)}", "还在吗？")
        return found

    people = sqlite_database.write(fill)
    assert due(sqlite_database, utc_now() + UNREAD_FOR + SECOND) == people
