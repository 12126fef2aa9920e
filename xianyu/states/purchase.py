"""The form of 立即购买, and the address book in it."""

import re
from hashlib import blake2b
from secrets import token_hex
from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import AddressesChanged, ListingChanged, LiveEvent, Reconnected
from xianyu.schemas.orders import AddressView, PurchaseStart
from xianyu.services import address_book, limits, order_forms, order_pages, orders
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.listing_form import check_quantity, format_price
from xianyu.services.order_errors import PriceMoved
from xianyu.states import forms
from xianyu.states.actor import client_address, member_id, read_as_member, route_id, tab_token, write_as_member
from xianyu.states.delivery import Refresher, announce, plain, tab_state

_TOPIC = "buy"
_PATH = re.compile(r"/listing/([0-9]{1,15})/buy/?")
# What ``editing`` holds while no address is: 0 is the one that is being added.
NONE = -1
# The address book stands beside the form of the purchase, and names its fields apart.
_BOOK = "book_"


def topic(listing_id: int) -> str:
    """The live topic of the form that buys a listing."""
    return f"{_TOPIC}:{listing_id}"


def _key(listing_id: int, opened: object) -> str:
    """A wish's name, the same for as long as its form is shown, also by a server that was restarted meanwhile."""
    showing = forms.showing(opened)
    return blake2b(f"{listing_id} {showing}".encode(), digest_size=16).hexdigest() if showing else token_hex(16)


def _listing_at(path: object) -> int:
    match = _PATH.fullmatch(path) if isinstance(path, str) else None
    return int(match[1]) if match else 0


class BuyState(rx.State):
    """What the form starts with, and what was refused in it. The fields keep their own text.

    ``key`` names this wish, so that the same one sent twice is one order. ``changed`` says what is other
    about the listing since the form was opened, ``gone`` that it cannot be bought any more. ``editing``
    is the address whose dialog is open, 0 for a new one; ``book`` counts up when another of them is to
    be chosen.
    """

    opened: str = ""
    start: PurchaseStart = PurchaseStart()
    addresses: list[AddressView] = []
    key: str = ""
    total: str = ""
    changed: str = ""
    gone: str = ""
    missing: str = ""
    errors: dict[str, str] = {}
    busy: bool = False
    editing: int = NONE
    chosen: int = 0
    book: int = 0
    address_errors: dict[str, str] = {}
    address_busy: bool = False
    _count: int = 1
    # What a piece cost when the form was opened, or when the buyer was told of a change.
    _seen_fen: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back: the form stays, and hears of what it missed."""
        listing_id = route_id(self, "listing_id")
        bus.show(tab_token(self), topic(listing_id))
        if self.opened and not self.missing and self.start.listing_id == listing_id:
            try:
                self._note(await read_as_member(self, order_pages.start, listing_id))
            except LoginRequired:
                raise
            except DomainError as error:
                self.gone = error.message

    @rx.event
    async def open(self, opened: str, path: str = "", again: bool = False) -> None:
        """The form is shown; a form that is shown ``again`` keeps what is typed, and names the same wish."""
        listing_id = _listing_at(path)
        try:
            start = await read_as_member(self, order_pages.start, listing_id)
        except LoginRequired:
            raise
        except DomainError as error:
            self.reset()
            self.opened, self.missing = forms.showing(opened), error.message
            return
        self.reset()
        self.opened, self.key = forms.showing(opened), _key(listing_id, opened)
        self._show(start)
        if again is True:
            # What is typed stayed in the form, and this state does not know it any more.
            self.total = ""
        self.chosen = start.addresses[0].id if start.addresses else 0

    def _show(self, start: PurchaseStart) -> None:
        self.start, self.addresses, self._seen_fen = start, start.addresses, start.price_fen
        self.total = format_price(start.price_fen * self._count)

    @rx.event
    def count(self, typed: str) -> None:
        """Another quantity was typed; what is none leaves the total as it is."""
        number, error = check_quantity(typed) if isinstance(typed, str) else (0, "none")
        if not error:
            self._count = number
            self.total = format_price(self.start.price_fen * number)

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """提交订单."""
        self.errors, self.busy = {}, True
        yield
        try:
            checked = order_forms.check_order(_fields(form))
            await limits.spending(limits.ORDER, str(await member_id(self)), address=client_address(self))
            ordered = await write_as_member(self, orders.place, checked)
        except InvalidForm as error:
            self.errors = error.errors
            return
        except LoginRequired:
            raise
        except PriceMoved as error:
            self.errors = {"form": error.message}
            await self._catch_up(forms.number(form, "listing_id"))
            return
        except DomainError as error:
            self.errors = {error.field or "form": error.message}
            return
        finally:
            self.busy = False
        await announce(*ordered.events)
        yield rx.redirect(routes.order(ordered.order_id), replace=True)

    async def _catch_up(self, listing_id: int) -> None:
        self._show(await read_as_member(self, order_pages.start, listing_id))

    @rx.event
    def edit_address(self, address_id: int, is_open: bool) -> None:
        """The dialog of an address is to open or to close; 0 is a new one."""
        known = type(address_id) is int and (address_id == 0 or any(one.id == address_id for one in self.addresses))
        self.editing = address_id if known and is_open is True else NONE
        self.address_errors = {}

    @rx.event
    async def save_address(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """An address's dialog was sent. The one that was saved is the chosen one."""
        self.address_errors, self.address_busy = {}, True
        yield
        try:
            fields = {name: forms.text(form, f"{_BOOK}{name}") for name in ("recipient", "phone", "address")}
            checked = order_forms.check_address({**fields, "is_default": form.get("is_default") in ("on", True)})
            await limits.spending(limits.ADDRESS, str(await member_id(self)), address=client_address(self))
            saved, event = await write_as_member(self, address_book.save, checked, forms.number(form, "id"))
        except InvalidForm as error:
            self.address_errors = {f"{_BOOK}{name}": message for name, message in error.errors.items()}
            return
        except LoginRequired:
            raise
        except DomainError as error:
            self.address_errors = {f"{_BOOK}form": error.message}
            return
        finally:
            self.address_busy = False
        self.addresses = await read_as_member(self, address_book.entries)
        self.editing, self.chosen, self.book = NONE, saved, self.book + 1
        self.errors = {name: message for name, message in self.errors.items() if name != "address"}
        await announce(event)

    @rx.event
    async def delete_address(self, address_id: int) -> None:
        """An address is to go, after the dialog asked."""
        await limits.spending(limits.ADDRESS, str(await member_id(self)), address=client_address(self))
        event = await write_as_member(self, address_book.delete, address_id)
        self.addresses = await read_as_member(self, address_book.entries)
        if self.chosen == address_id:
            self.chosen, self.book = (self.addresses[0].id if self.addresses else 0), self.book + 1
        await announce(event)

    def _note(self, start: PurchaseStart) -> None:
        """The listing changed while the form is open: say so, and lose nothing that was typed."""
        if start.price_fen != self._seen_fen:
            self.changed = f"卖家刚改了价格，现在是 ¥{start.price}"
        elif start.free < self._count:
            self.changed = f"只剩 {start.free} 件了"
        else:
            self.changed = ""
        self.start, self.gone = start, ""
        if self.total:
            self.total = format_price(start.price_fen * self._count)


def _fields(form: dict[str, Any]) -> dict[str, object]:
    """The form as its check takes it."""
    seen = forms.text(form, "seen_fen")
    return {
        **{name: forms.text(form, name) for name in ("quantity", "delivery", "phone", "note", "client_key")},
        **{name: forms.number(form, name) for name in ("listing_id", "address_id")},
        "seen_fen": forms.number(form, "seen_fen") if seen else None,
    }


async def on_event(event: LiveEvent) -> None:
    """Show on open forms what became of the listing, and of the address book in another tab."""
    if isinstance(event, ListingChanged):
        open_forms.request(event.listing_id)
    elif isinstance(event, AddressesChanged):
        await _show_addresses(event.user_id)
    elif isinstance(event, Reconnected):
        for name in {name for tab in bus.tabs() for name in tab.topics if name.startswith(f"{_TOPIC}:")}:
            open_forms.request(int(name.removeprefix(f"{_TOPIC}:")))


async def _show_listing(listing_id: int) -> None:
    for tab in bus.tabs(topic=topic(listing_id)):
        viewer = Actor(tab.user_id, "", "", tab.session_id)
        try:
            start = await get_database().reading(order_pages.start, viewer, listing_id)
        except DomainError as error:
            async with tab_state(tab, BuyState) as page:
                page.gone = error.message
            continue
        async with tab_state(tab, BuyState) as page:
            # A state that was made anew knows nothing of the form until the page has opened it again.
            if page.opened:
                page._note(start)  # noqa: SLF001 - the same module


open_forms = Refresher(_show_listing)


async def _show_addresses(user_id: int) -> None:
    tabs = [tab for tab in bus.tabs(user_id=user_id) if any(name.startswith(f"{_TOPIC}:") for name in tab.topics)]
    for tab in tabs:
        found = await get_database().reading(address_book.of_person, user_id)
        async with tab_state(tab, BuyState) as page:
            if plain(page.addresses) != found:
                page.addresses = found
