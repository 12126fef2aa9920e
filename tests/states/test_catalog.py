"""Sections and categories in open pages: they follow what an operator changes."""

from typing import Any

import pytest

from tests.factories import make_listing, make_photo, make_user
from tests.live_site import Site, Tab
from tests.states.handlers_listings import FORM
from xianyu import routes
from xianyu.models import Role
from xianyu.schemas.accounts import Actor
from xianyu.services import categories
from xianyu.states.catalog import CatalogState

STATE = "console_catalog_state"


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "物业", role=Role.OPERATOR)


def groups(tab: Tab) -> list[str]:
    return [group["name"] for group in tab["catalog_state"]["groups"]]


def children(tab: Tab, slug: str) -> list[str]:
    group = next(group for group in tab["catalog_state"]["groups"] if group["slug"] == slug)
    return [child["name"] for child in group["children"]]


def tabs_of(tab: Tab) -> list[str]:
    return [section["name"] for section in tab["catalog_state"]["sections"]]


def row(tab: Tab, slug: str) -> dict[str, Any]:
    rows = [*tab[STATE]["sections"], *tab[STATE]["categories"]]
    return next((row for row in rows if row["slug"] == slug), {})


def test_pages_are_built_with_what_the_data_file_says() -> None:
    state = CatalogState()
    assert [group.slug for group in state.groups] == [group.slug for group in categories.original()]
    assert [section.name for section in state.sections] == ["闲置", "活动", "公告"]
    assert state.groups[0].rest == "其他手机数码"
    assert state.groups[-1].rest == "其他"


async def test_open_home_pages_follow_at_once(site: Site, operator: Actor) -> None:
    own = await site.tab_of(operator, routes.ADMIN_CATALOG)
    colleague = await site.tab_of(make_user(site.database, role=Role.OPERATOR), routes.ADMIN_CATALOG)
    home, search = await site.tab(), await site.tab("/search?q=相机")
    await own.call(f"{STATE}.edit", key="category phones")
    assert (own[STATE]["editing"], own[STATE]["name"]) == ("category phones", "手机数码")
    await own.call(f"{STATE}.save", form={"key": "category phones", "name": "数码产品"})
    assert own[STATE]["editing"] == ""
    for tab in (home, search):
        await tab.until(lambda tab: groups(tab)[0] == "数码产品")
    await colleague.until(lambda tab: row(tab, "phones")["name"] == "数码产品")
    await own.call(f"{STATE}.set_hidden", kind="category", slug="cameras", hidden=True)
    await home.until(lambda tab: "相机摄影" not in children(tab, "phones"))
    await colleague.until(lambda tab: row(tab, "cameras")["is_hidden"] is True)
    await own.call(f"{STATE}.move", kind="category", slug="phones", up=False)
    await home.until(lambda tab: groups(tab)[:2] == ["电脑办公", "数码产品"])
    await own.call(f"{STATE}.save", form={"key": "add phones", "name": "无人机"})
    await home.until(lambda tab: children(tab, "phones")[-1] == "无人机")
    await own.call(f"{STATE}.remove", slug="wurenji")
    await home.until(lambda tab: children(tab, "phones")[-1] != "无人机")
    await own.call(f"{STATE}.save", form={"key": "section activity", "name": "一起玩"})
    await home.until(lambda tab: tabs_of(tab) == ["闲置", "一起玩", "公告"])
    await own.call(f"{STATE}.set_hidden", kind="section", slug="activity", hidden=True)
    await home.until(lambda tab: tabs_of(tab) == ["闲置", "公告"])
    assert home["catalog_state"]["has_activities"] is False


async def test_other_pages_follow_when_they_are_opened(site: Site, operator: Actor) -> None:
    """A form keeps its choices while it is filled in."""
    own, form = await site.tab_of(operator, routes.ADMIN_CATALOG), await site.tab(routes.SELL)
    await own.call(f"{STATE}.save", form={"key": "category phones", "name": "数码产品"})
    await own.until(lambda tab: row(tab, "phones")["name"] == "数码产品")
    await form.settle()
    assert groups(form)[0] == "手机数码"
    await form.go(routes.ME)
    await form.call("shell_state.enter")
    assert groups(form)[0] == "数码产品"
    assert groups(await site.tab(routes.SELL))[0] == "数码产品"


async def test_a_refused_name_stands_beside_its_field(site: Site, operator: Actor) -> None:
    own = await site.tab_of(operator, routes.ADMIN_CATALOG)
    await own.call(f"{STATE}.edit", key="category phones")
    for name, said in (("", "请填写分类名称"), ("电脑办公", "已经有一个同样的名称了")):
        await own.call(f"{STATE}.save", form={"key": "category phones", "name": name})
        assert own[STATE]["errors"] == {"name": said}
        assert own[STATE]["editing"] == "category phones"
    await own.call(f"{STATE}.note_open", is_open=False)
    assert own[STATE]["editing"] == ""
    await own.call(f"{STATE}.edit", key="add books")
    assert (own[STATE]["name"], own[STATE]["heading"]) == ("", "在“图书教材”里添加分类")
    await own.call(f"{STATE}.edit", key="add nothing")
    assert (own[STATE]["editing"], own[STATE]["errors"]) == ("", {})


async def test_what_cannot_be_is_said(site: Site, operator: Actor) -> None:
    own = await site.tab_of(operator, routes.ADMIN_CATALOG)
    await own.call(f"{STATE}.set_hidden", kind="section", slug="trade", hidden=True)
    assert own["notice_state"]["text"] == "“闲置”是网站的主体，不能隐藏"
    await own.call(f"{STATE}.remove", slug="cameras")
    assert own["notice_state"]["text"] == "自带的分类不能删除，可以隐藏它"


async def test_an_address_of_a_section_that_was_put_away_shows_the_first(site: Site, operator: Actor) -> None:
    own = await site.tab_of(operator, routes.ADMIN_CATALOG)
    await own.call(f"{STATE}.set_hidden", kind="section", slug="activity", hidden=True)
    await own.settle()
    home = await site.tab(routes.section("activity"))
    assert home["feed_state"]["section"] == "trade"


async def test_a_listing_keeps_a_hidden_category_in_its_form(site: Site, operator: Actor) -> None:
    seller = make_user(site.database)
    listing_id = make_listing(site.database, seller, category="cameras")
    own = await site.tab_of(operator, routes.ADMIN_CATALOG)
    await own.call(f"{STATE}.set_hidden", kind="category", slug="cameras", hidden=True)
    await own.settle()
    tab = await site.tab_of(seller, routes.listing_edit(listing_id))
    await tab.call("sell_state.open_edit", opened="x", path=routes.listing_edit(listing_id))
    assert tab["sell_state"]["hidden_category"] == "相机摄影"
    photo = make_photo(site.database, seller)
    refused = FORM | {"category": "cameras", "photos": f'{{"ids": [{photo}]}}'}
    await tab.go(routes.SELL)
    await tab.call("sell_state.open_new", opened="y")
    assert tab["sell_state"]["hidden_category"] == ""
    await tab.call("sell_state.publish", form=refused)
    assert "相机摄影" in tab["sell_state"]["errors"]["category"]
