"""Identities at third parties: what they lead to, and how accounts are made for them."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pyotp
import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from tests.concurrency import race
from tests.external_logins import (
    MEI,
    come_back,
    identities,
    join,
    leave,
    redeem,
    rows,
    set_up_providers,
    set_user,
)
from tests.factories import PASSWORD, make_user
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import ExternalLogin, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import ExternalPerson, LoginUnderWay, Outcome, Step
from xianyu.services import accounts, external_logins, second_step
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.external_logins import LoginLapsed, UnusableIdentity
from xianyu.services.logins import AccountClosed


@pytest.fixture(autouse=True)
def two_providers(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_providers(monkeypatch)


def make_old(database: Database) -> None:
    statement = sa.update(ExternalLogin).values(expires_at=utc_now() - timedelta(seconds=1))
    database.write(partial(Session.execute, statement=statement))


def add_second_step(database: Database, actor: Actor) -> str:
    secret = second_step.new_secret()
    database.write(second_step.confirm, actor, secret, pyotp.TOTP(secret).now())
    # As if the code of the enrolment were of a former half minute.
    set_user(database, actor.user_id, totp_step=0)
    return secret


def test_the_state_is_taken_up_once(database: Database) -> None:
    handshake = leave(database, next_path="/listing/7")
    under_way = database.write(external_logins.take_up, None, "campus", handshake.state)
    assert under_way == LoginUnderWay("campus", handshake.nonce, handshake.code_verifier, "/listing/7", None)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.take_up, None, "campus", handshake.state)


def test_of_many_who_bring_one_state_one_goes_on(database: Database) -> None:
    handshake = leave(database)
    results = race(*[partial(database.write, external_logins.take_up, None, "campus", handshake.state)] * 4)
    assert sorted(type(result).__name__ for result in results) == ["LoginLapsed"] * 3 + ["LoginUnderWay"]


def test_the_database_knows_only_the_states_hash(database: Database) -> None:
    handshake = leave(database)
    (row,) = rows(database)
    assert row.state_hash == passwords.token_hash(handshake.state)
    assert handshake.state not in {row.nonce, row.code_verifier}
    assert timedelta(minutes=9) < row.expires_at - utc_now() <= timedelta(minutes=10)


def test_a_state_is_good_for_ten_minutes_and_then_cleared_away(database: Database) -> None:
    handshake = leave(database)
    make_old(database)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.take_up, None, "campus", handshake.state)
    leave(database)
    assert len(rows(database)) == 1


@pytest.mark.parametrize("state", ["", "x", "' OR 1=1 --", "\x00", "密" * 1000])
def test_made_up_states_are_refused(database: Database, state: str) -> None:
    leave(database)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.take_up, None, "campus", state)


def test_one_providers_state_is_not_anothers(database: Database) -> None:
    handshake = leave(database)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.take_up, None, "club", handshake.state)
    assert database.write(external_logins.take_up, None, "campus", handshake.state).provider == "campus"


def test_a_login_leads_on_within_this_site_only(database: Database) -> None:
    leave(database, next_path="https://evil.example/x")
    assert rows(database)[0].next_path == "/"


def test_a_newcomer_chooses_a_name_and_is_logged_in(database: Database) -> None:
    asked = come_back(database)
    assert (asked.step, asked.ticket) == (Step.CHOOSE_NAME, "")
    view = database.read(external_logins.pending, asked.secret)
    assert (view.provider, view.address, view.is_verified, view.owner) == ("校园账号", "mei@example.com", True, "")
    assert database.read(external_logins.suggest_username, asked.secret) == "小梅"
    made = database.write(external_logins.create_account, asked.secret, "小梅", "ignored@example.com")
    assert (made.step, made.next_path) == (Step.LOGGED_IN, "/sell")
    actor = redeem(database, made)
    user = database.read(lambda session: session.get_one(User, actor.user_id))
    assert (user.username, user.email, user.password_hash) == ("小梅", "mei@example.com", "")
    assert identities(database) == [(actor.user_id, "campus", MEI.subject)]
    assert rows(database) == []


def test_an_account_without_a_password_opens_to_none(database: Database) -> None:
    join(database)
    credentials = database.read(accounts.find_credentials, "小梅")
    for password in ("", PASSWORD):
        with pytest.raises(accounts.WrongCredentials):
            accounts.check_password(credentials, password)


def test_who_is_known_is_logged_in(database: Database) -> None:
    actor = join(database)
    # Another address by now, and one that another account has: the subject alone decides.
    make_user(database, email="other@example.com")
    outcome = come_back(database, replace(MEI, email="other@example.com"))
    assert (outcome.step, outcome.user_id, outcome.next_path) == (Step.LOGGED_IN, actor.user_id, "/sell")
    assert redeem(database, outcome).user_id == actor.user_id


def test_the_same_subject_at_another_provider_is_somebody_else(database: Database) -> None:
    join(database)
    outcome = come_back(database, replace(MEI, email="else@example.com"), provider="club")
    assert outcome.step == Step.CHOOSE_NAME


@pytest.mark.parametrize("subject", ["", " ", "x ", " x", "x\n", "x\x00", "密", "x" * 256])
def test_subjects_that_cannot_be_told_apart_are_refused(database: Database, subject: str) -> None:
    with pytest.raises(UnusableIdentity):
        come_back(database, ExternalPerson(subject))
    assert rows(database) == []


def test_subjects_differ_by_case(database: Database) -> None:
    join(database, ExternalPerson("abc"), "小写", "a@example.com")
    assert come_back(database, ExternalPerson("ABC")).step == Step.CHOOSE_NAME
    assert come_back(database, ExternalPerson("x" * 255)).step == Step.CHOOSE_NAME


def test_without_a_verified_address_one_is_asked_for(database: Database) -> None:
    asked = come_back(database, replace(MEI, email_verified=False))
    assert asked.step == Step.CHOOSE_NAME
    with pytest.raises(InvalidForm) as refused:
        database.write(external_logins.create_account, asked.secret, "小梅", "nonsense")
    assert set(refused.value.errors) == {"email"}
    made = database.write(external_logins.create_account, asked.secret, "小梅", "typed@example.com")
    user = database.read(lambda session: session.get_one(User, made.user_id))
    assert user.email == "typed@example.com"


@pytest.mark.parametrize("email", ["nonsense", "a@b\x00.example", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_none(database: Database, email: str) -> None:
    asked = come_back(database, ExternalPerson("1", email, email_verified=True, name="a\x00b"))
    view = database.read(external_logins.pending, asked.secret)
    assert (view.address, view.is_verified, view.name) == ("", False, "")


def test_an_unverified_address_of_an_account_opens_nothing(database: Database) -> None:
    make_user(database, "阿梅", email="mei@example.com")
    asked = come_back(database, replace(MEI, email_verified=False))
    assert asked.step == Step.CHOOSE_NAME
    assert database.read(external_logins.pending, asked.secret).owner == ""
    with pytest.raises(InvalidForm) as refused:
        database.write(external_logins.create_account, asked.secret, "小梅", "mei@example.com")
    assert set(refused.value.errors) == {"email"}


def test_a_taken_name_is_refused_and_the_login_waits_on(database: Database) -> None:
    make_user(database, "小梅")
    asked = come_back(database)
    assert database.read(external_logins.suggest_username, asked.secret) == "mei"
    with pytest.raises(InvalidForm) as refused:
        database.write(external_logins.create_account, asked.secret, "小梅", "")
    assert set(refused.value.errors) == {"username"}
    made = database.write(external_logins.create_account, asked.secret, "小梅二", "")
    assert made.step == Step.LOGGED_IN


@pytest.mark.parametrize(
    ("name", "email", "suggestion"),
    [
        ("王 小明!", "", "王小明"),
        ("Ｌｉ-Mei", "", "LiMei"),
        ("😀", "li.mei+x@example.com", "limeix"),
        ("很" * 30, "", "很" * 20),
        ("x", "", ""),
        ("", "", ""),
    ],
)
def test_a_name_is_suggested_that_would_be_accepted(database: Database, name: str, email: str, suggestion: str) -> None:
    asked = come_back(database, ExternalPerson("1", email, email_verified=bool(email), name=name))
    assert database.read(external_logins.suggest_username, asked.secret) == suggestion


def test_a_suggestion_is_free(database: Database) -> None:
    for taken in ("Octocat", "octocat2", "octocat3"):
        make_user(database, taken)
    asked = come_back(database, ExternalPerson("1", name="octocat"))
    assert database.read(external_logins.suggest_username, asked.secret) == "octocat4"


def test_a_waiting_login_is_good_once_and_for_half_an_hour(database: Database) -> None:
    asked = come_back(database)
    database.write(external_logins.create_account, asked.secret, "小梅", "")
    for again in (asked.secret, come_back_and_wait(database)):
        with pytest.raises(LoginLapsed):
            database.write(external_logins.create_account, again, "小梅二", "")
        with pytest.raises(LoginLapsed):
            database.read(external_logins.pending, again)


def come_back_and_wait(database: Database) -> str:
    asked = come_back(database, ExternalPerson("other"))
    make_old(database)
    return asked.secret


def test_the_state_that_was_in_addresses_opens_nothing_later(database: Database) -> None:
    handshake = leave(database)
    for service in (external_logins.pending, external_logins.suggest_username, external_logins.account_of_code):
        with pytest.raises(LoginLapsed):
            database.read(service, handshake.state)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.create_account, handshake.state, "小梅", "mei@example.com")
    asked = come_back(database)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.take_up, None, "campus", asked.secret)


def test_two_tabs_of_one_newcomer_make_one_account(database: Database) -> None:
    first, second = come_back(database), come_back(database)
    results = race(
        partial(database.write, external_logins.create_account, first.secret, "小梅一", ""),
        partial(database.write, external_logins.create_account, second.secret, "小梅二", ""),
    )
    assert sum(isinstance(result, Outcome) for result in results) == 1
    assert all(isinstance(result, Outcome | DomainError) for result in results)
    assert len(identities(database)) == 1
    assert database.read(lambda session: len(session.exec(select(User.id)).all())) == 1


def test_two_newcomers_who_want_one_name_at_once(database: Database) -> None:
    asked = [come_back(database, ExternalPerson(subject, name="小梅")).secret for subject in ("1", "2", "3")]
    results = race(
        *[
            partial(database.write, external_logins.create_account, secret, "小梅", f"{number}@example.com")
            for number, secret in enumerate(asked)
        ]
    )
    assert sorted(type(result).__name__ for result in results) == ["InvalidForm", "InvalidForm", "Outcome"]


def test_an_account_with_the_verified_address_is_linked_by_its_password(database: Database) -> None:
    owner = make_user(database, "阿梅", email="Mei@Example.com")
    asked = come_back(database)
    assert (asked.step, asked.ticket) == (Step.GIVE_PASSWORD, "")
    view = database.read(external_logins.pending, asked.secret)
    assert (view.owner, view.has_way_in) == ("阿梅", True)
    assert identities(database) == []
    linked = database.write(external_logins.link_by_password, asked.secret, owner.user_id)
    assert redeem(database, linked).user_id == owner.user_id
    assert identities(database) == [(owner.user_id, "campus", MEI.subject)]
    assert come_back(database).step == Step.LOGGED_IN


def test_another_accounts_password_links_nothing(database: Database) -> None:
    make_user(database, "阿梅", email="mei@example.com")
    stranger = make_user(database)
    asked = come_back(database)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.link_by_password, asked.secret, stranger.user_id)
    assert identities(database) == []


def test_no_second_account_is_made_for_a_verified_address(database: Database) -> None:
    make_user(database, "阿梅", email="mei@example.com")
    asked = come_back(database)
    with pytest.raises(InvalidForm):
        database.write(external_logins.create_account, asked.secret, "小梅", "new@example.com")


def test_an_account_without_a_password_cannot_be_linked_by_one(database: Database) -> None:
    join(database)
    asked = come_back(database, replace(MEI, subject="another"))
    assert asked.step == Step.GIVE_PASSWORD
    view = database.read(external_logins.pending, asked.secret)
    assert (view.owner, view.has_way_in) == ("小梅", False)


def test_the_second_step_is_asked_for_after_a_third_party(database: Database) -> None:
    actor = join(database)
    secret = add_second_step(database, actor)
    asked = come_back(database)
    assert (asked.step, asked.ticket) == (Step.SECOND_STEP, "")
    assert database.read(external_logins.account_of_code, asked.secret) == actor.user_id
    with pytest.raises(second_step.WrongCode):
        database.write(external_logins.give_code, asked.secret, "000000")
    done = database.write(external_logins.give_code, asked.secret, pyotp.TOTP(secret).now())
    assert redeem(database, done).user_id == actor.user_id
    with pytest.raises(LoginLapsed):
        database.write(external_logins.give_code, asked.secret, pyotp.TOTP(secret).now())


def test_who_waits_for_a_code_can_do_nothing_else(database: Database) -> None:
    actor = join(database)
    add_second_step(database, actor)
    asked = come_back(database)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.create_account, asked.secret, "别人", "b@example.com")
    again = database.write(external_logins.link_by_password, asked.secret, actor.user_id)
    assert (again.step, again.ticket) == (Step.SECOND_STEP, "")


def test_a_password_alone_links_nothing_where_a_code_is_wanted(database: Database) -> None:
    owner = make_user(database, "阿梅", email="mei@example.com")
    secret = add_second_step(database, owner)
    asked = come_back(database)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.give_code, asked.secret, pyotp.TOTP(secret).now())
    half = database.write(external_logins.link_by_password, asked.secret, owner.user_id)
    assert (half.step, half.ticket) == (Step.SECOND_STEP, "")
    assert identities(database) == []
    done = database.write(external_logins.give_code, asked.secret, pyotp.TOTP(secret).now())
    assert redeem(database, done).user_id == owner.user_id
    assert identities(database) == [(owner.user_id, "campus", MEI.subject)]


def test_an_account_that_was_erased_opens_no_more(database: Database) -> None:
    actor = join(database)
    set_user(database, actor.user_id, closed_at=utc_now())
    with pytest.raises(AccountClosed):
        come_back(database)
