"""The home page's query: the first page and page 1,000, beside the same page by OFFSET.

``python -m benchmarks.feed [--sizes N …] [--url DATABASE_URL] [--quick] [--json]``
"""

import argparse
import tempfile
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa
from sqlmodel import Session

from alembic import command
from benchmarks.report import Figure, percentile, print_figures
from benchmarks.stock import fill
from xianyu.adapters.database import Database
from xianyu.adapters.migrations import alembic_config, migrate
from xianyu.schemas.listings import Cursor, ListingPage
from xianyu.services import listings
from xianyu.services.categories import categories

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
    return database.read(listings.feed, None, category, after)


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
    statement = sa.text(_BY_OFFSET.format(category="AND category = :category" if category else ""))
    values: dict[str, str | int] = {"limit": listings.PAGE_SIZE + 1, "skipped": (number - 1) * listings.PAGE_SIZE}
    if category:
        values["category"] = category

    def work(session: Session) -> list[int]:
        return [row.id for row in session.connection().execute(statement, values)]

    return database.read(work)[: listings.PAGE_SIZE]


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
    for kind, category in (("all", ""), ("one category", categories()[0].slug)):
        found += _figures(database, f"{size:,} listings, {kind}", category, calls)
    return found


def _measure_sqlite(size: int, calls: int) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="xianyu-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'feed.db'}"
        return _measure_at(url, size, calls)


def _measure_at(url: str, size: int, calls: int) -> list[Figure]:
    """Make the tables, fill them, measure, and leave an empty database behind."""
    database = Database(url)
    # What is there would be gone afterwards.
    if sa.inspect(database.engine).get_table_names() not in ([], ["alembic_version"]):
        raise SystemExit("the database must be empty")
    migrate(url)
    try:
        return _measure(database, size, calls)
    finally:
        database.engine.dispose()
        command.downgrade(alembic_config(url), "base")


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="how many listings")
    parser.add_argument(
        "--url", default="", help="an empty database in place of SQLite, such as postgresql+psycopg://…"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    sizes, calls = ((1000,), 20) if options.quick else (options.sizes, CALLS)
    figures = []
    for size in sizes:
        figures += _measure_at(options.url, size, calls) if options.url else _measure_sqlite(size, calls)
    print_figures(figures, "by OFFSET", options.json)


if __name__ == "__main__":
    main()
