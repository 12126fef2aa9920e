"""One trade from its beginning to its bitter end: two neighbours and an operator, each at a browser of their own."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, jpeg
from tests.e2e.site import ARTIFACTS, BASE, Site
from tests.trade import pieces
from xianyu import routes
from xianyu.services import operators

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

TITLE = "说是九成新的山地车"
LOOKS = ARTIFACTS / "whole-trade"
BUYERS_WORDS, SELLERS_WORDS = "车架是裂的，不是九成新。", "爽快的买家。"
REASON = "把坏的当好的卖"


def test_a_trade_from_the_listing_to_the_ban(site: Site, person: MakePerson) -> None:
    seller, buyer, operator = person("卖家", DESKTOP), person("买家", PHONE), person("物业", DESKTOP)
    site.database.write(operators.promote, operator.name)
    listing_id = _publish(seller.page)
    _agree_on_a_price(seller, buyer, listing_id)
    sold, bought = _hand_over(seller, buyer)
    assert pieces(site.database, listing_id) == (1, 0, 1)
    _review_both_ways(sold, bought)
    console = operator.go(routes.ADMIN_REPORTS)
    expect(console.get_by_role("main")).to_contain_text("没有待处理的举报")
    _report(bought, listing_id)
    _decide(console)
    _is_over(seller, buyer, listing_id)


def _publish(page: Page) -> int:
    page.goto(BASE + routes.SELL)
    actions.fill_listing(page, TITLE)
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/listing/\d+$"))
    return int(page.url.rpartition("/")[2])


def _press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def _send(page: Page, name: str) -> None:
    """Send the dialog that is open, and see it close."""
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def _agree_on_a_price(seller: Person, buyer: Person, listing_id: int) -> None:
    page = buyer.go(routes.listing(listing_id))
    _press(page, "出价")
    page.get_by_role("dialog").get_by_label("每件出价").fill("150")
    page.get_by_role("dialog").get_by_role("button", name="发出出价").click()
    page.wait_for_url(BASE + routes.conversation(seller.id))
    chat = seller.go(routes.conversation(buyer.id))
    chat.get_by_role("log").get_by_role("button", name=re.compile("^接受")).click()
    for one in (page, chat):
        card = one.get_by_role("log").locator(".x-card").filter(has_text="待卖家确认")
        expect(card).to_contain_text("150.00", timeout=actions.LIVE)
        card.get_by_role("link").click()
        one.wait_for_url(re.compile(r"/orders/\d+$"))


def _hand_over(seller: Person, buyer: Person) -> tuple[Page, Page]:
    sold, bought = seller.page, buyer.page
    _press(sold, "确认订单")
    _expect_status(sold, bought, text="已确认")
    _press(sold, "确认交付")
    _send(sold, "确认交付")
    _expect_status(sold, bought, text="卖家已交付")
    _press(bought, "确认收货")
    _send(bought, "确认收货")
    _expect_status(sold, bought, text="已完成")
    return sold, bought


def _expect_status(*pages: Page, text: str) -> None:
    for page in pages:
        expect(page.get_by_role("article").get_by_role("status")).to_have_text(text, timeout=actions.LIVE)


def _review_both_ways(sold: Page, bought: Page) -> None:
    for page, stars, words in ((bought, 1, BUYERS_WORDS), (sold, 5, SELLERS_WORDS)):
        _press(page, "评价")
        page.get_by_role("dialog").get_by_role("radio", name=f"{stars} 星").focus()
        page.keyboard.press("Space")
        page.get_by_role("dialog").get_by_role("textbox", name="文字").fill(words)
        _send(page, "提交评价")
    for page in (sold, bought):
        for words in (BUYERS_WORDS, SELLERS_WORDS):
            expect(page.get_by_role("list", name="双方的评价")).to_contain_text(words, timeout=actions.LIVE)


def _report(bought: Page, listing_id: int) -> None:
    bought.goto(BASE + routes.listing(listing_id))
    _press(bought, "举报")
    dialog = bought.get_by_role("dialog")
    dialog.get_by_role("radio", name="虚假信息").check()
    dialog.get_by_role("textbox", name="说明").fill(BUYERS_WORDS)
    actions.choose_photos(bought, actions.photo_file(jpeg(colour="#7a3b2e")))
    expect(dialog.get_by_role("progressbar")).to_have_count(0)
    dialog.get_by_role("button", name="提交举报").click()
    expect(dialog.get_by_role("status").filter(has_text="已收到")).to_be_visible()
    _send(bought, "好的")


def _decide(console: Page) -> None:
    """It came to the open console by itself."""
    line = console.get_by_role("main").get_by_role("listitem").filter(has_text=TITLE)
    expect(line).to_contain_text(BUYERS_WORDS, timeout=actions.LIVE)
    actions.save(console, LOOKS, "report")
    line.get_by_role("button", name="处理").click()
    dialog = console.get_by_role("dialog")
    dialog.get_by_role("radio", name="成立").check()
    dialog.get_by_role("textbox", name="给举报人的答复").fill("已下架并停用账号")
    dialog.get_by_role("checkbox").first.check()
    dialog.get_by_role("combobox").select_option(label="7 天")
    dialog.get_by_role("textbox", name="原因").fill(REASON)
    actions.save(console, LOOKS, "decision")
    _send(console, "提交处理")


def _is_over(seller: Person, buyer: Person, listing_id: int) -> None:
    """The seller is out and reads why, the buyer hears of it, and nobody sees the thing any more."""
    expect(seller.page).to_have_url(re.compile("/login"), timeout=actions.RECOVERY)
    expect(buyer.page.get_by_role("main")).to_contain_text(re.compile("已下架|不存在或已被删除"), timeout=actions.LIVE)
    box = buyer.go("/messages?box=notices").get_by_role("region", name="互动")
    expect(box).to_contain_text("已下架并停用账号")
    buyer.go(f"/listing/{listing_id}")
    expect(buyer.page.get_by_role("button", name="立即购买")).to_have_count(0)
    actions.log_in_here(seller.page, seller.name)
    expect(seller.page.get_by_role("main")).to_contain_text(REASON)
    actions.save(seller.page, LOOKS, "out")
