"""Drafts of new listings: kept, offered again, and their uploads with them, on every database."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from tests.factories import make_listing, make_photo, make_user
from xianyu.adapters.database import Database
from xianyu.models import Draft, Photo, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import FormStart
from xianyu.services import closing, drafts, listings, photos
from xianyu.services.listing_form import check_listing

TYPED: dict[str, object] = {
    "kind": "offer",
    "title": "写到一半的台灯",
    "description": "用了",
    "price": "十块",
    "quantity": "2",
    "category": "lighting",
    "condition": "good",
    "tags": ["宜家"],
    "original_price": "",
    "place": "3 号楼",
    "is_free": False,
    "is_negotiable": True,
    "photo_ids": [],
    "video_id": None,
}


def start(database: Database, actor: Actor) -> FormStart:
    return database.read(drafts.resume, actor)[0]


def test_a_draft_goes_on_where_it_was_left_mistakes_and_all(database: Database) -> None:
    actor = make_user(database)
    first, second = make_photo(database, actor), make_photo(database, actor)
    database.write(drafts.keep, actor, TYPED | {"photo_ids": [second, first]})

    form, pictures, video = database.read(drafts.resume, actor)

    assert (form.title, form.price, form.quantity, form.category) == ("写到一半的台灯", "十块", "2", "lighting")
    assert (form.condition, form.tags, form.place, form.is_negotiable) == ("good", ["宜家"], "3 号楼", True)
    assert [picture.id for picture in pictures] == [second, first]
    assert video.id == 0
    offered = database.read(drafts.present, actor)
    assert (offered.title, offered.cover_url) == ("写到一半的台灯", pictures[0].thumb_url)
    assert offered.saved_at


def test_one_draft_a_person_the_last_one(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    database.write(drafts.keep, actor, TYPED)
    database.write(drafts.keep, actor, TYPED | {"title": "改了"})
    assert start(database, actor).title == "改了"
    assert database.read(drafts.present, other).saved_at == ""
    assert start(database, other) == FormStart()


def test_an_empty_form_is_no_draft(database: Database) -> None:
    actor = make_user(database)
    database.write(drafts.keep, actor, TYPED)
    database.write(drafts.keep, actor, {"kind": "wanted", "quantity": "1"})
    assert database.read(drafts.present, actor).saved_at == ""


def test_publishing_is_the_end_of_the_draft_unless_it_is_of_something_else(database: Database) -> None:
    actor = make_user(database)
    database.write(drafts.keep, actor, TYPED)
    form = check_listing(
        TYPED | {"description": "用了一年多", "price": "10", "photo_ids": [make_photo(database, actor)]}
    )
    database.write(listings.publish, actor, form, keeps_draft=True)
    assert database.read(drafts.present, actor).saved_at
    again = check_listing(
        TYPED | {"description": "用了一年多", "price": "10", "photo_ids": [make_photo(database, actor)]}
    )
    database.write(listings.publish, actor, again)
    assert database.read(drafts.present, actor).saved_at == ""


def test_whatever_a_client_sends_is_kept_small(database: Database) -> None:
    actor = make_user(database)
    hostile: list[Any] = [None, 1, "\x00\ud800" * 100_000, ["x" * 100_000] * 1000, {"a": [1]}, [[None]], True, 2**99]
    for value in hostile:
        database.write(drafts.keep, actor, dict.fromkeys(TYPED, value) | {"title": "题", "form": value})
        stored = database.read(Session.get_one, Draft, actor.user_id)
        # Less than the shortest text column takes, in bytes.
        assert len(stored.form.encode()) < 65_000
        assert start(database, actor).title == "题"


def test_uploads_of_others_and_used_ones_are_left_out(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    foreign = make_photo(database, other)
    used = make_photo(database, actor, listing_id=make_listing(database, actor))
    gone, mine = 2**60, make_photo(database, actor)
    database.write(drafts.keep, actor, TYPED | {"photo_ids": [foreign, used, gone, mine]})
    assert [picture.id for picture in database.read(drafts.resume, actor)[1]] == [mine]


def test_the_uploads_of_a_draft_are_not_cleaned_away_until_its_time_is_over(database: Database) -> None:
    actor = make_user(database)
    now = utc_now()
    kept, loose = (make_photo(database, actor, created_at=now - timedelta(days=3)) for _ in range(2))
    database.write(drafts.keep, actor, TYPED | {"photo_ids": [kept]})
    database.write(drafts.tidy, now)
    before = now - timedelta(days=1)
    assert [photo_id for photo_id, _ in database.read(photos.expired_orphans, before)] == [loose]

    later = now + drafts.LIFETIME + timedelta(minutes=1)
    database.write(drafts.tidy, later)
    assert database.read(drafts.present, actor).saved_at == ""
    orphans = database.read(photos.expired_orphans, later - timedelta(days=1))
    assert {photo_id for photo_id, _ in orphans} == {kept, loose}


def test_a_draft_keeps_no_upload_of_somebody_else_alive(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    old = utc_now() - timedelta(days=3)
    foreign = make_photo(database, other, created_at=old)
    database.write(drafts.keep, actor, TYPED | {"photo_ids": [foreign]})
    database.write(drafts.tidy)
    row = database.read(Session.get_one, Photo, foreign)
    assert row.created_at == old


def test_a_closed_account_leaves_no_draft(database: Database) -> None:
    actor = make_user(database)
    database.write(drafts.keep, actor, TYPED)
    database.write(closing.ask, actor)
    past = sa.update(User).values(closing_at=utc_now() - timedelta(minutes=1))
    database.write(lambda session: session.execute(past))
    database.write(closing.erase, actor.user_id)
    assert database.read(Session.get, Draft, actor.user_id) is None
