"""Keeps the search index in step: whoever changes what can be found calls ``refresh`` in the same transaction."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, col

from xianyu.adapters.database import Database
from xianyu.models import (
    Activity,
    ActivityStatus,
    Announcement,
    Listing,
    ListingStatus,
    ListingTag,
    SearchDocument,
    Section,
)
from xianyu.services import categories
from xianyu.services.search_text import Findable, document

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# Things that one transaction of a rebuild brings into step: others write between two of them.
_BATCH = 200
# Things of one microsecond. More of them than this are no accident.
_MOST_AT_ONCE = 1000

_Things = dict[int, tuple[Findable, datetime]]


def refresh(session: Session, section: Section, ref_id: int) -> None:
    """Make the index say of one thing what its row says now: added, replaced, or removed.

    What is not on offer, cancelled, deleted, or not there at all, is not in the index.
    """
    refresh_all(session, section, [ref_id])


def refresh_all(session: Session, section: Section, ref_ids: Sequence[int]) -> None:
    """The same for several things of one section, in few statements."""
    if not ref_ids:
        return
    session.flush()
    things = _READERS[section](session, sorted(ref_ids))
    documents = _documents_of(section, ref_ids)
    known = {row.ref_id: row for row in session.execute(sa.select(*_COLUMNS).where(*documents))}
    gone = known.keys() - things.keys()
    if gone:
        session.execute(sa.delete(SearchDocument).where(*_documents_of(section, gone)))
    places = _places(session, section, {ref_id: feed_place(moment) for ref_id, (_, moment) in things.items()})
    added = []
    for ref_id, (thing, _) in things.items():
        values = {"id": places[ref_id], "price_fen": thing.price_fen or 0, "text": document(thing)}
        if ref_id not in known:
            added.append({"section": section.value, "ref_id": ref_id, **values})
        elif any(getattr(known[ref_id], name) != value for name, value in values.items()):
            session.execute(sa.update(SearchDocument).where(*_documents_of(section, [ref_id])).values(**values))
    if added:
        session.execute(sa.insert(SearchDocument), added)


_COLUMNS = (
    col(SearchDocument.ref_id),
    col(SearchDocument.id),
    col(SearchDocument.price_fen),
    col(SearchDocument.text),
)


def _documents_of(section: Section, ref_ids: Iterable[int]) -> tuple[sa.ColumnElement[bool], ...]:
    return col(SearchDocument.section) == section, col(SearchDocument.ref_id).in_(list(ref_ids))


def stored(session: Session, section: Section, ref_id: int) -> tuple[str, int] | None:
    """The words and the price of a thing's document, as ``search_text.matches`` takes them, if it has one."""
    row = session.execute(sa.select(*_COLUMNS).where(*_documents_of(section, [ref_id]))).first()
    return None if row is None else (row.text, row.price_fen)


# Places in the feed ----------------------------------------------------------------------------------


def feed_place(published_at: datetime) -> int:
    """Microseconds since 1970."""
    return (published_at - _EPOCH) // _MICROSECOND


def _places(session: Session, section: Section, wanted: dict[int, int]) -> dict[int, int]:
    """For each thing the first free number from its moment's own on.

    Of two transactions that take the same one the later fails by the key, and is started over.
    """
    places: dict[int, int] = {}
    others = sa.select(col(SearchDocument.id)).where(sa.not_(sa.and_(*_documents_of(section, wanted))))
    taken = set(session.scalars(others.where(col(SearchDocument.id).in_(list(wanted.values())))))
    for ref_id in sorted(wanted):
        place = wanted[ref_id]
        if place in taken:
            after = others.where(col(SearchDocument.id).between(place, place + _MOST_AT_ONCE))
            taken |= set(session.scalars(after))
        while place in taken:
            place += 1
        taken.add(place)
        places[ref_id] = place
    return places


# Things ----------------------------------------------------------------------------------------------
# Their rows are locked, so that a rebuild cannot put an older text over a newer one.


def _rows(session: Session, table: Any, ref_ids: Sequence[int], *conditions: sa.ColumnElement[bool]) -> Iterable[Any]:
    statement = sa.select(table).where(col(table.id).in_(ref_ids), *conditions).order_by(col(table.id))
    # What an update has written past the session's objects is read anew.
    return session.scalars(statement.with_for_update().execution_options(populate_existing=True))


def _listings(session: Session, ref_ids: Sequence[int]) -> _Things:
    rows = list(_rows(session, Listing, ref_ids, col(Listing.status) == ListingStatus.ACTIVE))
    tags: dict[int, list[str]] = {row.id: [] for row in rows}
    for tag in session.execute(
        sa.select(col(ListingTag.listing_id), col(ListingTag.name))
        .where(col(ListingTag.listing_id).in_(list(tags)))
        .order_by(col(ListingTag.listing_id), col(ListingTag.position))
    ):
        tags[tag.listing_id].append(tag.name)
    return {
        row.id: (
            Findable(
                section=Section.TRADE,
                title=row.title,
                text=row.description,
                tags=tuple(tags[row.id]),
                category=row.category,
                condition=row.condition,
                kind=row.kind,
                price_fen=row.price_fen,
            ),
            row.published_at,
        )
        for row in rows
    }


def _activities(session: Session, ref_ids: Sequence[int]) -> _Things:
    rows = _rows(session, Activity, ref_ids, col(Activity.status) == ActivityStatus.OPEN)
    return {
        row.id: (Findable(Section.ACTIVITY, row.title, f"{row.place}\n{row.text}"), row.published_at) for row in rows
    }


def _announcements(session: Session, ref_ids: Sequence[int]) -> _Things:
    rows = _rows(
        session,
        Announcement,
        ref_ids,
        col(Announcement.is_deleted).is_(False),
        col(Announcement.scheduled_at).is_(None),
    )
    return {row.id: (Findable(Section.ANNOUNCEMENT, row.title, row.text), row.published_at) for row in rows}


_READERS: dict[Section, Callable[[Session, Sequence[int]], _Things]] = {
    Section.TRADE: _listings,
    Section.ACTIVITY: _activities,
    Section.ANNOUNCEMENT: _announcements,
}
_TABLES: dict[Section, Any] = {
    Section.TRADE: Listing,
    Section.ACTIVITY: Activity,
    Section.ANNOUNCEMENT: Announcement,
}


# Rebuilding ------------------------------------------------------------------------------------------


def is_missing(session: Session) -> bool:
    """Whether there are things and not a single document: the database is older than the index."""
    if session.execute(sa.select(col(SearchDocument.id)).limit(1)).first() is not None:
        return False
    return any(session.execute(sa.select(col(table.id)).limit(1)).first() is not None for table in _TABLES.values())


def rebuild(database: Database, report: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Bring every document into step with its thing, while others read and write.

    Args:
        database: Where.
        report: Is told from time to time how many of how many things are done.

    Returns:
        How many documents there are now.
    """
    if database.is_sqlite:
        database.write(_mend)
    # Which group a category is in that operators added.
    database.read(categories.load)
    todo = database.read(_count)
    done = 0
    for section, table in _TABLES.items():
        last = 0
        while ids := database.read(_next_ids, table, last):
            database.write(refresh_all, section, ids)
            last, done = ids[-1], done + len(ids)
            report(done, max(todo, done))
        database.write(_forget_strays, section, table)
    return database.read(_count_documents)


def _mend(session: Session) -> None:
    """SQLite's index is a table of its own. Where it is not what the documents say, it is made anew."""
    try:
        with session.begin_nested():
            session.connection().exec_driver_sql(
                "INSERT INTO search_index (search_index, rank) VALUES ('integrity-check', 1)"
            )
    except DatabaseError:
        session.connection().exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('rebuild')")


def _count(session: Session) -> int:
    return sum(session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in _TABLES.values())


def _count_documents(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(SearchDocument)) or 0


def _next_ids(session: Session, table: Any, last: int) -> list[int]:
    found = sa.select(col(table.id)).where(col(table.id) > last).order_by(col(table.id)).limit(_BATCH)
    return list(session.scalars(found))


def _forget_strays(session: Session, section: Section, table: Any) -> None:
    """Documents whose thing is not even a row any more."""
    there = sa.select(col(table.id))
    session.execute(
        sa.delete(SearchDocument).where(
            col(SearchDocument.section) == section, col(SearchDocument.ref_id).not_in(there)
        )
    )
