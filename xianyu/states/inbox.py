"""The list of conversations, beside every open conversation and on its own, and the search in them."""

from collections.abc import Iterable

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.adapters.messages import StoreUnavailable
from xianyu.adapters.relay import who_is_online
from xianyu.schemas.events import LiveEvent, PresenceChanged
from xianyu.schemas.messages import ConversationView, FoundMessage
from xianyu.services import conversation_list, limits, presence
from xianyu.states import outage
from xianyu.states.actor import client_address, member_id, read_as_member, tab_token
from xianyu.states.delivery import plain, tab_state

TOPIC = "inbox"
LIMIT = 50


class InboxState(rx.State):
    """My conversations, the latest first. ``online`` are those of my peers who are there and let me see it.

    While something is looked for, ``query`` is what, and ``found`` stands in the list's place.
    """

    conversations: list[ConversationView] = []
    online: list[int] = []
    loaded: bool = False
    unavailable: bool = False
    query: str = ""
    found: list[FoundMessage] = []

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back. What else is on the page says so itself, after this."""
        bus.show(tab_token(self), TOPIC)
        try:
            await self._show(await read_as_member(self, conversation_list.conversations, LIMIT))
        except StoreUnavailable:
            # What was there before stays.
            self.unavailable = self.loaded = True
            outage.note()
        await self._look_around()

    async def _show(self, lines: list[ConversationView]) -> None:
        known = _visible(plain(self.conversations))
        self.conversations, self.loaded, self.unavailable = lines, True, False
        if _visible(lines) != known:
            await self._look_around()

    async def _look_around(self) -> None:
        self.online = sorted(await who_is_online(_visible(plain(self.conversations))))

    @rx.event
    async def search(self, text: str) -> None:
        """Somebody types into the search field above the list; nothing in it brings the list back."""
        wanted = text.strip() if isinstance(text, str) else ""
        if not wanted:
            self.query, self.found = "", []
            return
        await limits.spending(limits.SEARCH, str(await member_id(self)), address=client_address(self))
        try:
            found = await read_as_member(self, conversation_list.search, wanted)
        except StoreUnavailable:
            self.unavailable = True
            outage.note()
            return
        self.query, self.found = wanted[: conversation_list.QUERY_LENGTH].encode(errors="ignore").decode(), found


def _visible(lines: Iterable[ConversationView]) -> set[int]:
    return {line.peer_id for line in lines if line.shows_presence}


async def on_event(event: LiveEvent) -> None:
    """Show who came and went in the lists of those who know them."""
    if not isinstance(event, PresenceChanged):
        return
    people = bus.people()
    knowing = await get_database().reading(presence.acquainted, event.user_id, people - {event.user_id})
    # Who chose to hide sees nobody else any more, either.
    for user_id in sorted(knowing | ({event.user_id} if event.by_choice else set())):
        for tab in bus.tabs(user_id=user_id, topic=TOPIC):
            await _refresh(tab, anew=event.by_choice)


async def _refresh(tab: Tab, *, anew: bool) -> None:
    async with tab_state(tab, InboxState) as inbox:
        if anew:
            lines = await get_database().reading(conversation_list.conversations_of, tab.user_id, LIMIT)
            await inbox._show(lines)  # noqa: SLF001 - the same module
        elif inbox.loaded:
            await inbox._look_around()  # noqa: SLF001 - the same module
