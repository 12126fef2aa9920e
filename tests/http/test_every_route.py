"""Every HTTP route of the program, called by those who should get nothing from it."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest
from PIL import Image

from tests import videos as samples
from tests.external_browser import put, set_up
from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site, site_app
from tests.stored import changed, everything, owners_of_lost
from tests.third_parties import Forger, forger
from xianyu import http, routes
from xianyu.adapters import media
from xianyu.adapters.cookies import external_cookie_name, session_cookie_name
from xianyu.adapters.third_parties import new_handshake
from xianyu.http import photos as photo_routes
from xianyu.http import videos as video_routes
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, exports, external_logins, photos
from xianyu.settings import get_settings

Call = tuple[str, str]
FOREIGN = "http://evil.example"


@dataclass(frozen=True)
class Answer:
    """What somebody gets: a status, and where it sends them."""

    status: int
    location: str = ""


@dataclass(frozen=True)
class Surface:
    """What a route answers to those who have no right to what it is asked for.

    ``path`` is filled in with the scene's values, and so are the fields of ``request``.
    """

    visitor: Answer
    stranger: Answer
    path: str = ""
    request: dict[str, Any] = field(default_factory=dict)
    may_change: frozenset[str] = frozenset()
    """Tables in which a stranger rightly makes, changes or removes rows of their own."""


def _picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(buffer, "JPEG")
    return buffer.getvalue()


PICTURE = {"content": _picture()}
VIDEO = {"content": samples.mp4(1)}
NOT_FOUND = Answer(404)
LAPSED = routes.external_result(routes.login("/sell"), "lapsed")
OWN_LAPSED = routes.external_result(routes.SETTINGS, "lapsed")

SURFACE: dict[Call, Surface] = {
    ("POST", routes.SESSION): Surface(
        Answer(303, routes.login("/me")),
        Answer(303, routes.login("/me")),
        request={"data": {"ticket": "{used_ticket}", "next": "/me"}},
    ),
    ("POST", routes.LOGOUT): Surface(
        Answer(303, routes.HOME), Answer(303, routes.HOME), may_change=frozenset({"auth_session"})
    ),
    ("POST", routes.PHOTO_UPLOAD): Surface(Answer(401), Answer(201), request=PICTURE, may_change=frozenset({"photo"})),
    ("POST", routes.VIDEO_UPLOAD): Surface(Answer(401), Answer(201), request=VIDEO, may_change=frozenset({"video"})),
    ("POST", routes.AVATAR_UPLOAD): Surface(
        Answer(401), Answer(201), request=PICTURE, may_change=frozenset({"user_account"})
    ),
    # Pictures of listings are for everyone; their names are random and each is cached for good.
    ("GET", routes.media("{name}")): Surface(Answer(200), Answer(200), path=routes.media("{picture}")),
    # Each has a table of their own orders.
    ("GET", routes.ORDERS_CSV): Surface(Answer(401), Answer(200)),
    # For operators alone.
    ("GET", routes.ADMIN_LOG_CSV): Surface(Answer(401), Answer(403)),
    ("GET", routes.export("{name}")): Surface(NOT_FOUND, NOT_FOUND, path=routes.export("{archive}")),
    # A preview of what everyone may see.
    ("GET", f"{routes.SHARE}/{{listing_id}}"): Surface(Answer(200), Answer(200), path="/s/{listing}"),
    # For the operator's tools. The first two tell everybody the same, which is next to nothing.
    ("GET", routes.ALIVE): Surface(Answer(200), Answer(200)),
    ("GET", routes.READY): Surface(Answer(200), Answer(200)),
    ("GET", routes.METRICS): Surface(NOT_FOUND, NOT_FOUND),
    # With a link that somebody made up: nobody's login has a say in what a link does.
    ("GET", routes.UNSUBSCRIBE): Surface(NOT_FOUND, NOT_FOUND, path=f"{routes.UNSUBSCRIBE}?token={{made_up}}"),
    ("POST", routes.UNSUBSCRIBE): Surface(NOT_FOUND, NOT_FOUND, path=f"{routes.UNSUBSCRIBE}?token={{made_up}}"),
    ("GET", routes.PUSH_WORKER): Surface(Answer(200), Answer(200)),
    ("GET", routes.MANIFEST): Surface(Answer(200), Answer(200)),
    # With what the owner got for linking a login to their own account.
    ("GET", routes.external_login("{provider}")): Surface(
        Answer(303, LAPSED),
        Answer(303, OWN_LAPSED),
        path=f"{routes.external_login('campus')}?next=/sell&intent={{intent}}",
    ),
    # With the owner's state and even the cookie that belongs to it.
    ("GET", routes.external_callback("{provider}")): Surface(
        Answer(303, routes.external_result(routes.LOGIN, "lapsed")),
        Answer(303, OWN_LAPSED),
        path=f"{routes.external_callback('campus')}?state={{state}}&code=stolen",
    ),
}


def calls() -> set[Call]:
    """Every method of every route; HEAD comes with GET."""
    return {(method, route.path) for route in http.routes for method in (route.methods or set()) - {"HEAD"}}


@dataclass(frozen=True)
class Scene:
    """An owner, and what only they may fetch or use."""

    site: Site
    owner: Actor
    values: dict[str, str]

    def filled(self, text: str) -> str:
        """The text with this scene's secrets in it."""
        return text.format(**self.values)

    def options(self, surface: Surface) -> dict[str, Any]:
        """What is sent along."""
        form = {name: self.filled(text) for name, text in surface.request.get("data", {}).items()}
        return {**surface.request, "data": form} if form else surface.request


@pytest.fixture(autouse=True)
def decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has an event loop of its own, where the program has one for good."""
    monkeypatch.setattr(photo_routes, "_decoding", asyncio.Semaphore(photo_routes.MAX_DECODING))
    monkeypatch.setattr(video_routes, "_converting", asyncio.Semaphore(video_routes.MAX_CONVERTING))


@pytest.fixture(scope="module")
def provider() -> Iterator[Forger]:
    with forger() as provider:
        yield provider


def _archive(site: Site, owner: Actor) -> str:
    site.database.write(exports.request, owner)
    job = site.database.write(exports.take)
    assert job is not None
    exports.make(site.database, *job, lambda _percent: None)
    return site.database.read(exports.present, owner).url.rpartition("/")[2]


def _picture_of(site: Site, owner: Actor) -> str:
    stored = media.store_photo(_picture(), get_settings().media_dir)
    site.database.write(partial(photos.add_photo, actor=owner, stored=stored))
    return stored.name


def _state(site: Site, owner: Actor) -> str:
    """Of a login at the third party that the owner has begun, to link it."""
    handshake = new_handshake(get_settings().public_url + routes.external_callback("campus"))
    intent = site.database.write(external_logins.intend_to_link, owner, "campus")
    site.database.write(external_logins.begin, owner, "campus", handshake, routes.SETTINGS, intent)
    return handshake.state


def _used_ticket(site: Site, owner: Actor) -> str:
    ticket = site.database.write(accounts.issue_ticket, owner.user_id)
    site.database.write(accounts.redeem_ticket, ticket, "", "browser", "192.0.2.1")
    return ticket


@pytest.fixture
def scene(site: Site, provider: Forger, monkeypatch: pytest.MonkeyPatch) -> Scene:
    set_up(monkeypatch, campus=provider.origin)
    owner = make_user(site.database, "失主")
    listing_id = make_listing(site.database, owner)
    values = {
        "listing": str(listing_id),
        "used_ticket": _used_ticket(site, owner),
        "picture": _picture_of(site, owner),
        "archive": _archive(site, owner),
        "intent": site.database.write(external_logins.intend_to_link, owner, "campus"),
        "state": _state(site, owner),
        "made_up": f"{owner.user_id}.messages.{'A' * 43}",
    }
    return Scene(site, owner, values)


@pytest.fixture
async def browser(scene: Scene) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=scene.site.origin) as browser:
        put(browser, external_cookie_name(), scene.values["state"])
        yield browser


def visitor(scene: Scene, browser: httpx.AsyncClient) -> int:
    """Somebody without a login."""
    assert session_cookie_name() not in browser.cookies
    return 0


def stranger(scene: Scene, browser: httpx.AsyncClient) -> int:
    """Somebody who is logged in, and not the owner."""
    actor = make_user(scene.site.database)
    put(browser, session_cookie_name(), login_token(scene.site.database, actor))
    return actor.user_id


def revoked(scene: Scene, browser: httpx.AsyncClient) -> int:
    """The owner's own browser, after its login was ended somewhere else."""
    token = login_token(scene.site.database, scene.owner)
    scene.site.database.write(accounts.end_session, token)
    put(browser, session_cookie_name(), token)
    return 0


CALLERS = {"visitor": visitor, "stranger": stranger, "revoked": revoked}


async def _ask(scene: Scene, browser: httpx.AsyncClient, call: Call, **headers: str) -> httpx.Response:
    method, path = call
    surface = SURFACE[call]
    address = scene.filled(surface.path) if surface.path else path
    return await browser.request(method, address, headers=headers, **scene.options(surface))


def test_the_table_names_every_route_and_no_other() -> None:
    assert set(SURFACE) == calls()


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("call", SURFACE, ids=" ".join)
async def test_a_route_gives_nothing_away(call: Call, caller: str, scene: Scene, browser: httpx.AsyncClient) -> None:
    caller_id = CALLERS[caller](scene, browser)
    surface = SURFACE[call]
    before = everything(scene.site.database)

    answer = await _ask(scene, browser, call)

    # Whose login has ended is a visitor.
    wanted = surface.stranger if caller == "stranger" else surface.visitor
    assert Answer(answer.status_code, answer.headers.get("location", "")) == wanted
    after = everything(scene.site.database)
    assert changed(before, after) <= (surface.may_change if caller == "stranger" else frozenset())
    assert owners_of_lost(before, after) <= {caller_id}
    given = "; ".join(answer.headers.get_list("set-cookie"))
    assert f"{session_cookie_name()}=" not in given.replace(f'{session_cookie_name()}=""', "")


async def test_the_owner_gets_what_the_others_were_refused(scene: Scene, browser: httpx.AsyncClient) -> None:
    put(browser, session_cookie_name(), login_token(scene.site.database, scene.owner))
    archive = await _ask(scene, browser, ("GET", routes.export("{name}")))
    assert (archive.status_code, archive.headers["content-type"]) == (200, "application/zip")
    assert "no-store" in archive.headers["cache-control"]
    begun = await _ask(scene, browser, ("GET", routes.external_login("{provider}")))
    assert begun.headers["location"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("call", [call for call in SURFACE if call[0] == "POST"], ids=" ".join)
async def test_another_sites_page_changes_nothing(call: Call, scene: Scene, browser: httpx.AsyncClient) -> None:
    put(browser, session_cookie_name(), login_token(scene.site.database, scene.owner))
    before = everything(scene.site.database)
    assert (await _ask(scene, browser, call, origin=FOREIGN)).status_code == 403
    assert everything(scene.site.database) == before


@pytest.mark.parametrize("call", SURFACE, ids=" ".join)
async def test_no_other_method_does_anything(call: Call, scene: Scene, browser: httpx.AsyncClient) -> None:
    put(browser, session_cookie_name(), login_token(scene.site.database, scene.owner))
    method, path = call
    address = scene.filled(SURFACE[call].path) if SURFACE[call].path else path
    before = everything(scene.site.database)
    for other in sorted({"GET", "POST", "PUT", "PATCH", "DELETE"} - {method}):
        answer = await browser.request(other, address)
        assert answer.status_code in {404, 405}, other
    assert everything(scene.site.database) == before


def pages(number: str) -> list[str]:
    """The addresses of all pages, with this for a listing and for a person in them."""
    site_app()
    from xianyu.xianyu import app

    return [re.sub(r"\[\w+\]", number, f"/{page}") for page in app._unevaluated_pages]


@pytest.mark.parametrize("number", ["1", "0", str(2**63), "x%00", "%ff"])
async def test_no_page_fails_for_a_visitor(number: str, scene: Scene, browser: httpx.AsyncClient) -> None:
    """The pages are not built here; what looks at their addresses runs all the same."""
    before = everything(scene.site.database)
    addresses = pages(number)
    assert f"/listing/{number}/edit" in addresses
    for address in addresses:
        assert (await browser.get(address)).status_code < 500, address
    assert everything(scene.site.database) == before
