"""Orders: a thousand buyers at once, orders a second, and the lists of a site that has traded for years.

``python -m benchmarks.orders [--url DATABASE_URL] [--quick] [--json]``

The reference of what is written is the least that a shop could do in the same database: one conditional
update and one insert in a transaction. That of a list is the same page by OFFSET.
"""

import argparse
import random
import tempfile
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from alembic import command
from benchmarks import wording
from benchmarks.report import Figure, percentile, print_figures
from xianyu.adapters.database import WORKER_THREADS, Database
from xianyu.adapters.migrations import alembic_config, migrate
from xianyu.models import Delivery, Listing, Order, OrderEvent, OrderStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import OrderFilter, OrderForm
from xianyu.services import order_lists, orders
from xianyu.services.order_errors import NotEnough

BATCH = 10_000
# Of all orders, those that one very busy person has sold.
BUSY_SHARE = 0.05
# A page far down the busy person's list.
DEEP = 100
# Seconds until a thread that never gets its turn ends the run.
PATIENCE = 300


@dataclass(frozen=True)
class Size:
    """How much is done."""

    buyers: int
    pieces: int
    singles: int
    orders: int
    people: int
    calls: int


FULL = Size(buyers=1000, pieces=500, singles=300, orders=100_000, people=2000, calls=500)
QUICK = Size(buyers=40, pieces=20, singles=10, orders=2000, people=50, calls=20)


def _people(session: Session, number: int) -> list[Actor]:
    names = [f"neighbour{index}" for index in range(number)]
    rows = [
        {
            "username": name,
            "username_key": name,
            "email": f"{name}@example.com",
            "email_key": f"{name}@example.com",
            "password_hash": "",
            "role": "member",
            "display_name": "",
            "bio": "",
            "building": "",
            "avatar": "",
            "totp_secret": "",
            "mail_about_messages": False,
            "shows_presence": True,
            "created_at": utc_now(),
        }
        for name in names
    ]
    session.execute(sa.insert(User), rows)
    found = session.execute(sa.select(col(User.id), col(User.username)).order_by(col(User.id)))
    return [Actor(number, name, "member", 0, name) for number, name in found]


def _listing(session: Session, seller: Actor, pieces: int) -> int:
    listing = Listing(
        seller_id=seller.user_id,
        title="山地车",
        description="九成新，自提",
        price_fen=20_000,
        quantity=pieces,
        category="bicycles",
        category_group="bikes",
        cover="",
    )
    session.add(listing)
    session.flush()
    assert listing.id is not None
    return listing.id


def _place(session: Session, buyer: Actor, listing_id: int, key: str) -> int:
    form = OrderForm(listing_id, 1, Delivery.FACE_TO_FACE.value, key)
    return orders.place(session, buyer, form).order_id


def _bare_place(session: Session, buyer: Actor, listing_id: int, key: str) -> int:
    """Like ``_place`` without a snapshot of more than the price, history, card, notice, or anything checked."""
    taken = session.execute(
        sa.text("UPDATE listing SET quantity = quantity - 1, reserved = reserved + 1 WHERE id = :id AND quantity > 0"),
        {"id": listing_id},
    )
    if getattr(taken, "rowcount", 0) != 1:
        raise NotEnough(0)
    seller_id = session.execute(
        sa.text("SELECT seller_id FROM listing WHERE id = :id"), {"id": listing_id}
    ).scalar_one()
    now = utc_now()
    order = Order(
        buyer_id=buyer.user_id,
        seller_id=seller_id,
        listing_id=listing_id,
        client_key=key,
        title="",
        listed_fen=20_000,
        seller_name="",
        quantity=1,
        unit_fen=20_000,
        delivery=Delivery.FACE_TO_FACE,
        created_at=now,
        updated_at=now,
    )
    session.add(order)
    session.flush()
    return order.id or 0


Placing = Callable[[Session, Actor, int, str], int]


def _rush(database: Database, buyers: Sequence[Actor], listing_id: int, place: Placing, key: str) -> float:
    """All buyers at the same moment: the seconds until each has an answer."""
    start = threading.Barrier(len(buyers) + 1)
    # As on the site, where all wait for a worker thread and never for a connection.
    workers = threading.Semaphore(WORKER_THREADS)
    failures: list[Exception] = []

    def buy(buyer: Actor) -> None:
        start.wait(PATIENCE)
        try:
            with workers:
                database.write(place, buyer, listing_id, key)
        except NotEnough:
            pass
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted and told
            failures.append(error)

    threads = [threading.Thread(target=buy, args=(buyer,)) for buyer in buyers]
    for thread in threads:
        thread.start()
    start.wait(PATIENCE)
    began = perf_counter()
    for thread in threads:
        thread.join(PATIENCE)
    took = perf_counter() - began
    if failures:
        raise SystemExit(f"{len(failures)} of {len(buyers)} failed, the first with {failures[0]!r}")
    return took


def _made(session: Session, listing_id: int) -> int:
    statement = sa.select(sa.func.count()).select_from(Order).where(col(Order.listing_id) == listing_id)
    return int(session.execute(statement).scalar_one())


def _rushes(database: Database, people: Sequence[Actor], size: Size) -> list[Figure]:
    seller, buyers = people[0], people[1 : size.buyers + 1]
    figures = []
    for pieces in (1, size.pieces):
        took, made = {}, {}
        for name, place in (("ours", _place), ("bare", _bare_place)):
            listing_id = database.write(_listing, seller, pieces)
            took[name] = _rush(database, buyers, listing_id, place, f"{name}-{pieces:08d}")
            made[name] = database.read(_made, listing_id)
        label = f"{size.buyers:,} buyers at once of {pieces:,} {'piece' if pieces == 1 else 'pieces'}"
        figures += [
            Figure(f"{label}: orders", made["ours"], "", made["bare"], f"= {pieces}"),
            Figure(f"{label}: until all have an answer", took["ours"], "s", took["bare"]),
        ]
    return figures


def _rate(database: Database, people: Sequence[Actor], place: Placing, number: int, threads: int, key: str) -> float:
    """Orders a second where each is of another listing."""
    listing_ids = [database.write(_listing, people[index % 50], 1) for index in range(number)]
    buyers = [people[50 + index % (len(people) - 50)] for index in range(number)] if len(people) > 100 else people[::-1]
    jobs = [(buyers[index % len(buyers)], listing_id) for index, listing_id in enumerate(listing_ids)]
    began = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        done = [
            pool.submit(database.write, place, buyer, listing_id, f"{key}-{listing_id:08d}")
            for buyer, listing_id in jobs
        ]
        for each in done:
            each.result()
    return number / (perf_counter() - began)


def _rates(database: Database, people: Sequence[Actor], size: Size) -> list[Figure]:
    figures = []
    for threads in (1, 8):
        ours = _rate(database, people, _place, size.singles, threads, f"ours{threads}")
        bare = _rate(database, people, _bare_place, size.singles, threads, f"bare{threads}")
        figures.append(Figure(f"orders a second, {threads} at a time", ours, "/s", bare))
    return figures


_STATUSES = (
    OrderStatus.COMPLETED,
    OrderStatus.CANCELLED,
    OrderStatus.EXPIRED,
    OrderStatus.SHIPPED,
    OrderStatus.PENDING,
)
# Of a hundred orders.
_SHARES = (80, 10, 5, 3, 2)


def _fill(session: Session, people: Sequence[Actor], number: int, chance: random.Random) -> None:
    """Past orders, the oldest first, as they come to be."""
    now = utc_now()
    busy = people[0]
    rows: list[dict[str, Any]] = []
    for index in range(number):
        buyer, seller = chance.sample(people[1:], 2)
        if chance.random() < BUSY_SHARE:
            seller = busy
        moment = now - timedelta(minutes=10 * (number - index))
        rows.append(
            {
                "buyer_id": buyer.user_id,
                "seller_id": seller.user_id,
                "listing_id": None,
                "client_key": f"past-{index:08d}",
                "title": wording.title(chance)[:60],
                "cover": f"{chance.getrandbits(128):032x}.webp",
                "listed_fen": 20_000,
                "seller_name": seller.name,
                "quantity": 1,
                "unit_fen": 20_000,
                "delivery": Delivery.FACE_TO_FACE.value,
                "note": "",
                "recipient": "",
                "phone": "",
                "address": "",
                "carrier": "",
                "tracking_number": "",
                "status": chance.choices(_STATUSES, _SHARES)[0].value,
                "version": 1,
                "card_seq": 0,
                "created_at": moment,
                "updated_at": moment,
            }
        )
        if len(rows) == BATCH or index == number - 1:
            session.execute(sa.insert(Order), rows)
            rows = []


def _first_steps(session: Session) -> None:
    columns = (col(Order.id), sa.literal(1), col(Order.buyer_id), sa.literal("place"), sa.literal("pending"))
    past = sa.select(*columns, sa.literal(""), col(Order.created_at)).where(col(Order.client_key).like("past-%"))
    names = ["order_id", "version", "actor_id", "kind", "status", "detail", "created_at"]
    session.execute(sa.insert(OrderEvent).from_select(names, past))


def _times(call: Callable[[], object], calls: int) -> list[float]:
    """Milliseconds of each call, after a few that fill caches."""
    times = []
    for _ in range(calls + 5):
        start = perf_counter()
        call()
        times.append((perf_counter() - start) * 1000)
    return times[5:]


def _by_offset(database: Database, actor: Actor, wanted: OrderFilter, number: int) -> Callable[[], object]:
    def work(session: Session) -> list[Any]:
        statement = order_lists.select(actor, wanted).order_by(col(Order.id).desc())
        page = statement.limit(order_lists.PAGE_SIZE + 1).offset((number - 1) * order_lists.PAGE_SIZE)
        return list(session.execute(page).all())

    return lambda: database.read(work)


def _deep(database: Database, actor: Actor, wanted: OrderFilter) -> tuple[int, int]:
    """Page by page down to page ``DEEP``, or to the last one: its number, and after which order it begins."""
    after = 0
    for number in range(1, DEEP):
        following = database.read(order_lists.page, actor, wanted, after).after
        if not following:
            return number, after
        after = following
    return DEEP, after


def _lists(database: Database, people: Sequence[Actor], size: Size) -> list[Figure]:
    chance = random.Random(20_261_122)
    database.write(_fill, people, size.orders, chance)
    database.write(_first_steps)
    if not database.is_sqlite:
        database.write(lambda session: session.execute(sa.text(_ANALYZE[session.get_bind().dialect.name])))
    busy, somebody = people[0], people[len(people) // 2]
    sold = OrderFilter(side="sold")
    day = (utc_now() - timedelta(minutes=5 * size.orders)).date()
    cases: list[tuple[str, Actor, OrderFilter]] = [
        ("somebody's 我买到的", somebody, OrderFilter()),
        ("a busy seller's 我卖出的", busy, sold),
        ("the same, completed", busy, OrderFilter(side="sold", status="completed")),
        ("the same, pending", busy, OrderFilter(side="sold", status="pending")),
        ("the same, a keyword", busy, OrderFilter(side="sold", words="自行车")),
        ("the same, an absent keyword", busy, OrderFilter(side="sold", words="没有这样的东西")),
        ("the same, a month", busy, OrderFilter("sold", since=f"{day - timedelta(days=30)}", until=f"{day}")),
    ]
    figures = []
    for name, actor, wanted in cases:
        mine = _times(partial(database.read, order_lists.page, actor, wanted), size.calls)
        others = _times(_by_offset(database, actor, wanted, 1), size.calls)
        figures.append(_p99(f"{size.orders:,} orders, {name}", mine, others))
    number, after = _deep(database, busy, sold)
    mine = _times(partial(database.read, order_lists.page, busy, sold, after), size.calls)
    label = f"{size.orders:,} orders, the same, page {number}"
    figures.append(_p99(label, mine, _times(_by_offset(database, busy, sold, number), size.calls)))
    for name, call in (
        ("counts by status", partial(database.read, order_lists.counts, busy, sold)),
        ("what waits for them", partial(database.read, order_lists.waiting, busy.user_id)),
    ):
        figures.append(_p99(f"{size.orders:,} orders, the busy seller's {name}", _times(call, size.calls)))
    order_id = database.read(order_lists.page, busy, sold, after).orders[0].id
    detail = _times(partial(database.read, order_lists.detail, busy, order_id), size.calls)
    return [*figures, _p99(f"{size.orders:,} orders, one of them in full", detail)]


_ANALYZE = {
    "postgresql": "ANALYZE trade_order",
    "mysql": "ANALYZE TABLE trade_order",
    "mariadb": "ANALYZE TABLE trade_order",
}


def _p99(name: str, mine: list[float], others: list[float] | None = None) -> Figure:
    return Figure(f"{name}, p99", percentile(mine, 99), "ms", percentile(others, 99) if others else None, "≤ 20 ms")


def _measure(database: Database, size: Size) -> list[Figure]:
    people = database.write(_people, max(size.people, size.buyers + 1))
    return [*_rushes(database, people, size), *_rates(database, people, size), *_lists(database, people, size)]


def _measure_at(url: str, size: Size) -> list[Figure]:
    """Make the tables, measure, and leave an empty database behind."""
    database = Database(url)
    # What is there would be gone afterwards.
    if sa.inspect(database.engine).get_table_names() not in ([], ["alembic_version"]):
        raise SystemExit("the database must be empty")
    migrate(url)
    try:
        return _measure(database, size)
    finally:
        database.engine.dispose()
        command.downgrade(alembic_config(url), "base")


def main() -> None:
    """Measure what the command line asks for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--url", default="", help="an empty database in place of SQLite, such as postgresql+psycopg://…"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    size = QUICK if options.quick else FULL
    if options.url:
        figures = _measure_at(options.url, size)
    else:
        with tempfile.TemporaryDirectory(prefix="xianyu-bench-") as folder:
            figures = _measure_at(f"sqlite:///{Path(folder) / 'orders.db'}", size)
    print_figures(figures, "bare", options.json)


if __name__ == "__main__":
    main()
