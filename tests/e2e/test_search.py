"""The search box on every page, the page of a search, and searches that are kept."""

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import actions, audit
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, jpeg, offer
from tests.e2e.site import BASE, Site
from tests.factories import PASSWORD, make_activity

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

SHOTS = os.environ.get("XIANYU_E2E_SHOTS", "")
SENTENCE = "200元以内的山地车，九成新"


def box(page: Page) -> Locator:
    return page.get_by_role("search").get_by_role("searchbox", name="搜索")


def options(page: Page) -> Locator:
    return page.get_by_role("search").get_by_role("option")


def cards(page: Page) -> Locator:
    return page.locator(".x-results > li a")


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def search_for(page: Page, **parameters: str) -> None:
    page.goto(f"{BASE}/search?{urlencode(parameters)}")
    expect(page.get_by_role("status").filter(has_text=re.compile("件|没有结果"))).to_be_visible()


def found(page: Page, *titles: str) -> None:
    """Exactly these, in this order."""
    expect(cards(page)).to_have_count(len(titles))
    for card, title in zip(cards(page).all(), titles, strict=True):
        expect(card).to_have_accessible_name(re.compile(f"^{re.escape(title)}"))


def look(page: Page, name: str, ignored: str = ": iPhone") -> None:
    """What holds for every page holds here too, in both schemes.

    What people themselves write may be in any language.
    """
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        actions.wait_until(page, audit.IS_DARK if scheme == "dark" else f"!({audit.IS_DARK})()")
        if SHOTS and page.viewport_size:
            actions.save(page, Path(SHOTS), f"{name}-{scheme}-{page.viewport_size['width']}")
        assert [one for one in audit.findings(page) if ignored not in one] == []
    page.emulate_media(color_scheme="light")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_typing_suggests_and_the_keyboard_chooses(site: Site, person: MakePerson, viewport: dict[str, int]) -> None:
    seller, me = person("卖家"), person("", viewport)
    offer(site, seller.actor, "捷安特山地车", category="bicycles")
    page = me.go("/")
    expect(page.get_by_role("main")).to_contain_text("捷安特")
    header = page.get_by_role("banner").bounding_box()
    box(page).press_sequentially("山地")
    expect(options(page)).to_have_count(1)
    assert page.get_by_role("banner").bounding_box() == header
    box(page).press("ArrowDown")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    expect(box(page)).to_have_attribute("aria-activedescendant", options(page).first.get_attribute("id") or "")
    box(page).press("Escape")
    expect(options(page)).to_have_count(0)
    expect(box(page)).to_have_value("山地")
    box(page).press("ArrowDown")
    box(page).press("ArrowDown")
    box(page).press("Enter")
    page.wait_for_url(re.compile(r"/listing/\d+"))
    box(page).fill("山地")
    expect(options(page)).to_have_count(1)
    box(page).press("Enter")
    page.wait_for_url(re.compile(r"/search/?\?q="))
    found(page, "捷安特山地车")
    expect(box(page)).to_have_value("山地")
    box(page).fill("zixing")
    options(page).filter(has_text="自行车").first.click()
    page.wait_for_url(re.compile("category="))


def test_an_input_method_is_left_to_compose(site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("", PHONE)
    offer(site, seller.actor, "捷安特山地车")
    page = me.go("/")
    expect(page.get_by_role("main")).to_contain_text("捷安特")
    box(page).click()
    keyboard = page.context.new_cdp_session(page)
    for half in ("s", "sh", "shan", "shan di"):
        keyboard.send("Input.imeSetComposition", {"text": half, "selectionStart": len(half), "selectionEnd": len(half)})
    page.wait_for_timeout(600)
    expect(options(page)).to_have_count(0)
    keyboard.send("Input.insertText", {"text": "山地"})
    expect(options(page)).to_have_count(1)
    expect(box(page)).to_have_value("山地")


def test_this_browser_remembers_its_searches_until_its_owner_leaves(site: Site, person: MakePerson) -> None:
    me = person("小明", PHONE)
    page = me.go("/")
    expect(page.locator(".x-skeleton")).to_have_count(0)
    for words in ("山地车", "iPhone15手机壳", "山地车"):
        box(page).fill(words)
        box(page).press("Enter")
        page.wait_for_url(re.compile(urlencode({"q": words})))
    me.go("/")
    box(page).click()
    expect(options(page)).to_have_text(["山地车", "iPhone15手机壳"])
    look(page, "recent")
    box(page).click()
    options(page).nth(1).click()
    page.wait_for_url(re.compile(urlencode({"q": "iPhone15手机壳"})))
    me.go("/me").get_by_role("button", name="退出登录").click()
    page.wait_for_url(f"{BASE}/")
    expect(page.get_by_role("banner")).to_contain_text("登录")
    box(page).click()
    expect(options(page)).to_have_count(0)
    assert page.evaluate("localStorage.getItem('xianyu:searches')") is None
    box(page).fill("台灯")
    box(page).press("Enter")
    page.wait_for_url(re.compile("/search"))
    me.go("/")
    box(page).click()
    page.get_by_role("search").get_by_role("button", name="清空", exact=True).click()
    expect(options(page)).to_have_count(0)
    page.reload()
    box(page).click()
    expect(options(page)).to_have_count(0)


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("书桌", "实木书桌带抽屉"),
        ("iPhone15手机壳", "iPhone 15 手机壳 透明"),
        ("shuzhuo", "实木书桌带抽屉"),
        ("smsz", "实木书桌带抽屉"),
        ("桌", "实木书桌带抽屉"),
    ],
)
def test_words_of_every_kind_find(words: str, title: str, site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("", PHONE)
    for each in ("实木书桌带抽屉", "iPhone 15 手机壳 透明", "婴儿推车"):
        offer(site, seller.actor, each)
    page = me.go("/")
    box(page).fill(words)
    box(page).press("Enter")
    found(page, title)
    expect(page.get_by_role("main")).to_contain_text("找到 1 件")


def test_what_was_searched_for_is_marked(site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("", PHONE)
    offer(site, seller.actor, "实木书桌带抽屉")
    make_activity(site.database, seller.actor, title="旧书桌改造工作坊")
    search_for(me.page, q="书桌")
    expect(me.page.locator("mark")).to_have_text(["书桌", "书桌"])
    expect(cards(me.page).filter(has_text="工作坊")).to_have_attribute("href", re.compile(r"/activity/\d+"))
    look(me.page, "marked")


def test_filters_change_the_address_and_back_goes_back(site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("", DESKTOP)
    for title, price, condition in (
        ("旧山地车", 9_000, "worn"),
        ("新山地车", 90_000, "new"),
        ("山地车头盔", 5_000, "new"),
    ):
        offer(site, seller.actor, title, price_fen=price, condition=condition, category="bicycles")
    page = me.page
    search_for(page, q="山地车")
    found(page, "山地车头盔", "新山地车", "旧山地车")
    look(page, "results")
    filters = page.get_by_role("complementary", name="筛选")
    filters.get_by_role("button", name="全新", exact=True).click()
    found(page, "山地车头盔", "新山地车")
    assert address(page) == {"q": "山地车", "condition": "new"}
    page.get_by_label("排序").select_option(label="价格从高到低")
    found(page, "新山地车", "山地车头盔")
    filters.get_by_label("最高价").fill("100")
    found(page, "山地车头盔")
    assert address(page) == {"q": "山地车", "condition": "new", "max": "100", "sort": "dearest"}
    expect(page.get_by_label("最高价")).to_be_focused()
    shared = person("", PHONE)
    shared.go(page.url.removeprefix(BASE))
    found(shared.page, "山地车头盔")
    page.go_back()
    found(page, "新山地车", "山地车头盔")
    expect(filters.get_by_label("最高价")).to_have_value("")
    page.go_back()
    page.go_back()
    found(page, "山地车头盔", "新山地车", "旧山地车")
    page.go_forward()
    found(page, "山地车头盔", "新山地车")
    filters.get_by_label("最低价").fill("五块")
    expect(filters.get_by_role("alert")).to_contain_text("请填数字")
    expect(filters.get_by_label("最低价")).to_have_value("五块")
    filters.get_by_role("button", name="自行车/代步", exact=True).click()
    filters.get_by_role("button", name="自行车", exact=True).click()
    expect(filters.get_by_role("button", name="自行车", exact=True)).to_have_attribute("aria-pressed", "true")
    assert address(page)["category"] == "bicycles"
    found(page, "山地车头盔", "新山地车")


def test_on_a_phone_the_filters_come_up_from_below(site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("", PHONE)
    offer(site, seller.actor, "山地车", kind="offer")
    offer(site, seller.actor, "求购山地车", kind="wanted")
    page = me.page
    search_for(page, q="山地车")
    page.get_by_role("button", name="筛选").click()
    sheet = page.get_by_role("dialog", name="筛选")
    sheet.get_by_role("button", name="求购", exact=True).click()
    expect(sheet.get_by_role("button", name="看 1 件结果")).to_be_visible()
    page.wait_for_timeout(300)
    look(page, "sheet", ignored="covered")
    sheet.get_by_role("button", name="看 1 件结果").click()
    expect(sheet).to_have_count(0)
    found(page, "求购山地车")
    page.get_by_role("button", name="移除 求购").click()
    found(page, "求购山地车", "山地车")


def test_a_sentence_becomes_chips_that_can_be_taken_away(site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("", PHONE)
    for title, price, condition in (
        ("捷安特山地车", 15_000, "good"),
        ("山地车 贵的", 90_000, "good"),
        ("山地车 旧的", 9_000, "worn"),
    ):
        offer(site, seller.actor, title, price_fen=price, condition=condition, category="bicycles")
    page = me.go("/")
    box(page).fill(SENTENCE)
    box(page).press("Enter")
    found(page, "捷安特山地车")
    expect(box(page)).to_have_value(SENTENCE)
    look(page, "sentence")
    page.get_by_role("button", name="移除 200 元以内").click()
    found(page, "山地车 贵的", "捷安特山地车")
    assert address(page)["plain"] == "0" or "q" not in address(page)
    assert "max" not in address(page)
    page.get_by_role("button", name="移除 九成新").click()
    found(page, "山地车 旧的", "山地车 贵的", "捷安特山地车")
    page.go_back()
    page.go_back()
    found(page, "捷安特山地车")
    expect(box(page)).to_have_value(SENTENCE)


def test_where_nothing_is_found_the_page_knows_what_to_do(site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("", PHONE)
    offer(site, seller.actor, "实木书桌带抽屉", category="tables-chairs", price_fen=30_000)
    page = me.page
    search_for(page, q="实木书桌", max="100", plain="0")
    expect(page.get_by_role("main")).to_contain_text("没有找到“实木书桌”")
    look(page, "nothing")
    page.get_by_role("button", name=re.compile("去掉“100 元以内”")).click()
    found(page, "实木书桌带抽屉")
    search_for(page, q="量子计算机")
    page.get_by_role("main").get_by_role("link", name="家具家居").click()
    found(page, "实木书桌带抽屉")


@pytest.mark.parametrize(
    "hostile",
    [
        "category=%00&min=abc&sort=xyz&condition=1,2&kind=&section=moon",
        "q=" + "%E5%B1%B1" * 2000,
        "q=%3Cscript%3E&tag=%22",
    ],
)
def test_an_address_that_makes_no_sense_shows_a_page_that_does(hostile: str, person: MakePerson) -> None:
    me = person("", PHONE)
    page = me.go(f"/search?{hostile}")
    expect(page.get_by_role("status").filter(has_text=re.compile("件|没有结果"))).to_be_visible()
    assert [one for one in audit.findings(page) if not one.startswith("not Chinese")] == []


def test_a_kept_search_tells_at_once_what_is_new(site: Site, person: MakePerson) -> None:
    seller, me = person("卖家"), person("小明", PHONE)
    page = me.page
    search_for(page, q=SENTENCE)
    page.get_by_role("button", name="订阅这个搜索").click()
    expect(page.get_by_role("alert").filter(has_text="已订阅")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("已订阅"))).to_be_visible()
    selling = seller.go("/sell")
    selling.get_by_label("添加照片").wait_for(state="attached")
    _publish(selling, "捷安特山地车")
    expect(page.get_by_role("button", name="有新发布")).to_be_visible(timeout=actions.LIVE)
    actions.expect_unread(page, 1)
    page.get_by_role("button", name="有新发布").click()
    found(page, "捷安特山地车")
    selling.get_by_role("button", name="下架", exact=True).click()
    expect(cards(page)).to_contain_text("已下架", timeout=actions.LIVE)
    me.go("/me/searches")
    expect(page.get_by_role("heading", level=2)).to_have_count(1)
    look(page, "kept")
    page.get_by_role("button", name=re.compile("^改名")).click()
    page.get_by_role("textbox", name="名称").fill("通勤车")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", name="通勤车")).to_be_visible()
    page.get_by_role("button", name="取消订阅：通勤车").click()
    expect(page.get_by_role("main")).to_contain_text("还没有订阅的搜索")


def _publish(page: Page, title: str) -> None:
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(actions.photos_in_form(page)).to_have_count(1)
    expect(page.get_by_role("progressbar")).to_have_count(0)
    actions.fill_listing(page, title, price="150", quantity="1")
    page.get_by_role("combobox", name="分类").select_option("bicycles")
    page.get_by_role("combobox", name="成色").select_option("good")
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/listing/\d+"))


def test_a_visitor_logs_in_and_comes_back_to_a_kept_search(site: Site, person: MakePerson) -> None:
    member, visitor = person("小明"), person("", PHONE)
    page = visitor.page
    search_for(page, q=SENTENCE)
    page.get_by_role("button", name="订阅这个搜索").click()
    page.wait_for_url(re.compile(r"/login\?next="))
    actions.log_in_here(page, member.name, PASSWORD)
    page.wait_for_url(re.compile(r"/search/?\?q="))
    expect(page.get_by_role("link", name=re.compile("已订阅"))).to_be_visible()
    visitor.go("/me/searches")
    expect(page.get_by_role("heading", level=2)).to_have_count(1)
