"""Two people trade: they buy, confirm, send, receive, haggle and cancel, each at a browser of their own."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, ViewportSize, expect
from sqlmodel import Session, col

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, offer
from tests.e2e.site import ARTIFACTS, BASE, Site
from tests.factories import PASSWORD
from tests.trade import buy, pieces
from xianyu import routes
from xianyu.models import Listing, Order
from xianyu.services import listings, orders

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

TITLE = "九成新山地车"
LOOKS = ARTIFACTS / "orders"


def status(page: Page) -> Locator:
    """Where the order that is open stands."""
    return page.get_by_role("article").get_by_role("status")


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def send(page: Page, name: str) -> None:
    """Send the dialog that is open."""
    dialog(page).get_by_role("button", name=name, exact=True).click()


def expect_status(*pages: Page, text: str) -> None:
    """Live, on every one of these pages of the order."""
    for page in pages:
        expect(status(page)).to_have_text(text, timeout=actions.LIVE)


def step(page: Page, name: str) -> Locator:
    """A line of the timeline."""
    return page.locator(".x-step").filter(has=page.get_by_text(name, exact=True))


def start_buying(one: Person, listing_id: int) -> Page:
    page = one.go(routes.listing(listing_id))
    press(page, "立即购买")
    expect(page.get_by_role("heading", level=1, name="立即购买")).to_be_visible()
    return page


def add_address(page: Page) -> None:
    """Fill in the dialog, with a mistake first."""
    press(page, "添加地址")
    dialog(page).get_by_label("收件人").fill("陈小姐")
    dialog(page).get_by_label("手机号").fill("电话")
    dialog(page).get_by_label("详细地址").fill("幸福小区 3 号楼 502 室")
    send(page, "保存地址")
    expect(dialog(page).get_by_role("alert").filter(has_text="手机号要写成数字")).to_be_visible()
    expect(dialog(page).get_by_label("收件人")).to_have_value("陈小姐")
    dialog(page).get_by_label("手机号").fill("138 0000 0000")
    send(page, "保存地址")
    expect(dialog(page)).to_have_count(0)


@pytest.mark.parametrize("sizes", [(PHONE, DESKTOP), (DESKTOP, PHONE)], ids=["phone-buys", "phone-sells"])
def test_a_whole_trade_by_mail(site: Site, person: MakePerson, sizes: tuple[ViewportSize, ViewportSize]) -> None:
    buyer, seller = person("买家", sizes[0]), person("卖家", sizes[1])
    listing_id = offer(site, seller.actor, TITLE)
    page = start_buying(buyer, listing_id)
    page.get_by_label("数量").fill("2")
    expect(page.get_by_text("合计 ¥361.00")).to_be_visible()
    page.get_by_text("快递", exact=True).click()
    page.get_by_role("textbox", name="留言").fill("请包好一点")
    press(page, "提交订单")
    expect(page.get_by_role("alert").filter(has_text="请选择收货地址")).to_be_visible()
    add_address(page)
    expect(page.get_by_role("radio", name=re.compile("陈小姐"))).to_be_checked()
    expect(page.get_by_role("textbox", name="留言")).to_have_value("请包好一点")
    expect(page.get_by_role("alert").filter(has_text="请选择收货地址")).to_have_count(0)
    actions.save(page, LOOKS, f"buy-{sizes[0]['width']}")

    sold = seller.go(routes.orders({"side": "sold"}))
    expect(sold.get_by_text("还没有卖出过东西")).to_be_visible()
    press(page, "提交订单")
    expect_status(page, text="待卖家确认")
    assert pieces(site.database, listing_id) == (0, 2, 0)
    line = sold.get_by_role("list", name="订单").get_by_role("link")
    expect(line).to_contain_text("等你确认订单", timeout=actions.LIVE)
    expect(sold.get_by_text("1 个订单等你处理")).to_have_count(1)
    actions.save(sold, LOOKS, f"sold-{sizes[1]['width']}")
    line.click()
    _confirm_and_send(page, sold)

    press(page, "确认收货")
    send(page, "确认收货")
    expect_status(page, sold, text="已完成")
    assert pieces(site.database, listing_id) == (0, 0, 2)
    for one, who in ((page, "我"), (sold, buyer.name)):
        expect(step(one, "确认收货")).to_contain_text(who)
        actions.save(one, LOOKS, f"done-{one.viewport_size['width'] if one.viewport_size else 0}")
    _told(seller, buyer, page.url)


def _confirm_and_send(page: Page, sold: Page) -> None:
    """The seller's two steps, seen by the buyer as they happen."""
    expect(sold.get_by_role("article")).not_to_contain_text("幸福小区")
    press(sold, "确认订单")
    expect_status(page, sold, text="已确认")
    expect(sold.get_by_role("article")).to_contain_text("幸福小区 3 号楼 502 室")
    press(sold, "确认发货")
    send(sold, "确认发货")
    expect(dialog(sold).get_by_role("alert").filter(has_text="快递单号要是")).to_be_visible()
    dialog(sold).get_by_label("快递公司").fill("顺丰速运")
    dialog(sold).get_by_label("快递单号").fill("SF1234567890")
    send(sold, "确认发货")
    expect_status(page, sold, text="已发货")
    expect(page.get_by_role("article")).to_contain_text("SF1234567890")
    expect(page.get_by_text("到时将自动确认完成")).to_be_visible()


def _told(seller: Person, buyer: Person, url: str) -> None:
    """The notice and the card in the conversation lead to the order."""
    page = seller.go("/messages?box=notices")
    page.get_by_role("region", name="互动").get_by_role("link").first.click()
    expect(page).to_have_url(url)
    page = seller.go(f"/messages/{buyer.id}")
    card = page.get_by_role("log").get_by_role("link", name=re.compile(TITLE))
    expect(card).to_contain_text("已完成")
    actions.save(page, LOOKS, f"card-{page.viewport_size['width'] if page.viewport_size else 0}")
    card.click()
    expect(page).to_have_url(url)


@pytest.mark.parametrize("sizes", [(PHONE, DESKTOP), (DESKTOP, PHONE)], ids=["phone-buys", "phone-sells"])
def test_two_haggle_and_meet(site: Site, person: MakePerson, sizes: tuple[ViewportSize, ViewportSize]) -> None:
    buyer, seller = person("买家", sizes[0]), person("卖家", sizes[1])
    listing_id = offer(site, seller.actor, TITLE)
    page = buyer.go(routes.listing(listing_id))
    press(page, "出价")
    dialog(page).get_by_label("每件出价").fill("随便")
    send(page, "发出出价")
    expect(dialog(page).get_by_role("alert").first).not_to_be_empty()
    expect(dialog(page).get_by_label("每件出价")).to_have_value("随便")
    dialog(page).get_by_label("每件出价").fill("150")
    actions.save(page, LOOKS, f"offer-{sizes[0]['width']}")
    send(page, "发出出价")
    expect(page).to_have_url(f"{BASE}/messages/{seller.id}")
    mine = _card(page, "等待回复")
    expect(mine.get_by_role("button", name=re.compile("^撤回"))).to_be_visible()

    sold = seller.go(f"/messages/{buyer.id}")
    _card(sold, "等待回复").get_by_role("button", name=re.compile("^还价")).click()
    dialog(sold).get_by_label("每件出价").fill("165.50")
    send(sold, "发出还价")
    expect(dialog(sold)).to_have_count(0)
    for one in (page, sold):
        expect(_card(one, "已还价")).to_have_count(1, timeout=actions.LIVE)
        expect(_card(one, "等待回复")).to_contain_text("165.50", timeout=actions.LIVE)
    actions.save(page, LOOKS, f"haggle-{sizes[0]['width']}")
    _card(page, "等待回复").get_by_role("button", name=re.compile("^接受")).click()
    for one in (page, sold):
        expect(_card(one, "待卖家确认")).to_contain_text("165.50", timeout=actions.LIVE)
        expect(_card(one, "已接受")).to_have_count(1, timeout=actions.LIVE)
        expect(one.get_by_role("log").get_by_role("button", name=re.compile("^(接受|还价|拒绝|撤回)"))).to_have_count(0)
    actions.save(page, LOOKS, f"accepted-{sizes[0]['width']}")
    assert pieces(site.database, listing_id) == (1, 1, 0)

    for one in (page, sold):
        _card(one, "待卖家确认").get_by_role("link").click()
        expect(one.get_by_role("article")).to_contain_text("165.50")
    press(sold, "确认订单")
    expect_status(page, sold, text="已确认")
    press(sold, "确认交付")
    send(sold, "确认交付")
    expect_status(page, sold, text="卖家已交付")
    press(page, "确认收货")
    send(page, "确认收货")
    expect_status(page, sold, text="已完成")
    assert pieces(site.database, listing_id) == (1, 0, 1)


def _card(page: Page, shows: str) -> Locator:
    return page.get_by_role("log").locator(".x-card").filter(has_text=shows)


def test_an_offer_is_made_in_the_conversation_and_taken_back(site: Site, person: MakePerson) -> None:
    buyer, seller = person("买家", PHONE), person("卖家")
    listing_id = offer(site, seller.actor, TITLE)
    page = buyer.go(routes.listing(listing_id))
    press(page, "想要")
    expect(actions.message_field(page)).to_be_visible()
    press(page, "出价")
    dialog(page).get_by_label("每件出价").fill("120")
    send(page, "发出出价")
    sold = seller.go(f"/messages/{buyer.id}")
    expect(_card(sold, "等待回复")).to_contain_text("120.00")
    # Whoever sells it makes no offers for it.
    expect(sold.get_by_role("button", name="出价", exact=True)).to_have_count(0)
    _card(page, "等待回复").get_by_role("button", name=re.compile("^撤回")).click()
    for one in (page, sold):
        expect(_card(one, "已撤回")).to_have_count(1, timeout=actions.LIVE)
    press(page, "出价")
    dialog(page).get_by_label("每件出价").fill("130")
    send(page, "发出出价")
    _card(sold, "等待回复").get_by_role("button", name=re.compile("^拒绝")).click()
    expect(_card(page, "已拒绝")).to_contain_text("130.00", timeout=actions.LIVE)


def test_a_cancelled_order_says_why_and_gives_back_what_it_held(site: Site, person: MakePerson) -> None:
    buyer, seller, watcher = person("买家", PHONE), person("卖家"), person("小花", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    order_id = buy(site.database, buyer.actor, listing_id, 2)
    seen = watcher.go(routes.listing(listing_id))
    expect(seen.get_by_role("button", name="想要")).to_be_visible()
    expect(seen.get_by_role("button", name="立即购买")).to_have_count(0)
    page, sold = buyer.go(routes.order(order_id)), seller.go(routes.order(order_id))
    press(page, "取消订单")
    send(page, "取消订单")
    expect(dialog(page).get_by_role("alert").filter(has_text="原因")).to_be_visible()
    dialog(page).get_by_label("原因").fill("临时用不上了，抱歉")
    actions.save(page, LOOKS, "cancel-390")
    send(page, "取消订单")
    expect_status(page, sold, text="已取消")
    expect(step(sold, "取消订单")).to_contain_text("临时用不上了，抱歉")
    for one in (page, sold):
        expect(one.get_by_role("group", name="可以做的")).to_have_count(0)
    assert pieces(site.database, listing_id) == (2, 0, 0)
    expect(seen.get_by_role("button", name="立即购买")).to_be_visible(timeout=actions.LIVE)


def test_a_seller_changes_the_price_and_another_refuses(site: Site, person: MakePerson) -> None:
    buyer, seller = person("买家", PHONE), person("卖家")
    listing_id = offer(site, seller.actor, TITLE)
    first, second = (buy(site.database, buyer.actor, listing_id) for _ in range(2))
    page, sold = buyer.go(routes.order(first)), seller.go(routes.order(first))
    press(sold, "改价")
    expect(dialog(sold).get_by_label("每件价格")).to_have_value("180.50")
    dialog(sold).get_by_label("每件价格").fill("99")
    send(sold, "改价")
    expect(page.get_by_role("article")).to_contain_text("合计 ¥99.00", timeout=actions.LIVE)
    expect(page.get_by_role("article")).to_contain_text("标价 ¥180.50")
    page, sold = buyer.go(routes.order(second)), seller.go(routes.order(second))
    press(sold, "拒绝订单")
    dialog(sold).get_by_label("原因").fill("已经送给别人了")
    send(sold, "拒绝订单")
    expect_status(page, sold, text="卖家已拒绝")
    expect(step(page, "拒绝订单")).to_contain_text(f"{seller.name}：已经送给别人了")


def test_an_order_outlives_its_listing_a_reload_and_a_restart(site: Site, person: MakePerson) -> None:
    buyer, seller = person("买家", PHONE), person("卖家")
    listing_id = offer(site, seller.actor, TITLE)
    order_id = buy(site.database, buyer.actor, listing_id)
    for action in ("confirm", "hand_over"):
        site.database.write(orders.act, seller.actor, order_id, action)
    site.database.write(orders.act, buyer.actor, order_id, "receive")
    site.database.write(listings.delete, seller.actor, listing_id)
    page = buyer.go(routes.order(order_id))
    for again in (page.reload, site.restart, page.reload):
        expect_status(page, text="已完成")
        expect(page.get_by_role("article")).to_contain_text(TITLE)
        expect(page.get_by_role("article")).to_contain_text("宝贝已不在架上")
        actions.wait_until(page, "[...document.querySelectorAll('article img')].every((one) => one.naturalWidth > 0)")
        buyer.faults.allow("WebSocket|net::ERR")
        again()
    page = buyer.go(routes.orders({"words": "山地"}))
    expect(page.get_by_role("list", name="订单").get_by_role("link")).to_have_count(1)


def test_lists_are_narrowed_and_the_address_holds_how(site: Site, person: MakePerson) -> None:
    buyer, seller = person("买家"), person("卖家", PHONE)
    bike, lamp = offer(site, seller.actor, TITLE), offer(site, seller.actor, "护眼台灯")
    first = buy(site.database, buyer.actor, bike)
    buy(site.database, buyer.actor, lamp)
    site.database.write(orders.act, buyer.actor, first, "cancel", {"reason": "不要了"})
    page = buyer.go(routes.ORDERS)
    expect(page.get_by_role("tab", name="我买到的")).to_have_attribute("aria-selected", "true")
    lines = page.get_by_role("list", name="订单").get_by_role("link")
    expect(lines).to_have_count(2)
    page.get_by_role("button", name=re.compile("^已取消")).click()
    expect(lines).to_have_count(1)
    expect(page).to_have_url(BASE + routes.orders({"status": "cancelled"}))
    page.get_by_role("searchbox", name="在订单里找").fill("台灯")
    press(page, "查找")
    expect(page.get_by_text("没有符合条件的订单")).to_be_visible()
    page.get_by_role("button", name=re.compile("^全部")).click()
    expect(lines).to_have_count(1)
    expect(lines).to_contain_text("护眼台灯")
    page.reload()
    expect(page.get_by_role("searchbox", name="在订单里找")).to_have_value("台灯")
    expect(lines).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert "护眼台灯" in text
    assert TITLE not in text
    page.get_by_label("到", exact=True).fill("2020-01-01")
    press(page, "查找")
    expect(page.get_by_text("没有符合条件的订单")).to_be_visible()
    page.go_back()
    expect(lines).to_have_count(1)
    expect(page.get_by_label("到", exact=True)).to_have_value("")
    page.get_by_role("tab", name="我卖出的").click()
    expect(page.get_by_text("还没有卖出过东西")).to_be_visible()
    me = seller.go(routes.ME)
    expect(me.get_by_role("link", name=re.compile(r"订单\s*1 个订单等你处理"))).to_be_visible()


def test_a_visitor_logs_in_on_the_way_to_the_form(site: Site, person: MakePerson) -> None:
    seller, visitor = person("卖家"), person("", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    page = visitor.go(routes.listing(listing_id))
    press(page, "立即购买")
    page.wait_for_url(re.compile("/login"))
    page.get_by_role("link", name="注册一个").click()
    actions.fill_registration(page, "新邻居", "new@example.com", PASSWORD)
    press(page, "注册")
    expect(page.get_by_role("heading", level=1, name="立即购买")).to_be_visible()
    expect(page).to_have_url(BASE + routes.buy(listing_id))


def test_a_double_click_makes_one_order(site: Site, person: MakePerson) -> None:
    buyer, seller = person("买家", PHONE), person("卖家")
    listing_id = offer(site, seller.actor, TITLE)
    page = start_buying(buyer, listing_id)
    page.get_by_role("button", name="提交订单").dblclick()
    expect_status(page, text="待卖家确认")
    made = site.database.read(lambda session: session.scalar(sa.select(sa.func.count()).select_from(Order)))
    assert made == 1
    assert pieces(site.database, listing_id) == (1, 1, 0)


def test_what_changes_meanwhile_is_said_and_nothing_is_lost(site: Site, person: MakePerson) -> None:
    buyer, seller, other = person("买家", PHONE), person("卖家"), person("小花")
    listing_id = offer(site, seller.actor, TITLE)
    page = start_buying(buyer, listing_id)
    page.get_by_role("textbox", name="留言").fill("周六来拿")
    # Behind the page's back: nothing tells it of this.
    site.database.write(_set_price, listing_id, 20_000)
    press(page, "提交订单")
    expect(page.get_by_role("alert").filter(has_text="卖家刚改了价格，现在是 ¥200.00")).to_be_visible()
    expect(page.get_by_text("合计 ¥200.00")).to_be_visible()
    expect(page.get_by_role("textbox", name="留言")).to_have_value("周六来拿")
    elsewhere = start_buying(other, listing_id)
    elsewhere.get_by_label("数量").fill("2")
    press(elsewhere, "提交订单")
    expect_status(elsewhere, text="待卖家确认")
    expect(page.get_by_text("来晚了一步，已经被别人拍下了").first).to_be_visible(timeout=actions.LIVE)
    press(page, "提交订单")
    expect(page.get_by_role("alert").filter(has_text="来晚了一步")).to_be_visible()
    expect(page.get_by_role("textbox", name="留言")).to_have_value("周六来拿")


def _set_price(session: Session, listing_id: int, fen: int) -> None:
    session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(price_fen=fen))


def test_an_order_of_others_is_not_there(site: Site, person: MakePerson) -> None:
    buyer, seller, stranger = person("买家"), person("卖家"), person("小花", PHONE)
    order_id = buy(site.database, buyer.actor, offer(site, seller.actor, TITLE))
    stranger.faults.allow("responded with a status of 404")
    answer = stranger.page.goto(BASE + routes.order(order_id))
    assert answer is not None
    assert answer.status == 404
    expect(stranger.page.get_by_role("main")).to_contain_text("没有找到这个订单")
    expect(stranger.page.get_by_role("main")).not_to_contain_text(TITLE)
    assert buyer.context.request.get(BASE + routes.order(order_id)).status == 200
