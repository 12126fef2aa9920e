"""The settings' card of accounts at third parties."""

from functools import partial
from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters import security_log
from xianyu.adapters.mail import outbox
from xianyu.adapters.passwords import hashing
from xianyu.adapters.providers import label_of, provider_views, providers
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import IdentityView, ProviderView, Result
from xianyu.services import accounts, external_logins, limits, linked_logins, password_change, proof
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.states.actor import client_address, query, read_as_member, write_as_member
from xianyu.states.external import result_sentence
from xianyu.states.forms import text


class LinkedLoginsState(rx.State):
    """Which accounts at third parties open mine. ``leaving`` makes the page go to where one is linked.

    ``wanted`` is what waits for the password, in words; empty while nothing does.
    """

    identities: list[IdentityView] = []
    choices: list[ProviderView] = []
    leaving: str = ""
    said: str = ""
    errors: dict[str, str] = {}
    wanted: str = ""
    busy: bool = False
    # The provider to link, or the number of the identity to part from.
    _target: str | int = ""

    @rx.event
    async def load(self) -> None:
        """The settings were opened, perhaps by a third party that sends somebody back."""
        self._rest()
        told, is_good = result_sentence(self), query(self, "external") == Result.LINKED
        self.said = told if is_good else ""
        self.errors = {} if is_good or not told else {"link": told}
        self.choices = provider_views()
        self.identities = await read_as_member(self, linked_logins.identities)

    def _rest(self) -> None:
        self.leaving, self.said, self.errors, self.busy = "", "", {}, False
        self.wanted, self._target = "", ""

    @rx.event
    async def link(self, provider: str) -> None:
        """绑定: to go to a third party and link an account there."""
        if isinstance(provider, str) and provider in providers():
            await self._begin(provider, f"绑定 {label_of(provider)}")

    @rx.event
    async def unlink(self, identity_id: int) -> None:
        """解绑: to part from one of them."""
        known = next((one for one in self.identities if one.id == identity_id), None)
        if known is None:
            actor = await read_as_member(self, accounts.require)
            await self._refuse("identity_unlink", actor, linked_logins.IdentityNotFound())
        else:
            await self._begin(known.id, f"解绑 {known.provider}")

    async def _begin(self, target: str | int, wanted: str) -> None:
        """Ask for the password, or where there is none, do it at once."""
        self._rest()
        if await read_as_member(self, password_change.stored_hash):
            self.wanted, self._target = wanted, target
        else:
            await self._trying(target, "")

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """The password was given."""
        if not self.wanted:
            return
        self.errors, self.busy = {}, True
        yield
        await self._trying(self._target, text(form, "link_password"))

    @rx.event
    def leave(self) -> None:
        """取消."""
        self._rest()

    async def _trying(self, target: str | int, password: str) -> None:
        event = "identity_link" if isinstance(target, str) else "identity_unlink"
        actor = await read_as_member(self, accounts.require)
        try:
            await self._prove(actor, password)
            await self._do(target, actor)
        except LoginRequired:
            raise
        except DomainError as error:
            await self._refuse(event, actor, error)
        finally:
            self.busy = False

    async def _refuse(self, event: str, actor: Actor, error: DomainError) -> None:
        if not isinstance(error, password_change.WrongPassword | limits.TooManyRequests):
            # Another password would not help.
            self._rest()
            self.identities = await read_as_member(self, linked_logins.identities)
        self.errors = {error.field or ("link_password" if self.wanted else "link"): error.message}
        _note(self, event, "refused", actor, type(error).__name__)

    async def _prove(self, actor: Actor, password: str) -> None:
        await limits.spending(limits.CONFIRM, str(actor.user_id), address=client_address(self))
        stored = await read_as_member(self, proof.demand)
        await hashing(partial(password_change.check, stored, password, "link_password"))

    async def _do(self, target: str | int, actor: Actor) -> None:
        if isinstance(target, str):
            intent = await write_as_member(self, external_logins.intend_to_link, target)
            self._rest()
            self.leaving = routes.external_login(target, intent=intent)
            return
        parted = await write_as_member(self, linked_logins.unlink, target)
        outbox.put(parted.mail)
        _note(self, "identity_unlink", "success", actor, parted.provider)
        self._rest()
        self.said = "已解绑"
        self.identities = await read_as_member(self, linked_logins.identities)


def _note(state: rx.State, event: str, outcome: str, actor: Actor, reason: str) -> None:
    security_log.record(
        event,
        outcome,
        user_id=actor.user_id,
        session_id=actor.session_id,
        address=client_address(state),
        reason=reason,
    )
