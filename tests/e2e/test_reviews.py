"""Two people review each other, each at a browser of their own, and others read it as it is opened."""

import re

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e import actions, audit
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, jpeg, offer
from tests.e2e.site import ARTIFACTS, Site
from tests.reviewing import reviewed, traded
from tests.trade import buy
from xianyu import routes
from xianyu.services import orders

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

TITLE = "九成新山地车"
LOOKS = ARTIFACTS / "reviews"
WORDS = "车和描述一样，\n还帮忙打了气。"
ANSWER = "谢谢，骑得开心！"


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def cards(page: Page, name: str) -> Locator:
    """The reviews in a list of that name."""
    return page.get_by_role("list", name=name).get_by_role("listitem").filter(has=page.get_by_role("img"))


def choose(page: Page, stars: int) -> None:
    """By keyboard, as the arrows go within a group of radio buttons."""
    first = dialog(page).get_by_role("radio", name="1 星")
    first.focus()
    page.keyboard.press("Space")
    for _ in range(stars - 1):
        page.keyboard.press("ArrowRight")
    expect(dialog(page).get_by_role("radio", name=f"{stars} 星")).to_be_checked()


def look(page: Page, name: str) -> None:
    actions.save(page, LOOKS, f"{name}-{page.viewport_size['width'] if page.viewport_size else 0}")


@pytest.mark.parametrize("sizes", [(PHONE, DESKTOP), (DESKTOP, PHONE)], ids=["phone-buys", "phone-sells"])
def test_both_review_and_nobody_reads_before_both_have(
    site: Site, person: MakePerson, sizes: tuple[ViewportSize, ViewportSize]
) -> None:
    buyer, seller, watcher = person("买家", sizes[0]), person("卖家", sizes[1]), person("", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    order_id = buy(site.database, buyer.actor, listing_id)
    for action in ("confirm", "hand_over"):
        site.database.write(orders.act, seller.actor, order_id, action)
    page, sold = buyer.go(routes.order(order_id)), seller.go(routes.order(order_id))
    seen = watcher.go(routes.user(seller.id))
    expect(seen.get_by_role("region", name="收到的评价")).to_contain_text("还没有评价")
    page.get_by_role("button", name="确认收货", exact=True).click()
    dialog(page).get_by_role("button", name="确认收货").click()
    # The last step begins it, on both sides.
    expect(sold.get_by_role("button", name="评价", exact=True)).to_be_visible(timeout=actions.LIVE)
    _write_with_mistakes(page)
    expect(dialog(page)).to_have_count(0)
    expect(cards(page, "双方的评价")).to_have_count(1)
    expect(page.get_by_text("未公开")).to_be_visible()
    expect(page.get_by_role("button", name="评价", exact=True)).to_have_count(0)

    expect(sold.get_by_text("对方已经评价了你")).to_be_visible(timeout=actions.LIVE)
    for one in (sold, seen):
        expect(one.get_by_role("main")).not_to_contain_text("还帮忙打了气")
    sold.get_by_role("button", name="评价", exact=True).click()
    choose(sold, 5)
    dialog(sold).get_by_role("textbox", name="文字").fill("守时，爽快。")
    dialog(sold).get_by_role("button", name="提交评价").click()
    for one in (page, sold):
        expect(cards(one, "双方的评价")).to_have_count(2, timeout=actions.LIVE)
        expect(one.get_by_role("list", name="双方的评价")).to_contain_text("还帮忙打了气")
    card = cards(seen, "收到的评价")
    expect(card).to_have_count(1, timeout=actions.LIVE)
    expect(card).to_contain_text("还帮忙打了气")
    expect(card.get_by_role("img", name="4 星")).to_be_visible()
    expect(seen.get_by_role("region", name="收到的评价")).to_contain_text("平均 4.0 星")

    _answer(sold, page, seen)
    _survives(seen, buyer, seller, listing_id)


def _write_with_mistakes(page: Page) -> None:
    page.get_by_role("button", name="评价", exact=True).click()
    dialog(page).get_by_role("textbox", name="文字").fill(WORDS)
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(dialog(page).get_by_role("progressbar")).to_have_count(0)
    dialog(page).get_by_role("button", name="提交评价").click()
    expect(dialog(page).get_by_role("alert").filter(has_text="请选择几颗星")).to_be_visible()
    expect(dialog(page).get_by_role("textbox", name="文字")).to_have_value(WORDS)
    expect(dialog(page).get_by_role("img", name="第 1 张照片")).to_be_visible()
    # A slip beside the dialog loses nothing.
    page.mouse.click(4, 4)
    expect(dialog(page).get_by_role("textbox", name="文字")).to_have_value(WORDS)
    choose(page, 4)
    look(page, "dialog-light")
    found = audit.findings(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    actions.wait_until(page, audit.IS_DARK)
    look(page, "dialog-dark")
    # A dialog covers what is below it.
    assert [one for one in [*found, *audit.findings(page)] if not one.startswith("covered")] == []
    dialog(page).get_by_role("button", name="提交评价").click()


def _answer(sold: Page, page: Page, seen: Page) -> None:
    sold.get_by_role("button", name="回复", exact=True).click()
    dialog(sold).get_by_role("button", name="回复", exact=True).click()
    expect(dialog(sold).get_by_role("alert").filter(has_text="请填写回复")).to_be_visible()
    dialog(sold).get_by_role("textbox", name="回复内容").fill(ANSWER)
    dialog(sold).get_by_role("button", name="回复", exact=True).click()
    expect(dialog(sold)).to_have_count(0)
    expect(sold.get_by_role("button", name="回复", exact=True)).to_have_count(0)
    for one in (sold, page, seen):
        expect(one.get_by_role("main")).to_contain_text(ANSWER, timeout=actions.LIVE)
        look(one, "order" if one is not seen else "person-live")


def _survives(seen: Page, buyer: Person, seller: Person, listing_id: int) -> None:
    """A reload shows the same, and so do the listing and the boxes of both."""
    seen.reload()
    expect(cards(seen, "收到的评价")).to_contain_text(ANSWER)
    actions.wait_until(seen, "[...document.images].every((one) => one.complete && one.naturalWidth > 0)")
    seen.goto(seen.url.replace(routes.user(seller.id), routes.listing(listing_id)))
    expect(seen.get_by_role("link", name=re.compile("4.0 · 1 条评价"))).to_be_visible()
    expect(cards(seen, "买家评价")).to_contain_text(ANSWER)
    for one, words in ((seller, "评价了订单"), (buyer, "的评价公开了")):
        box = one.go("/messages?box=notices").get_by_role("region", name="互动")
        expect(box).to_contain_text(words)
        expect(box).not_to_contain_text("打了气")
    expect(buyer.page.get_by_role("region", name="互动")).to_contain_text("回复了你对")


def test_lists_of_orders_say_what_waits_for_a_review(site: Site, person: MakePerson) -> None:
    buyer, seller = person("买家", PHONE), person("卖家")
    order_id = traded(site.database, seller.actor, buyer.actor, offer(site, seller.actor, TITLE))
    bought, page = buyer.go(routes.ORDERS), buyer.tab(routes.order(order_id))
    line = bought.get_by_role("list", name="订单").get_by_role("link")
    expect(line).to_contain_text("待评价")
    look(bought, "orders")
    page.get_by_role("button", name="评价", exact=True).click()
    choose(page, 3)
    dialog(page).get_by_role("button", name="提交评价").click()
    expect(line).not_to_contain_text("待评价", timeout=actions.LIVE)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_many_reviews_come_on_demand(site: Site, person: MakePerson, viewport: ViewportSize) -> None:
    seller, reader = person("卖家"), person("小花", viewport)
    listing_id = offer(site, seller.actor, TITLE, quantity=9)
    for stars in (5, 4, 5, 2, 5):
        reviewed(site.database, seller.actor, reader.actor, stars, listing_id)
    for path, name in ((routes.user(seller.id), "收到的评价"), (routes.listing(listing_id), "买家评价")):
        page = reader.go(path)
        region = page.get_by_role("region", name=name)
        expect(region).to_contain_text("平均 4.2 星")
        expect(region.get_by_role("list", name="各星级的评价数").get_by_role("listitem").first).to_contain_text("3 条")
        expect(cards(page, name)).to_have_count(3)
        region.get_by_role("button", name="加载更多评价").click()
        expect(cards(page, name)).to_have_count(5)
        expect(region.get_by_role("button", name="加载更多评价")).to_have_count(0)
        region.scroll_into_view_if_needed()
        look(page, "many-person" if name == "收到的评价" else "many-listing")
