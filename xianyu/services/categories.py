"""The kinds of things on offer and the sections of the site: ``data/categories.toml`` and what operators changed.

Both are asked for many times for each page, far from any session. So what they are at present is kept in the
process, built from the table by ``load``: at the start, and whenever some worker tells that it changed. Before
that it is what the data file says, as when the pages are compiled.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlmodel import Session, select

from xianyu.models import CatalogEntry, Section
from xianyu.schemas.listings import Category
from xianyu.schemas.sections import SectionName

SECTION, CATEGORY = "section", "category"

_SOURCE = Path(__file__).resolve().parents[1] / "data" / "categories.toml"
_SECTIONS = (
    SectionName(Section.TRADE.value, "闲置"),
    SectionName(Section.ACTIVITY.value, "活动"),
    SectionName(Section.ANNOUNCEMENT.value, "公告"),
)


@lru_cache(maxsize=1)
def original() -> tuple[Category, ...]:
    """The groups of the data file, in its order."""
    rows = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["category"]
    return tuple(_group(**row) for row in rows)


def _group(slug: str, name: str, icon: str, children: list[dict[str, Any]]) -> Category:
    inside = tuple(Category(**child, group=slug) for child in children)
    return Category(slug, name, icon, slug, inside)


@dataclass(frozen=True, eq=False)
class Catalog:
    """All groups and sections in their present order, hidden ones included, and each category by its slug."""

    groups: tuple[Category, ...]
    sections: tuple[SectionName, ...]
    by_slug: dict[str, Category]

    @property
    def shown(self) -> list[Category]:
        """What is offered to choose from."""
        return [
            replace(group, children=tuple(child for child in group.children if not child.is_hidden))
            for group in self.groups
            if not group.is_hidden
        ]


def build(entries: Iterable[CatalogEntry]) -> Catalog:
    """The catalog that follows from what operators changed."""
    changed = {(entry.kind, entry.slug): entry for entry in entries}
    added: dict[str, list[Category]] = {}
    for entry in changed.values():
        if entry.kind == CATEGORY and entry.parent:
            added.setdefault(entry.parent, []).append(
                Category(entry.slug, entry.name, group=entry.parent, is_added=True)
            )
    groups = [_changed_group(group, added.get(group.slug, []), changed) for group in original()]
    groups = _in_order(groups, CATEGORY, changed)
    return Catalog(
        tuple(groups),
        tuple(_in_order([_changed(section, SECTION, changed) for section in _SECTIONS], SECTION, changed)),
        {each.slug: each for group in groups for each in (group, *group.children)},
    )


_Changes = dict[tuple[str, str], CatalogEntry]


def _changed_group(group: Category, added: list[Category], changed: _Changes) -> Category:
    group = _changed(group, CATEGORY, changed)
    children = [_changed(child, CATEGORY, changed) for child in (*group.children, *sorted(added, key=_slug))]
    # Of a hidden group nothing is offered.
    inside = [replace(child, is_hidden=child.is_hidden or group.is_hidden) for child in children]
    return replace(group, children=tuple(_in_order(inside, CATEGORY, changed)))


def _slug(thing: Any) -> str:
    return str(thing.slug)


def _changed(thing: Any, kind: str, changed: _Changes) -> Any:
    entry = changed.get((kind, thing.slug))
    return thing if entry is None else replace(thing, name=entry.name or thing.name, is_hidden=entry.is_hidden)


def _in_order(things: list[Any], kind: str, changed: _Changes) -> list[Any]:
    """By the places that operators gave; what has none stands where the data file has it."""

    def place(numbered: tuple[int, Any]) -> tuple[int, int]:
        number, thing = numbered
        entry = changed.get((kind, thing.slug))
        return (number if entry is None or entry.position is None else entry.position, number)

    return [thing for _, thing in sorted(enumerate(things), key=place)]


# What is at present ------------------------------------------------------------------------------------

_present: list[Catalog] = []


def present() -> Catalog:
    """The catalog as it is now. The same object until something is changed."""
    if not _present:
        _present.append(build(()))
    return _present[0]


def load(session: Session) -> None:
    """Keep what the table says now. Readers in other threads see the old one or the new one, whole."""
    _present[:] = [build(session.exec(select(CatalogEntry)).all())]


def forget() -> None:
    """Know nothing of any table."""
    _present.clear()


def categories() -> list[Category]:
    """Every group that is offered, with the offered categories inside, in the order in which they are shown."""
    return present().shown


def every() -> list[Category]:
    """All groups and categories, groups before what is inside them, hidden ones included."""
    return list(present().by_slug.values())


def find(slug: object) -> Category | None:
    """The group or category of that slug, hidden or not. Takes anything that a client may send."""
    return present().by_slug.get(slug) if isinstance(slug, str) else None


def category_name(slug: str) -> str:
    """A category's name; one that is no longer listed is called 其他."""
    category = find(slug)
    return "其他" if category is None else category.name


def group_of(slug: str) -> str:
    """The slug of the category's group; one that is no longer listed is its own."""
    category = find(slug)
    return slug if category is None else category.group


def is_category(slug: object) -> bool:
    """Whether ``slug`` names a group or a category, hidden or not. Takes anything that a client may send."""
    return find(slug) is not None


def sections() -> list[SectionName]:
    """The sections that are shown, in order."""
    return [section for section in present().sections if not section.is_hidden]


def section_name(section: str) -> str:
    """What a section is called; empty for what is none."""
    return next((each.name for each in present().sections if each.slug == section), "")


def is_hidden_section(section: str) -> bool:
    """Whether operators put that section away."""
    return any(each.slug == section and each.is_hidden for each in present().sections)
