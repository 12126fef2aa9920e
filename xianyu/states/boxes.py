"""The boxes of the messages' page beside the conversations: 互动 and 广播."""

from dataclasses import replace

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import (
    ActivityChanged,
    ActivityPublished,
    AnnouncementChanged,
    AnnouncementPublished,
    ListingChanged,
    ListingPublished,
    LiveEvent,
    NoticeAdded,
    NoticesRead,
    Reconnected,
)
from xianyu.schemas.notices import BroadcastView, NoticePage, NoticeView
from xianyu.services import broadcasts, notices
from xianyu.states import inbox
from xianyu.states.actor import query, read_as_member, tab_token, write_as_member
from xianyu.states.delivery import Refresher, announce, next_epoch, plain, tab_state

PRIVATE = "private"
NOTICES = "notices"
BROADCASTS = "broadcasts"

# What an open box shows at most; whoever scrolls further down asks for more.
_KEPT = 300


class BoxState(rx.State):
    """Which box the address names, and what is in it. ``epoch`` is another each time it is loaded."""

    box: str = PRIVATE
    epoch: int = 0
    notices: list[NoticeView] = []
    has_more: bool = False
    has_marks: bool = False
    notices_loaded: bool = False
    broadcasts: list[BroadcastView] = []
    broadcasts_loaded: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, another box was chosen, or its socket came back."""
        wanted = query(self, "box")
        self.box = wanted if wanted in {NOTICES, BROADCASTS} else PRIVATE
        # First, so that nothing that happens meanwhile is missed.
        bus.show(tab_token(self), inbox.TOPIC, self.box)
        if self.box == NOTICES:
            self._show(await read_as_member(self, notices.page), [])
        elif self.box == BROADCASTS:
            self.broadcasts = await read_as_member(self, broadcasts.latest)
            self.broadcasts_loaded = True
        self.epoch = next_epoch(self.epoch)

    def _show(self, page: NoticePage, before: list[NoticeView]) -> None:
        """What was new when it came stays marked for as long as the box is open."""
        new = {notice.id for notice in before if notice.is_new}
        self.notices = [replace(notice, is_new=notice.is_new or notice.id in new) for notice in page.notices]
        self.has_more, self.notices_loaded = page.has_more, True
        self._note_marks()

    def _note_marks(self) -> None:
        self.has_marks = any(notice.is_new for notice in plain(self.notices))

    async def _read(self) -> None:
        """What is before somebody's eyes counts as read."""
        tab = bus.tab(tab_token(self))
        if self.box == BROADCASTS and tab is not None and tab.visible:
            await self._see_broadcasts()
        shown = plain(self.notices)
        if self.box != NOTICES or tab is None or not tab.visible or not any(notice.is_new for notice in shown):
            return
        event = await write_as_member(self, notices.mark_read, shown[0].id, shown[-1].id)
        if event is not None:
            await announce(event)

    async def _see_broadcasts(self) -> None:
        event = await write_as_member(self, broadcasts.mark_seen)
        if event is not None:
            await announce(event)

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        shown = plain(self.notices)
        if not self.has_more or not shown:
            return
        page = await read_as_member(self, notices.page, shown[-1].id)
        self.notices, self.has_more = [*shown, *page.notices], page.has_more
        self._note_marks()
        await self._read()

    @rx.event
    async def read_all(self) -> None:
        """全部已读."""
        event = await write_as_member(self, notices.mark_all_read)
        self._forget_marks()
        await self._see_broadcasts()
        await announce(event)

    def _forget_marks(self) -> None:
        self.notices = [replace(notice, is_new=False) for notice in plain(self.notices)]
        self.has_marks = False

    @rx.event
    async def set_visible(self, visible: bool) -> None:
        """The tab came to the front or went to the back."""
        bus.set_visible(tab_token(self), visible is True)
        if visible is True and (self.notices_loaded or self.broadcasts_loaded):
            await self._read()


async def _show_notices(user_id: int) -> None:
    """Bring the newest notices to every tab that shows them, and count them as read where somebody looks."""
    tabs = bus.tabs(user_id=user_id, topic=NOTICES)
    for tab in tabs:
        await _show_in(tab)
    seen = next((tab for tab in tabs if tab.visible), None)
    if seen is not None:
        await _read_in(seen)


async def _show_in(tab: Tab) -> None:
    async with tab_state(tab, BoxState) as state:
        shown = plain(state.notices)
        length = min(max(notices.PAGE_SIZE, len(shown)), _KEPT)
        page = await get_database().reading(notices.page_of, tab.user_id, None, length)
        state.box = NOTICES
        state._show(page, shown)  # noqa: SLF001 - the same module


async def _read_in(tab: Tab) -> None:
    async with tab_state(tab, BoxState) as state:
        shown = plain(state.notices)
    if shown:
        viewer = Actor(tab.user_id, "", "", tab.session_id)
        event = await get_database().writing(notices.mark_read, viewer, shown[0].id, shown[-1].id)
        if event is not None:
            await bus.publish([event])


async def _show_broadcasts(_everybody: int) -> None:
    tabs = bus.tabs(topic=BROADCASTS)
    if not tabs:
        return
    latest = await get_database().reading(broadcasts.latest)
    for tab in tabs:
        async with tab_state(tab, BoxState) as state:
            state.box, state.broadcasts, state.broadcasts_loaded = BROADCASTS, latest, True
    for user_id, session_id in {(tab.user_id, tab.session_id) for tab in tabs if tab.visible and tab.user_id}:
        viewer = Actor(user_id, "", "", session_id)
        event = await get_database().writing(broadcasts.mark_seen, viewer)
        if event is not None:
            await bus.publish([event])


notice_boxes = Refresher(_show_notices)
broadcast_boxes = Refresher(_show_broadcasts)


async def on_event(event: LiveEvent) -> None:
    """Keep open boxes right."""
    if isinstance(event, NoticeAdded):
        notice_boxes.request(event.user_id)
    elif isinstance(event, NoticesRead):
        if event.everything:
            await _forget_marks(event.user_id)
    elif isinstance(event, Reconnected):
        for user_id in {tab.user_id for tab in bus.tabs(topic=NOTICES)}:
            notice_boxes.request(user_id)
        broadcast_boxes.request(0)
    elif isinstance(
        event,
        ListingPublished
        | ListingChanged
        | ActivityPublished
        | ActivityChanged
        | AnnouncementPublished
        | AnnouncementChanged,
    ):
        broadcast_boxes.request(0)


async def _forget_marks(user_id: int) -> None:
    for tab in bus.tabs(user_id=user_id, topic=NOTICES):
        async with tab_state(tab, BoxState) as state:
            state._forget_marks()  # noqa: SLF001 - the same module
