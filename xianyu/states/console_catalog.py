"""The operators' page of sections and categories, kept up to date while it is open."""

from contextlib import suppress
from typing import Any

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.schemas.events import CatalogChanged, LiveEvent, Reconnected
from xianyu.schemas.listings import CatalogRow, CatalogRows
from xianyu.services import catalog
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.categories import CATEGORY
from xianyu.services.errors import InvalidForm
from xianyu.services.second_step import SecondStepRequired
from xianyu.states import console, forms
from xianyu.states.actor import read_as_member, write_as_member
from xianyu.states.delivery import OpenedState, Refresher, announce, plain, tab_state

TOPIC = "console-catalog"


class ConsoleCatalogState(OpenedState, rx.State):
    """Everything that can be changed, and the one thing whose name is being typed.

    ``editing`` names that thing as ``"category phones"``, or the group that gets a new one as ``"add phones"``.
    ``heading`` says so to people, and ``name`` is what it is called now.
    """

    sections: list[CatalogRow] = []
    categories: list[CatalogRow] = []
    editing: str = ""
    heading: str = ""
    name: str = ""
    errors: dict[str, str] = {}
    busy: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        console.show(self, TOPIC)
        # The frame says why there is nothing to see.
        with suppress(OperatorsOnly, SecondStepRequired):
            self._show(await read_as_member(self, catalog.listed))

    def _show(self, rows: CatalogRows) -> None:
        self.sections, self.categories, self.loaded = rows.sections, rows.categories, True

    @rx.event
    def edit(self, key: str) -> None:
        """改名 or 添加分类: a field for the name appears, if there is such a thing."""
        kind, _, slug = key.partition(" ") if isinstance(key, str) else ("", "", "")
        rows = [*plain(self.sections), *plain(self.categories)]
        wanted = CATEGORY if kind == "add" else kind
        found = next((row for row in rows if (row.kind, row.slug) == (wanted, slug)), None)
        self.errors = {}
        self.editing = f"{kind} {slug}" if found is not None else ""
        self.name = "" if found is None or kind == "add" else found.name
        self.heading = (
            "" if found is None else f"在“{found.name}”里添加分类" if kind == "add" else f"“{found.name}”改名"
        )

    @rx.event
    def note_open(self, is_open: bool) -> None:
        """The field was put away."""
        if is_open is not True:
            self.editing = ""

    @rx.event
    async def save(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """保存 or 添加."""
        self.errors, self.busy = {}, True
        yield
        try:
            await announce(await self._save(form if isinstance(form, dict) else {}))
            self.editing = ""
        except InvalidForm as error:
            self.errors = error.errors
        finally:
            self.busy = False

    async def _save(self, form: dict[str, Any]) -> CatalogChanged:
        kind, _, slug = forms.text(form, "key").partition(" ")
        name = forms.text(form, "name")
        if kind == "add":
            return await write_as_member(self, catalog.add, slug, name)
        return await write_as_member(self, catalog.rename, kind, slug, name)

    @rx.event
    async def set_hidden(self, kind: str, slug: str, hidden: bool) -> None:
        """隐藏 or 显示."""
        await announce(await write_as_member(self, catalog.set_hidden, kind, slug, hidden=hidden is True))

    @rx.event
    async def move(self, kind: str, slug: str, up: bool) -> None:
        """上移 or 下移."""
        event = await write_as_member(self, catalog.move, kind, slug, up=up is True)
        if event is not None:
            await announce(event)

    @rx.event
    async def remove(self, slug: str) -> None:
        """删除, after the dialog asked."""
        await announce(await write_as_member(self, catalog.remove, slug))


async def _refresh(_key: int) -> None:
    tabs = await console.tabs(TOPIC)
    if not tabs:
        return
    rows = await get_database().reading(catalog.rows)
    for tab in tabs:
        async with tab_state(tab, ConsoleCatalogState) as page:
            page._show(rows)  # noqa: SLF001 - the same module


pages = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Keep every open page of the catalog right."""
    if isinstance(event, CatalogChanged | Reconnected):
        pages.request(0)
