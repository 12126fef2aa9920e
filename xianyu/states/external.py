"""Logging in through a third party: the choices, the result, and what is still wanted of a newcomer."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters import security_log
from xianyu.adapters.cookies import read_external_cookie
from xianyu.adapters.database import get_database
from xianyu.adapters.mail import outbox
from xianyu.adapters.providers import provider_views
from xianyu.schemas.external_logins import Outcome, PendingView, ProviderLink, Result, Step
from xianyu.services import ban_terms, external_logins, limits, linked_logins
from xianyu.services.ban_terms import Banned
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.states.actor import client_address, query
from xianyu.states.forms import text
from xianyu.states.password_login import whose_password

_SENTENCES = {
    Result.LINKED: "已绑定，以后可以用它登录",
    Result.LAPSED: "登录已失效或已经用过，请重新开始",
    Result.DENIED: "你取消了登录",
    Result.DOWN: "对方的登录服务暂时无法访问，请稍后再试，或换一种方式登录",
    Result.REFUSED: "无法确认你的身份，请重新登录",
    Result.TAKEN: "这个账号已绑定到其他用户，请先在那边解绑",
    Result.CLOSED: "这个账号已注销",
    Result.BUSY: "操作太频繁，请稍后再试",
    Result.UNKNOWN: "没有这种登录方式",
}


def result_sentence(state: rx.State) -> str:
    """What the page's address says of a login at a third party, as a sentence; nothing but the known ones."""
    result, wait = query(state, "external"), query(state, "wait")
    if result == Result.BUSY and wait.isascii() and wait.isdigit() and len(wait) < len("1000000"):
        return limits.TooManyRequests(int(wait)).message
    return _SENTENCES[Result(result)] if result in set(Result) else ""


class ExternalEntranceState(rx.State):
    """The ways in beside a password, on the pages to log in and to register."""

    choices: list[ProviderLink] = []
    problem: str = ""

    @rx.event
    async def load(self) -> None:
        """The page was opened: where each way leads, and how the last one ended."""
        target = routes.safe_next(query(self, "next"))
        self.choices = [ProviderLink(one.label, routes.external_login(one.name, target)) for one in provider_views()]
        self.problem = result_sentence(self)
        if carried := query(self, "banned"):
            self.problem = await get_database().reading(ban_terms.told, carried)


def _secret(state: rx.State) -> str:
    """The secret of the login that waits, in a cookie that no script can read."""
    return read_external_cookie(state.router.headers.cookie)


class PendingLoginState(rx.State):
    """A login that a third party has proven, while its person chooses a name or gives a password or a code.

    ``ticket`` is set once nothing more is wanted and makes the page leave.
    """

    view: PendingView = PendingView()
    suggestion: str = ""
    loaded: bool = False
    lapsed: str = ""
    errors: dict[str, str] = {}
    ticket: str = ""
    next_path: str = routes.HOME
    busy: bool = False

    @rx.event
    async def load(self) -> None:
        """One of the pages was opened."""
        self.errors, self.ticket, self.busy, self.lapsed = {}, "", False, ""
        try:
            self.view = await get_database().reading(external_logins.pending, _secret(self))
            self.suggestion = await get_database().reading(external_logins.suggest_username, _secret(self))
        except external_logins.LoginLapsed as error:
            self.view, self.lapsed = PendingView(), error.message
        self.next_path = self.view.next_path
        self.loaded = True

    @rx.event
    async def choose_name(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Make an account for somebody who is new here."""
        self.errors, self.busy = {}, True
        yield
        try:
            await limits.spending(limits.REGISTER, client_address(self))
            username, address = text(form, "username"), text(form, "email")
            made = await get_database().writing(external_logins.create_account, _secret(self), username, address)
            await self._leave(made, "register")
        except DomainError as error:
            self._refuse(error)
        finally:
            self.busy = False

    @rx.event
    async def give_password(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """Tie the identity to the account that has its address, against that account's password."""
        password = text(form, "password")
        self.errors = {} if password else {"password": "请输入密码"}
        if self.errors:
            return
        self.busy = True
        yield
        try:
            waiting = await get_database().reading(external_logins.pending, _secret(self))
            user_id = await whose_password(self, waiting.owner, password)
            linked = await get_database().writing(external_logins.link_by_password, _secret(self), user_id)
            if linked.step is Step.SECOND_STEP:
                yield rx.redirect(routes.LOGIN_CODE)
            else:
                await self._leave(linked, "identity_link")
        except DomainError as error:
            self._refuse(error)
        finally:
            self.busy = False

    @rx.event
    async def give_code(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """The second step of an account that has one."""
        self.errors, self.busy = {}, True
        yield
        try:
            user_id = await get_database().reading(external_logins.account_of_code, _secret(self))
            # Whoever is here has taken the first step, so no stranger can use this up for somebody else.
            await limits.spending(limits.SECOND_STEP, str(user_id), address=client_address(self))
            done = await get_database().writing(external_logins.give_code, _secret(self), text(form, "code"))
            await limits.forgiving(limits.SECOND_STEP, str(user_id))
            await self._leave(done, "second_step")
        except DomainError as error:
            self._refuse(error, "code")
        finally:
            self.busy = False

    async def _leave(self, outcome: Outcome, event: str) -> None:
        self.ticket, self.next_path = outcome.ticket, routes.safe_next(outcome.next_path)
        address = client_address(self)
        security_log.record(event, "success", user_id=outcome.user_id, address=address, by="external")
        if outcome.linked:
            outbox.put(await get_database().reading(linked_logins.mail_about_link, outcome.user_id, outcome.linked))

    def _refuse(self, error: DomainError, field: str = "") -> None:
        if isinstance(error, InvalidForm):
            self.errors = error.errors
        elif isinstance(error, external_logins.LoginLapsed | Banned):
            self.lapsed = error.message
        else:
            self.errors = {field or error.field or "form": error.message}
        security_log.record("external_login", "failure", address=client_address(self), reason=type(error).__name__)
