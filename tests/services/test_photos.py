"""Uploads before they are part of a listing, and their removal when they never become one."""

import io
import os
import secrets
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from sqlmodel import Session, select

from tests.concurrency import race
from tests.factories import make_listing, make_photo, make_user
from xianyu.adapters import media
from xianyu.adapters.database import Database
from xianyu.models import Photo
from xianyu.models.types import utc_now
from xianyu.schemas.listings import ListingForm, PhotoView
from xianyu.services import listing_pages, listings, photos, uploads
from xianyu.services.cleanup import clean_orphans

DAY = timedelta(hours=24)


def stored() -> media.StoredPhoto:
    return media.StoredPhoto(f"{secrets.token_hex(16)}.webp", 1600, 1200)


def picture(directory: Path, age: timedelta = timedelta()) -> str:
    """Both files of a picture, last written ``age`` ago."""
    buffer = io.BytesIO()
    Image.new("RGB", (20, 20)).save(buffer, "PNG")
    name = media.store_photo(buffer.getvalue(), directory).name
    written = (utc_now() - age).timestamp()
    for path in (directory / name[:2]).iterdir():
        os.utime(path, (written, written))
    return name


def files(directory: Path) -> set[str]:
    return {path.name for path in directory.rglob("*") if path.is_file()}


def both(*names: str) -> set[str]:
    return {file for name in names for file in (name, media.thumb_name(name))}


def names_in(database: Database) -> set[str]:
    return set(database.read(lambda session: session.exec(select(Photo.name)).all()))


def test_an_upload_is_noted_and_shown(database: Database) -> None:
    owner, upload = make_user(database), stored()
    view = database.write(photos.add_photo, owner, upload)
    thumb = f"/media/{upload.name.removesuffix('.webp')}_t.webp"
    assert view == PhotoView(view.id, f"/media/{upload.name}", thumb, 1600, 1200)
    row = database.read(Session.get_one, Photo, view.id)
    assert isinstance(row, Photo)
    assert (row.owner_id, row.listing_id) == (owner.user_id, None)


def test_a_person_has_room_for_so_many_unused_uploads(database: Database) -> None:
    owner, other = make_user(database), make_user(database)
    for _ in range(photos.MAX_UNUSED - 1):
        make_photo(database, owner)
    database.read(photos.check_room, owner)
    last = database.write(photos.add_photo, owner, stored())
    with pytest.raises(photos.PhotoLimit):
        database.read(photos.check_room, owner)
    with pytest.raises(photos.PhotoLimit):
        database.write(photos.add_photo, owner, stored())
    assert database.write(photos.add_photo, other, stored())

    # What becomes part of a listing makes room; what is removed from one takes it.
    form = ListingForm("标题", "描述文字呢", 1, 1, "books", (last.id,))
    listing_id = database.write(listings.publish, owner, form).listing_id
    another = database.write(photos.add_photo, owner, stored())
    database.write(listings.edit, owner, listing_id, replace(form, photo_ids=(another.id,)))
    with pytest.raises(photos.PhotoLimit):
        database.write(photos.add_photo, owner, stored())


def test_the_limit_holds_when_uploads_arrive_at_once(database: Database) -> None:
    owner = make_user(database)
    for _ in range(photos.MAX_UNUSED - 2):
        make_photo(database, owner)
    results = race(*(partial(database.write, photos.add_photo, owner, stored()) for _ in range(6)))
    assert sorted(type(result).__name__ for result in results) == ["PhotoLimit"] * 4 + ["PhotoView"] * 2


def test_only_old_uploads_that_are_part_of_nothing_expire(database: Database) -> None:
    owner, now = make_user(database), utc_now()
    make_photo(database, owner)
    make_listing(database, owner)
    old = make_photo(database, owner, created_at=now - DAY - timedelta(minutes=1))
    make_photo(database, owner, created_at=now - DAY + timedelta(minutes=1))
    expired = database.read(photos.expired_orphans, now - DAY)
    assert [photo_id for photo_id, _ in expired] == [old]
    assert {name for _, name in expired} <= names_in(database)


def test_a_photo_removed_from_an_old_listing_stays_for_a_day(database: Database) -> None:
    owner, now = make_user(database), utc_now()
    listing_id = make_listing(database, owner, published_at=now - 30 * DAY)
    removed = make_photo(database, owner, listing_id=listing_id, created_at=now - 30 * DAY, position=1)
    kept = next(photo.id for photo in database.read(listing_pages.photos, listing_id) if photo.id != removed)
    database.write(listings.edit, owner, listing_id, ListingForm("标题", "描述文字呢", 1, 1, "books", (kept,)))
    assert database.read(photos.expired_orphans, utc_now() - DAY) == []
    assert [photo_id for photo_id, _ in database.read(photos.expired_orphans, utc_now())] == [removed]


def test_a_photo_that_was_claimed_meanwhile_is_not_forgotten(database: Database) -> None:
    owner = make_user(database)
    orphan = make_photo(database, owner)
    claimed = make_photo(database, owner, listing_id=make_listing(database, owner))
    assert database.write(photos.forget, [orphan, claimed, 2**60]) == {orphan}
    assert database.read(Session.get, Photo, orphan) is None
    assert database.read(Session.get, Photo, claimed) is not None


def test_a_photo_is_either_claimed_or_forgotten(database: Database) -> None:
    owner = make_user(database)
    for _ in range(5):
        photo_id = make_photo(database, owner)
        form = ListingForm("标题", "描述文字呢", 1, 1, "books", (photo_id,))
        published, forgotten = race(
            partial(database.write, listings.publish, owner, form), partial(database.write, photos.forget, [photo_id])
        )
        is_kept = database.read(Session.get, Photo, photo_id) is not None
        assert is_kept == (not isinstance(published, Exception))
        assert forgotten == (set() if is_kept else {photo_id})


def test_cleaning_removes_rows_with_their_files(database: Database, tmp_path: Path) -> None:
    owner, long_ago = make_user(database), utc_now() - 2 * DAY
    fresh, expired, used = (picture(tmp_path, age) for age in (timedelta(), 2 * DAY, 2 * DAY))
    make_photo(database, owner, name=fresh)
    make_photo(database, owner, name=expired, created_at=long_ago)
    make_listing(database, owner, cover=used)
    without_files = make_photo(database, owner, created_at=long_ago)

    assert clean_orphans(database, tmp_path) == 2

    assert files(tmp_path) == both(fresh, used)
    assert names_in(database) == {fresh, used}
    assert database.read(Session.get, Photo, without_files) is None
    assert clean_orphans(database, tmp_path) == 0


def test_cleaning_removes_old_files_that_no_row_names(sqlite_database: Database, tmp_path: Path) -> None:
    owner = make_user(sqlite_database)
    stray, young, known = (picture(tmp_path, age) for age in (2 * DAY, timedelta(), 2 * DAY))
    make_listing(sqlite_database, owner, cover=known)
    half = tmp_path / "ab" / "half.tmp"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    os.utime(half, (0, 0))
    (tmp_path / "README").write_text("not a picture")

    assert clean_orphans(sqlite_database, tmp_path) == 3

    assert files(tmp_path) == both(young, known) | {"README"}
    assert stray not in files(tmp_path)


def test_cleaning_goes_on_for_more_than_one_batch(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "BATCH", 2)
    owner = make_user(sqlite_database)
    for _ in range(5):
        make_photo(sqlite_database, owner, created_at=utc_now() - 2 * DAY)
        picture(tmp_path, 2 * DAY)
    assert clean_orphans(sqlite_database, tmp_path) == 15
    assert names_in(sqlite_database) == set()
    assert files(tmp_path) == set()


def test_cleaning_without_a_folder_is_no_error(sqlite_database: Database, tmp_path: Path) -> None:
    assert clean_orphans(sqlite_database, tmp_path / "none") == 0


def test_cleaning_with_the_wrong_database_removes_nothing(sqlite_database: Database, tmp_path: Path) -> None:
    kept = picture(tmp_path, 2 * DAY)
    assert clean_orphans(sqlite_database, tmp_path) == 0
    assert files(tmp_path) == both(kept)
