"""The home page's query: the first page and page 1,000, beside the same page by OFFSET.

``python -m benchmarks.feed [--sizes N …] [--url DATABASE_URL] [--quick] [--json]``
"""

from collections.abc import Callable
from functools import partial
from itertools import count
from time import perf_counter

import sqlalchemy as sa
from sqlmodel import Session

from benchmarks.databases import empty_database
from benchmarks.report import Figure, listing_options, percentile, print_figures
from benchmarks.stock import fill
from xianyu.adapters.database import Database
from xianyu.schemas.listings import Cursor, ListingPage
from xianyu.services import listing_pages
from xianyu.services.categories import categories, group_of

SIZES = (10_000, 100_000, 1_000_000)
CALLS = 500
DEEP = 1000

_BY_OFFSET = """
    SELECT listing.id, title, price_fen, quantity, status, cover, published_at, seller_id, username
    FROM listing JOIN user_account ON user_account.id = seller_id
    WHERE status = 'active' {category}
    ORDER BY published_at DESC, listing.id DESC LIMIT :limit OFFSET :skipped
"""


def _page(database: Database, category: str, after: Cursor | None) -> ListingPage:
    return database.read(listing_pages.feed, None, category, after)


def _walk(database: Database, category: str) -> tuple[int, Cursor | None]:
    """Page by page down to page 1,000, or to the last one: its number, and where it begins."""
    after = None
    for number in count(1):
        following = _page(database, category, after).cursor
        if number == DEEP or following is None:
            return number, after
        after = following
    raise AssertionError("count() has no end")


def _page_by_offset(database: Database, category: str, number: int) -> list[int]:
    column = "category_group" if group_of(category) == category else "category"
    statement = sa.text(_BY_OFFSET.format(category=f"AND {column} = :category" if category else ""))
    size = listing_pages.PAGE_SIZE
    values: dict[str, str | int] = {"limit": size + 1, "skipped": (number - 1) * size}
    if category:
        values["category"] = category

    def work(session: Session) -> list[int]:
        return [row.id for row in session.connection().execute(statement, values)]

    return database.read(work)[:size]


def _times(call: Callable[[], object], calls: int) -> list[float]:
    """Milliseconds of each call, after a few that fill caches."""
    times = []
    for _ in range(calls + 5):
        start = perf_counter()
        call()
        times.append((perf_counter() - start) * 1000)
    return times[5:]


def _figures(database: Database, name: str, category: str, calls: int) -> list[Figure]:
    deep, cursor = _walk(database, category)
    figures = []
    for number, after in ((1, None), (deep, cursor)):
        shown = [card.id for card in _page(database, category, after).cards]
        assert shown == _page_by_offset(database, category, number), "the two ways must show the same page"
        mine = _times(partial(_page, database, category, after), calls)
        others = _times(partial(_page_by_offset, database, category, number), calls)
        for percent, target in ((50, ""), (99, "≤ 10 ms")):
            label = f"{name}, page {number:,}, p{percent}"
            figures.append(Figure(label, percentile(mine, percent), "ms", percentile(others, percent), target))
    return figures


def _measure(database: Database, size: int, calls: int) -> list[Figure]:
    fill(database, size)
    found = []
    group = categories()[0]
    for kind, category in (("all", ""), ("a group", group.slug), ("one category", group.children[0].slug)):
        found += _figures(database, f"{size:,} listings, {kind}", category, calls)
    return found


def main() -> None:
    """Measure what the command line asks for and print it."""
    options = listing_options(__doc__, SIZES).parse_args()
    sizes, calls = ((3000,), 20) if options.quick else (options.sizes, CALLS)
    figures = []
    for size in sizes:
        with empty_database(options.url) as database:
            figures += _measure(database, size, calls)
    print_figures(figures, "by OFFSET", options.json)


if __name__ == "__main__":
    main()
