"""What is finished before the server hears that it is to end.

Granian answers a signal by closing its connections, and only then tells the program, through the end of the lifespan.
A worker may never get so far: a panic in one of the server's threads, which a connection that closes at the wrong
moment can cause (https://github.com/emmett-framework/granian/issues/884), ends the whole process. What people were
promised must therefore not wait for the lifespan's end.
"""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@asynccontextmanager
async def before_the_end(*steps: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Within the block, a signal to end first has the steps done, one after the other, and then reaches the server.

    A step must come to an end by itself. One that fails is logged and holds up nothing. A signal that comes meanwhile
    changes nothing: a group of processes that is ended gets more than one.
    """
    loop = asyncio.get_running_loop()
    servers = _server_handlers(loop)
    ending: list[asyncio.Task[None]] = []

    def on_signal(number: int) -> None:
        if not ending:
            ending.append(loop.create_task(end(number), name="ending"))
        elif ending[0].done():
            _pass_on(servers[number])

    async def end(number: int) -> None:
        for step in steps:
            await _done(step)
        _pass_on(servers[number])

    for number in servers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number, handle in servers.items():
            loop.add_signal_handler(number, _pass_on, handle)


def _server_handlers(loop: asyncio.AbstractEventLoop) -> dict[int, asyncio.Handle]:
    """What the server does at each signal; nothing where there is no server, or one that listens in another way."""
    # Asyncio has no way to ask for it.
    table = getattr(loop, "_signal_handlers", {})
    found = {int(number): table[number] for number in _SIGNALS if number in table}
    if not found:
        logger.info("Nothing listens for signals; what is under way at the end is waited for afterwards")
    return found


async def _done(step: Callable[[], Awaitable[None]]) -> None:
    try:
        await step()
    except Exception:
        logger.exception("Something was left undone at the end")


def _pass_on(handle: asyncio.Handle) -> None:
    handle._run()  # noqa: SLF001 - what the loop itself would have called
