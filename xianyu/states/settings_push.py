"""The switch of the settings that has this browser told of messages while no page is open."""

import reflex as rx

from xianyu.services import limits, push
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.settings import get_settings
from xianyu.states.actor import client_address, member_id, read_as_member, write_as_member


class SettingsPushState(rx.State):
    """``key`` is what the browser subscribes with, empty where the operator has set up no push.

    ``endpoint`` is where this login's browser is told, empty where it is not.
    """

    key: str = ""
    endpoint: str = ""
    loaded: bool = False
    error: str = ""

    @rx.event
    async def load(self) -> None:
        """The settings were opened."""
        self.error = ""
        await self._show()

    async def _show(self) -> None:
        self.endpoint = await read_as_member(self, push.present)
        self.key, self.loaded = get_settings().push_public_key, True

    @rx.event
    async def subscribe(self, endpoint: str, p256dh: str, auth: str) -> None:
        """The browser has subscribed at its push service."""
        self.error = ""
        try:
            keys = push.check(endpoint, p256dh, auth)
            await self._spend()
            await write_as_member(self, push.subscribe, keys)
        except LoginRequired:
            raise
        except DomainError as error:
            self.error = error.message
        await self._show()

    @rx.event
    async def unsubscribe(self) -> None:
        """The switch was turned off, or the browser has given up its subscription."""
        self.error = ""
        await self._spend()
        await write_as_member(self, push.unsubscribe)
        await self._show()

    async def _spend(self) -> None:
        await limits.spending(limits.PUSH, str(await member_id(self)), address=client_address(self))
