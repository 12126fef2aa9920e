"""While the store of the messages is away: what tells that it is back."""

import asyncio

from xianyu.adapters import message_stores
from xianyu.adapters.database import in_thread
from xianyu.adapters.live import bus
from xianyu.schemas.events import Reconnected
from xianyu.states.delivery import beside

# Seconds from one look to the next.
INTERVAL = 1.0

_watching: set[asyncio.AbstractEventLoop] = set()


def note() -> None:
    """The store did not answer. Once it does, the open pages of this worker read everything anew."""
    loop = asyncio.get_running_loop()
    if loop not in _watching:
        _watching.add(loop)
        beside(_watch(loop), "outage")


async def _watch(loop: asyncio.AbstractEventLoop) -> None:
    try:
        while not await in_thread(message_stores.is_available):  # noqa: ASYNC110 - only a look can tell
            await asyncio.sleep(INTERVAL)
    finally:
        _watching.discard(loop)
    await bus.receive([Reconnected()])
