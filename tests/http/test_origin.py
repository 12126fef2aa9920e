"""What pages of other sites may do with a neighbour's cookie: nothing."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import httpx
import pytest

from tests.factories import login_token, make_user
from tests.live_site import Site
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.models import AuthSession
from xianyu.settings import get_settings

SOCKET = "/_event/?EIO=4&transport=websocket&token=tab"
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "http://localhost"},
    {"Origin": "http://localhost.evil.example:3000"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
]
OWN = [
    {},
    {"Origin": "http://{host}"},
    {"Origin": "https://{host}"},
    {"Origin": "http://localhost:3000"},
    {"Origin": "http://192.168.1.20:3000", "Host": "192.168.1.20:3000"},
    {"Origin": "http://[fd00::1]:3000", "Host": "[fd00::1]:3000"},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
]


def filled(headers: dict[str, str], site: Site) -> dict[str, str]:
    return {name: value.format(host=urlsplit(site.origin).netloc) for name, value in headers.items()}


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.origin) as client:
        yield client


def is_logged_in(site: Site, session_id: int) -> bool:
    return site.database.read(lambda session: session.get(AuthSession, session_id)) is not None


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_foreign_page_cannot_post(headers: dict[str, str], site: Site, browser: httpx.AsyncClient) -> None:
    actor = make_user(site.database)
    browser.cookies.set(session_cookie_name(), login_token(site.database, actor))
    for path in (routes.LOGOUT, routes.SESSION, routes.PHOTO_UPLOAD):
        answer = await browser.post(path, headers=headers)
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers
    assert is_logged_in(site, actor.session_id)


@pytest.mark.parametrize("headers", OWN, ids=str)
async def test_an_own_page_can(headers: dict[str, str], site: Site, browser: httpx.AsyncClient) -> None:
    actor = make_user(site.database)
    headers = filled(headers, site) | {"Cookie": f"{session_cookie_name()}={login_token(site.database, actor)}"}
    assert (await browser.post(routes.LOGOUT, headers=headers)).status_code == 303
    assert not is_logged_in(site, actor.session_id)


async def _handshake(site: Site, headers: dict[str, str]) -> int:
    """The status of a socket's handshake over a real connection, 101 where it opens."""
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(f"{site.origin}{SOCKET}", headers=headers) as socket:
                opened = await socket.receive_str(timeout=20)
                assert opened.startswith("0{")
                return 101
        except aiohttp.WSServerHandshakeError as error:
            return error.status


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_a_foreign_page_cannot_open_a_socket(headers: dict[str, str], site: Site) -> None:
    assert await _handshake(site, headers) == 403


@pytest.mark.parametrize("headers", OWN, ids=str)
async def test_an_own_page_can_open_a_socket(headers: dict[str, str], site: Site) -> None:
    assert await _handshake(site, filled(headers, site)) == 101


async def test_behind_a_proxy_the_public_address_counts(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    public = {"Origin": "https://market.example"}
    assert await _handshake(site, public) == 403
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    get_settings.cache_clear()
    assert await _handshake(site, public) == 101
    assert await _handshake(site, {"Origin": "http://market.example"}) == 403


async def test_reading_is_open_but_not_to_foreign_scripts(browser: httpx.AsyncClient) -> None:
    answer = await browser.get(routes.media("0" * 32 + ".webp"), headers={"Origin": "https://evil.example"})
    assert answer.status_code == 404
    assert answer.headers.get("access-control-allow-origin") is None


async def test_a_preflight_from_a_foreign_page_allows_nothing(browser: httpx.AsyncClient) -> None:
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = await browser.options(routes.PHOTO_UPLOAD, headers=asked)
    assert answer.headers.get("access-control-allow-origin") is None


@pytest.mark.parametrize("path", ["/_upload", "/_all_routes", "/admin"])
async def test_reflexs_own_doors_are_shut(path: str, browser: httpx.AsyncClient) -> None:
    for method in ("GET", "POST"):
        assert (await browser.request(method, path)).status_code in {404, 405}
