"""Open tabs of both servers, over one client library, so that what the client costs is the same."""

import asyncio
import json
import secrets
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable
from time import perf_counter
from typing import Any, Protocol, Self

import socketio  # type: ignore[import-untyped]  # carries no types
from reflex.state import State

from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.states.conversation import ConversationState
from xianyu.states.plaza import PlazaState

# Seconds after which a message counts as lost.
PATIENCE = 60
BODY = "明天下午三点在小区东门见可以吗？我带上充电器和发票。"


class Tab(Protocol):
    """A tab on a conversation."""

    inbox: "Inbox"

    async def send(self, client_id: str) -> None:
        """Send a message; it is known again by ``client_id``."""
        ...

    async def close(self) -> None:
        """Close the tab."""
        ...


class Inbox:
    """When each message arrived at one tab."""

    def __init__(self) -> None:
        self.arrived: dict[str, float] = {}
        self._waiting: dict[str, asyncio.Future[float]] = {}

    def take(self, client_ids: Iterable[str]) -> None:
        """Note the arrival of messages; those that came before keep their time."""
        now = perf_counter()
        for client_id in client_ids:
            if client_id not in self.arrived:
                self.arrived[client_id] = now
                if waiting := self._waiting.pop(client_id, None):
                    waiting.set_result(now)

    async def wait_for(self, client_id: str) -> float:
        """The time at which the message arrived, now or before."""
        if client_id in self.arrived:
            return self.arrived[client_id]
        future = self._waiting.setdefault(client_id, asyncio.get_running_loop().create_future())
        async with asyncio.timeout(PATIENCE):
            return await future


def new_client_id() -> str:
    """What a browser makes for a message of its own."""
    return str(uuid.uuid4())


class Page(ABC):
    """A page of the marketplace in a tab, as its own client speaks to the server.

    Args:
        origin: Scheme, host and port.
        path: The page's address.
        query: What stands in the address beside that, and in its path's parameters.
        cookie: The session cookie's value, or an empty string.
    """

    _HYDRATE = f"{State.get_full_name()}.hydrate_and_load"
    _NAMESPACE = "/_event"

    def __init__(self, origin: str, path: str, query: dict[str, str] | None = None, cookie: str = "") -> None:
        self.is_open = asyncio.Event()
        self._origin = origin
        self._router = {"pathname": path, "asPath": path, "query": query or {}}
        self._headers = {"Origin": origin, "Cookie": f"{session_cookie_name()}={cookie}"}
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("event", self._take, namespace=self._NAMESPACE)

    @abstractmethod
    async def _take(self, update: dict[str, Any]) -> None:
        """The server sent what has changed. The page is open once ``is_open`` is set."""

    def _event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        return {"name": name, "payload": payload, "router_data": self._router}

    async def _emit(self, name: str, payload: dict[str, Any]) -> None:
        await self._socket.emit("event", self._event(name, payload), namespace=self._NAMESPACE)

    async def open(self) -> Self:
        """Load the page and wait until it is shown."""
        await self._socket.connect(
            f"{self._origin}/?token={uuid.uuid4()}",
            headers=self._headers,
            auth={"event": self._event(self._HYDRATE, {})},
            socketio_path="/_event",
            transports=["websocket"],
            namespaces=[self._NAMESPACE],
            wait_timeout=PATIENCE,
        )
        async with asyncio.timeout(PATIENCE):
            await self.is_open.wait()
        return self

    async def close(self) -> None:
        """Close the tab."""
        await self._socket.disconnect()


class SiteTab(Page):
    """A tab on a conversation.

    Args:
        origin: Scheme, host and port.
        cookie: The session cookie's value.
        peer_id: With whom the conversation is.
    """

    _STATE = ConversationState.get_full_name()

    def __init__(self, origin: str, cookie: str, peer_id: int) -> None:
        super().__init__(origin, routes.conversation(peer_id), {"peer_id": str(peer_id)}, cookie)
        self.inbox = Inbox()
        self._about = {"peer_id": peer_id}

    async def _take(self, update: dict[str, Any]) -> None:
        _note(self, self._STATE, update)

    async def open(self) -> Self:
        """Load the page and say that it is in front, as it does itself, so that what arrives counts as read."""
        await super().open()
        await self._emit(f"{self._STATE}.set_visible", {"visible": True})
        return self

    async def send(self, client_id: str) -> None:
        """See ``Tab``."""
        await self._emit(f"{self._STATE}.send", {**self._about, "client_id": client_id, "body": BODY})


class RoomTab(Page):
    """A tab on the public room.

    ``received`` is how many bytes of JSON it was sent, since it was opened.

    Args:
        origin: Scheme, host and port.
        cookie: The session cookie's value.
    """

    _STATE = PlazaState.get_full_name()

    def __init__(self, origin: str, cookie: str) -> None:
        super().__init__(origin, routes.PLAZA, cookie=cookie)
        self.inbox = Inbox()
        self.received = 0

    async def _take(self, update: dict[str, Any]) -> None:
        if self.is_open.is_set():
            self.received += len(json.dumps(update, ensure_ascii=False, separators=(",", ":")).encode())
        _note(self, self._STATE, update)

    async def send(self, client_id: str) -> None:
        """See ``Tab``."""
        await self._emit(f"{self._STATE}.send", {"client_id": client_id, "body": BODY})


def _note(tab: SiteTab | RoomTab, state: str, update: dict[str, Any]) -> None:
    """Take the messages of an update, and whether the page has been loaded."""
    changes = (update.get("delta") or {}).get(state) or {}
    for name in ("history_rx_state_", "tail_rx_state_"):
        tab.inbox.take(message["client_id"] for message in changes.get(name, ()))
    if changes.get("epoch_rx_state_"):
        tab.is_open.set()


class RelayTab:
    """A tab of the relay.

    Args:
        origin: Scheme, host and port.
        room: The conversation.
    """

    def __init__(self, origin: str, room: str) -> None:
        self.inbox = Inbox()
        self._origin = origin
        self._room = room
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("message", self._take)

    async def _take(self, message: dict[str, Any]) -> None:
        self.inbox.take((message["client_id"],))

    async def open(self) -> Self:
        """Connect, and join the room; a message of its own that comes back proves that."""
        await self._socket.connect(self._origin, transports=["websocket"], wait_timeout=PATIENCE)
        await self._socket.emit("join", self._room)
        client_id = new_client_id()
        await self.send(client_id)
        await self.inbox.wait_for(client_id)
        return self

    async def send(self, client_id: str) -> None:
        """See ``Tab``."""
        await self._socket.emit("send", (self._room, {"client_id": client_id, "body": BODY}))

    async def close(self) -> None:
        """See ``Tab``."""
        await self._socket.disconnect()


def new_room() -> str:
    """A room of the relay that nobody is in."""
    return secrets.token_hex(8)
