"""Everybody's listings for operators: looked through, taken down, restored, deleted for good."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col

from tests.concurrency import race
from tests.factories import make_listing, make_photo, make_user, make_video
from tests.trade import trade
from xianyu.adapters import media, video
from xianyu.adapters.database import Database
from xianyu.models import (
    AuditEntry,
    Favorite,
    Listing,
    ListingTag,
    ListingView,
    ListingWant,
    Notice,
    Offer,
    Order,
    Photo,
    Role,
    SearchDocument,
    Tag,
    User,
    Video,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import ConsoleListing, Erased, ListingFilter
from xianyu.schemas.events import CardChanged, FavoritesChanged, ListingChanged, ListingErased, NoticesRead
from xianyu.schemas.orders import OrderForm
from xianyu.services import (
    cleanup,
    console_listings,
    conversations,
    interest,
    listing_pages,
    listings,
    messages,
    notices,
    offers,
    order_lists,
    orders,
    photos,
    tags,
)
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.console_listings import ERASE_WORD, NoSuchListing
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_errors import IllegalChange, ListingNotFound
from xianyu.services.order_errors import UnfinishedOrders
from xianyu.services.order_forms import OfferForm
from xianyu.settings import get_settings

WHY = "小区规定不能卖这个"


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, "物业", role=Role.OPERATOR)


def found(database: Database, actor: Actor, **wanted: str) -> list[ConsoleListing]:
    return database.read(console_listings.page, actor, ListingFilter(**wanted)).listings


def titles(database: Database, actor: Actor, **wanted: str) -> list[str]:
    return [listing.title for listing in found(database, actor, **wanted)]


def status_of(database: Database, listing_id: int) -> str:
    listing = database.read(Session.get, Listing, listing_id)
    return listing.status if listing is not None else "gone"


def erase(database: Database, operator: Actor, listing_id: int) -> Erased:
    return database.write(console_listings.erase, operator, listing_id, ERASE_WORD, WHY)


def count(database: Database, table: type[SQLModel], *conditions: Any) -> int:
    statement = sa.select(sa.func.count()).select_from(table).where(*conditions)
    return int(database.read(lambda session: session.execute(statement).scalar_one()))


def noticed(database: Database, actor: Actor) -> list[tuple[str, str, str]]:
    page = database.read(notices.page, actor)
    return [(f"{one.lead}「{one.subject}」", one.detail, one.url) for one in page.notices]


def set_user(database: Database, user_id: int, **values: Any) -> None:
    statement = sa.update(User).where(col(User.id) == user_id).values(**values)
    database.write(partial(Session.execute, statement=statement))


def test_listings_of_every_status_are_found(database: Database, operator: Actor) -> None:
    mei, wang = make_user(database, "小梅"), make_user(database, "Old_Wang")
    ids = {
        status: make_listing(database, mei if status != "deleted" else wang, title=f"{label}的车 50%", status=status)
        for status, label in console_listings.STATUSES.items()
    }
    latest_first = [f"{label}的车 50%" for label in reversed(console_listings.STATUSES.values())]
    assert titles(database, operator) == latest_first
    for status, label in console_listings.STATUSES.items():
        assert titles(database, operator, status=status) == [f"{label}的车 50%"]
    assert titles(database, operator, words="售的车 5") == ["在售的车 50%"]
    assert titles(database, operator, words="%%") == []
    assert titles(database, operator, words="OLD_wang") == ["已删除的车 50%"]
    assert titles(database, operator, words="小梅", status="held") == ["审核中的车 50%"]
    assert titles(database, operator, words=f"#{ids['deleted']}") == ["已删除的车 50%"]
    shown = {one.status: one for one in found(database, operator)}
    assert shown["active"].url
    # What nobody else sees has no page to lead to.
    assert (shown["deleted"].url, shown["held"].url) == ("", "")
    assert shown["deleted"].actions == ["restore", "erase"]


def test_they_are_paged_without_gaps(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    ids = [make_listing(database, seller) for _ in range(5)]
    seen: list[int] = []
    after = -1
    while after:
        page = database.read(console_listings.page, operator, ListingFilter(), after, 2)
        seen += [one.id for one in page.listings]
        after = page.after
    assert seen == ids[::-1]


def test_what_makes_no_sense_does_not_narrow() -> None:
    assert console_listings.check_filter({"status": "gone", "words": "\x00"}) == ListingFilter()
    assert console_listings.check_filter({"status": None, "words": ["x"]}) == ListingFilter()


@pytest.mark.parametrize(
    "act",
    [
        partial(console_listings.take_down, reason=WHY),
        console_listings.restore,
        partial(console_listings.erase, word=ERASE_WORD, reason=WHY),
    ],
    ids=["take_down", "restore", "erase"],
)
def test_it_is_for_operators_alone(database: Database, act: Callable[..., object]) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller)
    for actor in (seller, make_user(database)):
        with pytest.raises(OperatorsOnly):
            database.write(act, actor, listing_id)
    operator = make_user(database, role=Role.OPERATOR)
    for nothing in (10**9, 0, -1):
        with pytest.raises(NoSuchListing):
            database.write(act, operator, nothing)
    assert status_of(database, listing_id) == "active"
    assert count(database, AuditEntry) == 0


def test_a_listing_is_taken_down_and_its_seller_told_why(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, title="电动车电池")
    with pytest.raises(InvalidForm) as refused:
        database.write(console_listings.take_down, operator, listing_id, " ")
    assert set(refused.value.errors) == {"reason"}
    events = database.write(console_listings.take_down, operator, listing_id, WHY)
    assert ListingChanged(listing_id) in events
    assert status_of(database, listing_id) == "taken_down"
    assert noticed(database, seller)[0][:2] == ("管理员下架了你的「电动车电池」", WHY)
    assert count(database, SearchDocument, col(SearchDocument.ref_id) == listing_id) == 0
    with pytest.raises(IllegalChange, match="已下架"):
        database.write(console_listings.take_down, operator, listing_id, WHY)


def test_what_was_taken_down_is_on_offer_again(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, status="taken_down")
    database.write(console_listings.restore, operator, listing_id)
    assert status_of(database, listing_id) == "active"
    assert listing_id in [card.id for card in database.read(listing_pages.feed, None).cards]
    with pytest.raises(IllegalChange, match="在售"):
        database.write(console_listings.restore, operator, listing_id)


def test_what_was_deleted_comes_back_taken_down(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, title="旧相机")
    database.write(listings.delete, seller, listing_id)
    database.write(console_listings.restore, operator, listing_id)
    assert status_of(database, listing_id) == "taken_down"
    assert noticed(database, seller)[0][:2] == ("管理员恢复了你的「旧相机」", "现在是“已下架”")
    # It is up to its seller, who can.
    database.write(listings.relist, seller, listing_id)
    assert status_of(database, listing_id) == "active"


@pytest.mark.parametrize(
    ("status", "seller_is", "quantity", "refusal"),
    [
        ("taken_down", {"bio": "你好"}, 0, "数量是 0"),
        ("taken_down", {"closing_at": utc_now()}, 1, "正在注销"),
        ("taken_down", {"banned_until": utc_now().replace(year=2999)}, 1, "封禁"),
        ("deleted", {"closed_at": utc_now()}, 1, "已经注销"),
    ],
)
def test_what_cannot_be_on_offer_is_not_restored(
    database: Database, operator: Actor, status: str, seller_is: dict[str, Any], quantity: int, refusal: str
) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, status=status, quantity=quantity)
    set_user(database, seller.user_id, **seller_is)
    with pytest.raises(IllegalChange, match=refusal):
        database.write(console_listings.restore, operator, listing_id)
    assert status_of(database, listing_id) == status


def _full_of_life(database: Database, listing_id: int, seller: Actor, buyer: Actor) -> None:
    """Everything that can hang on a listing."""
    make_video(database, seller, listing_id=listing_id)
    make_photo(database, seller, listing_id=listing_id, position=1)
    database.write(tags.put, listing_id, ("自行车", "山地"))
    database.write(interest.look, buyer, listing_id, is_counted=True)
    database.write(interest.favorite, buyer, listing_id)
    database.write(interest.want, buyer, listing_id)
    database.write(offers.make, buyer, listing_id, OfferForm(1, 9_900, "offer-00001"))


def test_nothing_is_left_of_what_is_deleted_for_good(database: Database, operator: Actor) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id, other_id = make_listing(database, seller, title="山地车"), make_listing(database, seller)
    _full_of_life(database, listing_id, seller, buyer)
    database.write(tags.put, other_id, ("山地",))
    erased = erase(database, operator, listing_id)
    assert (len(erased.photo_names), len(erased.video_names)) == (2, 1)
    assert status_of(database, listing_id) == "gone"
    for table in (Favorite, ListingView, ListingWant, ListingTag, Offer, Video):
        assert count(database, table, *_of(table, listing_id)) == 0, table
    assert count(database, Photo) == 1
    assert count(database, Notice, col(Notice.listing_id) == listing_id) == 0
    assert count(database, SearchDocument, col(SearchDocument.ref_id) == listing_id) == 0
    uses = database.read(lambda session: dict(session.execute(sa.select(col(Tag.name), col(Tag.uses))).all()))
    assert uses == {"自行车": 0, "山地": 1}
    assert [one[:2] for one in noticed(database, seller)] == [("管理员彻底删除了你的「山地车」", WHY)]
    told = set(map(type, erased.events))
    assert {FavoritesChanged, NoticesRead, CardChanged, ListingErased, ListingChanged} <= told
    with pytest.raises(ListingNotFound):
        database.read(listing_pages.detail, seller, listing_id)
    [entry] = database.read(lambda session: session.scalars(sa.select(AuditEntry)).all())
    assert (entry.action, entry.target_id, entry.target_name, entry.detail) == (
        "listing.erase",
        listing_id,
        "山地车",
        WHY,
    )


def _of(table: Any, listing_id: int) -> list[Any]:
    return [col(table.listing_id) == listing_id]


def test_conversations_keep_a_stub_until_something_else_is_wanted(database: Database, operator: Actor) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id, other_id = make_listing(database, seller, title="山地车"), make_listing(database, seller, title="台灯")
    database.write(interest.want, buyer, listing_id)
    database.write(messages.send_listing, buyer, seller.user_id, "client-0001", listing_id)
    database.write(offers.make, buyer, listing_id, OfferForm(1, 9_900, "offer-00001"))
    erase(database, operator, listing_id)
    for reader, peer in ((seller, buyer), (buyer, seller)):
        opened = database.read(conversations.open_with, reader, peer.user_id, 40)
        assert (opened.about.id, opened.about.title, opened.about.status, opened.about.url) == (
            0,
            "山地车",
            "deleted",
            "",
        )
        cards = [message.attachment for message in opened.messages if message.attachment]
        assert [(card.title, card.url) for card in cards] == [("山地车", ""), ("山地车", "")]
        assert (cards[0].status, cards[1].label) == ("deleted", "已失效")
    database.write(interest.want, buyer, other_id)
    assert database.read(conversations.open_with, buyer, seller.user_id, 40).about.title == "台灯"
    erase(database, operator, other_id)
    assert database.read(conversations.open_with, buyer, seller.user_id, 40).about.title == "台灯"


def test_orders_keep_what_they_show(database: Database, operator: Actor) -> None:
    deal = trade(database)
    listing = database.read(Session.get_one, Listing, deal.listing_id)
    with pytest.raises(UnfinishedOrders, match="1 个未完成"):
        erase(database, operator, deal.listing_id)
    assert status_of(database, deal.listing_id) == "active"
    database.write(orders.act, deal.seller, deal.order_id, "decline", {"reason": "卖掉了"})
    extra = make_photo(database, deal.seller, listing_id=deal.listing_id, position=1)
    erased = erase(database, operator, deal.listing_id)
    assert listing.cover not in erased.photo_names
    assert len(erased.photo_names) == 1
    assert database.read(Session.get, Photo, extra) is None
    shown = database.read(order_lists.detail, deal.buyer, deal.order_id)
    assert (shown.title, shown.listing_url) == (listing.title, "")
    assert shown.cover_url.endswith(".webp")
    # Nor does the cleaning take it, however old it gets.
    assert database.read(photos.expired_orphans, utc_now().replace(year=2999)) == []
    assert database.read(photos.known_names, {listing.cover}) == {listing.cover}


def test_the_files_are_gone_and_what_a_crash_left_is_found(sqlite_database: Database) -> None:
    database, folder = sqlite_database, get_settings().media_dir
    operator, seller = make_user(database, role=Role.OPERATOR), make_user(database)
    kept_id, first, second = (make_listing(database, seller) for _ in range(3))
    for listing_id in (kept_id, first, second):
        make_video(database, seller, listing_id=listing_id)
    names = {one.name for table in (Photo, Video) for one in _all(database, table)}
    files = [file for name in names for file in _files(folder, name)]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x")
    erased = erase(database, operator, first)
    cleanup.remove_files(folder, erased.photo_names, erased.video_names)
    gone = {file for name in (*erased.photo_names, *erased.video_names) for file in _files(folder, name)}
    assert len(gone) == 4
    assert {file for file in files if not file.exists()} == gone
    # The program was killed before it came to the files of this one.
    crashed = erase(database, operator, second)
    cleanup.clean_orphans(database, folder, utc_now().replace(year=2999))
    gone |= {file for name in (*crashed.photo_names, *crashed.video_names) for file in _files(folder, name)}
    assert {file for file in files if not file.exists()} == gone
    assert len(files) - len(gone) == 4


def _all(database: Database, table: Any) -> list[Any]:
    return list(database.read(lambda session: session.scalars(sa.select(table)).all()))


def _files(folder: Path, name: str) -> list[Path]:
    """A picture and its small one, or a video and its poster."""
    other = video.poster_name(name) if name.endswith(".mp4") else media.thumb_name(name)
    return [media.locate(folder, one) for one in (name, other)]


@pytest.mark.parametrize(("word", "reason", "fields"), [("删除", WHY, {"word"}), (ERASE_WORD, "", {"reason"})])
def test_deleting_for_good_has_to_be_meant(
    database: Database, operator: Actor, word: str, reason: str, fields: set[str]
) -> None:
    listing_id = make_listing(database, make_user(database))
    with pytest.raises(InvalidForm) as refused:
        database.write(console_listings.erase, operator, listing_id, word, reason)
    assert set(refused.value.errors) == fields
    assert status_of(database, listing_id) == "active"


def test_of_an_order_and_a_deletion_at_once_one_wins(database: Database, operator: Actor) -> None:
    seller, buyer = make_user(database), make_user(database)
    for number in range(4):
        listing_id = make_listing(database, seller)
        form = OrderForm(listing_id, 1, "face_to_face", f"client-key-{number}")
        ordered, erased = race(
            partial(database.write, orders.place, buyer, form), partial(erase, database, operator, listing_id)
        )
        assert isinstance(ordered, Exception) != isinstance(erased, Exception), (ordered, erased)
        assert isinstance(erased, UnfinishedOrders) or isinstance(ordered, ListingNotFound)
        assert count(database, Order, col(Order.listing_id) == listing_id) == (not isinstance(ordered, Exception))
