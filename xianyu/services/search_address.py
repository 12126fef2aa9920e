"""A search as the parameters of an address, and back: what is shared, saved, and walked back through."""

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from xianyu.models import Condition, ListingKind
from xianyu.models.search import Section
from xianyu.schemas.search import SearchQuery, Sort
from xianyu.services.categories import Catalog, is_category, present
from xianyu.services.listing_form import MAX_PRICE_FEN
from xianyu.services.text import clean_line

# Longer than anything that somebody looks for; the rest of a longer text is left out.
MAX_WORDS = 100
MAX_TAG = 16
# Longer than any price, and than all conditions together, so that nothing long is read.
_MAX_SMALL = 80

_PRICE = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,2}))?")
_UNSPEAKABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def clean_words(text: object, longest: int = MAX_WORDS) -> str:
    """One line of what somebody typed, without what no keyboard types, cut to ``longest`` characters."""
    if not isinstance(text, str):
        return ""
    # Cut first, so that nothing long is cleaned.
    return clean_line(_UNSPEAKABLE.sub(" ", text[: 4 * longest]))[:longest].rstrip()


def query_to_address(query: SearchQuery, *, is_literal: bool = False) -> dict[str, str]:
    """The parameters of a search, always in the same order; what is empty is left out.

    Args:
        query: A checked search.
        is_literal: Whether ``q`` holds words alone and is not to be understood as a sentence.
    """
    parameters = {
        "q": query.words,
        "section": query.section,
        "category": query.category,
        "tag": query.tag,
        "condition": ",".join(query.conditions),
        "kind": query.kind,
        "min": yuan(query.min_fen),
        "max": yuan(query.max_fen),
        "sort": "" if query.sort == Sort.NEWEST else str(query.sort),
        "plain": "0" if is_literal else "",
    }
    return {name: value for name, value in parameters.items() if value}


def query_string(query: SearchQuery) -> str:
    """The canonical query string of a search whose words are words: equal searches have equal ones."""
    return urlencode(query_to_address(query, is_literal=bool(query.words)))


def is_literal(parameters: Mapping[str, object]) -> bool:
    """Whether the address's ``q`` holds words alone and is not to be understood as a sentence."""
    return parameters.get("plain") == "0"


def address_to_query(parameters: Mapping[str, object]) -> SearchQuery:
    """The search that an address names. Takes anything that a client may send: what is no value is left out.

    ``words`` is the whole ``q``; unless ``is_literal``, it is still to be understood.
    """
    small = {name: _small(parameters.get(name)) for name in ("section", "category", "condition", "kind", "sort")}
    least, most = _fen(parameters.get("min")), _fen(parameters.get("max"))
    if least is not None and most is not None and least > most:
        least, most = most, least
    asked = set(small["condition"].split(","))
    return SearchQuery(
        words=clean_words(parameters.get("q")),
        section=_one_of(Section, small["section"]),
        category=small["category"] if is_category(small["category"]) else "",
        tag=clean_words(parameters.get("tag"), MAX_TAG),
        conditions=tuple(each.value for each in Condition if each.value in asked),
        kind=_one_of(ListingKind, small["kind"]),
        min_fen=least,
        max_fen=most,
        sort=_one_of(Sort, small["sort"]) or Sort.NEWEST.value,
    )


def string_to_query(text: str) -> SearchQuery:
    """The search that a stored query string names."""
    return _string_to_query(text, present())


@lru_cache(maxsize=4096)
def _string_to_query(text: str, _catalog: Catalog) -> SearchQuery:
    return address_to_query(dict(parse_qsl(text)))


def yuan(fen: int | None) -> str:
    """A price as people type it: ``"200"``, ``"12.50"``; empty for none."""
    if fen is None:
        return ""
    return f"{fen // 100}" if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def _fen(value: object) -> int | None:
    text = unicodedata.normalize("NFKC", _small(value)).strip()
    match = _PRICE.fullmatch(text)
    if match is None:
        return None
    return min(int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")), MAX_PRICE_FEN)


def _small(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _MAX_SMALL else ""


def _one_of(values: type[StrEnum], text: str) -> str:
    return text if text in set(values) else ""
