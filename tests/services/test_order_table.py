"""Every call in every status by everybody: what is legal leads where it should, and the pieces follow."""

import pytest

from tests.factories import make_listing, make_user
from tests.trade import buy, pieces
from xianyu.adapters.database import Database
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import address_book, order_deadlines, order_lists, orders
from xianyu.services.order_errors import IllegalStep, OrderNotFound
from xianyu.services.order_forms import check_address
from xianyu.services.order_states import COMPLETION_WARNING, Action

FIELDS: dict[str, object] = {"reason": "约不到时间", "price": "9", "carrier": "顺丰", "tracking_number": "SF0001"}
HOME = {"recipient": "韩梅梅", "phone": "13700000000", "address": "5 号楼 101"}
# Written anew from the rules in words: by status, who does what, and where it leads.
Moves = dict[str, dict[tuple[str, str], str]]
PENDING = {
    ("seller", "reprice"): "pending",
    ("seller", "confirm"): "confirmed",
    ("seller", "decline"): "declined",
    ("buyer", "cancel"): "cancelled",
}
CANCEL = {("buyer", "cancel"): "cancelled", ("seller", "cancel"): "cancelled"}
LEGAL: dict[str, Moves] = {
    "face_to_face": {
        "pending": PENDING,
        "confirmed": CANCEL | {("seller", "hand_over"): "handed_over", ("buyer", "receive"): "received"},
        "handed_over": {("buyer", "receive"): "completed"},
        "received": {("seller", "hand_over"): "completed"},
    },
    "shipping": {
        "pending": PENDING,
        "confirmed": CANCEL | {("seller", "ship"): "shipped"},
        "shipped": {("buyer", "receive"): "completed"},
    },
}
# How each status is reached, and where the clock takes it in the end.
WAY: dict[str, list[tuple[str, str]]] = {
    "pending": [],
    "confirmed": [("seller", "confirm")],
    "handed_over": [("seller", "confirm"), ("seller", "hand_over")],
    "received": [("seller", "confirm"), ("buyer", "receive")],
    "shipped": [("seller", "confirm"), ("seller", "ship")],
    "declined": [("seller", "decline")],
    "cancelled": [("seller", "confirm"), ("buyer", "cancel")],
    "completed": [("seller", "confirm"), ("seller", "ship"), ("buyer", "receive")],
}
IN_THE_END = {
    "pending": "expired",
    "confirmed": "confirmed",
    "handed_over": "completed",
    "received": "completed",
    "shipped": "completed",
}
# What is free, reserved and sold of two pieces when one was ordered.
STOCK = {"completed": (1, 0, 1), "declined": (2, 0, 0), "cancelled": (2, 0, 0), "expired": (2, 0, 0)}


class Deal:
    """An order that was led to a status, and everybody around it."""

    def __init__(self, database: Database, delivery: str, status: str) -> None:
        self.database = database
        self.people: dict[str, Actor] = {role: make_user(database) for role in ("seller", "buyer", "stranger")}
        buyer = self.people["buyer"]
        home, _ = database.write(address_book.save, buyer, check_address(HOME))
        self.listing_id = make_listing(database, self.people["seller"], quantity=2)
        sent_to = home if delivery == "shipping" else 0
        self.order_id = buy(database, buyer, self.listing_id, delivery=delivery, address_id=sent_to)
        for role, action in WAY[status]:
            self.do(role, action)
        assert self.status == status

    def do(self, role: str, action: str) -> None:
        self.database.write(orders.act, self.people[role], self.order_id, action, FIELDS)

    @property
    def status(self) -> str:
        return self.database.read(order_lists.detail, self.people["buyer"], self.order_id).status

    def check(self, status: str) -> None:
        assert self.status == status
        assert pieces(self.database, self.listing_id) == STOCK.get(status, (1, 1, 0))


STATES = [
    *(("face_to_face", status) for status in ("pending", "confirmed", "handed_over", "received", "declined")),
    *(("shipping", status) for status in ("pending", "confirmed", "shipped", "completed", "cancelled")),
]


@pytest.mark.parametrize(("delivery", "status"), STATES)
def test_every_call_by_everybody(database: Database, delivery: str, status: str) -> None:
    legal = LEGAL[delivery].get(status, {})
    deal = Deal(database, delivery, status)
    for role in deal.people:
        for action in (*Action, "?"):
            # Whoever took the last step may press its button once more, which does nothing.
            if (role, action) in legal or (WAY[status] and (role, action) == WAY[status][-1]):
                continue
            with pytest.raises(OrderNotFound if role == "stranger" else IllegalStep):
                deal.do(role, action)
    deal.check(status)
    for (role, action), target in legal.items():
        other = Deal(database, delivery, status)
        other.do(role, action)
        other.check(target)
    list(order_deadlines.run(database, utc_now() + 30 * COMPLETION_WARNING))
    deal.check(IN_THE_END.get(status, status))
