"""Announcements that wait for their moment, on every database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from tests.concurrency import race
from tests.factories import make_announcement, make_user
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, Role, SearchDocument
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import AnnouncementChanged, AnnouncementPublished
from xianyu.schemas.search import SearchQuery
from xianyu.schemas.sections import AnnouncementForm
from xianyu.schemas.times import iso
from xianyu.services import (
    announcement_schedule,
    announcements,
    broadcasts,
    search,
    search_index,
    section_exports,
)
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.announcements import AnnouncementNotFound
from xianyu.services.errors import InvalidForm
from xianyu.services.section_forms import FormOutdated, check_announcement

HOUR = timedelta(hours=1)
FORM = AnnouncementForm("周六停电通知", "周六上午八点到十点检修线路。")


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, "物业", role=Role.OPERATOR)


@pytest.fixture
def due() -> datetime:
    """In an hour, as exact as every database is."""
    return (utc_now() + HOUR).replace(microsecond=0)


@pytest.fixture
def waiting(database: Database, operator: Actor, due: datetime) -> int:
    event = database.write(announcements.publish, operator, replace(FORM, scheduled_at=due))
    assert isinstance(event, AnnouncementChanged), "nobody is told of it yet"
    return event.announcement_id


def seen_by_everybody(database: Database, key: int, person: Actor) -> set[str]:
    """Where anybody finds an announcement."""
    places: dict[str, Callable[[], bool]] = {
        "feed": lambda: key in [card.id for card in database.read(announcements.feed, None).cards],
        "news": lambda: database.read(announcements.has_newer, None, None),
        "newest": lambda: database.read(announcements.feed, None).newest is not None,
        "cards": lambda: bool(database.read(announcements.cards, None, [key])),
        "box": lambda: key in [entry.id for entry in database.read(broadcasts.latest)],
        "count": lambda: database.read(broadcasts.unread, person.user_id) > 0,
        "search": lambda: bool(database.read(search.search, None, SearchQuery(words="停电通知")).hits),
        "index": lambda: key in database.read(lambda session: session.exec(select(SearchDocument.ref_id)).all()),
        "page": lambda: _has_page(database, None, key),
    }
    return {name for name, is_there in places.items() if is_there()}


EVERYWHERE = {"feed", "news", "newest", "cards", "box", "count", "search", "index", "page"}


def _has_page(database: Database, actor: Actor | None, key: int) -> bool:
    try:
        return bool(database.read(announcements.view, actor, key).announcement.title)
    except AnnouncementNotFound:
        return False


def test_operators_alone_see_what_waits(database: Database, operator: Actor, waiting: int) -> None:
    person = make_user(database)
    assert seen_by_everybody(database, waiting, person) == set()
    assert not _has_page(database, person, waiting)
    assert not _has_page(database, replace(operator, role=Role.MEMBER), waiting)
    shown = database.read(announcements.view, operator, waiting).announcement
    assert shown.scheduled_for
    # A rebuilt index does not know of it either.
    search_index.rebuild(database)
    assert seen_by_everybody(database, waiting, person) == set()


def test_the_clock_publishes_at_the_moment_and_once(
    database: Database, operator: Actor, waiting: int, due: datetime
) -> None:
    person = make_user(database)
    assert database.read(announcement_schedule.next_due) == due
    assert database.write(announcement_schedule.publish_due, due - timedelta(seconds=1)) == []
    late = due + 3 * HOUR
    assert database.write(announcement_schedule.publish_due, late) == [AnnouncementPublished(waiting)]
    assert seen_by_everybody(database, waiting, person) == EVERYWHERE
    # The server was off at that moment: it is told when it is told.
    assert database.read(announcements.view, None, waiting).announcement.published_at == iso(late)
    assert database.read(announcement_schedule.next_due) is None
    assert database.write(announcement_schedule.publish_due, late) == []


def test_of_several_clocks_one_publishes(database: Database, operator: Actor, waiting: int, due: datetime) -> None:
    told = race(*[partial(database.write, announcement_schedule.publish_due, due) for _ in range(4)])
    assert sorted(told, key=str) == [[AnnouncementPublished(waiting)], [], [], []]


def test_of_what_is_due_at_once_the_earliest_comes_first(database: Database, operator: Actor, due: datetime) -> None:
    later = make_announcement(database, operator, scheduled_at=due)
    earlier = make_announcement(database, operator, scheduled_at=due - HOUR / 2)
    make_announcement(database, operator, scheduled_at=due, is_deleted=True)
    told = database.write(announcement_schedule.publish_due, due)
    assert [event.announcement_id for event in told] == [earlier, later]


def test_what_was_written_before_but_told_after_is_unread(
    database: Database, operator: Actor, waiting: int, due: datetime
) -> None:
    person = make_user(database)
    make_announcement(database, operator)
    assert database.read(broadcasts.unread, person.user_id) == 1
    assert database.write(broadcasts.mark_seen, person) is not None
    assert database.read(broadcasts.unread, person.user_id) == 0
    database.write(announcement_schedule.publish_due, due)
    # Its number is lower than that of what was seen.
    assert database.read(broadcasts.unread, person.user_id) == 1
    assert database.write(broadcasts.mark_seen, person) is not None
    assert database.read(broadcasts.unread, person.user_id) == 0
    assert database.write(broadcasts.mark_seen, person) is None


def test_it_can_be_changed_while_it_waits(database: Database, operator: Actor, waiting: int, due: datetime) -> None:
    colleague = make_user(database, role=Role.OPERATOR)
    form = replace(FORM, title="停电改期", scheduled_at=due + HOUR)
    assert database.write(announcements.edit, colleague, waiting, form, 1) == AnnouncementChanged(waiting)
    assert database.read(announcement_schedule.next_due) == due + HOUR
    assert database.write(announcement_schedule.publish_due, due) == []
    assert database.read(announcements.for_form, operator, waiting).announcement.title == "停电改期"


def test_a_form_that_waits_no_longer_publishes(database: Database, operator: Actor, waiting: int) -> None:
    before = utc_now()
    assert database.write(announcements.edit, operator, waiting, FORM, 1) == AnnouncementPublished(waiting)
    shown = database.read(announcements.view, None, waiting).announcement
    assert datetime.fromisoformat(shown.published_at) >= before
    assert not shown.scheduled_for


def test_it_can_be_published_at_once_and_is_told_once(database: Database, operator: Actor, waiting: int) -> None:
    assert database.write(announcements.publish_now, operator, waiting) == AnnouncementPublished(waiting)
    assert database.write(announcements.publish_now, operator, waiting) is None
    assert seen_by_everybody(database, waiting, make_user(database)) >= {"feed", "page", "search"}


def test_what_everybody_saw_cannot_wait(database: Database, operator: Actor, waiting: int, due: datetime) -> None:
    database.write(announcement_schedule.publish_due, due)
    with pytest.raises(FormOutdated) as outdated:
        database.write(announcements.edit, operator, waiting, replace(FORM, scheduled_at=due), 1)
    with pytest.raises(InvalidForm) as refused:
        database.write(announcements.edit, operator, waiting, replace(FORM, scheduled_at=due), outdated.value.version)
    assert set(refused.value.errors) == {"scheduled"}


def test_a_deleted_one_is_never_published(database: Database, operator: Actor, waiting: int, due: datetime) -> None:
    database.write(announcements.delete, operator, waiting)
    assert database.write(announcement_schedule.publish_due, due) == []
    assert database.read(announcement_schedule.next_due) is None


def test_strangers_neither_publish_nor_list(database: Database, waiting: int) -> None:
    person = make_user(database)
    with pytest.raises(OperatorsOnly):
        database.write(announcements.publish_now, person, waiting)
    with pytest.raises(OperatorsOnly):
        database.read(announcement_schedule.listed, person)


def test_the_list_has_what_waits_first_and_then_the_newest(
    database: Database, operator: Actor, waiting: int, due: datetime
) -> None:
    old = make_announcement(database, operator, published_at=utc_now() - 9 * HOUR)
    new = make_announcement(database, operator, published_at=utc_now() - HOUR, is_pinned=True)
    make_announcement(database, operator, is_deleted=True)
    further = make_announcement(database, operator, scheduled_at=due + HOUR)
    found = database.read(announcement_schedule.listed, operator)
    assert [(row.id, row.is_scheduled, row.is_pinned) for row in found.rows] == [
        (further, True, False),
        (waiting, True, False),
        (new, False, True),
        (old, False, False),
    ]
    assert not found.has_more
    part = database.read(announcement_schedule.listed, operator, 3)
    assert ([row.id for row in part.rows], part.has_more) == ([further, waiting, new], True)


def test_what_operators_do_is_noted(database: Database, operator: Actor, waiting: int, due: datetime) -> None:
    database.write(announcements.edit, operator, waiting, replace(FORM, title="改过的", scheduled_at=due), 1)
    database.write(announcements.publish_now, operator, waiting)
    for pinned in (True, False):
        database.write(announcements.pin, operator, waiting, pinned=pinned)
    database.write(announcements.delete, operator, waiting)
    noted = database.read(lambda session: session.exec(select(AuditEntry).order_by(sa.text("id"))).all())
    verbs = ["schedule", "edit", "publish", "pin", "unpin", "delete"]
    assert [entry.action for entry in noted] == [f"announcement.{verb}" for verb in verbs]
    assert {(entry.operator_id, entry.target_id) for entry in noted} == {(operator.user_id, waiting)}
    assert "原标题：周六停电通知" in noted[1].detail


def test_an_archive_tells_that_it_waits(database: Database, operator: Actor, waiting: int, due: datetime) -> None:
    held = database.read(section_exports.of_person, operator.user_id)["announced"]
    assert held[0]["scheduled_at"] == iso(due)
    assert "published_at" not in held[0]


NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
FIELDS = {"title": "停水通知", "text": "周三停水两小时", "timed": "on"}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("2026-06-01T11:59", "已经过了"),
        ("2026-06-01T12:00", "已经过了"),
        ("2027-06-03T12:00", "一年"),
        ("", "请选择"),
        ("明天", "请选择"),
        ("2026-02-30T10:00", "请选择"),
        (None, "请选择"),
        (12, "请选择"),
    ],
)
def test_a_moment_that_cannot_be_is_refused_beside_its_field(typed: object, message: str) -> None:
    with pytest.raises(InvalidForm) as refused:
        check_announcement(FIELDS | {"scheduled": typed}, (), NOW)
    assert set(refused.value.errors) == {"scheduled"}
    assert message in refused.value.errors["scheduled"]


def test_a_moment_is_in_the_time_of_the_compound() -> None:
    checked = check_announcement(FIELDS | {"scheduled": "2026-06-01T12:01"}, (), NOW)
    assert checked.scheduled_at == NOW + timedelta(minutes=1)


def test_a_moment_counts_only_where_the_box_is_ticked() -> None:
    checked = check_announcement({**FIELDS, "timed": "", "scheduled": "2026-05-01T12:01"}, (), NOW)
    assert checked.scheduled_at is None


def test_a_session_that_fails_publishes_nothing(database: Database, waiting: int, due: datetime) -> None:
    def broken(session: Session) -> None:
        announcement_schedule.publish_due(session, due)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(broken)
    assert database.read(announcement_schedule.next_due) == due
