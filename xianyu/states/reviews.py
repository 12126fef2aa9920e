"""What is said of people and of listings, on the pages of both."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, Reconnected, ReviewsChanged
from xianyu.schemas.reviews import Rating, Reputation, ReviewPage, ReviewView
from xianyu.services import review_pages
from xianyu.states.actor import read_as_visitor, route_id
from xianyu.states.contacts import PERSON
from xianyu.states.delivery import Refresher, open_pages, plain, tab_state
from xianyu.states.listing import TOPIC as LISTING

# How many stand on a page before somebody asks for more, above whatever else is on it.
FIRST = 3
# How many a list that is read anew keeps at most.
_KEPT = 100


@dataclass(frozen=True)
class _Source:
    """Where a list comes from.

    Args:
        kind: What the live topics of its pages begin with.
        parameter: What the address calls whom or what it is about.
        whole: Reads all that the page shows.
        more: Reads a further page.
    """

    kind: str
    parameter: str
    whole: Callable[..., Reputation]
    more: Callable[..., ReviewPage]


class ReviewList(rx.State, mixin=True):
    """What the two pages have in common: the reviews in numbers, and the newest of them."""

    _source: ClassVar[_Source]

    rating: Rating = Rating()
    seller: Rating = Rating()
    reviews: list[ReviewView] = []
    has_more: bool = False
    loaded: bool = False
    _about: int = 0
    _after: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        about = route_id(self, self._source.parameter)
        if about != self._about:
            self.loaded, self.reviews, self._about = False, [], about
        self._show(await read_as_visitor(self, self._source.whole, about, self._length()))

    @rx.event
    async def load_more(self) -> None:
        """加载更多评价."""
        if self._after:
            page = await read_as_visitor(self, self._source.more, self._about, self._after)
            self.reviews, self._after = [*plain(self.reviews), *page.reviews], page.after
            self.has_more = page.after > 0

    async def _renew(self, about: int, viewer: Actor | None) -> None:
        # A state that was made anew has forgotten what its page is about.
        self._about = about
        self._show(await get_database().reading(self._source.whole, viewer, about, self._length()))

    def _length(self) -> int:
        """As long as it was: nothing that somebody asked for disappears."""
        return min(max(FIRST, len(self.reviews)), _KEPT)

    def _show(self, found: Reputation) -> None:
        self.rating, self.seller, self.reviews = found.rating, found.seller, found.page.reviews
        self._after, self.has_more, self.loaded = found.page.after, found.page.after > 0, True


class PersonReviewsState(ReviewList, rx.State):
    """What others say of a person."""

    _source: ClassVar[_Source] = _Source(PERSON, "user_id", review_pages.of_person, review_pages.person_page)


class ListingReviewsState(ReviewList, rx.State):
    """What its buyers say of a listing, and what all reviews of its seller come to."""

    _source: ClassVar[_Source] = _Source(LISTING, "listing_id", review_pages.of_listing, review_pages.listing_page)


async def _refresh(cls: type[PersonReviewsState | ListingReviewsState], about: int) -> None:
    for tab in bus.tabs(topic=f"{cls._source.kind}:{about}"):
        viewer = Actor(tab.user_id, "", "", tab.session_id) if tab.user_id else None
        async with tab_state(tab, cls) as page:
            await page._renew(about, viewer)  # noqa: SLF001 - the same module


people = Refresher(lambda user_id: _refresh(PersonReviewsState, user_id))
listings = Refresher(lambda listing_id: _refresh(ListingReviewsState, listing_id))


async def on_event(event: LiveEvent) -> None:
    """Show on open pages what is said now of the two people of an order, and of what they sell."""
    if isinstance(event, ReviewsChanged) and event.is_public:
        both = [event.buyer_id, event.seller_id]
        for user_id in both:
            people.request(user_id)
        shown = open_pages(LISTING)
        for listing_id in await get_database().reading(review_pages.sold_by, shown, both) if shown else ():
            listings.request(listing_id)
    elif isinstance(event, Reconnected):
        for user_id in open_pages(PERSON):
            people.request(user_id)
        for listing_id in open_pages(LISTING):
            listings.request(listing_id)
