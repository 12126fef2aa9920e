"""What is stored in the end, read as each person reads it, and what of it open tabs show."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.people import Person
from tests.chaos.clients import LastingTab, Writer
from tests.live_site import PATIENCE, Tab
from xianyu import routes

Messages = list[dict[str, Any]]
# How many messages a page shows at least, where there are so many.
SHOWN = 40


async def read_whole(origin: str, person: Person, peer: int) -> Messages:
    """A conversation from its first message on, as a page that is opened and scrolled up has it."""
    tab = Reader(origin, person.cookie)
    await tab.open(routes.conversation(peer))
    try:
        await tab.until(lambda tab: bool(tab.vars.get("conversation_state", {}).get("epoch")))
        while tab["conversation_state"]["has_older"]:
            known = len(tab["conversation_state"]["history"])
            await tab.emit("conversation_state.load_older")
            await tab.until(lambda tab, known=known: len(tab["conversation_state"]["history"]) > known)  # type: ignore[misc]
        return [*tab["conversation_state"]["history"], *tab["conversation_state"]["tail"]]
    finally:
        await tab.close()


class Reader(Tab):
    """A tab of a server in another process, which nobody here can look into."""

    async def settle(self) -> "Reader":
        """Wait for nothing but that the socket answers."""
        await self._pong()
        return self

    async def look(self) -> "Reader":
        """Do not look: nothing is to be read by this."""
        return self


class Truth:
    """Every conversation as it is stored.

    Args:
        writers: Everybody, by their number.
        read: Each conversation as each of its two people reads it, by the reader's and the other's number.
    """

    def __init__(self, writers: dict[int, Writer], read: dict[tuple[int, int], Messages]) -> None:
        self._writers = writers
        self._read = read

    def problems(self) -> Iterator[str]:
        """Where what is stored is not what was sent."""
        for (reader, peer), messages in self._read.items():
            where = f"{reader} reads with {peer}: "
            if [message["seq"] for message in messages] != list(range(1, len(messages) + 1)):
                yield f"{where}numbers {[message['seq'] for message in messages]}"
            if messages != self._read[peer, reader]:
                yield f"{where}another order than {peer}"
            stored = Counter((message["sender_id"], message["client_id"], message["body"]) for message in messages)
            wanted = Counter([*self._sent(reader, peer), *self._sent(peer, reader)])
            if stored != wanted:
                yield f"{where}lost {wanted - stored}, too many {stored - wanted}"

    def _sent(self, sender: int, peer: int) -> Iterator[tuple[int, str, str]]:
        for client_id, body in self._writers[sender].sent[peer].bodies.items():
            yield sender, client_id, body

    def position(self, reader: int, peer: int) -> int:
        """How far somebody has read: everything before their eyes, else what was there when they wrote last."""
        messages = self._read[reader, peer]
        if self._writers[reader].looks:
            return len(messages)
        return max((message["seq"] for message in messages if message["sender_id"] == reader), default=0)

    def unread(self, reader: int) -> dict[int, int]:
        """How much somebody has not read, by their peers."""
        return {peer: len(self._read[reader, peer]) - self.position(reader, peer) for peer in self._peers(reader)}

    def _peers(self, reader: int) -> list[int]:
        return self._writers[reader].peers

    def wrong_with(self, owner: int, tab: LastingTab) -> Iterator[str]:
        """What an open tab of somebody shows otherwise than it is."""
        where = f"tab of {owner} at {tab.path}: "
        if tab.socket is None or tab.socket.lost:
            yield f"{where}not connected"
            return
        unread = self.unread(owner)
        badge = tab.socket.state("shell_state").get("unread")
        if badge != sum(unread.values()):
            yield f"{where}badge {badge}, not {sum(unread.values())}"
        lines = tab.socket.state("inbox_state").get("conversations", ())
        shown = {line["peer_id"]: (line["unread"], line["last_body"]) for line in lines}
        right = {peer: (unread[peer], self._read[owner, peer][-1]["body"]) for peer in unread}
        if shown != right:
            yield f"{where}list {shown}, not {right}"
        yield from (f"{where}{what}" for what in self._wrong_on_page(owner, tab.socket.state("conversation_state")))

    def _wrong_on_page(self, owner: int, page: dict[str, Any]) -> Iterator[str]:
        peer = (page.get("peer") or {}).get("id")
        if not peer:
            return
        messages, shown = self._read[owner, peer], [*page["history"], *page["tail"]]
        if len(shown) < min(SHOWN, len(messages)) or shown != messages[len(messages) - len(shown) :]:
            yield f"shows {[message['seq'] for message in shown]} of {len(messages)}"
        if page["read_by_peer"] != self.position(peer, owner):
            yield f"read by the other up to {page['read_by_peer']}, not {self.position(peer, owner)}"


async def find_out(origin: str, writers: Sequence[Writer]) -> Truth:
    """Read every conversation as each of its two people."""
    reads = [(writer, peer) for writer in writers for peer in writer.peers]
    async with asyncio.timeout(PATIENCE + len(reads)):
        read = [await read_whole(origin, writer.person, peer) for writer, peer in reads]
    found = {(writer.user_id, peer): messages for (writer, peer), messages in zip(reads, read, strict=True)}
    return Truth({writer.user_id: writer for writer in writers}, found)
