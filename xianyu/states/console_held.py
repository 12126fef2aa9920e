"""The page of what was held back: what waits, what was decided, and what was masked or refused on the spot."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab
from xianyu.schemas.events import LiveEvent, ModerationChanged, Reconnected
from xianyu.schemas.moderation import HeldPage, HeldView
from xianyu.services import accounts, held, held_pages
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.second_step import SecondStepRequired
from xianyu.states import console
from xianyu.states.actor import query, read_as_member, write_as_member
from xianyu.states.delivery import Refresher, announce, plain, tab_state
from xianyu.states.forms import number, text

TOPIC = "console:held"


class ConsoleHeldState(rx.State):
    """One part of what was caught. ``rejecting`` is the number of the text whose 驳回 asks for a note."""

    part: str = held_pages.WAITING
    entries: list[HeldView] = []
    has_more: bool = False
    loaded: bool = False
    rejecting: int = 0
    errors: dict[str, str] = {}
    _after: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, its address changed, or its socket came back."""
        part = query(self, "part")
        part = part if part in held_pages.PARTS else held_pages.WAITING
        try:
            page = await read_as_member(self, held_pages.page, part)
        except (OperatorsOnly, SecondStepRequired):
            # The console's frame says so.
            self.reset()
            return
        console.show(self, TOPIC)
        self.part = part
        self._show(page)

    def _show(self, page: HeldPage) -> None:
        self.entries, self._after = page.entries, page.after
        self.has_more, self.loaded = page.after > 0, True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._after:
            page = await read_as_member(self, held_pages.page, self.part, self._after)
            self._show(HeldPage([*plain(self.entries), *page.entries], page.after))

    @rx.event
    async def approve(self, screening_id: int) -> None:
        """通过."""
        try:
            events = await write_as_member(self, held.approve, screening_id)
        except held.DecidedAlready:
            await self._look_again()
            raise
        await announce(*events)
        await self._look_again()

    @rx.event
    def ask(self, screening_id: int) -> None:
        """驳回 was pressed, or its dialog closed: then the number is 0."""
        self.rejecting, self.errors = (screening_id if type(screening_id) is int else 0), {}

    @rx.event
    async def reject(self, form: dict[str, Any]) -> None:
        """驳回 in the dialog."""
        self.errors = {}
        try:
            events = await write_as_member(self, held.reject, number(form, "screening_id"), text(form, "note"))
        except held.NoteTooLong as error:
            self.errors = {error.field: error.message}
            return
        except held.DecidedAlready:
            self.rejecting = 0
            await self._look_again()
            raise
        self.rejecting = 0
        await announce(*events)
        await self._look_again()

    async def _look_again(self) -> None:
        limit = max(len(self.entries), held_pages.PAGE_SIZE)
        self._show(await read_as_member(self, held_pages.page, self.part, 0, limit))


async def _refresh(_key: int) -> None:
    for tab in await console.tabs(TOPIC):
        async with tab_state(tab, ConsoleHeldState) as page:
            limit = max(len(page.entries), held_pages.PAGE_SIZE)
            page._show(await get_database().reading(_present, tab, page.part, limit))  # noqa: SLF001 - the same module


def _present(session: Session, tab: Tab, part: str, limit: int) -> HeldPage:
    actor = accounts.require_operator(session, accounts.actor_of_session(session, tab.session_id))
    return held_pages.page(session, actor, part, 0, limit)


pages = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Show what came in, and what other operators decided."""
    if isinstance(event, ModerationChanged | Reconnected):
        pages.request(0)
