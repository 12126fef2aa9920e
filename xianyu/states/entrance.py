"""Registering and logging in."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters import security_log
from xianyu.adapters.database import get_database
from xianyu.adapters.passwords import hashing
from xianyu.services import accounts, limits, logins
from xianyu.services.ban_terms import Banned
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.logins import HalfLogin, HalfLoginOver
from xianyu.services.second_step import WrongCode
from xianyu.states.actor import client_address, query
from xianyu.states.forms import text
from xianyu.states.password_login import doorkeeper, whose_password


def _next(state: rx.State) -> str:
    return routes.safe_next(query(state, "next"))


async def _new_ticket(user_id: int) -> str:
    return await get_database().writing(accounts.issue_ticket, user_id, logins.PASSWORD)


class LoginState(rx.State):
    """The login form. ``ticket`` is set once the password was right and makes the page leave.

    Accounts with a second step are asked for a code in between: ``needs_code``. The half-done login
    stays on the server.
    """

    errors: dict[str, str] = {}
    needs_code: bool = False
    _half: HalfLogin | None = None
    ticket: str = ""
    next_path: str = routes.HOME
    other_form: str = routes.REGISTER
    busy: bool = False

    @rx.event
    def load(self) -> None:
        """Start afresh, and remember where the visitor came from."""
        self.errors, self.ticket, self.busy = {}, "", False
        self._half, self.needs_code = None, False
        self.next_path = _next(self)
        self.other_form = routes.register(self.next_path)

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Check the name and the password."""
        login, password = text(form, "login"), text(form, "password")
        self.errors = _missing({"login": (login, "请输入用户名或邮箱"), "password": (password, "请输入密码")})
        if self.errors:
            return
        await doorkeeper.wait()
        self.busy = True
        yield
        try:
            user_id = await whose_password(self, login, password)
            self.ticket = await get_database().writing(logins.after_first_step, user_id, logins.PASSWORD)
            if not self.ticket:
                self._half = await get_database().reading(logins.half_login, user_id)
                self.needs_code = True
        except Banned as error:
            self._turn_away(error)
        except DomainError as error:
            self.errors = {error.field: error.message}
        finally:
            self.busy = False

    @rx.event
    async def submit_code(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Check the second step's code, after the password was right."""
        self.errors = _missing({"code": (text(form, "code"), "请输入验证码")})
        if self.errors or self._half is None:
            return
        self.busy = True
        yield
        try:
            self.ticket = await self._finish(self._half, text(form, "code"))
        except HalfLoginOver as error:
            self._half, self.needs_code = None, False
            self.errors = {error.field: error.message}
        except Banned as error:
            self._turn_away(error)
        except DomainError as error:
            self.errors = {error.field: error.message}
        finally:
            self.busy = False

    def _turn_away(self, ban: Banned) -> None:
        self._half, self.needs_code = None, False
        self.errors = {ban.field: ban.message}
        security_log.record("login", "refused", user_id=ban.user_id, address=client_address(self), reason="banned")

    async def _finish(self, half: HalfLogin, code: str) -> str:
        self._half = logins.next_attempt(half)
        await limits.spending(limits.SECOND_STEP, str(half.user_id), address=client_address(self))
        try:
            ticket = await get_database().writing(logins.after_second_step, half, code)
        except WrongCode:
            address = client_address(self)
            security_log.record("login", "failure", user_id=half.user_id, address=address, reason="second_step")
            raise
        await limits.forgiving(limits.SECOND_STEP, str(half.user_id))
        self._half, self.needs_code = None, False
        return ticket

    @rx.event
    def start_over(self) -> None:
        """换个账号登录."""
        self._half, self.needs_code, self.errors = None, False, {}


class RegisterState(rx.State):
    """The registration form. Who registers is logged in at once."""

    errors: dict[str, str] = {}
    ticket: str = ""
    next_path: str = routes.HOME
    other_form: str = routes.LOGIN
    busy: bool = False

    @rx.event
    def load(self) -> None:
        """Start afresh, and remember where the visitor came from."""
        self.errors, self.ticket, self.busy = {}, "", False
        self.next_path = _next(self)
        self.other_form = routes.login(self.next_path)

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Check the form, make the account, and log in."""
        self.errors, self.busy = {}, True
        yield
        fields = [text(form, name) for name in ("username", "email", "password", "confirmation")]
        try:
            await limits.spending(limits.REGISTER, client_address(self))
            registration = await hashing(lambda: accounts.check_registration(*fields))
            user_id = await get_database().writing(accounts.register, registration)
            security_log.record("registration", "success", user_id=user_id, address=client_address(self))
            self.ticket = await _new_ticket(user_id)
        except InvalidForm as error:
            self.errors = error.errors
        except limits.TooManyRequests as error:
            self.errors = {error.field: error.message}
        finally:
            self.busy = False


def _missing(fields: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: message for name, (value, message) in fields.items() if not value.strip()}
