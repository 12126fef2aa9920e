"""A program for a server: it promises something at each request, and breaks down as the server closes.

Run by Granian, in a process of its own, by the tests of what is finished before the end.
"""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from xianyu.adapters.ending import before_the_end

KEPT = "PROMISES_KEPT_IN"

Message = MutableMapping[str, Any]
_promised = 0


async def _keep() -> None:
    await asyncio.to_thread(Path(os.environ[KEPT]).write_text, str(_promised), encoding="utf-8")


async def app(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Answer requests, and end as a panic in the server would end it: nothing is cleaned up."""
    if scope["type"] == "lifespan":
        await receive()
        async with before_the_end(_keep):
            await send({"type": "lifespan.startup.complete"})
            await receive()
            os.kill(os.getpid(), signal.SIGKILL)
    global _promised  # noqa: PLW0603 - the program has nothing else
    _promised += 1
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
