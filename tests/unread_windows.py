"""People with several tabs each, which come, go, sleep and reconnect, and what each tab must show all the while."""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site, Tab, forget_states, quiet, running_site, until
from tests.unread_model import UnreadModel
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.services import messages

PEOPLE = 3
# Beside the one that each person always has.
MOST_WINDOWS = 6
PAIRS = st.permutations(range(PEOPLE)).map(lambda people: people[:2])
# Each of them has something to read at first, so that whatever is done first has something to go wrong.
EVERYBODY = [(one, (one + 1) % PEOPLE) for one in range(PEOPLE) for _ in range(2)]
# One of the windows that there are, however many.
ANY = st.integers(0, 2 * MOST_WINDOWS)
# Seconds after which what has not arrived will not come any more.
SOON = 5
HOME, INBOX, NOTICES, TALK = "home", "inbox", "notices", "talk"
PAGES = st.sampled_from([HOME, INBOX, NOTICES, TALK, TALK])


@dataclass(eq=False)
class Window:
    """A tab of somebody's, and what is on it. ``peer`` is with whom the conversation is, on such a page."""

    person: int
    tab: Tab
    page: str = HOME
    peer: int = -1
    is_connected: bool = True
    # Whether the server has forgotten what the tab shows.
    is_asleep: bool = False


class Street:
    """The site and its people's cookies, for all that is played."""

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        self.run = runner.run
        self.database = database
        self.serving: AbstractAsyncContextManager[Site]
        self.site: Site
        self.start()

    def start(self, port: int = 0) -> None:
        self.serving = running_site(self.database, port)
        self.site = self.run(self.serving.__aenter__())

    def stop(self) -> None:
        self.run(self.serving.__aexit__(None, None, None))

    def restart(self) -> None:
        """The worker ends, and another one begins that knows nothing."""
        self.stop()
        forget_states()
        bus._tabs.clear()
        bus._index.clear()
        self.start(urlsplit(self.site.origin).port or 0)


class Windows(RuleBasedStateMachine):
    """People who do things, each in several tabs."""

    def __init__(self, street: Street, patch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.street = street
        self.patch = patch
        self.model = UnreadModel()
        self.people: list[Actor] = []
        self.cookies: list[str] = []
        self.listings: list[int] = []
        self.windows: list[Window] = []
        self.sent = 0
        self.restarts = 0

    @initialize()
    def move_in(self) -> None:
        database = self.street.database
        self.people = [make_user(database) for _ in range(PEOPLE)]
        self.cookies = [login_token(database, one) for one in self.people]
        self.listings = [make_listing(database, one) for one in self.people]
        for one, other in EVERYBODY:
            self.sent += 1
            said = self.model.send(one, other, f"client-{self.sent:06}")
            peer_id = self.people[other].user_id
            database.write(messages.send, self.people[one], peer_id, said.client_id, "在吗")
        for person in range(PEOPLE):
            self.step(self.open(Window(person, Tab(self.street.site.origin, self.cookies[person]))))

    def teardown(self) -> None:
        for window in self.windows:
            if window.is_connected:
                self.street.run(window.tab.close())
        self.street.run(quiet())

    # What a step is.

    def step(self, deed: Awaitable[object]) -> None:
        async def do() -> None:
            await deed
            await self.compare()

        self.street.run(do())

    async def compare(self) -> None:
        """Every tab shows what the model says, once all has arrived, and stays so."""
        open_ones = [window for window in self.windows if window.is_connected]
        with suppress(TimeoutError):
            await until(lambda: all(self.shown(window) == self.expected(window) for window in open_ones), SOON)
        await quiet()
        for window in open_ones:
            await window.tab._pong()
        for window in open_ones:
            what = (window.person, window.page, window.peer, window.tab.in_front, window.is_asleep)
            assert (what, self.shown(window)) == (what, self.expected(window))

    def shown(self, window: Window) -> dict[str, Any]:
        shell = window.tab.vars.get("shell_state", {})
        shown = {"unread": shell.get("unread"), "notices": shell.get("unread_notices")}
        if window.page != HOME:
            lines = window.tab.vars.get("inbox_state", {}).get("conversations", [])
            shown["lines"] = {line["peer_id"]: line["unread"] for line in lines}
        return shown

    def expected(self, window: Window) -> dict[str, Any]:
        model, person = self.model, window.person
        expected: dict[str, Any] = {"unread": model.total(person), "notices": model.notices[person]}
        if window.page != HOME:
            listed = model.listed[person]
            expected["lines"] = {self.people[peer].user_id: model.count(person, peer) for peer in listed}
        return expected

    # Windows.

    def looks_at(self, window: Window) -> None:
        """What is before somebody's eyes is read."""
        if window.is_connected and window.tab.in_front:
            if window.page == TALK:
                self.model.see(window.person, window.peer)
            elif window.page == NOTICES:
                self.model.notices[window.person] = 0

    def look_all(self) -> None:
        """What came while it was before somebody's eyes is read."""
        for window in self.windows:
            self.looks_at(window)

    def address(self, window: Window) -> str:
        if window.page == TALK:
            return routes.conversation(self.people[window.peer].user_id)
        return {HOME: routes.HOME, INBOX: routes.MESSAGES, NOTICES: f"{routes.MESSAGES}?box=notices"}[window.page]

    async def open(self, window: Window) -> None:
        await window.tab.open(self.address(window))
        window.is_connected, window.is_asleep = True, False
        if window not in self.windows:
            self.windows.append(window)
        self.looks_at(window)

    def turn(self, window: Window, page: str, peer: int) -> None:
        window.page = page
        others = [one for one in range(PEOPLE) if one != window.person]
        window.peer = others[peer % len(others)] if page == TALK else -1

    def window(self, number: int) -> Window:
        return self.windows[number % len(self.windows)]

    async def call(self, one: int, number: int, name: str, **payload: Any) -> None:
        """Send an event from one of the person's windows; one that slept loads its page anew by that."""
        own = [window for window in self.windows if window.person == one and window.is_connected]
        if not own:
            # Everything of theirs is cut off: one comes back.
            [gone, *_] = [window for window in self.windows if window.person == one]
            await self.open(gone)
            own = [gone]
        window = own[number % len(own)]
        await window.tab.call(name, **payload)
        await self.woken(window)

    async def woken(self, window: Window) -> None:
        if window.is_asleep:
            await window.tab.look()
            window.is_asleep = False
            self.looks_at(window)

    @precondition(lambda self: len(self.windows) < PEOPLE + MOST_WINDOWS)
    @rule(person=st.integers(0, PEOPLE - 1), page=PAGES, peer=st.integers(0, 1), front=st.booleans())
    def open_tab(self, person: int, page: str, peer: int, front: bool) -> None:
        window = Window(person, Tab(self.street.site.origin, self.cookies[person]))
        window.tab.in_front = front
        self.turn(window, page, peer)
        self.step(self.open(window))

    @rule(number=ANY, page=PAGES, peer=st.integers(0, 1))
    def follow_a_link(self, number: int, page: str, peer: int) -> None:
        window = self.window(number)
        if not window.is_connected:
            return
        self.turn(window, page, peer)

        async def go() -> None:
            await window.tab.go(self.address(window))
            window.is_asleep = False
            self.looks_at(window)

        self.step(go())

    @rule(number=ANY, front=st.booleans())
    def turn_to(self, number: int, front: bool) -> None:
        window = self.window(number)
        if not window.is_connected:
            return
        window.tab.in_front = front

        async def look() -> None:
            if window.page in {NOTICES, TALK}:
                await window.tab.look()
                await self.woken(window)
            self.looks_at(window)

        self.step(look())

    @rule(number=ANY)
    def close_tab(self, number: int) -> None:
        window = self.window(number)
        if self.windows.index(window) >= PEOPLE:
            self.windows.remove(window)
            self.step(self.cut(window))

    async def cut(self, window: Window) -> None:
        if window.is_connected:
            window.is_connected = False
            await window.tab.close()
            await self.forgotten(window)

    async def forgotten(self, window: Window) -> None:
        from xianyu.xianyu import app

        namespace = app.event_namespace
        assert namespace is not None
        await until(lambda: window.tab.token not in namespace._token_manager.token_to_socket)

    @rule(number=ANY)
    def lose_connection(self, number: int) -> None:
        self.step(self.cut(self.window(number)))

    @rule(number=ANY)
    def reconnect(self, number: int) -> None:
        window = self.window(number)

        async def again() -> None:
            await self.cut(window)
            await self.open(window)

        self.step(again())

    @rule(number=ANY)
    def sleep(self, number: int) -> None:
        """Nobody touched the tab for an hour: it still shows what it showed, and the server has forgotten it."""
        window = self.window(number)
        forget_states(window.tab.token)
        window.is_asleep = True

    # Costs as much as many other steps, and more than one at a time shows no more.
    @precondition(lambda self: self.restarts < 1)
    @rule()
    def restart(self) -> None:
        """The worker is started anew, and the tabs come back by themselves."""
        self.restarts += 1
        back = [window for window in self.windows if window.is_connected]
        for window in back:
            self.street.run(self.cut(window))
        self.street.restart()

        async def come_back() -> None:
            for window in back:
                await self.open(window)

        self.step(come_back())
