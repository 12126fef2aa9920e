"""The list of one's logins, putting browsers out, and what a new password does to them."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from tests.concurrency import race
from tests.factories import PASSWORD, make_user
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import AuthSession, LoginTicket, MailedToken, TokenPurpose, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import SessionEnded
from xianyu.services import accounts, mailed_tokens, password_change, sessions
from xianyu.services.devices import UNKNOWN, device_name
from xianyu.services.errors import InvalidForm, LoginRequired
from xianyu.services.password_change import WrongPassword
from xianyu.services.sessions import LoginNotFound

NEW = "另一个很长的密码 2"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"


def log_in(database: Database, actor: Actor, user_agent: str = CHROME, address: str = "192.0.2.7") -> Actor:
    """Another browser of the same person."""
    ticket = database.write(accounts.issue_ticket, actor.user_id)
    token, _ = database.write(accounts.redeem_ticket, ticket, "", user_agent, address)
    found = database.read(accounts.resolve_actor, token)
    assert found is not None
    return found


def is_in(database: Database, actor: Actor) -> bool:
    return database.read(accounts.actor_of_session, actor.session_id) is not None


def change(database: Database, actor: Actor, new: str = NEW) -> password_change.Changed:
    stored = database.read(password_change.stored_hash, actor)
    return database.write(password_change.change, actor, stored, passwords.hash_password(new))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1", "本机"),
        ("::1", "本机"),
        ("192.168.1.7", "局域网"),
        ("10.20.30.40", "局域网"),
        ("172.31.255.1", "局域网"),
        ("169.254.3.4", "局域网"),
        ("fd00::7", "局域网"),
        ("fe80::7", "局域网"),
        ("172.32.0.1", "172.32.0.1"),
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("", ""),
    ],
)
def test_a_near_address_is_a_word(sqlite_database: Database, address: str, place: str) -> None:
    actor = log_in(sqlite_database, make_user(sqlite_database), address=address)
    assert sqlite_database.read(sessions.logins, actor)[0].place == place


def test_the_list_names_each_browser_this_one_first(database: Database) -> None:
    desk = make_user(database)
    phone = log_in(database, desk, IPHONE, "2001:db8::1")
    make_user(database)

    ours = database.read(sessions.logins, phone)
    assert [(one.id, one.device, one.place, one.is_current) for one in ours] == [
        (phone.session_id, "Safari · iPhone", "2001:db8::1", True),
        (desk.session_id, UNKNOWN, "", False),
    ]
    assert [one.id for one in database.read(sessions.logins, desk)] == [desk.session_id, phone.session_id]


def test_expired_logins_are_not_listed(database: Database) -> None:
    actor = make_user(database)
    old = log_in(database, actor)
    past = utc_now() - timedelta(seconds=1)
    expired = sa.update(AuthSession).where(col(AuthSession.id) == old.session_id).values(expires_at=past)
    database.write(lambda session: session.execute(expired))
    assert [one.id for one in database.read(sessions.logins, actor)] == [actor.session_id]


def test_a_visit_tells_where_it_came_from(database: Database) -> None:
    actor = log_in(database, make_user(database))
    past = utc_now() - accounts.SEEN_INTERVAL - timedelta(seconds=1)
    earlier = sa.update(AuthSession).where(col(AuthSession.id) == actor.session_id).values(seen_at=past)
    database.write(lambda session: session.execute(earlier))
    database.write(accounts.note_visit, actor, "198.51.100.9")
    assert database.read(sessions.logins, actor)[0].place == "198.51.100.9"
    database.write(lambda session: session.execute(earlier))
    database.write(accounts.note_visit, actor)
    assert database.read(sessions.logins, actor)[0].place == "198.51.100.9"


def test_one_browser_is_put_out(database: Database) -> None:
    desk = make_user(database)
    phone, tablet = log_in(database, desk), log_in(database, desk)
    assert database.write(sessions.end, desk, phone.session_id) == SessionEnded(desk.user_id, phone.session_id)
    assert [is_in(database, one) for one in (desk, phone, tablet)] == [True, False, True]
    with pytest.raises(LoginNotFound):
        database.write(sessions.end, desk, phone.session_id)


@pytest.mark.parametrize("made_up", [0, -1, 10**12, 2**80, True, "1", None, [1]])
def test_only_ones_own_browsers_can_be_put_out(database: Database, made_up: int) -> None:
    actor, other = make_user(database), make_user(database)
    for session_id in (other.session_id, made_up):
        with pytest.raises(LoginNotFound):
            database.write(sessions.end, actor, session_id)
    assert is_in(database, other)


def test_all_others_are_put_out_and_nobody_elses(database: Database) -> None:
    desk, stranger = make_user(database), make_user(database)
    phone, tablet = log_in(database, desk), log_in(database, desk)
    ticket = database.write(accounts.issue_ticket, desk.user_id)

    ended = database.write(sessions.end_others, desk)

    assert ended == [SessionEnded(desk.user_id, one.session_id) for one in (phone, tablet)]
    assert [is_in(database, one) for one in (desk, phone, tablet, stranger)] == [True, False, False, True]
    # A login that is on its way does not slip through.
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, ticket, "", "")
    assert database.write(sessions.end_others, desk) == []


def test_a_ticket_that_is_exchanged_meanwhile_does_not_slip_through(database: Database) -> None:
    desk = make_user(database)
    for _ in range(5):
        ticket = database.write(accounts.issue_ticket, desk.user_id)
        race(
            partial(database.write, accounts.redeem_ticket, ticket, "", ""),
            partial(database.write, sessions.end_others, desk),
        )
        left = database.read(lambda session: session.exec(select(AuthSession.id)).all())
        tickets = database.read(lambda session: session.exec(select(LoginTicket)).all())
        assert (left, tickets) == ([desk.session_id], [])


def test_two_browsers_that_put_each_other_out_at_once(database: Database) -> None:
    desk = make_user(database)
    phone = log_in(database, desk)
    results = race(
        partial(database.write, sessions.end_others, desk), partial(database.write, sessions.end_others, phone)
    )
    assert [result for result in results if isinstance(result, Exception)] == []


# A new password.


def test_a_new_password_puts_out_every_other_browser(database: Database) -> None:
    desk = make_user(database)
    phone, stranger = log_in(database, desk), make_user(database)

    changed = change(database, desk)

    assert changed.ended == (SessionEnded(desk.user_id, phone.session_id),)
    assert [is_in(database, one) for one in (desk, phone, stranger)] == [True, False, True]
    stored = database.read(password_change.stored_hash, desk)
    assert passwords.verify_password(NEW, stored)
    assert not passwords.verify_password(PASSWORD, stored)
    assert "密码已修改" in changed.mail.subject


def test_a_new_password_voids_mailed_links(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    for one in (actor, other):
        database.write(mailed_tokens.issue, one.user_id, TokenPurpose.RESET_PASSWORD)
    change(database, actor)
    left = database.read(lambda session: session.exec(select(MailedToken.user_id)).all())
    assert left == [other.user_id]


def test_of_two_changes_at_once_one_counts(database: Database) -> None:
    actor = make_user(database)
    stored = database.read(password_change.stored_hash, actor)
    hashes = [passwords.hash_password(f"{NEW}{number}") for number in range(3)]
    results = race(*(partial(database.write, password_change.change, actor, stored, one) for one in hashes))
    winners = [one for one, result in zip(hashes, results, strict=True) if not isinstance(result, Exception)]
    assert [type(result) for result in results if isinstance(result, Exception)] == [WrongPassword] * 2
    assert [database.read(password_change.stored_hash, actor)] == winners


@pytest.mark.parametrize(
    ("old", "new", "confirmation", "refused"),
    [
        (PASSWORD, NEW, NEW, set()),
        ("", NEW, NEW, {"old_password"}),
        ("something else", NEW, NEW, {"old_password"}),
        (PASSWORD, "short", "short", {"new_password"}),
        (PASSWORD, PASSWORD, PASSWORD, {"new_password"}),
        (PASSWORD, NEW, NEW + "x", {"confirmation"}),
        ("", "", "x", {"old_password", "new_password", "confirmation"}),
    ],
)
def test_the_form_of_a_new_password(old: str, new: str, confirmation: str, refused: set[str]) -> None:
    check = partial(password_change.check_change, passwords.hash_password(PASSWORD), old, new, confirmation)
    if not refused:
        assert passwords.verify_password(new, check())
        return
    with pytest.raises(InvalidForm) as error:
        check()
    assert set(error.value.errors) == refused


@pytest.mark.parametrize("new", ["小明的旧书摊旧书摊", "xiaoming@example.com", "xiaomingxiaoming"])
def test_ones_own_names_are_no_new_password(new: str) -> None:
    names = ("小明的旧书摊旧书摊", "xiaoming@example.com")
    with pytest.raises(InvalidForm) as error:
        password_change.check_change(passwords.hash_password(PASSWORD), PASSWORD, new, new, *names)
    assert set(error.value.errors) == {"new_password"}


def test_an_account_without_a_password_chooses_one(database: Database) -> None:
    actor = make_user(database)
    without = sa.update(User).where(col(User.id) == actor.user_id).values(password_hash="")
    database.write(lambda session: session.execute(without))
    assert database.read(password_change.stored_hash, actor) == ""
    password_change.check("", "anything", "field")
    new_hash = password_change.check_change("", "", NEW, NEW)
    database.write(password_change.change, actor, "", new_hash)
    with pytest.raises(WrongPassword):
        password_change.check(database.read(password_change.stored_hash, actor), PASSWORD, "field")


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome · Windows"),
        (IPHONE, "Safari · iPhone"),
        (f"{CHROME} Edg/140.0.0.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox · Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari · macOS"),
        ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.50", "微信 · iPhone"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) Chrome/114.0 Safari/537.36 ArkWeb/4.1", "Chrome · 鸿蒙"),
        ("Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) CriOS/140.0 Mobile Safari/604.1", "Chrome · iPad"),
        ("curl/8.5.0", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_devices_have_readable_names(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
