"""The card of the settings that sets up the second step of a login."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import reflex as rx

from xianyu.adapters import security_log
from xianyu.adapters.passwords import hashing
from xianyu.schemas.accounts import Actor, EnrolmentView, SecondStepView
from xianyu.services import accounts, limits, password_change, proof, second_step
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.states.actor import client_address, read_as_member, write_as_member
from xianyu.states.forms import text


class SettingsSecondStepState(rx.State):
    """How the second step stands, and what is being done about it.

    ``enrolment`` is what the person's app has to be told, while they set it up. ``codes`` are fresh
    recovery codes, shown this once. ``asks`` is whether the account has a password to ask for, and
    ``managing`` which form of a second step that is on is open, if any.
    """

    view: SecondStepView = SecondStepView()
    enrolment: EnrolmentView = EnrolmentView()
    codes: list[str] = []
    asks: bool = True
    managing: str = ""
    loaded: bool = False
    errors: dict[str, str] = {}
    busy: bool = False
    _secret: str = ""

    @rx.event
    async def load(self) -> None:
        """The settings were opened; whatever was under way is over."""
        self._rest()
        await self._show()

    def _rest(self) -> None:
        self._secret, self.enrolment, self.codes = "", EnrolmentView(), []
        self.errors, self.busy, self.managing = {}, False, ""

    async def _show(self) -> None:
        self.view = await read_as_member(self, second_step.state)
        self.asks = bool(await read_as_member(self, password_change.stored_hash))
        self.loaded = True

    @rx.event
    async def begin(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """开启: ask for the password, then show the key."""
        async for _ in self._trying(self._begin, text(form, "step_password")):
            yield

    async def _begin(self, password: str) -> None:
        actor = await self._proven("second_step_setup", password)
        self._secret = second_step.new_secret()
        self.enrolment = second_step.enrolment(self._secret, actor.username)

    @rx.event
    async def confirm(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """The app's first code: now it counts."""
        if self._secret:
            async for _ in self._trying(self._confirm, text(form, "code")):
                yield

    async def _confirm(self, code: str) -> None:
        actor = await self._counted(limits.SECOND_STEP)
        codes = await write_as_member(self, second_step.confirm, self._secret, code)
        self._finish("second_step_on", actor, codes)
        await self._show()

    @rx.event
    async def renew(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """重新生成恢复码."""
        async for _ in self._trying(self._renew, text(form, "step_password"), text(form, "code")):
            yield

    async def _renew(self, password: str, code: str) -> None:
        actor = await self._proven("recovery_codes", password)
        await self._counted(limits.SECOND_STEP)
        codes = await write_as_member(self, second_step.renew_codes, code)
        self._finish("recovery_codes", actor, codes)
        await self._show()

    @rx.event
    async def disable(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """关闭两步验证."""
        async for _ in self._trying(self._disable, text(form, "step_password"), text(form, "code")):
            yield

    async def _disable(self, password: str, code: str) -> None:
        actor = await self._proven("second_step_off", password)
        await self._counted(limits.SECOND_STEP)
        await write_as_member(self, second_step.disable, code)
        self._finish("second_step_off", actor, [])
        await self._show()

    @rx.event
    def manage(self, what: str) -> None:
        """One of the two forms of a second step that is on is wanted: ``renew`` or ``off``."""
        self._rest()
        self.managing = what if what in ("renew", "off") else ""

    @rx.event
    def leave(self) -> None:
        """取消, or 我已保存: nothing that was shown stays."""
        self._rest()

    async def _trying(self, work: Callable[..., Awaitable[None]], *typed: str) -> AsyncIterator[None]:
        """Run ``work`` while the card says that it is busy; a refusal stands beside its field."""
        self.errors, self.busy = {}, True
        yield
        try:
            await work(*typed)
        except LoginRequired:
            raise
        except DomainError as error:
            if not error.field:
                raise
            self.errors = {error.field: error.message}
        finally:
            self.busy = False

    async def _counted(self, rule: limits.Rule) -> Actor:
        actor = await read_as_member(self, accounts.require)
        await limits.spending(rule, str(actor.user_id), address=client_address(self))
        return actor

    async def _proven(self, event: str, password: str) -> Actor:
        actor = await self._counted(limits.CONFIRM)
        stored = await read_as_member(self, proof.demand)
        try:
            await hashing(lambda: password_change.check(stored, password, "step_password"))
        except password_change.WrongPassword:
            self._note(event, "failure", actor)
            raise
        return actor

    def _finish(self, event: str, actor: Actor, codes: list[str]) -> None:
        self._rest()
        self.codes = codes
        self._note(event, "success", actor)

    def _note(self, event: str, outcome: str, actor: Actor) -> None:
        security_log.record(
            event, outcome, user_id=actor.user_id, session_id=actor.session_id, address=client_address(self)
        )
