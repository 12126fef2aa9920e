"""People in the operators' console: the list, and one of them with roles and bans."""

from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

import reflex as rx
from sqlmodel import Session

from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, ModerationChanged, Reconnected
from xianyu.schemas.user_admin import UserDetail, UserLine, UserPage
from xianyu.services import accounts, bans, operators, user_admin
from xianyu.services.accounts import OperatorsOnly, PersonNotFound
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.second_step import SecondStepRequired
from xianyu.states.actor import read_as_member, route_id, write_as_member
from xianyu.states.console import show, tabs
from xianyu.states.delivery import OpenedState, Refresher, announce, plain, tab_state
from xianyu.states.notices import NoticeState

P = ParamSpec("P")

LIST = "console-users"
PERSON = "console-user"


class UsersState(OpenedState, rx.State):
    """Everybody, or those who are looked for."""

    lines: list[UserLine] = []
    has_more: bool = False
    which: str = "all"
    words: str = ""
    _last: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        try:
            await self._read()
        except (OperatorsOnly, SecondStepRequired):
            # The frame of the console says so.
            self.reset()
            return
        show(self, LIST)

    async def _read(self, after: int = 0) -> None:
        page = await read_as_member(self, user_admin.search, self.words, self.which, after)
        self._show(page, plain(self.lines) if after else [])

    def _show(self, page: UserPage, above: list[UserLine]) -> None:
        self.lines, self.has_more, self.loaded = [*above, *page.lines], page.has_more, True
        self._last = page.last_id or (above[-1].id if above else 0)

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self.has_more and self._last:
            await self._read(after=self._last)

    @rx.event
    async def choose(self, which: str) -> None:
        """Only some are to be shown, or all."""
        await read_as_member(self, accounts.require_operator)
        if isinstance(which, str) and which in user_admin.FILTERS:
            self.which = which
            await self._read()

    @rx.event
    async def look_for(self, words: str) -> None:
        """Somebody types whom they look for."""
        await read_as_member(self, accounts.require_operator)
        if isinstance(words, str):
            self.words = words[: user_admin.LONGEST_WORDS].encode(errors="ignore").decode()
            await self._read()


class UserState(OpenedState, rx.State):
    """One person as operators see them, and the form that bans them."""

    user: UserDetail = UserDetail()
    missing: str = ""
    # The dialog.
    is_open: bool = False
    number: int = 0
    errors: dict[str, str] = {}
    busy: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        user_id = route_id(self, "user_id")
        if user_id != self.user.line.id:
            self.reset()
        try:
            self._show(await read_as_member(self, user_admin.detail, user_id))
        except (OperatorsOnly, SecondStepRequired):
            # The frame of the console says so.
            self.reset()
            return
        except PersonNotFound as error:
            self.missing, self.loaded = error.message, True
        show(self, f"{PERSON}:{user_id}", PERSON)

    def _show(self, user: UserDetail) -> None:
        self.user, self.missing, self.loaded = user, "", True

    async def _do(
        self, change: Callable[Concatenate[Session, Actor, int, P], list[LiveEvent]], *args: P.args, **options: P.kwargs
    ) -> None:
        user_id = route_id(self, "user_id")
        events = await write_as_member(self, change, user_id, *args, **options)
        self._show(await read_as_member(self, user_admin.detail, user_id))
        await announce(*events)

    @rx.event
    async def appoint(self) -> rx.event.EventSpec:
        """设为管理员, after the dialog asked."""
        await self._do(operators.appoint)
        return NoticeState.show("已设为管理员")  # type: ignore[operator]  # Reflex makes an event of it on the class

    @rx.event
    async def dismiss(self) -> rx.event.EventSpec:
        """取消管理员, after the dialog asked."""
        await self._do(operators.dismiss)
        return NoticeState.show("已取消管理员身份")  # type: ignore[operator]  # as above

    @rx.event
    async def unban(self) -> rx.event.EventSpec:
        """解除停用, after the dialog asked."""
        await self._do(bans.unban)
        return NoticeState.show("已解除停用")  # type: ignore[operator]  # as above

    @rx.event
    async def ask(self) -> None:
        """停用: the dialog opens."""
        await read_as_member(self, accounts.require_operator)
        self.errors, self.busy, self.is_open, self.number = {}, False, True, self.number + 1

    @rx.event
    def close(self) -> None:
        """The dialog was closed, whichever way."""
        self.is_open, self.busy = False, False

    @rx.event
    async def ban(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """The dialog was sent."""
        self.errors, self.busy = {}, True
        yield
        try:
            await read_as_member(self, accounts.require_operator)
            await self._do(bans.ban, bans.check_ban(form if isinstance(form, dict) else {}))
        except InvalidForm as error:
            self.errors = error.errors
            return
        except LoginRequired:
            raise
        except DomainError as error:
            self.errors = {"form": error.message}
            return
        finally:
            self.busy = False
        self.is_open = False
        yield NoticeState.show("已停用，TA 的登录都已退出")  # type: ignore[operator]  # as above


async def _refresh(_key: int) -> None:
    """Show open lists and pages of people anew."""
    for topic, refresh in ((LIST, _refresh_list), (PERSON, _refresh_person)):
        for tab in await tabs(topic):
            actor = await get_database().reading(accounts.actor_of_session, tab.session_id)
            if actor is not None:
                await refresh(tab, actor)


async def _refresh_list(tab: Tab, actor: Actor) -> None:
    async with tab_state(tab, UsersState) as page:
        limit = max(len(page.lines), user_admin.PAGE_SIZE)
        found = await get_database().reading(user_admin.search, actor, page.words, page.which, 0, limit)
        page._show(found, [])  # noqa: SLF001 - the same module


async def _refresh_person(tab: Tab, actor: Actor) -> None:
    [user_id] = [int(topic.partition(":")[2]) for topic in tab.topics if topic.startswith(f"{PERSON}:")]
    try:
        found = await get_database().reading(user_admin.detail, actor, user_id)
    except PersonNotFound:
        return
    async with tab_state(tab, UserState) as page:
        page._show(found)  # noqa: SLF001 - the same module


_people = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Keep open lists and pages of people right."""
    if isinstance(event, ModerationChanged | Reconnected):
        _people.request(0)
