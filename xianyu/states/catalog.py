"""The sections and categories that every page offers, which follow what operators change."""

import reflex as rx

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.events import CatalogChanged, LiveEvent, Reconnected
from xianyu.schemas.listings import Category, CategoryGroup, CategoryName
from xianyu.schemas.sections import SectionName
from xianyu.services import categories
from xianyu.states.delivery import tab_state

# The topics of pages that follow at once. A form follows when it is opened: a choice must not vanish from it.
_AT_ONCE = ("home", "search")


def _group(group: Category) -> CategoryGroup:
    rest = group.name if group.name.startswith("其他") else f"其他{group.name}"
    children = [CategoryName(child.slug, child.name) for child in group.children]
    return CategoryGroup(group.slug, group.name, group.icon, rest, children)


def _groups() -> list[CategoryGroup]:
    return [_group(group) for group in categories.categories()]


class CatalogState(rx.State):
    """What can be chosen. Pages are built with what the data file says, and so need not wait to show it."""

    sections: list[SectionName] = categories.sections()
    groups: list[CategoryGroup] = _groups()
    has_activities: bool = True

    def _follow(self) -> None:
        """Show what this worker keeps; what is as it was is not sent."""
        sections, groups = categories.sections(), _groups()
        if self.sections != sections:
            self.sections = sections
            self.has_activities = not categories.is_hidden_section("activity")
        if self.groups != groups:
            self.groups = groups


async def on_event(event: LiveEvent) -> None:
    """Keep what the table says now, on every worker, and show it. Comes before all who ask for a category."""
    if not isinstance(event, CatalogChanged | Reconnected):
        return
    await load()
    tabs = {tab.token: tab for topic in _AT_ONCE for tab in bus.tabs(topic=topic)}
    for tab in tabs.values():
        async with tab_state(tab, CatalogState) as state:
            state._follow()  # noqa: SLF001 - the same module


async def load() -> None:
    """Read the table anew, as at the start."""
    await get_database().reading(categories.load)
