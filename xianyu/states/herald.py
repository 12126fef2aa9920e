"""What every open page says of an announcement the moment that it is published."""

import time

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.events import AnnouncementChanged, AnnouncementPublished, LiveEvent
from xianyu.schemas.sections import AnnouncementCard
from xianyu.services import announcements
from xianyu.states.announcements import topic
from xianyu.states.delivery import beside, origin_tab, tab_state

# Seconds for which pages that are opened later in the same tab go on saying it.
STAYS = 600.0


class HeraldState(rx.State):
    """The announcement that was published just now, until it is opened or put away."""

    title: str = ""
    url: str = ""
    _announcement_id: int = 0
    _told_at: float = 0.0

    def _turn_page(self, path: str) -> None:
        """A page was opened. Who is at the announcement itself need not be told of it."""
        if self.title and (path.rstrip("/") == self.url or time.time() - self._told_at > STAYS):
            self.title = self.url = ""

    def _tell(self, card: AnnouncementCard) -> None:
        """The same one may be told twice, and is not said again to whoever put it away."""
        if card.id != self._announcement_id:
            self.title, self.url = card.title, card.url
            self._announcement_id, self._told_at = card.id, time.time()

    def _correct(self, announcement_id: int, card: AnnouncementCard | None) -> None:
        if self.title and announcement_id == self._announcement_id:
            self.title, self.url = (card.title, card.url) if card else ("", "")

    @rx.event
    def dismiss(self) -> None:
        """It was read, or opened."""
        self.title = self.url = ""


async def on_event(event: LiveEvent) -> None:
    """Have every open page say it, beside all else that is to be told."""
    if isinstance(event, AnnouncementPublished):
        tabs = [tab for tab in bus.tabs() if topic(event.announcement_id) not in tab.topics]
        # Whoever published it is led to its page.
        told = [tab for tab in tabs if tab.token != origin_tab()]
        beside(_tell(event.announcement_id, told), "herald")
    elif isinstance(event, AnnouncementChanged):
        beside(_correct(event.announcement_id), "herald")


async def _card(announcement_id: int) -> AnnouncementCard | None:
    found = await get_database().reading(announcements.cards, None, [announcement_id])
    return found[0] if found else None


async def _tell(announcement_id: int, tabs: list[Tab]) -> None:
    card = await _card(announcement_id)
    if card is None:
        return
    for tab in tabs:
        async with tab_state(tab, HeraldState) as herald:
            herald._tell(card)  # noqa: SLF001 - the same module


async def _correct(announcement_id: int) -> None:
    """What is being said is said no longer once it is deleted, and follows another title."""
    card = await _card(announcement_id)
    for tab in bus.tabs():
        async with tab_state(tab, HeraldState) as herald:
            herald._correct(announcement_id, card)  # noqa: SLF001 - the same module
