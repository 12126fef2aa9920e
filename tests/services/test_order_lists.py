"""我买到的 and 我卖出的: filters, counts, pages, details, and the table to keep."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import make_listing, make_user
from tests.trade import buy, trade
from xianyu.adapters.database import Database
from xianyu.models import Listing, Order
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import OrderFilter
from xianyu.services import listings, order_lists, order_pages, orders
from xianyu.services.order_errors import BuyOwnListing, NotEnough, NotForSale
from xianyu.services.order_lists import check_filter


def change(database: Database, order_id: int, **values: Any) -> None:
    statement = sa.update(Order).where(col(Order.id) == order_id).values(values)
    database.write(lambda session: session.execute(statement))


def titles(database: Database, actor: Actor, **fields: object) -> list[str]:
    return [order.title for order in database.read(order_lists.page, actor, check_filter(fields)).orders]


def bought(database: Database, buyer: Actor, title: str, **values: Any) -> int:
    seller = make_user(database)
    order_id = buy(database, buyer, make_listing(database, seller, title=title))
    if values:
        change(database, order_id, **values)
    return order_id


def test_both_sides_see_the_order_from_where_they_stand(database: Database) -> None:
    deal = trade(database)
    [mine] = database.read(order_lists.page, deal.buyer, OrderFilter()).orders
    assert (mine.side, mine.peer_name, mine.status_label, mine.total) == (
        "bought",
        deal.seller.name,
        "待卖家确认",
        "200.00",
    )
    assert [action.name for action in mine.actions] == ["cancel"]
    assert titles(database, deal.buyer, side="sold") == []
    [theirs] = database.read(order_lists.page, deal.seller, OrderFilter(side="sold")).orders
    assert (theirs.side, theirs.peer_id) == ("sold", deal.buyer.user_id)
    assert [(one.name, one.label, one.needs, one.is_primary) for one in theirs.actions] == [
        ("confirm", "确认订单", "", True),
        ("reprice", "改价", "price", False),
        ("decline", "拒绝订单", "reason", False),
    ]
    assert titles(database, make_user(database)) == []


def test_what_a_page_offers_is_what_a_step_takes(database: Database) -> None:
    """Every button of every status, pressed, leads on; the page decides nothing."""
    fields = {"reason": "有事来不了", "price": "10", "carrier": "韵达快递", "tracking_number": "YD12345"}
    deal = trade(database)
    for actor in (deal.seller, deal.buyer):
        for action in database.read(order_lists.detail, actor, deal.order_id).actions:
            other = trade(database)
            presser = other.seller if actor is deal.seller else other.buyer
            assert database.write(orders.act, presser, other.order_id, action.name, fields)
    assert database.read(order_lists.waiting, deal.seller.user_id) == 1
    assert database.read(order_lists.waiting, deal.buyer.user_id) == 0
    database.write(orders.act, deal.seller, deal.order_id, "confirm")
    assert database.read(order_lists.waiting, deal.buyer.user_id) == 1


def test_status_keyword_and_days(database: Database) -> None:
    buyer = make_user(database)
    # 2026-03-01 in Shanghai begins at 16:00 UTC of the day before.
    early = datetime(2026, 2, 28, 15, 59, tzinfo=UTC)
    bought(database, buyer, "折叠桌", created_at=early)
    bought(database, buyer, "台灯 IKEA", created_at=early + timedelta(minutes=2), status="completed")
    bought(database, buyer, "100%_羊毛毯", created_at=early + timedelta(days=3))
    assert titles(database, buyer) == ["100%_羊毛毯", "台灯 IKEA", "折叠桌"]
    assert titles(database, buyer, status="completed") == ["台灯 IKEA"]
    assert titles(database, buyer, words="ikea") == ["台灯 IKEA"]
    assert titles(database, buyer, words=" 桌 ") == ["折叠桌"]
    assert titles(database, buyer, words="%_") == ["100%_羊毛毯"]
    assert titles(database, buyer, since="2026-03-01") == ["100%_羊毛毯", "台灯 IKEA"]
    assert titles(database, buyer, since="2026-03-01", until="2026-03-01") == ["台灯 IKEA"]
    assert titles(database, buyer, until="2026-02-28") == ["折叠桌"]
    wanted = check_filter({"words": "灯", "status": "pending"})
    counts = {one.status: one.count for one in database.read(order_lists.counts, buyer, wanted)}
    assert (counts[""], counts["completed"], counts["pending"]) == (1, 1, 0)
    everything = {one.label: one.count for one in database.read(order_lists.counts, buyer, OrderFilter())}
    assert (everything["全部"], everything["待卖家确认"], everything["已完成"]) == (3, 2, 1)


def test_a_deleted_listing_is_found_by_what_it_was_called(database: Database) -> None:
    buyer = make_user(database)
    order_id = bought(database, buyer, "老式收音机")
    order = database.read(Session.get_one, Order, order_id)
    assert isinstance(order, Order)
    listing_id = order.listing_id
    database.write(orders.act, buyer, order_id, "cancel", {"reason": "不需要了"})

    def delete_for_good(session: Session) -> None:
        session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(title=""))
        session.execute(sa.text("DELETE FROM photo"))
        session.execute(sa.text("UPDATE conversation SET listing_id = NULL"))
        session.execute(sa.delete(Listing).where(col(Listing.id) == listing_id))

    database.write(delete_for_good)
    assert titles(database, buyer, words="收音机") == ["老式收音机"]
    detail = database.read(order_lists.detail, buyer, order_id)
    assert (detail.title, detail.listing_url) == ("老式收音机", "")


@pytest.mark.parametrize(
    "fields",
    [
        {"side": "x", "status": "?", "words": "\x00", "since": "2026-13-01", "until": "yesterday"},
        {"side": ["sold"], "status": 1, "words": None, "since": {}, "until": 2026},
        {"since": "0001-01-01", "until": "9999-12-31"},
        {"words": "\ud800", "since": "2026-01-01T00:00"},
        {},
    ],
)
def test_nonsense_does_not_narrow(fields: dict[str, object]) -> None:
    assert check_filter(fields) == OrderFilter()


def test_pages_go_on_where_the_last_ended(database: Database) -> None:
    buyer = make_user(database)
    seller = make_user(database)
    listing_id = make_listing(database, seller, quantity=9)
    ids = [buy(database, buyer, listing_id) for _ in range(5)]
    seen: list[int] = []
    after = 0
    for _ in range(3):
        page = database.read(order_lists.page, buyer, OrderFilter(), after, 2)
        seen += [order.id for order in page.orders]
        after = page.after
    assert (seen, after) == (ids[::-1], 0)
    for wrong in ("1", None, -1, 2**70):
        assert len(database.read(order_lists.page, buyer, OrderFilter(), wrong, wrong).orders) == 5  # type: ignore[arg-type]  # hostile


def test_the_table_is_for_spreadsheets_and_holds_no_formula(database: Database) -> None:
    buyer = make_user(database, "=cmd|x")
    seller = make_user(database)
    listing_id = make_listing(database, seller, title='=HYPERLINK("//evil.example","点我")', quantity=5)
    buy(database, buyer, listing_id, 2, note="+1，请放门卫\n谢谢")
    buy(database, buyer, listing_id, 1, note=" -2")
    text = database.read(order_pages.table, seller, OrderFilter(side="sold"))
    assert text.startswith("\ufeff订单号,")
    header, second, first = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    row = dict(zip(header, first, strict=True))
    assert row["宝贝"] == '\'=HYPERLINK("//evil.example","点我")'
    assert row["对方"] == "'=cmd|x"
    assert row["备注"] == "'+1，请放门卫\n谢谢"
    assert dict(zip(header, second, strict=True))["备注"] == "' -2"
    assert (row["数量"], row["单价（元）"], row["合计（元）"]) == ("2", "200.00", "400.00")
    only = database.read(order_pages.table, seller, OrderFilter(side="sold", words="没有这个"))
    assert only.count("\r\n") == 1


def test_the_form_of_a_purchase_starts_with_what_is_free(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller, quantity=2, place="3 号楼大堂")
    start = database.read(order_pages.start, buyer, listing_id)
    assert (start.free, start.price, start.price_fen, start.place) == (2, "200.00", 20_000, "3 号楼大堂")
    with pytest.raises(BuyOwnListing):
        database.read(order_pages.start, seller, listing_id)
    buy(database, buyer, listing_id, 2)
    with pytest.raises(NotEnough):
        database.read(order_pages.start, make_user(database), listing_id)
    other = make_listing(database, seller)
    database.write(listings.take_down, seller, other)
    with pytest.raises(NotForSale):
        database.read(order_pages.start, buyer, other)
