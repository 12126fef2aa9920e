"""The whole site in this process, behind a real port, and browser tabs that speak to it as the pages do."""

import asyncio
import json
import re
import secrets
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import socketio  # type: ignore[import-untyped]  # carries no types
from granian.constants import Interfaces
from granian.server.embed import Server
from reflex.state import BaseState, State
from starlette.types import ASGIApp

from tests.factories import login_token
from tests.programs import free_port, listens
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.schemas.accounts import Actor

# Seconds after which something that should have happened counts as missing.
PATIENCE = 20
# What Reflex puts behind a var's name on its way to the browser.
_FIELD_MARKER = "_rx_state_"


@cache
def site_app() -> ASGIApp:
    """The program's ASGI application without its pages, which need no browser here."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("__REFLEX_SKIP_COMPILE", "true")
        patch.setenv("REFLEX_WEB_WORKDIR", folder)
        from xianyu.xianyu import app

        return app()


def all_states(cls: type[BaseState] = State) -> Iterator[type[BaseState]]:
    """Every state of the program, Reflex's own included."""
    yield cls
    for substate in sorted(cls.get_substates(), key=lambda one: str(one.get_full_name())):
        yield from all_states(substate)


def _short(full_name: str) -> str:
    """``reflex___state____state.xianyu___states___feed____feed_state`` is ``feed_state`` here."""
    return full_name.rpartition("____")[2]


@cache
def state_names() -> dict[str, str]:
    """Full names by short ones."""
    return {name: cls.get_full_name() for name, cls in states_by_name().items()}


# A page of its own, as ``/activity/new``, comes before the one that would take the word for a number.
_DYNAMIC = [
    *(routes.BUY, routes.ORDER, routes.LISTING, routes.LISTING_EDIT, routes.CONVERSATION, routes.USER),
    routes.ADMIN_USER,
    *(routes.ACTIVITY, routes.ACTIVITY_EDIT, routes.ANNOUNCEMENT, routes.ANNOUNCEMENT_EDIT),
]


def _route_parameters(path: str) -> dict[str, str]:
    """What the browser's router finds in the address."""
    if path in {routes.ACTIVITY_NEW, routes.ANNOUNCEMENT_NEW}:
        return {}
    for route in _DYNAMIC:
        found = re.fullmatch(re.sub(r"\[(\w+)\]", r"(?P<\1>[^/]+)", route), path)
        if found is not None:
            return found.groupdict()
    return {}


def states_by_name() -> dict[str, type[BaseState]]:
    """Every state by its short name."""
    site_app()
    return {_short(cls.get_full_name()): cls for cls in all_states()}


class Tab:
    """A browser's tab: its socket, the state that it was sent, and what else it was told to do.

    Args:
        origin: Scheme, host and port of the site.
        cookie: The browser's session cookie, or nothing.
        token: What Reflex calls the tab.

    ``in_front`` is what its pages say of themselves once they are loaded.
    """

    def __init__(self, origin: str, cookie: str = "", token: str = "") -> None:
        self.token = token or f"tab-{secrets.token_hex(8)}"
        self.in_front = True
        self.vars: dict[str, dict[str, Any]] = {}
        self.updates: list[Any] = []
        self._origin = origin
        self._cookie = cookie
        self._path = "/"
        self._pongs = asyncio.Queue[Any]()
        self._news = asyncio.Condition()
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("event", self._take, namespace="/_event")
        self._socket.on("ping", self._pongs.put, namespace="/_event")

    async def _take(self, update: dict[str, Any]) -> None:
        self.updates.append(update)
        for name, changes in (update.get("delta") or {}).items():
            mine = self.vars.setdefault(_short(name), {})
            mine.update({key.removesuffix(_FIELD_MARKER): value for key, value in changes.items()})
        async with self._news:
            self._news.notify_all()

    def _event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        parts = urlsplit(self._path)
        query = dict(parse_qsl(parts.query)) | _route_parameters(parts.path)
        return {
            "name": name,
            "payload": payload,
            "router_data": {"pathname": parts.path, "asPath": self._path, "query": query},
        }

    async def open(self, path: str = "/") -> "Tab":
        """Load a page: connect, hydrate, and run what the page does when it is loaded."""
        self._path = path
        headers = {"Origin": self._origin}
        if self._cookie:
            headers["Cookie"] = f"{session_cookie_name()}={self._cookie}"
        await self._socket.connect(
            f"{self._origin}/?token={self.token}",
            headers=headers,
            auth={"event": self._event(f"{state_names()['state']}.hydrate_and_load", {})},
            socketio_path="/_event",
            transports=["websocket"],
            namespaces=["/_event"],
            wait_timeout=PATIENCE,
        )
        await self.settle()
        return await self.look()

    async def go(self, path: str) -> "Tab":
        """Follow a link inside the site: the socket and the state stay."""
        self._path = path
        await self.call("on_load_internal_state.on_load_internal")
        return await self.look()

    async def look(self) -> "Tab":
        """Say whether the page is in front, as those do that count what is shown as read."""
        if "peer_id" in _route_parameters(urlsplit(self._path).path):
            return await self.call("conversation_state.set_visible", visible=self.in_front)
        if urlsplit(self._path).path == routes.MESSAGES:
            return await self.call("box_state.set_visible", visible=self.in_front)
        return self

    def expire(self) -> None:
        """Do what Reflex does with a state that nobody touched for an hour, and forget what it sent."""
        forget_states(self.token)
        self.vars.clear()

    async def emit(self, name: str, /, **payload: Any) -> None:
        """Send an event and wait for nothing."""
        state, _, handler = name.rpartition(".")
        await self._emit(f"{state_names()[state]}.{handler}", payload)

    async def emit_unknown(self, name: str) -> None:
        """Send an event that no handler of the program has the name of."""
        await self._emit(name, {})

    async def _emit(self, full_name: str, payload: dict[str, Any]) -> None:
        event = self._event(full_name, payload)
        # ASCII on the wire, made here, so that even half a character can be sent.
        await self._socket.eio.send(f"2/_event,{json.dumps(['event', event])}")

    async def call(self, name: str, /, **payload: Any) -> "Tab":
        """Send an event, and wait until everything that came of it is done and has arrived."""
        await self.emit(name, **payload)
        return await self.settle()

    async def settle(self) -> "Tab":
        """Wait until what was sent is done, on every tab, and what came of it has arrived here.

        A socket keeps the order of what goes through it, so a pong that is asked for now comes
        after all that.
        """
        await self._pong()
        await quiet()
        await self._pong()
        return self

    async def _pong(self) -> None:
        await self._socket.emit("ping", namespace="/_event")
        async with asyncio.timeout(PATIENCE):
            await self._pongs.get()

    async def until(self, holds: Callable[["Tab"], bool]) -> "Tab":
        """Wait for what the tab was sent to be as wanted."""
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: holds(self))
        return self

    def commands(self, name: str) -> list[dict[str, Any]]:
        """What the browser was told to do, such as ``_redirect``, oldest first."""
        sent = [event for update in self.updates for event in update.get("events") or ()]
        return [event["payload"] for event in sent if event["name"] == name]

    def led_back(self) -> str:
        """Where the login page leads that the tab was sent to, alone and at last."""
        [login] = self.redirects()
        return parse_qs(urlsplit(login).query)["next"][0]

    def redirects(self) -> list[str]:
        """Where the tab was sent."""
        return [str(payload["path"]) for payload in self.commands("_redirect")]

    def said(self) -> str:
        """Everything that the updates tell a person, in toasts and in vars, as one text."""
        text = json.dumps(self.updates, ensure_ascii=False)
        # A toast's text is JavaScript's literal inside of a JSON string.
        return re.sub(r"\\+u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)

    def __getitem__(self, state: str) -> dict[str, Any]:
        """The vars of a state as the browser knows them."""
        return self.vars[state]

    async def close(self) -> None:
        """Close the tab."""
        await self._socket.disconnect()


def forget_states(tab: str = "") -> None:
    """Do what Reflex does with states that nobody touched for an hour: with one tab's, or with all."""
    from xianyu.xianyu import app

    manager: Any = app.state_manager
    for token in [token for _, token in manager._token_expires_at.values() if token.ident == (tab or token.ident)]:
        manager._purge_token(token)
    assert not any(tab in key for key in manager.states)


async def until(holds: Callable[[], bool], patience: float = PATIENCE) -> None:
    """Wait for something that only a look can tell."""
    async with asyncio.timeout(patience):
        while not holds():  # noqa: ASYNC110 - nobody could set an event
            await asyncio.sleep(0.001)


async def quiet() -> None:
    """Wait until no event, announcement or refresh is under way."""
    from xianyu.states import (
        activities,
        boxes,
        console,
        console_announcements,
        console_catalog,
        console_held,
        console_listings,
        console_overview,
        console_words,
        delivery,
        interest,
        order,
        orders,
        purchase,
        search,
        section_feeds,
        shell,
    )
    from xianyu.xianyu import app

    refreshers = [shell.badges, interest.counters, boxes.notice_boxes, boxes.broadcast_boxes, search.news]
    refreshers += [activities.pages, section_feeds.activity_cards, section_feeds.announcement_cards]
    refreshers += [orders.lists, order.pages, purchase.open_forms, console.counts, console_overview.pages]
    refreshers += [console_announcements.lists, console_catalog.pages]
    refreshers += [console_listings.lists]
    refreshers += [console_held.pages, console_words.pages]

    def idle() -> bool:
        refreshing = any(refresher._running for refresher in refreshers)
        return not (app.event_processor._futures or delivery._announcing or refreshing)

    await until(idle)


class Site:
    """The running site.

    Args:
        origin: Scheme, host and port.
        database: Where it keeps what it knows.
    """

    def __init__(self, origin: str, database: Database) -> None:
        self.origin = origin
        self.database = database
        self._tabs: list[Tab] = []

    async def tab(self, path: str = "/", cookie: str = "", token: str = "") -> Tab:
        """A new tab of a visitor, or of whom the cookie belongs to."""
        tab = Tab(self.origin, cookie, token)
        self._tabs.append(tab)
        return await tab.open(path)

    async def tab_of(self, actor: Actor, path: str = "/") -> Tab:
        """A new tab in a browser of its own, logged in."""
        return await self.tab(path, login_token(self.database, actor))

    async def close(self) -> None:
        """Close what is open."""
        for tab in self._tabs:
            await tab.close()


@asynccontextmanager
async def running_site(database: Database, port: int = 0) -> AsyncIterator[Site]:
    """The site on a port of this machine, a free one unless told, for the time of one test."""
    port = port or free_port()
    server = Server(site_app(), "127.0.0.1", port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve(), name="serving")
    site = Site(f"http://localhost:{port}", database)
    try:
        await until(lambda: listens(port))
        yield site
        await quiet()
    finally:
        await site.close()
        server.stop()  # type: ignore[no-untyped-call]  # carries no types
        await serving
