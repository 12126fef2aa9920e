"""The page of the sensitive words: looking through, adding, changing, removing, trying out."""

from typing import Any

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab
from xianyu.models import WordAction
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, ModerationChanged, Reconnected
from xianyu.schemas.moderation import TryOut, WordPage, WordView
from xianyu.services import accounts, sensitive_words
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.errors import InvalidForm
from xianyu.services.second_step import SecondStepRequired
from xianyu.services.text import clean_line, has_control_characters
from xianyu.states import console
from xianyu.states.actor import query, read_as_member, write_as_member
from xianyu.states.delivery import Refresher, announce, plain, tab_state
from xianyu.states.forms import text

TOPIC = "console:words"


class ConsoleWordsState(rx.State):
    """The list, narrowed as the address says, and the two forms above it.

    ``number`` counts up when the fields of the search are to show something else than was typed into
    them, ``added`` when the form that adds is empty again.
    """

    sought: str = ""
    action: str = ""
    number: int = 0
    words: list[WordView] = []
    total: int = 0
    has_more: bool = False
    loaded: bool = False
    errors: dict[str, str] = {}
    added: int = 0
    # What became of the last press.
    report: str = ""
    trial: TryOut = TryOut()
    _after: int = 0

    @rx.event
    async def load(self) -> None:
        """The page was opened, its address changed, or its socket came back."""
        sought, action = _narrowed(query(self, "words"), query(self, "action"))
        try:
            page = await read_as_member(self, sensitive_words.page, sought, action)
        except (OperatorsOnly, SecondStepRequired):
            # The console's frame says so.
            self.reset()
            return
        console.show(self, TOPIC)
        if (sought, action) != (self.sought, self.action):
            self.sought, self.action, self.number = sought, action, self.number + 1
        self._show(page)

    def _show(self, page: WordPage) -> None:
        self.words, self.total, self._after = page.words, page.total, page.after
        self.has_more, self.loaded = page.after > 0, True

    @rx.event
    async def load_more(self) -> None:
        """The end of the list came near."""
        if self._after:
            page = await read_as_member(self, sensitive_words.page, self.sought, self.action, self._after)
            self._show(WordPage([*plain(self.words), *page.words], page.total, page.after))

    @rx.event
    def look_for(self, form: dict[str, Any]) -> rx.event.EventSpec:
        """查找 was pressed."""
        sought, action = _narrowed(text(form, "words"), text(form, "action"))
        return rx.redirect(routes.admin_words({"words": sought, "action": action}))

    @rx.event
    async def add(self, form: dict[str, Any]) -> None:
        """添加: one word a line."""
        self.errors, self.report = {}, ""
        try:
            words, action = sensitive_words.check(form.get("words"), form.get("action"))
            count, events = await write_as_member(self, sensitive_words.add, words, action)
        except InvalidForm as error:
            self.errors = error.errors
            return
        known = len(words) - count
        self.report = f"已添加 {count} 个" + (f"，{known} 个本来就在列表里" if known else "")
        self.added += 1
        await self._after_change(events)

    @rx.event
    async def set_action(self, word_id: int, action: str) -> None:
        """Another way to deal with a word was chosen."""
        await self._after_change(await write_as_member(self, sensitive_words.set_action, word_id, action))

    @rx.event
    async def remove(self, word_id: int) -> None:
        """删除, after the dialog asked."""
        await self._after_change(await write_as_member(self, sensitive_words.remove, word_id))

    async def _after_change(self, events: list[ModerationChanged]) -> None:
        await announce(*events)
        limit = max(len(self.words), sensitive_words.PAGE_SIZE)
        self._show(await read_as_member(self, sensitive_words.page, self.sought, self.action, 0, limit))

    @rx.event
    async def try_out(self, form: dict[str, Any]) -> None:
        """试一试."""
        self.trial = await read_as_member(self, sensitive_words.try_out, text(form, "text"))


def _narrowed(words: str, action: str) -> tuple[str, str]:
    sought = "" if has_control_characters(words) else clean_line(words[: 10 * sensitive_words.LONGEST_SEARCH])
    return sought[: sensitive_words.LONGEST_SEARCH], action if action in set(WordAction) else ""


async def _refresh(_key: int) -> None:
    for tab in await console.tabs(TOPIC):
        async with tab_state(tab, ConsoleWordsState) as page:
            limit = max(len(page.words), sensitive_words.PAGE_SIZE)
            found = await get_database().reading(_present, tab, page.sought, page.action, limit)
            page._show(found)  # noqa: SLF001 - the same module


def _present(session: Session, tab: Tab, sought: str, action: str, limit: int) -> WordPage:
    actor: Actor | None = accounts.actor_of_session(session, tab.session_id)
    return sensitive_words.page(session, accounts.require_operator(session, actor), sought, action, 0, limit)


pages = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Show what other operators did to the list."""
    if isinstance(event, ModerationChanged | Reconnected):
        pages.request(0)
