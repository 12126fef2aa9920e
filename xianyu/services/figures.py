"""Figures of each day of the compound's calendar. Those of days that are over are counted once and kept.

What is kept stays as it was, whatever becomes of the rows that were counted. A day is counted when
operators look, and kept once it has been over for so long that nothing of it can still be on its way.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from xianyu.adapters.message_stores import message_store
from xianyu.adapters.messages import StoreUnavailable
from xianyu.models import DailyFigure, Listing, ListingStatus, Order, OrderEvent, OrderStatus, User
from xianyu.services import local_time
from xianyu.services.order_states import FINISHED, Action

# For how long a transaction that began on a day may go on after it.
SETTLING = timedelta(minutes=5)


class Figure(StrEnum):
    """What is counted. Of ``RESPONSE``, the median of a day in seconds, a day may have none."""

    USERS = "users"
    LISTINGS = "listings"
    MESSAGES = "messages"
    ORDERS = "orders"
    COMPLETED = "completed"
    # Completed ones included: what became of orders that day.
    FINISHED = "finished"
    RESPONSE = "response"


# What every day has that was counted; a day without all of them is counted again.
_EVERY_DAY = frozenset(Figure) - {Figure.RESPONSE}

Day = dict[Figure, int]
# Day as ISO 8601 writes it, figure, value.
Counted = tuple[tuple[str, str, int], ...]


def of_days(session: Session, days: int, now: datetime) -> tuple[dict[date, Day], Counted]:
    """The figures of the last so many days, today included, the oldest first.

    While the message store is away the days that it was not asked about have no ``MESSAGES``.

    Returns:
        The figures by day, and those among them that are to be kept from now on.
    """
    today = local_time.day_of(now)
    wanted = [today - timedelta(days=age) for age in reversed(range(days))]
    kept = _kept(session, wanted[0])
    missing = [day for day in wanted if day == today or not kept.get(day, {}).keys() >= _EVERY_DAY]
    counted = _count(session, missing)
    settled = [day for day in missing if now >= local_time.start_of(day + timedelta(days=1)) + SETTLING]
    to_keep = tuple(
        (day.isoformat(), figure.value, value)
        for day in settled
        if counted[day].keys() >= _EVERY_DAY
        for figure, value in counted[day].items()
    )
    return {day: counted[day] if day in counted else kept[day] for day in wanted}, to_keep


def keep(session: Session, counted: Counted) -> None:
    """Keep figures that ``of_days`` has counted.

    Two who do this at once meet in the primary key; the unit of work starts one over, which finds the
    other's: both counted the same.
    """
    days = {day for day, _, _ in counted}
    rows = session.execute(sa.select(col(DailyFigure.day), col(DailyFigure.name)).where(col(DailyFigure.day).in_(days)))
    known = {(row.day, row.name) for row in rows}
    new = [
        {"day": day, "name": name, "value": value} for day, name, value in sorted(counted) if (day, name) not in known
    ]
    if new:
        session.execute(sa.insert(DailyFigure), new)


def _kept(session: Session, first: date) -> dict[date, Day]:
    found: defaultdict[date, Day] = defaultdict(dict)
    columns = (col(DailyFigure.day), col(DailyFigure.name), col(DailyFigure.value))
    for row in session.execute(sa.select(*columns).where(col(DailyFigure.day) >= first.isoformat())):
        if row.name in set(Figure):
            found[date.fromisoformat(row.day)][Figure(row.name)] = int(row.value)
    return dict(found)


def _count(session: Session, missing: Sequence[date]) -> dict[date, Day]:
    """Count these days, which are in order, in few statements: what lies between two of them is passed over."""
    bounds = _Bounds(missing)
    found: dict[date, Day] = {day: dict.fromkeys(_EVERY_DAY - {Figure.MESSAGES}, 0) for day in missing}
    moments = {
        Figure.USERS: _moments(session, col(User.created_at), bounds),
        Figure.LISTINGS: _moments(session, col(Listing.created_at), bounds, *_published(bounds)),
        Figure.ORDERS: _moments(session, col(Order.created_at), bounds),
        Figure.FINISHED: _moments(session, col(OrderEvent.created_at), bounds, col(OrderEvent.status).in_(FINISHED)),
        Figure.COMPLETED: _moments(
            session, col(OrderEvent.created_at), bounds, col(OrderEvent.status) == OrderStatus.COMPLETED
        ),
    }
    for figure, times in moments.items():
        for day, number in bounds.per_day(times).items():
            found[day][figure] = number
    _count_messages(session, found)
    for day, seconds in _responses(session, bounds).items():
        found[day][Figure.RESPONSE] = round(median(seconds))
    return found


class _Bounds:
    """Where days that need not follow each other begin and end."""

    def __init__(self, days: Sequence[date]) -> None:
        self._days = days
        self._starts = [local_time.start_of(day) for day in days]
        self._ends = [local_time.start_of(day + timedelta(days=1)) for day in days]
        self.since, self.until = self._starts[0], self._ends[-1]

    def day_of(self, moment: datetime) -> date | None:
        """Which of the days that is, if any."""
        index = bisect_right(self._starts, moment) - 1
        return self._days[index] if index >= 0 and moment < self._ends[index] else None

    def per_day(self, moments: Iterable[datetime]) -> dict[date, int]:
        """How many of them each day has, those without any left out."""
        counts = Counter(map(self.day_of, moments))
        return {day: number for day, number in counts.items() if day is not None}

    def hold(self, column: Any) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
        """In a query: whether a column lies between the first and the last of the days."""
        return column >= self.since, column < self.until


def _moments(session: Session, column: Any, bounds: _Bounds, *conditions: sa.ColumnElement[bool]) -> Iterable[datetime]:
    return session.execute(sa.select(column).where(*bounds.hold(column), *conditions)).scalars()


def _published(bounds: _Bounds) -> tuple[sa.ColumnElement[bool], ...]:
    """Nothing is published before it is made: the feed's index finds what may be meant among a million listings."""
    return col(Listing.status).in_(list(ListingStatus)), col(Listing.published_at) >= bounds.since


def _count_messages(session: Session, found: dict[date, Day]) -> None:
    store = message_store(session)
    for day, figures in found.items():
        try:
            figures[Figure.MESSAGES] = store.count(
                local_time.start_of(day), local_time.start_of(day + timedelta(days=1))
            )
        except StoreUnavailable:
            return


def _responses(session: Session, bounds: _Bounds) -> dict[date, list[float]]:
    """How many seconds sellers took to answer, by the day of the answer.

    An order that the seller made by taking an offer was answered before it was there.
    """
    placed, answer = aliased(OrderEvent), aliased(OrderEvent)
    rows = session.execute(
        sa.select(col(answer.created_at).label("at"), col(placed.created_at).label("since"))
        .join(placed, sa.and_(col(placed.order_id) == col(answer.order_id), col(placed.version) == 1))
        .where(
            col(answer.kind).in_([Action.CONFIRM, Action.DECLINE]),
            col(placed.kind) == Action.PLACE,
            col(placed.actor_id) != col(answer.actor_id),
            *bounds.hold(col(answer.created_at)),
        )
    )
    found: defaultdict[date, list[float]] = defaultdict(list)
    for row in rows:
        day = bounds.day_of(row.at)
        if day is not None:
            found[day].append((row.at - row.since).total_seconds())
    return found
