"""People whose browsers do what the pages do: they come back, ask what was stored, and send the rest again."""

import asyncio
import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from engineio.exceptions import EngineIOError  # type: ignore[import-untyped]  # carries no types
from socketio.exceptions import SocketIOError  # type: ignore[import-untyped]  # carries no types

from benchmarks.people import Person
from tests.live_site import Tab
from xianyu import routes

# Seconds: between two looks at what arrived, between two tries to connect, until a try to connect is
# given up, and until a message that nothing was heard of is sent again.
TICK = 0.05
AGAIN = 0.2
CONNECTING = 15
RESEND = 2.0
# How much a person sends without knowing what became of it.
IN_FLIGHT = 3


class Socket(Tab):
    """A tab's connection, until it is cut: nothing that it is asked to do waits for an answer.

    What the page knew before, in ``known``, it goes on knowing, and what arrives changes that.
    """

    def __init__(self, origin: str, cookie: str, token: str, known: dict[str, dict[str, Any]]) -> None:
        super().__init__(origin, cookie, token)
        self.vars = known
        self.lost = False
        self._socket.on("disconnect", self._lose, namespace="/_event")
        self._socket.on("new_token", self._rename, namespace="/_event")

    async def _lose(self, *_reason: object) -> None:
        self.lost = True

    async def _rename(self, token: str) -> None:
        """The server still holds the socket that was cut, so that the tab goes on under another name."""
        self.token = token

    async def settle(self) -> "Socket":
        """Wait for nothing: the socket may be gone at any time."""
        return self

    async def look(self) -> "Socket":
        """Say nothing of who looks: the page does that, each time that it was loaded."""
        return self

    def state(self, name: str) -> dict[str, Any]:
        """The vars of a state that have arrived."""
        return self.vars.get(name, {})


class LastingTab:
    """A tab that comes back whenever it loses its connection, under the same name, as the page does.

    ``disconnects`` counts how often it lost one, ``slowest_page`` is the longest time in seconds from
    a connection to a page that is whole.

    Args:
        origin: Scheme, host and port of the site.
        cookie: Whose tab it is.
        path: What it shows.
    """

    def __init__(self, origin: str, cookie: str, path: str) -> None:
        self.path = path
        self.disconnects = 0
        self.slowest_page = 0.0
        self.socket: Socket | None = None
        self._origin = origin
        self._cookie = cookie
        self._token = f"tab-{secrets.token_hex(8)}"
        self._waits_since = 0.0
        self._known: dict[str, dict[str, Any]] = {}

    async def connected(self) -> Socket | None:
        """The connection, made anew if need be; nothing if that failed."""
        if self.socket is not None and self.socket.lost:
            self.disconnects += 1
            await self._drop()
        if self.socket is None:
            fresh = Socket(self._origin, self._cookie, self._token, self._known)
            if await _attempted(fresh.open(self.path), CONNECTING):
                self.socket = fresh
                self._waits_since = monotonic()
            else:
                await _attempted(fresh.close(), CONNECTING)
        return self.socket

    def note_page(self) -> None:
        """The page is whole."""
        if self._waits_since:
            self.slowest_page = max(self.slowest_page, monotonic() - self._waits_since)
            self._waits_since = 0

    async def _drop(self) -> None:
        if self.socket is not None:
            self._token = self.socket.token
            await _attempted(self.socket.close(), CONNECTING)
            self.socket = None

    async def emit(self, name: str, /, **payload: Any) -> None:
        """Send an event, which may get lost."""
        if self.socket is not None:
            await _attempted(self.socket.emit(name, **payload), CONNECTING)

    async def show(self, path: str) -> None:
        """Follow a link."""
        self.path = path
        if self.socket is not None:
            await _attempted(self.socket.go(path), CONNECTING)

    async def close(self) -> None:
        """Close the tab."""
        await self._drop()

    async def stay(self, until: asyncio.Event) -> None:
        """Do nothing but be open."""
        while not until.is_set():  # noqa: ASYNC110 - it has to look whether it is still connected
            await asyncio.sleep(TICK if await self.connected() else AGAIN)


async def _attempted(work: Any, seconds: float) -> bool:
    """Whether it could be done with a connection that may be cut meanwhile."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except (OSError, SocketIOError, EngineIOError, TimeoutError):
        return False
    return True


@dataclass
class Waiting:
    """A message of the outbox."""

    client_id: str
    body: str
    written: float
    due: float


@dataclass
class Sent:
    """What a person sent to one peer: the text of each message by its id, and how long each took."""

    bodies: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    repeats: int = 0


class Writer:
    """A person with a tab on a conversation, who writes to their peers in turn.

    Args:
        origin: Scheme, host and port of the site.
        person: Who.
        peers: To whom.
        looks: Whether the tab is in front, so that what arrives there is read.
    """

    def __init__(self, origin: str, person: Person, peers: Sequence[int], *, looks: bool) -> None:
        self.person = person
        self.peers = list(peers)
        self.looks = looks
        self.sent = {peer: Sent() for peer in self.peers}
        self.peer = self.peers[0]
        self.tab = LastingTab(origin, person.cookie, routes.conversation(self.peer))
        self._outbox: dict[str, Waiting] = {}
        # The loading of the page that was answered already.
        self._answered = 0

    @property
    def user_id(self) -> int:
        """Whose number it is."""
        return self.person.actor.user_id

    def is_busy(self, number: int) -> bool:
        """Whether not all of so many messages are written and known to be stored."""
        return sum(len(each.seconds) for each in self.sent.values()) < number

    async def write(self, number: int, may_write: Callable[[int], bool], until: asyncio.Event) -> None:
        """Send that many messages, each once ``may_write`` allows it, then keep the tab open.

        A peer is written to in two portions, so that each conversation is come back to.
        """
        turns = [peer for peer in self.peers * 2 for _ in range(number // (2 * len(self.peers)))]
        turns += self.peers[-1:] * (number - len(turns))
        written = 0
        while not until.is_set():
            if await self.tab.connected() is None:
                await asyncio.sleep(AGAIN)
                continue
            await self._tend()
            if written < number and len(self._outbox) < IN_FLIGHT and may_write(written):
                if turns[written] == self.peer:
                    written += await self._post(f"第 {written} 条，{self.user_id} 写给 {self.peer}")
                elif not self._outbox:
                    self.peer = turns[written]
                    await self.tab.show(routes.conversation(self.peer))
            await asyncio.sleep(TICK)

    def _page(self) -> dict[str, Any]:
        """The vars of the conversation, once it is the one that the address names."""
        state = self.tab.socket.state("conversation_state") if self.tab.socket else {}
        return state if (state.get("peer") or {}).get("id") == self.peer and state.get("loaded") else {}

    async def _post(self, body: str) -> int:
        page = self._page()
        if not page or page["unavailable"]:
            return 0
        client_id, now = str(uuid.uuid4()), monotonic()
        self._outbox[client_id] = Waiting(client_id, body, now, now + RESEND)
        self.sent[self.peer].bodies[client_id] = body
        await self._send(client_id, body)
        return 1

    async def _send(self, client_id: str, body: str) -> None:
        await self.tab.emit("conversation_state.send", peer_id=self.peer, client_id=client_id, body=body)

    async def _tend(self) -> None:
        """What the page does with its outbox."""
        page = self._page()
        if not page:
            return
        if page["epoch"] != self._answered:
            self._answered = page["epoch"]
            self.tab.note_page()
            await self.tab.emit("conversation_state.set_visible", visible=self.looks)
            if self._outbox:
                await self.tab.emit("conversation_state.check_outbox", peer_id=self.peer, client_ids=list(self._outbox))
                self._put_off(AGAIN)
        self._let_go(page)
        # While the store is away what waits is held.
        if not page["unavailable"]:
            await self._repeat()

    def _put_off(self, seconds: float) -> None:
        for message in self._outbox.values():
            message.due = monotonic() + seconds

    def _let_go(self, page: dict[str, Any]) -> None:
        stored = {message["client_id"] for message in [*page["history"], *page["tail"]]} | set(page["settled"])
        for client_id in stored & set(self._outbox):
            self.sent[self.peer].seconds[client_id] = monotonic() - self._outbox.pop(client_id).written

    async def _repeat(self) -> None:
        for message in list(self._outbox.values()):
            if message.due <= monotonic():
                message.due = monotonic() + RESEND
                self.sent[self.peer].repeats += 1
                await self._send(message.client_id, message.body)
