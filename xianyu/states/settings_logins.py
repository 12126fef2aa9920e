"""The card of the settings that lists one's logins."""

import reflex as rx

from xianyu.adapters import security_log
from xianyu.schemas.accounts import LoginView
from xianyu.schemas.events import SessionEnded
from xianyu.services import sessions
from xianyu.states.actor import client_address, read_as_member, write_as_member
from xianyu.states.delivery import announce


class SettingsLoginsState(rx.State):
    """Every browser that is logged in to my account, this one first."""

    logins: list[LoginView] = []
    loaded: bool = False
    done: str = ""

    @rx.event
    async def load(self) -> None:
        """The settings were opened."""
        self.done = ""
        await self._show()

    async def _show(self) -> None:
        self.logins = await read_as_member(self, sessions.logins)
        self.loaded = True

    @rx.event
    async def end(self, login_id: int) -> None:
        """退出 beside one login; its tabs let go at once."""
        ended = await write_as_member(self, sessions.end, login_id)
        await self._tell([ended], "已退出那台设备")

    @rx.event
    async def end_others(self) -> None:
        """退出其他所有设备."""
        ended = await write_as_member(self, sessions.end_others)
        await self._tell(ended, f"已退出 {len(ended)} 台设备")

    async def _tell(self, ended: list[SessionEnded], message: str) -> None:
        for one in ended:
            security_log.record(
                "session_revoked",
                "success",
                user_id=one.user_id,
                session_id=one.session_id,
                address=client_address(self),
            )
        await announce(*ended)
        # Whoever put out the very browser that they sit at is on their way to the login page.
        self.logins = [login for login in self.logins if login.id not in {one.session_id for one in ended}]
        self.done = message
