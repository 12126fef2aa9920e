"""Videos before they are part of a listing, as part of one, and their removal."""

import json
import os
import secrets
import zipfile
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import Session, select

from tests import videos as samples
from tests.concurrency import race
from tests.factories import make_listing, make_photo, make_user, make_video
from xianyu.adapters import video
from xianyu.adapters.database import Database
from xianyu.models import Video
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import ListingForm, VideoView
from xianyu.services import closing, exports, listing_pages, listings, videos
from xianyu.services.cleanup import clean_orphans
from xianyu.services.errors import InvalidForm
from xianyu.settings import get_settings

DAY = timedelta(hours=24)


def stored() -> video.StoredVideo:
    return video.StoredVideo(f"{secrets.token_hex(16)}.mp4", 1280, 720, 12_400)


def real(directory: Path, age: timedelta = timedelta()) -> video.StoredVideo:
    """A video with all its files, last written ``age`` ago."""
    upload = video.new_upload(directory)
    upload.write_bytes(samples.mp4(1))
    made = video.store_video(upload, directory)
    upload.unlink()
    written = (utc_now() - age).timestamp()
    for path in (directory / made.name[:2]).iterdir():
        os.utime(path, (written, written))
    return made


def files(directory: Path) -> set[str]:
    return {path.name for path in directory.rglob("*") if path.is_file()}


def files_of(*names: str) -> set[str]:
    stems = {name.removesuffix(".mp4") for name in names}
    return {f"{stem}{ending}" for stem in stems for ending in (".mp4", ".webp", "_t.webp")}


def form(database: Database, owner: Actor, video_id: int | None = None) -> ListingForm:
    photo_id = make_photo(database, owner)
    return ListingForm("标题", "描述文字呢", 1, 1, "books", (photo_id,), video_id=video_id)


def shown(database: Database, listing_id: int) -> VideoView:
    return database.read(listing_pages.detail, None, listing_id).video


def row(database: Database, video_id: int) -> Video | None:
    return database.read(Session.get, Video, video_id)


def test_an_upload_is_noted_and_shown(database: Database) -> None:
    owner, upload = make_user(database), stored()
    view = database.write(videos.add_video, owner, upload)
    stem = f"/media/{upload.name.removesuffix('.mp4')}"
    assert view == VideoView(view.id, f"{stem}.mp4", f"{stem}.webp", f"{stem}_t.webp", 1280, 720, "0:12")
    found = row(database, view.id)
    assert found is not None
    assert (found.owner_id, found.listing_id, found.duration_ms) == (owner.user_id, None, 12_400)


@pytest.mark.parametrize(("milliseconds", "said"), [(200, "0:01"), (59_700, "1:00"), (60_400, "1:00"), (8_600, "0:09")])
def test_how_long_it_lasts_is_said_in_minutes_and_seconds(
    sqlite_database: Database, milliseconds: int, said: str
) -> None:
    owner = make_user(sqlite_database)
    upload = replace(stored(), duration_ms=milliseconds)
    assert sqlite_database.write(videos.add_video, owner, upload).duration == said


def test_the_room_for_unused_uploads_holds_when_they_arrive_at_once(database: Database) -> None:
    owner, other = make_user(database), make_user(database)
    for _ in range(videos.MAX_UNUSED - 2):
        make_video(database, owner)
    database.read(videos.check_room, owner)
    results = race(*(partial(database.write, videos.add_video, owner, stored()) for _ in range(5)))
    assert sorted(type(result).__name__ for result in results) == ["VideoLimit"] * 3 + ["VideoView"] * 2
    with pytest.raises(videos.VideoLimit):
        database.read(videos.check_room, owner)
    assert database.write(videos.add_video, other, stored())


def test_a_listing_has_the_video_that_its_form_names(database: Database) -> None:
    owner = make_user(database)
    first, second = make_video(database, owner), make_video(database, owner)
    listing_id = database.write(listings.publish, owner, form(database, owner, first)).listing_id
    assert shown(database, listing_id).id == first
    assert database.read(listing_pages.cards, None, [listing_id])[0].has_video

    database.write(listings.edit, owner, listing_id, form(database, owner, first))
    assert shown(database, listing_id).id == first
    database.write(listings.edit, owner, listing_id, form(database, owner, second))
    assert shown(database, listing_id).id == second
    database.write(listings.edit, owner, listing_id, form(database, owner))
    assert shown(database, listing_id) == VideoView()
    assert not database.read(listing_pages.cards, None, [listing_id])[0].has_video
    # What was taken out is an upload like any other, and may go into another listing.
    other_id = database.write(listings.publish, owner, form(database, owner, first)).listing_id
    assert shown(database, other_id).id == first


def test_a_video_belongs_to_one_person_and_one_listing(database: Database) -> None:
    owner, stranger = make_user(database), make_user(database)
    video_id, others = make_video(database, owner), make_video(database, stranger)
    listing_id = database.write(listings.publish, owner, form(database, owner, video_id)).listing_id
    second_id = database.write(listings.publish, owner, form(database, owner)).listing_id
    for actor, wanted in ((owner, video_id), (owner, others), (stranger, video_id), (owner, 2**60)):
        with pytest.raises(InvalidForm) as refusal:
            database.write(listings.publish, actor, form(database, actor, wanted))
        assert list(refusal.value.errors) == ["video"]
    with pytest.raises(InvalidForm):
        database.write(listings.edit, owner, second_id, form(database, owner, video_id))
    assert shown(database, listing_id).id == video_id
    assert shown(database, second_id).id == 0


def test_of_two_listings_that_want_one_video_one_gets_it(database: Database) -> None:
    owner = make_user(database)
    for _ in range(4):
        video_id = make_video(database, owner)
        forms = [form(database, owner, video_id) for _ in range(2)]
        results = race(*(partial(database.write, listings.publish, owner, each) for each in forms))
        assert sorted(isinstance(result, InvalidForm) for result in results) == [False, True]


def test_a_draft_gets_back_only_what_is_its_owners_and_unused(database: Database) -> None:
    owner, stranger = make_user(database), make_user(database)
    video_id = make_video(database, owner)
    assert database.read(videos.unused, owner, video_id).id == video_id
    for actor, asked in ((stranger, video_id), (owner, 0), (owner, 2**70)):
        assert database.read(videos.unused, actor, asked) == VideoView()
    database.write(listings.publish, owner, form(database, owner, video_id))
    assert database.read(videos.unused, owner, video_id) == VideoView()


def test_a_video_is_either_claimed_or_forgotten(database: Database) -> None:
    owner = make_user(database)
    for _ in range(5):
        video_id = make_video(database, owner)
        wanted = form(database, owner, video_id)
        published, forgotten = race(
            partial(database.write, listings.publish, owner, wanted), partial(database.write, videos.forget, [video_id])
        )
        is_kept = row(database, video_id) is not None
        assert is_kept == (not isinstance(published, Exception))
        assert forgotten == (set() if is_kept else {video_id})


def test_cleaning_removes_rows_with_their_files(database: Database, tmp_path: Path) -> None:
    owner, long_ago = make_user(database), utc_now() - 2 * DAY
    fresh, expired, used, stray = (real(tmp_path, age) for age in (timedelta(), 2 * DAY, 2 * DAY, 2 * DAY))
    make_video(database, owner, name=fresh.name)
    make_video(database, owner, name=expired.name, created_at=long_ago)
    make_video(database, owner, name=used.name, created_at=long_ago, listing_id=make_listing(database, owner))
    crashed = video.new_upload(tmp_path)
    crashed.write_bytes(b"half")
    os.utime(crashed, (0, 0))
    under_way = video.new_upload(tmp_path)
    under_way.write_bytes(b"half")

    # One row, three files that no row names, and what a crash left.
    assert clean_orphans(database, tmp_path) == 5

    assert files(tmp_path) == files_of(fresh.name, used.name) | {under_way.name}
    assert stray.name not in files(tmp_path)
    names = database.read(lambda session: set(session.exec(select(Video.name)).all()))
    assert names == {fresh.name, used.name}
    assert clean_orphans(database, tmp_path) == 0


def test_cleaning_with_the_wrong_database_removes_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    kept = real(tmp_path, 2 * DAY)
    assert clean_orphans(sqlite_database, tmp_path) == 0
    assert files(tmp_path) == files_of(kept.name)


def test_a_video_taken_out_of_an_old_listing_stays_for_a_day(database: Database) -> None:
    owner, now = make_user(database), utc_now()
    listing_id = make_listing(database, owner)
    video_id = make_video(database, owner, listing_id=listing_id, created_at=now - 30 * DAY)
    database.write(listings.edit, owner, listing_id, form(database, owner))
    assert database.read(videos.expired_orphans, utc_now() - DAY) == []
    assert [each for each, _ in database.read(videos.expired_orphans, utc_now())] == [video_id]


def test_an_archive_holds_my_videos(database: Database) -> None:
    me, peer = make_user(database), make_user(database)
    mine, others = real(get_settings().media_dir), real(get_settings().media_dir)
    listing_id = make_listing(database, me)
    make_video(database, me, name=mine.name, listing_id=listing_id)
    make_video(database, peer, name=others.name)
    database.write(exports.request, me)
    job = database.write(exports.take)
    assert job is not None
    exports.make(database, *job, lambda _percent: None)
    path = database.read(exports.archive, me, database.read(exports.present, me).url.rpartition("/")[2])
    with zipfile.ZipFile(path) as zipped:
        content = zipped.read(f"videos/{mine.name}")
        assert content == (get_settings().media_dir / mine.name[:2] / mine.name).read_bytes()
        assert json.loads(zipped.read("listings.json"))[0]["video"] == mine.name
        assert not [name for name in zipped.namelist() if others.name in name]


def test_a_closed_account_leaves_no_video(database: Database, tmp_path: Path) -> None:
    me, peer = make_user(database), make_user(database)
    mine, others = real(tmp_path, 2 * DAY), real(tmp_path, 2 * DAY)
    make_video(database, me, name=mine.name, listing_id=make_listing(database, me))
    make_video(database, peer, name=others.name, listing_id=make_listing(database, peer))
    database.write(closing._empty_listings, me.user_id)
    clean_orphans(database, tmp_path)
    assert files(tmp_path) == files_of(others.name)
