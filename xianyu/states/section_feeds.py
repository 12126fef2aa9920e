"""The tabs 活动 and 公告 of the home page, kept up to date while they are open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.events import (
    ActivityChanged,
    ActivityPublished,
    AnnouncementChanged,
    AnnouncementPublished,
    LiveEvent,
    Reconnected,
)
from xianyu.schemas.sections import ActivityCard, AnnouncementCard, Phase, Place
from xianyu.services import activity_pages, announcements
from xianyu.states.actor import read_as_visitor, tab_token
from xianyu.states.delivery import OpenedState, Refresher, bring, tab_state

# The feeds offer their changes to the functions of this module and to nobody else.
# ruff: noqa: SLF001

ACTIVITIES = "activities"
ANNOUNCEMENTS = "announcements"


@dataclass(frozen=True)
class _Source:
    """Where the cards of a tab come from.

    Args:
        service: The service's module, with ``feed``, ``cards`` and ``has_newer``.
        topic: The live topic of the pages that show them.
        arranged: The cards that are shown, as they are now; it is given those that are still there by number.
    """

    service: Any
    topic: str
    arranged: Callable[[Sequence[Any], dict[int, Any]], list[Any]]


class SectionFeed(OpenedState, mixin=True):
    """What the two have in common. Each has its own ``cards``, and says where they come from."""

    _source: ClassVar[_Source]

    cards: list[Any] = []
    has_more: bool = False
    has_new: bool = False
    _cursor: Place | None = None
    _newest: Place | None = None

    @rx.event
    async def load(self) -> None:
        """The tab was opened, or its socket came back."""
        service = self._source.service
        bus.show(tab_token(self), self._source.topic)
        # Who comes back finds the list as long as it was, and is told of what is new.
        if not self.cards:
            self._show(await read_as_visitor(self, service.feed))
            return
        found = await read_as_visitor(self, service.cards, [card.id for card in self.cards])
        self.cards = self._source.arranged(self.cards, {card.id: card for card in found})
        self.has_new = await read_as_visitor(self, service.has_newer, self._newest)

    def _show(self, page: Any) -> None:
        self.cards, self._cursor, self._newest = page.cards, page.cursor, page.newest
        self.has_more, self.has_new, self.loaded = page.cursor is not None, False, True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._cursor is None:
            return
        page = await read_as_visitor(self, self._source.service.feed, self._cursor)
        known = {card.id for card in self.cards}
        self.cards = [*self.cards, *(card for card in page.cards if card.id not in known)]
        self._cursor, self.has_more = page.cursor, page.cursor is not None

    @rx.event
    async def show_new(self) -> None:
        """有新发布 was pressed."""
        self._show(await read_as_visitor(self, self._source.service.feed))


def _arranged_activities(cards: Sequence[ActivityCard], present: dict[int, ActivityCard]) -> list[ActivityCard]:
    # A deleted one keeps its place on a page that shows it, but leads nowhere.
    return [present.get(card.id) or replace(card, phase=Phase.DELETED.value, url="") for card in cards]


def _arranged_announcements(
    cards: Sequence[AnnouncementCard], present: dict[int, AnnouncementCard]
) -> list[AnnouncementCard]:
    # One that was pinned moves to the top, one that is deleted is gone.
    shown = [present[card.id] for card in cards if card.id in present]
    return sorted(shown, key=lambda card: (card.is_pinned, card.published_at, card.id), reverse=True)


class ActivityFeedState(SectionFeed, rx.State):
    """What neighbours are invited to."""

    _source: ClassVar[_Source] = _Source(activity_pages, ACTIVITIES, _arranged_activities)

    cards: list[ActivityCard] = []


class AnnouncementFeedState(SectionFeed, rx.State):
    """What operators tell everybody."""

    _source: ClassVar[_Source] = _Source(announcements, ANNOUNCEMENTS, _arranged_announcements)

    cards: list[AnnouncementCard] = []


async def _refresh(feed_of: type[SectionFeed], ref_id: int) -> None:
    """Show what became of one activity or announcement on the pages that list it."""
    source = feed_of._source
    tabs = bus.tabs(topic=source.topic)
    if not tabs:
        return
    found = await get_database().reading(source.service.cards, None, [ref_id])

    def change(feed: SectionFeed) -> None:
        if any(card.id == ref_id for card in feed.cards):
            present = {card.id: card for card in feed.cards if card.id != ref_id}
            feed.cards = source.arranged(feed.cards, present | {card.id: card for card in found})

    await bring(tabs, feed_of, change, wake=_wake)


async def _wake(feed: SectionFeed, _tab: Tab) -> None:
    feed._show(await get_database().reading(feed._source.service.feed, None))


async def _refresh_activity(activity_id: int) -> None:
    await _refresh(ActivityFeedState, activity_id)


async def _refresh_announcement(announcement_id: int) -> None:
    await _refresh(AnnouncementFeedState, announcement_id)


activity_cards = Refresher(_refresh_activity)
announcement_cards = Refresher(_refresh_announcement)


async def on_event(event: LiveEvent) -> None:
    """Tell open home pages what is new and what changed."""
    if isinstance(event, ActivityPublished):
        await _tell(ActivityFeedState)
    elif isinstance(event, AnnouncementPublished):
        await _tell(AnnouncementFeedState)
    elif isinstance(event, ActivityChanged):
        activity_cards.request(event.activity_id)
    elif isinstance(event, AnnouncementChanged):
        announcement_cards.request(event.announcement_id)
    elif isinstance(event, Reconnected):
        await _wake_all(ActivityFeedState)
        await _wake_all(AnnouncementFeedState)


async def _wake_all(feed_of: type[SectionFeed]) -> None:
    """Bring what is shown up to date, and tell of what is new."""
    source = feed_of._source
    service = source.service
    for tab in bus.tabs(topic=source.topic):
        async with tab_state(tab, feed_of) as feed:
            if not feed.cards:
                feed._show(await get_database().reading(service.feed, None))
                continue
            found = await get_database().reading(service.cards, None, [card.id for card in feed.cards])
            feed.cards = source.arranged(feed.cards, {card.id: card for card in found})
            feed.has_new = await get_database().reading(service.has_newer, None, feed._newest)


async def _tell(feed_of: type[SectionFeed]) -> None:
    for tab in bus.tabs(topic=feed_of._source.topic):
        async with tab_state(tab, feed_of) as feed:
            feed.has_new = True
