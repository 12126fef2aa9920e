"""The filters of a search: what each is called, and what a search becomes when one changes."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session

from xianyu.models import ListingKind
from xianyu.models.search import Section
from xianyu.schemas.accounts import Actor
from xianyu.schemas.search import Filter, SearchQuery, Sort
from xianyu.services import search
from xianyu.services.categories import category_name, section_name
from xianyu.services.conditions import CONDITIONS, condition_name
from xianyu.services.errors import DomainError
from xianyu.services.search_address import address_to_query, query_to_address, yuan

# What is given away: no kind of its own, but an offer at price 0, and chosen like one.
FREE = "free"

KINDS = (("", "不限"), (ListingKind.OFFER.value, "出"), (ListingKind.WANTED.value, "求购"), (FREE, "免费"))
_KIND_NAMES = {ListingKind.OFFER.value: "出售", ListingKind.WANTED.value: "求购", FREE: "免费"}
SORTS = (
    (Sort.NEWEST.value, "最新发布"),
    (Sort.RELEVANCE.value, "最相关"),
    (Sort.CHEAPEST.value, "价格从低到高"),
    (Sort.DEAREST.value, "价格从高到低"),
)
# What only listings have.
_OF_LISTINGS = ("category", "tag", "condition", "kind", "min", "max")


def kind_of(query: SearchQuery) -> str:
    """The kind that the search asks for, as a filter: ``FREE`` where it asks for what is given away."""
    return FREE if query.kind != ListingKind.WANTED and query.max_fen == 0 else query.kind


def change(query: SearchQuery, name: str, value: str) -> SearchQuery:
    """The search after one filter was changed.

    Args:
        query: The search before.
        name: What the filter is called in addresses. ``price`` is both bounds.
        value: What was chosen; empty for no restriction. A condition is added or, if it is there, removed.
            What is no value counts as empty.
    """
    parameters = query_to_address(query)
    if name == "condition" and value:
        parameters[name] = ",".join(set(query.conditions) ^ {value})
    elif name == "kind":
        parameters.update(_of_kind(query, value))
    elif name == "price":
        parameters.update(min="", max="")
    elif name == "section":
        is_listings = value in {"", Section.TRADE}
        parameters.update({} if is_listings else dict.fromkeys(_OF_LISTINGS, ""), section=value)
    else:
        parameters[name] = value
    return address_to_query(parameters)


def _of_kind(query: SearchQuery, kind: str) -> dict[str, str]:
    if kind == FREE:
        return {"kind": ListingKind.OFFER.value, "min": "", "max": "0"}
    return {"kind": kind, "max": ""} if kind_of(query) == FREE else {"kind": kind}


def filters(query: SearchQuery) -> list[Filter]:
    """What restricts a search besides its words, each with the change that lifts it."""
    kind = kind_of(query)
    found = [
        ("section", f"板块：{section_name(query.section)}" if query.section else ""),
        ("category", f"分类：{category_name(query.category)}" if query.category else ""),
        ("tag", f"标签：{query.tag}" if query.tag else ""),
        ("kind", _KIND_NAMES.get(kind, "")),
        ("condition", condition_names(query.conditions)),
        ("price", "" if kind == FREE else price_name(query.min_fen, query.max_fen)),
    ]
    return [Filter(name, label) for name, label in found if label]


def ways_out(session: Session, actor: Actor | None, query: SearchQuery) -> list[Filter]:
    """The filters without which something would be found, for a search that finds nothing."""
    counted = ((each, search.count(session, actor, change(query, each.name, ""))) for each in filters(query))
    return [replace(each, count=count, is_more=is_more) for each, (count, is_more) in counted if count]


def condition_names(conditions: Sequence[str]) -> str:
    """Several conditions in words, in order from new to worn: ``九成新以上``."""
    if len(conditions) > 1 and list(conditions) == list(CONDITIONS)[: len(conditions)]:
        return f"{condition_name(conditions[-1])}以上"
    return "、".join(map(condition_name, conditions))


def price_name(min_fen: int | None, max_fen: int | None) -> str:
    """A range of prices in words: ``200 元以内``; empty where there is none."""
    least, most = yuan(min_fen), yuan(max_fen)
    if least and most:
        return f"{least} 元" if least == most else f"{least}–{most} 元"
    return f"{least} 元以上" if least else f"{most} 元以内" if most else ""


def prices(least: str, most: str) -> tuple[int | None, int | None]:
    """Both bounds in fen as somebody typed them, or nothing for an empty one.

    Raises:
        DomainError: where one is no price, or the lower one is above the upper.
    """
    bounds = [address_to_query({"min": text}).min_fen for text in (least, most)]
    if any(fen is None and text.strip() for fen, text in zip(bounds, (least, most), strict=True)):
        raise DomainError("请填数字，如 50 或 99.9", "price")
    low, high = bounds
    if low is not None and high is not None and low > high:
        raise DomainError("最低价不能高于最高价", "price")
    return low, high


def without_filters(query: SearchQuery) -> SearchQuery:
    """The words alone, in the same order."""
    return replace(SearchQuery(), words=query.words, sort=query.sort)
