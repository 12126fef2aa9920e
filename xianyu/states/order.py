"""One order's page: where it stands, and the steps that whoever looks may take."""

from typing import Any

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, OrderChanged, Reconnected
from xianyu.schemas.orders import OrderAction, OrderDetail
from xianyu.services import limits, order_lists, orders
from xianyu.services.errors import InvalidForm, LoginRequired
from xianyu.services.order_errors import OrderNotFound
from xianyu.states.actor import client_address, member_id, read_as_member, route_id, tab_token, write_as_member
from xianyu.states.delivery import Refresher, announce, open_pages, plain, tab_state
from xianyu.states.forms import text

TOPIC = "order"
_FIELDS = ("reason", "price", "carrier", "tracking_number")


def topic(order_id: int) -> str:
    """The live topic of one order's page."""
    return f"{TOPIC}:{order_id}"


class OrderState(rx.State):
    """The order that the address names, as its buyer or its seller sees it.

    ``asking`` is the step whose dialog is open, or empty; ``errors`` are what was refused in it.
    """

    order: OrderDetail = OrderDetail()
    loaded: bool = False
    missing: str = ""
    asking: str = ""
    errors: dict[str, str] = {}
    busy: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        order_id = route_id(self, "order_id")
        if order_id != self.order.id:
            self.order, self.loaded, self.missing = OrderDetail(), False, ""
            self.asking, self.errors, self.busy = "", {}, False
        bus.show(tab_token(self), topic(order_id))
        try:
            self._show(await read_as_member(self, order_lists.detail, order_id))
        except OrderNotFound as error:
            self.missing, self.loaded = error.message, True

    def _show(self, order: OrderDetail) -> None:
        self.order, self.missing, self.loaded = order, "", True
        if self.asking and not self._allows(self.asking):
            # The other was faster, and the question makes no sense any more.
            self.asking, self.errors = "", {}

    def _allows(self, name: str) -> OrderAction | None:
        return next((one for one in plain(self.order.actions) if one.name == name), None)

    @rx.event
    def ask(self, name: str, is_open: bool) -> None:
        """A step's dialog is to open or to close."""
        if is_open is True and isinstance(name, str) and self._allows(name):
            self.asking, self.errors = name, {}
        elif is_open is False:
            self.asking, self.errors = "", {}

    @rx.event
    async def take(self, name: str):  # noqa: ANN201 - an event generator
        """A step that needs nothing more was pressed."""
        self.busy = True
        yield
        try:
            await self._take(name, {})
        finally:
            self.busy = False

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """A step's dialog was sent."""
        self.errors, self.busy = {}, True
        yield
        try:
            await self._take(text(form, "action"), {name: text(form, name) for name in _FIELDS})
            self.asking = ""
        except InvalidForm as error:
            self.errors = error.errors
        finally:
            self.busy = False

    async def _take(self, name: str, fields: dict[str, object]) -> None:
        order_id = route_id(self, "order_id")
        await limits.spending(limits.STEP, str(await member_id(self)), address=client_address(self))
        events = await write_as_member(self, orders.act, order_id, name, fields)
        self._show(await read_as_member(self, order_lists.detail, order_id))
        await announce(*events)


async def _show_order(order_id: int) -> None:
    """Each of the two sees it as their own: the buttons are others."""
    for tab in bus.tabs(topic=topic(order_id)):
        viewer = Actor(tab.user_id, "", "", tab.session_id)
        try:
            order = await get_database().reading(order_lists.detail, viewer, order_id)
        except (OrderNotFound, LoginRequired):
            # A stranger's page has said so already.
            continue
        async with tab_state(tab, OrderState) as page:
            page._show(order)  # noqa: SLF001 - the same module


pages = Refresher(_show_order)


async def on_event(event: LiveEvent) -> None:
    """Show a step on every open page of the order."""
    if isinstance(event, OrderChanged):
        pages.request(event.order_id)
    elif isinstance(event, Reconnected):
        for order_id in open_pages(TOPIC):
            pages.request(order_id)
