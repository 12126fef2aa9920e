"""My page: my listings by status, and what can be done with one or with several of them."""

from collections.abc import Callable

import reflex as rx
from sqlmodel import Session

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.models import ListingStatus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingPublished, LiveEvent, Reconnected
from xianyu.schemas.listings import BulkResult, Cursor, ListingCard, ListingPage
from xianyu.services import listing_pages, listings
from xianyu.services.ids import is_id
from xianyu.states.actor import read_as_member, tab_token, write_as_member
from xianyu.states.delivery import announce, plain, tab_state
from xianyu.states.notices import NoticeState

TOPIC = "me"
# How many refusals are told one by one.
_TOLD = 3
_Change = Callable[[Session, Actor, int], list[LiveEvent]]


class MeState(rx.State):
    """My listings of one status, with counts of all."""

    status: str = ListingStatus.ACTIVE.value
    # What is looked for among the titles.
    words: str = ""
    counts: dict[str, int] = {}
    cards: list[ListingCard] = []
    has_more: bool = False
    loaded: bool = False
    # Whether several are being chosen, and which.
    choosing: bool = False
    chosen: list[int] = []
    # Counts up when all of them are chosen, or none.
    choice: int = 0
    # What became of the last press for several.
    report: str = ""
    _cursor: Cursor | None = None

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        bus.show(tab_token(self), TOPIC)
        await self._refresh()

    async def _refresh(self) -> None:
        """Read as many as are shown, and at least a page."""
        limit = max(len(self.cards), listing_pages.PAGE_SIZE)
        counts, page = await read_as_member(self, _present, self.status, self.words, limit)
        self._show(counts, page)

    def _show(self, counts: dict[str, int], page: ListingPage) -> None:
        self.counts, self.cards, self._cursor = counts, page.cards, page.cursor
        self.has_more, self.loaded = page.cursor is not None, True
        shown = {card.id for card in page.cards}
        self.chosen = [listing_id for listing_id in plain(self.chosen) if listing_id in shown]

    @rx.event
    async def choose(self, status: str) -> None:
        """Another tab was chosen."""
        if status in listing_pages.VISIBLE:
            self.status, self.cards, self.loaded, self.chosen, self.report = status, [], False, [], ""
            await self._refresh()

    @rx.event
    async def look_for(self, words: str) -> None:
        """Somebody types what they look for among their titles."""
        if isinstance(words, str):
            self.words, self.cards = words[: listing_pages.LONGEST_WORDS].encode(errors="ignore").decode(), []
            await self._refresh()

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._cursor is None:
            return
        page = await read_as_member(self, listing_pages.mine, self.status, self.words, self._cursor)
        self.cards = [*self.cards, *page.cards]
        self._cursor, self.has_more = page.cursor, page.cursor is not None

    @rx.event
    def start_choosing(self) -> None:
        """批量管理, or 完成."""
        self.choosing, self.report = not self.choosing, ""
        self._choose([])

    def _choose(self, ids: list[int]) -> None:
        self.chosen, self.choice = ids, self.choice + 1

    @rx.event
    def toggle(self, listing_id: int) -> None:
        """One of several was chosen, or is no longer."""
        chosen = plain(self.chosen)
        if listing_id in chosen:
            self.chosen = [each for each in chosen if each != listing_id]
        elif is_id(listing_id) and any(card.id == listing_id for card in self.cards):
            self.chosen = [*chosen, listing_id]

    @rx.event
    def choose_all(self) -> None:
        """全选: as many as are changed by one press, or none if all of them are chosen."""
        ids = [card.id for card in self.cards][: listings.MAX_BULK]
        self._choose([] if len(self.chosen) == len(ids) else ids)

    @rx.event
    async def take_down_chosen(self) -> None:
        """下架 for several."""
        await self._change_chosen(listings.take_down, "下架")

    @rx.event
    async def relist_chosen(self) -> None:
        """上架 for several."""
        await self._change_chosen(listings.relist, "上架")

    async def _change_chosen(self, change: _Change, name: str) -> None:
        result, events = await write_as_member(self, listings.bulk, plain(self.chosen), change)
        self.report = _in_words(result, name)
        self._choose([])
        await announce(*events)
        await self._refresh()

    @rx.event
    async def take_down(self, listing_id: int) -> None:
        """下架 for one."""
        await self._change(listings.take_down, listing_id)

    @rx.event
    async def relist(self, listing_id: int) -> None:
        """上架 for one."""
        await self._change(listings.relist, listing_id)

    @rx.event
    async def bump(self, listing_id: int) -> rx.event.EventSpec:
        """擦亮."""
        await self._change(listings.bump, listing_id)
        return NoticeState.show("已擦亮，回到最前面了")  # type: ignore[operator]  # Reflex makes an event of it on the class

    async def _change(self, change: _Change, listing_id: int) -> None:
        await announce(*await write_as_member(self, change, listing_id))
        await self._refresh()


def _present(session: Session, actor: Actor, status: str, words: str, limit: int) -> tuple[dict[str, int], ListingPage]:
    counts = listing_pages.counts_by_status(session, actor)
    return counts, listing_pages.mine(session, actor, status, words, None, limit)


def _in_words(result: BulkResult, name: str) -> str:
    said = f"已{name} {result.changed} 件"
    if not result.refused:
        return said
    more = "；…" if len(result.refused) > _TOLD else ""
    return f"{said}，{len(result.refused)} 件没有{name}：{'；'.join(result.refused[:_TOLD])}{more}"


async def on_event(event: LiveEvent) -> None:
    """Show on all of a seller's open pages what changed about their listings."""
    if not isinstance(event, ListingChanged | ListingPublished | Reconnected):
        return
    tabs = bus.tabs(topic=TOPIC)
    if not tabs:
        return
    if isinstance(event, Reconnected):
        for tab in tabs:
            await _show_to(tab)
        return
    seller_id = await get_database().reading(listing_pages.seller_of, event.listing_id)
    for tab in [tab for tab in tabs if tab.user_id == seller_id]:
        await _show_to(tab)


async def _show_to(tab: Tab) -> None:
    seller = Actor(tab.user_id, "", "", tab.session_id)
    async with tab_state(tab, MeState) as page:
        limit = max(len(page.cards), listing_pages.PAGE_SIZE)
        counts, cards = await get_database().reading(_present, seller, page.status, page.words, limit)
        page._show(counts, cards)  # noqa: SLF001 - the same module
