"""The reviews of one order, on its page: writing one's own, reading both, answering the other's."""

from typing import Any

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, OrderChanged, Reconnected, ReviewsChanged
from xianyu.schemas.reviews import OrderReviews
from xianyu.services import limits, review_forms, review_pages, reviews
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.order_errors import OrderNotFound
from xianyu.states import forms
from xianyu.states.actor import client_address, member_id, read_as_member, route_id, write_as_member
from xianyu.states.delivery import Refresher, announce, open_pages, tab_state
from xianyu.states.order import TOPIC, topic


class OrderReviewsState(rx.State):
    """What the two people of an order say of each other, as whoever looks may read it.

    ``writing`` is whether the dialog of one's own review is open, ``replying`` the review whose answer is
    being written, or 0; ``errors`` are what was refused in either.
    """

    reviews: OrderReviews = OrderReviews()
    writing: bool = False
    replying: int = 0
    errors: dict[str, str] = {}
    busy: bool = False
    _order_id: int = 0

    @rx.event
    async def load(self) -> None:
        """The order's page was opened, or its socket came back."""
        order_id = route_id(self, "order_id")
        if order_id != self._order_id:
            self.reset()
            self._order_id = order_id
        try:
            self._show(await read_as_member(self, review_pages.of_order, order_id))
        except OrderNotFound:
            # The page itself says so.
            self.reset()

    def _show(self, found: OrderReviews) -> None:
        self.reviews = found
        if self.writing and not found.can_write:
            self._close()
        if self.replying and not any(one.id == self.replying and one.can_reply for one in found.reviews):
            self._close()

    def _close(self) -> None:
        self.writing, self.replying, self.errors, self.busy = False, 0, {}, False

    @rx.event
    def ask(self, is_open: bool) -> None:
        """The dialog of one's own review is to open or to close."""
        self._close()
        self.writing = is_open is True and self.reviews.can_write

    @rx.event
    def ask_reply(self, review_id: int, is_open: bool) -> None:
        """The dialog of an answer is to open or to close."""
        self._close()
        if is_open is True and any(one.id == review_id and one.can_reply for one in self.reviews.reviews):
            self.replying = review_id

    @rx.event
    async def write(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """提交评价."""
        self.errors, self.busy = {}, True
        yield
        await self._send(self._write(form))

    async def _write(self, form: dict[str, Any]) -> list[LiveEvent]:
        fields = {"stars": forms.text(form, "stars"), "text": forms.text(form, "text")}
        checked = review_forms.check_review({**fields, "photo_ids": forms.photo_ids(form)})
        await self._spend()
        written = await write_as_member(self, reviews.write, route_id(self, "order_id"), checked)
        return list(written.events)

    @rx.event
    async def reply(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """回复."""
        self.errors, self.busy = {}, True
        yield
        await self._send(self._reply(form))

    async def _reply(self, form: dict[str, Any]) -> list[LiveEvent]:
        text = review_forms.check_reply(forms.text(form, "reply"))
        await self._spend()
        return await write_as_member(self, reviews.reply, forms.number(form, "review_id"), text)

    async def _spend(self) -> None:
        await limits.spending(limits.REVIEW, str(await member_id(self)), address=client_address(self))

    async def _send(self, work: Any) -> None:
        """What came of a dialog that was sent: it closes, or says why not with all that was typed."""
        try:
            events = await work
        except InvalidForm as error:
            self.errors = error.errors
            return
        except LoginRequired:
            raise
        except DomainError as error:
            self.errors = {"form": error.message}
            return
        finally:
            self.busy = False
        self._close()
        self._show(await read_as_member(self, review_pages.of_order, route_id(self, "order_id")))
        await announce(*events)


async def _show_order(order_id: int) -> None:
    """Each of the two sees their own, and the other's once it is shown."""
    for tab in bus.tabs(topic=topic(order_id)):
        viewer = Actor(tab.user_id, "", "", tab.session_id)
        try:
            found = await get_database().reading(review_pages.of_order, viewer, order_id)
        except OrderNotFound:
            # A stranger's page has said so already.
            continue
        async with tab_state(tab, OrderReviewsState) as page:
            page._order_id = order_id  # noqa: SLF001 - the same module
            page._show(found)  # noqa: SLF001 - the same module


pages = Refresher(_show_order)


async def on_event(event: LiveEvent) -> None:
    """Keep the reviews right on every open page of the order; with its last step they begin."""
    if isinstance(event, ReviewsChanged | OrderChanged):
        pages.request(event.order_id)
    elif isinstance(event, Reconnected):
        for order_id in open_pages(TOPIC):
            pages.request(order_id)
