"""From a ticket to the session cookie, and out again, as a browser goes."""

from collections.abc import AsyncIterator
from http.cookies import Morsel, SimpleCookie
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import login_token, make_user
from tests.live_site import Site
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.passwords import token_hash
from xianyu.models import AuthSession, LoginTicket
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts
from xianyu.settings import get_settings


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.origin) as client:
        yield client


@pytest.fixture
def actor(site: Site) -> Actor:
    return make_user(site.database)


def ticket_for(site: Site, actor: Actor) -> str:
    return site.database.write(accounts.issue_ticket, actor.user_id)


def cookie_of(answer: httpx.Response) -> Morsel[str]:
    cookies: SimpleCookie = SimpleCookie()
    for header in answer.headers.get_list("set-cookie"):
        cookies.load(header)
    # Whatever is set, no script may read it.
    assert all(morsel["httponly"] for morsel in cookies.values())
    (morsel,) = [morsel for name, morsel in cookies.items() if name.endswith("xianyu_session")]
    return morsel


def session_hashes(site: Site, actor: Actor) -> set[str]:
    statement = sa.select(col(AuthSession.token_hash)).where(col(AuthSession.user_id) == actor.user_id)
    return set(site.database.read(lambda session: session.execute(statement).scalars().all()))


async def test_a_ticket_becomes_a_cookie_that_no_script_can_read(
    site: Site, browser: httpx.AsyncClient, actor: Actor
) -> None:
    answer = await browser.post(routes.SESSION, data={"ticket": ticket_for(site, actor), "next": "/sell"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sell")
    cookie = cookie_of(answer)
    assert cookie.key == "xianyu_session"
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "lax", "/")
    assert (cookie["secure"], cookie["domain"]) == ("", "")
    assert int(cookie["max-age"]) == get_settings().session_days * 86_400
    assert token_hash(cookie.value) in session_hashes(site, actor)
    assert cookie.value not in session_hashes(site, actor)


async def test_over_https_the_cookie_is_tied_to_the_host(
    site: Site, browser: httpx.AsyncClient, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    get_settings.cache_clear()
    answer = await browser.post(routes.SESSION, data={"ticket": ticket_for(site, actor), "next": "/"})
    cookie = cookie_of(answer)
    # What the prefix demands: Secure, no Domain, the whole path (RFC 6265bis, 4.1.3.2).
    assert cookie.key == "__Host-xianyu_session"
    assert (cookie["secure"], cookie["domain"], cookie["path"]) == (True, "", "/")
    assert (cookie["httponly"], cookie["samesite"]) == (True, "lax")
    browser.headers["cookie"] = f"{cookie.key}={cookie.value}"
    gone = cookie_of(await browser.post(routes.LOGOUT))
    assert (gone.key, gone.value, gone["secure"], gone["path"]) == ("__Host-xianyu_session", "", True, "/")
    assert token_hash(cookie.value) not in session_hashes(site, actor)


async def test_a_ticket_is_good_once(site: Site, browser: httpx.AsyncClient, actor: Actor) -> None:
    fields = {"ticket": ticket_for(site, actor), "next": "/me"}
    await browser.post(routes.SESSION, data=fields)
    before = session_hashes(site, actor)
    again = await browser.post(routes.SESSION, data=fields)
    assert (again.status_code, again.headers["location"]) == (303, routes.login("/me"))
    assert "set-cookie" not in again.headers
    assert session_hashes(site, actor) == before


@pytest.mark.parametrize("ticket", ["", "forged", "\x00", "值", "x" * 5000, "A" * 43])
async def test_a_forged_ticket_leads_to_the_login_page(ticket: str, browser: httpx.AsyncClient, site: Site) -> None:
    answer = await browser.post(routes.SESSION, data={"ticket": ticket, "next": "/me"})
    assert (answer.status_code, answer.headers["location"]) == (303, routes.login("/me"))
    assert "set-cookie" not in answer.headers


async def test_an_old_ticket_is_worth_nothing(site: Site, browser: httpx.AsyncClient, actor: Actor) -> None:
    ticket = ticket_for(site, actor)
    old = sa.update(LoginTicket).values(expires_at=sa.text("'2020-01-01 00:00:00.000000'"))
    site.database.write(lambda session: session.execute(old))
    answer = await browser.post(routes.SESSION, data={"ticket": ticket})
    assert answer.headers["location"] == routes.LOGIN


async def test_a_request_without_a_form_is_no_failure(browser: httpx.AsyncClient) -> None:
    for body in ({}, {"content": b"\xff\xfe"}, {"json": {"ticket": "x"}}):
        answer = await browser.post(routes.SESSION, **body)
        assert answer.status_code == 303


async def test_files_and_floods_of_fields_are_refused(browser: httpx.AsyncClient) -> None:
    flood = await browser.post(routes.SESSION, files=[("ticket", ("a.txt", b"x", "text/plain"))])
    assert flood.status_code in {303, 400}
    many = await browser.post(routes.SESSION, data={f"field{number}": "x" for number in range(100)})
    assert many.status_code in {303, 400}


async def test_logging_in_again_ends_the_former_session(site: Site, browser: httpx.AsyncClient, actor: Actor) -> None:
    old = login_token(site.database, actor)
    browser.cookies.set(session_cookie_name(), old)
    answer = await browser.post(routes.SESSION, data={"ticket": ticket_for(site, actor)})
    new = cookie_of(answer).value
    assert new != old
    assert session_hashes(site, actor) == {token_hash(new)}


async def test_logging_out_ends_it_in_the_database_and_in_the_browser(
    site: Site, browser: httpx.AsyncClient, actor: Actor
) -> None:
    other = make_user(site.database)
    browser.cookies.set(session_cookie_name(), login_token(site.database, actor))
    answer = await browser.post(routes.LOGOUT)
    assert (answer.status_code, answer.headers["location"]) == (303, routes.HOME)
    gone = cookie_of(answer)
    assert (gone.value, gone["max-age"], gone["httponly"]) == ("", "0", True)
    assert session_hashes(site, actor) == set()
    assert len(session_hashes(site, other)) == 1
    # Twice, and without any cookie, is as good.
    for _ in range(2):
        assert (await browser.post(routes.LOGOUT)).status_code == 303


@pytest.mark.parametrize("path", [routes.SESSION, routes.LOGOUT])
async def test_no_link_or_picture_logs_anybody_in_or_out(
    path: str, site: Site, browser: httpx.AsyncClient, actor: Actor
) -> None:
    browser.cookies.set(session_cookie_name(), login_token(site.database, actor))
    answer = await browser.get(path, params={"ticket": ticket_for(site, actor)})
    assert answer.status_code in {404, 405}
    assert len(session_hashes(site, actor)) == 1


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%2f%2fevil.example",
        "/\t/evil.example",
        "/\r\nLocation: https://evil.example",
        "javascript:alert(1)",
        "evil.example",
        routes.LOGOUT,
        "",
    ],
)
async def test_next_leads_nowhere_else(target: str, site: Site, browser: httpx.AsyncClient, actor: Actor) -> None:
    good = await browser.post(routes.SESSION, data={"ticket": ticket_for(site, actor), "next": target})
    assert good.headers["location"] == routes.HOME
    bad = await browser.post(routes.SESSION, data={"ticket": "forged", "next": target})
    assert bad.headers["location"] == routes.LOGIN


async def test_the_browsers_name_is_kept_for_the_list_of_sessions(
    site: Site, browser: httpx.AsyncClient, actor: Actor
) -> None:
    for agent in ("Mozilla/5.0 (测试)", "x" * 3000):
        headers: dict[str, Any] = {"user-agent": agent.encode()}
        answer = await browser.post(routes.SESSION, data={"ticket": ticket_for(site, actor)}, headers=headers)
        assert answer.headers["location"] == routes.HOME

    def agents(session: Session) -> list[str]:
        return list(session.execute(sa.select(col(AuthSession.user_agent))).scalars())

    assert max(map(len, site.database.read(agents))) == 255
