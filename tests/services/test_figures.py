"""Figures of each day: counted by the compound's calendar, kept once a day is over, and drawn."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.concurrency import race
from tests.factories import make_listing, make_user
from tests.trade import buy, trade
from xianyu.adapters.database import Database
from xianyu.adapters.message_stores import message_store
from xianyu.adapters.messages import StoreUnavailable
from xianyu.adapters.sql_messages import SqlMessageStore
from xianyu.models import DailyFigure, Listing, Order, OrderEvent, Role, User
from xianyu.schemas.messages import MessageDraft
from xianyu.services import charts, figures, listings, local_time, orders, overview
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.figures import Day, Figure
from xianyu.settings import get_settings

# In Shanghai it is the afternoon of the tenth.
NOW = datetime(2026, 5, 10, 7, 0, tzinfo=UTC)
TODAY = date(2026, 5, 10)


def hour(days: int, hours: float) -> datetime:
    """A time of day by the compound's clocks, so many days before today."""
    return local_time.start_of(TODAY - timedelta(days=days)) + timedelta(hours=hours)


def move(database: Database, table: Any, row_id: int, **moments: datetime) -> None:
    statement = sa.update(table).where(col(table.id) == row_id).values(**moments)
    database.write(lambda session: session.execute(statement))


def move_steps(database: Database, order_id: int, *moments: datetime) -> None:
    """An order's steps happened at these times, the first of which placed it."""
    move(database, Order, order_id, created_at=moments[0])
    for version, moment in enumerate(moments, start=1):
        statement = (
            sa.update(OrderEvent)
            .where(col(OrderEvent.order_id) == order_id, col(OrderEvent.version) == version)
            .values(created_at=moment)
        )
        database.write(partial(Session.execute, statement=statement))


def read(database: Database, days: int = 7, now: datetime = NOW) -> dict[date, Day]:
    return database.read(figures.of_days, days, now)[0]


def keep(database: Database, now: datetime = NOW) -> figures.Counted:
    """What looking at the figures leaves behind."""
    counted = database.read(figures.of_days, 7, now)[1]
    database.write(figures.keep, counted)
    return counted


def kept(database: Database) -> dict[tuple[str, str], int]:
    rows = database.read(lambda session: session.execute(sa.select(DailyFigure)).scalars().all())
    return {(row.day, row.name): row.value for row in rows}


def series(found: dict[date, Day], figure: Figure) -> list[int | None]:
    return [day.get(figure) for day in found.values()]


def test_a_day_is_one_of_the_compounds_calendar(database: Database) -> None:
    for moment in (hour(2, 0), hour(2, 23.99), hour(1, 0), hour(0, 14), hour(6, -0.01)):
        move(database, User, make_user(database).user_id, created_at=moment)
    found = read(database)
    assert list(found) == [TODAY - timedelta(days=age) for age in range(6, -1, -1)]
    assert series(found, Figure.USERS) == [0, 0, 0, 0, 2, 1, 1]


def test_clocks_that_change_lose_no_hour(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIANYU_TIMEZONE", "Europe/Berlin")
    get_settings.cache_clear()
    # 2026-03-29 has 23 hours there.
    for moment in (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 21, 59, tzinfo=UTC)):
        move(database, User, make_user(database).user_id, created_at=moment)
    found = read(database, now=datetime(2026, 3, 30, 12, tzinfo=UTC))
    assert found[date(2026, 3, 29)][Figure.USERS] == 2
    assert found[date(2026, 3, 30)][Figure.USERS] == 0


def test_listings_are_counted_when_they_were_made_whatever_became_of_them(database: Database) -> None:
    seller = make_user(database)
    for status, made, published in (("active", 3, 0), ("deleted", 3, 3), ("held", 1, 1), ("sold_out", 9, 1)):
        listing_id = make_listing(database, seller, status=status)
        move(database, Listing, listing_id, created_at=hour(made, 12), published_at=hour(published, 12))
    assert series(read(database), Figure.LISTINGS) == [0, 0, 0, 2, 0, 1, 0]


def test_messages_are_counted_in_every_store(messaging_database: Database) -> None:
    def send(session: Session) -> None:
        store = message_store(session)
        store.begin(700_001, (1, 2))
        for number, moment in enumerate((hour(8, 1), hour(1, 0), hour(1, 23.9), hour(0, 3))):
            store.append(MessageDraft(700_001, 1, f"message-{number}", "在吗", moment))

    messaging_database.write(send)
    assert series(read(messaging_database), Figure.MESSAGES) == [0, 0, 0, 0, 0, 2, 1]


def test_orders_finish_one_way_or_another(database: Database) -> None:
    done, declined, open_one = (trade(database) for _ in range(3))
    for who, what in ((done.seller, "confirm"), (done.seller, "hand_over"), (done.buyer, "receive")):
        database.write(orders.act, who, done.order_id, what)
    database.write(orders.act, declined.seller, declined.order_id, "decline", {"reason": "卖掉了"})
    move_steps(database, done.order_id, hour(5, 9), hour(5, 11), hour(3, 9), hour(2, 9))
    move_steps(database, declined.order_id, hour(3, 9), hour(2, 10))
    move_steps(database, open_one.order_id, hour(2, 9))
    found = read(database)
    assert series(found, Figure.ORDERS) == [0, 1, 0, 1, 1, 0, 0]
    assert series(found, Figure.FINISHED) == [0, 0, 0, 0, 2, 0, 0]
    assert series(found, Figure.COMPLETED) == [0, 0, 0, 0, 1, 0, 0]
    # Two hours and a day and an hour, on the days of the answers.
    assert series(found, Figure.RESPONSE) == [None, 7200, None, None, 25 * 3600, None, None]


def test_the_response_of_a_day_is_its_median(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    for minutes in (10, 20, 6000):
        order_id = buy(database, buyer, make_listing(database, seller))
        database.write(orders.act, seller, order_id, "confirm")
        answered = hour(1, 12)
        move_steps(database, order_id, answered - timedelta(minutes=minutes), answered)
    assert series(read(database), Figure.RESPONSE)[-2] == 20 * 60


def test_days_that_are_over_are_counted_once(database: Database) -> None:
    user_id = make_user(database).user_id
    move(database, User, user_id, created_at=hour(1, 12))
    assert {day for day, _, _ in keep(database)} == {str(TODAY - timedelta(days=age)) for age in range(1, 7)}
    # What was there is not there any more, and was there all the same.
    move(database, User, user_id, created_at=hour(30, 12))
    move(database, User, make_user(database).user_id, created_at=hour(0, 12))
    assert keep(database) == ()
    assert series(read(database), Figure.USERS)[-2:] == [1, 1]
    assert kept(database)[(str(TODAY - timedelta(days=1)), "users")] == 1
    assert str(TODAY) not in {day for day, _ in kept(database)}


def test_a_day_is_not_kept_while_some_of_it_may_be_on_its_way(database: Database) -> None:
    midnight = local_time.start_of(TODAY)
    yesterday = str(TODAY - timedelta(days=1))
    assert yesterday not in {day for day, _, _ in keep(database, midnight + timedelta(minutes=4))}
    assert {day for day, _, _ in keep(database, midnight + timedelta(minutes=6))} == {yesterday}


def test_a_day_between_two_that_are_kept_is_counted(database: Database) -> None:
    move(database, User, make_user(database).user_id, created_at=hour(3, 12))
    keep(database)
    gap = str(TODAY - timedelta(days=3))
    database.write(lambda session: session.execute(sa.delete(DailyFigure).where(col(DailyFigure.day) == gap)))
    move(database, User, make_user(database).user_id, created_at=hour(2, 12))
    assert {day for day, _, _ in keep(database)} == {gap}
    assert series(read(database), Figure.USERS) == [0, 0, 0, 1, 0, 0, 0]


def test_two_who_look_at_once_keep_the_same(database: Database) -> None:
    move(database, User, make_user(database).user_id, created_at=hour(1, 12))
    counted = database.read(figures.of_days, 7, NOW)[1]
    work = partial(database.write, figures.keep, counted)
    assert race(work, work) == [None, None]
    assert kept(database) == {(day, name): value for day, name, value in counted}


def test_while_the_messages_are_away_the_rest_is_shown_and_nothing_kept(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> int:
        raise StoreUnavailable("it did not answer")

    move(database, User, make_user(database).user_id, created_at=hour(1, 12))
    monkeypatch.setattr(SqlMessageStore, "count", away)
    assert keep(database) == ()
    found = read(database)
    assert series(found, Figure.MESSAGES) == [None] * 7
    assert series(found, Figure.USERS)[-2] == 1
    shown = database.read(overview.present, 7, NOW)
    assert [chart.headline for chart in shown.charts if chart.name == "messages"] == ["—"]


def test_the_page_is_for_operators_and_has_everything(database: Database) -> None:
    operator = make_user(database, role=Role.OPERATOR)
    with pytest.raises(OperatorsOnly):
        database.read(overview.view, make_user(database), 30)
    deal = trade(database, quantity=3)
    shown = database.read(overview.view, operator, 30)
    assert (shown.tiles.people, shown.tiles.listings, shown.tiles.orders) == (4, 1, 1)
    assert [chart.name for chart in shown.charts] == ["users", "listings", "messages", "orders", "rate", "response"]
    assert len(shown.rows) == 30
    # Today comes first; the card of the order is a message.
    assert shown.rows[0].cells == ["4", "1", "1", "1", "—", "—"]
    database.write(listings.take_down, deal.seller, deal.listing_id)
    assert database.read(overview.view, operator, 30).tiles.listings == 0


@pytest.mark.parametrize(("asked", "days"), [("7", 7), ("90", 90), ("", 30), ("8", 30), ("²", 30), ("-7", 30)])
def test_what_range_makes_no_sense_is_the_usual_one(asked: str, days: int) -> None:
    assert overview.check_days(asked) == days


def _curve(*values: float | None, words: Callable[[float], str] = charts.number) -> charts.Curve:
    return charts.Curve("x", "新用户", "3", "近 3 天共", values, words)


DAYS = [date(2026, 5, 8), date(2026, 5, 9), TODAY]


def test_bars_stand_where_their_days_are_and_today_apart() -> None:
    chart = charts.counts(_curve(4, 0, 2), DAYS)
    # Each day has a third of the width, and the highest reaches the top.
    assert chart.bars == "M14.0 100v-100.0h72.0v100.0z"
    assert chart.today == "M214.0 100v-50.0h72.0v50.0z"
    assert (chart.top, chart.middle) == ("4", "2")
    assert chart.summary == "新用户：近 3 天共 3，最高 4（5月8日），今天 2"
    assert charts.counts(_curve(1, 0, 0), DAYS).today == ""
    assert charts.counts(_curve(0, 0, 0), DAYS).summary == "新用户：这段时间没有数据"


def test_a_line_breaks_where_a_day_has_no_value() -> None:
    chart = charts.lines(_curve(100, 50, None, 0, words=charts.percent), [*DAYS, TODAY], 100)
    assert chart.line == "M37.5 0.0L112.5 50.0M262.5 100.0"
    assert chart.dots == "M37.5 0.0h0M112.5 50.0h0"
    assert chart.today_dot == "M262.5 100.0h0"
    assert charts.lines(_curve(None, None, None), DAYS, 100).line == ""


@pytest.mark.parametrize(("value", "top"), [(0, 4), (4, 4), (5, 6), (11, 20), (61, 80), (100, 100), (1_234, 2_000)])
def test_scales_end_at_round_numbers(value: float, top: int) -> None:
    assert charts.nice(value) == top


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 秒"),
        (59, "59 秒"),
        (60, "1 分钟"),
        (95, "1.6 分钟"),
        (3_599, "60 分钟"),
        (3_600, "1 小时"),
        (5_400, "1.5 小时"),
        (40 * 3600, "40 小时"),
        (72 * 3600, "3 天"),
        (30 * 86_400, "30 天"),
    ],
)
def test_times_are_told_in_the_unit_that_tells_most(seconds: float, words: str) -> None:
    assert charts.duration(seconds) == words
