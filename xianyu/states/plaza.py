"""The public room: what is said in it, who is there, and keeping order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.adapters.relay import who_is_at
from xianyu.schemas.contacts import OpenedRoom, RoomMessage, RoomPerson
from xianyu.schemas.events import (
    BlockChanged,
    LiveEvent,
    NoticeAdded,
    Reconnected,
    RoomMessageChanged,
    RoomMessageSent,
    RoomMuteChanged,
)
from xianyu.schemas.messages import Refusal
from xianyu.services import accounts, contacts, limits, plaza
from xianyu.states import outage
from xianyu.states.actor import client_address, read_as_member, read_as_visitor, tab_token, write_as_member
from xianyu.states.delivery import announce, bring, next_epoch, origin_tab, plain, tab_state
from xianyu.states.message_tail import PAGE, MessageTail

logger = logging.getLogger(__name__)

# The state offers its changes to the functions of this module and to nobody else.
# ruff: noqa: SLF001

TOPIC = "plaza"
# What a tab that stays open for days keeps.
KEPT = 60
# How many of those who are there are shown by name.
FACES = 8
# Seconds from one look at who is there to the next: a crowd that comes and goes costs one push in that time.
INTERVAL = 3.0


class PlazaState(MessageTail, rx.State):
    """The public room.

    ``here`` are the first of the ``people_count`` members who have the room open; visitors only read.
    ``blocked`` are whose messages the reader does not want to see. ``muted_until`` is empty for whoever
    may write.
    """

    history: list[RoomMessage] = []
    tail: list[RoomMessage] = []
    here: list[RoomPerson] = []
    people_count: int = 0
    blocked: list[int] = []
    muted_until: str = ""
    is_operator: bool = False
    _kept: int = KEPT

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        # First, so that nothing that is said meanwhile is missed.
        bus.show(tab_token(self), TOPIC)
        self._show(await read_as_visitor(self, plaza.open_room, PAGE))
        self._note_crowd(await _look_around())

    def _show(self, opened: OpenedRoom) -> None:
        self.refusal, self.settled = Refusal(), []
        self.blocked, self.muted_until, self.is_operator = opened.blocked, opened.muted_until, opened.is_operator
        self.loaded, self.unavailable, self.now = True, not opened.is_available, opened.now
        if not opened.is_available:
            outage.note()
            return
        self.history, self.tail, self.has_older = opened.messages, [], opened.has_older
        self._kept = KEPT
        self.epoch = next_epoch(self.epoch)

    def _note_crowd(self, crowd: tuple[int, list[RoomPerson]]) -> None:
        if (self.people_count, plain(self.here)) != crowd:
            self.people_count, self.here = crowd

    @rx.event
    async def load_older(self) -> None:
        """Somebody scrolled up."""
        if not self.history or not self.has_older:
            return
        with self._or_later():
            before = self.history[0].seq
            older = await read_as_visitor(self, plaza.history, before_seq=before, limit=PAGE)
            self._put_above(older, KEPT)

    @rx.event
    async def send(self, client_id: str, body: str) -> None:
        """Store a message. The browser's outbox lets go of it once it is among those shown."""
        event = await self._outcome(client_id, self._store(client_id, body))
        if event is not None:
            self._receive(event.message)
            await announce(event, *(NoticeAdded(user_id) for user_id in event.mentioned))

    async def _store(self, client_id: str, body: str) -> RoomMessageSent:
        actor = await read_as_member(self, accounts.require)
        await limits.spending(limits.MESSAGE, str(actor.user_id), address=client_address(self))
        await plaza.take_turn(actor)
        return await write_as_member(self, plaza.post, client_id, body)

    def _receive(self, message: RoomMessage) -> None:
        """Put a message in its place; one that is there already changes nothing."""
        tail, history = plain(self.tail), plain(self.history)
        shown = tail or history
        if not shown or message.seq > shown[-1].seq:
            self._keep(history, [*tail, message])
            return
        whole = [*history, *tail]
        is_above = message.seq < whole[0].seq
        if (is_above and self.has_older) or any(one.seq == message.seq for one in whole):
            return
        self.history, self.tail = sorted([*whole, message], key=lambda one: one.seq), []

    @rx.event
    async def check_outbox(self, client_ids: list[str]) -> None:
        """Tell the browser which of its waiting messages are stored."""
        with self._or_later():
            self.settled = await read_as_member(self, plaza.settled, client_ids)

    @rx.event
    async def recall(self, seq: int) -> None:
        """撤回."""
        await announce(await write_as_member(self, plaza.recall, seq))

    @rx.event
    async def retract(self, seq: int) -> None:
        """An operator's 删除."""
        await announce(await write_as_member(self, plaza.retract, seq))

    @rx.event
    async def mute(self, person_id: int, minutes: int) -> None:
        """An operator's 禁言; 0 minutes end it."""
        await announce(await write_as_member(self, plaza.mute, person_id, minutes))


async def _look_around() -> tuple[int, list[RoomPerson]]:
    """How many members have the room open, on any worker, and the first of them."""
    here = sorted(await who_is_at(TOPIC))
    return len(here), await get_database().reading(plaza.people, here[:FACES])


async def watch_room() -> None:
    """Lifespan task: look again and again at who has the room open, and show it to those."""
    shown: tuple[int, list[RoomPerson]] | None = None
    while True:
        await asyncio.sleep(INTERVAL)
        try:
            tabs = bus.tabs(topic=TOPIC)
            if not tabs:
                shown = None
                continue
            crowd = await _look_around()
            if crowd != shown:
                shown = crowd
                for tab in tabs:
                    async with tab_state(tab, PlazaState) as room:
                        room._note_crowd(crowd)
        except Exception:
            # A database that is away for a moment must not end this for good.
            logger.exception("A look at who is in the room failed")


async def on_event(event: LiveEvent) -> None:
    """Bring what happened to the tabs that have the room open."""
    handler = _HANDLERS.get(type(event))
    if handler is not None:
        await handler(event)


async def _show_message(event: RoomMessageSent) -> None:
    # The tab that it was sent from has it already.
    tabs = [tab for tab in bus.tabs(topic=TOPIC) if tab.token != origin_tab()]
    await bring(tabs, PlazaState, lambda room: room._receive(event.message), wake=_wake)


async def _show_change(event: RoomMessageChanged) -> None:
    await bring(bus.tabs(topic=TOPIC), PlazaState, lambda room: room._replace(event.message), wake=_wake)


async def _show_mute(event: RoomMuteChanged) -> None:
    for tab in bus.tabs(user_id=event.user_id, topic=TOPIC):
        async with tab_state(tab, PlazaState) as room:
            room.muted_until = event.until


async def _show_blocks(event: BlockChanged) -> None:
    for tab in bus.tabs(user_id=event.blocker_id, topic=TOPIC):
        async with tab_state(tab, PlazaState) as room:
            room.blocked = await get_database().reading(contacts.blocked_by, tab.user_id)


async def _wake_all(_event: Reconnected) -> None:
    for tab in bus.tabs(topic=TOPIC):
        async with tab_state(tab, PlazaState) as room:
            await _wake(room, tab)


async def _wake(room: PlazaState, tab: Tab) -> None:
    actor = await get_database().reading(accounts.actor_of_session, tab.session_id)
    room._show(await get_database().reading(plaza.open_room, actor, PAGE))


_HANDLERS: dict[type[Any], Callable[[Any], Awaitable[None]]] = {
    RoomMessageSent: _show_message,
    RoomMessageChanged: _show_change,
    RoomMuteChanged: _show_mute,
    BlockChanged: _show_blocks,
    Reconnected: _wake_all,
}
