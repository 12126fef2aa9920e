"""The page of what operators did."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import Choice, LogEntry, LogFilter, LogPage
from xianyu.services import operator_log_pages
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.second_step import SecondStepRequired
from xianyu.states.actor import query, read_as_member
from xianyu.states.delivery import plain
from xianyu.states.forms import text

_FIELDS = ("operator", "action", "words", "since", "until")


class ConsoleLogState(rx.State):
    """What operators did, narrowed as the address says.

    ``number`` counts up when the fields are to show something else than was typed into them.
    """

    operator: str = ""
    action: str = ""
    words: str = ""
    since: str = ""
    until: str = ""
    number: int = 0
    operators: list[Choice] = []
    entries: list[LogEntry] = []
    has_more: bool = False
    loaded: bool = False
    csv_url: str = routes.admin_log_csv()
    _after: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, its address changed, or its socket came back."""
        wanted = operator_log_pages.check_filter({name: query(self, name) for name in _FIELDS})
        try:
            page, operators = await read_as_member(self, _present, wanted)
        except (OperatorsOnly, SecondStepRequired):
            # The console's frame says so.
            self.reset()
            return
        if wanted != self._wanted:
            self._adopt(wanted)
            self.number += 1
        self.entries, self.operators, self._after = page.entries, operators, page.after
        self.has_more, self.loaded = page.after > 0, True

    @property
    def _wanted(self) -> LogFilter:
        return LogFilter(self.operator, self.action, self.words, self.since, self.until)

    def _adopt(self, wanted: LogFilter) -> None:
        self.operator, self.action, self.words = wanted.operator, wanted.action, wanted.words
        self.since, self.until = wanted.since, wanted.until
        self.csv_url = routes.admin_log_csv(_address(wanted))
        self.entries, self.loaded = [], False

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._after:
            page = await read_as_member(self, operator_log_pages.page, self._wanted, self._after)
            self.entries, self._after = [*plain(self.entries), *page.entries], page.after
            self.has_more = page.after > 0

    @rx.event
    def look_for(self, form: dict[str, Any]) -> rx.event.EventSpec:
        """查找 was pressed. What is typed stays in its fields, as it is understood."""
        typed = {name: text(form, name) for name in _FIELDS}
        wanted = operator_log_pages.check_filter(typed)
        if _address(wanted) != typed:
            self.number += 1
        self._adopt(wanted)
        return rx.redirect(routes.admin_log(_address(wanted)))


def _address(wanted: LogFilter) -> dict[str, str]:
    return {name: getattr(wanted, name) for name in _FIELDS}


def _present(session: Session, actor: Actor, wanted: LogFilter) -> tuple[LogPage, list[Choice]]:
    return operator_log_pages.page(session, actor, wanted), operator_log_pages.operators(session, actor)
