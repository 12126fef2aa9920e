"""Publishing, changing and reading listings, on every database."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session, select

from tests.concurrency import race
from tests.factories import make_listing, make_photo, make_user
from xianyu.adapters.database import Database
from xianyu.models import Listing, ListingStatus, Photo
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ListingPublished, Published
from xianyu.schemas.listings import Cursor, ListingForm
from xianyu.services import listing_pages, listings
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_errors import IllegalChange, ListingNotFound, NotYourListing

FORM = ListingForm("山地车", "九成新，自提", 20_000, 2, "bikes", (1,))
# Latin, two-byte, Chinese, beyond the BMP, joined emoji, SQL and HTML.
RARE = "é 自行车 𠮷野家 👨‍👩‍👧‍👦 '; DROP TABLE x;-- %_\\ <script>alert(1)</script>"


def form_of(database: Database, seller: Actor, photos: int = 1, **changes: object) -> ListingForm:
    ids = tuple(make_photo(database, seller) for _ in range(photos))
    return replace(FORM, photo_ids=ids, **changes)  # type: ignore[arg-type]  # each test passes what the field takes


def publish(database: Database, seller: Actor, photos: int = 1, **changes: object) -> int:
    return database.write(listings.publish, seller, form_of(database, seller, photos, **changes)).listing_id


def listing_row(database: Database, listing_id: int) -> Listing:
    row = database.read(Session.get_one, Listing, listing_id)
    assert isinstance(row, Listing)
    return row


def photo_row(database: Database, photo_id: int) -> Photo:
    row = database.read(Session.get_one, Photo, photo_id)
    assert isinstance(row, Photo)
    return row


def shown_photos(database: Database, listing_id: int) -> list[int]:
    return [photo.id for photo in database.read(listing_pages.photos, listing_id)]


def feed_ids(database: Database, **options: object) -> list[int]:
    return [card.id for card in database.read(listing_pages.feed, None, **options).cards]  # type: ignore[arg-type]  # as above


def test_a_published_listing_shows_what_was_typed(database: Database) -> None:
    seller = make_user(database, username="卖家")
    form = form_of(database, seller, photos=3, title=RARE[:60], description=f"{RARE}\n第二行", price_fen=128_050)

    event = database.write(listings.publish, seller, form)

    assert event.events == (ListingPublished(event.listing_id, seller.user_id, "bikes"),)
    detail = database.read(listing_pages.detail, None, event.listing_id)
    assert (detail.title, detail.description) == (RARE[:60], f"{RARE}\n第二行")
    assert (detail.price, detail.quantity, detail.status) == ("1,280.50", 2, "active")
    assert (detail.category, detail.category_name) == ("bikes", "自行车/代步")
    assert (detail.seller_id, detail.seller_name, detail.is_mine) == (seller.user_id, "卖家", False)
    assert database.read(listing_pages.detail, seller, event.listing_id).is_mine
    assert shown_photos(database, event.listing_id) == list(form.photo_ids)
    card = database.read(listing_pages.feed, None).cards[0]
    assert card.cover_url == database.read(listing_pages.photos, event.listing_id)[0].thumb_url
    assert (card.title, card.price, card.seller_name) == (detail.title, detail.price, "卖家")
    assert card.published_at == detail.published_at


def test_photos_of_others_used_ones_and_unknown_ones_are_refused(database: Database) -> None:
    seller, other = make_user(database), make_user(database)
    own, foreign = make_photo(database, seller), make_photo(database, other)
    used = make_photo(database, seller, listing_id=make_listing(database, seller))
    before = len(feed_ids(database))

    for bad in (foreign, used, 2**62):
        with pytest.raises(InvalidForm) as refused:
            database.write(listings.publish, seller, replace(FORM, photo_ids=(own, bad)))
        assert refused.value.field == "photos"

    assert photo_row(database, own).listing_id is None
    assert photo_row(database, foreign).listing_id is None
    assert len(feed_ids(database)) == before


def test_of_two_listings_that_want_one_photo_one_gets_it(database: Database) -> None:
    seller = make_user(database)
    for _ in range(5):
        shared, first, second = (make_photo(database, seller) for _ in range(3))
        forms = (replace(FORM, photo_ids=(shared, first)), replace(FORM, photo_ids=(second, shared)))
        results = race(*(partial(database.write, listings.publish, seller, form) for form in forms))
        assert sorted(type(result).__name__ for result in results) == ["InvalidForm", "Published"]
        winner = next(result for result in results if isinstance(result, Published))
        assert photo_row(database, shared).listing_id == winner.listing_id
        assert len(shown_photos(database, winner.listing_id)) == 2


def test_an_edit_changes_everything_and_the_order_of_photos(database: Database) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller, photos=3)
    first, second, third = shown_photos(database, listing_id)
    added = make_photo(database, seller)
    old = listing_row(database, listing_id)
    form = ListingForm("新标题", "新的描述文字", 1, 9, "books", (third, added, first))

    assert database.write(listings.edit, seller, listing_id, form) == [ListingChanged(listing_id)]

    row = listing_row(database, listing_id)
    assert (row.title, row.description, row.price_fen, row.quantity) == ("新标题", "新的描述文字", 1, 9)
    assert (row.category, row.status, row.published_at) == ("books", "active", old.published_at)
    assert row.updated_at > old.updated_at
    assert shown_photos(database, listing_id) == [third, added, first]
    assert row.cover == photo_row(database, third).name
    removed = photo_row(database, second)
    assert removed.listing_id is None
    assert removed.created_at > old.updated_at


def test_a_refused_edit_changes_nothing(database: Database) -> None:
    seller, other = make_user(database), make_user(database)
    listing_id = publish(database, seller, photos=2)
    before, photos = listing_row(database, listing_id), shown_photos(database, listing_id)

    form = replace(FORM, title="别的标题", photo_ids=(photos[0], make_photo(database, other)))
    with pytest.raises(InvalidForm):
        database.write(listings.edit, seller, listing_id, form)

    assert listing_row(database, listing_id).model_dump() == before.model_dump()
    assert shown_photos(database, listing_id) == photos


def test_two_edits_at_once_leave_the_photos_of_one(database: Database) -> None:
    seller = make_user(database)
    listing_id = publish(database, seller, photos=2)
    choices = [tuple(make_photo(database, seller) for _ in range(3)) for _ in range(2)]
    works = [
        partial(database.write, listings.edit, seller, listing_id, replace(FORM, photo_ids=choice))
        for choice in choices
    ]
    assert race(*works) == [[ListingChanged(listing_id)]] * 2
    assert tuple(shown_photos(database, listing_id)) in choices


@pytest.mark.parametrize(
    ("status", "expected"), [("sold_out", "active"), ("taken_down", "taken_down"), ("active", "active")]
)
def test_an_edit_puts_only_sold_out_listings_back_on_offer(database: Database, status: str, expected: str) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, status=status, quantity=0)
    form = replace(FORM, photo_ids=tuple(shown_photos(database, listing_id)))
    database.write(listings.edit, seller, listing_id, form)
    row = listing_row(database, listing_id)
    assert (row.status, row.quantity) == (expected, 2)


CHANGES: list[listings.Change] = [listings.take_down, listings.relist, listings.mark_sold_out, listings.delete]
LEGAL = {
    ("take_down", "active"): "taken_down",
    ("relist", "taken_down"): "active",
    ("relist", "sold_out"): "active",
    ("mark_sold_out", "active"): "sold_out",
    ("mark_sold_out", "taken_down"): "sold_out",
    ("delete", "active"): "deleted",
    ("delete", "taken_down"): "deleted",
    ("delete", "sold_out"): "deleted",
    ("delete", "deleted"): "deleted",
    ("delete", "held"): "deleted",
    ("delete", "suspended"): "deleted",
}


@pytest.mark.parametrize("status", list(ListingStatus))
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_only_legal_changes_of_status_happen(
    database: Database, change: listings.Change, status: ListingStatus
) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, status=status)
    expected = LEGAL.get((getattr(change, "__name__", ""), status))
    if expected is not None:
        assert database.write(change, seller, listing_id) == [ListingChanged(listing_id)]
    else:
        with pytest.raises(ListingNotFound if status == "deleted" else IllegalChange):
            database.write(change, seller, listing_id)
    row = listing_row(database, listing_id)
    assert row.status == (expected or status)
    assert row.quantity == (0 if expected == "sold_out" else 1)


def test_nothing_is_relisted_without_stock(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    database.write(listings.mark_sold_out, seller, listing_id)
    with pytest.raises(IllegalChange):
        database.write(listings.relist, seller, listing_id)


def test_of_two_changes_at_once_one_happens(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    work = partial(database.write, listings.take_down, seller, listing_id)
    assert sorted(type(result).__name__ for result in race(work, work)) == ["IllegalChange", "list"]


@pytest.mark.parametrize("change", [*CHANGES, partial(listings.edit, form=FORM)])
def test_nobody_changes_what_is_not_theirs(database: Database, change: listings.Change) -> None:
    seller, other = make_user(database), make_user(database)
    listing_id, deleted_id = make_listing(database, seller), make_listing(database, seller, status="deleted")
    before = listing_row(database, listing_id)
    with pytest.raises(NotYourListing):
        database.write(change, other, listing_id)
    with pytest.raises(ListingNotFound):
        database.write(change, other, deleted_id)
    assert listing_row(database, listing_id).model_dump() == before.model_dump()


@pytest.mark.parametrize("bad_id", [0, -1, 2**63, 2**200, None, "1", 1.5, True, {}, [1], "'; DROP TABLE listing;--"])
def test_what_is_no_id_is_not_found(database: Database, bad_id: object) -> None:
    actor = make_user(database)
    for change in (*CHANGES, partial(listings.edit, form=FORM), listing_pages.detail):
        with pytest.raises(ListingNotFound):
            database.write(change, actor, bad_id)  # type: ignore[arg-type]  # a hostile client's
    assert database.read(listing_pages.photos, bad_id) == []  # type: ignore[arg-type]  # the same
    assert database.read(listing_pages.cards, actor, [bad_id]) == []  # type: ignore[list-item]  # the same
    assert database.read(listing_pages.by_seller, actor, bad_id).cards == []  # type: ignore[arg-type]  # the same


def test_the_feed_holds_what_is_on_offer_newest_first(database: Database) -> None:
    seller = make_user(database)
    now = utc_now()
    ids = [make_listing(database, seller, published_at=now + timedelta(seconds=n)) for n in range(3)]
    for status in ("taken_down", "sold_out", "deleted"):
        make_listing(database, seller, status=status)
    book = make_listing(database, seller, category="books", published_at=now - timedelta(days=1))

    assert feed_ids(database) == [*reversed(ids), book]
    assert feed_ids(database, category="books") == [book]
    assert feed_ids(database, category="beauty") == []
    assert feed_ids(database, category="没有这类 '--") == []


def test_pages_neither_skip_nor_repeat_even_within_one_microsecond(database: Database) -> None:
    seller = make_user(database)
    moment = utc_now().replace(microsecond=123_456)
    moments = [moment] * 5 + [moment + timedelta(microseconds=1)] * 4 + [moment - timedelta(microseconds=1)] * 4
    made = [(at, make_listing(database, seller, published_at=at)) for at in moments]
    expected = [listing_id for _, listing_id in sorted(made, reverse=True)]

    seen: list[int] = []
    cursor: Cursor | None = None
    while True:
        page = database.read(listing_pages.feed, None, "", cursor, 2)
        seen += [card.id for card in page.cards]
        cursor = page.cursor
        if cursor is None:
            break
        assert len(page.cards) == 2
        # What comes in above does not move what is below.
        make_listing(database, seller, published_at=moment + timedelta(days=1))

    assert seen == expected


def test_a_full_last_page_has_no_next(database: Database) -> None:
    seller = make_user(database)
    for _ in range(2):
        make_listing(database, seller)
    assert database.read(listing_pages.feed, None, limit=2).cursor is None
    assert database.read(listing_pages.feed, None, limit=1).cursor is not None


def test_an_empty_feed_is_a_page(database: Database) -> None:
    page = database.read(listing_pages.feed, None)
    assert (page.cards, page.cursor, page.top) == ([], None, None)
    assert not database.read(listing_pages.has_newer, None, None)


def test_what_is_newer_than_the_top_is_noticed(database: Database) -> None:
    seller = make_user(database)
    moment = utc_now()
    make_listing(database, seller, published_at=moment)
    top = database.read(listing_pages.feed, None).top
    assert top is not None
    assert not database.read(listing_pages.has_newer, None, top)

    make_listing(database, seller, published_at=moment - timedelta(seconds=1), category="books")
    make_listing(database, seller, published_at=moment + timedelta(seconds=1), status="taken_down")
    assert not database.read(listing_pages.has_newer, None, top)
    assert database.read(listing_pages.has_newer, None, None, "books")

    make_listing(database, seller, published_at=moment)
    assert database.read(listing_pages.has_newer, None, top)
    assert not database.read(listing_pages.has_newer, None, top, "books")


def test_cards_tell_what_became_of_listings(database: Database) -> None:
    seller, other = make_user(database), make_user(database)
    by_status = {status: make_listing(database, seller, status=status) for status in ListingStatus}
    ids = [*by_status.values(), 2**60]

    def statuses(actor: Actor | None) -> list[str]:
        return [card.status for card in database.read(listing_pages.cards, actor, ids)]

    assert statuses(None) == statuses(other) == ["active", "sold_out", "taken_down", "suspended"]
    assert statuses(seller) == ["active", "sold_out", "taken_down", "deleted", "held", "suspended"]
    reverse = database.read(listing_pages.cards, None, ids[::-1])
    assert [card.status for card in reverse] == ["suspended", "taken_down", "sold_out", "active"]
    assert database.read(listing_pages.cards, None, []) == []


def test_others_see_only_what_a_seller_offers(database: Database) -> None:
    seller, other = make_user(database), make_user(database)
    by_status = {status: make_listing(database, seller, status=status) for status in ListingStatus}
    make_listing(database, other)

    def seen(actor: Actor | None, *statuses: str) -> list[int]:
        page = database.read(listing_pages.by_seller, actor, seller.user_id, statuses)
        return [card.id for card in page.cards]

    everything = [str(status) for status in ListingStatus]
    for stranger in (None, other):
        assert seen(stranger, *everything) == [by_status[ListingStatus.ACTIVE]]
        assert seen(stranger, "sold_out", "deleted") == []
    hidden = {by_status[ListingStatus.DELETED], by_status[ListingStatus.SUSPENDED]}
    assert set(seen(seller, *everything)) == set(by_status.values()) - hidden
    assert seen(seller, "taken_down") == [by_status[ListingStatus.TAKEN_DOWN]]
    assert seen(seller, "deleted") == []


def test_own_listings_come_in_pages(database: Database) -> None:
    seller = make_user(database)
    ids = [make_listing(database, seller, status="taken_down" if n % 2 else "active") for n in range(5)]
    statuses = ("active", "taken_down")
    first = database.read(listing_pages.by_seller, seller, seller.user_id, statuses, None, 3)
    second = database.read(listing_pages.by_seller, seller, seller.user_id, statuses, first.cursor, 3)
    assert [card.id for card in (*first.cards, *second.cards)] == ids[::-1]
    assert second.cursor is None


def test_counts_include_zeros_but_nothing_deleted(database: Database) -> None:
    seller, other = make_user(database), make_user(database)
    for status in ("active", "active", "taken_down", "deleted"):
        make_listing(database, seller, status=status)
    assert database.read(listing_pages.counts_by_status, seller) == {"active": 2, "taken_down": 1, "sold_out": 0}
    assert database.read(listing_pages.counts_by_status, other) == {"active": 0, "taken_down": 0, "sold_out": 0}


@pytest.mark.parametrize("status", ["taken_down", "sold_out"])
def test_the_address_of_a_listing_works_when_it_is_not_on_offer(database: Database, status: str) -> None:
    listing_id = make_listing(database, make_user(database), status=status)
    assert database.read(listing_pages.detail, None, listing_id).status == status
    assert len(database.read(listing_pages.photos, listing_id)) == 1


def test_a_deleted_listing_is_gone_for_everyone(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    database.write(listings.delete, seller, listing_id)
    for actor in (None, seller):
        with pytest.raises(ListingNotFound):
            database.read(listing_pages.detail, actor, listing_id)
    assert database.read(listing_pages.photos, listing_id) == []
    assert database.read(lambda session: len(session.exec(select(Photo)).all())) == 1
