"""The page of a search: what the address asks for, kept up to date while it is open."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.models import ListingStatus
from xianyu.models.search import Section
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingPublished, LiveEvent, Reconnected
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.search import Chip, Filter, SearchHit, SearchPage, SearchQuery, Understood
from xianyu.services import (
    categories,
    limits,
    listing_pages,
    plain_query,
    saved_searches,
    search,
    search_filters,
    search_news,
    search_rank,
)
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.services.search_address import (
    address_to_query,
    is_literal,
    query_string,
    query_to_address,
    string_to_query,
    yuan,
)
from xianyu.services.search_text import text_query
from xianyu.states.actor import caller_key, client_address, read_as_visitor, tab_token, write_as_member
from xianyu.states.delivery import OpenedState, Refresher, bring, tab_state
from xianyu.states.notices import NoticeState

TOPIC = "search"

# Characters of a price as somebody types it.
_LONGEST_PRICE = 12


def topic(query: SearchQuery) -> str:
    """The live topic of one search's page."""
    return f"{TOPIC}:{query_string(query)}"


class SearchState(OpenedState, rx.State):
    """The results of one search, and its filters as they stand.

    ``words`` are what is looked for; ``sentence`` is what was typed, where more than words was
    understood in it. ``prices`` counts up when the price fields are to show other prices than typed.
    """

    words: str = ""
    sentence: str = ""
    filters: list[Filter] = []
    # Where nothing was found: the filters without which something would be.
    ways_out: list[Filter] = []
    section: str = ""
    category: str = ""
    group: str = ""
    conditions: list[str] = []
    kind: str = ""
    sort: str = ""
    min_text: str = ""
    max_text: str = ""
    price_error: str = ""
    prices: int = 0
    hits: list[SearchHit] = []
    count: int = 0
    is_more: bool = False
    is_relaxed: bool = False
    has_more: bool = False
    has_new: bool = False
    busy: bool = False
    refusal: str = ""
    # Whether whoever looks keeps this search already.
    saved: bool = False
    # What the address asks for and whether in so many words, and what that was understood to mean.
    _asked: tuple[SearchQuery, bool] | None = None
    _understood: Understood | None = None
    _cursor: str = ""
    # The search that typing a price led to: what is typed next takes its place in the history, since
    # 后退 leads out of the prices and not back through them digit by digit.
    _priced: str = ""
    # The search that a visitor wanted to keep and was sent to the login for.
    _wanted: tuple[SearchQuery, bool] | None = None

    @rx.event
    async def load(self) -> AsyncIterator[rx.event.EventSpec | None]:
        """The page was opened, its address changed, or its socket came back."""
        self.busy = True
        yield None
        try:
            await limits.spending(limits.SEARCH, caller_key(self), address=client_address(self))
            await self._load()
            self.refusal = ""
            yield await self._resume()
        except limits.TooManyRequests as error:
            self.refusal = error.message
        finally:
            self.busy = False

    async def _load(self) -> None:
        asked, literal = self._address()
        # Who comes back finds the list as long as it was, and is told of what is new.
        known = bool(self.hits) and not self.refusal and (asked, literal) == self._asked
        if not known or self._understood is None:
            self._adopt(asked, await _understand(asked, literal=literal), literal=literal)
        query = self._query
        bus.show(tab_token(self), TOPIC, topic(query))
        self.saved = await read_as_visitor(self, _is_saved, query)
        page = await read_as_visitor(self, search.search, query)
        in_full = page.hits and not page.is_relaxed
        self.ways_out = [] if in_full else await read_as_visitor(self, search_filters.ways_out, query)
        if known:
            await self._catch_up(page)
        else:
            self._show(page)

    def _adopt(self, asked: SearchQuery, understood: Understood, *, literal: bool) -> None:
        query = understood.query
        self._asked, self._understood = (asked, literal), understood
        self.words, self.sentence = query.words, "" if query == asked else asked.words
        self.filters = search_filters.filters(query)
        if self.sentence and query.sort != asked.sort:
            self.filters.append(Filter("sort", dict(search_filters.SORTS)[query.sort]))
        self.section, self.category, self.group = query.section, query.category, categories.group_of(query.category)
        self.conditions, self.kind, self.sort = list(query.conditions), search_filters.kind_of(query), query.sort
        self._show_prices(query)

    @property
    def _query(self) -> SearchQuery:
        """What is searched for."""
        assert self._understood is not None, "nothing was understood yet"
        return self._understood.query

    def _show_prices(self, query: SearchQuery) -> None:
        """Leave the fields alone where they mean the same: somebody may still be typing there."""
        try:
            typed = search_filters.prices(self.min_text, self.max_text)
        except DomainError:
            typed = None
        if typed != (query.min_fen, query.max_fen):
            self.min_text, self.max_text = yuan(query.min_fen), yuan(query.max_fen)
            self.prices += 1
        self.price_error = ""

    def _show(self, page: SearchPage) -> None:
        self.hits, self._cursor, self.has_more = page.hits, page.cursor, bool(page.cursor)
        self.count, self.is_more, self.is_relaxed = page.count, page.is_more, page.is_relaxed
        self.has_new, self.loaded = False, True

    async def _catch_up(self, page: SearchPage) -> None:
        self._compare(page, await read_as_visitor(self, listing_pages.cards, self._listings()))

    def _listings(self) -> list[int]:
        return [hit.id for hit in self.hits if hit.section == Section.TRADE]

    def _compare(self, page: SearchPage, cards: list[ListingCard]) -> None:
        """Show what became of the hits, and tell of those that would come first now."""
        self._update({card.id: card for card in cards}, set(self._listings()))
        seen = {(hit.section, hit.id) for hit in self.hits}
        self.has_new = any((hit.section, hit.id) not in seen for hit in page.hits)
        self.count, self.is_more, self.loaded = page.count, page.is_more, True

    def _update(self, present: dict[int, ListingCard], changed: set[int]) -> None:
        if not any(hit.id in changed and hit.section == Section.TRADE for hit in self.hits):
            return
        self.hits = [
            _changed(hit, present.get(hit.id), self._query)
            if hit.section == Section.TRADE and hit.id in changed
            else hit
            for hit in self.hits
        ]

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._understood is None or not self._cursor:
            return
        await limits.spending(limits.SUGGEST, caller_key(self), address=client_address(self))
        page = await read_as_visitor(self, search.search, self._query, self._cursor)
        seen = {(hit.section, hit.id) for hit in self.hits}
        self.hits = [*self.hits, *(hit for hit in page.hits if (hit.section, hit.id) not in seen)]
        self._cursor, self.has_more = page.cursor, bool(page.cursor)

    @rx.event
    async def show_new(self) -> None:
        """有新发布 was pressed."""
        self.hits = []
        await limits.spending(limits.SEARCH, caller_key(self), address=client_address(self))
        await self._load()

    @rx.event
    async def save(self) -> rx.event.EventSpec:
        """订阅这个搜索 was pressed. A visitor logs in first, and comes back to a search that is kept."""
        query = await self._present()
        try:
            return await self._save(query)
        except LoginRequired:
            self._wanted = self._asked
            asked, literal = self._address()
            return rx.redirect(routes.login(routes.search(query_to_address(asked, is_literal=literal))))

    async def _save(self, query: SearchQuery) -> rx.event.EventSpec:
        await write_as_member(self, saved_searches.save, "", query)
        self.saved = True
        return NoticeState.show("已订阅，有邻居发布符合的宝贝就会通知你")  # type: ignore[operator]  # as elsewhere

    async def _resume(self) -> rx.event.EventSpec | None:
        """Keep the search that its visitor was sent to the login for, once they are back from there."""
        wanted, self._wanted = self._wanted, None
        if wanted is None or wanted != self._asked or self.saved:
            return None
        try:
            return await self._save(self._query)
        except LoginRequired:
            return None
        except DomainError as error:
            return NoticeState.show(error.message)  # type: ignore[operator]  # as elsewhere

    @rx.event
    async def choose(self, name: str, value: str) -> rx.event.EventSpec | None:
        """A filter was chosen or lifted: the address changes, and the results with it."""
        if not (isinstance(name, str) and isinstance(value, str)):
            return None
        query = await self._present()
        noun = next((chip for chip in self._chips() if chip.field == "category"), None)
        if name == "category" and noun is not None:
            # The word that named the category is looked for as a word again.
            query = plain_query.without(Understood(query), noun).query
        return await self._go(search_filters.change(query, name, value))

    def _chips(self) -> tuple[Chip, ...]:
        return self._understood.chips if self._understood is not None else ()

    @rx.event
    async def choose_sort(self, value: str) -> rx.event.EventSpec | None:
        """Another order was chosen."""
        return await self._go(search_filters.change(await self._present(), "sort", value))

    @rx.event
    async def clear(self) -> rx.event.EventSpec | None:
        """去掉所有条件 was pressed."""
        return await self._go(search_filters.without_filters(await self._present()))

    @rx.event
    async def type_min(self, text: str) -> rx.event.EventSpec | None:
        """The lowest price was typed."""
        self.min_text = _typed(text)
        return await self._price()

    @rx.event
    async def type_max(self, text: str) -> rx.event.EventSpec | None:
        """The highest price was typed."""
        self.max_text = _typed(text)
        return await self._price()

    async def _price(self) -> rx.event.EventSpec | None:
        try:
            least, most = search_filters.prices(self.min_text, self.max_text)
        except DomainError as error:
            self.price_error = error.message
            return None
        self.price_error = ""
        before = await self._present()
        follows = self._priced == query_string(before)
        after = replace(before, min_fen=least, max_fen=most)
        self._priced = query_string(after)
        return await self._go(after, in_place=follows)

    async def _present(self) -> SearchQuery:
        """What is searched for; a state that was made anew reads it from the address."""
        if self._understood is None:
            asked, literal = self._address()
            self._adopt(asked, await _understand(asked, literal=literal), literal=literal)
        return self._query

    def _address(self) -> tuple[SearchQuery, bool]:
        parameters = self.router.url.query_parameters
        return address_to_query(parameters), is_literal(parameters)

    async def _go(self, query: SearchQuery, *, in_place: bool = False) -> rx.event.EventSpec | None:
        """Lead to another search. What was understood in a sentence is said in so many words from here on."""
        before = await self._present()
        # Whoever typed a price and left at once for another page stays there.
        if query == before or self.router.url.path.rstrip("/") != routes.SEARCH:
            return None
        asked, literal = self._address()
        literal = bool(query.words) and (literal or before != asked)
        return rx.redirect(routes.search(query_to_address(query, is_literal=literal)), replace=in_place)


def _is_saved(session: Session, actor: Actor | None, query: SearchQuery) -> bool:
    return actor is not None and saved_searches.is_saved(session, actor, query)


async def _understand(asked: SearchQuery, *, literal: bool) -> Understood:
    """What an address asks for, with what its sentence says where the address says nothing itself."""
    if literal or not asked.words:
        return Understood(asked)
    understood = await plain_query.understand_with_model(asked.words)
    return replace(understood, query=plain_query.combined(asked, understood))


def _typed(text: Any) -> str:
    """A price field's text. Halves of characters, which any client may send, could not be sent back."""
    return text[:_LONGEST_PRICE].encode(errors="ignore").decode() if isinstance(text, str) else ""


def _changed(hit: SearchHit, card: ListingCard | None, query: SearchQuery) -> SearchHit:
    """A listing's hit as the listing is now; a deleted one keeps its place, but leads nowhere."""
    if card is None:
        return replace(hit, url="", card=replace(hit.card, status=ListingStatus.DELETED.value, url=""))
    parts = search_rank.parts(card.title, text_query(query))
    return replace(hit, card=card, title=card.title, cover_url=card.cover_url, parts=parts)


_published: set[int] = set()


async def _show_news(_key: int) -> None:
    """Tell the open pages of searches that what was published since the last look fits."""
    published = set(_published)
    _published.clear()
    searches: dict[str, list[Tab]] = {}
    for tab in bus.tabs(topic=TOPIC):
        searches.setdefault(_query_of(tab), []).append(tab)
    found = await get_database().reading(search_news.found_by, published, searches)
    for tab, new in ((tab, new) for text, new in found.items() for tab in searches[text]):
        async with tab_state(tab, SearchState) as state:
            state.has_new = state.has_new or bool(new - {hit.id for hit in state.hits})


# One look for all, and a pause after it that grows with what it cost.
news = Refresher(_show_news)


async def on_event(event: LiveEvent) -> None:
    """Tell open searches what is new and what changed."""
    if isinstance(event, ListingPublished):
        if bus.tabs(topic=TOPIC):
            _published.add(event.listing_id)
            news.request(0)
    elif isinstance(event, ListingChanged):
        await _show_change(event.listing_id)
    elif isinstance(event, Reconnected):
        for tab in bus.tabs(topic=TOPIC):
            async with tab_state(tab, SearchState) as state:
                await _refresh(state, tab)


async def _refresh(state: SearchState, tab: Tab) -> None:
    """Nobody knows what was missed. Who has something before them keeps it, and is told of what is new."""
    if not state.loaded:
        await _wake(state, tab)
        return
    page = await get_database().reading(search.search, None, string_to_query(_query_of(tab)))
    if not state.hits:
        state._show(page)  # noqa: SLF001 - the same module
        return
    cards = await get_database().reading(listing_pages.cards, None, state._listings())  # noqa: SLF001 - the same module
    state._compare(page, cards)  # noqa: SLF001 - the same module


async def _show_change(listing_id: int) -> None:
    tabs = bus.tabs(topic=TOPIC)
    if not tabs:
        return
    found = await get_database().reading(listing_pages.cards, None, [listing_id])
    present = {card.id: card for card in found}
    await bring(tabs, SearchState, lambda state: state._update(present, {listing_id}), wake=_wake)  # noqa: SLF001 - the same module


async def _wake(state: SearchState, tab: Tab) -> None:
    """The tab slept so long that its state was made anew, empty: show its search from the top."""
    query = string_to_query(_query_of(tab))
    state._adopt(query, Understood(query), literal=True)  # noqa: SLF001 - the same module
    state._show(await get_database().reading(search.search, None, query))  # noqa: SLF001 - the same module


def _query_of(tab: Tab) -> str:
    return next(one.removeprefix(f"{TOPIC}:") for one in tab.topics if one.startswith(f"{TOPIC}:"))
