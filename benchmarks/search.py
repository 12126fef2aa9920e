"""Searching: words, prices, relevance and suggestions while others write, beside a LIKE scan.

``python -m benchmarks.search [--sizes N …] [--url DATABASE_URL] [--quick] [--json]``
"""

import multiprocessing
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from time import perf_counter, sleep, thread_time
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from benchmarks import wording
from benchmarks.databases import empty_database, url_of
from benchmarks.report import Figure, listing_options, percentile, print_figures
from benchmarks.stock import fill, index
from xianyu.adapters.database import Database
from xianyu.models import Listing, Section, User
from xianyu.schemas.search import SearchQuery, Sort
from xianyu.services import search, search_index
from xianyu.services.categories import group_of

SIZES = (10_000, 100_000, 1_000_000)
CALLS = 500
# A LIKE scan of a million rows takes most of a second.
SCANS = 20
WRITES = 100
# Seconds between two listings that another process writes meanwhile.
PAUSE = 0.1

_COMMON = ("自行车", "手机", "儿童", "电脑", "书桌", "婴儿", "考研", "显示器", "羽绒服", "耳机")
_VERY_COMMON = ("转让", "小区", "自提", "搬家", "使用")
_RARE = ("唢呐", "葫芦丝", "天文望远镜", "制氧机", "雅马哈唢呐", "戴森 镜子")
# Characters that are all there, in pairs that are not.
_ABSENT = ("飞碟", "自机", "手车", "小提", "行大 用手", "航空母舰")
_MIXED = ("iPhone15手机壳", "iphone 15", "thinkpad", "128g", "42码", "zixingche", "zxc", "shouji")
_TYPED = ("自", "自行", "自行车", "z", "zi", "zix", "zxc", "iph", "iphone15", "婴儿", "考研数", "搬", "手机", "26")

_LIKE = """
    SELECT id, title, price_fen FROM listing
    WHERE status = 'active' AND (title LIKE :pattern OR description LIKE :pattern) {price}
    ORDER BY published_at DESC, id DESC LIMIT 25
"""


@dataclass(frozen=True)
class Case:
    """What is measured: queries that take turns, and what the p99 should be at most, in ms."""

    name: str
    words: tuple[str, ...]
    others: dict[str, Any]
    target: int = 0


CASES = (
    Case("common word, newest", _COMMON, {}, 10),
    Case("very common word, newest", _VERY_COMMON, {}, 10),
    Case("rare word, newest", _RARE, {}, 10),
    Case("absent word, newest", _ABSENT, {}, 10),
    Case("letters, digits and pinyin, newest", _MIXED, {}, 10),
    Case("common word and price, newest", _COMMON, {"min_fen": 10_000, "max_fen": 20_000}, 10),
    Case("common word and category, newest", _COMMON, {"category": "bikes", "section": "trade"}, 10),
    Case("common word, relevance", _COMMON, {"sort": Sort.RELEVANCE}, 50),
    Case("very common word, relevance", _VERY_COMMON, {"sort": Sort.RELEVANCE}, 50),
    Case("common word, cheapest", _COMMON, {"sort": Sort.CHEAPEST}),
)


def _times(calls: int, work: Callable[[str], object], words: tuple[str, ...]) -> tuple[list[float], list[float]]:
    """Milliseconds of each call, after one with each word: by the clock, and of this thread's processor time."""
    for word in words:
        work(word)
    turns = cycle(words)
    clock, processor = [], []
    for _ in range(calls):
        word = next(turns)
        start, worked = perf_counter(), thread_time()
        work(word)
        processor.append((thread_time() - worked) * 1000)
        clock.append((perf_counter() - start) * 1000)
    return clock, processor


def _search(database: Database, others: dict[str, Any], words: str) -> object:
    return database.read(search.search, None, SearchQuery(words=words, **others))


def _suggest(database: Database, typed: str) -> object:
    return database.read(search.suggest, None, typed)


def _scan(database: Database, others: dict[str, Any], words: str) -> object:
    has_price = "max_fen" in others
    statement = sa.text(_LIKE.format(price="AND price_fen BETWEEN :least AND :most" if has_price else ""))
    values: dict[str, Any] = {"pattern": f"%{words}%"}
    if has_price:
        values |= {"least": others["min_fen"], "most": others["max_fen"]}

    def work(session: Session) -> object:
        return session.connection().execute(statement, values).all()

    return database.read(work)


def _figures(
    database: Database, name: str, mine: tuple[list[float], list[float]], others: list[float] | None, target: int
) -> list[Figure]:
    clock, processor = mine
    figures = [
        Figure(
            f"{name}, p{percent}",
            percentile(clock, percent),
            "ms",
            percentile(others, percent) if others else None,
            f"≤ {target} ms" if percent == 99 and target else "",
        )
        for percent in (50, 99)
    ]
    if database.is_sqlite:
        # SQLite works in this very thread: what the machine does besides shows in the clock alone.
        figures.append(Figure(f"{name}, processor time, p99", percentile(processor, 99), "ms"))
    return figures


# Writing ---------------------------------------------------------------------------------------------


def _write(session: Session, seller_id: int, chance: random.Random, *, is_indexed: bool) -> None:
    category = chance.choice(("bicycles", "mobile-phones", "exam-books"))
    listing = Listing(
        seller_id=seller_id,
        title=wording.title(chance),
        description=wording.text(chance),
        price_fen=chance.randrange(100, 500_000),
        quantity=1,
        category=category,
        category_group=group_of(category),
        cover=f"{chance.getrandbits(128):032x}.webp",
    )
    session.add(listing)
    session.flush()
    assert listing.id is not None
    if is_indexed:
        search_index.refresh(session, Section.TRADE, listing.id)


def _seller(session: Session) -> int:
    return session.execute(sa.select(col(User.id)).limit(1)).scalar_one() or 0


def _write_on(url: str, until: Any) -> None:
    """What the other process does: a listing, a pause, a listing."""
    database, chance = Database(url), random.Random(7)
    seller_id = database.read(_seller)
    while not until.wait(PAUSE):
        database.write(_write, seller_id, chance, is_indexed=True)
    database.engine.dispose()


@contextmanager
def _others_writing(url: str) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    until = context.Event()
    process = context.Process(target=_write_on, args=(url, until))
    process.start()
    # Until it has begun.
    sleep(2)
    try:
        yield
    finally:
        until.set()
        process.join()


def _writing_figures(database: Database, size: int, writes: int) -> list[Figure]:
    seller_id, chance = database.read(_seller), random.Random(8)
    times: dict[bool, list[float]] = {True: [], False: []}
    # In turns, so that both meet whatever else the machine does.
    for _ in range(writes):
        for is_indexed, found in times.items():
            start = perf_counter()
            database.write(_write, seller_id, chance, is_indexed=is_indexed)
            found.append((perf_counter() - start) * 1000)
    return [
        Figure(
            f"{size:,} listings, writing one with its index (beside it: without), p{percent}",
            percentile(times[True], percent),
            "ms",
            percentile(times[False], percent),
        )
        for percent in (50, 99)
    ]


# Running ---------------------------------------------------------------------------------------------


def _build(database: Database, size: int) -> list[Figure]:
    start = perf_counter()
    fill(database, size)
    filled = perf_counter()
    index(database)
    rate = size / (perf_counter() - filled)
    return [Figure(f"{size:,} listings, indexed a second (beside it: stored)", rate, "", size / (filled - start))]


def _measure(database: Database, size: int, calls: int, scans: int) -> list[Figure]:
    figures = []
    with _others_writing(url_of(database)):
        for case in CASES:
            mine = _times(calls, partial(_search, database, case.others), case.words)
            # A LIKE scan knows no relevance.
            is_comparable = set(case.others) <= {"min_fen", "max_fen"} and case.words is not _MIXED
            scan = partial(_scan, database, case.others)
            scanned = _times(scans, scan, case.words[:2])[0] if is_comparable else None
            figures += _figures(database, f"{size:,} listings, {case.name}", mine, scanned, case.target)
        typed = _times(calls, partial(_suggest, database), _TYPED)
        figures += _figures(database, f"{size:,} listings, suggestion", typed, None, 20)
    return figures + _writing_figures(database, size, WRITES if calls == CALLS else 5)


def main() -> None:
    """Measure what the command line asks for and print it."""
    options = listing_options(__doc__, SIZES).parse_args()
    sizes, calls, scans = ((1000,), 20, 4) if options.quick else (options.sizes, CALLS, SCANS)
    figures = []
    for size in sizes:
        with empty_database(options.url) as database:
            figures += _build(database, size) + _measure(database, size, calls, scans)
    print_figures(figures, "LIKE scan", options.json)


if __name__ == "__main__":
    main()
