"""Who is banned is nobody over HTTP, and no way to log in lets them through."""

from datetime import timedelta

import httpx
import pytest
from sqlmodel import Session

from tests.external_browser import COOKIE, events, known, log_in, target, who
from tests.factories import make_user
from tests.live_site import Site
from tests.third_parties import Forger
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.adapters.passwords import new_token, token_hash
from xianyu.models import AuthSession, Role
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.user_admin import BanForm
from xianyu.services import accounts, ban_terms, bans


def ban(database: Database, actor: Actor) -> str:
    """Ban somebody, and return what the login page says of it."""
    operator = make_user(database, role=Role.OPERATOR)
    database.write(bans.ban, operator, actor.user_id, BanForm(7, "多次诈骗"))
    with pytest.raises(ban_terms.Banned) as refusal:
        database.read(ban_terms.refuse_banned, actor.user_id)
    return refusal.value.message


def told(database: Database, address: str) -> str:
    """What the page at that address says."""
    return database.read(ban_terms.told, httpx.URL(address).params.get("banned", ""))


async def test_a_banned_cookie_resolves_nobody(site: Site) -> None:
    """Even a session that came to be beside the ban."""
    bad, token = make_user(site.database), new_token()
    ban(site.database, bad)
    row = AuthSession(token_hash=token_hash(token), user_id=bad.user_id, expires_at=utc_now() + timedelta(days=1))

    def add(session: Session) -> None:
        session.add(AuthSession(**row.model_dump()))

    site.database.write(add)
    async with httpx.AsyncClient(base_url=site.origin, cookies={session_cookie_name(): token}) as browser:
        for path in (routes.PHOTO_UPLOAD, routes.AVATAR_UPLOAD, routes.VIDEO_UPLOAD):
            assert (await browser.post(path, content=b"x")).status_code == 401
        for path in (routes.ORDERS_CSV, routes.export("x" * 43)):
            answer = await browser.get(path)
            assert answer.status_code in {303, 401, 404}, path
            assert "text/csv" not in answer.headers.get("content-type", "")
    tab = await site.tab(routes.HOME, token)
    assert tab["shell_state"]["user_id"] == 0


async def test_a_ticket_of_who_was_banned_meanwhile_leads_to_the_reason(site: Site) -> None:
    bad = make_user(site.database)
    said = ban(site.database, bad)
    ticket = site.database.write(accounts.issue_ticket, bad.user_id)
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        answer = await browser.post(routes.SESSION, data={"ticket": ticket, "next": "/sell"})
        address = target(answer)
        assert session_cookie_name() not in answer.cookies
    assert address.startswith("/login?next=%2Fsell&banned=")
    assert told(site.database, address) == said


async def test_a_third_party_lets_nobody_in_who_is_banned(
    browser: httpx.AsyncClient, liar: Forger, sqlite_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    bad = known(sqlite_database)
    said = ban(sqlite_database, bad)
    with caplog.at_level("INFO"):
        address = target(await log_in(browser, liar, "?next=/sell"))
    assert told(sqlite_database, address) == said
    assert who(sqlite_database, browser) == ""
    assert COOKIE not in browser.cookies
    [refused] = [line for line in events(caplog) if line["event"] == "login"]
    assert (refused["outcome"], refused["reason"], refused["user_id"]) == ("refused", "banned", bad.user_id)


async def test_somebody_elses_login_is_as_it_was(site: Site) -> None:
    good = make_user(site.database)
    ban(site.database, make_user(site.database))
    ticket = site.database.write(accounts.issue_ticket, good.user_id)
    async with httpx.AsyncClient(base_url=site.origin) as browser:
        answer = await browser.post(routes.SESSION, data={"ticket": ticket, "next": "/sell"})
        assert target(answer) == "/sell"
