"""Codes of an authenticator app: set up, accepted once, replaced, switched off."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

import pyotp
import pytest
import sqlalchemy as sa
from sqlmodel import col, select

from tests.concurrency import race
from tests.factories import login_token, make_user
from xianyu.adapters import encryption, passwords
from xianyu.adapters.database import Database
from xianyu.models import LoginTicket, RecoveryCode, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, logins, second_step
from xianyu.services.errors import LoginRequired
from xianyu.services.second_step import AlreadyOn, SecondStepRequired, StillDemanded, WrongCode
from xianyu.settings import Settings, get_settings

# Midday of a day like any other, in the middle of a step.
NOON = utc_now().replace(hour=12, minute=0, second=10, microsecond=0)


class Clock:
    """The time that the service sees."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> object:
        return self.now

    def advance(self, steps: int) -> None:
        self.now += timedelta(seconds=second_step.STEP * steps)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(second_step, "utc_now", clock)
    return clock


def code_of(secret: str, clock: Clock, steps: int = 0) -> str:
    """What an app shows, so many steps from now."""
    return pyotp.TOTP(secret).at(clock.now + timedelta(seconds=second_step.STEP * steps))


def enrolled(database: Database, clock: Clock, actor: Actor) -> tuple[str, list[str]]:
    """Switch the second step on, and let its first code be of the past."""
    secret = second_step.new_secret()
    codes = database.write(second_step.confirm, actor, secret, code_of(secret, clock))
    clock.advance(2)
    return secret, codes


def user(database: Database, actor: Actor) -> User:
    return database.read(lambda session: session.get_one(User, actor.user_id))


def test_the_first_code_switches_it_on(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret = second_step.new_secret()
    assert database.read(second_step.state, actor).is_on is False

    codes = database.write(second_step.confirm, actor, secret, code_of(secret, clock))

    view = database.read(second_step.state, actor)
    assert (view.is_on, view.codes_left, view.is_demanded) == (True, 10, False)
    assert len(set(codes)) == 10
    resolved = database.read(accounts.resolve_actor, login_token(database, actor))
    assert resolved is not None
    assert resolved.has_second_step


def test_neither_the_secret_nor_a_recovery_code_can_be_read_from_the_database(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret, codes = enrolled(database, clock, actor)
    stored = user(database, actor).totp_secret
    hashes = set(database.read(lambda session: session.exec(select(RecoveryCode.code_hash)).all()))
    assert secret not in stored
    assert encryption.decrypt(stored) == secret
    assert hashes == {hashlib.sha256(code.replace("-", "").encode()).hexdigest() for code in codes}
    # 24 letters out of 31 are more than the 112 bits that a plain hash asks for.
    assert all(len(code.replace("-", "")) == 24 for code in codes)


@pytest.mark.parametrize(
    "wrong", ["", "000000", "abcdef", "12345", "1234567", "\x00", "\ud800", "１２３" * 100, None, 7]
)
def test_a_wrong_first_code_changes_nothing(database: Database, clock: Clock, wrong: str) -> None:
    actor = make_user(database)
    secret = second_step.new_secret()
    if wrong == code_of(secret, clock):
        pytest.skip("one in a million")
    with pytest.raises(WrongCode):
        database.write(second_step.confirm, actor, secret, wrong)
    assert user(database, actor).totp_secret == ""


def test_what_is_on_cannot_be_taken_over_by_another_secret(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    enrolled(database, clock, actor)
    before = user(database, actor).totp_secret
    other = second_step.new_secret()
    with pytest.raises(AlreadyOn):
        database.write(second_step.confirm, actor, other, code_of(other, clock))
    assert user(database, actor).totp_secret == before


def test_of_two_tabs_that_set_it_up_at_once_one_wins_and_keeps_its_codes(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secrets = [second_step.new_secret() for _ in range(2)]
    results = race(*(partial(database.write, second_step.confirm, actor, one, code_of(one, clock)) for one in secrets))
    winners = [index for index, result in enumerate(results) if not isinstance(result, Exception)]
    assert [type(result) for result in results if isinstance(result, Exception)] == [AlreadyOn]
    assert encryption.decrypt(user(database, actor).totp_secret) == secrets[winners[0]]
    codes = results[winners[0]]
    assert isinstance(codes, list)
    database.write(second_step.verify, actor.user_id, codes[0])


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_this_half_minute_or_a_neighbour_is_good(database: Database, clock: Clock, steps: int) -> None:
    actor = make_user(database)
    secret, _ = enrolled(database, clock, actor)
    code = code_of(secret, clock, steps)
    database.write(second_step.verify, actor.user_id, f" {code[:3]} {code[3:]}")


@pytest.mark.parametrize("steps", [-3, -2, 2, 3, 100])
def test_an_older_or_later_code_is_not(database: Database, clock: Clock, steps: int) -> None:
    actor = make_user(database)
    secret, _ = enrolled(database, clock, actor)
    near = {code_of(secret, clock, near) for near in (-1, 0, 1)}
    code = code_of(secret, clock, steps)
    if code in near:
        pytest.skip("one in a hundred thousand")
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, code)


def test_a_code_works_once(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret, _ = enrolled(database, clock, actor)
    code = code_of(secret, clock)
    database.write(second_step.verify, actor.user_id, code)
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, code)
    clock.advance(1)
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, code)


def test_a_code_before_the_last_accepted_one_is_void(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret, _ = enrolled(database, clock, actor)
    database.write(second_step.verify, actor.user_id, code_of(secret, clock, 1))
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, code_of(secret, clock, 0))


def test_the_code_that_switched_it_on_is_no_login(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret = second_step.new_secret()
    code = code_of(secret, clock)
    database.write(second_step.confirm, actor, secret, code)
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, code)


def test_of_two_who_bring_one_code_at_once_one_gets_in(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret, codes = enrolled(database, clock, actor)
    for code in (code_of(secret, clock), codes[3]):
        results = race(*[partial(database.write, second_step.verify, actor.user_id, code)] * 4)
        assert sorted(type(result).__name__ for result in results) == [*["WrongCode"] * 3, "str"]


def test_a_recovery_code_works_once_however_it_is_typed(database: Database, clock: Clock) -> None:
    actor, other = make_user(database), make_user(database)
    _, codes = enrolled(database, clock, actor)
    enrolled(database, clock, other)
    with pytest.raises(WrongCode):
        database.write(second_step.verify, other.user_id, codes[0])
    database.write(second_step.verify, actor.user_id, f"  {codes[0].replace('-', ' ').lower()}\n")
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, codes[0])
    assert database.read(second_step.state, actor).codes_left == 9
    assert database.read(second_step.state, other).codes_left == 10


def test_new_recovery_codes_void_the_old_ones(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret, old = enrolled(database, clock, actor)
    with pytest.raises(WrongCode):
        database.write(second_step.renew_codes, actor, "000")
    new = database.write(second_step.renew_codes, actor, code_of(secret, clock))
    assert not set(new) & set(old)
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, old[1])
    database.write(second_step.verify, actor.user_id, new[1])


def test_it_is_switched_off_against_a_code_only(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret, _ = enrolled(database, clock, actor)
    with pytest.raises(WrongCode):
        database.write(second_step.disable, actor, "123456x")
    database.write(second_step.disable, actor, code_of(secret, clock))
    view = database.read(second_step.state, actor)
    assert (view.is_on, view.codes_left) == (False, 0)
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, code_of(secret, clock, 1))


def test_accounts_without_it_accept_no_code_at_all(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    for code in ("", "000000", "AAAA-BBBB-CCCC-DDDD-EEEE-FFFF"):
        with pytest.raises(WrongCode):
            database.write(second_step.verify, actor.user_id, code)
    with pytest.raises(WrongCode):
        database.write(second_step.verify, 10**9, "000000")


def test_an_app_reads_the_secret_from_the_enrolment(settings: Settings) -> None:
    secret = second_step.new_secret()
    view = second_step.enrolment(secret, "王小明")
    assert view.key.replace(" ", "") == secret
    assert view.qr.startswith("data:image/svg+xml")
    uri = urlsplit(pyotp.TOTP(secret).provisioning_uri(name="王小明", issuer_name=settings.site_name))
    assert unquote(uri.path) == f"/{settings.site_name}:王小明"
    assert parse_qs(uri.query)["secret"] == [secret]


def test_a_lost_key_lets_nobody_in_but_by_a_recovery_code(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = make_user(database)
    secret, codes = enrolled(database, clock, actor)
    monkeypatch.setenv("XIANYU_SECRET_KEY", "another key, and long enough for that")
    get_settings.cache_clear()
    with pytest.raises(WrongCode):
        database.write(second_step.verify, actor.user_id, code_of(secret, clock))
    database.write(second_step.verify, actor.user_id, codes[0])


# Half-done logins.


def test_the_password_alone_earns_no_ticket(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    assert database.write(logins.after_first_step, actor.user_id) != ""
    secret, _ = enrolled(database, clock, actor)
    database.write(lambda session: session.execute(sa.delete(LoginTicket)))
    assert database.write(logins.after_first_step, actor.user_id) == ""
    assert database.read(lambda session: session.exec(select(LoginTicket)).all()) == []

    half = database.read(logins.half_login, actor.user_id)
    ticket = database.write(logins.after_second_step, half, code_of(secret, clock))
    token, _ = database.write(accounts.redeem_ticket, ticket, "", "Firefox")
    assert database.read(accounts.resolve_actor, token) is not None


def _change_password(database: Database, actor: Actor) -> None:
    changed = sa.update(User).where(col(User.id) == actor.user_id).values(password_hash=passwords.hash_password("x"))
    database.write(lambda session: session.execute(changed))


def _close(database: Database, actor: Actor) -> None:
    changed = sa.update(User).where(col(User.id) == actor.user_id).values(closed_at=utc_now())
    database.write(lambda session: session.execute(changed))


@pytest.mark.parametrize("change", [_change_password, _close])
def test_a_half_done_login_is_void_when_the_account_changed(
    database: Database, clock: Clock, change: Callable[[Database, Actor], None]
) -> None:
    actor = make_user(database)
    secret, _ = enrolled(database, clock, actor)
    half = database.read(logins.half_login, actor.user_id)
    change(database, actor)
    with pytest.raises(logins.HalfLoginOver):
        database.write(logins.after_second_step, half, code_of(secret, clock))


def test_a_half_done_login_has_five_attempts_and_five_minutes(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = sqlite_database.read(logins.half_login, make_user(sqlite_database).user_id)
    later = utc_now() + timedelta(minutes=5, seconds=1)
    tried = half
    for _ in range(5):
        tried = logins.next_attempt(tried)
    with pytest.raises(logins.HalfLoginOver):
        logins.next_attempt(tried)
    monkeypatch.setattr(logins, "utc_now", lambda: later)
    with pytest.raises(logins.HalfLoginOver):
        logins.next_attempt(half)


# Operators.


@pytest.fixture
def demanding(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_OPERATORS_NEED_TOTP", "true")
    get_settings.cache_clear()


def test_operators_must_have_it_where_that_is_set(database: Database, clock: Clock, demanding: None) -> None:
    operator, member = make_user(database, role=Role.OPERATOR), make_user(database)
    assert second_step.must_enrol(operator)
    assert not second_step.must_enrol(member)
    with pytest.raises(SecondStepRequired):
        database.read(accounts.require_operator, operator)

    secret, _ = enrolled(database, clock, operator)
    safe = database.read(accounts.resolve_actor, login_token(database, operator))
    assert safe is not None
    assert database.read(accounts.require_operator, safe) == safe
    with pytest.raises(StillDemanded):
        database.write(second_step.disable, safe, code_of(secret, clock))


def test_operators_may_do_without_it_otherwise(database: Database) -> None:
    operator, member = make_user(database, role=Role.OPERATOR), make_user(database)
    assert database.read(accounts.require_operator, operator) == operator
    with pytest.raises(accounts.OperatorsOnly):
        database.read(accounts.require_operator, member)
    with pytest.raises(LoginRequired):
        database.read(accounts.require_operator, None)


def test_the_kind_of_the_code_and_what_came_before_are_told_to_the_log(database: Database, clock: Clock) -> None:
    actor = make_user(database)
    secret, codes = enrolled(database, clock, actor)
    kinds = []
    for code in (code_of(secret, clock), codes[0]):
        half = database.read(logins.half_login, actor.user_id)
        kinds.append(logins.factors_of(database.write(logins.after_second_step, half, code)))
    assert kinds == ["password+totp", "password+recovery_code"]


def test_a_ticket_with_other_factors_is_none(database: Database) -> None:
    actor = make_user(database)
    ticket = database.write(logins.after_first_step, actor.user_id, logins.PASSWORD)
    assert ticket.startswith("password.")
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, ticket.replace("password", "password.totp"), "", "Firefox")
    database.write(accounts.redeem_ticket, ticket, "", "Firefox")
