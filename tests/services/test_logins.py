"""Tickets, sessions, and the end of both."""

from datetime import datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from tests.concurrency import race
from tests.factories import login_token, make_user
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import AuthSession, LoginTicket, Role
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import SessionEnded
from xianyu.services import accounts
from xianyu.services.errors import LoginRequired


def log_in(database: Database, user_id: int, old_token: str = "") -> tuple[str, SessionEnded | None]:
    ticket = database.write(accounts.issue_ticket, user_id)
    return database.write(accounts.redeem_ticket, ticket, old_token, "Firefox")


def resolve(database: Database, token: str) -> Actor | None:
    return database.read(accounts.resolve_actor, token)


def set_login(database: Database, actor: Actor, **values: datetime) -> None:
    statement = sa.update(AuthSession).where(col(AuthSession.id) == actor.session_id).values(**values)
    database.write(lambda session: session.execute(statement))


def get_login(database: Database, actor: Actor) -> AuthSession:
    return database.read(lambda session: session.get_one(AuthSession, actor.session_id))


def test_a_ticket_becomes_a_session(database: Database) -> None:
    user = make_user(database, "alice", role=Role.OPERATOR)
    token, ended = log_in(database, user.user_id)
    actor = resolve(database, token)
    assert actor is not None
    assert (actor.user_id, actor.username, actor.is_operator, ended) == (user.user_id, "alice", True, None)
    assert actor.session_id != user.session_id
    row = get_login(database, actor)
    assert row.user_agent == "Firefox"
    assert timedelta(days=29) < row.expires_at - utc_now() <= timedelta(days=30)


def test_the_database_knows_only_hashes(database: Database) -> None:
    user = make_user(database)
    ticket = database.write(accounts.issue_ticket, user.user_id)
    stored = database.read(lambda session: session.exec(select(LoginTicket.ticket_hash)).one())
    assert stored == passwords.token_hash(ticket) != ticket
    token, _ = database.write(accounts.redeem_ticket, ticket, "", "")
    hashes = database.read(lambda session: session.exec(select(AuthSession.token_hash)).all())
    assert passwords.token_hash(token) in hashes
    assert token not in hashes


def test_a_ticket_is_good_once(database: Database) -> None:
    user = make_user(database)
    ticket = database.write(accounts.issue_ticket, user.user_id)
    database.write(accounts.redeem_ticket, ticket, "", "")
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, ticket, "", "")


def test_of_two_who_redeem_a_ticket_at_once_one_is_logged_in(database: Database) -> None:
    user = make_user(database)
    ticket = database.write(accounts.issue_ticket, user.user_id)
    results = race(*[partial(database.write, accounts.redeem_ticket, ticket, "", "")] * 4)
    assert [type(result) for result in results if isinstance(result, Exception)] == [LoginRequired] * 3
    assert database.read(lambda session: len(session.exec(select(AuthSession.id)).all())) == 2


def test_a_ticket_is_good_for_a_minute(database: Database) -> None:
    user = make_user(database)
    ticket = database.write(accounts.issue_ticket, user.user_id)
    expiry = database.read(lambda session: session.exec(select(LoginTicket.expires_at)).one())
    assert timedelta(seconds=50) < expiry - utc_now() <= timedelta(seconds=60)
    past = sa.update(LoginTicket).values(expires_at=utc_now() - timedelta(seconds=1))
    database.write(lambda session: session.execute(past))
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, ticket, "", "")


def test_a_new_ticket_clears_away_the_old_ones(database: Database) -> None:
    user = make_user(database)
    database.write(accounts.issue_ticket, user.user_id)
    past = sa.update(LoginTicket).values(expires_at=utc_now() - timedelta(seconds=1))
    database.write(lambda session: session.execute(past))
    database.write(accounts.issue_ticket, user.user_id)
    assert database.read(lambda session: len(session.exec(select(LoginTicket)).all())) == 1


@pytest.mark.parametrize("ticket", ["", "x", "' OR 1=1 --", "\x00", "密" * 1000])
def test_made_up_tickets_are_refused(database: Database, ticket: str) -> None:
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, ticket, "", "")


def test_a_login_ends_the_session_that_the_browser_had(database: Database) -> None:
    user = make_user(database)
    old_token = login_token(database, user)
    token, ended = log_in(database, user.user_id, old_token)
    assert ended == SessionEnded(user_id=user.user_id, session_id=user.session_id)
    assert resolve(database, old_token) is None
    assert token != old_token
    assert resolve(database, token) is not None


def test_a_refused_login_leaves_the_session_that_the_browser_had(database: Database) -> None:
    user = make_user(database)
    old_token = login_token(database, user)
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, "made up", old_token, "")
    assert resolve(database, old_token) == user


def test_logout_ends_this_browser_and_no_other(database: Database) -> None:
    user = make_user(database)
    other_token, _ = log_in(database, user.user_id)
    token = login_token(database, user)
    ended = database.write(accounts.end_session, token)
    assert ended == SessionEnded(user_id=user.user_id, session_id=user.session_id)
    assert resolve(database, token) is None
    assert resolve(database, other_token) is not None
    assert database.write(accounts.end_session, token) is None


def test_of_two_tabs_that_log_out_at_once_one_ends_the_session(database: Database) -> None:
    user = make_user(database)
    token = login_token(database, user)
    ended = race(*[partial(database.write, accounts.end_session, token)] * 2)
    assert sorted(ended, key=str) == [None, SessionEnded(user_id=user.user_id, session_id=user.session_id)]


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "\x00", "密" * 1000])
def test_made_up_tokens_are_nobody(database: Database, token: str) -> None:
    make_user(database)
    assert resolve(database, token) is None
    assert database.write(accounts.end_session, token) is None


def test_the_stored_hash_is_no_token(database: Database) -> None:
    user = make_user(database)
    login_token(database, user)
    assert resolve(database, get_login(database, user).token_hash) is None


def test_an_expired_session_is_nobody(database: Database) -> None:
    user = make_user(database)
    token = login_token(database, user)
    assert resolve(database, token) == user
    set_login(database, user, expires_at=utc_now() - timedelta(milliseconds=1))
    assert resolve(database, token) is None


def test_a_login_clears_away_expired_sessions(database: Database) -> None:
    gone, user = make_user(database), make_user(database)
    set_login(database, gone, expires_at=utc_now() - timedelta(milliseconds=1))
    log_in(database, user.user_id)
    ids = database.read(lambda session: session.exec(select(AuthSession.id)).all())
    assert gone.session_id not in ids
    assert user.session_id in ids


def test_a_visit_moves_the_expiry_on(database: Database) -> None:
    user = make_user(database)
    soon = utc_now() + timedelta(hours=1)
    set_login(database, user, seen_at=utc_now() - accounts.SEEN_INTERVAL - timedelta(seconds=1), expires_at=soon)
    database.write(accounts.note_visit, user)
    row = get_login(database, user)
    assert row.expires_at > soon + timedelta(days=29)
    assert utc_now() - row.seen_at < timedelta(minutes=1)


def test_a_login_ends_at_last_however_often_it_is_used(database: Database) -> None:
    user = make_user(database)
    began = utc_now() - accounts.LONGEST_LOGIN + timedelta(days=1)
    set_login(database, user, created_at=began, seen_at=utc_now() - timedelta(days=1))
    database.write(accounts.note_visit, user)
    assert get_login(database, user).expires_at == began + accounts.LONGEST_LOGIN


def test_a_visit_soon_after_another_writes_nothing(database: Database) -> None:
    user = make_user(database)
    before = get_login(database, user)
    database.write(accounts.note_visit, user)
    assert get_login(database, user).expires_at == before.expires_at


def test_a_visit_of_one_login_leaves_the_others(database: Database) -> None:
    user, other = make_user(database), make_user(database)
    long_ago = utc_now() - timedelta(days=1)
    for each in (user, other):
        set_login(database, each, seen_at=long_ago)
    database.write(accounts.note_visit, user)
    assert get_login(database, other).seen_at == long_ago
    assert get_login(database, user).seen_at > long_ago
