"""Offers in a conversation: made, answered once, and over."""

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_user
from tests.trade import buy, order_form, pieces
from xianyu.adapters.database import Database
from xianyu.models import Notice, Offer, Order
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import CardChanged, OfferChanged, Ordered
from xianyu.services import contacts, listings, messages, offers, order_deadlines, order_lists, orders
from xianyu.services.contacts import NotContactable
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_errors import ListingNotFound
from xianyu.services.order_errors import BuyOwnListing, NotEnough, NotForSale, OfferNotFound, OfferSettled
from xianyu.services.order_forms import OfferForm, check_offer, check_order


def form(fen: int = 15_000, quantity: int = 1) -> OfferForm:
    return OfferForm(quantity, fen, str(uuid.uuid4()))


def statuses(database: Database) -> list[str]:
    return list(database.read(lambda session: session.exec(select(Offer.status).order_by(col(Offer.id))).all()))


def told(database: Database, person: Actor) -> list[str]:
    statement = select(Notice.kind).where(Notice.user_id == person.user_id).order_by(col(Notice.id))
    return list(database.read(lambda session: session.exec(statement).all()))


@pytest.fixture
def seller(database: Database) -> Actor:
    return make_user(database)


@pytest.fixture
def buyer(database: Database) -> Actor:
    return make_user(database)


@pytest.fixture
def listing_id(database: Database, seller: Actor) -> int:
    return make_listing(database, seller, quantity=2)


def test_an_offer_is_a_card_that_the_other_may_answer(
    database: Database, seller: Actor, buyer: Actor, listing_id: int
) -> None:
    offered = form()
    made = database.write(offers.make, buyer, listing_id, offered)
    [view] = database.read(offers.between, seller, buyer.user_id)
    assert (view.id, view.unit_price, view.status_label, view.awaits_id) == (
        made.offer_id,
        "150.00",
        "等待回复",
        seller.user_id,
    )
    assert database.read(offers.about, buyer, listing_id)[0].peer_id == seller.user_id
    [message] = database.read(messages.history, seller, buyer.user_id)
    assert message.kind == "offer"
    assert message.attachment is not None
    assert (message.attachment.price, message.attachment.awaits_id) == ("150.00", seller.user_id)
    assert told(database, seller) == ["offer_made"]
    # Nothing is reserved by a wish.
    assert pieces(database, listing_id) == (2, 0, 0)
    again = database.write(offers.make, buyer, listing_id, offered)
    assert again.offer_id == made.offer_id
    assert len(database.read(messages.history, seller, buyer.user_id)) == 1


def test_an_accepted_offer_is_an_order_at_its_price(
    database: Database, seller: Actor, buyer: Actor, listing_id: int
) -> None:
    offer_id = database.write(offers.make, buyer, listing_id, form(12_345, 2)).offer_id
    ordered = database.write(offers.accept, seller, offer_id)
    detail = database.read(order_lists.detail, buyer, ordered.order_id)
    assert (detail.side, detail.unit_price, detail.total, detail.status) == ("bought", "123.45", "246.90", "pending")
    assert detail.steps[0].actor_name == seller.name
    assert pieces(database, listing_id) == (0, 2, 0)
    assert told(database, buyer) == ["offer_accepted"]
    assert [type(event) for event in ordered.events].count(CardChanged) == 1
    cards = database.read(messages.history, buyer, seller.user_id)
    assert [card.attachment.label for card in cards if card.attachment] == ["已接受", "待卖家确认"]
    again = database.write(offers.accept, seller, offer_id)
    assert (again.order_id, again.is_new) == (ordered.order_id, False)
    assert database.read(offers.one, buyer, offer_id).order_url == f"/orders/{ordered.order_id}"
    database.write(orders.act, seller, ordered.order_id, "confirm")


def test_no_order_of_the_buyers_stands_in_an_accepted_offers_place(
    database: Database, seller: Actor, buyer: Actor, listing_id: int
) -> None:
    offer_id = database.write(offers.make, buyer, listing_id, form(12_345)).offer_id
    other = make_listing(database, make_user(database), price_fen=100, quantity=2)
    for name in (f"offer-{offer_id:08d}", f"offer-{offer_id}"):
        database.write(orders.place, buyer, replace(order_form(other), client_key=name))
    ordered = database.write(offers.accept, seller, offer_id)
    assert ordered.is_new
    detail = database.read(order_lists.detail, seller, ordered.order_id)
    assert (detail.side, detail.unit_price) == ("sold", "123.45")
    assert pieces(database, listing_id) == (1, 1, 0)
    with pytest.raises(InvalidForm):
        check_order({"client_key": f"offer:{offer_id}", "listing_id": other, "quantity": "1"})


def test_going_back_and_forth_leaves_one_open(database: Database, seller: Actor, buyer: Actor, listing_id: int) -> None:
    first = database.write(offers.make, buyer, listing_id, form(10_000)).offer_id
    second = database.write(offers.counter, seller, first, form(18_000)).offer_id
    with pytest.raises(OfferSettled, match="自己的"):
        database.write(offers.accept, seller, second)
    # Another offer of one's own answers the counter-offer, and one more replaces that.
    database.write(offers.make, buyer, listing_id, form(14_000))
    last = database.write(offers.make, buyer, listing_id, form(15_000)).offer_id
    assert statuses(database) == ["countered", "countered", "withdrawn", "open"]
    assert told(database, seller) == ["offer_made", "offer_countered", "offer_made"]
    assert told(database, buyer) == ["offer_countered"]
    counter = database.write(offers.counter, seller, last, form(16_000)).offer_id
    ordered = database.write(offers.accept, buyer, counter)
    assert database.read(order_lists.detail, seller, ordered.order_id).unit_price == "160.00"
    assert told(database, seller)[-1] == "offer_accepted"


def test_declined_and_withdrawn(database: Database, seller: Actor, buyer: Actor, listing_id: int) -> None:
    offer_id = database.write(offers.make, buyer, listing_id, form()).offer_id
    with pytest.raises(OfferSettled, match="对方的"):
        database.write(offers.withdraw, seller, offer_id)
    events = database.write(offers.decline, seller, offer_id)
    assert OfferChanged(offer_id, listing_id, buyer.user_id, seller.user_id) in events
    for answer in (offers.accept, offers.decline, offers.withdraw):
        actor = buyer if answer is offers.withdraw else seller
        with pytest.raises(OfferSettled):
            database.write(answer, actor, offer_id)
    offer_id = database.write(offers.make, buyer, listing_id, form()).offer_id
    database.write(offers.withdraw, buyer, offer_id)
    assert statuses(database) == ["declined", "withdrawn"]
    assert told(database, seller) == ["offer_made", "offer_made", "offer_withdrawn"]
    assert told(database, buyer) == ["offer_declined"]
    assert database.read(offers.between, seller, buyer.user_id) == []


def test_who_may_not_offer_or_answer(database: Database, seller: Actor, buyer: Actor, listing_id: int) -> None:
    with pytest.raises(BuyOwnListing):
        database.write(offers.make, seller, listing_id, form())
    with pytest.raises(NotEnough):
        database.write(offers.make, buyer, listing_id, form(quantity=3))
    with pytest.raises(NotForSale):
        database.write(offers.make, buyer, make_listing(database, seller, kind="wanted"), form())
    for wrong in (0, 2**60, "1", None):
        with pytest.raises(ListingNotFound):
            database.write(offers.make, buyer, wrong, form())  # type: ignore[arg-type]  # a hostile client's
    offer_id = database.write(offers.make, buyer, listing_id, form()).offer_id
    stranger = make_user(database)
    for number in (offer_id, 2**60, "1"):
        for answer in (offers.accept, offers.decline, offers.withdraw, offers.one):
            with pytest.raises(OfferNotFound):
                database.write(answer, stranger, number)  # type: ignore[arg-type]  # a hostile client's
    with pytest.raises(OfferNotFound):
        database.write(offers.counter, stranger, offer_id, form())
    assert database.read(offers.about, stranger, listing_id) == []
    database.write(contacts.block, buyer, seller.user_id)
    with pytest.raises(NotContactable):
        database.write(offers.accept, seller, offer_id)
    assert statuses(database) == ["open"]


def test_an_offer_cannot_be_accepted_when_nothing_is_left(
    database: Database, seller: Actor, buyer: Actor, listing_id: int
) -> None:
    offer_id = database.write(offers.make, buyer, listing_id, form(quantity=2)).offer_id
    buy(database, make_user(database), listing_id)
    with pytest.raises(NotEnough):
        database.write(offers.accept, seller, offer_id)
    assert statuses(database) == ["open"]
    database.write(listings.take_down, seller, listing_id)
    with pytest.raises(NotForSale):
        database.write(offers.accept, seller, offer_id)


def test_of_all_answers_at_once_one_counts(database: Database, seller: Actor, buyer: Actor, listing_id: int) -> None:
    offer_id = database.write(offers.make, buyer, listing_id, form()).offer_id
    results = race(
        lambda: database.write(offers.accept, seller, offer_id),
        lambda: database.write(offers.accept, seller, offer_id),
        lambda: database.write(offers.decline, seller, offer_id),
        lambda: database.write(offers.withdraw, buyer, offer_id),
    )
    assert all(isinstance(one, Ordered | list | OfferSettled) for one in results), results
    found = database.read(lambda session: session.exec(select(Order.id)).all())
    assert len(found) == (1 if statuses(database) == ["accepted"] else 0)
    assert pieces(database, listing_id) == (2 - len(found), len(found), 0)


def test_two_offers_at_the_same_moment_leave_one_open(
    database: Database, seller: Actor, buyer: Actor, listing_id: int
) -> None:
    results = race(*[lambda: database.write(offers.make, buyer, listing_id, form())] * 3)
    assert not [one for one in results if isinstance(one, Exception)]
    assert sorted(statuses(database)) == ["open", "withdrawn", "withdrawn"]


def test_an_unanswered_offer_is_over_after_a_day(
    database: Database, seller: Actor, buyer: Actor, listing_id: int
) -> None:
    offer_id = database.write(offers.make, buyer, listing_id, form()).offer_id
    assert list(order_deadlines.run(database, utc_now() + timedelta(hours=23))) == []
    later = utc_now() + timedelta(hours=25)
    [events] = list(order_deadlines.run(database, later))
    assert any(isinstance(event, OfferChanged) for event in events)
    assert list(order_deadlines.run(database, later)) == []
    assert database.write(offers.expire, offer_id, later) == []
    assert told(database, buyer) == ["offer_expired"]
    assert told(database, seller) == ["offer_made", "offer_expired"]
    offer = database.read(Session.get_one, Offer, offer_id)
    assert isinstance(offer, Offer)
    assert (offer.status, offer.open_slot) == ("expired", None)


@pytest.mark.parametrize(
    ("fields", "refused"),
    [
        ({}, {"price", "quantity", "form"}),
        ({"price": "1.234", "quantity": "0", "client_key": "x"}, {"price", "quantity", "form"}),
        ({"price": ["1"], "quantity": 1, "client_key": 7}, {"price", "quantity", "form"}),
        ({"price": "1", "quantity": "1", "client_key": "' OR 1=1 --"}, {"form"}),
    ],
)
def test_what_is_no_offer(fields: dict[str, object], refused: set[str]) -> None:
    with pytest.raises(InvalidForm) as error:
        check_offer(fields)
    assert set(error.value.errors) == refused
