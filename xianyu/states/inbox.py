"""The list of conversations, beside every open conversation and on its own."""

import reflex as rx

from xianyu.adapters.live import bus
from xianyu.schemas.messages import ConversationView
from xianyu.services import messages
from xianyu.states.actor import read_as_member, tab_token

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
