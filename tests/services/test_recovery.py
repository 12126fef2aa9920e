"""Reset links: who gets one, how long it is good, and what using it ends."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from tests.concurrency import race
from tests.factories import PASSWORD, login_token, make_user
from xianyu import routes
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.adapters.mail import Mail
from xianyu.models import AuthSession, LoginTicket, MailedToken, TokenPurpose, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import SessionEnded
from xianyu.services import accounts, email_change, mailed_tokens, password_change, recovery
from xianyu.services.accounts import WrongCredentials
from xianyu.services.errors import InvalidForm, LoginRequired
from xianyu.services.mailed_tokens import LinkExpired
from xianyu.services.recovery import Reset
from xianyu.settings import get_settings

NEW = "全新的密码 battery"


def token_in(mail: Mail) -> str:
    """What the link of a mail carries."""
    [link] = [line for line in mail.text.splitlines() if "?token=" in line]
    assert link.startswith(get_settings().public_url)
    return parse_qs(urlsplit(link).query)["token"][0]


def ask(database: Database, email: str) -> str:
    """The token that a request brings."""
    link = database.write(recovery.request_reset, email)
    assert link is not None
    return token_in(link.mail)


def reset(database: Database, token: str, session_token: str = "") -> Reset:
    return database.write(recovery.reset_password, token, recovery.check_form(NEW, NEW), session_token)


def opens(database: Database, login: str, password: str) -> bool:
    try:
        accounts.check_password(database.read(accounts.find_credentials, login), password)
    except WrongCredentials:
        return False
    return True


def count(database: Database, table: type[MailedToken | LoginTicket | AuthSession]) -> int:
    return len(database.read(lambda session: session.exec(select(table)).all()))


def expect_void(database: Database, token: str) -> None:
    with pytest.raises(LinkExpired):
        database.read(recovery.check_token, token)
    with pytest.raises(LinkExpired):
        reset(database, token)


def test_a_link_sets_a_new_password(database: Database) -> None:
    user = make_user(database, "alice", email="Alice@example.com")
    link = database.write(recovery.request_reset, " aLICE@example.com ")
    assert link is not None
    assert (link.user_id, link.mail.to) == (user.user_id, "Alice@example.com")
    token = token_in(link.mail)
    assert routes.reset_password(token) in link.mail.html
    database.read(recovery.check_token, token)
    done = reset(database, token)
    assert done.user_id == user.user_id
    assert opens(database, "alice", NEW)
    assert not opens(database, "alice", PASSWORD)
    assert (done.mail.to, "密码" in done.mail.subject) == ("Alice@example.com", True)
    assert NEW not in done.mail.text


@pytest.mark.parametrize("email", ["nobody@example.com", "alice", "", "\x00", "' OR 1=1 --", "%@example.com"])
def test_no_account_no_link(email: str, sqlite_database: Database) -> None:
    make_user(sqlite_database, "alice", email="alice@example.com")
    assert sqlite_database.write(recovery.request_reset, email) is None
    assert count(sqlite_database, MailedToken) == 0


def test_an_erased_account_gets_no_link(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    closed = sa.update(User).where(col(User.id) == user.user_id).values(closed_at=utc_now())
    database.write(lambda session: session.execute(closed))
    assert database.write(recovery.request_reset, "alice@example.com") is None


def test_the_database_keeps_only_a_hash_and_half_an_hour(database: Database) -> None:
    make_user(database, email="alice@example.com")
    token = ask(database, "alice@example.com")
    row = database.read(lambda session: session.exec(select(MailedToken)).one())
    assert row.token_hash == passwords.token_hash(token)
    assert token not in str(row.model_dump())
    assert timedelta(minutes=29) < row.expires_at - utc_now() <= timedelta(minutes=30)
    # 256 bits, in the alphabet of addresses.
    assert len(token) == 43


def test_a_link_is_good_once(database: Database) -> None:
    make_user(database, email="alice@example.com")
    token = ask(database, "alice@example.com")
    reset(database, token)
    expect_void(database, token)


def test_of_two_who_use_a_link_at_once_one_succeeds(database: Database) -> None:
    make_user(database, email="alice@example.com")
    token = ask(database, "alice@example.com")
    hashes = [recovery.check_form(word, word) for word in ("黄昏 first horse", "清晨 second horse")]
    results = race(*[partial(database.write, recovery.reset_password, token, one) for one in hashes])
    assert sorted(type(result).__name__ for result in results) == ["LinkExpired", "Reset"]


def test_a_link_is_good_for_half_an_hour(database: Database) -> None:
    make_user(database, email="alice@example.com")
    token = ask(database, "alice@example.com")
    past = sa.update(MailedToken).values(expires_at=utc_now() - timedelta(seconds=1))
    database.write(lambda session: session.execute(past))
    expect_void(database, token)
    assert opens(database, "alice@example.com", PASSWORD)


def test_a_newer_link_voids_the_older(database: Database) -> None:
    make_user(database, email="alice@example.com")
    older, newer = ask(database, "alice@example.com"), ask(database, "alice@example.com")
    expect_void(database, older)
    assert reset(database, newer)


def test_of_two_requests_at_once_one_link_is_good(database: Database) -> None:
    make_user(database, email="alice@example.com")
    tokens = race(*[partial(ask, database, "alice@example.com")] * 3)
    assert [token for token in tokens if isinstance(token, Exception)] == []
    good = [token for token in tokens if isinstance(token, str) and _is_good(database, token)]
    assert len(good) == count(database, MailedToken) == 1


def _is_good(database: Database, token: str) -> bool:
    try:
        database.read(recovery.check_token, token)
    except LinkExpired:
        return False
    return True


def test_another_ones_request_voids_nothing(database: Database) -> None:
    for name in ("alice", "bob"):
        make_user(database, name, email=f"{name}@example.com")
    token = ask(database, "alice@example.com")
    ask(database, "bob@example.com")
    reset(database, token)
    assert opens(database, "alice", NEW)
    assert opens(database, "bob", PASSWORD)


def test_a_changed_password_voids_the_link(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    token = ask(database, "alice@example.com")
    stored = database.read(password_change.stored_hash, user)
    new_hash = password_change.check_change(stored, PASSWORD, NEW, NEW)
    database.write(password_change.change, user, stored, new_hash)
    expect_void(database, token)


def test_a_changed_address_voids_the_link(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    token = ask(database, "alice@example.com")
    link, _ = database.write(email_change.request, user, "new@example.com")
    database.write(email_change.confirm, token_in(link))
    expect_void(database, token)


def test_a_reset_voids_the_link_that_changes_the_address(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    link, _ = database.write(email_change.request, user, "new@example.com")
    reset(database, ask(database, "alice@example.com"))
    with pytest.raises(LinkExpired):
        database.write(email_change.confirm, token_in(link))


def test_a_link_is_good_for_its_own_purpose(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    link, _ = database.write(email_change.request, user, "new@example.com")
    expect_void(database, token_in(link))
    with pytest.raises(LinkExpired):
        database.write(email_change.confirm, ask(database, "alice@example.com"))


NEARLY: list[Callable[[str], str]] = [lambda token: token[:-1], lambda token: f"{token}A", passwords.token_hash]


@pytest.mark.parametrize("change", NEARLY)
def test_only_the_token_itself_is_good(change: Callable[[str], str], sqlite_database: Database) -> None:
    make_user(sqlite_database, email="alice@example.com")
    token = ask(sqlite_database, "alice@example.com")
    expect_void(sqlite_database, change(token))
    assert reset(sqlite_database, token)


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "\x00" * 43, "密" * 43, "\ud800", "A" * 43, "A" * 100_000])
def test_made_up_tokens_are_refused(token: str, database: Database) -> None:
    make_user(database, email="alice@example.com")
    ask(database, "alice@example.com")
    expect_void(database, token)
    assert count(database, MailedToken) == 1


def test_a_reset_ends_every_login(database: Database) -> None:
    user, other = make_user(database, email="alice@example.com"), make_user(database)
    cookie, foreign = login_token(database, user), login_token(database, other)
    second = _log_in(database, user)
    done = reset(database, ask(database, "alice@example.com"))
    assert set(done.ended) == {SessionEnded(user.user_id, user.session_id), SessionEnded(user.user_id, second)}
    assert database.read(accounts.resolve_actor, cookie) is None
    assert database.read(accounts.resolve_actor, foreign) == other
    assert count(database, AuthSession) == 1


def _log_in(database: Database, user: Actor) -> int:
    ticket = database.write(accounts.issue_ticket, user.user_id)
    token, _ = database.write(accounts.redeem_ticket, ticket, "", "Firefox")
    actor = database.read(accounts.resolve_actor, token)
    assert actor is not None
    return actor.session_id


def test_the_browser_that_resets_stays_logged_in(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    cookie, second = login_token(database, user), _log_in(database, user)
    done = reset(database, ask(database, "alice@example.com"), cookie)
    assert done.ended == (SessionEnded(user.user_id, second),)
    assert database.read(accounts.resolve_actor, cookie) == user


def test_another_ones_login_saves_none_of_the_accounts(database: Database) -> None:
    user, other = make_user(database, email="alice@example.com"), make_user(database)
    foreign = login_token(database, other)
    done = reset(database, ask(database, "alice@example.com"), foreign)
    assert done.ended == (SessionEnded(user.user_id, user.session_id),)
    assert database.read(accounts.resolve_actor, foreign) == other


def test_a_reset_ends_logins_that_are_half_done(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    ticket = database.write(accounts.issue_ticket, user.user_id)
    reset(database, ask(database, "alice@example.com"))
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, ticket, "", "")


def test_a_login_that_races_with_a_reset_does_not_outlive_it(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    ticket = database.write(accounts.issue_ticket, user.user_id)
    token = ask(database, "alice@example.com")
    race(
        partial(database.write, accounts.redeem_ticket, ticket, "", ""),
        partial(reset, database, token),
    )
    assert count(database, AuthSession) == count(database, LoginTicket) == 0


@pytest.mark.parametrize(
    ("password", "confirmation", "fields"),
    [
        ("", "", {"password"}),
        ("short", "short", {"password"}),
        (NEW, "another one", {"confirmation"}),
        ("short", "other", {"password", "confirmation"}),
        ("密" * 65, "密" * 65, {"password"}),
        ("password\x00", "password\x00", {"password"}),
    ],
)
def test_refused_new_passwords(password: str, confirmation: str, fields: set[str]) -> None:
    with pytest.raises(InvalidForm) as refused:
        recovery.check_form(password, confirmation)
    assert set(refused.value.errors) == fields


@pytest.mark.parametrize("typed", ["", " ", "alice", "alice@", "alice@example", "a@b.com\nBcc: eve@example.com"])
def test_refused_addresses(typed: str) -> None:
    with pytest.raises(InvalidForm) as refused:
        recovery.check_address(typed)
    assert list(refused.value.errors) == ["email"]


def test_expired_tokens_of_others_are_cleared_away(database: Database) -> None:
    for name in ("alice", "bob"):
        make_user(database, email=f"{name}@example.com")
    ask(database, "alice@example.com")
    past = sa.update(MailedToken).values(expires_at=utc_now() - timedelta(seconds=1))
    database.write(lambda session: session.execute(past))
    ask(database, "bob@example.com")
    assert count(database, MailedToken) == 1


def test_tokens_leave_with_their_account(database: Database) -> None:
    user = make_user(database)
    database.write(mailed_tokens.issue, user.user_id, TokenPurpose.RESET_PASSWORD)
    database.write(lambda session: session.execute(sa.delete(User).where(col(User.id) == user.user_id)))
    assert count(database, MailedToken) == 0
