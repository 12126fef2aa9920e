"""The home page: its sections, and what is on offer, newest first, kept up to date while it is open."""

from dataclasses import replace

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.models import ListingStatus, Section
from xianyu.schemas.events import ListingChanged, ListingPublished, LiveEvent, Reconnected
from xianyu.schemas.listings import Cursor, ListingCard, ListingPage
from xianyu.services import categories, listing_pages
from xianyu.states.actor import query, read_as_visitor, tab_token
from xianyu.states.delivery import OpenedState, bring, tab_state
from xianyu.states.section_feeds import ActivityFeedState, AnnouncementFeedState

# The feed offers its changes to the functions of this module and to nobody else.
# ruff: noqa: SLF001

TOPIC = "home"


def _topic(category: str) -> str:
    """The live topic of one group's or category's page, or of the page of all, which is called ``""``."""
    return f"{TOPIC}:{category}"


class FeedState(OpenedState, rx.State):
    """The cards of one group or category, or of all.

    ``section`` is which of the sections is shown; the others have states of their own. ``group`` is the
    category's group, or the category itself where that is one.
    """

    cards: list[ListingCard] = []
    section: str = Section.TRADE.value
    category: str = ""
    group: str = ""
    has_more: bool = False
    has_new: bool = False
    _top: Cursor | None = None
    _cursor: Cursor | None = None

    @rx.event
    async def load(self) -> rx.event.EventCallback | None:
        """The page was opened, its section or category changed, or its socket came back."""
        section = query(self, "section")
        is_shown = section in set(Section) and not categories.is_hidden_section(section)
        self.section = section if is_shown else Section.TRADE.value
        if self.section == Section.ACTIVITY:
            return ActivityFeedState.load
        if self.section == Section.ANNOUNCEMENT:
            return AnnouncementFeedState.load
        await self._load_offers()
        return None

    async def _load_offers(self) -> None:
        wanted = query(self, "category")
        category = wanted if categories.is_category(wanted) else ""
        if category != self.category:
            self.cards, self.loaded, self.category = [], False, category
            self.group = categories.group_of(category)
        bus.show(tab_token(self), TOPIC, _topic(category))
        # Who comes back finds the list as long as it was, and is told of what is new.
        if self.cards:
            await self._catch_up()
        else:
            await self._first_page()

    async def _catch_up(self) -> None:
        found = await read_as_visitor(self, listing_pages.cards, [card.id for card in self.cards])
        present = {card.id: card for card in found}
        self.cards = [present.get(card.id) or _gone(card) for card in self.cards]
        self.has_new = await read_as_visitor(self, listing_pages.has_newer, self._top, self.category)
        self.loaded = True

    async def _first_page(self) -> None:
        self._show(await read_as_visitor(self, listing_pages.feed, self.category))

    def _show(self, page: ListingPage) -> None:
        self.cards, self._top, self._cursor = page.cards, page.top, page.cursor
        self.has_more, self.has_new, self.loaded = page.cursor is not None, False, True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._cursor is None:
            return
        page = await read_as_visitor(self, listing_pages.feed, self.category, self._cursor)
        known = {card.id for card in self.cards}
        self.cards = [*self.cards, *(card for card in page.cards if card.id not in known)]
        self._cursor, self.has_more = page.cursor, page.cursor is not None

    @rx.event
    async def show_new(self) -> None:
        """有新发布 was pressed."""
        await self._first_page()

    def _update(self, listing_id: int, present: ListingCard | None) -> None:
        if any(card.id == listing_id for card in self.cards):
            self.cards = [card if card.id != listing_id else present or _gone(card) for card in self.cards]


def _gone(card: ListingCard) -> ListingCard:
    """A deleted listing keeps its place on a page that shows it, but leads nowhere."""
    return replace(card, status=ListingStatus.DELETED.value, url="")


async def on_event(event: LiveEvent) -> None:
    """Tell open home pages what is new and what changed."""
    if isinstance(event, ListingPublished):
        wide = ("", categories.group_of(event.category), event.category)
        for tab in [tab for slug in dict.fromkeys(wide) for tab in bus.tabs(topic=_topic(slug))]:
            async with tab_state(tab, FeedState) as feed:
                feed.has_new = True
    elif isinstance(event, ListingChanged):
        await _show_change(event.listing_id)
    elif isinstance(event, Reconnected):
        for tab in bus.tabs(topic=TOPIC):
            async with tab_state(tab, FeedState) as feed:
                await _refresh(feed, tab)


async def _refresh(feed: FeedState, tab: Tab) -> None:
    """Nobody knows what was missed. Who has something before them keeps it, and is told of what is new."""
    if not feed.loaded or not feed.cards:
        await _wake(feed, tab)
        return
    found = await get_database().reading(listing_pages.cards, None, [card.id for card in feed.cards])
    present = {card.id: card for card in found}
    feed.cards = [present.get(card.id) or _gone(card) for card in feed.cards]
    feed.has_new = await get_database().reading(listing_pages.has_newer, None, feed._top, feed.category)


async def _show_change(listing_id: int) -> None:
    tabs = bus.tabs(topic=TOPIC)
    if not tabs:
        return
    found = await get_database().reading(listing_pages.cards, None, [listing_id])
    present = found[0] if found else None
    await bring(tabs, FeedState, lambda feed: feed._update(listing_id, present), wake=_wake)


async def _wake(feed: FeedState, tab: Tab) -> None:
    """The tab slept so long that its state was made anew, empty: show its category from the top."""
    category = next(topic.removeprefix(f"{TOPIC}:") for topic in tab.topics if topic.startswith(f"{TOPIC}:"))
    feed.category, feed.group = category, categories.group_of(category)
    feed._show(await get_database().reading(listing_pages.feed, None, category))
