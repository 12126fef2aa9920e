"""One address in front of all workers, as a proxy is, whose connections can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

# Bytes that are passed on at a time.
_CHUNK = 65_536

Link = tuple[asyncio.StreamWriter, asyncio.StreamWriter]


class Balancer:
    """Sends each new connection to any worker that is ready.

    Args:
        chance: Decides where a connection goes and which are cut.
    """

    def __init__(self, chance: Random) -> None:
        self.ready: set[int] = set()
        self.origin = ""
        self._chance = chance
        self._links: dict[int, Link] = {}
        self._count = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            port = self._chance.choice(sorted(self.ready))
            above, below = await asyncio.open_connection("127.0.0.1", port)
        except (IndexError, OSError):
            writer.transport.abort()
            return
        self._count += 1
        number, link = self._count, (writer, below)
        self._links[number] = link
        ways = [asyncio.create_task(_pass_on(reader, below)), asyncio.create_task(_pass_on(above, writer))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            _abort(link)
            await asyncio.wait(ways)
            del self._links[number]

    def cut(self, number: int) -> int:
        """Cut so many connections, wherever in whatever message they are; returns how many there were to cut."""
        chosen = self._chance.sample(sorted(self._links), min(number, len(self._links)))
        for each in chosen:
            _abort(self._links[each])
        return len(chosen)


def _abort(link: Link) -> None:
    for writer in link:
        writer.transport.abort()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    except OSError:
        return


@asynccontextmanager
async def balancing(chance: Random) -> AsyncIterator[Balancer]:
    """A balancer on a free port, with no worker yet."""
    balancer = Balancer(chance)
    server = await asyncio.start_server(balancer._serve, "127.0.0.1", 0)
    balancer.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield balancer
    finally:
        server.close()
        balancer.cut(len(balancer._links))
        async with asyncio.timeout(5):
            while balancer._links:  # noqa: ASYNC110 - nobody could set an event
                await asyncio.sleep(0.01)
