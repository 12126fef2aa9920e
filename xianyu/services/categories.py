"""The kinds of things on offer, as ``data/categories.toml`` lists them."""

import tomllib
from functools import lru_cache
from pathlib import Path

from xianyu.schemas.listings import Category

_SOURCE = Path(__file__).resolve().parents[1] / "data" / "categories.toml"


@lru_cache(maxsize=1)
def _by_slug() -> dict[str, Category]:
    rows = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["category"]
    return {row["slug"]: Category(**row) for row in rows}


def categories() -> list[Category]:
    """Every category, in the order in which they are shown."""
    return list(_by_slug().values())


def category_name(slug: str) -> str:
    """A category's name; one that is no longer listed is called 其他."""
    category = _by_slug().get(slug)
    return "其他" if category is None else category.name


def is_category(slug: object) -> bool:
    """Whether ``slug`` names a category. Takes anything that a client may send."""
    return isinstance(slug, str) and slug in _by_slug()
