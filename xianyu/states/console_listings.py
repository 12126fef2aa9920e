"""The page of everybody's listings: looked through by operators, taken down, restored, deleted for good."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

import reflex as rx

from xianyu import routes
from xianyu.adapters.database import get_database, in_thread
from xianyu.adapters.live import Tab
from xianyu.schemas.console import ConsoleListing, ConsoleListings, ListingFilter
from xianyu.schemas.events import ListingChanged, ListingErased, ListingPublished, LiveEvent, Reconnected
from xianyu.services import cleanup, console_listings
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.ids import is_id
from xianyu.services.second_step import SecondStepRequired
from xianyu.settings import get_settings
from xianyu.states import console
from xianyu.states.actor import query, read_as_member, write_as_member
from xianyu.states.delivery import Refresher, announce, plain, tab_state
from xianyu.states.forms import number, text

_TOPIC = "console-listings"
_FIELDS = ("status", "words")
# How many listings a list that is read anew keeps at most; scrolling brings what is beyond.
_KEPT = 200
# Seconds between two readings of the list.
PAUSE = (0.5, 5.0)
_DONE = {
    console_listings.TAKE_DOWN: "已下架",
    console_listings.RESTORE: "已恢复",
    console_listings.ERASE: "已彻底删除",
}


class ConsoleListingsState(rx.State):
    """Everybody's listings, narrowed as the address says.

    ``asking`` is the act whose dialog is open, for the listing ``ref``; ``errors`` are what was refused in it.
    ``done`` says what became of the last one. ``number`` counts up when the fields are to show something
    else than was typed into them.
    """

    status: str = ""
    words: str = ""
    number: int = 0
    listings: list[ConsoleListing] = []
    has_more: bool = False
    loaded: bool = False
    asking: str = ""
    ref: int = 0
    errors: dict[str, str] = {}
    busy: bool = False
    done: str = ""
    _after: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, its address changed, or its socket came back."""
        wanted = console_listings.check_filter({name: query(self, name) for name in _FIELDS})
        limit = max(min(len(self.listings), _KEPT), console_listings.PAGE_SIZE)
        try:
            found = await read_as_member(self, console_listings.page, wanted, limit=limit)
        except (OperatorsOnly, SecondStepRequired):
            # The console's frame says so.
            self.reset()
            return
        console.show(self, topic(wanted))
        self._show(wanted, found)

    def _show(self, wanted: ListingFilter, found: ConsoleListings) -> None:
        if wanted != ListingFilter(self.status, self.words):
            self._adopt(wanted)
            self.number += 1
        self.listings, self._after = found.listings, found.after
        self.has_more, self.loaded = found.after > 0, True

    def _adopt(self, wanted: ListingFilter) -> None:
        self.status, self.words = wanted.status, wanted.words
        self.listings, self.loaded = [], False

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._after:
            wanted = ListingFilter(self.status, self.words)
            found = await read_as_member(self, console_listings.page, wanted, self._after)
            self.listings, self._after = [*plain(self.listings), *found.listings], found.after
            self.has_more = found.after > 0

    @rx.event
    def look_for(self, form: dict[str, Any]) -> rx.event.EventSpec:
        """查找 was pressed. What is typed stays in its fields, as it is understood."""
        typed = {name: text(form, name) for name in _FIELDS}
        wanted = console_listings.check_filter(typed)
        if _address(wanted) != typed:
            self.number += 1
        self._adopt(wanted)
        return rx.redirect(routes.admin_listings(_address(wanted)))

    @rx.event
    def ask(self, action: str, listing_id: int, is_open: bool) -> None:
        """The dialog of an act is to open or to close."""
        if is_open is True and action in _DONE and is_id(listing_id):
            self.asking, self.ref, self.errors, self.done = action, listing_id, {}, ""
        elif is_open is False:
            self.asking, self.ref, self.errors = "", 0, {}

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """A dialog was sent."""
        self.errors, self.busy = {}, True
        yield
        try:
            await self._act(text(form, "action"), number(form, "listing_id"), text(form, "reason"), text(form, "word"))
        except InvalidForm as error:
            self.errors = error.errors
        except (LoginRequired, OperatorsOnly, SecondStepRequired):
            raise
        except DomainError as error:
            self.errors = {"form": error.message}
        finally:
            self.busy = False

    async def _act(self, action: str, listing_id: int, reason: str, word: str) -> None:
        events: list[LiveEvent] = []
        if action == console_listings.TAKE_DOWN:
            events = await write_as_member(self, console_listings.take_down, listing_id, reason)
        elif action == console_listings.RESTORE:
            events = await write_as_member(self, console_listings.restore, listing_id)
        elif action == console_listings.ERASE:
            erased = await write_as_member(self, console_listings.erase, listing_id, word, reason)
            folder = get_settings().media_dir
            await in_thread(lambda: cleanup.remove_files(folder, erased.photo_names, erased.video_names))
            events = list(erased.events)
        self.asking, self.ref, self.done = "", 0, _DONE.get(action, "")
        await announce(*events)


def topic(wanted: ListingFilter) -> str:
    """The live topic of the page of one filter: what it asks for outlives the tab's state."""
    return f"{_TOPIC}:{urlencode(_address(wanted))}"


def _address(wanted: ListingFilter) -> dict[str, str]:
    return {name: getattr(wanted, name) for name in _FIELDS}


def _shown_in(tab: Tab) -> ListingFilter | None:
    for name in tab.topics:
        kind, _, asked = name.partition(":")
        if kind == _TOPIC:
            return console_listings.check_filter(dict(parse_qsl(asked)))
    return None


async def _refresh(_key: int) -> None:
    for tab in await console.tabs():
        wanted = _shown_in(tab)
        if wanted is None:
            continue
        async with tab_state(tab, ConsoleListingsState) as page:
            limit = max(min(len(page.listings), _KEPT), console_listings.PAGE_SIZE)
            found = await get_database().reading(console_listings.present, wanted, limit=limit)
            page._show(wanted, found)  # noqa: SLF001 - the same module


lists = Refresher(_refresh, PAUSE)


async def on_event(event: LiveEvent) -> None:
    """Show in every open list what became of listings."""
    if isinstance(event, ListingChanged | ListingPublished | ListingErased | Reconnected):
        lists.request(0)
