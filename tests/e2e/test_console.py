"""Operators at their console, while neighbours have their pages open."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, offer, write
from tests.e2e.site import BASE, Site
from tests.e2e.test_pages import Sight, look_at
from tests.external_logins import set_user
from tests.trade import buy
from xianyu import routes
from xianyu.models import Role
from xianyu.services import console_listings, interest, listings, messages, orders

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def make_operator(site: Site, person: MakePerson, viewport: ViewportSize = DESKTOP) -> Person:
    operator = person("物业", viewport)
    set_user(site.database, operator.id, role=Role.OPERATOR)
    return operator


def row(page: Page, title: str) -> Locator:
    return page.get_by_role("list", name="宝贝").get_by_role("listitem").filter(has_text=title)


def act(page: Page, title: str, button: str, **fields: str) -> None:
    """Press a button of a listing's row, and send the dialog that it opens."""
    row(page, title).get_by_role("button", name=re.compile(f"^{button}")).click()
    dialog = page.get_by_role("dialog")
    for label, text in fields.items():
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name=button, exact=True).click()


def test_a_listing_is_taken_down_restored_and_deleted_for_good(site: Site, person: MakePerson) -> None:
    operator, seller, buyer = make_operator(site, person), person("卖家"), person("买家", PHONE)
    listing_id = offer(site, seller.actor, "电动车电池")
    order_id = buy(site.database, buyer.actor, listing_id)
    site.database.write(orders.act, seller.actor, order_id, "decline", {"reason": "不卖了"})
    site.database.write(interest.want, buyer.actor, listing_id)
    site.database.write(messages.send_listing, buyer.actor, seller.id, "client-0001", listing_id)
    chat = buyer.go(routes.conversation(seller.id))
    box = seller.go(routes.box("notices"))
    page = operator.go(routes.ADMIN_LISTINGS)
    act(page, "电动车电池", "下架", 原因="小区规定不能卖电池")
    expect(row(page, "电动车电池")).to_contain_text("已下架", timeout=actions.LIVE)
    expect(page.get_by_role("status").filter(has_text="已下架")).to_be_visible()
    expect(box.get_by_role("main")).to_contain_text("管理员下架了你的「电动车电池」", timeout=actions.LIVE)
    expect(box.get_by_role("main")).to_contain_text("小区规定不能卖电池")
    expect(chat.locator(".x-about-listing")).to_contain_text("已下架", timeout=actions.LIVE)
    act(page, "电动车电池", "恢复")
    expect(row(page, "电动车电池")).to_contain_text("在售", timeout=actions.LIVE)
    _delete_for_good(page, chat)
    # Nothing on the pages of others leads to it any more, nor on theirs after a reload.
    for page in (chat, buyer.tab(routes.conversation(seller.id))):
        expect(page.locator(".x-about-listing")).to_have_text("电动车电池（已删除）")
        expect(page.locator(f"a[href='{routes.listing(listing_id)}']")).to_have_count(0)
    order = buyer.go(routes.order(order_id))
    expect(order.get_by_role("main")).to_contain_text("电动车电池")
    picture = order.locator("main img[src*='/media/']").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    log = operator.go(routes.ADMIN_LOG)
    entries = log.get_by_role("list", name="操作记录").get_by_role("listitem")
    expect(entries).to_have_count(3)
    expect(entries.first).to_contain_text("彻底删除了宝贝「电动车电池」")


def _delete_for_good(page: Page, chat: Page) -> None:
    act(page, "电动车电池", "彻底删除", 原因="小区规定不能卖电池", 输入="删除")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert").filter(has_text="请输入“彻底删除”四个字")).to_be_visible()
    # What was typed is still there.
    expect(dialog.get_by_label("原因")).to_have_value("小区规定不能卖电池")
    dialog.get_by_label("输入").fill("彻底删除")
    dialog.get_by_role("button", name="彻底删除", exact=True).click()
    expect(row(page, "电动车电池")).to_have_count(0, timeout=actions.LIVE)
    expect(chat.locator(".x-about-listing")).to_have_text("电动车电池（已删除）", timeout=actions.LIVE)
    expect(chat.get_by_role("log")).to_contain_text("已删除")


def test_a_deleted_listing_is_found_and_brought_back(site: Site, person: MakePerson) -> None:
    operator, seller = make_operator(site, person, PHONE), person("卖家")
    listing_id = offer(site, seller.actor, "旧相机")
    offer(site, seller.actor, "新相机")
    site.database.write(listings.delete, seller.actor, listing_id)
    mine = seller.go(routes.ME)
    page = operator.go(routes.ADMIN_LISTINGS)
    page.get_by_role("searchbox", name="找宝贝").fill("相机")
    page.get_by_label("状态").select_option("deleted")
    page.get_by_role("button", name="查找").click()
    expect(page).to_have_url(BASE + routes.admin_listings({"status": "deleted", "words": "相机"}))
    expect(row(page, "相机")).to_have_count(1)
    act(page, "旧相机", "恢复")
    expect(row(page, "相机")).to_have_count(0, timeout=actions.LIVE)
    mine.get_by_role("tab", name="已下架").click()
    expect(mine.get_by_role("main")).to_contain_text("旧相机", timeout=actions.LIVE)


def test_figures_change_while_they_are_looked_at(site: Site, person: MakePerson) -> None:
    operator, one, other = make_operator(site, person), person("小明"), person("小红")
    page = operator.go(routes.ADMIN)
    chart = page.get_by_role("img", name=re.compile("^消息："))
    expect(chart).to_have_accessible_name(re.compile("没有数据"))
    chat = one.go(routes.conversation(other.id))
    chat.get_by_role("textbox", name="输入消息").fill("在吗")
    chat.get_by_role("button", name="发送").click()
    expect(chart).to_have_accessible_name(re.compile("今天 1$"), timeout=2 * actions.LIVE)
    # It is drawn, too: today's bar stands at the right and reaches up to a quarter.
    box = chart.locator("path.x-chart-today").bounding_box()
    area = chart.locator("svg").bounding_box()
    assert box is not None
    assert area is not None
    assert box["x"] > area["x"] + 0.9 * area["width"]
    assert abs(box["height"] - area["height"] / 4) < 10
    page.get_by_role("link", name="近 7 天").click()
    expect(page).to_have_url(BASE + routes.admin({"days": "7"}))
    page.get_by_text("看每天的数字").click()
    expect(page.get_by_role("region", name="每天的数字").get_by_role("row")).to_have_count(8)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_of_the_console_keeps_what_all_pages_promise(
    site: Site, person: MakePerson, viewport: ViewportSize
) -> None:
    operator, seller, stranger = make_operator(site, person, viewport), person("卖家"), person("路人", viewport)
    down, lamp = offer(site, seller.actor, "电动车电池"), offer(site, seller.actor, "护眼台灯")
    write(site, seller.actor, operator.actor, "你好", "在吗")
    site.database.write(
        console_listings.take_down, replace(operator.actor, role=Role.OPERATOR), down, "小区规定不能卖电池"
    )
    site.database.write(listings.delete, seller.actor, lamp)
    sights = [
        Sight("console", routes.ADMIN, "管理后台", "近 30 天共"),
        Sight("console-week", routes.admin({"days": "7"}), "管理后台", "近 7 天共"),
        Sight("console-listings", routes.ADMIN_LISTINGS, "宝贝管理", "护眼台灯"),
        Sight("console-no-listing", routes.admin_listings({"words": "#99"}), "宝贝管理", "没有符合条件的宝贝"),
        Sight("console-log", routes.ADMIN_LOG, "操作日志", "下架了宝贝"),
        Sight("console-no-entry", routes.admin_log({"words": "没有的"}), "操作日志", "没有符合条件的记录"),
    ]
    found = [f"{sight.name}: {one}" for sight in sights for one in look_at(operator.page, sight)]
    for path, title in (
        (routes.ADMIN, "管理后台"),
        (routes.ADMIN_LISTINGS, "宝贝管理"),
        (routes.ADMIN_LOG, "操作日志"),
    ):
        sight = Sight(f"stranger{path.replace('/', '-')}", path, title, "只有管理员可以这样做")
        found += [f"{sight.name}: {one}" for one in look_at(stranger.page, sight)]
    assert not found, "\n".join(found)
