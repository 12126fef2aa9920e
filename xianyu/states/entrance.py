"""Registering and logging in."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters.database import get_database, in_thread
from xianyu.services import accounts
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.states.actor import query


def _text(form: dict[str, Any], name: str) -> str:
    """A field of a form that any client may have made up."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _next(state: rx.State) -> str:
    return routes.safe_next(query(state, "next"))


async def _new_ticket(user_id: int) -> str:
    return await get_database().writing(accounts.issue_ticket, user_id)


class LoginState(rx.State):
    """The login form. ``ticket`` is set once the password was right and makes the page leave."""

    errors: dict[str, str] = {}
    ticket: str = ""
    next_path: str = routes.HOME
    other_form: str = routes.REGISTER
    busy: bool = False

    @rx.event
    def load(self) -> None:
        """Start afresh, and remember where the visitor came from."""
        self.errors, self.ticket, self.busy = {}, "", False
        self.next_path = _next(self)
        self.other_form = routes.register(self.next_path)

    @rx.event
    async def submit(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Check the name and the password."""
        login, password = _text(form, "login"), _text(form, "password")
        self.errors = _missing({"login": (login, "请输入用户名或邮箱"), "password": (password, "请输入密码")})
        if self.errors:
            return
        self.busy = True
        yield
        try:
            credentials = await get_database().reading(accounts.find_credentials, login)
            user_id = await in_thread(lambda: accounts.check_password(credentials, password))
            self.ticket = await _new_ticket(user_id)
        except DomainError as error:
            self.errors = {error.field: error.message}
        finally:
            self.busy = False


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
        fields = [_text(form, name) for name in ("username", "email", "password", "confirmation")]
        try:
            registration = await in_thread(lambda: accounts.check_registration(*fields))
            self.ticket = await _new_ticket(await get_database().writing(accounts.register, registration))
        except InvalidForm as error:
            self.errors = error.errors
        finally:
            self.busy = False


def _missing(fields: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {name: message for name, (value, message) in fields.items() if not value.strip()}
