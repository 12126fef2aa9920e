"""The first page of the operators' console: how much there is now, and the figures of the last days."""

from collections.abc import Iterable
from datetime import date, datetime
from statistics import median

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Listing, ListingStatus, Order, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import Chart, DayRow, Overview, Tiles
from xianyu.services import charts, figures
from xianyu.services.accounts import require_operator
from xianyu.services.charts import NONE, Curve
from xianyu.services.figures import Day, Figure
from xianyu.services.order_states import UNFINISHED

# Over how many days figures are shown, today included.
RANGES = (7, 30, 90)
USUAL = 30
# What the columns of the table are called.
COLUMNS = ("新用户", "新宝贝", "消息", "新订单", "订单完成率", "卖家响应时间")


def check_days(text: str) -> int:
    """Over how many days somebody wants to see figures; what makes no sense is ``USUAL``."""
    return int(text) if text in {str(days) for days in RANGES} else USUAL


def view(session: Session, actor: Actor, days: int, now: datetime | None = None) -> Overview:
    """What the page shows.

    Raises:
        OperatorsOnly: if the actor is none, and as ``require_operator`` does.
    """
    require_operator(session, actor)
    return present(session, days, now)


def present(session: Session, days: int, now: datetime | None = None) -> Overview:
    """The same, for the server itself to show in operators' tabs."""
    found, counted = figures.of_days(session, days, now or utc_now())
    dates = list(found)
    return Overview(
        tiles=_tiles(session),
        charts=_charts(found, dates),
        rows=[DayRow(charts.day_name(day), _cells(found[day])) for day in reversed(dates)],
        first=charts.day_name(dates[0]),
        counted=counted,
    )


def _tiles(session: Session) -> Tiles:
    def number(table: type[User | Listing | Order], condition: sa.ColumnElement[bool]) -> int:
        return int(session.execute(sa.select(sa.func.count()).select_from(table).where(condition)).scalar_one())

    return Tiles(
        people=number(User, col(User.closed_at).is_(None)),
        listings=number(Listing, col(Listing.status) == ListingStatus.ACTIVE),
        orders=number(Order, col(Order.status).in_(UNFINISHED)),
    )


def _charts(found: dict[date, Day], dates: list[date]) -> list[Chart]:
    caption = f"近 {len(dates)} 天共"
    drawn = []
    for figure, title in zip((Figure.USERS, Figure.LISTINGS, Figure.MESSAGES, Figure.ORDERS), COLUMNS[:4], strict=True):
        values = [day.get(figure) for day in found.values()]
        known = [value for value in values if value is not None]
        total = charts.number(sum(known)) if known else NONE
        drawn.append(charts.counts(Curve(figure.value, title, total, caption, values, charts.number), dates))
    return [*drawn, _rate_chart(found, dates), _response_chart(found, dates)]


def _rate(days: Iterable[Day]) -> float | None:
    """How many of a hundred finished orders were completed."""
    known = list(days)
    finished = sum(day[Figure.FINISHED] for day in known)
    return 100 * sum(day[Figure.COMPLETED] for day in known) / finished if finished else None


def _rate_chart(found: dict[date, Day], dates: list[date]) -> Chart:
    whole = _rate(found.values())
    headline = charts.percent(whole) if whole is not None else NONE
    values = [_rate([day]) for day in found.values()]
    curve = Curve("rate", COLUMNS[4], headline, f"近 {len(dates)} 天结束的订单里", values, charts.percent)
    return charts.lines(curve, dates, 100)


def _response_chart(found: dict[date, Day], dates: list[date]) -> Chart:
    values = [day.get(Figure.RESPONSE) for day in found.values()]
    known = [value for value in values if value is not None]
    headline = charts.duration(median(known)) if known else NONE
    caption = f"近 {len(dates)} 天每日中位数，居中的一天"
    curve = Curve("response", COLUMNS[5], headline, caption, values, charts.duration)
    return charts.lines(curve, dates, charts.nice_time(max(known, default=0)))


def _cells(day: Day) -> list[str]:
    rate, response = _rate([day]), day.get(Figure.RESPONSE)
    return [
        *(
            charts.number(day[figure]) if figure in day else NONE
            for figure in (Figure.USERS, Figure.LISTINGS, Figure.MESSAGES, Figure.ORDERS)
        ),
        charts.percent(rate) if rate is not None else NONE,
        charts.duration(response) if response is not None else NONE,
    ]
