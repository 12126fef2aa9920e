"""Anyone's page."""

import reflex as rx

from xianyu.schemas.accounts import PersonView
from xianyu.schemas.listings import Cursor, ListingCard
from xianyu.services import accounts, listing_pages
from xianyu.services.errors import DomainError
from xianyu.states.actor import read_as_visitor, route_id


class PersonState(rx.State):
    """Anyone's page: their name and what they offer."""

    person: PersonView = PersonView()
    cards: list[ListingCard] = []
    has_more: bool = False
    loaded: bool = False
    missing: str = ""
    _cursor: Cursor | None = None

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        user_id = route_id(self, "user_id")
        if user_id != self.person.id:
            self.loaded, self.person, self.cards = False, PersonView(), []
        try:
            self.person = await read_as_visitor(self, accounts.profile, user_id)
        except DomainError as error:
            self.missing, self.loaded = error.message, True
            return
        page = await read_as_visitor(self, listing_pages.by_seller, user_id)
        self.cards, self._cursor, self.has_more = page.cards, page.cursor, page.cursor is not None
        self.missing, self.loaded = "", True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._cursor is None:
            return
        page = await read_as_visitor(self, listing_pages.by_seller, self.person.id, after=self._cursor)
        self.cards = [*self.cards, *page.cards]
        self._cursor, self.has_more = page.cursor, page.cursor is not None
