"""The settings' card of accounts at third parties."""

import reflex as rx

from xianyu import routes
from xianyu.adapters import security_log
from xianyu.adapters.providers import provider_views, providers
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import IdentityView, ProviderView, Result
from xianyu.services import accounts, external_logins, linked_logins
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.states.actor import client_address, query, read_as_member, write_as_member
from xianyu.states.external import result_sentence


class LinkedLoginsState(rx.State):
    """Which accounts at third parties open mine. ``leaving`` makes the page go to where one is linked."""

    identities: list[IdentityView] = []
    choices: list[ProviderView] = []
    leaving: str = ""
    said: str = ""
    problem: str = ""

    @rx.event
    async def load(self) -> None:
        """The settings were opened, perhaps by a third party that sends somebody back."""
        told, is_good = result_sentence(self), query(self, "external") == Result.LINKED
        self.leaving, self.said, self.problem = "", told if is_good else "", "" if is_good else told
        self.choices = provider_views()
        self.identities = await read_as_member(self, linked_logins.identities)

    @rx.event
    async def link(self, provider: str) -> None:
        """Go to a third party to link an account there."""
        if not isinstance(provider, str) or provider not in providers():
            return
        intent = await write_as_member(self, external_logins.intend_to_link, provider)
        self.leaving = routes.external_login(provider, intent=intent)

    @rx.event
    async def unlink(self, identity_id: int) -> None:
        """Part from one of them."""
        self.said, self.problem = "", ""
        actor = await read_as_member(self, accounts.require)
        try:
            provider = await write_as_member(self, linked_logins.unlink, identity_id)
        except LoginRequired:
            raise
        except DomainError as error:
            self.problem = error.message
            _note(self, actor, "refused", type(error).__name__)
        else:
            self.said = "已解绑"
            _note(self, actor, "success", provider)
        self.identities = await read_as_member(self, linked_logins.identities)


def _note(state: rx.State, actor: Actor, outcome: str, reason: str) -> None:
    security_log.record(
        "identity_unlink",
        outcome,
        user_id=actor.user_id,
        session_id=actor.session_id,
        address=client_address(state),
        reason=reason,
    )
