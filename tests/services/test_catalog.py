"""What operators change about sections and categories, on every database."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_photo, make_user
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, CatalogEntry, Listing, Role, Section
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import CatalogChanged
from xianyu.schemas.listings import ListingForm
from xianyu.schemas.search import SearchQuery
from xianyu.schemas.sections import ActivityForm
from xianyu.services import (
    activities,
    catalog,
    categories,
    listing_pages,
    listings,
    plain_query,
    saved_searches,
    search,
    search_index,
    search_suggest,
)
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.catalog import CatalogRefused, NotInCatalog
from xianyu.services.categories import CATEGORY, SECTION
from xianyu.services.errors import InvalidForm


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, "物业", role=Role.OPERATOR)


def change(database: Database, service: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Do it, and let this process know of it, as the event does."""
    done = database.write(partial(service, **options), *args)
    database.read(categories.load)
    return done


def offered() -> list[str]:
    return [group.slug for group in categories.categories()]


def inside(group: str) -> list[str]:
    return next(([child.slug for child in each.children] for each in categories.categories() if each.slug == group), [])


def form(database: Database, seller: Actor, category: str, **changes: Any) -> ListingForm:
    values = {"title": "九成新的东西", "description": "自提", "price_fen": 100, "quantity": 1, "photo_ids": ()}
    return ListingForm(**(values | {"category": category, "photo_ids": (make_photo(database, seller),)} | changes))  # type: ignore[arg-type]  # each value is what the field takes


def test_the_data_file_is_what_there_is_at_first(database: Database) -> None:
    database.read(categories.load)
    assert offered() == [group.slug for group in categories.original()]
    assert [section.name for section in categories.sections()] == ["闲置", "活动", "公告"]


def test_a_new_name_is_shown_everywhere(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, category="cameras")
    assert change(database, catalog.rename, operator, CATEGORY, "cameras", " 相机  胶片 ") == CatalogChanged()
    change(database, catalog.rename, operator, CATEGORY, "phones", "数码")
    change(database, catalog.rename, operator, SECTION, "activity", "一起玩")
    assert categories.category_name("cameras") == "相机 胶片"
    assert database.read(listing_pages.detail, None, listing_id).category_name == "相机 胶片"
    assert categories.categories()[0].name == "数码"
    assert [section.name for section in categories.sections()] == ["闲置", "一起玩", "公告"]
    assert [one.text for one in database.read(search_suggest.suggest, None, "胶片")] == ["相机 胶片"]
    assert database.read(search_suggest.suggest, None, "xiangji")[0].text == "相机 胶片"
    assert database.read(search_suggest.suggest, None, "手机数码") == []


@pytest.mark.parametrize(
    ("kind", "slug", "name", "said"),
    [
        (CATEGORY, "phones", "", "请填写分类名称"),
        (CATEGORY, "phones", " \u200b ", "请填写分类名称"),
        (CATEGORY, "phones", "长" * 13, "不能超过 12 个字"),
        (CATEGORY, "phones", "坏\x00名", "无法显示"),
        (CATEGORY, "phones", None, "请填写"),
        (CATEGORY, "phones", ["x"], "请填写"),
        (CATEGORY, "phones", "电脑办公", "同样的名称"),
        (CATEGORY, "laptops", "ＰＣ", ""),
        (CATEGORY, "cameras", "手机", "同样的名称"),
        (SECTION, "trade", "六个字的名称", "不能超过 5 个字"),
        (SECTION, "trade", "活动", "同样的名称"),
    ],
)
def test_names_are_checked(database: Database, operator: Actor, kind: str, slug: str, name: object, said: str) -> None:
    if not said:
        change(database, catalog.rename, operator, kind, slug, name)
        assert categories.category_name(slug) == name
        return
    with pytest.raises(InvalidForm) as refused:
        database.write(catalog.rename, operator, kind, slug, name)
    assert said in refused.value.errors["name"]


def test_a_hidden_category_takes_nothing_new_and_keeps_what_it_has(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    kept = make_listing(database, seller, category="cameras", title="胶片相机 徕卡")
    change(database, catalog.set_hidden, operator, CATEGORY, "cameras", hidden=True)
    assert "cameras" not in inside("phones")
    with pytest.raises(InvalidForm) as refused:
        database.write(listings.publish, seller, form(database, seller, "cameras"))
    assert refused.value.errors == {"category": "“相机摄影”已停用，请换一个分类"}
    # What is in it keeps it, is edited in it, and is found by it.
    assert database.read(listing_pages.detail, None, kept).category_name == "相机摄影"
    database.write(listings.edit, seller, kept, form(database, seller, "cameras", title="胶片相机 徕卡 M3"))
    assert [card.id for card in database.read(listing_pages.feed, None, "cameras").cards] == [kept]
    assert [card.id for card in database.read(listing_pages.feed, None, "phones").cards] == [kept]
    assert [hit.id for hit in database.read(search.search, None, SearchQuery(category="cameras")).hits] == [kept]
    understood = plain_query.understand("谁有便宜的相机").query
    assert understood.category == "cameras"
    assert [hit.id for hit in database.read(search.search, None, understood).hits] == [kept]
    # Nothing else may be moved into it.
    other = make_listing(database, seller, category="laptops")
    with pytest.raises(InvalidForm):
        database.write(listings.edit, seller, other, form(database, seller, "cameras"))
    change(database, catalog.set_hidden, operator, CATEGORY, "cameras", hidden=False)
    database.write(listings.edit, seller, other, form(database, seller, "cameras"))


def test_the_refusal_needs_no_event(database: Database, operator: Actor) -> None:
    """What another worker hid a moment ago is refused by one that has not heard of it."""
    seller = make_user(database)
    database.write(partial(catalog.set_hidden, hidden=True), operator, CATEGORY, "cameras")
    assert "cameras" in inside("phones")
    with pytest.raises(InvalidForm):
        database.write(listings.publish, seller, form(database, seller, "cameras"))


def test_of_a_hidden_group_nothing_is_offered(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    change(database, catalog.set_hidden, operator, CATEGORY, "phones", hidden=True)
    assert "phones" not in offered()
    for slug in ("phones", "cameras"):
        with pytest.raises(InvalidForm):
            database.write(listings.publish, seller, form(database, seller, slug))
    # Its categories are as they were when it comes back.
    rows = database.read(catalog.listed, operator).categories
    assert [row.slug for row in rows if row.is_hidden] == ["phones"]
    change(database, catalog.set_hidden, operator, CATEGORY, "phones", hidden=False)
    assert "cameras" in inside("phones")


def test_something_to_choose_remains(database: Database, operator: Actor) -> None:
    *rest, last = offered()
    for slug in rest:
        change(database, catalog.set_hidden, operator, CATEGORY, slug, hidden=True)
    with pytest.raises(CatalogRefused, match="至少"):
        database.write(partial(catalog.set_hidden, hidden=True), operator, CATEGORY, last)
    assert offered() == [last]


def test_sections_but_the_first_can_be_put_away(database: Database, operator: Actor) -> None:
    with pytest.raises(CatalogRefused, match="不能隐藏"):
        database.write(partial(catalog.set_hidden, hidden=True), operator, SECTION, "trade")
    for slug in ("activity", "announcement"):
        change(database, catalog.set_hidden, operator, SECTION, slug, hidden=True)
    assert [section.slug for section in categories.sections()] == ["trade"]
    assert categories.is_hidden_section("activity")
    assert categories.section_name("activity") == "活动"
    soon = utc_now() + timedelta(days=1)
    invitation = ActivityForm("羽毛球", "一起打球吧", "体育馆", soon, soon + timedelta(hours=1), 5)
    with pytest.raises(InvalidForm) as refused:
        database.write(activities.publish, make_user(database), invitation)
    assert "已关闭" in refused.value.errors["form"]
    change(database, catalog.set_hidden, operator, SECTION, "activity", hidden=False)
    database.write(activities.publish, make_user(database), invitation)


def test_things_change_places(database: Database, operator: Actor) -> None:
    first, second, *_, last = offered()
    assert change(database, catalog.move, operator, CATEGORY, second, up=True) == CatalogChanged()
    assert offered()[:2] == [second, first]
    assert change(database, catalog.move, operator, CATEGORY, second, up=True) is None
    assert change(database, catalog.move, operator, CATEGORY, last, up=False) is None
    change(database, catalog.move, operator, CATEGORY, second, up=False)
    assert offered() == [group.slug for group in categories.original()]
    children = inside("books")
    change(database, catalog.move, operator, CATEGORY, children[2], up=True)
    assert inside("books") == [children[0], children[2], children[1], *children[3:]]
    change(database, catalog.move, operator, SECTION, "announcement", up=True)
    assert [section.slug for section in categories.sections()] == ["trade", "announcement", "activity"]


def test_an_added_category_works_like_any_other(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    change(database, catalog.add, operator, "phones", "无人机")
    assert inside("phones")[-1] == "wurenji"
    listing_id = database.write(
        listings.publish, seller, form(database, seller, "wurenji", title="大疆 带两块电池")
    ).listing_id
    assert database.read(listing_pages.detail, None, listing_id).category_name == "无人机"
    for slug in ("wurenji", "phones"):
        assert [card.id for card in database.read(listing_pages.feed, None, slug).cards] == [listing_id]
        assert [hit.id for hit in database.read(search.search, None, SearchQuery(category=slug)).hits] == [listing_id]
    assert plain_query.understand("想买二手无人机").query.category == "wurenji"
    assert database.read(search_suggest.suggest, None, "wuren")[0].text == "无人机"
    # An index that is made anew, by a process that has just begun, knows its group.
    categories.forget()
    database.write(lambda session: session.execute(sa.text("DELETE FROM search_document")))
    search_index.rebuild(database)
    assert [hit.id for hit in database.read(search.search, None, SearchQuery(category="phones")).hits] == [listing_id]


def test_slugs_are_spelled_and_unique(database: Database, operator: Actor) -> None:
    names = ["手办", "手半", "A4 纸", "🎈", "🎈🎈", "Laptops"]
    for name in names:
        change(database, catalog.add, operator, "other", name)
    assert inside("other")[-6:] == ["shouban", "shouban-2", "a4zhi", "category", "category-2", "laptops-2"]
    assert all(len(slug) <= 32 for slug in inside("other"))
    change(database, catalog.add, operator, "other", "很长很长很长很长很长很长")
    assert len(inside("other")[-1]) <= 32


def test_a_group_has_room_for_so_many(database: Database, operator: Actor) -> None:
    for number in range(catalog.MOST - len(inside("beauty"))):
        change(database, catalog.add, operator, "beauty", f"第{number}种")
    with pytest.raises(InvalidForm, match="最多 30 个"):
        database.write(catalog.add, operator, "beauty", "多出来的")
    with pytest.raises(InvalidForm, match="同样"):
        database.write(catalog.add, operator, "beauty", "第1种")


def test_one_that_was_added_and_never_used_can_be_removed(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    for name in ("无人机", "航模", "对讲机"):
        change(database, catalog.add, operator, "phones", name)
    used = make_listing(database, seller, category="wurenji")
    database.write(
        lambda session: session.execute(sa.update(Listing).where(col(Listing.id) == used).values(status="deleted"))
    )
    database.write(saved_searches.save, seller, "", SearchQuery(category="hangmo"))
    for slug, reason in (("wurenji", "有过宝贝"), ("hangmo", "订阅"), ("cameras", "自带"), ("phones", "自带")):
        with pytest.raises(CatalogRefused, match=reason):
            database.write(catalog.remove, operator, slug)
    change(database, catalog.remove, operator, "duijiangji")
    assert not categories.is_category("duijiangji")
    with pytest.raises(InvalidForm):
        database.write(listings.publish, seller, form(database, seller, "duijiangji"))


def test_nothing_is_published_into_what_is_removed(database: Database, operator: Actor) -> None:
    seller = make_user(database)
    for round_ in range(3):
        change(database, catalog.add, operator, "phones", f"无人机{round_}")
        slug = inside("phones")[-1]
        offer = form(database, seller, slug)
        results = race(
            partial(database.write, listings.publish, seller, offer),
            partial(database.write, catalog.remove, operator, slug),
        )
        database.read(categories.load)
        published = not isinstance(results[0], Exception)
        assert categories.is_category(slug) == published, results


@pytest.mark.parametrize("wrong", [None, "", "nothing", 7, [], {}, "\ud800", "x" * 10_000])
def test_what_is_not_there_cannot_be_changed(database: Database, operator: Actor, wrong: object) -> None:
    for kind, slug in ((CATEGORY, wrong), (SECTION, wrong), (wrong, "phones")):
        with pytest.raises(NotInCatalog):
            database.write(catalog.rename, operator, kind, slug, "名称")
        with pytest.raises(NotInCatalog):
            database.write(partial(catalog.move, up=True), operator, kind, slug)
        with pytest.raises(NotInCatalog):
            database.write(partial(catalog.set_hidden, hidden=True), operator, kind, slug)
    for service in (catalog.remove, partial(catalog.add, name="名称")):
        with pytest.raises(NotInCatalog):
            database.write(service, operator, wrong)
    with pytest.raises(NotInCatalog):
        database.write(catalog.add, operator, "cameras", "不是大类")


WRITES: dict[str, Callable[..., object]] = {
    "rename": partial(catalog.rename, kind=CATEGORY, slug="phones", name="x"),
    "hide": partial(catalog.set_hidden, kind=CATEGORY, slug="phones", hidden=True),
    "move": partial(catalog.move, kind=CATEGORY, slug="phones", up=False),
    "add": partial(catalog.add, group="phones", name="x"),
    "remove": partial(catalog.remove, slug="phones"),
    "list": catalog.listed,
}


@pytest.mark.parametrize("write", WRITES)
def test_operators_alone_change_it(database: Database, write: str) -> None:
    with pytest.raises(OperatorsOnly):
        database.write(WRITES[write], make_user(database))
    assert database.read(lambda session: session.exec(select(CatalogEntry)).all()) == []


def test_what_operators_do_is_noted(database: Database, operator: Actor) -> None:
    change(database, catalog.rename, operator, CATEGORY, "cameras", "相机")
    change(database, catalog.set_hidden, operator, SECTION, "activity", hidden=True)
    change(database, catalog.set_hidden, operator, SECTION, "activity", hidden=False)
    change(database, catalog.move, operator, CATEGORY, "cameras", up=True)
    change(database, catalog.add, operator, "phones", "无人机")
    change(database, catalog.remove, operator, "wurenji")
    noted = database.read(lambda session: session.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all())
    assert [(entry.action, entry.target_name) for entry in noted] == [
        ("category.rename", "相机摄影"),
        ("section.hide", "活动"),
        ("section.show", "活动"),
        ("category.move", "相机"),
        ("category.add", "无人机"),
        ("category.remove", "无人机"),
    ]
    assert noted[0].detail == "改名为：相机"


def test_the_list_says_what_can_be_done(database: Database, operator: Actor) -> None:
    change(database, catalog.add, operator, "phones", "无人机")
    change(database, catalog.set_hidden, operator, CATEGORY, "cameras", hidden=True)
    found = database.read(catalog.listed, operator)
    trade = found.sections[0]
    assert (trade.slug, trade.is_fixed, trade.is_first) == (Section.TRADE, True, True)
    rows = {row.slug: row for row in found.categories}
    assert [row.slug for row in found.categories[:3]] == ["phones", "mobile-phones", "phone-accessories"]
    assert (rows["wurenji"].is_added, rows["wurenji"].is_last, rows["wurenji"].group) == (True, True, "phones")
    assert (rows["cameras"].is_hidden, rows["cameras"].is_added) == (True, False)
    assert len(rows) == len(categories.every())


def test_a_row_whose_group_is_no_longer_in_the_data_file_is_left_out(database: Database) -> None:
    database.write(
        lambda session: Session.add(session, CatalogEntry(kind=CATEGORY, slug="lost", parent="gone", name="没了"))
    )
    database.read(categories.load)
    assert not categories.is_category("lost")
