"""How much of the box 广播 a person has not seen: what operators told everybody since they last looked."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import col

from tests.factories import make_activity, make_announcement, make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import Announcement, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import BroadcastsSeen
from xianyu.services import announcements, broadcasts

DAY = timedelta(days=1)


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, role=Role.OPERATOR)


@pytest.fixture
def person(database: Database) -> Actor:
    return make_user(database)


def unread(database: Database, person: Actor) -> int:
    return database.read(broadcasts.unread, person.user_id)


def test_announcements_count_until_they_are_seen(database: Database, operator: Actor, person: Actor) -> None:
    other = make_user(database)
    for count in (1, 2, 3):
        make_announcement(database, operator)
        assert unread(database, person) == count
    assert database.write(broadcasts.mark_seen, person) == BroadcastsSeen(person.user_id)
    assert database.write(broadcasts.mark_seen, person) is None
    assert (unread(database, person), unread(database, other)) == (0, 3)
    make_announcement(database, operator)
    assert (unread(database, person), unread(database, other)) == (1, 4)


def test_who_told_it_has_seen_it(database: Database, operator: Actor) -> None:
    make_announcement(database, operator)
    assert unread(database, operator) == 0
    make_announcement(database, make_user(database, role=Role.OPERATOR))
    assert unread(database, operator) == 1


def test_a_count_that_never_rests_is_no_count(database: Database, operator: Actor, person: Actor) -> None:
    """Neither things nor activities count: in a busy compound they would always be there."""
    make_listing(database, operator)
    make_activity(database, operator)
    assert unread(database, person) == 0
    assert database.write(broadcasts.mark_seen, person) is None


def test_what_is_deleted_counts_no_longer(database: Database, operator: Actor, person: Actor) -> None:
    kept, deleted = make_announcement(database, operator), make_announcement(database, operator)
    database.write(announcements.delete, operator, deleted)
    assert unread(database, person) == 1
    database.write(announcements.delete, operator, kept)
    assert unread(database, person) == 0


def test_an_edited_or_pinned_one_does_not_come_back(database: Database, operator: Actor, person: Actor) -> None:
    told = make_announcement(database, operator)
    database.write(broadcasts.mark_seen, person)
    database.write(announcements.pin, operator, told, pinned=True)
    assert unread(database, person) == 0


def test_what_was_told_before_one_came_is_no_news(database: Database, operator: Actor) -> None:
    for _ in range(3):
        make_announcement(database, operator)
    newcomer = make_user(database)
    assert unread(database, newcomer) == 0
    make_announcement(database, operator)
    assert unread(database, newcomer) == 1


def test_only_what_the_box_shows_counts(database: Database, operator: Actor, person: Actor) -> None:
    age = broadcasts.DAYS["announcement"]
    database.write(
        lambda session: session.execute(
            sa.update(User).where(col(User.id) == person.user_id).values(created_at=utc_now() - 2 * age)
        )
    )
    make_announcement(database, operator, published_at=utc_now() - age - DAY)
    recent = make_announcement(database, operator, published_at=utc_now() - age + DAY)
    assert unread(database, person) == 1
    assert [entry.id for entry in database.read(broadcasts.latest) if entry.kind == "announcement"] == [recent]


def test_an_announcement_is_not_crowded_out(database: Database, operator: Actor, person: Actor) -> None:
    told = make_announcement(database, operator, published_at=utc_now() - DAY)
    for _ in range(broadcasts.LIMIT + 1):
        make_listing(database, person)
    shown = database.read(broadcasts.latest)
    assert len(shown) == broadcasts.LIMIT
    assert (shown[-1].kind, shown[-1].id) == ("announcement", told)


def test_nobody_asks_more_than_once(database: Database, person: Actor, counted: Callable[[], int]) -> None:
    unread(database, person)
    assert counted() == 1


@pytest.fixture
def counted(database: Database) -> Callable[[], int]:
    """How many statements were run since."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    return lambda: len(seen)


def test_the_position_moves_forward_alone(database: Database, operator: Actor, person: Actor) -> None:
    make_announcement(database, operator)
    database.write(broadcasts.mark_seen, person)
    database.write(lambda session: session.execute(sa.delete(Announcement)))
    assert database.write(broadcasts.mark_seen, person) is None
    make_announcement(database, operator)
    assert unread(database, person) == 1
