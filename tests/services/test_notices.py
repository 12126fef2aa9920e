from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories import make_listing, make_user
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.models import Activity, Announcement, NoticeKind
from xianyu.models.types import utc_now
from xianyu.schemas.events import NoticeAdded, NoticesRead
from xianyu.services import broadcasts, notices


def test_each_is_told_once_and_never_of_what_they_did(database: Database) -> None:
    actor, one, other = make_user(database), make_user(database), make_user(database)
    listing_id = make_listing(database, actor)
    people = [one.user_id, actor.user_id, other.user_id, one.user_id]
    told = database.write(
        notices.add, people, NoticeKind.FAVORITED, actor_id=actor.user_id, listing_id=listing_id, subject="车"
    )
    assert told == [NoticeAdded(user_id) for user_id in sorted({one.user_id, other.user_id})]
    assert database.write(notices.add, [], NoticeKind.FAVORITED) == []
    assert [database.read(notices.unread, one_of.user_id) for one_of in (actor, one, other)] == [0, 1, 1]


def test_long_words_are_cut(database: Database) -> None:
    me = make_user(database)
    database.write(notices.add, [me.user_id], NoticeKind.SEARCH_MATCHED, subject="长" * 500, detail="😀" * 500)
    (notice,) = database.read(notices.page, me).notices
    assert (len(notice.subject), len(notice.detail)) == (60, 120)


def test_pages_go_back_to_the_first(database: Database) -> None:
    me, other = make_user(database), make_user(database)
    for number in range(5):
        database.write(notices.add, [me.user_id, other.user_id], NoticeKind.SEARCH_MATCHED, subject=str(number))
    first = database.read(notices.page, me, None, 2)
    assert [notice.subject for notice in first.notices] == ["4", "3"]
    rest = database.read(notices.page, me, first.notices[-1].id, 3)
    assert [notice.subject for notice in rest.notices] == ["2", "1", "0"]
    assert (first.has_more, rest.has_more) == (True, False)


def test_what_was_seen_is_read_and_no_more(database: Database) -> None:
    me, other = make_user(database), make_user(database)
    for number in range(4):
        database.write(notices.add, [me.user_id, other.user_id], NoticeKind.SEARCH_MATCHED, subject=str(number))
    newest, older = database.read(notices.page, me, None, 2).notices
    assert database.write(notices.mark_read, me, newest.id, older.id) == NoticesRead(me.user_id)
    assert database.write(notices.mark_read, me, newest.id, older.id) is None
    assert [notice.is_new for notice in database.read(notices.page, me).notices] == [False, False, True, True]
    assert (database.read(notices.unread, me.user_id), database.read(notices.unread, other.user_id)) == (2, 4)
    # Somebody else's ids mark nothing of theirs.
    foreign = database.read(notices.page, other).notices
    database.write(notices.mark_read, me, foreign[0].id, foreign[0].id)
    assert database.read(notices.unread, other.user_id) == 4
    assert database.write(notices.mark_all_read, me) == NoticesRead(me.user_id, everything=True)
    assert (database.read(notices.unread, me.user_id), database.read(notices.unread, other.user_id)) == (0, 4)


@pytest.mark.parametrize("bad", [0, -1, 2**63, None, "1", [], True])
def test_numbers_that_are_none_mark_nothing(sqlite_database: Database, bad: Any) -> None:
    me = make_user(sqlite_database)
    sqlite_database.write(notices.add, [me.user_id], NoticeKind.SEARCH_MATCHED, subject="x")
    assert sqlite_database.write(notices.mark_read, me, bad, 1) is None
    assert sqlite_database.write(notices.mark_read, me, 2**62, bad) is None
    assert sqlite_database.read(notices.unread, me.user_id) == 1


def test_each_leads_to_what_it_speaks_of(database: Database) -> None:
    me, peer = make_user(database), make_user(database, "邻居甲")
    listing_id = make_listing(database, me)
    now = utc_now()

    def arrange(session: Session) -> int:
        activity = Activity(
            organizer_id=me.user_id,
            title="读书会",
            text="一起读书",
            place="活动室",
            starts_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=1, hours=2),
            capacity=5,
        )
        session.add(activity)
        session.flush()
        assert activity.id is not None
        told: dict[str, Any] = {"actor_id": peer.user_id, "subject": "车"}
        notices.add(session, [me.user_id], NoticeKind.WANTED, listing_id=listing_id, **told)
        notices.add(session, [me.user_id], NoticeKind.FAVORITED, listing_id=listing_id, **told)
        notices.add(session, [me.user_id], NoticeKind.ACTIVITY_JOINED, activity_id=activity.id, **told)
        return activity.id

    activity_id = database.write(arrange)
    joined, favorited, wanted = database.read(notices.page, me).notices
    assert wanted.url == routes.conversation(peer.user_id)
    assert favorited.url == routes.listing(listing_id)
    assert joined.url == routes.activity(activity_id)
    assert {notice.actor_name for notice in (joined, favorited, wanted)} == {"邻居甲"}
    assert favorited.cover_url.startswith("/media/")


def test_broadcasts_are_what_is_new_for_everyone(database: Database) -> None:
    seller = make_user(database)
    now = utc_now()
    shown = make_listing(database, seller, title="新上架的", published_at=now - timedelta(hours=3), price_fen=0)
    make_listing(database, seller, title="旧的", published_at=now - timedelta(days=8))
    make_listing(database, seller, title="下架的", status="taken_down")

    def announce(session: Session) -> None:
        for title, hours, is_deleted in (("停水通知", 1, False), ("撤回的", 1, True), ("很久以前", 24 * 90, False)):
            session.add(
                Announcement(
                    author_id=seller.user_id,
                    title=title,
                    text="…",
                    is_deleted=is_deleted,
                    published_at=now - timedelta(hours=hours),
                )
            )
        for title, hours, ends in (("读书会", 2, 5), ("过去的", 2, -1)):
            session.add(
                Activity(
                    organizer_id=seller.user_id,
                    title=title,
                    text="…",
                    place="活动室",
                    capacity=3,
                    starts_at=now + timedelta(hours=ends - 1),
                    ends_at=now + timedelta(hours=ends),
                    published_at=now - timedelta(hours=hours),
                )
            )

    database.write(announce)
    found = database.read(broadcasts.latest)
    assert [(entry.kind, entry.title) for entry in found] == [
        ("announcement", "停水通知"),
        ("activity", "读书会"),
        ("listing", "新上架的"),
    ]
    assert found[2].url == routes.listing(shown)
    assert [entry.note for entry in found] == ["公告", "活动 · 活动室", "新上架 · 免费送"]
