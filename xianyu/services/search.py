"""Searching: results in any order, page by page, and what to offer while somebody types."""

import re
from collections.abc import Callable, Sequence
from dataclasses import fields

from sqlmodel import Session

from xianyu.schemas.accounts import Actor
from xianyu.schemas.search import SearchHit, SearchPage, SearchQuery, Sort
from xianyu.services import search_sql
from xianyu.services.search_hits import hits
from xianyu.services.search_rank import Ranker
from xianyu.services.search_sql import Found, PricePlace
from xianyu.services.search_suggest import similar, suggest
from xianyu.services.search_text import TextQuery, text_query
from xianyu.services.search_words import price_step

__all__ = ["count", "search", "similar", "suggest"]

PAGE_SIZE = 24
_LARGEST_PAGE = 100
# Results are counted up to here.
COUNT_BOUND = 1000
# So many of the newest that match are weighed against one another at a time.
_WINDOW = 500

_CURSOR = re.compile(r"[0-9]{1,19}(\.[0-9]{1,19}){1,4}")
_HIGHEST = 2**63 - 1
_HIGHEST_PRICE = 10**12

# A window that begins at the top, its end not yet known, and nothing of it shown.
_FIRST = (_HIGHEST, 0, _HIGHEST, _HIGHEST)

# Where a page begins: the numbers of a cursor. What comes after the last one shown.
_Place = tuple[int, ...]
_Page = tuple[list[Found], _Place]


def search(
    session: Session,
    actor: Actor | None,
    query: SearchQuery,
    cursor: str = "",
    limit: int = PAGE_SIZE,
) -> SearchPage:
    """One page of what is on offer and fits.

    Where nothing fits in full, the words are taken apart step by step until something does; then what
    fits best comes first, unless the order is by price.

    Args:
        session: The unit of work.
        actor: Who searches; everybody finds the same.
        query: What for.
        cursor: Where the page before ended. One that is no cursor of this search begins anew.
        limit: Results of the page, at most 100.
    """
    exact = text_query(query)
    if exact.is_hopeless:
        return SearchPage([])
    limit = max(1, min(limit, _LARGEST_PAGE))
    steps = _steps(exact)
    step, place = _read_cursor(cursor)
    if place and step < len(steps):
        return _page(session, actor, query, steps, step, place, limit)
    for number in range(len(steps)):
        page = _page(session, actor, query, steps, number, (), limit)
        if page.hits:
            return page
    return SearchPage([])


def count(session: Session, _actor: Actor | None, query: SearchQuery) -> tuple[int, bool]:
    """How many fit in full, exact up to 1,000, and whether there are more."""
    wanted = text_query(query)
    return (0, False) if wanted.is_hopeless else _count(session, wanted)


def _count(session: Session, wanted: TextQuery) -> tuple[int, bool]:
    found = search_sql.count(session, wanted, COUNT_BOUND + 1)
    return min(found, COUNT_BOUND), found > COUNT_BOUND


def _steps(exact: TextQuery) -> list[TextQuery]:
    """The query as it is, and less and less strict, without steps that change nothing."""
    steps = [exact]
    for looser in (exact.scattered(), exact.loosened()):
        if looser != steps[-1] and exact.words:
            steps.append(looser)
    return steps


def _page(
    session: Session,
    actor: Actor | None,
    query: SearchQuery,
    steps: Sequence[TextQuery],
    step: int,
    place: _Place,
    limit: int,
) -> SearchPage:
    wanted = steps[step]
    order = _order(query.sort, is_relaxed=step > 0)
    # One more than is shown tells whether there are more.
    found, following = order(session, wanted, place, limit)
    shown: list[SearchHit] = hits(session, actor, found, steps[-1] if step else wanted)
    total, is_more = _count(session, wanted) if found else (0, False)
    cursor = ".".join(str(number) for number in (step, *following)) if following else ""
    return SearchPage(shown, cursor, total, is_more, is_relaxed=step > 0)


def _order(sort: str, *, is_relaxed: bool) -> Callable[[Session, TextQuery, _Place, int], _Page]:
    if sort in {Sort.CHEAPEST, Sort.DEAREST}:
        return _dearest if sort == Sort.DEAREST else _cheapest
    return _best if is_relaxed or sort == Sort.RELEVANCE else _newest


def _read_cursor(cursor: str) -> tuple[int, _Place]:
    """The step and the place; no place for what cannot be a cursor."""
    if not isinstance(cursor, str) or not _CURSOR.fullmatch(cursor):
        return 0, ()
    step, *place = (int(part) for part in cursor.split("."))
    return (step, tuple(place)) if all(number <= _HIGHEST for number in (step, *place)) else (0, ())


# Each order takes the place where the page before ended, if it is one of its own, and returns the place
# where the next page begins, or none at the end.


def _newest(session: Session, query: TextQuery, place: _Place, limit: int) -> _Page:
    at_most = place[0] - 1 if len(place) == 1 else None
    rows = search_sql.newest(session, query, limit + 1, at_most=at_most)
    shown = rows[:limit]
    return shown, (shown[-1].id,) if len(rows) > limit else ()


def _best(session: Session, query: TextQuery, place: _Place, limit: int) -> _Page:
    """The best of a window of the newest that match, and after these those of the window below it.

    Ages are counted from the window's top, and its ends are part of the place, so that what is published
    meanwhile moves nothing from one page to another. The last page of a window may be short.
    """
    top, low, *shown_last = place if len(place) == len(_FIRST) else _FIRST
    window = search_sql.newest(session, query, _WINDOW, at_most=top, at_least=low, has_head=True)
    if window:
        top, low = min(top, window[0].id), low or window[-1].id
    ranker = Ranker(query, top)
    ranked = sorted(((ranker.score(each), each.id, each) for each in window), reverse=True)
    rest = [each for each in ranked if each[:2] < tuple(shown_last)]
    shown = [found for _, _, found in rest[:limit]]
    if len(rest) > limit:
        points, last, _ = rest[limit - 1]
        return shown, (top, low, points, last)
    below = (low - 1, *_FIRST[1:])
    if low <= 1 or not search_sql.newest(session, query, 1, at_most=low - 1):
        return shown, ()
    return (shown, below) if shown else _best(session, query, below, limit)


def _cheapest(session: Session, query: TextQuery, place: _Place, limit: int) -> _Page:
    return _by_price(session, query, place, limit, is_dearest=False)


def _dearest(session: Session, query: TextQuery, place: _Place, limit: int) -> _Page:
    return _by_price(session, query, place, limit, is_dearest=True)


def _by_price(session: Session, query: TextQuery, place: _Place, limit: int, *, is_dearest: bool) -> _Page:
    """Few results are sorted at once, many step by step of the price, until the page is full."""
    after = PricePlace(*place) if len(place) == len(fields(PricePlace)) else None
    is_whole = search_sql.sorts_at_once(session) or not _count(session, query)[1]
    rows: list[Found] = []
    for part in [query] if is_whole else _price_steps(query, after, is_dearest=is_dearest):
        rows += search_sql.by_price(session, part, limit + 1 - len(rows), is_dearest=is_dearest, after=after)
        if len(rows) > limit:
            break
    shown = rows[:limit]
    return shown, (shown[-1].price_fen, shown[-1].id) if len(rows) > limit else ()


def _price_steps(query: TextQuery, after: PricePlace | None, *, is_dearest: bool) -> list[TextQuery]:
    first, last = price_step(query.min_fen or 0), price_step(_HIGHEST_PRICE if query.max_fen is None else query.max_fen)
    if after is not None:
        first, last = (first, price_step(after.price_fen)) if is_dearest else (price_step(after.price_fen), last)
    numbers = range(last, first - 1, -1) if is_dearest else range(first, last + 1)
    return [query.of_price_step(number) for number in numbers]
