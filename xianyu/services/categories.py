"""The kinds of things on offer, two levels of them, as ``data/categories.toml`` lists them."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from xianyu.schemas.listings import Category

_SOURCE = Path(__file__).resolve().parents[1] / "data" / "categories.toml"


@lru_cache(maxsize=1)
def _groups() -> tuple[Category, ...]:
    rows = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["category"]
    return tuple(_group(**row) for row in rows)


def _group(slug: str, name: str, icon: str, children: list[dict[str, Any]]) -> Category:
    inside = tuple(Category(**child, group=slug) for child in children)
    return Category(slug, name, icon, slug, inside)


@lru_cache(maxsize=1)
def _by_slug() -> dict[str, Category]:
    return {each.slug: each for group in _groups() for each in (group, *group.children)}


def categories() -> list[Category]:
    """Every group, with its categories inside, in the order in which they are shown."""
    return list(_groups())


def find(slug: object) -> Category | None:
    """The group or category of that slug, if there is one. Takes anything that a client may send."""
    return _by_slug().get(slug) if isinstance(slug, str) else None


def category_name(slug: str) -> str:
    """A category's name; one that is no longer listed is called 其他."""
    category = find(slug)
    return "其他" if category is None else category.name


def group_of(slug: str) -> str:
    """The slug of the category's group; one that is no longer listed is its own."""
    category = find(slug)
    return slug if category is None else category.group


def is_category(slug: object) -> bool:
    """Whether ``slug`` names a group or a category. Takes anything that a client may send."""
    return find(slug) is not None
