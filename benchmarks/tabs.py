"""Open tabs of both servers, over one client library, so that what the client costs is the same."""

import asyncio
import secrets
import uuid
from collections.abc import Iterable
from time import perf_counter
from typing import Any, Protocol

import socketio  # type: ignore[import-untyped]  # carries no types
from reflex.state import State

from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.states.conversation import ConversationState

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


class SiteTab:
    """A tab of the marketplace, as the page's own client speaks to it.

    Args:
        origin: Scheme, host and port.
        cookie: The session cookie's value.
        peer_id: With whom the conversation is.
    """

    _HYDRATE = f"{State.get_full_name()}.hydrate_and_load"
    _STATE = ConversationState.get_full_name()
    _SEND = f"{_STATE}.send"

    def __init__(self, origin: str, cookie: str, peer_id: int) -> None:
        self.inbox = Inbox()
        self.is_open = asyncio.Event()
        self._origin = origin
        self._cookie = cookie
        self._peer_id = peer_id
        self._socket = socketio.AsyncClient(reconnection=False)
        self._socket.on("event", self._take, namespace="/_event")

    async def _take(self, update: dict[str, Any]) -> None:
        changes = (update.get("delta") or {}).get(self._STATE)
        if not changes:
            return
        for name in ("history_rx_state_", "tail_rx_state_"):
            self.inbox.take(message["client_id"] for message in changes.get(name, ()))
        if changes.get("epoch_rx_state_"):
            self.is_open.set()

    def _event(self, name: str, payload: dict[str, Any]) -> dict[str, Any]:
        path = routes.conversation(self._peer_id)
        found = {"pathname": path, "asPath": path, "query": {"peer_id": str(self._peer_id)}}
        return {"name": name, "payload": payload, "router_data": found}

    async def open(self) -> "SiteTab":
        """Load the page and wait until the conversation is shown."""
        await self._socket.connect(
            f"{self._origin}/?token={uuid.uuid4()}",
            headers={"Origin": self._origin, "Cookie": f"{session_cookie_name()}={self._cookie}"},
            auth={"event": self._event(self._HYDRATE, {})},
            socketio_path="/_event",
            transports=["websocket"],
            namespaces=["/_event"],
            wait_timeout=PATIENCE,
        )
        async with asyncio.timeout(PATIENCE):
            await self.is_open.wait()
        return self

    async def send(self, client_id: str) -> None:
        """See ``Tab``."""
        payload = {"peer_id": self._peer_id, "client_id": client_id, "body": BODY}
        await self._socket.emit("event", self._event(self._SEND, payload), namespace="/_event")

    async def close(self) -> None:
        """See ``Tab``."""
        await self._socket.disconnect()


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

    async def open(self) -> "RelayTab":
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
