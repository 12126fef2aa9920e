"""Listings by the hundred thousand, as a neighbourhood might have written them."""

import random
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from benchmarks import wording
from xianyu.adapters.database import Database
from xianyu.models import Condition, Listing, ListingStatus, ListingTag, Section, Tag, User
from xianyu.models.types import utc_now
from xianyu.services import pinyin, search_index
from xianyu.services.categories import categories, group_of
from xianyu.services.search_words import fold

SELLERS = 2000
# Rows of one statement.
BATCH = 20_000
INDEXED_AT_ONCE = 2000
DAYS = 730

_STATUSES = (ListingStatus.ACTIVE, ListingStatus.SOLD_OUT, ListingStatus.TAKEN_DOWN, ListingStatus.DELETED)
# Of a hundred listings.
_SHARES = (85, 8, 5, 2)


def _listing(chance: random.Random, slugs: list[str], sellers: list[int], now: datetime) -> dict[str, Any]:
    category = chance.choice(slugs)
    # Whole seconds, so that some moments are shared and the id has to decide.
    moment = now - timedelta(seconds=chance.randrange(DAYS * 86_400))
    return {
        "seller_id": chance.choice(sellers),
        "title": wording.title(chance),
        "description": wording.text(chance),
        # From 5 to 5,000 yuan, half of it below 160.
        "price_fen": 100 * round(5 * 1000 ** chance.random()),
        "quantity": chance.randrange(1, 4),
        "category": category,
        "category_group": group_of(category),
        "condition": chance.choice(list(Condition)),
        "status": chance.choices(_STATUSES, _SHARES)[0],
        "cover": f"{chance.getrandbits(128):032x}.webp",
        "published_at": moment,
        "updated_at": moment,
    }


def _batches(number: int, sellers: list[int]) -> Iterator[list[dict[str, Any]]]:
    chance = random.Random(20_240_601)
    slugs = [category.slug for group in categories() for category in group.children]
    now = utc_now().replace(microsecond=0)
    for start in range(0, number, BATCH):
        yield [_listing(chance, slugs, sellers, now) for _ in range(min(BATCH, number - start))]


def _insert(session: Session, rows: list[dict[str, Any]]) -> None:
    session.execute(sa.insert(Listing), rows)


def _insert_sellers(session: Session) -> list[int]:
    run = secrets.token_hex(4)
    names = [f"s{run}_{number}" for number in range(SELLERS)]
    rows = [
        {"username": name, "username_key": name, "email": name, "email_key": name, "password_hash": "-"}
        for name in names
    ]
    session.execute(sa.insert(User), rows)
    return list(session.scalars(sa.select(col(User.id)).where(col(User.username).in_(names))))


def fill(database: Database, number: int) -> None:
    """Add ``number`` listings of 2,000 sellers over two years, the same ones each time, 85 in a hundred on offer."""
    sellers = database.write(_insert_sellers)
    for rows in _batches(number, sellers):
        database.write(_insert, rows)
    _analyze(database)


def index(database: Database) -> None:
    """Give the listings tags, and index all of them as the program itself does, in larger transactions."""
    is_postgresql = database.engine.dialect.name == "postgresql"
    if is_postgresql:
        # Filling an index that is there takes several times as long.
        database.write(_run, "DROP INDEX ix_search_document_words")
    last = 0
    while ids := database.read(_ids_after, last):
        database.write(_tag_and_index, ids)
        last = ids[-1]
    database.write(_count_tags)
    if is_postgresql:
        database.write(_run, "CREATE INDEX ix_search_document_words ON search_document USING gin (words)")
    _analyze(database)


def _run(session: Session, statement: str) -> None:
    session.connection().exec_driver_sql(statement)


def _ids_after(session: Session, last: int) -> list[int]:
    found = sa.select(col(Listing.id)).where(col(Listing.id) > last).order_by(col(Listing.id)).limit(INDEXED_AT_ONCE)
    return list(session.scalars(found))


def _tag_and_index(session: Session, ids: list[int]) -> None:
    chance = random.Random(ids[0])
    rows = [
        {"listing_id": listing_id, "position": position, "name": tag, "name_key": fold(tag)}
        for listing_id in ids
        for position, tag in enumerate(wording.tags(chance))
    ]
    session.execute(sa.insert(ListingTag), rows)
    search_index.refresh_all(session, Section.TRADE, ids)


def _count_tags(session: Session) -> None:
    name = sa.func.min(col(ListingTag.name)).label("name")
    counted = sa.select(col(ListingTag.name_key), name, sa.func.count().label("uses")).group_by(
        col(ListingTag.name_key)
    )
    rows = []
    for row in session.execute(counted):
        spelled, initials = pinyin.spelling(row.name)
        rows.append({**row._asdict(), "pinyin": spelled, "initials": initials})
    session.execute(sa.insert(Tag), rows)


def _analyze(database: Database) -> None:
    analyze = (
        "ANALYZE TABLE listing, search_document" if database.engine.dialect.name in {"mysql", "mariadb"} else "ANALYZE"
    )
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(analyze)
