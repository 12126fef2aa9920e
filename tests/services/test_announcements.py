"""What operators tell everybody, on every database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from tests.factories import make_announcement, make_photo, make_user
from xianyu.adapters.database import Database
from xianyu.models import Photo, Role, SearchDocument
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import AnnouncementChanged, AnnouncementPublished
from xianyu.schemas.sections import AnnouncementForm
from xianyu.services import announcements, photos
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.announcements import AnnouncementNotFound
from xianyu.services.errors import InvalidForm
from xianyu.services.section_forms import FormOutdated

FORM = AnnouncementForm("电梯检修通知", "周三上午九点到十一点，\n二号楼电梯停用。")
HOUR = timedelta(hours=1)


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, "物业", role=Role.OPERATOR)


def ids(database: Database, **options: object) -> list[int]:
    return [card.id for card in database.read(announcements.feed, None, **options).cards]  # type: ignore[arg-type]  # each test passes what the parameter takes


def findable(database: Database) -> list[int]:
    return list(database.read(lambda session: session.exec(select(SearchDocument.ref_id)).all()))


def test_an_announcement_shows_what_was_written(database: Database, operator: Actor) -> None:
    chosen = tuple(make_photo(database, operator) for _ in range(2))
    event = database.write(announcements.publish, operator, replace(FORM, photo_ids=chosen))
    assert event == AnnouncementPublished(event.announcement_id)
    view = database.read(announcements.view, None, event.announcement_id)
    assert (view.announcement.title, view.announcement.text) == (FORM.title, FORM.text)
    assert (view.announcement.author_name, view.announcement.is_pinned) == ("物业", False)
    assert [photo.id for photo in view.photos] == list(chosen)
    card = database.read(announcements.feed, None).cards[0]
    assert (card.title, card.excerpt) == (FORM.title, "周三上午九点到十一点， 二号楼电梯停用。")
    assert card.cover_url == view.photos[0].thumb_url
    assert findable(database) == [event.announcement_id]


WRITES: dict[str, Callable[..., object]] = {
    "publish": lambda session, actor, _id: announcements.publish(session, actor, FORM),
    "edit": lambda session, actor, key: announcements.edit(session, actor, key, FORM, 1),
    "pin": lambda session, actor, key: announcements.pin(session, actor, key, pinned=True),
    "unpin": lambda session, actor, key: announcements.pin(session, actor, key, pinned=False),
    "delete": announcements.delete,
    "form": announcements.for_form,
    "empty form": lambda session, actor, _id: announcements.may_publish(session, actor),
}


@pytest.mark.parametrize("write", WRITES)
def test_operators_alone_write(write: str, database: Database, operator: Actor) -> None:
    key = make_announcement(database, operator)
    with pytest.raises(OperatorsOnly):
        database.write(WRITES[write], make_user(database), key)
    assert database.read(announcements.view, None, key).announcement.version == 1
    # Who wrote it is an operator no longer, and may not either.
    with pytest.raises(OperatorsOnly):
        database.write(WRITES[write], replace(operator, role=Role.MEMBER), key)
    database.write(WRITES[write], make_user(database, role=Role.OPERATOR), key)


@pytest.mark.parametrize("write", ["edit", "pin", "delete", "form"])
def test_what_is_not_there_cannot_be_changed(write: str, database: Database, operator: Actor) -> None:
    key = make_announcement(database, operator, is_deleted=True)
    for wrong in (key, 0, -1, 2**62, 10**30, "1", None):
        with pytest.raises(AnnouncementNotFound):
            database.write(WRITES[write], operator, wrong)


def test_an_edit_changes_everything_and_keeps_pictures_of_colleagues(database: Database, operator: Actor) -> None:
    own = make_photo(database, operator)
    key = database.write(announcements.publish, operator, replace(FORM, photo_ids=(own,))).announcement_id
    colleague = make_user(database, role=Role.OPERATOR)
    added = make_photo(database, colleague)
    changed = AnnouncementForm("改期", "检修推迟到周四上午。", True, (added, own))
    assert database.write(announcements.edit, colleague, key, changed, 1) == AnnouncementChanged(key)
    view = database.read(announcements.view, None, key)
    assert (view.announcement.title, view.announcement.is_pinned) == ("改期", True)
    assert [photo.id for photo in view.photos] == [added, own]
    with pytest.raises(FormOutdated):
        database.write(announcements.edit, operator, key, FORM, 1)
    foreign = make_photo(database, make_user(database))
    with pytest.raises(InvalidForm):
        database.write(announcements.edit, operator, key, replace(FORM, photo_ids=(foreign,)), 2)
    assert database.read(announcements.view, None, key).announcement.title == "改期"


def test_a_deleted_one_is_gone_for_everybody(database: Database, operator: Actor) -> None:
    key = database.write(announcements.publish, operator, FORM).announcement_id
    assert database.write(announcements.delete, operator, key) == AnnouncementChanged(key)
    with pytest.raises(AnnouncementNotFound):
        database.read(announcements.view, operator, key)
    assert (ids(database), findable(database)) == ([], [])


def test_pinned_ones_come_first_on_every_page(database: Database, operator: Actor) -> None:
    moment = utc_now()
    # Of each two, the older is pinned; some share an instant.
    made = [
        make_announcement(database, operator, is_pinned=n % 2 == 0, published_at=moment + HOUR * (n // 4))
        for n in range(10)
    ]
    pinned, others = made[0::2], made[1::2]
    for limit in (1, 2, 3, 5, 10):
        seen, cursor = [], None
        while True:
            page = database.read(announcements.feed, None, cursor, limit)
            seen += [card.id for card in page.cards]
            cursor = page.cursor
            if cursor is None:
                break
        assert seen == pinned[::-1] + others[::-1]


def test_a_new_one_is_new_even_below_pinned_ones(database: Database, operator: Actor) -> None:
    assert not database.read(announcements.has_newer, None, None)
    make_announcement(database, operator, is_pinned=True)
    assert database.read(announcements.has_newer, None, None)
    newest = database.read(announcements.feed, None).newest
    assert not database.read(announcements.has_newer, None, newest)
    later = database.write(announcements.publish, operator, FORM).announcement_id
    assert database.read(announcements.has_newer, None, newest)
    assert ids(database)[1] == later


def test_pinning_moves_it(database: Database, operator: Actor) -> None:
    first, second = (database.write(announcements.publish, operator, FORM).announcement_id for _ in range(2))
    assert ids(database) == [second, first]
    database.write(announcements.pin, operator, first, pinned=True)
    assert ids(database) == [first, second]
    database.write(announcements.pin, operator, first, pinned=False)
    assert ids(database) == [second, first]


def test_a_long_text_is_cut_for_its_card(database: Database, operator: Actor) -> None:
    make_announcement(database, operator, text="长" * 5000)
    assert database.read(announcements.feed, None).cards[0].excerpt == "长" * announcements.EXCERPT + "…"


def test_its_pictures_are_no_orphans(database: Database, operator: Actor) -> None:
    old = utc_now() - 48 * HOUR
    kept, left = (make_photo(database, operator, created_at=old) for _ in range(2))
    database.write(announcements.publish, operator, replace(FORM, photo_ids=(kept,)))
    assert [key for key, _ in database.read(photos.expired_orphans, utc_now() - HOUR)] == [left]
    assert database.write(photos.forget, [kept, left]) == {left}
    assert isinstance(database.read(partial(Session.get, entity=Photo, ident=kept)), Photo)
