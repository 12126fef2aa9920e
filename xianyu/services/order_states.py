"""The life of an order as one table: who may do what when, where it leads, and what becomes of the stock.

Nothing else decides about a step. The buttons of a page, the writes and the clock all read this table.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from xianyu.models import Delivery, OrderStatus
from xianyu.settings import get_settings


class Action(StrEnum):
    """What can be done with an order. ``PLACE`` makes it."""

    PLACE = "place"
    REPRICE = "reprice"
    CONFIRM = "confirm"
    DECLINE = "decline"
    CANCEL = "cancel"
    SHIP = "ship"
    HAND_OVER = "hand_over"
    RECEIVE = "receive"
    EXPIRE = "expire"
    COMPLETE = "complete"


class Role(StrEnum):
    """As what somebody acts. The clock is nobody and acts when a deadline is over."""

    BUYER = "buyer"
    SELLER = "seller"
    CLOCK = "clock"


class Stock(StrEnum):
    """What a step does to the pieces that the order holds."""

    KEEP = "keep"
    RESERVE = "reserve"
    RETURN = "return"
    SELL = "sell"


class Deadline(StrEnum):
    """Until when the next step has to come, before the clock takes it."""

    NONE = "none"
    KEEP = "keep"
    ANSWER = "answer"
    COMPLETION = "completion"


@dataclass(frozen=True)
class Rule:
    """A line of the table. Without ``delivery`` it holds for both ways.

    ``needs`` is what has to be given: ``""``, ``"reason"``, ``"price"`` or ``"tracking"``.
    """

    source: OrderStatus
    action: Action
    role: Role
    target: OrderStatus
    stock: Stock = Stock.KEEP
    deadline: Deadline = Deadline.NONE
    delivery: Delivery | None = None
    needs: str = ""


_O, _A, _R, _S, _D = OrderStatus, Action, Role, Stock, Deadline
_MEETING, _SENDING = Delivery.FACE_TO_FACE, Delivery.SHIPPING

# An order begins ``PENDING``, with its pieces reserved and a deadline for the answer. Face to face either
# side may be the first to say that the thing changed hands; both done means completed.
TABLE: tuple[Rule, ...] = (
    Rule(_O.PENDING, _A.REPRICE, _R.SELLER, _O.PENDING, _S.KEEP, _D.KEEP, needs="price"),
    Rule(_O.PENDING, _A.CONFIRM, _R.SELLER, _O.CONFIRMED),
    Rule(_O.PENDING, _A.DECLINE, _R.SELLER, _O.DECLINED, _S.RETURN, needs="reason"),
    Rule(_O.PENDING, _A.CANCEL, _R.BUYER, _O.CANCELLED, _S.RETURN, needs="reason"),
    Rule(_O.PENDING, _A.EXPIRE, _R.CLOCK, _O.EXPIRED, _S.RETURN),
    Rule(_O.CONFIRMED, _A.CANCEL, _R.BUYER, _O.CANCELLED, _S.RETURN, needs="reason"),
    Rule(_O.CONFIRMED, _A.CANCEL, _R.SELLER, _O.CANCELLED, _S.RETURN, needs="reason"),
    Rule(_O.CONFIRMED, _A.SHIP, _R.SELLER, _O.SHIPPED, _S.KEEP, _D.COMPLETION, _SENDING, "tracking"),
    Rule(_O.CONFIRMED, _A.HAND_OVER, _R.SELLER, _O.HANDED_OVER, _S.KEEP, _D.COMPLETION, _MEETING),
    Rule(_O.CONFIRMED, _A.RECEIVE, _R.BUYER, _O.RECEIVED, _S.KEEP, _D.COMPLETION, _MEETING),
    Rule(_O.SHIPPED, _A.RECEIVE, _R.BUYER, _O.COMPLETED, _S.SELL),
    Rule(_O.SHIPPED, _A.COMPLETE, _R.CLOCK, _O.COMPLETED, _S.SELL),
    Rule(_O.HANDED_OVER, _A.RECEIVE, _R.BUYER, _O.COMPLETED, _S.SELL),
    Rule(_O.HANDED_OVER, _A.COMPLETE, _R.CLOCK, _O.COMPLETED, _S.SELL),
    Rule(_O.RECEIVED, _A.HAND_OVER, _R.SELLER, _O.COMPLETED, _S.SELL),
    Rule(_O.RECEIVED, _A.COMPLETE, _R.CLOCK, _O.COMPLETED, _S.SELL),
)

UNFINISHED = tuple(dict.fromkeys(rule.source for rule in TABLE))
FINISHED = tuple(status for status in OrderStatus if status not in UNFINISHED)

# How long before a deadline both are told, but not sooner than in the last quarter of the time.
ANSWER_WARNING = timedelta(hours=4)
COMPLETION_WARNING = timedelta(hours=24)


def rule_for(status: str, action: str, role: Role, delivery: str) -> Rule | None:
    """The line that allows that step, if any does. Takes any text."""
    return next((rule for rule in allowed(status, role, delivery) if rule.action == action), None)


def allowed(status: str, role: Role, delivery: str) -> list[Rule]:
    """What somebody in that role may do now, in the table's order."""
    return [rule for rule in TABLE if rule.source == status and rule.role is role and rule.delivery in {None, delivery}]


def role_of(user_id: int, buyer_id: int, seller_id: int) -> Role | None:
    """As what a person stands to an order, or nothing for a stranger."""
    return Role.BUYER if user_id == buyer_id else Role.SELLER if user_id == seller_id else None


def clock_action(status: str) -> Action | None:
    """What the clock does with an order of that status once its deadline is over."""
    return next((rule.action for rule in TABLE if rule.source == status and rule.role is Role.CLOCK), None)


def deadlines(deadline: Deadline, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When the clock steps in and when it says so beforehand. ``KEEP`` is for the caller to leave as it is."""
    settings = get_settings()
    if deadline is Deadline.ANSWER:
        return _times(now, timedelta(hours=settings.order_answer_hours), ANSWER_WARNING)
    if deadline is Deadline.COMPLETION:
        return _times(now, timedelta(days=settings.order_complete_days), COMPLETION_WARNING)
    return None, None


def _times(now: datetime, whole: timedelta, warning: timedelta) -> tuple[datetime, datetime]:
    return now + whole, now + whole - min(warning, whole / 4)
