"""On a listing's page: how many want, saved and saw it, and 收藏."""

import reflex as rx

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.events import ListingCounted, LiveEvent, Reconnected
from xianyu.schemas.interest import ListingCounts, Standing
from xianyu.services import interest, limits
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.settings import get_settings
from xianyu.states import wishes
from xianyu.states.actor import (
    client_address,
    member_id,
    read_as_visitor,
    route_id,
    tab_token,
    write_as_member,
    write_as_visitor,
)
from xianyu.states.delivery import Refresher, announce, open_pages, plain, tab_state
from xianyu.states.listing import TOPIC, topic

# How many listings a tab remembers that it was counted for.
REMEMBERED = 500


class InterestState(rx.State):
    """What people did with the listing that the address names."""

    counts: ListingCounts = ListingCounts()
    is_saved: bool = False
    # The address that is passed on to others.
    share_url: str = ""
    _listing_id: int = 0
    _counted: list[int] = []

    @rx.event
    async def load(self) -> list[rx.event.EventSpec] | None:
        """The page was opened, or its socket came back."""
        listing_id = route_id(self, "listing_id")
        if listing_id != self._listing_id:
            self._listing_id, self.counts, self.is_saved = listing_id, ListingCounts(), False
            self.share_url = f"{get_settings().public_url}{routes.share(listing_id)}"
        try:
            await self._look(listing_id)
        except DomainError:
            # The page itself says that there is no such thing.
            return None
        tab = bus.tab(tab_token(self))
        user_id = tab.user_id if tab is not None else 0
        self._show(await read_as_visitor(self, interest.standing_for, listing_id), user_id)
        if not user_id or not wishes.is_back(self, "favorite", routes.listing(listing_id)):
            return None
        # A visitor who pressed 收藏 was sent to log in; here they are again. Back and reload are not to press it anew.
        return [
            InterestState.favor(True),  # type: ignore[operator]  # a handler of a class is called to bind arguments
            rx.redirect(routes.listing(listing_id), replace=True),
        ]

    async def _look(self, listing_id: int) -> None:
        """Count who looks: a tab once, and a neighbour once in all of theirs."""
        seen = plain(self._counted)
        tab = bus.tab(tab_token(self))
        if tab is None or not tab.user_id:
            if listing_id in seen:
                return
            try:
                await limits.spending(limits.VISIT, client_address(self))
            except limits.TooManyRequests:
                return
        await announce(*await write_as_visitor(self, interest.look, listing_id, listing_id in seen))
        if listing_id not in seen:
            self._counted = [*seen, listing_id][-REMEMBERED:]

    def _show(self, standing: Standing, user_id: int) -> None:
        """What is the same already is not sent again."""
        if self.counts != standing.counts:
            self.counts = standing.counts
        if self.is_saved != (user_id in standing.saved_by):
            self.is_saved = user_id in standing.saved_by

    @rx.event
    async def favor(self, wanted: bool) -> rx.event.EventSpec | None:
        """收藏 was pressed, or pressed again. The wish is absolute, so a repeat changes nothing."""
        listing_id = route_id(self, "listing_id")
        service = interest.favorite if wanted is True else interest.unfavorite
        try:
            await limits.spending(limits.FAVORITE, str(await member_id(self)), address=client_address(self))
            events = await write_as_member(self, service, listing_id)
        except LoginRequired:
            return wishes.log_in_first(self, "favorite", routes.listing(listing_id))
        self.is_saved = wanted is True
        await announce(*events)
        return None


async def _show_counts(listing_id: int) -> None:
    tabs = bus.tabs(topic=topic(listing_id))
    if not tabs:
        return
    standing = await get_database().reading(interest.standing, listing_id, [tab.user_id for tab in tabs])
    for tab in tabs:
        async with tab_state(tab, InterestState) as state:
            state._show(standing, tab.user_id)  # noqa: SLF001 - the same module


counters = Refresher(_show_counts)


async def on_event(event: LiveEvent) -> None:
    """Show other counts on every open page of the listing, however fast they change."""
    if isinstance(event, ListingCounted):
        counters.request(event.listing_id)
    elif isinstance(event, Reconnected):
        for listing_id in open_pages(TOPIC):
            counters.request(listing_id)
