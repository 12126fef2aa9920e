"""What every response tells the browser to refuse."""

import hashlib
import re
from base64 import b64encode
from functools import lru_cache
from html.parser import HTMLParser
from http import HTTPStatus
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from xianyu.settings import get_settings

YEAR = 31_536_000  # seconds

# Answers of the program's own routes may hold what is one person's alone.
_PRIVATE = ("/auth/", "/api/")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")
_UNUSED_FEATURES = (
    "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid",
    "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# What is no page runs, loads and embeds nothing.
_NOT_A_PAGE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"


class SecurityHeaders:
    """Middleware: sets the headers on each response, whichever part of the program it comes from.

    Args:
        app: The application behind it.
        build: The folder of the built pages, whose inline scripts may run.
    """

    def __init__(self, app: ASGIApp, build: Path) -> None:
        self.app = app
        self._build = build

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and complete what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._complete(scope, message["status"], MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _complete(self, scope: Scope, status: int, headers: MutableHeaders) -> None:
        for name, value in _ALWAYS.items():
            headers[name] = value
        if get_settings().secure_cookies:
            headers["Strict-Transport-Security"] = f"max-age={YEAR}"
        if _is_page(scope["path"], status, headers.get("content-type", "")):
            headers["Content-Security-Policy"] = page_policy(self._build, Headers(scope=scope).get("host", ""))
            # A kept page would name the scripts of an older build.
            headers.setdefault("Cache-Control", "no-cache")
        else:
            headers.setdefault("Content-Security-Policy", _NOT_A_PAGE)
        if scope["path"].startswith(_PRIVATE):
            headers["Cache-Control"] = "no-store"


def _is_page(path: str, status: int, content_type: str) -> bool:
    """Whether HTML is sent, or confirmed: the headers of a 304 replace those that the browser has kept.

    A 304 has no type. Built pages have no dot in their last name, and all else that is kept has one.
    """
    if status == HTTPStatus.NOT_MODIFIED:
        return "." not in path.rpartition("/")[2]
    return content_type.startswith("text/html")


@lru_cache(maxsize=64)
def page_policy(build: Path, host: str) -> str:
    """The Content-Security-Policy of the site's pages, for those who reach it under ``host``.

    Style elements may stand in the page: emotion and Radix make them while the page runs, with sizes
    that nobody knows in advance. Scripts may not, except those that the build itself put there, and
    nothing may turn text into a script: neither ``eval`` nor ``innerHTML``.
    """
    hashes = " ".join(f"'sha256-{digest}'" for digest in inline_script_hashes(build))
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {hashes}".rstrip(),
            "script-src-attr 'none'",
            "style-src 'self' 'unsafe-inline'",
            "style-src-attr 'none'",
            "img-src 'self' blob: data:",
            "font-src 'self'",
            "media-src 'self' blob:",
            "manifest-src 'self'",
            "worker-src 'self'",
            f"connect-src 'self'{_sockets(host)}",
            "object-src 'none'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "require-trusted-types-for 'script'",
            # The one policy makes the service worker's address and nothing else (push_switch.jsx).
            "trusted-types xianyu-worker",
        )
    )


def _sockets(host: str) -> str:
    """The socket's addresses by name: older browsers do not count them as ``'self'``."""
    public = get_settings().public_url.partition("://")[2]
    hosts = {one for one in (host, public) if _HOST.fullmatch(one)}
    return "".join(f" {scheme}://{one}" for one in sorted(hosts) for scheme in ("ws", "wss"))


@lru_cache(maxsize=4)
def inline_script_hashes(build: Path) -> tuple[str, ...]:
    """The SHA-256 hashes, in base64, of all scripts that stand inside the built pages.

    Read once, and anew by each process; without a build there are none.
    """
    scripts = {script for page in sorted(build.rglob("*.html")) for script in _inline_scripts(page)}
    return tuple(sorted(b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts))


def _inline_scripts(page: Path) -> list[str]:
    parser = _Scripts()
    parser.feed(page.read_text(encoding="utf-8"))
    parser.close()
    return [script for script in parser.found if script]


class _Scripts(HTMLParser):
    """Collects what stands between the tags of scripts that name no file."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attrs):
            self._is_inside = True
            self.found.append("")

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.found[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._is_inside = False
