"""The operators' list of announcements, kept up to date while it is open."""

from contextlib import suppress

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.schemas.events import AnnouncementChanged, AnnouncementPublished, LiveEvent, Reconnected
from xianyu.schemas.sections import AnnouncementRow, AnnouncementRows
from xianyu.services import announcement_schedule, announcements
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.announcement_schedule import PAGE_SIZE
from xianyu.services.second_step import SecondStepRequired
from xianyu.states import console
from xianyu.states.actor import read_as_member, write_as_member
from xianyu.states.delivery import OpenedState, Refresher, announce, tab_state

TOPIC = "console-announcements"


class ConsoleAnnouncementsState(OpenedState, rx.State):
    """All announcements, those that wait first."""

    rows: list[AnnouncementRow] = []
    has_more: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back: the list is as long as it was."""
        console.show(self, TOPIC)
        # The frame says why there is nothing to see.
        with suppress(OperatorsOnly, SecondStepRequired):
            self._show(await read_as_member(self, announcement_schedule.listed, max(PAGE_SIZE, len(self.rows))))

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        self._show(await read_as_member(self, announcement_schedule.listed, len(self.rows) + PAGE_SIZE))

    def _show(self, found: AnnouncementRows) -> None:
        self.rows, self.has_more, self.loaded = found.rows, found.has_more, True

    @rx.event
    async def pin(self, announcement_id: int, pinned: bool) -> None:
        """置顶 or 取消置顶."""
        await announce(await write_as_member(self, announcements.pin, announcement_id, pinned=pinned is True))

    @rx.event
    async def publish_now(self, announcement_id: int) -> None:
        """立即发布."""
        event = await write_as_member(self, announcements.publish_now, announcement_id)
        if event is not None:
            await announce(event)

    @rx.event
    async def delete(self, announcement_id: int) -> None:
        """删除, after the dialog asked."""
        await announce(await write_as_member(self, announcements.delete, announcement_id))


async def _refresh(_key: int) -> None:
    for tab in await console.tabs(TOPIC):
        async with tab_state(tab, ConsoleAnnouncementsState) as page:
            length = max(PAGE_SIZE, len(page.rows))
            page._show(await get_database().reading(announcement_schedule.rows, length))  # noqa: SLF001 - the same module


lists = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Keep every open list right."""
    if isinstance(event, AnnouncementChanged | AnnouncementPublished | Reconnected):
        lists.request(0)
