"""Inviting, changing, calling off, and who comes, on every database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_activity, make_announcement, make_listing, make_photo, make_user
from xianyu.adapters.database import Database
from xianyu.models import Activity, ActivitySignup, Notice, Photo, SearchDocument
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ActivityChanged, ActivityPublished, NoticeAdded
from xianyu.schemas.sections import ActivityForm, Phase
from xianyu.services import activities, activity_pages, closing, section_exports
from xianyu.services.activities import ActivityClosed, ActivityNotFound, NotYourActivity
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.section_forms import FormOutdated

HOUR = timedelta(hours=1)
RARE = "é 周末 𠮷野家 👨‍👩‍👧‍👦 '; DROP TABLE x;-- %_\\ <b>"


def form(**changes: object) -> ActivityForm:
    starts = utc_now().replace(microsecond=0) + 48 * HOUR
    whole = ActivityForm("周末跳蚤市场", "带上闲置，一起摆摊", "南门小广场", starts, starts + 2 * HOUR, 3)
    return replace(whole, **changes)  # type: ignore[arg-type]  # each test passes what the field takes


def publish(database: Database, organizer: Actor, **changes: object) -> int:
    return database.write(activities.publish, organizer, form(**changes)).activity_id


def row(database: Database, activity_id: int) -> Activity:
    found = database.read(Session.get_one, Activity, activity_id)
    assert isinstance(found, Activity)
    return found


def guests(database: Database, activity_id: int) -> list[int]:
    def work(session: Session) -> list[int]:
        return list(session.exec(select(ActivitySignup.user_id).where(ActivitySignup.activity_id == activity_id)))

    return sorted(database.read(work))


def notices_of(database: Database, user_id: int) -> list[tuple[str, str, str]]:
    def work(session: Session) -> list[tuple[str, str, str]]:
        found = session.exec(select(Notice).where(Notice.user_id == user_id).order_by(col(Notice.id)))
        return [(notice.kind, notice.subject, notice.detail) for notice in found]

    return database.read(work)


def findable(database: Database, activity_id: int) -> bool:
    def work(session: Session) -> bool:
        wanted = (SearchDocument.section == "activity", SearchDocument.ref_id == activity_id)
        return session.exec(select(SearchDocument.id).where(*wanted)).first() is not None

    return database.read(work)


def move_end(database: Database, activity_id: int, by: timedelta) -> None:
    """Let time pass: it ended, or will end, so long from now."""
    moved = sa.update(Activity).where(col(Activity.id) == activity_id)
    values = {"starts_at": utc_now() + by - 2 * HOUR, "ends_at": utc_now() + by}
    database.write(lambda session: session.execute(moved.values(**values)))


def test_a_published_activity_shows_what_was_typed(database: Database) -> None:
    organizer = make_user(database, "组织者")
    photos = tuple(make_photo(database, organizer) for _ in range(3))
    event = database.write(activities.publish, organizer, form(title=RARE[:60], text=f"{RARE}\n二", photo_ids=photos))

    assert event == ActivityPublished(event.activity_id, organizer.user_id)
    view = database.read(activity_pages.view, None, event.activity_id)
    assert (view.activity.title, view.activity.text, view.activity.place) == (RARE[:60], f"{RARE}\n二", "南门小广场")
    assert (view.activity.capacity, view.activity.signup_count, view.activity.phase) == (3, 0, Phase.OPEN)
    assert (view.activity.organizer_name, view.activity.is_mine, view.guests) == ("组织者", False, [])
    assert [photo.id for photo in view.photos] == list(photos)
    assert database.read(activity_pages.view, organizer, event.activity_id).activity.is_mine
    card = database.read(activity_pages.feed, None).cards[0]
    assert (card.id, card.title, card.cover_url) == (event.activity_id, RARE[:60], view.photos[0].thumb_url)
    assert findable(database, event.activity_id)


def test_it_may_begin_in_the_future_alone(database: Database) -> None:
    organizer, now = make_user(database), utc_now()
    with pytest.raises(InvalidForm) as refused:
        publish(database, organizer, starts_at=now - HOUR, ends_at=now + HOUR)
    assert refused.value.field == "starts"


def test_photos_of_others_and_used_ones_are_refused(database: Database) -> None:
    organizer, other = make_user(database), make_user(database)
    own, foreign = make_photo(database, organizer), make_photo(database, other)
    of_listing = make_photo(database, organizer, listing_id=make_listing(database, organizer))
    of_activity = make_photo(database, organizer, activity_id=make_activity(database, organizer))
    for bad in (foreign, of_listing, of_activity, 2**62):
        with pytest.raises(InvalidForm) as refused:
            publish(database, organizer, photo_ids=(own, bad))
        assert refused.value.field == "photos"
    photo = database.read(Session.get_one, Photo, own)
    assert isinstance(photo, Photo)
    assert photo.activity_id is None
    assert database.read(activity_pages.feed, None).cards[1:] == []


@pytest.mark.parametrize(("places", "people"), [(3, 12), (1, 8)])
def test_of_many_at_once_only_so_many_get_in_as_there_are_places(places: int, people: int, database: Database) -> None:
    activity_id = publish(database, make_user(database), capacity=places)
    crowd = [make_user(database) for _ in range(people)]

    results = race(*(partial(database.write, activities.sign_up, one, activity_id) for one in crowd))

    assert (
        sorted(type(result).__name__ for result in results)
        == ["ActivityClosed"] * (people - places) + ["list"] * places
    )
    assert row(database, activity_id).signup_count == len(guests(database, activity_id)) == places
    assert database.read(activity_pages.view, None, activity_id).activity.phase == Phase.FULL


def test_coming_and_going_at_once_never_loses_count(database: Database) -> None:
    activity_id = publish(database, make_user(database), capacity=4)
    crowd = [make_user(database) for _ in range(8)]
    for one in crowd[:4]:
        database.write(activities.sign_up, one, activity_id)
    leaving = [partial(database.write, activities.leave, one, activity_id) for one in crowd[:4]]
    # Everyone presses twice, from two tabs.
    coming = [partial(database.write, activities.sign_up, one, activity_id) for one in crowd[4:]] * 2
    results = race(*leaving, *leaving, *coming)
    assert all(isinstance(result, list | ActivityClosed) for result in results), results
    present = guests(database, activity_id)
    assert row(database, activity_id).signup_count == len(present) <= 4
    assert {one.user_id for one in crowd[:4]}.isdisjoint(present)


def test_signing_up_twice_counts_once_and_is_told_once(database: Database) -> None:
    organizer, guest = make_user(database), make_user(database, "来客")
    activity_id = publish(database, organizer)
    events = database.write(activities.sign_up, guest, activity_id)
    assert events == [ActivityChanged(activity_id), NoticeAdded(organizer.user_id)]
    assert database.write(activities.sign_up, guest, activity_id) == []
    assert guests(database, activity_id) == [guest.user_id]
    view = database.read(activity_pages.view, guest, activity_id)
    assert (view.activity.is_going, view.activity.signup_count, view.guests[0].name) == (True, 1, "来客")
    assert notices_of(database, organizer.user_id) == [("activity_joined", "周末跳蚤市场", "1/3 人")]


def test_who_leaves_makes_room(database: Database) -> None:
    activity_id = publish(database, make_user(database), capacity=1)
    first, second = make_user(database), make_user(database)
    database.write(activities.sign_up, first, activity_id)
    with pytest.raises(ActivityClosed):
        database.write(activities.sign_up, second, activity_id)
    assert database.write(activities.leave, first, activity_id) == [ActivityChanged(activity_id)]
    assert database.write(activities.leave, first, activity_id) == []
    database.write(activities.sign_up, second, activity_id)
    assert guests(database, activity_id) == [second.user_id]


def test_what_is_over_takes_nobody_in_and_lets_nobody_out(database: Database) -> None:
    guest = make_user(database)
    activity_id = publish(database, make_user(database))
    database.write(activities.sign_up, guest, activity_id)
    # While it is on, people may still join.
    move_end(database, activity_id, HOUR)
    database.write(activities.sign_up, make_user(database), activity_id)
    move_end(database, activity_id, -HOUR)
    for service, actor in ((activities.sign_up, make_user(database)), (activities.leave, guest)):
        with pytest.raises(ActivityClosed, match="已经结束"):
            database.write(service, actor, activity_id)
    assert row(database, activity_id).signup_count == 2
    assert database.read(activity_pages.feed, None).cards[0].phase == Phase.PAST


def test_ones_own_activity_needs_no_signing_up(database: Database) -> None:
    organizer = make_user(database)
    activity_id = publish(database, organizer)
    with pytest.raises(ActivityClosed, match="自己"):
        database.write(activities.sign_up, organizer, activity_id)


def test_an_edit_changes_everything_and_tells_those_who_come(database: Database) -> None:
    organizer, guest = make_user(database), make_user(database)
    photo = make_photo(database, organizer)
    activity_id = publish(database, organizer, photo_ids=(photo,))
    database.write(activities.sign_up, guest, activity_id)
    other = make_photo(database, organizer)
    moved = form(title="改期的市场", place="北门", capacity=9, photo_ids=(other,))
    moved = replace(moved, starts_at=moved.starts_at + HOUR, ends_at=moved.ends_at + HOUR)

    events = database.write(activities.edit, organizer, activity_id, moved, 1)

    assert events == [ActivityChanged(activity_id), NoticeAdded(guest.user_id)]
    view = database.read(activity_pages.view, guest, activity_id)
    assert (view.activity.title, view.activity.place, view.activity.capacity) == ("改期的市场", "北门", 9)
    assert [one.id for one in view.photos] == [other]
    kind, subject, detail = notices_of(database, guest.user_id)[-1]
    assert (kind, subject) == ("activity_changed", "改期的市场")
    assert f"时间改为{view.activity.when}" in detail
    assert "地点改为北门" in detail
    # What does not move needs no notice.
    assert database.write(activities.edit, organizer, activity_id, replace(moved, text="说明改了一点"), 2) == [
        ActivityChanged(activity_id)
    ]


def test_capacity_cannot_fall_below_those_who_come(database: Database) -> None:
    organizer = make_user(database)
    activity_id = publish(database, organizer)
    for _ in range(2):
        database.write(activities.sign_up, make_user(database), activity_id)
    with pytest.raises(InvalidForm) as refused:
        database.write(activities.edit, organizer, activity_id, form(capacity=1), 1)
    assert refused.value.field == "capacity"
    assert "2 人" in refused.value.message
    database.write(activities.edit, organizer, activity_id, form(capacity=2), 1)
    assert database.read(activity_pages.view, None, activity_id).activity.phase == Phase.FULL


def test_an_edit_that_meets_sign_ups_never_leaves_too_many(database: Database) -> None:
    organizer = make_user(database)
    for _ in range(3):
        activity_id = publish(database, organizer, capacity=5)
        crowd = [make_user(database) for _ in range(5)]
        race(
            *(partial(database.write, activities.sign_up, one, activity_id) for one in crowd),
            partial(database.write, activities.edit, organizer, activity_id, form(capacity=2), 1),
        )
        found = row(database, activity_id)
        assert found.signup_count == len(guests(database, activity_id)) <= found.capacity


def test_the_later_of_two_edits_is_told_of_the_first(database: Database) -> None:
    organizer = make_user(database)
    activity_id = publish(database, organizer)
    database.write(activities.edit, organizer, activity_id, form(title="第一个改动"), 1)
    with pytest.raises(FormOutdated) as refused:
        database.write(activities.edit, organizer, activity_id, form(title="第二个改动"), 1)
    assert row(database, activity_id).title == "第一个改动"
    database.write(activities.edit, organizer, activity_id, form(title="第二个改动"), refused.value.version)
    assert row(database, activity_id).title == "第二个改动"


def test_while_it_is_on_its_beginning_stays(database: Database) -> None:
    organizer = make_user(database)
    activity_id = publish(database, organizer)
    move_end(database, activity_id, HOUR)
    now = row(database, activity_id)
    kept = form(starts_at=now.starts_at, ends_at=now.ends_at + HOUR)
    database.write(activities.edit, organizer, activity_id, kept, 1)
    with pytest.raises(InvalidForm) as refused:
        database.write(activities.edit, organizer, activity_id, replace(kept, starts_at=now.starts_at - HOUR), 2)
    assert refused.value.field == "starts"


@pytest.mark.parametrize("end", [activities.cancel, activities.delete])
def test_those_who_would_come_are_told_that_it_is_off(end: Callable[..., list[object]], database: Database) -> None:
    organizer, guest = make_user(database), make_user(database)
    activity_id = publish(database, organizer)
    database.write(activities.sign_up, guest, activity_id)
    assert database.write(end, organizer, activity_id) == [ActivityChanged(activity_id), NoticeAdded(guest.user_id)]
    assert notices_of(database, guest.user_id) == [("activity_cancelled", "周末跳蚤市场", "")]
    assert database.read(activity_pages.feed, None).cards == []
    assert not findable(database, activity_id)
    with pytest.raises(DomainError):
        database.write(activities.sign_up, make_user(database), activity_id)


def test_a_cancelled_one_stays_to_be_seen_and_a_deleted_one_does_not(database: Database) -> None:
    organizer = make_user(database)
    activity_id = publish(database, organizer)
    database.write(activities.cancel, organizer, activity_id)
    assert database.read(activity_pages.view, None, activity_id).activity.phase == Phase.CANCELLED
    for again in (activities.cancel, partial(activities.edit, form=form(), version=2)):
        with pytest.raises(ActivityClosed):
            database.write(again, organizer, activity_id)
    database.write(activities.delete, organizer, activity_id)
    # Deleting twice is no error, and tells nobody anything twice.
    assert database.write(activities.delete, organizer, activity_id) == [ActivityChanged(activity_id)]
    with pytest.raises(ActivityNotFound):
        database.read(activity_pages.view, organizer, activity_id)
    assert database.read(activity_pages.mine, organizer) == []


@pytest.mark.parametrize(
    "service",
    [activities.cancel, activities.delete, partial(activities.edit, form=form(), version=1), activity_pages.own],
)
def test_nobody_else_changes_it(service: Callable[..., object], database: Database) -> None:
    activity_id = publish(database, make_user(database))
    with pytest.raises(NotYourActivity):
        database.write(service, make_user(database), activity_id)
    for wrong in (0, -1, 2**62, 10**30, "1", None):
        with pytest.raises(ActivityNotFound):
            database.write(service, make_user(database), wrong)
    assert row(database, activity_id).version == 1


def test_pages_follow_each_other_newest_first(database: Database) -> None:
    organizer, moment = make_user(database), utc_now()
    # Three of one instant, so that only the number tells them apart.
    made = [make_activity(database, organizer, published_at=moment + HOUR * (n // 3)) for n in range(8)]
    seen, cursor = [], None
    while True:
        page = database.read(activity_pages.feed, None, cursor, 3)
        seen += [card.id for card in page.cards]
        if page.cursor is None:
            break
        cursor = page.cursor
    assert seen == made[::-1]
    newest = database.read(activity_pages.feed, None).newest
    assert not database.read(activity_pages.has_newer, None, newest)
    make_activity(database, organizer, published_at=moment + 9 * HOUR)
    assert database.read(activity_pages.has_newer, None, newest)


def test_the_organizer_sees_all_who_come(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity_pages, "GUESTS_SHOWN", 2)
    organizer = make_user(database)
    activity_id = publish(database, organizer)
    crowd = [make_user(database) for _ in range(3)]
    for one in crowd:
        database.write(activities.sign_up, one, activity_id)
    views = database.read(activity_pages.views, activity_id, {0, organizer.user_id, crowd[2].user_id})
    assert [(len(views[key].guests), views[key].more_guests) for key in (0, organizer.user_id)] == [(2, 1), (3, 0)]
    assert views[crowd[2].user_id].activity.is_going


def test_mine_are_those_that_i_organize_and_those_where_i_come(database: Database) -> None:
    me, other = make_user(database), make_user(database)
    own, joined = publish(database, me), publish(database, other)
    publish(database, other)
    database.write(activities.sign_up, me, joined)
    assert {card.id for card in database.read(activity_pages.mine, me)} == {own, joined}


def test_an_erased_account_comes_nowhere_and_organizes_nothing(database: Database) -> None:
    leaving, staying = make_user(database), make_user(database)
    theirs, others = publish(database, leaving, photo_ids=(make_photo(database, leaving),)), publish(database, staying)
    database.write(activities.sign_up, staying, theirs)
    database.write(activities.sign_up, leaving, others)
    database.write(closing.ask, leaving)
    due = sa.text("UPDATE user_account SET closing_at = :past WHERE id = :id")
    past = (utc_now() - HOUR).replace(tzinfo=None)
    database.write(lambda session: session.execute(due, {"past": past, "id": leaving.user_id}))

    events = database.write(closing.erase, leaving.user_id)

    assert ActivityChanged(theirs) in events
    assert ActivityChanged(others) in events
    assert NoticeAdded(staying.user_id) in events
    assert (row(database, others).signup_count, guests(database, others)) == (0, [])
    erased = row(database, theirs)
    assert (erased.status, erased.title, erased.text, erased.place, erased.cover) == ("deleted", "", "", "", "")
    photos = database.read(lambda session: session.exec(select(Photo.activity_id)).all())
    assert list(photos) == [None]


def test_an_archive_tells_what_one_organized_and_joined(database: Database) -> None:
    me, other = make_user(database), make_user(database)
    photo = make_photo(database, me)
    publish(database, me, title="我发起的", photo_ids=(photo,))
    joined, _ = publish(database, other, title="别人发起的"), publish(database, other, title="与我无关")
    database.write(activities.sign_up, me, joined)
    make_announcement(database, me, title="我写的公告")
    told = database.read(section_exports.of_person, me.user_id)
    assert [(one["title"], len(one["pictures"])) for one in told["organized"]] == [("我发起的", 1)]
    assert [one["title"] for one in told["joined"]] == ["别人发起的"]
    assert [one["title"] for one in told["announced"]] == ["我写的公告"]
    assert told["joined"][0]["starts_at"].endswith("Z")
