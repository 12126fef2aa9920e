"""Listings by the hundred thousand, as a neighbourhood might have written them."""

import random
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.database import Database
from xianyu.models import Listing, ListingStatus, User
from xianyu.models.types import utc_now
from xianyu.services.categories import categories

SELLERS = 2000
# Rows of one statement.
BATCH = 20_000
DAYS = 730

_CONDITIONS = ("九成新", "全新未拆", "八成新", "几乎没用过", "轻微划痕", "功能完好", "搬家急出", "毕业甩卖", "闲置转让")
_THINGS = (
    "山地自行车", "折叠自行车", "人体工学椅", "实木书桌", "电饭煲", "空气净化器", "机械键盘", "蓝牙耳机", "平板电脑",
    "单反相机", "婴儿推车", "儿童安全座椅", "考研数学全书", "线性代数教材", "羽绒服", "运动鞋", "瑜伽垫", "哑铃一对",
    "吉他", "电子琴", "猫爬架", "多肉盆栽", "露营帐篷", "煎烤机", "扫地机器人", "显示器", "落地灯", "行李箱",
)  # fmt: skip
_REMARKS = ("自提优先", "可小刀", "配件齐全", "带原包装", "送充电器", "小区内可送", "非诚勿扰", "支持当面验货")
_STATUSES = (ListingStatus.ACTIVE, ListingStatus.SOLD_OUT, ListingStatus.TAKEN_DOWN, ListingStatus.DELETED)
# Of a hundred listings.
_SHARES = (85, 8, 5, 2)


def _title(chance: random.Random) -> str:
    return f"{chance.choice(_CONDITIONS)}{chance.choice(_THINGS)} {chance.choice(_REMARKS)}"


def _listing(chance: random.Random, slugs: list[str], sellers: list[int], now: datetime) -> dict[str, Any]:
    title = _title(chance)
    # Whole seconds, so that some moments are shared and the id has to decide.
    moment = now - timedelta(seconds=chance.randrange(DAYS * 86_400))
    return {
        "seller_id": chance.choice(sellers),
        "title": title,
        "description": f"{title}。买来用了不到一年，因为要搬家所以转让，有意请留言。",
        "price_fen": chance.randrange(100, 500_000),
        "quantity": chance.randrange(1, 4),
        "category": chance.choice(slugs),
        "status": chance.choices(_STATUSES, _SHARES)[0],
        "cover": f"{chance.getrandbits(128):032x}.webp",
        "published_at": moment,
        "updated_at": moment,
    }


def _batches(number: int, sellers: list[int]) -> Iterator[list[dict[str, Any]]]:
    chance = random.Random(20_240_601)
    slugs = [category.slug for category in categories()]
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
    analyze = "ANALYZE TABLE listing" if database.engine.dialect.name in {"mysql", "mariadb"} else "ANALYZE"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(analyze)
