"""What operators change about sections and categories, as neighbours see it in real browsers."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE, Person, log_in, offer
from tests.e2e.site import ARTIFACTS, BASE, Site
from tests.factories import make_user
from xianyu.models import Role

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


@pytest.fixture
def site(site: Site) -> Iterator[Site]:
    """The site; it knows nothing more of the changes once they are removed."""
    yield site
    site.empty()
    site.restart()


@pytest.fixture
def operator(site: Site, person: MakePerson) -> Person:
    somebody = person()
    log_in(site, somebody.context, make_user(site.database, "物业", role=Role.OPERATOR))
    return somebody


def chips(page: Page, name: str = "分类") -> Locator:
    return page.get_by_role("navigation", name=name, exact=True).get_by_role("link")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def rename(page: Page, was: str, name: str) -> None:
    press(page, f"改名 {was}")
    field = page.get_by_role("textbox", name="名称")
    expect(field).to_be_focused()
    expect(field).to_have_value(was)
    field.fill(name)
    press(page, "保存")


def test_what_an_operator_changes_shows_on_an_open_home_page(site: Site, person: MakePerson, operator: Person) -> None:
    seller, visitor = person("卖家"), person("", PHONE)
    listing_id = offer(site, seller.actor, "徕卡胶片相机", category="cameras")
    home = visitor.go("/?category=phones")
    page = operator.go("/admin/catalog")
    rename(page, "手机数码", "电脑办公")
    expect(page.get_by_role("alert").filter(has_text="已经有一个同样的名称了")).to_be_visible()
    expect(page.get_by_role("textbox", name="名称")).to_have_value("电脑办公")
    page.get_by_role("textbox", name="名称").fill("数码产品")
    actions.save(page, ARTIFACTS / "catalog", "renaming")
    press(page, "保存")
    expect(chips(home).nth(1)).to_have_text("数码产品", timeout=actions.LIVE)
    press(page, "隐藏 相机摄影")
    expect(chips(home, "数码产品的分类").filter(has_text="相机摄影")).to_have_count(0, timeout=actions.LIVE)
    press(page, "下移 数码产品")
    expect(chips(home).nth(1)).to_have_text("电脑办公", timeout=actions.LIVE)
    press(page, "在 数码产品 里添加分类")
    page.get_by_role("dialog").get_by_role("textbox", name="名称").fill("无人机")
    press(page, "保存")
    expect(chips(home, "数码产品的分类").last).to_have_text("无人机", timeout=actions.LIVE)
    rename(page, "活动", "一起玩")
    expect(home.get_by_role("tab", name="一起玩")).to_be_visible(timeout=actions.LIVE)
    press(page, "隐藏 一起玩")
    expect(home.get_by_role("tab")).to_have_text(["闲置", "公告"], timeout=actions.LIVE)
    actions.save(home, ARTIFACTS / "catalog", "home")
    # Nothing of it is lost with a reload, and the listing is where it was.
    home.reload()
    expect(chips(home).nth(1)).to_have_text("电脑办公")
    expect(home.get_by_role("tab")).to_have_text(["闲置", "公告"])
    expect(home.get_by_role("link", name=re.compile("^徕卡胶片相机"))).to_be_visible()
    home.goto(f"{BASE}/listing/{listing_id}")
    expect(home.get_by_role("main")).to_contain_text("相机摄影")
    _is_not_offered(seller, listing_id)
    press(page, "删除 无人机")
    page.get_by_role("alertdialog").get_by_role("button", name="删除", exact=True).click()
    expect(page.get_by_role("button", name="删除 无人机")).to_have_count(0)


def _is_not_offered(seller: Person, listing_id: int) -> None:
    page = seller.go("/sell")
    choice = page.get_by_role("combobox", name="分类")
    expect(choice.locator("optgroup[label=数码产品] option").last).to_have_text("其他数码产品")
    expect(choice.locator("option", has_text="无人机")).to_have_count(1)
    expect(choice.locator("option", has_text="相机摄影")).to_have_count(0)
    expect(page.get_by_role("navigation", name="发布什么").get_by_role("link")).to_have_text(["闲置 / 求购"])
    seller.go(f"/listing/{listing_id}/edit")
    expect(choice).to_have_value("cameras")
    expect(choice.locator("option:checked")).to_have_text("相机摄影（已停用）")
    press(page, "保存")
    page.wait_for_url(f"{BASE}/listing/{listing_id}")
    expect(page.get_by_role("main")).to_contain_text("相机摄影")
