"""The page of the searches that one keeps."""

from contextlib import suppress
from typing import Any

import reflex as rx

from xianyu.schemas.search import SavedSearchView
from xianyu.services import saved_searches
from xianyu.states.actor import read_as_member, write_as_member
from xianyu.states.forms import text


class SavedSearchesState(rx.State):
    """My saved searches. ``editing`` is the one whose name is being changed, or 0."""

    searches: list[SavedSearchView] = []
    loaded: bool = False
    editing: int = 0
    errors: dict[str, str] = {}

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        self.searches = await read_as_member(self, saved_searches.mine)
        self.loaded = True

    @rx.event
    def edit(self, search_id: int) -> None:
        """改名 or 取消 was pressed; 0 ends it."""
        self.editing = search_id if any(search_id == each.id for each in self.searches) else 0
        self.errors = {}

    @rx.event
    async def rename(self, form: dict[str, Any]) -> None:
        """The new name was sent."""
        try:
            await write_as_member(self, saved_searches.rename, self.editing, text(form, "name"))
        except saved_searches.SearchNotSaved as error:
            self.errors = {error.field: error.message}
            return
        self.editing, self.errors = 0, {}
        self.searches = await read_as_member(self, saved_searches.mine)

    @rx.event
    async def delete(self, search_id: int) -> None:
        """取消订阅 was pressed."""
        # Another tab may have been faster: then what is wanted is so.
        with suppress(saved_searches.SavedSearchNotFound):
            await write_as_member(self, saved_searches.delete, search_id)
        self.searches = await read_as_member(self, saved_searches.mine)
