"""What operators change about the sections and categories of ``categories``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import CatalogEntry, Listing, SavedSearch, Section
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import CatalogChanged
from xianyu.schemas.listings import CatalogRow, CatalogRows, Category
from xianyu.schemas.sections import SectionName
from xianyu.services import operator_log, pinyin
from xianyu.services.accounts import require_operator
from xianyu.services.categories import CATEGORY, SECTION, Catalog, build
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.form_checks import as_text, text_error
from xianyu.services.search_words import fold
from xianyu.services.text import clean_line

# The fewest and the most characters of a name. Three tabs stand beside each other on a phone.
LENGTHS = {SECTION: (1, 5), CATEGORY: (1, 12)}
_LABELS = {SECTION: "板块名称", CATEGORY: "分类名称"}
# Categories of one group.
MOST = 30
_LONGEST_SLUG = 24


# What each act is called in the log of what operators do.
_ACTS = {
    (SECTION, "rename"): "section.rename",
    (SECTION, "hide"): "section.hide",
    (SECTION, "show"): "section.show",
    (SECTION, "move"): "section.move",
    (CATEGORY, "rename"): "category.rename",
    (CATEGORY, "hide"): "category.hide",
    (CATEGORY, "show"): "category.show",
    (CATEGORY, "move"): "category.move",
    (CATEGORY, "add"): "category.add",
    (CATEGORY, "remove"): "category.remove",
}


class CatalogRefused(DomainError):
    """What an operator wants of a section or category cannot be."""


class NotInCatalog(DomainError):
    """There is no such section or category."""

    def __init__(self) -> None:
        super().__init__("这个板块或分类不存在或已被删除")


# Reading -----------------------------------------------------------------------------------------------


def listed(session: Session, actor: Actor) -> CatalogRows:
    """Everything that can be changed, in its present order. Raises as ``require_operator`` does."""
    require_operator(session, actor)
    return rows(session)


def rows(session: Session) -> CatalogRows:
    """The same for the server itself, to show in operators' tabs."""
    entries = session.exec(select(CatalogEntry)).all()
    catalog, hidden = build(entries), {entry.slug for entry in entries if entry.kind == CATEGORY and entry.is_hidden}
    return CatalogRows(
        _rows(SECTION, catalog.sections, {each.slug for each in catalog.sections if each.is_hidden}),
        [
            row
            for group, top in zip(catalog.groups, _rows(CATEGORY, catalog.groups, hidden), strict=True)
            for row in (top, *_rows(CATEGORY, group.children, hidden, group.slug))
        ],
    )


def _rows(kind: str, things: Sequence[Any], hidden: set[str], group: str = "") -> list[CatalogRow]:
    return [
        CatalogRow(
            kind=kind,
            slug=each.slug,
            group=group,
            name=each.name,
            is_hidden=each.slug in hidden,
            is_added=getattr(each, "is_added", False),
            is_first=number == 0,
            is_last=number == len(things) - 1,
            # Things for sale are what the site is for.
            is_fixed=kind == SECTION and each.slug == Section.TRADE,
        )
        for number, each in enumerate(things)
    ]


def require_open(session: Session, slug: str, present: str = "") -> None:
    """Refuse a category that takes nothing new.

    A category that was added is held until the end of the transaction, so that it is not removed meanwhile.

    Args:
        session: The unit of work.
        slug: The category of something that is published or changed.
        present: The category that it has already, which it may keep.

    Raises:
        InvalidForm: if the category is hidden, or is not there any more.
    """
    if slug == present:
        return
    entries = session.exec(select(CatalogEntry).where(CatalogEntry.kind == CATEGORY)).all()
    category = build(entries).by_slug.get(slug)
    if category is not None and category.is_added:
        held = select(CatalogEntry).where(CatalogEntry.kind == CATEGORY, CatalogEntry.slug == slug)
        category = category if session.exec(held.with_for_update(read=True)).first() is not None else None
    if category is None:
        raise InvalidForm({"category": "请选择分类"})
    if category.is_hidden:
        raise InvalidForm({"category": f"“{category.name}”已停用，请换一个分类"})


def require_open_section(session: Session, section: Section) -> None:
    """Refuse a section that was put away. Raises ``InvalidForm``."""
    entry = session.get(CatalogEntry, (SECTION, section.value))
    if entry is not None and entry.is_hidden:
        raise InvalidForm({"form": "这个板块已关闭，暂时不能发布"})


# Changing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """A section or category, and those that it stands among."""

    kind: str
    thing: SectionName | Category
    siblings: Sequence[SectionName | Category]


def _catalog(session: Session) -> Catalog:
    return build(session.exec(select(CatalogEntry)).all())


def _find(session: Session, kind: object, slug: object) -> _Found:
    """Raises ``NotInCatalog``. Takes anything that a client may send."""
    catalog = _catalog(session)
    siblings: Sequence[SectionName | Category] = catalog.sections if kind == SECTION else ()
    if kind == CATEGORY and isinstance(slug, str) and slug in catalog.by_slug:
        group = catalog.by_slug[slug].group
        siblings = catalog.groups if group == slug else catalog.by_slug[group].children
    thing = next((each for each in siblings if each.slug == slug), None)
    if thing is None:
        raise NotInCatalog
    return _Found(str(kind), thing, siblings)


def _entry(session: Session, kind: str, slug: str) -> CatalogEntry:
    """Its row, held; a new one where nothing of it was changed before."""
    found = session.get(CatalogEntry, (kind, slug), with_for_update=True)
    if found is None:
        found = CatalogEntry(kind=kind, slug=slug)
        session.add(found)
    return found


def _record(session: Session, actor: Actor, found: _Found, verb: str, detail: str = "") -> CatalogChanged:
    operator_log.record(
        session,
        actor,
        _ACTS[found.kind, verb],
        target_kind=found.kind,
        target_name=found.thing.name,
        detail=detail,
    )
    return CatalogChanged()


def rename(session: Session, actor: Actor, kind: object, slug: object, name: object) -> CatalogChanged:
    """Call a section or a category something else.

    Raises:
        OperatorsOnly: if the actor is no operator, and as ``require_operator`` does.
        NotInCatalog: if there is no such thing.
        InvalidForm: if the name is empty, too long, or that of another one beside it.
    """
    require_operator(session, actor)
    found = _find(session, kind, slug)
    others = [each for each in found.siblings if each.slug != found.thing.slug]
    checked = _checked_name(found.kind, name, others)
    _entry(session, found.kind, found.thing.slug).name = checked
    return _record(session, actor, found, "rename", f"改名为：{checked}")


def _checked_name(kind: str, name: object, others: Sequence[SectionName | Category]) -> str:
    text = as_text(name)
    error = text_error(text, _LABELS[kind], LENGTHS[kind], clean_line)
    if not error and fold(clean_line(text)) in {fold(each.name) for each in others}:
        error = "已经有一个同样的名称了"
    if error:
        raise InvalidForm({"name": error})
    return clean_line(text)


def set_hidden(session: Session, actor: Actor, kind: object, slug: object, *, hidden: bool) -> CatalogChanged:
    """Put a section or a category away, or bring it back. What is in it stays where it is.

    Raises:
        OperatorsOnly: as ``rename``.
        NotInCatalog: as ``rename``.
        CatalogRefused: if it is the section of things for sale, or the last group that is shown.
    """
    require_operator(session, actor)
    found = _find(session, kind, slug)
    if hidden and found.kind == SECTION and found.thing.slug == Section.TRADE:
        raise CatalogRefused(f"“{found.thing.name}”是网站的主体，不能隐藏")
    is_group = isinstance(found.thing, Category) and found.thing.group == found.thing.slug
    if hidden and is_group and all(each.is_hidden for each in found.siblings if each.slug != found.thing.slug):
        raise CatalogRefused("至少要留一个分类，不然没法发布宝贝")
    _entry(session, found.kind, found.thing.slug).is_hidden = hidden
    return _record(session, actor, found, "hide" if hidden else "show")


def move(session: Session, actor: Actor, kind: object, slug: object, *, up: bool) -> CatalogChanged | None:
    """Let it change places with the one above or below it; nothing where there is none.

    Raises ``OperatorsOnly`` and ``NotInCatalog``, as ``rename``.
    """
    require_operator(session, actor)
    found = _find(session, kind, slug)
    order = [each.slug for each in found.siblings]
    place = order.index(found.thing.slug)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return None
    order[place], order[other] = order[other], order[place]
    for position, each in enumerate(order):
        _entry(session, found.kind, each).position = position
    return _record(session, actor, found, "move", "上移" if up else "下移")


def add(session: Session, actor: Actor, group: object, name: object) -> CatalogChanged:
    """Add a category at the end of a group.

    Raises:
        OperatorsOnly: as ``rename``.
        NotInCatalog: if there is no such group.
        InvalidForm: as ``rename``, or if the group has as many as there is room for.
    """
    require_operator(session, actor)
    found = _find(session, CATEGORY, group)
    if not isinstance(found.thing, Category) or found.thing.group != found.thing.slug:
        raise NotInCatalog
    children = found.thing.children
    checked = _checked_name(CATEGORY, name, children)
    if len(children) >= MOST:
        raise InvalidForm({"name": f"一个大类里最多 {MOST} 个分类"})
    slug = _free_slug(checked, set(_catalog(session).by_slug))
    # What has no place stands by the data file's order, where one that was added has none: all get one.
    for position, each in enumerate(children):
        _entry(session, CATEGORY, each.slug).position = position
    entry = CatalogEntry(kind=CATEGORY, slug=slug, parent=found.thing.slug, name=checked, position=len(children))
    session.add(entry)
    session.flush()
    added = _Found(CATEGORY, Category(slug, checked), ())
    return _record(session, actor, added, "add", f"在“{found.thing.name}”里")


def _free_slug(name: str, taken: set[str]) -> str:
    """How the name sounds, or its Latin letters, with a number where that is taken."""
    sounds = zip(name.lower(), pinyin.syllables(name), strict=True)
    spelled = "".join(sound or (char if char.isascii() and char.isalnum() else "") for char, sound in sounds)
    slug = spelled[:_LONGEST_SLUG] or "category"
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return slug if slug not in taken else next(each for each in numbered if each not in taken)


def remove(session: Session, actor: Actor, slug: object) -> CatalogChanged:
    """Remove a category that was added and never used.

    Raises:
        OperatorsOnly: as ``rename``.
        NotInCatalog: as ``rename``.
        CatalogRefused: if it is one of the data file's, or something refers to it.
    """
    require_operator(session, actor)
    found = _find(session, CATEGORY, slug)
    if not isinstance(found.thing, Category) or not found.thing.is_added:
        raise CatalogRefused("自带的分类不能删除，可以隐藏它")
    # Whoever publishes in it holds the row, too: what they publish is seen here, or they are refused.
    entry = _entry(session, CATEGORY, found.thing.slug)
    if _exists(session, col(Listing.category) == found.thing.slug):
        raise CatalogRefused("这个分类里有过宝贝，不能删除，可以隐藏它")
    if _exists(session, col(SavedSearch.category) == found.thing.slug):
        raise CatalogRefused("有邻居订阅了这个分类，不能删除，可以隐藏它")
    session.delete(entry)
    session.flush()
    return _record(session, actor, found, "remove")


def _exists(session: Session, condition: sa.ColumnElement[bool]) -> bool:
    return bool(session.execute(sa.select(sa.exists().where(condition))).scalar_one())
