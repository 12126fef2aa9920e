"""The headers of every kind of response, and where a request comes from."""

import base64
import hashlib
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.live_site import Site
from xianyu import routes
from xianyu.http import headers
from xianyu.http.addresses import client_address
from xianyu.http.headers import SecurityHeaders
from xianyu.settings import Settings, get_settings

SCRIPT = "\nconsole.log('a < b && \"c\"');\n"


def sha256(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


@pytest.fixture
def build(settings: Settings, tmp_path: Path) -> Path:
    """Built pages with scripts inside, one of them in both."""
    headers.page_policy.cache_clear()
    headers.inline_script_hashes.cache_clear()
    page = '<html><script src="/x.js"></script><script>{}</script><script type="module" async="">{}</script></html>'
    (tmp_path / "index.html").write_text(page.format(SCRIPT, "one()"))
    (tmp_path / "login").mkdir()
    (tmp_path / "login" / "index.html").write_text(page.format(SCRIPT, "two()"))
    return tmp_path


def page(_: Request) -> Response:
    return HTMLResponse("<p>x")


async def fail(_: Request) -> Response:
    raise RuntimeError("broken")


ROUTES = [
    Route("/", page),
    Route("/kept", lambda _: Response(status_code=304)),
    Route("/assets/kept.js", lambda _: Response(status_code=304)),
    Route("/auth/session", lambda _: RedirectResponse("/", status_code=303), methods=["POST"]),
    Route("/api/photos", lambda _: JSONResponse({}, headers={"Cache-Control": "public"})),
    Route("/media/x.webp", lambda _: Response(b"", headers={"Cache-Control": "immutable"}, media_type="image/webp")),
    Route("/fails", fail),
]
PATHS = ["/", "/kept", "/assets/kept.js", "/api/photos", "/media/x.webp", "/fails", "/nothing"]


async def get(build: Path, path: str, **options: object) -> httpx.Response:
    transport = httpx.ASGITransport(SecurityHeaders(Starlette(routes=ROUTES), build), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:3000") as client:
        return await client.request(str(options.pop("method", "GET")), path, **options)  # type: ignore[arg-type]  # httpx's own names


def policy(answer: httpx.Response) -> dict[str, list[str]]:
    directives = (directive.split() for directive in answer.headers["content-security-policy"].split(";"))
    return {words[0]: words[1:] for words in directives}


@pytest.mark.parametrize("path", PATHS)
async def test_every_response_tells_the_browser_what_to_refuse(build: Path, path: str) -> None:
    answer = await get(build, path)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in answer.headers["permissions-policy"]
    assert policy(answer)["frame-ancestors"] == ["'none'"]
    assert policy(answer)["default-src"] == ["'none'"]
    assert "strict-transport-security" not in answer.headers


async def test_the_pages_own_inline_scripts_run_and_no_others(build: Path) -> None:
    found = policy(await get(build, "/"))
    assert set(found["script-src"]) == {"'self'", sha256(SCRIPT), sha256("one()"), sha256("two()")}
    assert found["script-src-attr"] == found["object-src"] == found["base-uri"] == ["'none'"]
    assert found["form-action"] == ["'self'"]
    assert found["require-trusted-types-for"] == ["'script'"]
    scripts = " ".join(words for name in found if name.startswith("script") for words in found[name])
    assert "unsafe" not in scripts


async def test_without_a_build_only_files_of_scripts_run(build: Path, tmp_path: Path) -> None:
    assert policy(await get(tmp_path / "absent", "/"))["script-src"] == ["'self'"]


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("market.example", "wss://market.example"),
        ("192.168.1.5:3000", "ws://192.168.1.5:3000"),
        ("[2001:db8::1]:3000", "ws://[2001:db8::1]:3000"),
    ],
)
async def test_sockets_of_the_host_that_was_asked(build: Path, host: str, allowed: str) -> None:
    found = policy(await get(build, "/", headers={"host": host}))
    assert {"'self'", allowed, "ws://localhost:3000"} <= set(found["connect-src"])


@pytest.mark.parametrize("host", ["x; script-src *", "evil.example 'unsafe-inline'", "*", "a b", "x\u00e9"])
async def test_a_made_up_host_adds_nothing(build: Path, host: str) -> None:
    answer = await get(build, "/", headers={"host": host.encode("latin-1")})
    assert policy(answer)["connect-src"] == ["'self'", "ws://localhost:3000", "wss://localhost:3000"]
    assert "*" not in answer.headers["content-security-policy"]


async def test_what_is_no_page_may_run_nothing(build: Path) -> None:
    for path in ("/api/photos", "/media/x.webp", "/nothing"):
        found = policy(await get(build, path))
        assert "script-src" not in found
        assert "sandbox" in found


async def test_a_page_that_was_kept_stays_a_page(build: Path) -> None:
    """A 304's headers replace those in the browser's cache, and say nothing of the type."""
    assert policy(await get(build, "/kept")) == policy(await get(build, "/"))
    assert "script-src" not in policy(await get(build, "/assets/kept.js"))


async def test_private_answers_are_kept_nowhere(build: Path) -> None:
    assert (await get(build, "/api/photos")).headers["cache-control"] == "no-store"
    assert (await get(build, "/auth/session", method="POST")).headers["cache-control"] == "no-store"
    assert (await get(build, "/media/x.webp")).headers["cache-control"] == "immutable"
    assert (await get(build, "/")).headers["cache-control"] == "no-cache"


async def test_over_https_browsers_are_told_to_stay_there(build: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_PUBLIC_URL", "https://market.example")
    get_settings.cache_clear()
    for path in PATHS:
        assert (await get(build, path)).headers["strict-transport-security"] == "max-age=31536000"


# The app as it is served, the framework's own layers included.


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("OPTIONS", "/", 200),
        ("OPTIONS", "/auth/session", 200),
        ("OPTIONS", "/_upload", 200),
        ("GET", "/ping", 200),
        ("GET", "/nothing-here", 404),
        ("PUT", "/auth/session", 404),
    ],
)
async def test_whatever_is_served_carries_the_headers(site: Site, method: str, path: str, status: int) -> None:
    sent = {"Origin": get_settings().public_url, "Access-Control-Request-Method": "POST"}
    async with httpx.AsyncClient(base_url=site.origin) as client:
        answer = await client.request(method, path, headers=sent)
    assert answer.status_code == status
    expect_defended(answer)


async def test_a_preflight_from_elsewhere_is_refused_with_the_headers(site: Site) -> None:
    sent = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    async with httpx.AsyncClient(base_url=site.origin) as client:
        answer = await client.options(routes.SESSION, headers=sent)
    assert answer.status_code == 400
    assert "access-control-allow-origin" not in answer.headers
    expect_defended(answer)
    assert answer.headers["cache-control"] == "no-store"


def expect_defended(answer: httpx.Response) -> None:
    for name, value in headers._ALWAYS.items():
        assert answer.headers.get_list(name) == [value]
    assert len(answer.headers.get_list("content-security-policy")) == 1
    assert policy(answer)["frame-ancestors"] == ["'none'"]


def request(peer: str, *forwarded: str) -> Request:
    lines = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return Request({"type": "http", "client": (peer, 4711), "headers": lines})


@pytest.mark.parametrize(
    ("hops", "peer", "forwarded", "address"),
    [
        (0, "192.0.2.1", (), "192.0.2.1"),
        (0, "192.0.2.1", ("203.0.113.9",), "192.0.2.1"),
        (1, "10.0.0.1", ("203.0.113.9",), "203.0.113.9"),
        (1, "10.0.0.1", ("6.6.6.6, 203.0.113.9",), "203.0.113.9"),
        (1, "10.0.0.1", ("6.6.6.6", "203.0.113.9"), "203.0.113.9"),
        (2, "10.0.0.1", ("6.6.6.6, 203.0.113.9, 10.0.0.2",), "203.0.113.9"),
        (2, "10.0.0.1", ("203.0.113.9",), "10.0.0.1"),
        (1, "10.0.0.1", (), "10.0.0.1"),
        (1, "10.0.0.1", ("unknown",), "10.0.0.1"),
        (1, "10.0.0.1", ("' OR 1=1",), "10.0.0.1"),
        (1, "10.0.0.1", ("203.0.113.9:4711",), "203.0.113.9"),
        (1, "10.0.0.1", ("[2001:db8::1]:4711",), "2001:db8::1"),
        (1, "10.0.0.1", ("2001:0DB8::0001",), "2001:db8::1"),
        (0, "::ffff:192.0.2.1", (), "192.0.2.1"),
        (0, "testclient", (), ""),
    ],
)
def test_only_trusted_proxies_tell_the_clients_address(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, hops: int, peer: str, forwarded: tuple[str, ...], address: str
) -> None:
    monkeypatch.setenv("XIANYU_TRUSTED_PROXY_HOPS", str(hops))
    get_settings.cache_clear()
    assert client_address(request(peer, *forwarded)) == address
