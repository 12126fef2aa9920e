"""One conversation: its messages, sending and reading. What arrives meanwhile comes by ``conversation_news``."""

from collections.abc import Callable, Collection
from dataclasses import replace
from time import monotonic

import reflex as rx

from xianyu.adapters.live import bus
from xianyu.adapters.relay import who_is_online
from xianyu.models.messages import MessageKind
from xianyu.schemas.accounts import PersonView
from xianyu.schemas.events import MessageSent, TypingStarted
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.messages import MessageView, OpenedConversation, PresenceView, Refusal
from xianyu.services import conversations, limits, messages
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.states import inbox, outage
from xianyu.states.actor import (
    LONGEST_ID,
    client_address,
    member_id,
    query,
    read_as_member,
    route_id,
    tab_token,
    write_as_member,
)
from xianyu.states.delivery import announce, next_epoch, plain
from xianyu.states.message_tail import PAGE, MessageTail

# What a tab that stays open for days keeps of a busy conversation.
KEPT = 120
# Seconds between two signs that somebody is typing.
TYPING_PAUSE = 2.0

TOPIC = "conversation"


def topic(one: int, other: int) -> str:
    """The live topic of two people's conversation, the same from both sides."""
    return f"{TOPIC}:{min(one, other)}:{max(one, other)}"


def _number(text: str) -> int:
    """A message's number in an address, or 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_ID else 0


async def with_online(opened: OpenedConversation) -> OpenedConversation:
    """What a page starts with, with whether the other is there: that only the open tabs tell."""
    if not opened.presence.shown:
        return opened
    is_online = bool(await who_is_online([opened.peer.id]))
    return replace(opened, presence=replace(opened.presence, is_online=is_online))


def _in_order(messages: list[MessageView]) -> list[MessageView]:
    return sorted(messages, key=lambda message: message.seq)


class ConversationState(MessageTail, rx.State):
    """The conversation that the address names.

    With ``has_newer`` what is shown is not the end of it, since the page was opened at an old message,
    the one with the number ``at``. ``read_by_peer`` is how far the other has read, ``typing`` counts the
    signs that they are writing.
    """

    peer: PersonView = PersonView()
    about: ListingCard = ListingCard()
    presence: PresenceView = PresenceView()
    history: list[MessageView] = []
    tail: list[MessageView] = []
    has_newer: bool = False
    at: int = 0
    missing: str = ""
    read_by_peer: int = 0
    typing: int = 0
    is_pinned: bool = False
    is_muted: bool = False
    _kept: int = KEPT
    # What the reader deleted: a message may be told again after that.
    _hidden: list[int] = []
    _cleared: int = 0
    _typed_at: float = 0.0

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back. What it shows is read once it says that it is in front."""
        peer_id = route_id(self, "peer_id")
        if peer_id != self.peer.id:
            self._empty()
        await self._open(peer_id, _number(query(self, "at")))

    def _empty(self) -> None:
        self.loaded, self.history, self.tail, self.peer, self.about = False, [], [], PersonView(), ListingCard()
        self.presence, self.read_by_peer, self.typing = PresenceView(), 0, 0
        self._hidden, self._cleared = [], 0

    async def _open(self, peer_id: int, at: int) -> None:
        tab = bus.tab(tab_token(self))
        # First, so that nothing that is said meanwhile is missed.
        bus.show(tab_token(self), inbox.TOPIC, topic(tab.user_id if tab else 0, peer_id))
        try:
            opened = await read_as_member(self, conversations.open_with, peer_id, PAGE, at)
        except LoginRequired:
            raise
        except DomainError as error:
            self.missing, self.loaded = error.message, True
            bus.show(tab_token(self), inbox.TOPIC)
            return
        self._show(await with_online(opened))
        self.at = at

    def _show(self, opened: OpenedConversation) -> None:
        self.missing, self.refusal, self.settled = "", Refusal(), []
        self.peer, self.about, self.presence = opened.peer, opened.about, opened.presence
        self.is_pinned, self.is_muted = opened.is_pinned, opened.is_muted
        self.loaded, self.unavailable, self.now = True, not opened.is_available, opened.now
        if not opened.is_available:
            outage.note()
            return
        self.history, self.tail = opened.messages, []
        self.has_older, self.has_newer = opened.has_older, opened.has_newer
        self.read_by_peer, self._kept, self._hidden = opened.read_by_peer, KEPT, []
        self.epoch = next_epoch(self.epoch)

    async def _read(self) -> None:
        newest = self._newest()
        if newest and not self.unavailable:
            with self._or_later():
                event = await write_as_member(self, messages.read, self.peer.id, newest)
                if event is not None:
                    await announce(event)

    def _newest(self) -> int:
        shown = plain(self.tail) or plain(self.history)
        return shown[-1].seq if shown else 0

    @rx.event
    async def load_older(self) -> None:
        """Somebody scrolled up."""
        if not self.history or not self.has_older:
            return
        with self._or_later():
            before = self.history[0].seq
            older = await read_as_member(self, messages.history, self.peer.id, before_seq=before, limit=PAGE)
            self._put_above(older, KEPT)

    @rx.event
    async def load_newer(self) -> None:
        """Somebody who looked at old messages scrolled down."""
        if not self.has_newer:
            return
        with self._or_later():
            newer = await read_as_member(self, messages.since, self.peer.id, self._newest(), limit=PAGE)
            self.has_newer = len(newer) == PAGE
            self.history = [*plain(self.history), *plain(self.tail), *newer]
            self.tail, self._kept = [], KEPT + len(self.history)
            await self._read()

    @rx.event
    async def show_newest(self) -> None:
        """回到最新消息."""
        if self.has_newer:
            await self._open(self.peer.id, 0)
            await self._read()

    @rx.event
    async def send(self, peer_id: int, client_id: str, body: str, kind: str = "text", ref: int = 0) -> None:
        """Store a message. The browser's outbox lets go of it once it is among those shown.

        ``kind`` ``photo`` or ``listing`` sends the upload or the listing with the number ``ref``.
        """
        event = await self._outcome(client_id, self._store(peer_id, client_id, body, kind, ref))
        if event is not None:
            await self._show_sent(event)

    async def _store(self, peer_id: int, client_id: str, body: str, kind: str, ref: int) -> MessageSent:
        await limits.spending(limits.MESSAGE, str(await member_id(self)), address=client_address(self))
        seen = self._is_seen_by(peer_id)
        if kind == MessageKind.PHOTO.value:
            return await write_as_member(self, messages.send_photo, peer_id, client_id, ref, seen_by_peer=seen)
        if kind == MessageKind.LISTING.value:
            return await write_as_member(self, messages.send_listing, peer_id, client_id, ref, seen_by_peer=seen)
        return await write_as_member(self, messages.send, peer_id, client_id, body, seen_by_peer=seen)

    async def _show_sent(self, event: MessageSent) -> None:
        if event.recipient_id == self.peer.id:
            if self.has_newer:
                await self._open(self.peer.id, 0)
                await self._read()
            self._receive(event.message)
            self._note_read(event.message.seq if event.is_read else 0)
        await announce(event)

    def _is_seen_by(self, peer_id: int) -> bool:
        tab = bus.tab(tab_token(self))
        return tab is not None and type(peer_id) is int and bus.is_viewing(peer_id, topic(tab.user_id, peer_id))

    def _receive(self, message: MessageView) -> None:
        """Put a message in its place; one that is there already changes nothing."""
        if message.seq <= self._cleared or message.seq in plain(self._hidden):
            return
        if message.sender_id == self.peer.id:
            self._note_read(message.seq)
            if self.typing:
                self.typing = 0
        tail, history = plain(self.tail), plain(self.history)
        if self.has_newer and message.seq > self._newest():
            return
        if message.seq > self._newest():
            self._keep(history, [*tail, message])
        elif not self._misses([*history, *tail], message.seq):
            return
        elif history and message.seq < history[-1].seq:
            self.history = _in_order([*history, message])
        else:
            self._keep(history, _in_order([*tail, message]))

    def _misses(self, shown: list[MessageView], seq: int) -> bool:
        """Whether a message older than the newest has a place here: scrolling up brings what is older still."""
        return all(seq != message.seq for message in shown) and (seq > shown[0].seq or not self.has_older)

    def _note_read(self, seq: int) -> None:
        # Set in vain it would be sent in vain.
        if seq > self.read_by_peer:  # noqa: PLR1730
            self.read_by_peer = seq

    def _hide(self, seqs: Collection[int]) -> None:
        """The reader deleted single messages."""
        self._hidden = [*plain(self._hidden), *seqs]
        gone = set(seqs)
        self._keep_only(lambda message: message.seq not in gone)

    def _clear(self, seq: int) -> None:
        """The reader deleted everything up to there."""
        self._cleared = max(self._cleared, seq)
        self._keep_only(lambda message: message.seq > seq)
        self.has_older = False

    def _keep_only(self, wanted: Callable[[MessageView], bool]) -> None:
        self.history = [message for message in plain(self.history) if wanted(message)]
        self.tail = [message for message in plain(self.tail) if wanted(message)]

    @rx.event
    async def note_typing(self) -> None:
        """Somebody is writing. It is told at most every few seconds, and only to who talks with them."""
        tab = bus.tab(tab_token(self))
        talks = self.presence.shown and (self.history or self.tail)
        if not (tab and talks and topic(tab.user_id, self.peer.id) in tab.topics):
            return
        now = monotonic()
        if now - self._typed_at >= TYPING_PAUSE:
            self._typed_at = now
            await announce(TypingStarted(tab.user_id, self.peer.id))

    @rx.event
    async def check_outbox(self, peer_id: int, client_ids: list[str]) -> None:
        """Tell the browser which of its waiting messages are stored."""
        with self._or_later():
            self.settled = await read_as_member(self, messages.settled, peer_id, client_ids)

    @rx.event
    async def set_visible(self, visible: bool) -> None:
        """The tab came to the front or went to the back; what is in front counts as read."""
        bus.set_visible(tab_token(self), visible is True)
        if visible is True and self.loaded and not self.missing:
            await self._read()
