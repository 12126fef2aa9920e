"""The lists that a person comes back to: 我的收藏 and 足迹."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import FavoritesChanged, ListingChanged, LiveEvent, Reconnected
from xianyu.schemas.interest import Remembered, RememberedPage
from xianyu.schemas.listings import Cursor, ListingCard
from xianyu.services import interest, limits, listing_pages, remembered
from xianyu.services.ids import is_id
from xianyu.states.actor import client_address, member_id, read_as_member, tab_token, write_as_member
from xianyu.states.delivery import announce, plain, tab_state

FAVORITES = "favorites"
HISTORY = "history"


@dataclass(frozen=True)
class _Source:
    """Where a list comes from.

    Args:
        topic: The live topic of the pages that show it.
        page: The service that reads a page of it.
        most: How many entries anybody scrolls to, if that is bounded.
    """

    topic: str
    page: Callable[..., RememberedPage]
    most: int | None = None


class RememberedList(rx.State, mixin=True):
    """What the two lists have in common. Each says where it comes from."""

    _source: ClassVar[_Source]

    entries: list[Remembered] = []
    has_more: bool = False
    loaded: bool = False
    _cursor: Cursor | None = None

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        bus.show(tab_token(self), self._source.topic)
        self._show(await read_as_member(self, self._source.page))

    def _show(self, page: RememberedPage) -> None:
        self.entries, self._cursor = page.entries, page.cursor
        self.has_more, self.loaded = page.cursor is not None, True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near. What lies further back than anybody scrolls is left out."""
        if self._cursor is None:
            return
        page = await read_as_member(self, self._source.page, self._cursor)
        entries, most = _appended(self.entries, page), self._source.most
        self._cursor = page.cursor if most is None or len(entries) < most else None
        self.entries, self.has_more = entries[:most], self._cursor is not None


class FavoritesState(RememberedList, rx.State):
    """What I saved, the last saved first."""

    _source: ClassVar[_Source] = _Source(FAVORITES, remembered.favorites)

    @rx.event
    async def remove(self, listing_id: int) -> None:
        """取消收藏."""
        await limits.spending(limits.FAVORITE, str(await member_id(self)), address=client_address(self))
        events = await write_as_member(self, interest.unfavorite, listing_id)
        self.entries = _without(self.entries, listing_id)
        await announce(*events)


class HistoryState(RememberedList, rx.State):
    """What I looked at, the last first."""

    _source: ClassVar[_Source] = _Source(HISTORY, remembered.history, remembered.HISTORY_LIMIT)

    @rx.event
    async def erase(self, listing_id: int) -> None:
        """删除这条足迹."""
        await write_as_member(self, remembered.erase, listing_id)
        self.entries = _without(self.entries, listing_id)

    @rx.event
    async def erase_all(self) -> None:
        """清空足迹, after the dialog asked."""
        await write_as_member(self, remembered.erase_all)
        self.entries, self._cursor, self.has_more = [], None, False


def _appended(entries: list[Remembered], page: RememberedPage) -> list[Remembered]:
    shown = plain(entries)
    known = {entry.card.id for entry in shown}
    return [*shown, *(entry for entry in page.entries if entry.card.id not in known)]


def _without(entries: list[Remembered], listing_id: int) -> list[Remembered]:
    """The rest, each told anew what stands above it."""
    left = [entry for entry in plain(entries) if entry.card.id != listing_id]
    above = ["", *(entry.at for entry in left)]
    return [replace(entry, previous=at) for entry, at in zip(left, above, strict=False)]


async def on_event(event: LiveEvent) -> None:
    """Keep open lists right: what was saved in another tab, and what became of the things in them."""
    if isinstance(event, FavoritesChanged):
        for tab in bus.tabs(user_id=event.user_id, topic=FAVORITES):
            await _show_anew(tab, FavoritesState)
    elif isinstance(event, Reconnected):
        for cls in (FavoritesState, HistoryState):
            for tab in bus.tabs(topic=cls._source.topic):
                await _show_anew(tab, cls)
    elif isinstance(event, ListingChanged) and is_id(event.listing_id):
        await _show_change(event.listing_id)


async def _show_anew(tab: Tab, cls: type[FavoritesState | HistoryState]) -> None:
    async with tab_state(tab, cls) as state:
        # As long as it was: nothing that somebody scrolled to disappears.
        length = max(remembered.PAGE_SIZE, len(state.entries))
        viewer = Actor(tab.user_id, "", "", tab.session_id)
        state._show(await get_database().reading(cls._source.page, viewer, None, length))  # noqa: SLF001 - the same module


async def _show_change(listing_id: int) -> None:
    places: list[tuple[str, type[FavoritesState | HistoryState]]] = [
        (FAVORITES, FavoritesState),
        (HISTORY, HistoryState),
    ]
    tabs = [(tab, cls) for name, cls in places for tab in bus.tabs(topic=name)]
    if not tabs:
        return
    found = await get_database().reading(listing_pages.cards, None, [listing_id])
    card = found[0] if found else remembered.gone(listing_id)
    for tab, cls in tabs:
        async with tab_state(tab, cls) as state:
            _put(state, card)


def _put(state: FavoritesState | HistoryState, card: ListingCard) -> None:
    entries = plain(state.entries)
    if any(entry.card.id == card.id for entry in entries):
        state.entries = [replace(entry, card=card) if entry.card.id == card.id else entry for entry in entries]
