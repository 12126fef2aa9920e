"""The card of the settings that changes the password."""

from typing import Any

import reflex as rx

from xianyu.adapters import security_log
from xianyu.adapters.mail import outbox
from xianyu.adapters.passwords import hashing
from xianyu.services import accounts, email_change, limits, password_change, proof
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.states.actor import client_address, read_as_member, write_as_member
from xianyu.states.delivery import announce
from xianyu.states.forms import text


class SettingsPasswordState(rx.State):
    """The form. ``is_first`` is whether there is no password yet, for those who came through a third party.

    ``round`` counts the changes: the fields of a form that is done with are made anew, empty.
    """

    is_first: bool = False
    errors: dict[str, str] = {}
    done: str = ""
    busy: bool = False
    round: int = 0

    @rx.event
    async def load(self) -> None:
        """The settings were opened."""
        self.errors, self.done, self.busy = {}, "", False
        self.is_first = not await read_as_member(self, password_change.stored_hash)

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """修改密码, or 设置密码 for the first time."""
        self.errors, self.done, self.busy = {}, "", True
        yield
        try:
            ended = await self._change([text(form, name) for name in ("old_password", "new_password", "confirmation")])
        except InvalidForm as error:
            self.errors = error.errors
        except LoginRequired:
            raise
        except DomainError as error:
            self.errors = {error.field or ("new_password" if self.is_first else "old_password"): error.message}
        else:
            self.round += 1
            self.is_first, self.done = False, f"密码已更新，其他设备已退出（{ended}）" if ended else "密码已更新"
        finally:
            self.busy = False

    async def _change(self, typed: list[str]) -> int:
        actor = await read_as_member(self, accounts.require)
        await limits.spending(limits.CONFIRM, str(actor.user_id), address=client_address(self))
        who = {"user_id": actor.user_id, "session_id": actor.session_id}
        stored = await read_as_member(self, proof.demand)
        owner = await read_as_member(self, email_change.present)
        try:
            new_hash = await hashing(
                lambda: password_change.check_change(stored, *typed, owner.username, owner.address)
            )
        except InvalidForm as error:
            if "old_password" in error.errors:
                security_log.record("password_change", "failure", address=client_address(self), **who)
            raise
        changed = await write_as_member(self, password_change.change, stored, new_hash)
        outbox.put(changed.mail)
        security_log.record("password_change", "success", address=client_address(self), **who)
        await announce(*changed.ended)
        return len(changed.ended)
