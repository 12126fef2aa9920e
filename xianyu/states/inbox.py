"""The list of conversations, beside every open conversation and on its own."""

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.events import ConversationRead, LiveEvent, MessageSent
from xianyu.schemas.messages import ConversationView
from xianyu.services import messages
from xianyu.states.actor import read_as_member, tab_token
from xianyu.states.delivery import Refresher, tab_state

TOPIC = "inbox"
LIMIT = 50


class InboxState(rx.State):
    """My conversations, the latest first."""

    conversations: list[ConversationView] = []
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        self.conversations = await read_as_member(self, messages.conversations, LIMIT)
        self.loaded = True

    @rx.event
    def show(self) -> None:
        """The list stands alone on this page."""
        bus.show(tab_token(self), TOPIC)


async def _show_conversations(user_id: int) -> None:
    tabs = bus.tabs(user_id=user_id, topic=TOPIC)
    if not tabs:
        return
    conversations = await get_database().reading(messages.conversations_of, user_id, LIMIT)
    for tab in tabs:
        async with tab_state(tab, InboxState) as inbox:
            inbox.conversations, inbox.loaded = conversations, True


_lists = Refresher(_show_conversations)


async def on_event(event: LiveEvent) -> None:
    """Keep the lists of open tabs in step with messages and reading."""
    if isinstance(event, MessageSent):
        _lists.request(event.recipient_id)
        _lists.request(event.sender_id)
    elif isinstance(event, ConversationRead):
        _lists.request(event.reader_id)
