"""我买到的 and 我卖出的: the lists that the address asks for, and how many orders wait for their reader."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, OrderChanged, Reconnected, ReviewsChanged
from xianyu.schemas.orders import OrderCard, OrderCount, OrderFilter
from xianyu.services import order_lists
from xianyu.states.actor import query, read_as_member, tab_token
from xianyu.states.delivery import Refresher, plain, tab_state
from xianyu.states.forms import text

_TOPIC = "orders"
# How many orders a list that is read anew keeps at most; scrolling brings what is beyond.
_KEPT = 200
_FIELDS = ("side", "status", "words", "since", "until")


def topic(wanted: OrderFilter) -> str:
    """The live topic of the page of one filter: what it asks for outlives the tab's state."""
    return f"{_TOPIC}:{urlencode(_address(wanted))}"


def _shown_in(tab: Tab) -> OrderFilter | None:
    """What the page of a tab asks for, if it is one of lists."""
    for name in tab.topics:
        kind, _, asked = name.partition(":")
        if kind == _TOPIC:
            return order_lists.check_filter(dict(parse_qsl(asked)))
    return None


@dataclass(frozen=True)
class _Lists:
    """What the page of one filter shows."""

    orders: list[OrderCard]
    after: int
    counts: list[OrderCount]


class OrdersState(rx.State):
    """One's orders on one side, narrowed as the address says.

    ``number`` counts up when the fields are to show something else than was typed into them.
    """

    side: str = order_lists.BOUGHT
    status: str = ""
    words: str = ""
    since: str = ""
    until: str = ""
    number: int = 0
    counts: list[OrderCount] = []
    orders: list[OrderCard] = []
    has_more: bool = False
    loaded: bool = False
    csv_url: str = routes.orders_csv()
    _after: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, its address changed, or its socket came back."""
        wanted = order_lists.check_filter({name: query(self, name) for name in _FIELDS})
        bus.show(tab_token(self), topic(wanted))
        self._turn_to(wanted)
        self._show(await read_as_member(self, _present, wanted, len(self.orders)))

    @property
    def _wanted(self) -> OrderFilter:
        return OrderFilter(self.side, self.status, self.words, self.since, self.until)

    def _turn_to(self, wanted: OrderFilter) -> None:
        """The fields show what is asked for, unless they are where it was typed."""
        if wanted != self._wanted:
            self._adopt(wanted)
            self.number += 1

    def _adopt(self, wanted: OrderFilter) -> None:
        self.side, self.status, self.words = wanted.side, wanted.status, wanted.words
        self.since, self.until = wanted.since, wanted.until
        self.csv_url = routes.orders_csv(_address(wanted))
        self.orders, self.loaded = [], False

    def _show(self, found: _Lists) -> None:
        self.orders, self.counts, self._after = found.orders, found.counts, found.after
        self.has_more, self.loaded = found.after > 0, True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._after:
            page = await read_as_member(self, order_lists.page, self._wanted, self._after)
            self.orders, self._after = [*plain(self.orders), *page.orders], page.after
            self.has_more = page.after > 0

    @rx.event
    def choose(self, status: str) -> rx.event.EventSpec | None:
        """Another status was chosen: the address changes, and the list with it."""
        return self._go({"status": status}) if isinstance(status, str) else None

    @rx.event
    def look_for(self, form: dict[str, Any]) -> rx.event.EventSpec | None:
        """查找 was pressed."""
        return self._go({name: text(form, name) for name in ("words", "since", "until")})

    def _go(self, change: dict[str, str]) -> rx.event.EventSpec:
        """What is typed stays in its fields, as it is understood."""
        wanted = order_lists.check_filter({**_address(self._wanted), **change})
        if {name: value for name, value in _address(wanted).items() if name in change} != change:
            self.number += 1
        self._adopt(wanted)
        return rx.redirect(routes.orders(_address(wanted)))


def _address(wanted: OrderFilter) -> dict[str, str]:
    """What the address holds of a filter; the first tab needs no name there."""
    side = "" if wanted.side == order_lists.BOUGHT else wanted.side
    return {
        "side": side,
        "status": wanted.status,
        "words": wanted.words,
        "since": wanted.since,
        "until": wanted.until,
    }


def _present(session: Session, actor: Actor, wanted: OrderFilter, shown: int) -> _Lists:
    """As many orders as are shown, and at least a page."""
    page = order_lists.page(session, actor, wanted)
    found = page.orders
    while page.after and len(found) < min(shown, _KEPT):
        page = order_lists.page(session, actor, wanted, page.after, order_lists.MOST)
        found = [*found, *page.orders]
    return _Lists(found, page.after, order_lists.counts(session, actor, wanted))


class WaitingState(rx.State):
    """How many orders wait for a step of whoever looks; for the badge."""

    count: int = 0

    @rx.event
    async def load(self) -> None:
        """A page was opened that leads to the orders."""
        self.count = await read_as_member(self, _waiting)


def _waiting(session: Session, actor: Actor) -> int:
    return order_lists.waiting(session, actor.user_id)


async def _show_to(user_id: int) -> None:
    """Bring what changed about a person's orders to all of their tabs."""
    tabs = bus.tabs(user_id=user_id)
    if not tabs:
        return
    waiting = await get_database().reading(order_lists.waiting, user_id)
    for tab in tabs:
        async with tab_state(tab, WaitingState) as badge:
            # Set in vain it would be sent in vain.
            if badge.count != waiting:
                badge.count = waiting
            wanted = _shown_in(tab)
            if wanted is not None:
                page = await badge.get_state(OrdersState)
                await _show_lists(page, tab, wanted)


async def _show_lists(page: OrdersState, tab: Tab, wanted: OrderFilter) -> None:
    actor = Actor(tab.user_id, "", "", tab.session_id)
    found = await get_database().reading(_present, actor, wanted, len(page.orders))
    # A state that was made anew has forgotten what its page asks for.
    page._turn_to(wanted)  # noqa: SLF001 - the same module
    page._show(found)  # noqa: SLF001 - the same module


lists = Refresher(_show_to)


async def on_event(event: LiveEvent) -> None:
    """Keep badges and lists right on both sides."""
    if isinstance(event, OrderChanged | ReviewsChanged):
        for user_id in (event.buyer_id, event.seller_id):
            lists.request(user_id)
    elif isinstance(event, Reconnected):
        for user_id in bus.people():
            lists.request(user_id)
