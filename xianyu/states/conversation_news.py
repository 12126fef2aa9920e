"""What happens while conversations are open, brought to every tab that shows them."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.adapters.messages import StoreUnavailable
from xianyu.adapters.relay import who_is_online
from xianyu.schemas.events import (
    CardChanged,
    ConversationCleared,
    ConversationMarked,
    ConversationRead,
    LiveEvent,
    MessageRecalled,
    MessageSent,
    MessagesHidden,
    PresenceChanged,
    Reconnected,
    TypingStarted,
)
from xianyu.schemas.messages import OpenedConversation
from xianyu.services import accounts, conversations, messages, presence
from xianyu.states import outage
from xianyu.states.conversation import TOPIC, ConversationState, topic, with_online
from xianyu.states.delivery import origin_tab, tab_state
from xianyu.states.message_tail import PAGE

# The conversation's state offers its changes to this module and to nobody else.
# ruff: noqa: SLF001


async def on_event(event: LiveEvent) -> None:
    """Bring what happened to the open conversations."""
    handler = _HANDLERS.get(type(event))
    if handler is not None:
        await handler(event)


async def _wake_all(_event: Reconnected) -> None:
    for tab in bus.tabs():
        if peer_id := _peer_of(tab):
            async with tab_state(tab, ConversationState) as conversation:
                await _wake(conversation, tab, peer_id)


async def _show_message(event: MessageSent) -> None:
    """The other's tabs first."""
    people = (event.sender_id, event.recipient_id)
    # The tab that it was sent from has it already.
    tabs = [tab for tab in bus.tabs(topic=topic(*people)) if tab.user_id in people and tab.token != origin_tab()]
    for tab in sorted(tabs, key=lambda tab: tab.user_id == event.sender_id):
        async with tab_state(tab, ConversationState) as conversation:
            if conversation.peer.id not in people:
                await _wake(conversation, tab, sum(people) - tab.user_id)
                continue
            conversation._receive(event.message)
            if event.is_read and tab.user_id == event.sender_id:
                conversation._note_read(event.message.seq)
    if not event.is_read:
        await _note_seen(event, tabs)
    if event.message.seq == 1:
        # Until now the two did not know each other, and saw nothing of each other.
        for tab in bus.tabs(topic=topic(*people)):
            await _look(tab, sum(people) - tab.user_id)


async def _note_seen(event: MessageSent, tabs: list[Tab]) -> None:
    """Whoever stored the message did not know that it is before the recipient's eyes: another worker, or a card."""
    for tab in tabs:
        if tab.user_id == event.recipient_id and tab.visible:
            try:
                read = await get_database().writing(_read_by_tab, tab.session_id, event.sender_id, event.message.seq)
            except StoreUnavailable:
                outage.note()
                return
            if read is not None:
                await bus.publish([read])
            return


def _read_by_tab(session: Session, session_id: int, peer_id: int, seq: int) -> ConversationRead | None:
    actor = accounts.require(session, accounts.actor_of_session(session, session_id))
    return messages.read(session, actor, peer_id, seq)


async def _change(user_id: int, peer_id: int, change: Callable[[ConversationState], None]) -> None:
    """Change the conversation in each of a person's tabs that shows it."""
    for tab in bus.tabs(user_id=user_id, topic=topic(user_id, peer_id)):
        async with tab_state(tab, ConversationState) as conversation:
            if conversation.peer.id == peer_id:
                change(conversation)
            if conversation.peer.id != peer_id or _is_used_up(conversation):
                await _wake(conversation, tab, peer_id)


def _is_used_up(conversation: ConversationState) -> bool:
    """Whether the reader deleted all that is shown, and there is more above or below."""
    shows = conversation.history or conversation.tail
    return not shows and (conversation.has_older or conversation.has_newer)


async def _replace(event: MessageRecalled | CardChanged) -> None:
    for one, other in ((event.recipient_id, event.sender_id), (event.sender_id, event.recipient_id)):
        await _change(one, other, lambda conversation: conversation._replace(event.message))


async def _hide(event: MessagesHidden) -> None:
    await _change(event.reader_id, event.peer_id, lambda conversation: conversation._hide(event.seqs))


async def _clear(event: ConversationCleared) -> None:
    await _change(event.reader_id, event.peer_id, lambda conversation: conversation._clear(event.seq))


async def _show_read(event: ConversationRead) -> None:
    await _change(event.peer_id, event.reader_id, lambda conversation: conversation._note_read(event.seq))


async def _mark(event: ConversationMarked) -> None:
    def change(conversation: ConversationState) -> None:
        conversation.is_pinned, conversation.is_muted = event.is_pinned, event.is_muted

    await _change(event.user_id, event.peer_id, change)


async def _show_typing(event: TypingStarted) -> None:
    for tab in bus.tabs(user_id=event.recipient_id, topic=topic(event.recipient_id, event.sender_id)):
        async with tab_state(tab, ConversationState) as conversation:
            if conversation.peer.id == event.sender_id and conversation.presence.shown:
                conversation.typing += 1


async def _show_presence(event: PresenceChanged) -> None:
    people = await get_database().reading(presence.acquainted, event.user_id, bus.people() - {event.user_id})
    for user_id in people:
        for tab in bus.tabs(user_id=user_id, topic=topic(user_id, event.user_id)):
            await _look(tab, event.user_id)
    if event.by_choice:
        for tab in bus.tabs(user_id=event.user_id):
            if peer_id := _peer_of(tab):
                await _look(tab, peer_id)


async def _look(tab: Tab, peer_id: int) -> None:
    found = await get_database().reading(presence.of_peer, tab.user_id, peer_id)
    if found.shown:
        found = replace(found, is_online=bool(await who_is_online([peer_id])))
    async with tab_state(tab, ConversationState) as conversation:
        if conversation.peer.id == peer_id:
            conversation.presence = found


def _peer_of(tab: Tab) -> int:
    """With whom the conversation is that a tab shows, or 0."""
    for shown in tab.topics:
        kind, *people = shown.split(":")
        if kind == TOPIC:
            return sum(int(one) for one in people) - tab.user_id
    return 0


async def _wake(conversation: ConversationState, tab: Tab, peer_id: int) -> None:
    """The tab slept so long that its state was made anew, empty: read everything again."""

    def reopen(session: Session) -> OpenedConversation:
        actor = accounts.require(session, accounts.actor_of_session(session, tab.session_id))
        return conversations.open_with(session, actor, peer_id, PAGE)

    conversation._show(await with_online(await get_database().reading(reopen)))


_HANDLERS: dict[type[Any], Callable[[Any], Awaitable[None]]] = {
    Reconnected: _wake_all,
    MessageSent: _show_message,
    MessageRecalled: _replace,
    CardChanged: _replace,
    MessagesHidden: _hide,
    ConversationCleared: _clear,
    ConversationRead: _show_read,
    ConversationMarked: _mark,
    TypingStarted: _show_typing,
    PresenceChanged: _show_presence,
}
