"""A forgotten password: asking for a mail, and setting a new password with its link."""

import logging
from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters import security_log
from xianyu.adapters.database import get_database
from xianyu.adapters.mail import outbox
from xianyu.adapters.passwords import hashing
from xianyu.services import limits, recovery
from xianyu.services.accounts import fold_email
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.mailed_tokens import LinkExpired
from xianyu.states.actor import client_address, query, session_token
from xianyu.states.delivery import announce, beside
from xianyu.states.forms import text

logger = logging.getLogger(__name__)


class ForgotPasswordState(rx.State):
    """The form that asks for a mail. It says ``sent`` to everybody who typed an address."""

    errors: dict[str, str] = {}
    sent: bool = False

    @rx.event
    def load(self) -> None:
        """Start afresh."""
        self.errors, self.sent = {}, False

    @rx.event
    async def submit(self, form: dict[str, Any]) -> None:
        """Have the mail sent, if the address is anybody's; the answer and its time do not tell."""
        self.errors, self.sent = {}, False
        client = client_address(self)
        try:
            email = recovery.check_address(text(form, "email"))
            await limits.spending(limits.RESET_ADDRESS, client)
            # By sender and address: nobody can use up what is another one's.
            await limits.spending(limits.RESET, fold_email(email), client)
        except DomainError as error:
            self.errors = {"email": error.message}
            return
        beside(_mail_link(email, client), "reset link")
        self.sent = True


async def _mail_link(email: str, client: str) -> None:
    try:
        link = await get_database().writing(recovery.request_reset, email)
    except Exception:
        logger.exception("A reset link could not be made")
        return
    if link is not None:
        outbox.put(link.mail)
    security_log.record(
        "password_reset_request",
        "failure" if link is None else "success",
        user_id=link.user_id if link is not None else None,
        address=client,
    )


class ResetPasswordState(rx.State):
    """The form that takes the new password.

    ``step`` is ``looking``, ``form``, ``expired`` or ``done``. The token leaves the address as soon as
    the page is open, for the history and for whoever looks over a shoulder, and is never sent back.
    """

    errors: dict[str, str] = {}
    step: str = "looking"
    problem: str = ""
    busy: bool = False
    _token: str = ""

    @rx.event
    async def load(self) -> rx.event.EventSpec | None:
        """Take the token out of the address, then see whether it is still good."""
        token = query(self, "token")
        if token:
            self.errors, self.step, self.busy, self._token = {}, "looking", False, token
            return rx.redirect(routes.RESET_PASSWORD, replace=True)
        if self.step != "done":
            await self._look()
        return None

    async def _look(self) -> None:
        try:
            await get_database().reading(recovery.check_token, self._token)
        except LinkExpired as error:
            self._expire(error)
        else:
            self.step = "form"

    def _expire(self, error: LinkExpired) -> None:
        self.step, self.problem, self._token = "expired", error.message, ""

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Set the new password, and end the logins that the old one had opened."""
        if self.step != "form":
            return
        self.errors, self.busy = {}, True
        yield
        typed = text(form, "password"), text(form, "confirmation")
        try:
            # A hash takes a quarter of a second: nobody gets one without a token.
            names = await get_database().reading(recovery.check_token, self._token)
            password_hash = await hashing(lambda: recovery.check_form(*typed, *names))
            await self._reset(password_hash)
        except InvalidForm as error:
            self.errors = error.errors
        except LinkExpired as error:
            self._refuse(error)
        finally:
            self.busy = False

    async def _reset(self, password_hash: str) -> None:
        done = await get_database().writing(recovery.reset_password, self._token, password_hash, session_token(self))
        self.step, self._token = "done", ""
        outbox.put(done.mail)
        await announce(*done.ended)
        security_log.record(
            "password_reset", "success", user_id=done.user_id, address=client_address(self), ended=len(done.ended)
        )

    def _refuse(self, error: LinkExpired) -> None:
        self._expire(error)
        security_log.record("password_reset", "failure", address=client_address(self), reason="link")
