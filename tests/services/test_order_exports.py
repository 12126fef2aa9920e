"""Orders where a person leaves or takes their data along, and what the cleaning leaves alone."""

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.factories import make_listing, make_user
from tests.trade import buy, trade
from xianyu.adapters.database import Database
from xianyu.models import Listing, Offer, Order, Photo, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import OfferChanged, OrderChanged
from xianyu.services import (
    address_book,
    closing,
    exports,
    listings,
    offers,
    order_exports,
    order_lists,
    orders,
    photos,
)
from xianyu.services.order_errors import UnfinishedOrders
from xianyu.services.order_forms import OfferForm, check_address

HOME = {"recipient": "周吴郑", "phone": "13500000000", "address": "6 号楼 303 室"}
REASON = {"reason": "买家原因：搬家了"}


def week_over(database: Database, actor: Actor) -> None:
    statement = sa.update(User).where(col(User.id) == actor.user_id).values(closing_at=utc_now() - timedelta(days=1))
    database.write(lambda session: session.execute(statement))


def finish(database: Database, seller: Actor, buyer: Actor, order_id: int) -> None:
    for actor, action in ((seller, "confirm"), (seller, "hand_over"), (buyer, "receive")):
        database.write(orders.act, actor, order_id, action)


@pytest.mark.parametrize("side", ["buyer", "seller"])
def test_an_account_is_not_closed_while_somebody_waits(database: Database, side: str) -> None:
    deal = trade(database)
    person = deal.buyer if side == "buyer" else deal.seller
    with pytest.raises(UnfinishedOrders, match="还有 1 个未完成的订单"):
        database.write(closing.ask, person)
    assert database.read(closing.present, person).closing_at == ""
    finish(database, deal.seller, deal.buyer, deal.order_id)
    database.write(closing.ask, person)
    assert database.read(closing.present, person).closing_at


def test_who_orders_within_the_week_stays_until_that_is_finished(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller)
    database.write(closing.ask, buyer)
    order_id = buy(database, buyer, listing_id)
    week_over(database, buyer)
    assert database.read(closing.due) == []
    assert database.write(closing.erase, buyer.user_id) == []
    finish(database, seller, buyer, order_id)
    assert database.read(closing.due) == [buyer.user_id]


def test_open_offers_end_when_somebody_leaves(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller)
    offer_id = database.write(offers.make, buyer, listing_id, OfferForm(1, 100, "offer-key-1")).offer_id
    events = database.write(closing.ask, buyer)
    assert OfferChanged(offer_id, listing_id, buyer.user_id, seller.user_id) in events
    assert database.read(offers.one, seller, offer_id).status == "withdrawn"


def test_who_left_is_nameless_in_the_orders_that_stay(database: Database) -> None:
    seller, buyer = make_user(database, "要走的卖家"), make_user(database, "要走的买家")
    address_id, _ = database.write(address_book.save, buyer, check_address(HOME))
    listing_id = make_listing(database, seller, quantity=3, title="书桌")
    sent: dict[str, Any] = {"delivery": "shipping", "address_id": address_id, "note": "请放 6 号楼门卫"}
    done = buy(database, buyer, listing_id, **sent)
    database.write(orders.act, buyer, done, "cancel", REASON)
    for leaver, stayer in ((buyer, seller), (seller, buyer)):
        database.write(closing.ask, leaver)
        week_over(database, leaver)
        events = database.write(closing.erase, leaver.user_id)
        assert OrderChanged(done, buyer.user_id, seller.user_id) in events
        detail = database.read(order_lists.detail, stayer, done)
        assert detail.peer_name == "已注销用户"
        assert detail.title == "书桌"
    kept = database.read(Session.get_one, Order, done)
    assert isinstance(kept, Order)
    assert (kept.recipient, kept.phone, kept.address, kept.note, kept.seller_name) == ("", "", "", "", "已注销用户")
    steps = database.read(order_lists.detail, buyer, done).steps
    assert [(step.detail, step.actor_name) for step in steps] == [("", "已注销用户"), ("", "已注销用户")]
    assert database.read(lambda session: session.exec(select(Offer)).all()) == []
    assert database.read(address_book.of_person, buyer.user_id) == []


def test_an_archive_holds_ones_orders_offers_and_addresses_and_nobody_elses_address(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    address_id, _ = database.write(address_book.save, buyer, check_address(HOME))
    listing_id = make_listing(database, seller, quantity=3, title="书桌")
    order_id = buy(database, buyer, listing_id, delivery="shipping", address_id=address_id)
    database.write(offers.make, buyer, listing_id, OfferForm(1, 9_900, "offer-key-1"))
    database.write(orders.act, seller, order_id, "decline", {"reason": "已经送人了"})
    mine = database.read(order_exports.of_person, buyer.user_id)
    assert mine["sold"] == []
    [order] = mine["bought"]
    assert (order["title"], order["status"], order["address"]) == ("书桌", "declined", "6 号楼 303 室")
    assert [(step["step"], step["by_me"], step["detail"]) for step in order["steps"]] == [
        ("place", True, ""),
        ("decline", False, "已经送人了"),
    ]
    assert [(offer["price"], offer["status"]) for offer in mine["offers"]] == [("99.00", "open")]
    assert mine["addresses"][0]["recipient"] == "周吴郑"
    theirs = json.dumps(database.read(order_exports.of_person, seller.user_id), ensure_ascii=False)
    assert "书桌" in theirs
    assert "303" not in theirs
    assert "周吴郑" not in theirs


def test_the_archive_has_a_file_of_orders(database: Database) -> None:
    deal = trade(database)
    database.write(exports.request, deal.buyer)
    job = database.write(exports.take)
    assert job is not None
    exports.make(database, *job, lambda _percent: None)
    name = database.read(exports.present, deal.buyer).url.rpartition("/")[2]
    path: Path = database.read(exports.archive, deal.buyer, name)
    with zipfile.ZipFile(path) as zipped:
        assert len(json.loads(zipped.read("orders.json"))["bought"]) == 1


def test_the_picture_of_an_order_is_not_cleaned_away(database: Database) -> None:
    deal = trade(database)
    unordered = make_listing(database, deal.seller)
    database.write(orders.act, deal.buyer, deal.order_id, "cancel", REASON)
    for listing_id in (deal.listing_id, unordered):
        database.write(listings.delete, deal.seller, listing_id)
    covers = dict(database.read(lambda session: session.exec(select(Listing.id, Listing.cover)).all()))
    long_ago = utc_now() - timedelta(days=3)
    loose = sa.update(Photo).values(listing_id=None, created_at=long_ago)
    database.write(lambda session: session.execute(loose))
    orphans = dict(database.read(photos.expired_orphans, utc_now()))
    assert list(orphans.values()) == [covers[unordered]]
    every = [number for number in database.read(lambda session: session.exec(select(Photo.id)).all()) if number]
    assert database.write(photos.forget, every) == set(orphans)
