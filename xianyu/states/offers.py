"""出价 on a listing's page and in a conversation, and the answers on its card."""

import secrets
from collections.abc import Iterable
from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.schemas.events import LiveEvent, MessageSent, Offered
from xianyu.schemas.orders import OfferView
from xianyu.services import limits, offers, order_forms, order_pages
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.ids import is_id
from xianyu.states import forms
from xianyu.states.actor import client_address, member_id, query, read_as_member, route_id, write_as_member
from xianyu.states.conversation import ConversationState
from xianyu.states.delivery import announce
from xianyu.states.notices import NoticeState

# What the dialog is open for.
LISTING, OFFER = "listing", "offer"


class OfferState(rx.State):
    """The dialog of an offer: for a listing, or as the answer to the offer of that number.

    ``key`` names this wish, so that the same one sent twice is one offer. ``listed`` is what a piece
    costs, or what the other offers for it.
    """

    about: str = ""
    ref: int = 0
    key: str = ""
    title: str = ""
    listed: str = ""
    quantity: str = "1"
    errors: dict[str, str] = {}
    busy: bool = False

    @rx.event
    def load(self) -> list[rx.event.EventSpec] | None:
        """A listing's page was opened, or its socket came back: a dialog that is open for it stays so."""
        listing_id = route_id(self, "listing_id")
        if (self.about, self.ref) != (LISTING, listing_id):
            self._close()
        if query(self, "offer") != "1":
            return None
        # A visitor who pressed 出价 was sent to log in; here they are again. Back and reload are not to ask anew.
        return [
            OfferState.ask(LISTING, listing_id, True),  # type: ignore[operator]  # as elsewhere
            rx.redirect(routes.listing(listing_id), replace=True),
        ]

    def _close(self) -> None:
        self.about, self.ref, self.errors, self.busy = "", 0, {}, False

    @rx.event
    async def ask(self, about: str, ref: int, is_open: bool) -> rx.event.EventSpec | None:
        """The dialog is to open or to close."""
        self._close()
        if is_open is not True or not is_id(ref):
            return None
        if about == OFFER:
            offer = await read_as_member(self, offers.one, ref)
            self._open(OFFER, ref, offer.title, offer.unit_price, str(offer.quantity))
        elif about == LISTING:
            try:
                start = await read_as_member(self, order_pages.start, ref)
            except LoginRequired:
                return rx.redirect(routes.login(f"{routes.listing(ref)}?offer=1"))
            self._open(LISTING, ref, start.title, start.price, "1")
        return None

    def _open(self, about: str, ref: int, title: str, listed: str, quantity: str) -> None:
        self.about, self.ref, self.key = about, ref, secrets.token_hex(16)
        self.title, self.listed, self.quantity = title, listed, quantity

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """The dialog was sent."""
        self.errors, self.busy = {}, True
        yield
        try:
            made, offer = await self._make(form)
        except InvalidForm as error:
            self.errors = error.errors
            return
        except LoginRequired:
            raise
        except DomainError as error:
            self.errors = {error.field if error.field == "quantity" else "form": error.message}
            return
        finally:
            self.busy = False
        self._close()
        await self._tell(made.events)
        # On the listing's page the offer leads to where it is talked about.
        if self.router.url.path == routes.listing(offer.listing_id):
            yield rx.redirect(routes.conversation(offer.peer_id))

    async def _make(self, form: dict[str, Any]) -> tuple[Offered, OfferView]:
        checked = order_forms.check_offer(
            {name: forms.text(form, name) for name in ("price", "quantity", "client_key")}
        )
        await limits.spending(limits.OFFER, str(await member_id(self)), address=client_address(self))
        service = offers.counter if forms.text(form, "about") == OFFER else offers.make
        made = await write_as_member(self, service, forms.number(form, "ref"), checked)
        return made, await read_as_member(self, offers.one, made.offer_id)

    async def _answer(self) -> None:
        await limits.spending(limits.STEP, str(await member_id(self)), address=client_address(self))

    async def _tell(self, events: Iterable[LiveEvent]) -> None:
        """Tell everybody; this tab shows its own card itself, as it does with what it sends."""
        conversation = await self.get_state(ConversationState)
        for event in events:
            if isinstance(event, MessageSent) and event.recipient_id == conversation.peer.id:
                conversation._receive(event.message)  # noqa: SLF001 - the conversation's own way to be added to
        await announce(*events)

    @rx.event
    async def accept(self, offer_id: int) -> rx.event.EventSpec | None:
        """接受: the offer becomes an order."""
        await self._answer()
        ordered = await write_as_member(self, offers.accept, offer_id)
        await self._tell(ordered.events)
        return NoticeState.show("已成交，订单已生成")  # type: ignore[operator]  # Reflex makes an event of it on the class

    @rx.event
    async def decline(self, offer_id: int) -> None:
        """拒绝."""
        await self._answer()
        await self._tell(await write_as_member(self, offers.decline, offer_id))

    @rx.event
    async def withdraw(self, offer_id: int) -> None:
        """撤回."""
        await self._answer()
        await self._tell(await write_as_member(self, offers.withdraw, offer_id))
