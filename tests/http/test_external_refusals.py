"""Logins at third parties that must come to nothing, and say so."""

import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import col
from starlette.applications import Starlette

from tests.external_browser import COOKIE, LOGIN, SITE, events, known, leave, put, sessions, set_up, target, who
from tests.programs import free_port
from tests.third_parties import Campus, Forger, campus, unsigned
from xianyu.adapters.database import Database
from xianyu.adapters.security_log import LOGGER
from xianyu.http import external
from xianyu.models import User
from xianyu.services import limits


@dataclass(frozen=True)
class Attempt:
    """A login through a third party in a browser, and all that there is to see of it."""

    browser: httpx.AsyncClient
    database: Database
    caplog: pytest.LogCaptureFixture

    async def refused(self, url: str, result: str, browser: httpx.AsyncClient | None = None) -> str:
        """The browser ends at the login page with a message, nobody is logged in, and it is on record: why."""
        browser = browser or self.browser
        self.caplog.set_level(logging.INFO, LOGGER)
        before = sessions(self.database)
        answer = await browser.get(url)
        assert urlsplit(target(answer)).path == "/login"
        assert parse_qs(urlsplit(target(answer)).query)["external"] == [result]
        assert (who(self.database, browser), sessions(self.database)) == ("", before)
        assert COOKIE not in browser.cookies
        event = events(self.caplog)[-1]
        assert (event["event"], event["outcome"], event["provider"]) == ("external_login", "failure", "campus")
        return str(event.get("reason"))


@pytest.fixture
def attempt(browser: httpx.AsyncClient, sqlite_database: Database, caplog: pytest.LogCaptureFixture) -> Attempt:
    return Attempt(browser, sqlite_database, caplog)


async def test_a_wrong_state_logs_nobody_in(attempt: Attempt, liar: Forger) -> None:
    known(attempt.database)
    url = liar.callback(await leave(attempt.browser))
    state = parse_qs(urlsplit(url).query)["state"][0]
    await attempt.refused(url.replace(state, "another"), "lapsed")
    assert "/token" not in liar.asked


@pytest.mark.parametrize("query", ["", "?state=", "?state=%00", "?code=x", "?state=%ed%a0%80&code=x", "?state=é"])
async def test_nonsense_logs_nobody_in(attempt: Attempt, liar: Forger, query: str) -> None:
    await leave(attempt.browser)
    await attempt.refused(LOGIN.format("campus") + "/callback" + query, "lapsed")


async def test_another_browsers_answer_logs_nobody_in_and_spoils_nothing(attempt: Attempt, liar: Forger) -> None:
    """An attacker's own answer, given to a victim to open, must not log the victim in as the attacker."""
    known(attempt.database, username="小李")
    url = liar.callback(await leave(attempt.browser))
    transport = httpx.ASGITransport(Starlette(routes=external.routes))
    async with httpx.AsyncClient(transport=transport, base_url=SITE) as victim:
        await attempt.refused(url, "lapsed", victim)
        await leave(victim)
        await attempt.refused(url, "lapsed", victim)
    assert target(await attempt.browser.get(url)) == "/"
    assert who(attempt.database, attempt.browser) == "小李"


async def test_an_answer_that_is_replayed_logs_nobody_in(attempt: Attempt, liar: Forger) -> None:
    known(attempt.database)
    url = liar.callback(await leave(attempt.browser))
    state = attempt.browser.cookies[COOKIE]
    await attempt.browser.get(url)
    assert sessions(attempt.database) == 2
    attempt.browser.cookies.clear()
    await attempt.refused(url, "lapsed")
    put(attempt.browser, COOKIE, state)
    await attempt.refused(url, "lapsed")


async def test_a_code_that_was_used_logs_nobody_in(
    attempt: Attempt, honest: Campus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider's refusal counts, even with a state that is good."""
    set_up(monkeypatch, campus=honest.origin)
    known(attempt.database, "u-1")
    used = honest.callback(await leave(attempt.browser), "u-1")
    assert target(await attempt.browser.get(used)) == "/"
    attempt.browser.cookies.clear()
    fresh = honest.callback(await leave(attempt.browser), "u-1")
    code = {url: parse_qs(urlsplit(url).query)["code"][0] for url in (used, fresh)}
    assert await attempt.refused(fresh.replace(code[fresh], code[used]), "refused") == "invalid_grant"


async def test_one_providers_answer_is_not_anothers(
    attempt: Attempt, liar: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_up(monkeypatch, campus=liar.origin, club=liar.origin)
    url = liar.callback(await leave(attempt.browser, "club"))
    await attempt.refused(url.replace("/club/", "/campus/"), "lapsed")


LIES: dict[str, dict[str, Any]] = {
    "expired": {"exp": 1_000_000_000},
    "aud": {"aud": "another-client"},
    "nonce": {"nonce": "another's"},
    "iss": {"iss": "https://evil.example"},
}


@pytest.mark.parametrize("reason", LIES)
async def test_a_bad_token_logs_nobody_in(attempt: Attempt, liar: Forger, reason: str) -> None:
    known(attempt.database)
    liar.claims = LIES[reason]
    assert await attempt.refused(liar.callback(await leave(attempt.browser)), "refused") == reason


async def test_a_token_that_nobody_signed_logs_nobody_in(attempt: Attempt, liar: Forger) -> None:
    known(attempt.database)
    liar.make_token = unsigned
    await attempt.refused(liar.callback(await leave(attempt.browser)), "refused")


async def test_a_provider_whose_tokens_are_old_logs_nobody_in(
    attempt: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    with campus(token_lifetime=-3600) as stale:
        set_up(monkeypatch, campus=stale.origin)
        known(attempt.database, "u-1")
        url = stale.callback(await leave(attempt.browser), "u-1")
        assert await attempt.refused(url, "refused") == "expired"


async def test_a_provider_that_is_down_is_said_to_be(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up(monkeypatch, campus=f"http://127.0.0.1:{free_port()}")
    await attempt.refused(LOGIN.format("campus"), "down")


async def test_a_provider_that_goes_down_meanwhile_is_said_to_be(attempt: Attempt, liar: Forger) -> None:
    known(attempt.database)
    url = liar.callback(await leave(attempt.browser))
    liar.broken = {"/token"}
    await attempt.refused(url, "down")


@pytest.mark.parametrize(
    ("error", "result"),
    [("access_denied", "denied"), ("temporarily_unavailable", "down"), ("invalid_scope", "refused")],
)
async def test_what_the_provider_refuses_is_said(attempt: Attempt, liar: Forger, error: str, result: str) -> None:
    await leave(attempt.browser, query="?next=/sell")
    url = f"{LOGIN.format('campus')}/callback?error={error}&state={quote(attempt.browser.cookies[COOKIE])}"
    await attempt.refused(url, result)


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


async def test_an_erased_account_logs_nobody_in(attempt: Attempt, liar: Forger) -> None:
    actor = known(attempt.database)
    closed = sa.update(User).where(col(User.id) == actor.user_id).values(closed_at=sa.func.current_timestamp())
    attempt.database.write(lambda session: session.execute(closed))
    await attempt.refused(liar.callback(await leave(attempt.browser)), "closed")


async def test_other_methods_are_refused(browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/auth/external/campus")).status_code == 405
    assert (await browser.post("/auth/external/campus/callback")).status_code == 405
