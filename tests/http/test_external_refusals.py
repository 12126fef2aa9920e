"""Logins at third parties that must come to nothing, and say so."""

import logging
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col
from starlette.applications import Starlette

from tests.external_browser import COOKIE, LOGIN, SITE, events, known, leave, put, sessions, set_up, target, who
from tests.third_parties import Campus, Forger, campus, forger, free_port, unsigned
from xianyu.adapters.database import Database
from xianyu.adapters.security_log import LOGGER
from xianyu.http import external
from xianyu.models import User
from xianyu.services import limits


@pytest.fixture(scope="module")
def honest() -> Iterator[Campus]:
    with campus() as provider:
        yield provider


@pytest.fixture
def liar() -> Iterator[Forger]:
    with forger() as provider:
        yield provider


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Starlette(routes=external.routes))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as client:
        yield client


async def refused(
    browser: httpx.AsyncClient, database: Database, url: str, result: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The browser ends at the login page with a message, nobody is logged in, and it is on record."""
    caplog.set_level(logging.INFO, LOGGER)
    before = sessions(database)
    answer = await browser.get(url)
    assert urlsplit(target(answer)).path == "/login"
    assert parse_qs(urlsplit(target(answer)).query)["external"] == [result]
    assert (who(database, browser), sessions(database)) == ("", before)
    assert COOKIE not in browser.cookies
    event = events(caplog)[-1]
    assert (event["event"], event["outcome"], event["provider"]) == ("external_login", "failure", "campus")


async def test_a_wrong_state_logs_nobody_in(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    known(sqlite_database)
    url = liar.callback(await leave(browser))
    state = parse_qs(urlsplit(url).query)["state"][0]
    await refused(browser, sqlite_database, url.replace(state, "another"), "lapsed", caplog)
    assert "/token" not in liar.asked


@pytest.mark.parametrize("query", ["", "?state=", "?state=%00", "?code=x", "?state=%ed%a0%80&code=x", "?state=é"])
async def test_nonsense_logs_nobody_in(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    query: str,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    await leave(browser)
    await refused(browser, sqlite_database, LOGIN.format("campus") + "/callback" + query, "lapsed", caplog)


async def test_another_browsers_answer_logs_nobody_in_and_spoils_nothing(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """An attacker's own answer, given to a victim to open, must not log the victim in as the attacker."""
    set_up(monkeypatch, campus=liar.origin)
    known(sqlite_database, username="小李")
    url = liar.callback(await leave(browser))
    transport = httpx.ASGITransport(Starlette(routes=external.routes))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as victim:
        await refused(victim, sqlite_database, url, "lapsed", caplog)
        await leave(victim)
        await refused(victim, sqlite_database, url, "lapsed", caplog)
    assert target(await browser.get(url)) == "/"
    assert who(sqlite_database, browser) == "小李"


async def test_an_answer_that_is_replayed_logs_nobody_in(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    known(sqlite_database)
    url = liar.callback(await leave(browser))
    state = browser.cookies[COOKIE]
    await browser.get(url)
    assert sessions(sqlite_database) == 2
    browser.cookies.clear()
    await refused(browser, sqlite_database, url, "lapsed", caplog)
    put(browser, COOKIE, state)
    await refused(browser, sqlite_database, url, "lapsed", caplog)


async def test_a_code_that_was_used_logs_nobody_in(
    browser: httpx.AsyncClient,
    honest: Campus,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The provider's refusal counts, even with a state that is good."""
    set_up(monkeypatch, campus=honest.origin)
    known(sqlite_database, "u-1")
    used = honest.callback(await leave(browser), "u-1")
    assert target(await browser.get(used)) == "/"
    browser.cookies.clear()
    fresh = honest.callback(await leave(browser), "u-1")
    code = {url: parse_qs(urlsplit(url).query)["code"][0] for url in (used, fresh)}
    await refused(browser, sqlite_database, fresh.replace(code[fresh], code[used]), "refused", caplog)
    assert events(caplog)[-1]["reason"] == "invalid_grant"


async def test_one_providers_answer_is_not_anothers(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_up(monkeypatch, campus=liar.origin, club=liar.origin)
    url = liar.callback(await leave(browser, "club"))
    await refused(browser, sqlite_database, url.replace("/club/", "/campus/"), "lapsed", caplog)


LIES: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1_000_000_000},
    "aud": {"aud": "another-client"},
    "nonce": {"nonce": "another's"},
    "iss": {"iss": "https://evil.example"},
}


@pytest.mark.parametrize("reason", LIES)
async def test_a_bad_token_logs_nobody_in(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    reason: str,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    known(sqlite_database)
    liar.claims = LIES[reason]
    await refused(browser, sqlite_database, liar.callback(await leave(browser)), "refused", caplog)
    assert events(caplog)[-1]["reason"] == reason


async def test_a_token_that_nobody_signed_logs_nobody_in(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    known(sqlite_database)
    liar.make_token = unsigned
    await refused(browser, sqlite_database, liar.callback(await leave(browser)), "refused", caplog)


async def test_a_provider_whose_tokens_are_old_logs_nobody_in(
    browser: httpx.AsyncClient,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with campus(token_lifetime=-3600) as stale:
        set_up(monkeypatch, campus=stale.origin)
        known(sqlite_database, "u-1")
        url = stale.callback(await leave(browser), "u-1")
        await refused(browser, sqlite_database, url, "refused", caplog)
    assert events(caplog)[-1]["reason"] == "expired"


async def test_a_provider_that_is_down_is_said_to_be(
    browser: httpx.AsyncClient,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_up(monkeypatch, campus=f"http://127.0.0.1:{free_port()}")
    await refused(browser, sqlite_database, LOGIN.format("campus"), "down", caplog)


async def test_a_provider_that_goes_down_meanwhile_is_said_to_be(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    known(sqlite_database)
    url = liar.callback(await leave(browser))
    liar.broken = {"/token"}
    await refused(browser, sqlite_database, url, "down", caplog)


@pytest.mark.parametrize(
    ("error", "result"),
    [("access_denied", "denied"), ("temporarily_unavailable", "down"), ("invalid_scope", "refused")],
)
async def test_what_the_provider_refuses_is_said(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: str,
    result: str,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    await leave(browser, query="?next=/sell")
    url = f"{LOGIN.format('campus')}/callback?error={error}&state={quote(browser.cookies[COOKIE])}"
    await refused(browser, sqlite_database, url, result, caplog)


async def test_who_says_no_comes_back_to_the_login_page_and_where_they_were(
    browser: httpx.AsyncClient, honest: Campus, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(monkeypatch, campus=honest.origin)
    url = await leave(browser, query="?next=/sell")
    state = parse_qs(urlsplit(url).query)["state"][0]
    # This make of provider leaves the state out of its refusal; the standard demands it (RFC 6749, 4.1.2.1).
    back = honest.callback(url, "u-1", action="deny")
    answer = await browser.get(f"{back}&state={state}")
    assert target(answer) == "/login?next=%2Fsell&external=denied"


async def test_an_unknown_provider_is_said_to_be(
    browser: httpx.AsyncClient, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/auth/external/nobody", "/auth/external/nobody/callback", "/auth/external/%2e%2e"):
        assert target(await browser.get(path)) == "/login?external=unknown"


async def test_too_many_logins_from_one_address_have_to_wait(
    browser: httpx.AsyncClient, sqlite_database: Database
) -> None:
    for _ in range(60):
        await browser.get("/auth/external/nobody")
    assert re.fullmatch(r"/login\?external=busy&wait=\d+", target(await browser.get("/auth/external/nobody")))
    assert limits.LOGIN_ADDRESS.windows.startswith("60/minute")


async def test_an_erased_account_logs_nobody_in(
    browser: httpx.AsyncClient,
    liar: Forger,
    sqlite_database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    set_up(monkeypatch, campus=liar.origin)
    actor = known(sqlite_database)
    closed = sa.update(User).where(col(User.id) == actor.user_id).values(closed_at=sa.func.current_timestamp())
    sqlite_database.write(lambda session: session.execute(closed))
    await refused(browser, sqlite_database, liar.callback(await leave(browser)), "closed", caplog)


async def test_other_methods_are_refused(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/auth/external/campus")).status_code == 405
    assert (await browser.post("/auth/external/campus/callback")).status_code == 405
