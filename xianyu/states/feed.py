"""The home page: what is on offer, newest first, kept up to date while it is open."""

from dataclasses import replace

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.models import ListingStatus
from xianyu.schemas.events import ListingChanged, ListingPublished, LiveEvent
from xianyu.schemas.listings import Cursor, ListingCard, ListingPage
from xianyu.services import categories, listings
from xianyu.states.actor import query, read_as_visitor, tab_token
from xianyu.states.delivery import tab_state

TOPIC = "home"


def _topic(category: str) -> str:
    """The live topic of one category's page, or of the page of all, which is called ``""``."""
    return f"{TOPIC}:{category}"


class FeedState(rx.State):
    """The cards of one category, or of all."""

    cards: list[ListingCard] = []
    category: str = ""
    has_more: bool = False
    has_new: bool = False
    loaded: bool = False
    _top: Cursor | None = None
    _cursor: Cursor | None = None

    @rx.event
    async def load(self) -> None:
        """The page was opened, its category changed, or its socket came back."""
        wanted = query(self, "category")
        category = wanted if categories.is_category(wanted) else ""
        if category != self.category:
            self.cards, self.loaded, self.category = [], False, category
        bus.show(tab_token(self), TOPIC, _topic(category))
        # Who comes back finds the list as long as it was, and is told of what is new.
        if self.cards:
            await self._catch_up()
        else:
            await self._first_page()

    async def _catch_up(self) -> None:
        found = await read_as_visitor(self, listings.cards, [card.id for card in self.cards])
        present = {card.id: card for card in found}
        self.cards = [present.get(card.id) or _gone(card) for card in self.cards]
        self.has_new = await read_as_visitor(self, listings.has_newer, self._top, self.category)
        self.loaded = True

    async def _first_page(self) -> None:
        self._show(await read_as_visitor(self, listings.feed, self.category))

    def _show(self, page: ListingPage) -> None:
        self.cards, self._top, self._cursor = page.cards, page.top, page.cursor
        self.has_more, self.has_new, self.loaded = page.cursor is not None, False, True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._cursor is None:
            return
        page = await read_as_visitor(self, listings.feed, self.category, self._cursor)
        known = {card.id for card in self.cards}
        self.cards = [*self.cards, *(card for card in page.cards if card.id not in known)]
        self._cursor, self.has_more = page.cursor, page.cursor is not None

    @rx.event
    async def show_new(self) -> None:
        """有新发布 was pressed."""
        await self._first_page()

    def _shows(self, listing_id: int) -> bool:
        return any(card.id == listing_id for card in self.cards)

    def _update(self, listing_id: int, present: ListingCard | None) -> None:
        self.cards = [card if card.id != listing_id else present or _gone(card) for card in self.cards]


def _gone(card: ListingCard) -> ListingCard:
    """A deleted listing keeps its place on a page that shows it, but leads nowhere."""
    return replace(card, status=ListingStatus.DELETED.value, url="")


async def on_event(event: LiveEvent) -> None:
    """Tell open home pages what is new and what changed."""
    if isinstance(event, ListingPublished):
        for tab in (*bus.tabs(topic=_topic("")), *bus.tabs(topic=_topic(event.category))):
            async with tab_state(tab, FeedState) as feed:
                feed.has_new = True
    elif isinstance(event, ListingChanged):
        await _show_change(event.listing_id)


async def _show_change(listing_id: int) -> None:
    tabs = bus.tabs(topic=TOPIC)
    if not tabs:
        return
    found = await get_database().reading(listings.cards, None, [listing_id])
    for tab in tabs:
        async with tab_state(tab, FeedState) as feed:
            if not feed.loaded:
                await _wake(feed, tab)
            elif feed._shows(listing_id):  # noqa: SLF001 - the same module
                feed._update(listing_id, found[0] if found else None)  # noqa: SLF001 - the same module


async def _wake(feed: FeedState, tab: Tab) -> None:
    """The tab slept so long that its state was made anew, empty: show its category from the top."""
    category = next(topic.removeprefix(f"{TOPIC}:") for topic in tab.topics if topic.startswith(f"{TOPIC}:"))
    feed.category = category
    feed._show(await get_database().reading(listings.feed, None, category))  # noqa: SLF001 - the same module
