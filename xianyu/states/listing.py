"""One listing's page."""

import reflex as rx

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, LiveEvent, Reconnected
from xianyu.schemas.listings import ListingCard, ListingDetail, PhotoView
from xianyu.services import interest, listing_pages, listings, search_suggest
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.services.listing_errors import ListingNotFound
from xianyu.states import wishes
from xianyu.states.actor import read_as_visitor, route_id, tab_token, write_as_member
from xianyu.states.delivery import announce, open_pages, tab_state
from xianyu.states.notices import NoticeState

TOPIC = "listing"


def topic(listing_id: int) -> str:
    """The live topic of one listing's page."""
    return f"{TOPIC}:{listing_id}"


class ListingState(rx.State):
    """Everything about the listing that the address names."""

    listing: ListingDetail = ListingDetail()
    photos: list[PhotoView] = []
    loaded: bool = False
    missing: str = ""
    # What is like a listing that is no more.
    similar: list[ListingCard] = []

    @rx.event
    async def load(self) -> rx.event.EventCallback | None:
        """The page was opened, or its socket came back."""
        listing_id = route_id(self, "listing_id")
        if listing_id != self.listing.id:
            self.loaded, self.listing, self.photos = False, ListingDetail(), []
        bus.show(tab_token(self), topic(listing_id))
        try:
            self.listing, self.photos = await read_as_visitor(self, listing_pages.with_photos, listing_id)
        except DomainError as error:
            self.similar = await read_as_visitor(self, search_suggest.similar, listing_id)
            self.missing, self.loaded = error.message, True
            return None
        self.missing, self.loaded = "", True
        # A visitor who pressed 想要 was sent to log in; here they are again, to be led on.
        return ListingState.want if wishes.is_back(self, "want", routes.listing(listing_id)) else None

    @rx.event
    async def want(self) -> rx.event.EventSpec:
        """Open the conversation with the seller about this listing."""
        listing_id = route_id(self, "listing_id")
        try:
            seller_id, events = await write_as_member(self, interest.want, listing_id)
        except LoginRequired:
            return wishes.log_in_first(self, "want", routes.listing(listing_id))
        await announce(*events)
        has_come_back = wishes.is_back(self, "want", routes.listing(listing_id))
        return rx.redirect(routes.conversation(seller_id), replace=has_come_back)

    @rx.event
    async def take_down(self) -> None:
        """下架."""
        await announce(*await write_as_member(self, listings.take_down, route_id(self, "listing_id")))

    @rx.event
    async def relist(self) -> None:
        """上架."""
        await announce(*await write_as_member(self, listings.relist, route_id(self, "listing_id")))

    @rx.event
    async def mark_sold_out(self) -> None:
        """标记已售出."""
        await announce(*await write_as_member(self, listings.mark_sold_out, route_id(self, "listing_id")))

    @rx.event
    async def bump(self) -> rx.event.EventSpec:
        """擦亮."""
        await announce(*await write_as_member(self, listings.bump, route_id(self, "listing_id")))
        return NoticeState.show("已擦亮，回到最前面了")  # type: ignore[operator]  # Reflex makes an event of it on the class

    @rx.event
    async def delete(self) -> rx.event.EventSpec:
        """删除, after the dialog asked."""
        await announce(*await write_as_member(self, listings.delete, route_id(self, "listing_id")))
        return rx.redirect(routes.ME)


async def on_event(event: LiveEvent) -> None:
    """Show a change on every open page of the listing."""
    if isinstance(event, ListingChanged):
        await _show(event.listing_id)
    elif isinstance(event, Reconnected):
        for listing_id in open_pages(TOPIC):
            await _show(listing_id)


async def _show(listing_id: int) -> None:
    for tab in bus.tabs(topic=topic(listing_id)):
        # Each tab sees it as its own person does: the seller has buttons that others have not.
        viewer = Actor(tab.user_id, "", "", tab.session_id) if tab.user_id else None
        try:
            listing, photos = await get_database().reading(listing_pages.with_photos, viewer, listing_id)
        except ListingNotFound as error:
            similar = await get_database().reading(search_suggest.similar, viewer, listing_id)
            async with tab_state(tab, ListingState) as page:
                page.missing, page.similar, page.loaded = error.message, similar, True
            continue
        async with tab_state(tab, ListingState) as page:
            page.listing, page.photos, page.missing, page.loaded = listing, photos, "", True
