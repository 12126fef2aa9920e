"""The first page of the operators' console: figures of the last days, live."""

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.adapters.relay import who_is_at
from xianyu.schemas.console import Chart, DayRow, Overview, Tiles
from xianyu.schemas.events import (
    ListingChanged,
    ListingPublished,
    LiveEvent,
    MessageSent,
    OrderChanged,
    PresenceChanged,
    Reconnected,
    RoomMessageSent,
)
from xianyu.services import figures, overview
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.second_step import SecondStepRequired
from xianyu.states import console
from xianyu.states.actor import query, read_as_member
from xianyu.states.delivery import Refresher, tab_state

# Seconds between two readings of the figures: a busy site changes them more often than anybody looks.
PAUSE = (2.0, 10.0)


def topic(days: int) -> str:
    """The live topic of the page over so many days: what its address asks for outlives the tab's state."""
    return f"overview:{days}"


class ConsoleOverviewState(rx.State):
    """Figures over as many days as the address says."""

    days: int = overview.USUAL
    tiles: Tiles = Tiles()
    online: int = 0
    charts: list[Chart] = []
    rows: list[DayRow] = []
    first: str = ""
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, its address changed, or its socket came back."""
        days = overview.check_days(query(self, "days"))
        try:
            found = await read_as_member(self, overview.view, days)
        except (OperatorsOnly, SecondStepRequired):
            # The console's frame says so.
            self.reset()
            return
        console.show(self, topic(days))
        await _keep(found)
        self._show(days, found, len(await who_is_at("")))

    def _show(self, days: int, found: Overview, online: int) -> None:
        shown = {
            "days": days,
            "tiles": found.tiles,
            "online": online,
            "charts": found.charts,
            "rows": found.rows,
            "first": found.first,
            "loaded": True,
        }
        for name, value in shown.items():
            # Set in vain it would be sent in vain.
            if getattr(self, name) != value:
                setattr(self, name, value)


async def _keep(found: Overview) -> None:
    """Keep what was counted for the first time."""
    if found.counted:
        await get_database().writing(figures.keep, found.counted)


async def _refresh(days: int) -> None:
    shown = await console.tabs(topic(days))
    if not shown:
        return
    found = await get_database().reading(overview.present, days)
    await _keep(found)
    online = len(await who_is_at(""))
    for tab in shown:
        async with tab_state(tab, ConsoleOverviewState) as page:
            page._show(days, found, online)  # noqa: SLF001 - the same module


pages = Refresher(_refresh, PAUSE)

_CHANGES = (
    MessageSent,
    RoomMessageSent,
    ListingPublished,
    ListingChanged,
    OrderChanged,
    # Somebody came who may be new here.
    PresenceChanged,
    Reconnected,
)


async def on_event(event: LiveEvent) -> None:
    """Keep the figures right wherever they are shown; where nobody looks nothing is counted."""
    if isinstance(event, _CHANGES):
        for days in overview.RANGES:
            if bus.tabs(topic=topic(days)):
                pages.request(days)
