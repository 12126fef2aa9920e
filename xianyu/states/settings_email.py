"""Changing the address of an account: the card in the settings, and the page that confirms it."""

from functools import partial
from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters import security_log
from xianyu.adapters.database import get_database
from xianyu.adapters.mail import outbox
from xianyu.adapters.passwords import hashing
from xianyu.schemas.accounts import Actor, AddressView
from xianyu.services import accounts, email_change, limits, password_change, proof, second_step
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.mailed_tokens import LinkExpired
from xianyu.states.actor import client_address, query, read_as_member, write_as_member
from xianyu.states.forms import text


class SettingsEmailState(rx.State):
    """The card: the present address, the one that waits, and the form for another."""

    view: AddressView = AddressView()
    errors: dict[str, str] = {}
    sent_to: str = ""
    busy: bool = False

    @rx.event
    async def load(self) -> None:
        """The settings were opened."""
        self.errors, self.sent_to, self.busy = {}, "", False
        await self._show()

    async def _show(self) -> None:
        self.view = await read_as_member(self, email_change.present)

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Check the proof and send the link to the new address."""
        self.errors, self.sent_to, self.busy = {}, "", True
        yield
        try:
            # What is asked for may have changed in another card, or in another tab.
            await self._show()
            self.sent_to = await self._ask(*(text(form, name) for name in ("email", "email_password", "email_code")))
            await self._show()
        except InvalidForm as error:
            self.errors = error.errors
        except LoginRequired:
            raise
        except DomainError as error:
            # A code that was given too often is refused at the field of another form.
            field = "email_code" if error.field == limits.SECOND_STEP.field else error.field
            self.errors = {field or ("email_password" if self.view.needs_proof else "email"): error.message}
        finally:
            self.busy = False

    async def _ask(self, typed: str, password: str, code: str) -> str:
        actor = await read_as_member(self, accounts.require)
        stored = await read_as_member(self, proof.demand)
        address = email_change.check_form(typed, password, code, self.view)
        await self._check_password(actor, stored, password)
        if self.view.needs_code:
            await self._count(limits.SECOND_STEP, actor)
        await self._count(limits.MAIL_CHANGE, actor)
        try:
            mails = await write_as_member(self, email_change.request, address, code)
        except second_step.WrongCode:
            _note(self, "email_change_request", "failure", actor)
            raise
        for mail in mails:
            outbox.put(mail)
        _note(self, "email_change_request", "success", actor)
        return address

    async def _count(self, rule: limits.Rule, actor: Actor) -> None:
        await limits.spending(rule, str(actor.user_id), address=client_address(self))

    async def _check_password(self, actor: Actor, stored: str, password: str) -> None:
        await self._count(limits.CONFIRM, actor)
        try:
            await hashing(partial(password_change.check, stored, password, "email_password"))
        except password_change.WrongPassword:
            _note(self, "email_change_request", "failure", actor)
            raise


def _note(state: rx.State, event: str, outcome: str, actor: Actor) -> None:
    security_log.record(
        event, outcome, user_id=actor.user_id, session_id=actor.session_id, address=client_address(state)
    )


class ConfirmEmailState(rx.State):
    """The page behind the link. Opening it changes nothing: programs that look into mails open links, too.

    ``step`` is ``looking``, ``ask``, ``expired`` or ``done``.
    """

    view: AddressView = AddressView()
    step: str = "looking"
    problem: str = ""
    _token: str = ""

    @rx.event
    async def load(self) -> rx.event.EventSpec | None:
        """Take the token out of the address, then show what it would change."""
        token = query(self, "token")
        if token:
            self.step, self._token = "looking", token
            return rx.redirect(routes.CONFIRM_EMAIL, replace=True)
        if self.step != "done":
            await self._look()
        return None

    async def _look(self) -> None:
        try:
            self.view = await get_database().reading(email_change.pending, self._token)
        except LinkExpired as error:
            self._refuse(error)
        else:
            self.step = "ask"

    @rx.event
    async def confirm(self) -> None:
        """The button was pressed."""
        if self.step != "ask":
            return
        try:
            changed = await get_database().writing(email_change.confirm, self._token)
        except DomainError as error:
            self._refuse(error)
            return
        self.step, self._token = "done", ""
        outbox.put(changed.mail)
        security_log.record("email_change", "success", user_id=changed.user_id, address=client_address(self))

    def _refuse(self, error: DomainError) -> None:
        self.step, self.problem, self._token = "expired", error.message, ""
