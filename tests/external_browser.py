"""A browser, as far as logins at third parties need one, and what it leads to in the database."""

import json
from functools import partial
from typing import Any

import httpx
import pytest
from sqlmodel import select

from tests.factories import login_token, make_user
from tests.third_parties import CLIENT_ID, CLIENT_SECRET, Forger
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.adapters.providers import providers
from xianyu.adapters.security_log import LOGGER
from xianyu.models import AuthSession, ExternalIdentity
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts
from xianyu.settings import get_settings

SITE = "http://localhost:3000"
COOKIE = "xianyu_external"
LOGIN = "/auth/external/{}"


def set_up(monkeypatch: pytest.MonkeyPatch, **issuers: str) -> None:
    """Configure providers by name, as an operator does."""
    given = [
        {"name": name, "label": name, "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        for name, issuer in issuers.items()
    ]
    monkeypatch.setenv("XIANYU_OIDC_PROVIDERS", json.dumps(given))
    get_settings.cache_clear()
    providers.cache_clear()


def target(answer: httpx.Response) -> str:
    """Where an answer sends the browser."""
    assert answer.status_code == 303
    return answer.headers["location"]


async def leave(browser: httpx.AsyncClient, provider: str = "campus", query: str = "") -> str:
    """Where the browser is sent to log in."""
    return target(await browser.get(LOGIN.format(provider) + query))


async def log_in(browser: httpx.AsyncClient, liar: Forger, query: str = "") -> httpx.Response:
    """All the way to the third party and back."""
    return await browser.get(liar.callback(await leave(browser, query=query)))


def known(database: Database, subject: str = "248289761001", **values: Any) -> Actor:
    """Somebody whose account is linked already."""
    actor = make_user(database, **values)
    row = partial(ExternalIdentity, user_id=actor.user_id, provider="campus", subject=subject)
    database.write(lambda session: session.add(row()))
    return actor


def sessions(database: Database) -> int:
    """How many logins there are."""
    return len(database.read(lambda session: session.exec(select(AuthSession.id)).all()))


def put(browser: httpx.AsyncClient, name: str, value: str) -> None:
    """Give the browser a cookie."""
    # The domain under which the client keeps what it gets from localhost: one of a name, not two.
    browser.cookies.set(name, value, domain="localhost.local")


def who(database: Database, browser: httpx.AsyncClient) -> str:
    """Whose login the browser has, or an empty string."""
    actor = database.read(accounts.resolve_actor, browser.cookies.get(session_cookie_name()) or "")
    return actor.username if actor else ""


def events(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What the security log has."""
    return [json.loads(record.message) for record in caplog.records if record.name == LOGGER]


def be(browser: httpx.AsyncClient, database: Database, actor: Actor) -> None:
    """Log the browser in."""
    put(browser, session_cookie_name(), login_token(database, actor))
