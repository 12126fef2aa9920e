"""The proofs that the settings ask for, over sockets: a password, a code, or a login of a moment ago."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.external_logins import identity_of, set_up_providers, set_user
from tests.factories import PASSWORD, make_user
from tests.live_site import Site, Tab
from tests.mailbox import Mailbox
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.models import AuthSession, ExternalIdentity, ExternalLogin, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import closing, password_change, second_step

NEW = "另一个很长的密码 2"
TOO_OLD = "为了账号安全，请重新登录，并在 10 分钟内完成这一步"


@pytest.fixture(autouse=True)
def campus(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_providers(monkeypatch, "campus")


def count(database: Database, table: type[Any]) -> int:
    return database.read(lambda session: len(session.exec(select(table)).all()))


def log_in_at(database: Database, actor: Actor, minutes: int) -> None:
    """Let the login be so many minutes old."""
    moment = utc_now() - timedelta(minutes=minutes)
    mine = sa.update(AuthSession).where(col(AuthSession.id) == actor.session_id).values(created_at=moment)
    database.write(partial(Session.execute, statement=mine))


async def test_linking_asks_for_the_password(site: Site) -> None:
    actor = make_user(site.database)
    tab = await site.tab_of(actor, routes.SETTINGS)
    card = tab["linked_logins_state"]
    await tab.call("linked_logins_state.link", provider="campus")
    assert (card["wanted"], card["leaving"]) == ("绑定 校园账号", "")
    for wrong in ("wrong password", "", None, ["x"]):
        await tab.call("linked_logins_state.submit", form={"link_password": wrong})
        assert card["errors"] == {"link_password": password_change.WRONG}
    assert (card["leaving"], count(site.database, ExternalLogin)) == ("", 0)
    await tab.call("linked_logins_state.submit", form={"link_password": PASSWORD})
    assert card["leaving"].startswith("/auth/external/campus?intent=")
    assert (card["wanted"], card["errors"], card["busy"]) == ("", {}, False)


async def test_unlinking_asks_for_the_password_and_is_told_by_mail(site: Site, mailbox: Mailbox) -> None:
    actor = make_user(site.database, email="lin@example.com")
    identity_id = identity_of(site.database, actor)
    tab = await site.tab_of(actor, routes.SETTINGS)
    card = tab["linked_logins_state"]
    await tab.call("linked_logins_state.unlink", identity_id=identity_id)
    assert card["wanted"] == "解绑 校园账号"
    await tab.call("linked_logins_state.submit", form={"link_password": "wrong password"})
    assert card["errors"] == {"link_password": password_change.WRONG}
    assert count(site.database, ExternalIdentity) == 1
    await tab.call("linked_logins_state.submit", form={"link_password": PASSWORD})
    assert (card["said"], card["identities"]) == ("已解绑", [])
    assert count(site.database, ExternalIdentity) == 0
    (told,) = await asyncio.to_thread(mailbox.wait, 1, "lin@example.com")
    assert "解绑" in str(told.message["Subject"])


async def test_a_wish_that_was_given_up_asks_no_more(site: Site) -> None:
    actor = make_user(site.database)
    identity_id = identity_of(site.database, actor)
    tab = await site.tab_of(actor, routes.SETTINGS)
    await tab.call("linked_logins_state.unlink", identity_id=identity_id)
    await tab.call("linked_logins_state.leave")
    assert tab["linked_logins_state"]["wanted"] == ""
    await tab.call("linked_logins_state.submit", form={"link_password": PASSWORD})
    assert count(site.database, ExternalIdentity) == 1


async def test_guessing_there_is_slowed(site: Site) -> None:
    tab = await site.tab_of(make_user(site.database), routes.SETTINGS)
    await tab.call("linked_logins_state.link", provider="campus")
    for _ in range(11):
        await tab.call("linked_logins_state.submit", form={"link_password": "wrong password"})
    assert "操作太频繁" in tab["linked_logins_state"]["errors"]["link_password"]
    await tab.call("linked_logins_state.submit", form={"link_password": PASSWORD})
    assert tab["linked_logins_state"]["leaving"] == ""


# Accounts without a password.

ASKED: dict[str, dict[str, Any]] = {
    "linked_logins_state.link": {"provider": "campus"},
    "settings_email_state.submit": {"form": {"email": "new@example.com"}},
    "settings_password_state.submit": {"form": {"new_password": NEW, "confirmation": NEW}},
    "settings_second_step_state.begin": {"form": {}},
    "my_data_state.close_account": {"form": {"closing_password": "", "word": closing.WORD}},
}


async def opened_without_a_password(site: Site, minutes: int) -> Tab:
    actor = make_user(site.database)
    set_user(site.database, actor.user_id, password_hash="")
    log_in_at(site.database, actor, minutes)
    return await site.tab_of(actor, routes.SETTINGS)


def of_note(tab: Tab, event: str) -> list[Any]:
    """What the card shows of something that was granted."""
    names = ("leaving", "sent_to", "done", "enrolment", "closing")
    shown = tab[event.partition(".")[0]]
    return [shown[name] for name in names if shown.get(name) not in (None, "", {"qr": "", "key": ""})]


@pytest.mark.parametrize("event", ASKED)
async def test_an_old_login_is_no_proof(site: Site, event: str) -> None:
    tab = await opened_without_a_password(site, 11)
    before = site.database.read(lambda session: session.exec(select(User)).one().model_dump())
    await tab.call(event, **ASKED[event])
    assert tab[event.partition(".")[0]]["errors"] == {"proof": TOO_OLD}
    assert site.database.read(lambda session: session.exec(select(User)).one().model_dump()) == before
    assert count(site.database, ExternalLogin) == 0


@pytest.mark.parametrize("event", ASKED)
async def test_a_login_of_a_moment_ago_is(site: Site, event: str) -> None:
    tab = await opened_without_a_password(site, 9)
    await tab.call(event, **ASKED[event])
    assert tab[event.partition(".")[0]]["errors"] == {}
    assert of_note(tab, event) != []


@pytest.mark.parametrize(("minutes", "left"), [(9, 1), (11, 2)])
async def test_unlinking_without_a_password(site: Site, minutes: int, left: int) -> None:
    actor = make_user(site.database)
    set_user(site.database, actor.user_id, password_hash="")
    identity_id, _ = identity_of(site.database, actor), identity_of(site.database, actor, "2")
    log_in_at(site.database, actor, minutes)
    tab = await site.tab_of(actor, routes.SETTINGS)
    await tab.call("linked_logins_state.unlink", identity_id=identity_id)
    assert tab["linked_logins_state"]["errors"] == ({} if left == 1 else {"proof": TOO_OLD})
    assert (count(site.database, ExternalIdentity), len(tab["linked_logins_state"]["identities"])) == (left, left)


# The second step.


@pytest.mark.parametrize("password", [PASSWORD, ""])
async def test_a_new_address_asks_for_the_code(site: Site, password: str) -> None:
    actor = make_user(site.database)
    secret = second_step.new_secret()
    codes = site.database.write(second_step.confirm, actor, secret, pyotp.TOTP(secret).now())
    if not password:
        set_user(site.database, actor.user_id, password_hash="")
    tab = await site.tab_of(actor, routes.SETTINGS)
    card = tab["settings_email_state"]
    assert card["view"]["needs_code"] is True
    form = {"email": "new@example.com", "email_password": password}
    await tab.call("settings_email_state.submit", form=form)
    assert card["errors"] == {"email_code": "请输入验证码"}
    await tab.call("settings_email_state.submit", form=form | {"email_code": "000000"})
    assert list(card["errors"]) == ["email_code"]
    assert card["sent_to"] == ""
    await tab.call("settings_email_state.submit", form=form | {"email_code": codes[0]})
    assert (card["errors"], card["sent_to"]) == ({}, "new@example.com")


async def test_a_second_step_that_was_set_up_meanwhile_is_asked_for(site: Site) -> None:
    actor = make_user(site.database)
    tab = await site.tab_of(actor, routes.SETTINGS)
    secret = second_step.new_secret()
    site.database.write(second_step.confirm, actor, secret, pyotp.TOTP(secret).now())
    form = {"email": "new@example.com", "email_password": PASSWORD}
    await tab.call("settings_email_state.submit", form=form)
    assert tab["settings_email_state"]["errors"] == {"email_code": "请输入验证码"}
    assert tab["settings_email_state"]["view"]["needs_code"] is True


async def test_guessing_the_code_there_is_slowed(site: Site) -> None:
    actor = make_user(site.database)
    secret = second_step.new_secret()
    site.database.write(second_step.confirm, actor, secret, pyotp.TOTP(secret).now())
    tab = await site.tab_of(actor, routes.SETTINGS)
    form = {"email": "new@example.com", "email_password": PASSWORD, "email_code": "000000"}
    for _ in range(4):
        await tab.call("settings_email_state.submit", form=form)
    assert "操作太频繁" in str(tab["settings_email_state"]["errors"])
