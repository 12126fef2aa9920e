"""Whatever anybody calls in whatever order: no order is where the table does not lead, and no piece is lost.

The model beside the program is written anew from the rules in words and not from the table.
"""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlmodel import Session, col, select

from tests.factories import make_listing, make_user
from tests.trade import order_form, pieces
from xianyu.adapters.database import Database
from xianyu.models import Listing, Notice, Order, OrderEvent
from xianyu.models.types import utc_now
from xianyu.services import address_book, listings, offers, order_deadlines, orders
from xianyu.services.errors import DomainError
from xianyu.services.order_forms import OfferForm, check_address

TOTAL = 4
ACTIONS = (
    "reprice",
    "confirm",
    "decline",
    "cancel",
    "ship",
    "hand_over",
    "receive",
    "expire",
    "complete",
    "place",
    "?",
)
FIELDS: dict[str, object] = {
    "reason": "改主意了",
    "price": "12.50",
    "carrier": "中通快递",
    "tracking_number": "ZT123456",
}
ALIVE = {"pending", "confirmed", "shipped", "handed_over", "received"}
# From where to where in words: what follows each status, whoever does it.
FOLLOWS = {
    "": {"pending"},
    "pending": {"pending", "confirmed", "declined", "cancelled", "expired"},
    "confirmed": {"cancelled", "shipped", "handed_over", "received"},
    "shipped": {"completed"},
    "handed_over": {"completed"},
    "received": {"completed"},
}
# What leads on from each status: stories of random calls alone seldom get far.
MOVES = {
    "pending": [("seller", "confirm"), ("seller", "decline"), ("buyer", "cancel"), ("seller", "reprice")],
    "confirmed": [
        ("buyer", "cancel"),
        ("seller", "cancel"),
        ("seller", "ship"),
        ("seller", "hand_over"),
        ("buyer", "receive"),
    ],
    "shipped": [("buyer", "receive")],
    "handed_over": [("buyer", "receive")],
    "received": [("seller", "hand_over")],
}
# Whose deeds they are; nobody is the clock.
DOERS = {
    "place": {"buyer", "seller"},
    "reprice": {"seller"},
    "confirm": {"seller"},
    "decline": {"seller"},
    "cancel": {"buyer", "seller"},
    "ship": {"seller"},
    "hand_over": {"seller"},
    "receive": {"buyer"},
    "expire": {"clock"},
    "complete": {"clock"},
}


class Market(RuleBasedStateMachine):
    """One listing, its seller, two buyers and a stranger; a clock that only goes forward."""

    database: Database

    @initialize()
    def open(self) -> None:
        self.seller, self.stranger = make_user(self.database), make_user(self.database)
        self.buyers = [make_user(self.database) for _ in range(2)]
        home = check_address({"recipient": "韩梅梅", "phone": "13700000000", "address": "5 号楼 101"})
        self.homes = [self.database.write(address_book.save, buyer, home)[0] for buyer in self.buyers]
        self.listing_id = make_listing(self.database, self.seller, quantity=TOTAL)
        self.total = TOTAL
        self.now = utc_now()
        self.orders: list[int] = []
        self.offers: list[int] = []
        self.place(2, 1, "face_to_face", repeated=False)
        self.place(3, 1, "shipping", repeated=True)

    def try_to(self, work: Callable[..., Any], *args: Any) -> Any:
        """What a refusal leaves as it was is looked at by the invariants."""
        try:
            return self.database.write(work, *args)
        except DomainError:
            return None

    def person(self, who: int) -> Any:
        return (self.seller, self.stranger, *self.buyers)[who]

    @rule(
        who=st.sampled_from([0, 1, 2, 2, 3, 3]),
        quantity=st.sampled_from([1, 1, 1, 2, TOTAL + 1]),
        delivery=st.sampled_from(["face_to_face", "shipping"]),
        repeated=st.booleans(),
    )
    def place(self, who: int, quantity: int, delivery: str, repeated: bool) -> None:
        home = self.homes[who - 2] if who > 1 and delivery == "shipping" else 0
        form = order_form(self.listing_id, quantity, delivery=delivery, address_id=home)
        for _ in range(2 if repeated else 1):
            made = self.try_to(orders.place, self.person(who), form)
            if made is not None and made.is_new:
                self.orders.append(made.order_id)

    @rule(who=st.integers(0, 3), which=st.integers(0, 5), action=st.sampled_from(ACTIONS))
    def act(self, who: int, which: int, action: str) -> None:
        if self.orders:
            self.try_to(orders.act, self.person(who), self.orders[-1 - which % len(self.orders)], action, FIELDS)

    @rule(which=st.integers(0, 5), moves=st.lists(st.integers(0, 19), min_size=2, max_size=6))
    def go_on(self, which: int, moves: list[int]) -> None:
        for move in moves if self.orders else ():
            row = self.row(self.orders[-1 - which % len(self.orders)])
            choices = MOVES.get(row.status, [("seller", "cancel"), ("buyer", "receive")])
            role, action = choices[move % len(choices)]
            people = {person.user_id: person for person in (self.seller, self.stranger, *self.buyers)}
            actor = people[row.seller_id if role == "seller" else row.buyer_id]
            self.try_to(orders.act, actor, row.id, action, FIELDS)

    @rule(who=st.integers(0, 3), quantity=st.integers(1, TOTAL))
    def offer(self, who: int, quantity: int) -> None:
        form = OfferForm(quantity, 5_000, order_form(self.listing_id).client_key)
        made = self.try_to(offers.make, self.person(who), self.listing_id, form)
        if made is not None:
            self.offers.append(made.offer_id)

    @rule(who=st.integers(0, 3), which=st.integers(0, 3), answer=st.sampled_from(["accept", "decline", "withdraw"]))
    def answer(self, who: int, which: int, answer: str) -> None:
        if self.offers:
            offer_id = self.offers[-1 - which % len(self.offers)]
            made = self.try_to(getattr(offers, answer), self.person(who), offer_id)
            if answer == "accept" and made is not None and made.is_new:
                self.orders.append(made.order_id)

    @rule(hours=st.sampled_from([1, 2, 3, 21, 24 * 11]), workers=st.integers(1, 2))
    def wait(self, hours: int, workers: int) -> None:
        self.now += timedelta(hours=hours)
        for _ in range(workers):
            list(order_deadlines.run(self.database, self.now))

    @rule(change=st.sampled_from([listings.take_down, listings.relist, listings.delete]), who=st.integers(0, 1))
    def change_listing(self, change: Callable[..., Any], who: int) -> None:
        # Deleted it would be the end of the story too soon.
        if change is not listings.delete or pieces(self.database, self.listing_id)[1]:
            self.try_to(change, self.person(who), self.listing_id)

    @invariant()
    def no_piece_is_lost(self) -> None:
        if hasattr(self, "listing_id"):
            free, reserved, sold = pieces(self.database, self.listing_id)
            rows = self.rows()
            assert free + reserved + sold == self.total
            assert min(free, reserved, sold) >= 0
            assert reserved == sum(row.quantity for row in rows if row.status in ALIVE)
            assert sold == sum(row.quantity for row in rows if row.status == "completed")
            assert self.status() != "active" or free > 0

    @invariant()
    def every_order_went_where_it_may(self) -> None:
        if hasattr(self, "listing_id"):
            for row in self.rows():
                events = self.events(row.id or 0)
                assert [event.version for event in events] == list(range(1, row.version + 1))
                statuses = ["", *(event.status for event in events)]
                for before, after in pairwise(statuses):
                    assert after in FOLLOWS.get(before, set()), (before, after)
                assert row.status == statuses[-1]
                for event in events:
                    assert self.role(row, event.actor_id) in DOERS[event.kind]
                assert (row.deadline_at is not None) == (row.status in ALIVE - {"confirmed"})
                self.nothing_is_told_twice(row)

    def nothing_is_told_twice(self, row: Order) -> None:
        with Session(self.database.engine) as session:
            told = session.exec(select(Notice.user_id, Notice.kind).where(Notice.order_id == row.id)).all()
        once = [one for one in told if one[1] != "order_repriced"]
        assert len(set(once)) == len(once)

    def row(self, order_id: int) -> Order:
        with Session(self.database.engine, expire_on_commit=False) as session:
            return session.get_one(Order, order_id)

    def rows(self) -> list[Order]:
        with Session(self.database.engine, expire_on_commit=False) as session:
            return list(session.exec(select(Order).where(Order.listing_id == self.listing_id)).all())

    def events(self, order_id: int) -> list[OrderEvent]:
        statement = select(OrderEvent).where(OrderEvent.order_id == order_id).order_by(col(OrderEvent.version))
        with Session(self.database.engine, expire_on_commit=False) as session:
            return list(session.exec(statement).all())

    def status(self) -> str:
        with Session(self.database.engine) as session:
            return session.get_one(Listing, self.listing_id).status

    @staticmethod
    def role(row: Order, actor_id: int | None) -> str:
        return {None: "clock", row.buyer_id: "buyer", row.seller_id: "seller"}.get(actor_id, "stranger")


# Seconds on a slow machine: fewer stories where each statement goes over a socket.
STORIES = {"sqlite": 30, "postgresql": 12, "mariadb": 8}


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
def test_no_sequence_of_calls_breaks_an_order_or_loses_a_piece(database: Database) -> None:
    market = type("Market", (Market,), {"database": database})
    run_state_machine_as_test(
        market,
        settings=settings(
            max_examples=STORIES[_kind(database)],
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def _kind(database: Database) -> str:
    name = database.engine.dialect.name
    return "mariadb" if name == "mysql" else name
