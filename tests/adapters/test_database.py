"""Units of work: what is started over, what is kept apart, what is left undone."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError, StatementError
from sqlmodel import Session, col, select

from tests.concurrency import PATIENCE, race
from tests.factories import make_listing, make_user
from xianyu.adapters.database import WRITE_ATTEMPTS, Database, get_database
from xianyu.models import Listing, User


def quantity(session: Session, listing_id: int) -> int:
    return session.exec(select(Listing.quantity).where(Listing.id == listing_id)).one()


def add_one(session: Session, listing_id: int) -> None:
    session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(quantity=Listing.quantity + 1))


def rename(session: Session, user_id: int, name: str) -> None:
    session.execute(sa.update(User).where(col(User.id) == user_id).values(username_key=name))


def test_get_database_is_the_one_under_test(database: Database) -> None:
    assert get_database() is database


def test_write_commits_and_returns_the_result(database: Database) -> None:
    actor = make_user(database)
    listing_id = make_listing(database, actor, quantity=4)

    def work(session: Session, result: str) -> str:
        add_one(session, listing_id)
        return result

    assert database.write(work, "done") == "done"
    assert database.read(quantity, listing_id) == 5


def test_write_undoes_everything_when_the_work_fails(database: Database) -> None:
    listing_id = make_listing(database, make_user(database))

    def work(session: Session) -> None:
        add_one(session, listing_id)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(work)
    assert database.read(quantity, listing_id) == 1


def test_read_changes_nothing(database: Database) -> None:
    listing_id = make_listing(database, make_user(database))
    database.read(add_one, listing_id)
    assert database.read(quantity, listing_id) == 1


def test_read_sees_nothing_uncommitted(database: Database) -> None:
    listing_id = make_listing(database, make_user(database))

    def work(session: Session) -> tuple[int, int]:
        add_one(session, listing_id)
        session.flush()
        return quantity(session, listing_id), database.read(quantity, listing_id)

    assert database.write(work) == (2, 1)
    assert database.read(quantity, listing_id) == 2


async def test_worker_threads_read_and_write(database: Database) -> None:
    listing_id = make_listing(database, make_user(database))
    await database.writing(add_one, listing_id)
    assert await database.reading(quantity, listing_id) == 2


def crossing_updates(database: Database) -> Callable[[int, int], int]:
    """A writer of two rows that holds the first until another one holds the second as well."""
    both_hold_one = threading.Barrier(2)

    def write(first: int, second: int) -> int:
        runs = 0

        def work(session: Session) -> int:
            nonlocal runs
            runs += 1
            add_one(session, first)
            if runs == 1:
                both_hold_one.wait(PATIENCE)
            add_one(session, second)
            return runs

        return database.write(work)

    return write


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_a_deadlock_is_started_over(database: Database) -> None:
    seller = make_user(database)
    one, two = make_listing(database, seller), make_listing(database, seller)
    write = crossing_updates(database)
    runs = race(partial(write, one, two), partial(write, two, one))
    # The server picks a victim; both, where each side noticed in the same moment.
    assert max(int(str(count)) for count in runs) > 1
    assert [database.read(quantity, listing_id) for listing_id in (one, two)] == [3, 3]


def test_writers_of_one_row_wait_for_each_other(database: Database) -> None:
    listing_id = make_listing(database, make_user(database), quantity=0)

    def ten_times() -> None:
        for _ in range(10):
            database.write(add_one, listing_id)

    assert race(*[ten_times] * 8) == [None] * 8
    assert database.read(quantity, listing_id) == 80


def test_sqlite_writers_that_read_first_all_succeed(sqlite_database: Database) -> None:
    """A transaction that reads and then writes fails at once unless it asked for the lock at its start."""
    listing_id = make_listing(sqlite_database, make_user(sqlite_database), quantity=0)
    other_process = Database(sqlite_database.engine.url.render_as_string())
    runs: list[int] = []

    def read_then_write(session: Session) -> None:
        runs.append(1)
        now = quantity(session, listing_id)
        session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(quantity=now + 1))

    def ten_times(database: Database) -> None:
        for _ in range(10):
            database.write(read_then_write)

    works = [partial(ten_times, database) for database in (sqlite_database, other_process) * 2]
    assert race(*works) == [None] * 4
    assert sqlite_database.read(quantity, listing_id) == len(runs) == 40
    other_process.engine.dispose()


def test_a_lost_race_for_a_key_is_started_over(database: Database) -> None:
    taken, actor = make_user(database, "alice"), make_user(database, "bob")
    tries: list[str] = []

    def work(session: Session) -> None:
        tries.append("alice" if not tries else "carol")
        rename(session, actor.user_id, tries[-1])

    database.write(work)
    assert tries == ["alice", "carol"]
    names = database.read(lambda session: session.exec(select(User.username_key)).all())
    assert sorted(names) == ["alice", "carol"]
    assert taken.username == "alice"


def test_a_hopeless_write_gives_up(database: Database) -> None:
    make_user(database, "alice")
    actor = make_user(database, "bob")
    tries: list[int] = []

    def work(session: Session) -> None:
        tries.append(1)
        rename(session, actor.user_id, "alice")

    with pytest.raises(IntegrityError):
        database.write(work)
    assert len(tries) == WRITE_ATTEMPTS


def test_an_error_in_the_statement_is_not_repeated(database: Database) -> None:
    tries: list[int] = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(sa.text("SELECT * FROM no_such_table"))

    with pytest.raises((OperationalError, ProgrammingError)):
        database.write(work)
    assert len(tries) == 1


def test_foreign_keys_are_in_force(database: Database) -> None:
    with pytest.raises(IntegrityError):
        make_listing(database, make_user(database), seller_id=999_999_999)


def test_all_of_unicode_survives(database: Database) -> None:
    title, description = "𠮷野家 🧧 Ａa", "👨‍👩‍👧‍👦\n𪚥龘\t“引号” '; DROP TABLE listing; --"
    listing_id = make_listing(database, make_user(database), title=title, description=description)
    listing = database.read(lambda session: session.get_one(Listing, listing_id))
    assert (listing.title, listing.description) == (title, description)


def test_instants_keep_their_microseconds_and_zone(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    instant = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=shanghai)
    listing_id = make_listing(database, make_user(database), published_at=instant)
    stored = database.read(lambda session: session.get_one(Listing, listing_id)).published_at
    assert (stored, stored.utcoffset()) == (instant, timedelta(0))


def test_naive_instants_are_refused(database: Database) -> None:
    seller = make_user(database)
    naive = datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001 - the very thing to be refused
    with pytest.raises(StatementError, match="names no instant"):
        make_listing(database, seller, published_at=naive)
