"""What the clock does with orders, offers and reviews: warn, end what nobody answered, complete what was sent.

Deadlines stand in the database, so a restart loses none. Each is met by a conditional update in a
transaction of its own: of two workers that find the same one, one writes and tells, the other finds
nothing left to do.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.database import Database
from xianyu.models import Offer, Order
from xianyu.schemas.events import LiveEvent
from xianyu.services import offers, order_news, orders, reviews
from xianyu.services.order_errors import OfferSettled, OrderMoved
from xianyu.services.order_forms import StepForm
from xianyu.services.order_states import Role, clock_action, rule_for

logger = logging.getLogger(__name__)

# How many of each kind are looked for at once.
BATCH = 200

Deed = Callable[[Session, int, datetime], list[LiveEvent]]


def due(session: Session, now: datetime) -> list[tuple[Deed, int]]:
    """What is to be done now, the longest overdue first: each by ``deed(session, number, now)``."""
    return [
        *((end, number) for number in _numbers(session, col(Order.deadline_at), now)),
        *((warn, number) for number in _numbers(session, col(Order.warn_at), now)),
        *((offers.expire, number) for number in _numbers(session, col(Offer.deadline_at), now)),
        *((reviews.open_due, order_id) for order_id in reviews.due(session, now)),
    ]


def _numbers(session: Session, moment: Any, now: datetime) -> list[int]:
    table = moment.class_
    found = session.execute(sa.select(col(table.id)).where(moment <= now).order_by(moment, col(table.id)).limit(BATCH))
    return [int(number) for number in found.scalars()]


def end(session: Session, order_id: int, now: datetime) -> list[LiveEvent]:
    """Take the clock's step with an order whose deadline is over. Done twice it is done once."""
    order = session.get(Order, order_id, populate_existing=True)
    if order is None or order.deadline_at is None or order.deadline_at > now:
        return []
    action = clock_action(order.status)
    rule = rule_for(order.status, action, Role.CLOCK, order.delivery) if action is not None else None
    return orders.take(session, order, rule, None, StepForm(), now) if rule is not None else []


def warn(session: Session, order_id: int, now: datetime) -> list[LiveEvent]:
    """Tell both of an order's people that its deadline is near. Done twice it is done once."""
    told = session.execute(
        sa.update(Order)
        .where(col(Order.id) == order_id, col(Order.warn_at) <= now, col(Order.deadline_at) > now)
        .values(warn_at=None)
        .execution_options(synchronize_session=False)
    )
    if getattr(told, "rowcount", 0) != 1:
        return []
    return order_news.warned(session, session.get_one(Order, order_id, populate_existing=True))


def run(database: Database, now: datetime) -> Iterator[list[LiveEvent]]:
    """Do everything that is due, each thing in a transaction of its own, and hand over what happened with it.

    One that fails is logged and does not hold up the others; the next round finds it again.
    """
    for deed, number in database.read(due, now):
        try:
            yield database.write(deed, number, now)
        except (OrderMoved, OfferSettled):
            # One of the two people was faster.
            continue
        except Exception:
            logger.exception("What was due for %s %d failed", deed.__name__, number)
