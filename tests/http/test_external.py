"""Leaving for a third party and coming back, against real providers on this machine."""

import logging
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from sqlmodel import Session, select

from tests.external_browser import COOKIE, LOGIN, be, events, known, leave, log_in, sessions, set_up, target, who
from tests.factories import make_user
from tests.third_parties import CLIENT_ID, CLIENT_SECRET, Campus, Forger, github
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.adapters.github import Endpoints, GitHubProvider
from xianyu.adapters.mail import outbox
from xianyu.adapters.providers import providers
from xianyu.models import ExternalIdentity, ExternalLogin
from xianyu.services import accounts, email_change, external_logins, second_step


async def test_a_neighbour_logs_in_through_a_provider_of_another_make(
    browser: httpx.AsyncClient, honest: Campus, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(monkeypatch, campus=honest.origin)
    known(database, "u-1", username="小李")
    honest.add_person("u-1", email="li@example.com")
    url = await leave(browser, query="?next=/sell")
    assert url.startswith(f"{honest.origin}/oauth2/authorize?")
    answer = await browser.get(honest.callback(url, "u-1"))
    assert target(answer) == "/sell"
    assert who(database, browser) == "小李"
    assert COOKIE not in browser.cookies


async def test_the_cookies_are_out_of_reach(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database
) -> None:
    known(sqlite_database)
    first = await browser.get(LOGIN.format("campus"))
    state = parse_qs(urlsplit(target(first)).query)["state"][0]
    assert first.headers["set-cookie"] == f"{COOKIE}={state}; HttpOnly; Max-Age=600; Path=/; SameSite=lax"
    second = await browser.get(liar.callback(target(first)))
    given = {cookie.partition("=")[0]: cookie for cookie in second.headers.get_list("set-cookie")}
    session = given[session_cookie_name()]
    assert re.fullmatch(r"xianyu_session=[\w-]{43}; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax", session)
    assert re.match(r'xianyu_external=""; .*Max-Age=0; ', given[COOKIE])


async def test_over_https_the_cookie_is_bound_to_the_host(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    set_up(monkeypatch, campus=liar.origin)
    answer = await browser.get(LOGIN.format("campus"))
    sent = parse_qs(urlsplit(target(answer)).query)
    assert sent["redirect_uri"] == ["https://market.example/auth/external/campus/callback"]
    assert answer.headers["set-cookie"].startswith("__Host-xianyu_external=")
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_sites_page_cannot_begin_a_login(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database, site: str
) -> None:
    answer = await browser.get(LOGIN.format("campus") + "?next=/sell", headers={"Sec-Fetch-Site": site})
    assert target(answer) == "/login?next=%2Fsell"
    assert "set-cookie" not in answer.headers


async def test_a_newcomer_is_asked_for_a_name(browser: httpx.AsyncClient, liar: Forger, database: Database) -> None:
    url = liar.callback(await leave(browser))
    state = browser.cookies[COOKIE]
    answer = await browser.get(url)
    assert target(answer) == "/welcome"
    assert sessions(database) == 0
    # What goes on is another secret than the one that was in addresses.
    assert browser.cookies[COOKIE] != state
    assert database.read(external_logins.pending, browser.cookies[COOKIE]).address == "mei@example.com"


async def test_the_owner_of_the_address_is_asked_for_the_password(
    browser: httpx.AsyncClient, liar: Forger, database: Database
) -> None:
    make_user(database, "阿梅", email="mei@example.com")
    assert target(await log_in(browser, liar)) == "/link"
    assert (who(database, browser), sessions(database)) == ("", 1)


async def test_an_account_with_a_second_step_is_asked_for_its_code(
    browser: httpx.AsyncClient, liar: Forger, database: Database
) -> None:
    actor = known(database)
    secret = second_step.new_secret()
    database.write(second_step.confirm, actor, secret, pyotp.TOTP(secret).now())
    assert target(await log_in(browser, liar)) == "/login/code"
    assert (who(database, browser), sessions(database)) == ("", 1)
    assert database.read(external_logins.account_of_code, browser.cookies[COOKIE]) == actor.user_id


def owner_of_identity(session: Session) -> list[int]:
    return list(session.exec(select(ExternalIdentity.user_id)).all())


async def test_who_is_logged_in_links_an_identity(browser: httpx.AsyncClient, liar: Forger, database: Database) -> None:
    actor = make_user(database)
    be(browser, database, actor)
    intent = database.write(external_logins.intend_to_link, actor, "campus")
    answer = await log_in(browser, liar, query=f"?intent={intent}")
    assert target(answer) == "/me/settings?external=linked"
    assert database.read(owner_of_identity) == [actor.user_id]
    (told,) = [mail for mail in outbox._waiting if mail.to == database.read(email_change.present, actor).address]
    assert "绑定了 campus" in told.text
    assert who(database, browser) == actor.username


async def test_a_link_without_ones_own_intent_links_nothing(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database
) -> None:
    actor, attacker = make_user(sqlite_database), make_user(sqlite_database)
    be(browser, sqlite_database, actor)
    foreign = sqlite_database.write(external_logins.intend_to_link, attacker, "campus")
    for intent in (foreign, "made up"):
        assert await leave(browser, query=f"?intent={intent}") == "/me/settings?external=lapsed"
    assert sqlite_database.read(owner_of_identity) == []


async def test_who_logged_out_meanwhile_links_nothing(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database
) -> None:
    actor, other = make_user(sqlite_database), make_user(sqlite_database)
    for present in (other, None):
        be(browser, sqlite_database, actor)
        intent = sqlite_database.write(external_logins.intend_to_link, actor, "campus")
        url = liar.callback(await leave(browser, query=f"?intent={intent}"))
        browser.cookies.delete(session_cookie_name())
        if present is not None:
            be(browser, sqlite_database, present)
        assert parse_qs(urlsplit(target(await browser.get(url))).query)["external"] == ["lapsed"]
        browser.cookies.clear()
    assert sqlite_database.read(owner_of_identity) == []


async def test_an_identity_of_somebody_else_is_not_linked(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database
) -> None:
    owner, actor = known(sqlite_database), make_user(sqlite_database)
    be(browser, sqlite_database, actor)
    intent = sqlite_database.write(external_logins.intend_to_link, actor, "campus")
    answer = await log_in(browser, liar, query=f"?intent={intent}")
    assert target(answer) == "/me/settings?external=taken"
    assert sqlite_database.read(owner_of_identity) == [owner.user_id]


async def test_a_login_ends_the_session_that_the_browser_had(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database
) -> None:
    known(sqlite_database, username="小李")
    be(browser, sqlite_database, make_user(sqlite_database))
    old = browser.cookies[session_cookie_name()]
    await log_in(browser, liar)
    assert who(sqlite_database, browser) == "小李"
    assert sqlite_database.read(accounts.resolve_actor, old) is None


async def test_github(browser: httpx.AsyncClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with github() as hub:
        at = hub.origin
        endpoints = Endpoints(f"{at}/authorize", f"{at}/token", f"{at}/user", f"{at}/emails")
        monkeypatch.setitem(providers(), "github", GitHubProvider(CLIENT_ID, CLIENT_SECRET, endpoints))
        await leave(browser, "github")
        back = f"/auth/external/github/callback?code=good&state={browser.cookies[COOKIE]}"
        assert target(await browser.get(back)) == "/welcome"
        view = database.read(external_logins.pending, browser.cookies[COOKIE])
        assert (view.provider, view.address, view.is_verified) == ("GitHub", "octocat@example.com", True)
        await leave(browser, "github")
        again = f"/auth/external/github/callback?code=good&state={browser.cookies[COOKIE]}"
        assert target(await browser.get(again)) == "/login?external=refused"


async def test_the_log_tells_who_and_how_and_no_secret(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    actor = known(sqlite_database)
    url = liar.callback(await leave(browser))
    (row,) = sqlite_database.read(lambda session: session.exec(select(ExternalLogin)).all())
    await browser.get(url)
    event = next(one for one in events(caplog) if one["event"] == "external_login")
    assert {name: event[name] for name in ("event", "outcome", "user_id", "provider", "step")} == {
        "event": "external_login",
        "outcome": "success",
        "user_id": actor.user_id,
        "provider": "campus",
        "step": "logged_in",
    }
    assert next(one["factors"] for one in events(caplog) if one["event"] == "login") == "campus"
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("xianyu"))
    secrets = [*parse_qs(urlsplit(url).query).values(), [row.nonce], [row.code_verifier], ["access"], [CLIENT_SECRET]]
    assert [value for (value,) in secrets if value in ours] == []
