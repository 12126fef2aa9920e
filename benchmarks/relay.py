"""The reference: a bare python-socketio relay that stores nothing, behind the same ASGI server.

``python -m benchmarks.relay PORT`` runs it with one worker.
"""

import sys
from typing import Any

import socketio  # type: ignore[import-untyped]  # carries no types
from granian.constants import Interfaces
from granian.server import Server

server = socketio.AsyncServer(async_mode="asgi", cors_allowed_origins=[])
app = socketio.ASGIApp(server)


async def join(sid: str, room: str) -> None:
    """A tab opens a conversation."""
    await server.enter_room(sid, room)


async def send(_sid: str, room: str, message: dict[str, Any]) -> None:
    """A tab sends a message to everybody in its room, itself included."""
    await server.emit("message", message, room=room)


server.on("join", join)
server.on("send", send)


def main() -> None:
    """Serve until told to stop."""
    Server(
        "benchmarks.relay:app", "127.0.0.1", int(sys.argv[1]), interface=Interfaces.ASGI, workers=1, log_enabled=False
    ).serve()


if __name__ == "__main__":
    main()
