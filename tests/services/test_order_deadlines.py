"""The clock: what nobody answers ends, what was sent completes, both are told before, and once."""

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.trade import LISTING_PIECES, buy, pieces, trade
from xianyu.adapters.database import Database
from xianyu.models import Notice, Order
from xianyu.models.types import utc_now
from xianyu.schemas.events import LiveEvent, OrderChanged
from xianyu.services import address_book, order_deadlines, order_lists, orders, stock
from xianyu.services.order_forms import check_address
from xianyu.settings import get_settings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def after(database: Database, passed: timedelta) -> list[list[LiveEvent]]:
    return [events for events in order_deadlines.run(database, utc_now() + passed) if events]


def order_of(database: Database, order_id: int) -> Order:
    found = database.read(Session.get_one, Order, order_id)
    assert isinstance(found, Order)
    return found


def told(database: Database, user_id: int) -> list[str]:
    statement = select(Notice.kind).where(Notice.user_id == user_id).order_by(col(Notice.id))
    return list(database.read(lambda session: session.exec(statement).all()))


def test_an_unanswered_order_warns_and_then_expires(database: Database) -> None:
    deal = trade(database)
    assert after(database, 19 * HOUR) == []
    assert len(after(database, 21 * HOUR)) == 1
    assert after(database, 21 * HOUR) == []
    assert order_of(database, deal.order_id).status == "pending"
    [events] = after(database, 24 * HOUR + timedelta(minutes=1))
    assert OrderChanged(deal.order_id, deal.buyer.user_id, deal.seller.user_id) in events
    assert order_of(database, deal.order_id).status == "expired"
    assert pieces(database, deal.listing_id) == (LISTING_PIECES, 0, 0)
    assert told(database, deal.buyer.user_id) == ["order_expires", "order_expired"]
    assert told(database, deal.seller.user_id) == ["order_placed", "order_expires", "order_expired"]
    [placed, expired] = database.read(order_lists.detail, deal.buyer, deal.order_id).steps
    assert (placed.actor_name, expired.actor_name, expired.kind) == (deal.buyer.name, "", "expire")
    assert after(database, 30 * DAY) == []


def test_what_was_answered_in_time_does_not_expire(database: Database) -> None:
    deal = trade(database)
    database.write(orders.act, deal.seller, deal.order_id, "confirm")
    assert after(database, 30 * DAY) == []
    assert order_of(database, deal.order_id).status == "confirmed"


@pytest.mark.parametrize("delivery", ["shipping", "face_to_face"])
def test_what_was_sent_or_handed_over_completes_by_itself(database: Database, delivery: str) -> None:
    deal = trade(database)
    form = check_address({"recipient": "赵钱孙", "phone": "13600000000", "address": "1 号楼 502 室"})
    address_id, _ = database.write(address_book.save, deal.buyer, form)
    fields = {"carrier": "圆通速递", "tracking_number": "YT000111"}
    order_id = deal.order_id
    if delivery == "shipping":
        order_id = buy(database, deal.buyer, deal.listing_id, delivery=delivery, address_id=address_id)
    database.write(orders.act, deal.seller, order_id, "confirm")
    database.write(orders.act, deal.seller, order_id, "ship" if delivery == "shipping" else "hand_over", fields)
    if delivery == "shipping":
        database.write(orders.act, deal.buyer, deal.order_id, "cancel", {"reason": "重复了"})
    assert after(database, 8 * DAY) == []
    assert len(after(database, 9 * DAY + HOUR)) == 1
    assert len(after(database, 10 * DAY + HOUR)) == 1
    assert order_of(database, order_id).status == "completed"
    assert pieces(database, deal.listing_id) == (LISTING_PIECES - 1, 0, 1)
    for person in (deal.buyer, deal.seller):
        assert told(database, person.user_id)[-2:] == ["order_completes", "order_completed"]


def test_after_a_long_stop_what_is_overdue_ends_without_a_warning(database: Database) -> None:
    deal = trade(database)
    assert len(after(database, 3 * DAY)) == 1
    assert told(database, deal.buyer.user_id) == ["order_expired"]


def test_two_workers_meet_a_deadline_once(database: Database) -> None:
    deals = [trade(database) for _ in range(4)]
    results = race(*[lambda: after(database, 2 * DAY)] * 3)
    rounds = [one for one in results if not isinstance(one, Exception)]
    assert len(rounds) == 3, results
    changed = [event for each in rounds for events in each for event in events if isinstance(event, OrderChanged)]
    assert sorted(event.order_id for event in changed) == sorted(deal.order_id for deal in deals)
    for deal in deals:
        assert pieces(database, deal.listing_id) == (LISTING_PIECES, 0, 0)
        assert told(database, deal.buyer.user_id) == ["order_expired"]
        assert [step.kind for step in database.read(order_lists.detail, deal.buyer, deal.order_id).steps] == [
            "place",
            "expire",
        ]


def test_two_workers_warn_once(database: Database) -> None:
    deal = trade(database)
    race(*[lambda: after(database, 22 * HOUR)] * 3)
    assert told(database, deal.buyer.user_id) == ["order_expires"]


def test_the_clock_and_a_person_at_once_are_one_step(database: Database) -> None:
    for _ in range(5):
        deal = trade(database)
        decline = partial(database.write, orders.act, deal.seller, deal.order_id, "decline", {"reason": "不卖了"})
        race(decline, lambda: after(database, 2 * DAY))
        assert order_of(database, deal.order_id).status in {"declined", "expired"}
        assert pieces(database, deal.listing_id) == (LISTING_PIECES, 0, 0)


def test_one_that_fails_holds_up_no_other(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    broken, sound = trade(database), trade(database)
    # Somebody changed the stock by hand.
    database.write(stock.give_back, broken.listing_id, 1)
    assert len(after(database, 2 * DAY)) == 1
    assert order_of(database, broken.order_id).status == "pending"
    assert order_of(database, sound.order_id).status == "expired"
    assert "StockOutOfStep" in caplog.text


def test_the_operator_sets_the_times(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_ORDER_ANSWER_HOURS", "2")
    get_settings.cache_clear()
    deal = trade(database)
    order = order_of(database, deal.order_id)
    assert order.deadline_at is not None
    assert order.warn_at is not None
    # Two hours, and the warning not before the last quarter.
    assert timedelta(minutes=119) < order.deadline_at - utc_now() <= 2 * HOUR
    assert order.deadline_at - order.warn_at == timedelta(minutes=30)
