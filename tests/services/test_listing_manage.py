"""Managing one's listings: edit conflicts, 擦亮, several at once, and what comes with the wider form."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import make_listing, make_photo, make_user
from xianyu.adapters.database import Database
from xianyu.models import Favorite, Listing, ListingStatus, SearchDocument
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingPublished, NoticeAdded
from xianyu.schemas.listings import FormBase, ListingForm
from xianyu.services import listing_pages, listing_start, listings
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_errors import BumpedAlready, IllegalChange, ListingNotFound, NotYourListing, Outdated
from xianyu.services.listing_start import read_base

FORM = ListingForm(
    "山地车",
    "九成新，自提",
    20_000,
    1,
    "bicycles",
    (),
    condition="good",
    tags=("捷安特", "通勤"),
    original_price_fen=129_900,
    is_negotiable=True,
    place="3 号楼大堂",
)


def publish(database: Database, seller: Actor, **changes: object) -> int:
    form = replace(FORM, photo_ids=(make_photo(database, seller),), **changes)  # type: ignore[arg-type]  # by each test
    return database.write(listings.publish, seller, form).listing_id


def row(database: Database, listing_id: int) -> Listing:
    found = database.read(Session.get_one, Listing, listing_id)
    assert isinstance(found, Listing)
    return found


def change(database: Database, listing_id: int, **values: object) -> None:
    database.write(
        lambda session: session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(values))
    )


def form_of(database: Database, listing_id: int, **changes: object) -> ListingForm:
    pictures = tuple(photo.id for photo in database.read(listing_pages.photos, listing_id))
    return replace(FORM, photo_ids=pictures, **changes)  # type: ignore[arg-type]  # by each test


def base(database: Database, seller: Actor, listing_id: int) -> FormBase:
    start, _, _ = database.read(listing_start.start, seller, listing_id)
    return read_base(start.base)


def found(database: Database, listing_id: int) -> bool:
    statement = sa.select(col(SearchDocument.id)).where(col(SearchDocument.ref_id) == listing_id)
    return database.read(lambda session: session.execute(statement).first()) is not None


def test_everything_that_was_said_is_shown(database: Database) -> None:
    listing_id = publish(database, make_user(database))
    detail = database.read(listing_pages.detail, None, listing_id)
    assert (detail.kind, detail.condition, detail.original_price) == ("offer", "九成新", "1,299.00")
    assert (detail.is_negotiable, detail.place, detail.category_name) == (True, "3 号楼大堂", "自行车")
    assert [(tag.name, tag.url) for tag in detail.tags] == [
        ("捷安特", "/search?tag=%E6%8D%B7%E5%AE%89%E7%89%B9"),
        ("通勤", "/search?tag=%E9%80%9A%E5%8B%A4"),
    ]
    card = database.read(listing_pages.feed, None).cards[0]
    assert (card.kind, card.condition) == ("offer", "九成新")


def test_what_is_wanted_may_be_without_a_picture(database: Database) -> None:
    seller = make_user(database)
    form = replace(FORM, kind="wanted", condition="", original_price_fen=None)
    listing_id = database.write(listings.publish, seller, form).listing_id
    card = database.read(listing_pages.feed, None).cards[0]
    assert (card.id, card.kind, card.cover_url) == (listing_id, "wanted", "")
    assert database.read(listing_pages.photos, listing_id) == []
    with_picture = replace(form, photo_ids=(make_photo(database, seller),))
    database.write(listings.edit, seller, listing_id, with_picture)
    assert row(database, listing_id).cover
    database.write(listings.edit, seller, listing_id, form)
    assert row(database, listing_id).cover == ""


def test_a_group_shows_what_is_in_its_categories_and_a_category_only_its_own(database: Database) -> None:
    seller = make_user(database)
    bicycle, scooter = publish(database, seller), publish(database, seller, category="scooters")
    rest = publish(database, seller, category="bikes")
    publish(database, seller, category="books")

    def ids(category: str) -> set[int]:
        return {card.id for card in database.read(listing_pages.feed, None, category).cards}

    assert ids("bikes") == {bicycle, scooter, rest}
    assert ids("bicycles") == {bicycle}
    assert database.read(listing_pages.has_newer, None, None, "scooters")
    assert not database.read(listing_pages.has_newer, None, None, "pet-supplies")


def test_the_form_starts_with_what_is_stored(database: Database) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    start, pictures, _ = database.read(listing_start.start, seller, listing_id)
    assert (start.title, start.price, start.original_price, start.is_free) == ("山地车", "200.00", "1299.00", False)
    assert (start.tags, start.condition, start.category) == (["捷安特", "通勤"], "good", "bicycles")
    assert len(pictures) == 1
    for actor, wrong, error in (
        (make_user(database), listing_id, NotYourListing),
        (seller, 2**60, ListingNotFound),
        (seller, "1; DROP", ListingNotFound),
    ):
        with pytest.raises(error):
            database.read(listing_start.start, actor, wrong)  # type: ignore[arg-type]  # a hostile client's


def test_of_two_forms_the_later_is_told_what_the_earlier_changed(database: Database) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    began = base(database, seller, listing_id)
    earlier = form_of(database, listing_id, price_fen=15_000, tags=("通勤",), place="")
    database.write(listings.edit, seller, listing_id, earlier, began)

    later = form_of(database, listing_id, title="山地车，九成新")
    with pytest.raises(Outdated) as refused:
        database.write(listings.edit, seller, listing_id, later, began)
    assert refused.value.fields == ("价格", "标签", "自提地点")
    assert row(database, listing_id).title == "山地车"

    knowing = replace(began, version=refused.value.version)
    assert database.write(listings.edit, seller, listing_id, later, knowing) == [ListingChanged(listing_id)]
    assert (row(database, listing_id).title, row(database, listing_id).price_fen) == ("山地车，九成新", 20_000)
    with pytest.raises(Outdated):
        database.write(listings.edit, seller, listing_id, later, knowing)


def test_pictures_and_a_sale_count_as_changes_and_a_new_status_does_not(database: Database) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    began = base(database, seller, listing_id)
    database.write(listings.take_down, seller, listing_id)
    database.write(listings.relist, seller, listing_id)
    database.write(listings.bump, seller, listing_id)
    database.write(listings.edit, seller, listing_id, form_of(database, listing_id), began)

    began = base(database, seller, listing_id)
    more = (*form_of(database, listing_id).photo_ids, make_photo(database, seller))
    database.write(listings.edit, seller, listing_id, replace(FORM, photo_ids=more), began)
    database.write(listings.mark_sold_out, seller, listing_id)
    with pytest.raises(Outdated) as refused:
        database.write(listings.edit, seller, listing_id, form_of(database, listing_id), began)
    assert refused.value.fields == ("照片", "数量")
    assert row(database, listing_id).status == ListingStatus.SOLD_OUT


@pytest.mark.parametrize(
    "carried",
    [None, "", "{}", "[]", "null", "[" * 1500, "x" * 5000, '{"version": "1"}', '{"version": null}', 7, {}, "1"],
)
def test_a_form_that_carries_nonsense_saves_over_nothing(database: Database, carried: object) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    with pytest.raises(Outdated):
        database.write(listings.edit, seller, listing_id, form_of(database, listing_id), read_base(carried))


def test_what_a_form_carries_is_read() -> None:
    carried = json.dumps({"version": 3, "marks": {"title": "ab", "price": 1}})
    assert read_base(carried) == FormBase(3, {"title": "ab"})
    assert read_base(carried, "5") == FormBase(5, {"title": "ab"})
    for wrong in ("", "-1", "９", "9" * 30, None, 4, "x"):
        assert read_base(carried, wrong).version == 3


def test_bumping_puts_it_on_top_once_a_day(database: Database) -> None:
    seller = make_user(database)
    now = utc_now()
    old = make_listing(database, seller, published_at=now - timedelta(days=9))
    make_listing(database, seller, published_at=now - timedelta(days=1))
    assert database.write(listings.bump, seller, old) == [
        ListingPublished(old, seller.user_id, "sports"),
        ListingChanged(old),
    ]
    assert database.read(listing_pages.feed, None).cards[0].id == old
    with pytest.raises(BumpedAlready, match="24 小时后"):
        database.write(listings.bump, seller, old)
    change(database, old, bumped_at=utc_now() - timedelta(hours=23, minutes=15))
    with pytest.raises(BumpedAlready, match="45 分钟后"):
        database.write(listings.bump, seller, old)
    change(database, old, bumped_at=utc_now() - timedelta(hours=24))
    database.write(listings.bump, seller, old)


def test_only_what_is_mine_and_on_offer_is_bumped(database: Database) -> None:
    seller = make_user(database)
    with pytest.raises(NotYourListing):
        database.write(listings.bump, make_user(database), make_listing(database, seller))
    for status in ("taken_down", "sold_out"):
        with pytest.raises(IllegalChange):
            database.write(listings.bump, seller, make_listing(database, seller, status=status))
    for wrong in (make_listing(database, seller, status="deleted"), 0, "1", None):
        with pytest.raises(ListingNotFound):
            database.write(listings.bump, seller, wrong)  # type: ignore[arg-type]  # a hostile client's


def test_several_are_changed_and_the_others_are_named(database: Database) -> None:
    seller, other = make_user(database), make_user(database)
    down = [make_listing(database, seller, status="taken_down") for _ in range(2)]
    empty = make_listing(database, seller, status="taken_down", quantity=0, title="空的台灯")
    active = make_listing(database, seller, title="在售的台灯")
    foreign = make_listing(database, other, status="taken_down")
    ids = [*down, down[0], empty, active, foreign, 2**60, "x", None, True]

    result, events = database.write(listings.bulk, seller, ids, listings.relist)  # type: ignore[arg-type]  # the same

    assert result.changed == 2
    assert sorted(result.refused) == sorted(
        [
            "“空的台灯”数量是 0，先编辑数量才能上架",
            "“在售的台灯”这件宝贝已经在售，不用再上架",
            "只有发布者本人可以修改这件宝贝",
            "这件宝贝不存在或已被删除",
        ]
    )
    assert events == [ListingChanged(each) for each in down]
    assert [row(database, each).status for each in (*down, empty, foreign)] == [
        "active",
        "active",
        "taken_down",
        "taken_down",
    ]


def test_no_press_changes_more_than_a_hundred(database: Database) -> None:
    seller = make_user(database)
    ids = [make_listing(database, seller) for _ in range(listings.MAX_BULK + 1)]
    result, _ = database.write(listings.bulk, seller, ids, listings.take_down)
    assert (result.changed, result.refused) == (listings.MAX_BULK, [])


def test_my_own_are_found_by_a_part_of_the_title(database: Database) -> None:
    seller = make_user(database)
    lamp = make_listing(database, seller, title="IKEA 台灯 100%_新")
    make_listing(database, seller, title="书架")
    make_listing(database, make_user(database), title="别人的台灯")

    def ids(words: str) -> list[int]:
        return [card.id for card in database.read(listing_pages.mine, seller, "active", words).cards]

    for words in ("台灯", "ikea", "  ikea  台灯", "100%_", "%_"):
        assert ids(words) == [lamp]
    for words in ("台_", "%%", "\x00", "' OR 1=1 --", "灯台"):
        assert ids(words) == []
    assert len(ids("")) == len(ids(" ")) == 2
    assert database.read(listing_pages.mine, seller, "deleted", "").cards == []


def test_what_is_on_offer_is_in_the_index_and_nothing_else(database: Database) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller)
    assert found(database, listing_id)
    for leave in (listings.take_down, listings.mark_sold_out):
        database.write(leave, seller, listing_id)
        assert not found(database, listing_id)
        database.write(listings.edit, seller, listing_id, form_of(database, listing_id))
        if row(database, listing_id).status == ListingStatus.TAKEN_DOWN:
            database.write(listings.relist, seller, listing_id)
        assert found(database, listing_id)
    database.write(listings.delete, seller, listing_id)
    assert not found(database, listing_id)


def test_a_lower_price_is_told_to_those_who_saved_it(database: Database) -> None:
    seller, fan = make_user(database), make_user(database)
    listing_id = publish(database, seller)
    database.write(lambda session: session.add(Favorite(user_id=fan.user_id, listing_id=listing_id)))
    lower = form_of(database, listing_id, price_fen=15_000)
    assert database.write(listings.edit, seller, listing_id, lower) == [
        ListingChanged(listing_id),
        NoticeAdded(fan.user_id),
    ]
    higher = form_of(database, listing_id, price_fen=30_000)
    assert database.write(listings.edit, seller, listing_id, higher) == [ListingChanged(listing_id)]


def test_nobody_takes_the_video_of_somebody_else(database: Database) -> None:
    seller = make_user(database)
    with pytest.raises(InvalidForm) as refused:
        publish(database, seller, video_id=2**60)
    assert refused.value.field == "video"
