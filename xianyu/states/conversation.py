"""One conversation: its messages, sending, reading, and what arrives while it is open."""

import reflex as rx
from sqlmodel import Session

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.accounts import PersonView
from xianyu.schemas.events import LiveEvent, MessageSent
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.messages import MessageView, OpenedConversation, Refusal
from xianyu.services import accounts, conversations, limits, messages
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.states import inbox
from xianyu.states.actor import member_id, read_as_member, route_id, tab_token, write_as_member
from xianyu.states.delivery import announce, origin_tab, plain, tab_state

PAGE = 40
# ``tail`` is sent whole with each new message, ``history`` is not: a short tail keeps a message's
# cost near its own size however long the conversation is.
TAIL = 10
# What a tab that stays open for days keeps of a busy conversation.
KEPT = 120


def topic(one: int, other: int) -> str:
    """The live topic of two people's conversation, the same from both sides."""
    return f"conversation:{min(one, other)}:{max(one, other)}"


def _echo(client_id: object) -> str:
    """The message's id to answer with. What no page made is not sent back: half a character ends the socket."""
    return client_id if isinstance(client_id, str) and client_id.isascii() else ""


def _in_order(messages: list[MessageView]) -> list[MessageView]:
    return sorted(messages, key=lambda message: message.seq)


class ConversationState(rx.State):
    """The conversation that the address names.

    ``history`` and ``tail`` together are what is shown, oldest first. ``epoch`` counts the times it
    was loaded, so that the browser can ask what became of its outbox. ``settled`` answers that.
    """

    peer: PersonView = PersonView()
    about: ListingCard = ListingCard()
    history: list[MessageView] = []
    tail: list[MessageView] = []
    has_older: bool = False
    loaded: bool = False
    missing: str = ""
    refusal: Refusal = Refusal()
    settled: list[str] = []
    epoch: int = 0
    _kept: int = KEPT

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        peer_id = route_id(self, "peer_id")
        if peer_id != self.peer.id:
            self.loaded, self.history, self.tail, self.peer, self.about = False, [], [], PersonView(), ListingCard()
        try:
            opened = await read_as_member(self, conversations.open_with, peer_id, PAGE)
        except LoginRequired:
            raise
        except DomainError as error:
            self.missing, self.loaded = error.message, True
            return
        self._show(opened)
        bus.show(tab_token(self), inbox.TOPIC, topic(opened.reader_id, peer_id))
        await self._read()

    def _show(self, opened: OpenedConversation) -> None:
        self.missing, self.refusal, self.settled = "", Refusal(), []
        self.peer, self.about = opened.peer, opened.about
        self.history, self.tail, self.has_older = opened.messages, [], opened.has_older
        self.loaded, self._kept = True, KEPT
        self.epoch += 1

    async def _read(self) -> None:
        newest = self._newest()
        if newest:
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
        before = self.history[0].seq
        older = await read_as_member(self, messages.history, self.peer.id, before_seq=before, limit=PAGE)
        self.has_older = len(older) == PAGE
        self.history = [*older, *plain(self.history)]
        # Whoever reads old messages is not to lose them to a new one.
        self._kept = KEPT + len(self.history)

    @rx.event
    async def send(self, peer_id: int, client_id: str, body: str) -> None:
        """Store a message. The browser's outbox lets go of it once it is among those shown."""
        try:
            await limits.spending(limits.MESSAGE, str(await member_id(self)))
            in_view = self._is_seen_by(peer_id)
            event = await write_as_member(self, messages.send, peer_id, client_id, body, seen_by_peer=in_view)
        except LoginRequired:
            self.refusal = Refusal(_echo(client_id), "登录已失效，请重新登录后再发")
        except DomainError as error:
            self.refusal = Refusal(_echo(client_id), error.message)
        else:
            if event.recipient_id == self.peer.id:
                self._receive(event.message)
            await announce(event)

    def _is_seen_by(self, peer_id: int) -> bool:
        tab = bus.tab(tab_token(self))
        return tab is not None and type(peer_id) is int and bus.is_viewing(peer_id, topic(tab.user_id, peer_id))

    def _receive(self, message: MessageView) -> None:
        """Put a message in its place; one that is there already changes nothing."""
        tail, history = plain(self.tail), plain(self.history)
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

    def _keep(self, history: list[MessageView], tail: list[MessageView]) -> None:
        if len(tail) <= TAIL:
            self.tail = tail
            return
        whole = [*history, *tail]
        self.has_older = self.has_older or len(whole) > self._kept
        self.history, self.tail = whole[-self._kept :], []

    @rx.event
    async def check_outbox(self, peer_id: int, client_ids: list[str]) -> None:
        """Tell the browser which of its waiting messages are stored."""
        self.settled = await read_as_member(self, messages.settled, peer_id, client_ids)

    @rx.event
    async def set_visible(self, visible: bool) -> None:
        """The tab came to the front or went to the back; what is in front counts as read."""
        bus.set_visible(tab_token(self), visible is True)
        if visible is True and self.loaded and not self.missing:
            await self._read()


async def on_event(event: LiveEvent) -> None:
    """Bring a message to every tab that shows its conversation, the other's first."""
    if not isinstance(event, MessageSent):
        return
    people = (event.sender_id, event.recipient_id)
    # The tab that it was sent from has it already.
    tabs = [tab for tab in bus.tabs(topic=topic(*people)) if tab.user_id in people and tab.token != origin_tab()]
    for tab in sorted(tabs, key=lambda tab: tab.user_id == event.sender_id):
        async with tab_state(tab, ConversationState) as conversation:
            if conversation.peer.id in people:
                conversation._receive(event.message)  # noqa: SLF001 - the same module
            else:
                await _wake(conversation, tab, sum(people) - tab.user_id)


async def _wake(conversation: ConversationState, tab: Tab, peer_id: int) -> None:
    """The tab slept so long that its state was made anew, empty: read everything again."""

    def reopen(session: Session) -> OpenedConversation:
        actor = accounts.require(session, accounts.actor_of_session(session, tab.session_id))
        return conversations.open_with(session, actor, peer_id, PAGE)

    conversation._show(await get_database().reading(reopen))  # noqa: SLF001 - the same module
