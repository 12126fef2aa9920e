"""The operators' console: who may see it, and the counts beside its entries."""

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.console import Waiting
from xianyu.schemas.events import LiveEvent, ModerationChanged, Reconnected
from xianyu.services import console
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.second_step import SecondStepRequired
from xianyu.states.actor import read_as_member, tab_token
from xianyu.states.delivery import Refresher, tab_state

# Every page of the console shows this; a page with news of its own names a second topic beside it.
TOPIC = "console"


class ConsoleState(rx.State):
    """Whether whoever looks is an operator, and how much waits. What is allowed is decided anew each time."""

    known: bool = False
    # Why there is nothing to see.
    refusal: str = ""
    reports: int = 0
    held: int = 0

    @rx.event
    async def enter(self) -> None:
        """A page of the console was opened, or its socket came back."""
        try:
            waiting = await read_as_member(self, console.enter)
        except (OperatorsOnly, SecondStepRequired) as error:
            self.reset()
            self.refusal, self.known = error.message, True
            return
        show(self)
        self._show(waiting)

    def _show(self, waiting: Waiting) -> None:
        self.reports, self.held = waiting.reports, waiting.held
        self.refusal, self.known = "", True


def show(state: rx.State, *topics: str) -> None:
    """Say that the tab shows a page of the console, and what of it besides the counts."""
    bus.show(tab_token(state), TOPIC, *topics)


async def tabs(topic: str = TOPIC) -> list[Tab]:
    """The open tabs of that topic whose people are operators still."""
    found = bus.tabs(topic=topic)
    if not found:
        return []
    operators = await get_database().reading(console.operators_among, {tab.user_id for tab in found})
    return [tab for tab in found if tab.user_id in operators]


async def _refresh(_key: int) -> None:
    shown = await tabs()
    if not shown:
        return
    waiting = await get_database().reading(console.waiting)
    for tab in shown:
        async with tab_state(tab, ConsoleState) as page:
            page._show(waiting)  # noqa: SLF001 - the same module


counts = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Keep the counts right in every open console."""
    if isinstance(event, ModerationChanged | Reconnected):
        counts.request(0)
