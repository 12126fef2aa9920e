"""The people of the browser tests: each a browser of their own, watched for every fault."""

import io
import re
import secrets
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize

from tests.e2e.site import BASE, Site
from tests.factories import login_token, make_user
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.media import store_photo
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import ListingForm
from xianyu.services import listings, messages, photos

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=800)
_number = count(1)

# What Chromium says by itself when a test takes the server or the network away.
OUTAGE = re.compile(r"WebSocket connection to .* failed|net::ERR_(CONNECTION|INTERNET|NETWORK|SOCKET|EMPTY)")
# Images that the test makes itself, and pages of the browser.
_OWN = re.compile(rf"^({re.escape(BASE)}/|ws://{re.escape(BASE.removeprefix('http://'))}/|data:|blob:|about:)")


@dataclass
class Faults:
    """Everything that went wrong in one browser without being looked for."""

    seen: list[str] = field(default_factory=list)
    _allowed: list[re.Pattern[str]] = field(default_factory=list)

    def allow(self, pattern: str | re.Pattern[str]) -> None:
        """Expect console errors or foreign addresses of this kind from here on: the test brings them about."""
        self._allowed.append(re.compile(pattern))

    def watch(self, page: Page) -> None:
        """Note console errors, uncaught exceptions, and requests to any other host."""
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.seen.append(f"uncaught: {error}"))
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not self._is_allowed(message.text):
            self.seen.append(f"console: {message.text} ({message.location['url']})")

    def _on_request(self, request: Request) -> None:
        if not _OWN.match(request.url) and not self._is_allowed(request.url):
            self.seen.append(f"asked another host: {request.url}")

    def _is_allowed(self, text: str) -> bool:
        return any(pattern.search(text) for pattern in self._allowed)


class Person:
    """Somebody at a browser. ``page`` is their first tab.

    Args:
        context: Their browser.
        actor: Who they are in the database, or nothing for a visitor.
    """

    def __init__(self, context: BrowserContext, actor: Actor | None) -> None:
        self.context = context
        self.faults = Faults()
        self._actor = actor
        context.on("page", self.faults.watch)
        self.page = context.new_page()

    @property
    def id(self) -> int:
        """Their number."""
        return self.actor.user_id

    @property
    def name(self) -> str:
        """What others call them."""
        return self.actor.username

    @property
    def actor(self) -> Actor:
        """Who they are to a service."""
        assert self._actor is not None, "a visitor is nobody"
        return self._actor

    def tab(self, path: str) -> Page:
        """Another tab of the same browser."""
        page = self.context.new_page()
        page.goto(BASE + path)
        return page

    def leave(self) -> None:
        """Close the browser."""
        self.context.close()

    def go(self, path: str) -> Page:
        """Open an address in the first tab."""
        self.page.goto(BASE + path)
        return self.page


def log_in(site: Site, context: BrowserContext, actor: Actor) -> None:
    """Put a valid session cookie into a browser, as the login route does."""
    context.add_cookies([{"name": session_cookie_name(), "value": login_token(site.database, actor), "url": BASE}])


def new_person(site: Site, browser: Browser, username: str, viewport: ViewportSize, **options: object) -> Person:
    """A browser, with an account and a login if there is a username; a number makes it unique."""
    context = browser.new_context(viewport=viewport, locale="zh-CN", **options)  # type: ignore[arg-type]  # Playwright's own names
    context.set_default_timeout(10_000)
    actor = make_user(site.database, f"{username}{next(_number)}") if username else None
    if actor is not None:
        log_in(site, context, actor)
    return Person(context, actor)


def jpeg(width: int = 900, height: int = 700, colour: str = "#5b8c5a") -> bytes:
    """A photo; its proportions tell it from others after it was stored."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def offer(site: Site, seller: Actor, title: str, **changes: object) -> int:
    """A listing with a real picture, in the database before anybody looks."""
    stored = store_photo(jpeg(), site.data_dir / "media")
    photo = site.database.write(partial(photos.add_photo, actor=seller, stored=stored))
    form = {
        "title": title,
        "description": "九成新，功能完好，小区门口自提。",
        "price_fen": 18_050,
        "quantity": 2,
        "category": "sports",
        "photo_ids": (photo.id,),
    } | changes
    return site.database.write(listings.publish, seller, ListingForm(**form)).listing_id  # type: ignore[arg-type]  # as above


def write(site: Site, sender: Actor, recipient: Actor, *bodies: str) -> None:
    """Messages that were there before anybody looks."""
    for body in bodies:
        site.database.write(messages.send, sender, recipient.user_id, secrets.token_hex(16), body)


def stored_bodies(site: Site, one: Actor, other: Actor) -> list[str]:
    """What the database holds of a conversation, oldest first."""
    return [message.body for message in site.database.read(messages.history, one, other.user_id, limit=200)]
