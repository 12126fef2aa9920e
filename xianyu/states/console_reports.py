"""The operators' queue of reports, and deciding about one."""

from typing import Any

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.schemas.events import LiveEvent, ModerationChanged, Reconnected
from xianyu.schemas.reports import ContextLine, ReportLine, ReportPage, Wanted
from xianyu.services import accounts, bans, report_decisions, report_queue
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.ids import is_id
from xianyu.services.second_step import SecondStepRequired
from xianyu.states.actor import LONGEST_ID, query, read_as_member, write_as_member
from xianyu.states.console import show, tabs
from xianyu.states.delivery import OpenedState, Refresher, announce, plain, tab_state
from xianyu.states.notices import NoticeState

TOPIC = "console-reports"
OPEN, DECIDED = "open", "decided"
OLDEST, NEWEST = "oldest", "newest"


class ReportsState(OpenedState, rx.State):
    """The reports that are shown, and the dialog that decides about one of them.

    ``about`` is the person whom all of them are about, or 0. ``context`` are the messages around the one
    with the number ``context_of``.
    """

    lines: list[ReportLine] = []
    has_more: bool = False
    which: str = OPEN
    order: str = OLDEST
    about: int = 0
    context_of: int = 0
    context: list[ContextLine] = []
    # The dialog.
    deciding: int = 0
    removal: str = ""
    can_ban: bool = False
    is_open: bool = False
    number: int = 0
    outcome: str = ""
    term: str = ""
    errors: dict[str, str] = {}
    busy: bool = False
    _last: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        about = query(self, "about")
        self.about = int(about) if about.isascii() and about.isdigit() and len(about) < LONGEST_ID else 0
        try:
            await self._read()
        except (OperatorsOnly, SecondStepRequired):
            # The frame of the console says so.
            self.reset()
            return
        show(self, TOPIC)

    async def _read(self, after: int = 0) -> None:
        page = await read_as_member(self, report_queue.page, self._wanted(), after)
        self._show(page, plain(self.lines) if after else [])

    def _wanted(self) -> Wanted:
        return Wanted(self.which == DECIDED, self.order == NEWEST, self.about)

    def _show(self, page: ReportPage, above: list[ReportLine]) -> None:
        self.lines, self.has_more, self.loaded = [*above, *page.lines], page.has_more, True
        self._last = page.last_id or (above[-1].id if above else 0)

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self.has_more and self._last:
            await self._read(after=self._last)

    @rx.event
    async def choose(self, which: str) -> None:
        """待处理 or 已处理."""
        if which in {OPEN, DECIDED}:
            self.which, self.order = which, OLDEST if which == OPEN else NEWEST
            await self._read()

    @rx.event
    async def sort(self, order: str) -> None:
        """The newest or the oldest first."""
        if order in {OLDEST, NEWEST}:
            self.order = order
            await self._read()

    @rx.event
    async def show_context(self, report_id: int) -> None:
        """What was said around a message. That it was read is written down."""
        self.context = await write_as_member(self, report_queue.context, report_id)
        self.context_of = report_id if is_id(report_id) else 0

    @rx.event
    async def ask(self, report_id: int) -> None:
        """处理: the dialog opens."""
        await read_as_member(self, accounts.require_operator)
        found = [line for line in plain(self.lines) if line.id == report_id]
        self.errors, self.busy, self.outcome, self.term = {}, False, "", ""
        if found:
            self.deciding, self.removal, self.can_ban = report_id, found[0].removal, found[0].can_ban
            self.is_open, self.number = True, self.number + 1

    @rx.event
    def close(self) -> None:
        """The dialog was closed, whichever way."""
        self.is_open, self.busy = False, False

    @rx.event
    def set_outcome(self, outcome: str) -> None:
        """成立 or 驳回 was chosen: the one has more to fill in."""
        if outcome in report_decisions.OUTCOMES:
            self.outcome = outcome

    @rx.event
    def set_term(self, term: str) -> None:
        """Somebody is to be banned, or nobody: a ban wants a reason."""
        if term in {"", *map(str, bans.TERMS)}:
            self.term = term

    @rx.event
    async def decide(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """The dialog was sent."""
        self.errors, self.busy = {}, True
        yield
        try:
            events = await self._decide(form if isinstance(form, dict) else {})
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
        await announce(*events)
        yield NoticeState.show("已处理，结果已告诉举报人")  # type: ignore[operator]  # Reflex makes an event of it on the class

    async def _decide(self, form: dict[str, Any]) -> list[LiveEvent]:
        await read_as_member(self, accounts.require_operator)
        decision = report_decisions.check_decision(form)
        return await write_as_member(self, report_decisions.decide, self.deciding, decision)


async def _refresh(_key: int) -> None:
    """Show each open queue anew, as long as it is shown."""
    for tab in await tabs(TOPIC):
        actor = await get_database().reading(accounts.actor_of_session, tab.session_id)
        if actor is None:
            continue
        async with tab_state(tab, ReportsState) as queue:
            limit = max(len(queue.lines), report_queue.PAGE_SIZE)
            wanted = queue._wanted()  # noqa: SLF001 - the same module, here and below
            queue._show(await get_database().reading(report_queue.page, actor, wanted, 0, limit), [])  # noqa: SLF001


_queue = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Keep open queues right."""
    if isinstance(event, ModerationChanged | Reconnected):
        _queue.request(0)
