"""Favourites, what one looked at, the boxes 互动 and 广播, and sharing, in real browsers."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE, Person, offer, write
from tests.e2e.site import ARTIFACTS, BASE, Site
from tests.factories import PASSWORD
from xianyu.services import messages

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

TITLE = "捷安特山地车"
LOOKS = ARTIFACTS / "interest"


def favorite(page: Page) -> Locator:
    """The button, whichever of its two names it bears."""
    return page.get_by_role("button", name=re.compile("^(收藏|已收藏)$"))


def expect_saved(page: Page, saved: bool) -> None:
    """The button says whether the listing is saved, by name and by state."""
    expect(favorite(page)).to_have_accessible_name("已收藏" if saved else "收藏", timeout=actions.LIVE)
    expect(favorite(page)).to_have_attribute("aria-pressed", str(saved).lower())


def expect_counts(page: Page, wants: int, favorites: int, views: int) -> None:
    """The line of counts, live."""
    line = f"{wants} 人想要 · {favorites} 收藏 · {views} 浏览"
    expect(page.get_by_text(line, exact=True)).to_be_visible(timeout=actions.LIVE)


def tab(page: Page, name: str) -> Locator:
    """A tab of the messages' page, with its count if it has one."""
    return page.get_by_role("tab", name=re.compile(f"^{name}"))


def box(page: Page, name: str) -> Locator:
    """The box that is open."""
    return page.get_by_role("region", name=name)


def cards(page: Page) -> Locator:
    """The listings of the grid by their links."""
    return page.get_by_role("main").get_by_role("link", name=re.compile("^(旧物|捷安特)"))


def lower_price(page: Page, listing_id: int, price: str) -> None:
    """The seller edits the listing."""
    page.goto(f"{BASE}/listing/{listing_id}/edit")
    field = page.get_by_label("价格", exact=True)
    expect(field).not_to_have_value("")
    field.fill(price)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()


def test_what_one_saves_the_others_see_counted(site: Site, person: MakePerson) -> None:
    seller, hua, visitor = person("卖家"), person("小花", PHONE), person("", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    page = f"/listing/{listing_id}"
    own = seller.go(page)
    expect_counts(own, 0, 0, 0)
    expect(favorite(own)).to_have_count(0)
    visitor.go(page)
    expect_counts(own, 0, 0, 1)
    hua.go(page)
    second = hua.tab(page)
    expect_saved(second, saved=False)
    expect_counts(own, 0, 0, 2)
    favorite(hua.page).click()
    for one in (hua.page, second):
        expect_saved(one, saved=True)
    for one in (own, second, visitor.page):
        expect_counts(one, 0, 1, 2)
    actions.expect_unread(own, 1)
    hua.page.reload()
    expect_saved(hua.page, saved=True)
    expect_counts(hua.page, 0, 1, 2)
    actions.save(hua.page, LOOKS, "detail-phone")
    actions.save(own, LOOKS, "detail-own-desktop")
    second.get_by_role("button", name="想要").click()
    expect(actions.message_field(second)).to_be_visible()
    expect_counts(own, 1, 1, 2)
    actions.expect_unread(own, 2)
    favorite(hua.page).click()
    expect_saved(hua.page, saved=False)
    expect_counts(own, 1, 0, 2)


def test_a_visitor_logs_in_on_the_way(site: Site, person: MakePerson) -> None:
    seller, hua, visitor = person("卖家"), person("小花"), person("", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    page = visitor.go(f"/listing/{listing_id}")
    favorite(page).click()
    expect(page.get_by_role("textbox", name="用户名或邮箱")).to_be_visible()
    actions.log_in_here(page, hua.name, PASSWORD)
    expect_saved(page, saved=True)
    expect(page).to_have_url(f"{BASE}/listing/{listing_id}")
    expect_counts(page, 0, 1, 1)
    # A second time it is not pressed by itself.
    favorite(page).click()
    expect_saved(page, saved=False)
    page.reload()
    expect_saved(page, saved=False)


def test_favourites_are_kept_in_one_place(site: Site, person: MakePerson) -> None:
    seller, hua = person("卖家"), person("小花", PHONE)
    ids = [offer(site, seller.actor, title) for title in ("旧物一号", "旧物二号", "旧物三号")]
    for listing_id in ids:
        favorite(hua.go(f"/listing/{listing_id}")).click()
        expect_saved(hua.page, saved=True)
    page = hua.go("/me/favorites")
    expect(cards(page)).to_have_count(3)
    expect(cards(page).first).to_have_accessible_name(re.compile("^旧物三号"))
    own = seller.go(f"/listing/{ids[2]}")
    own.get_by_role("button", name="下架").click()
    expect(page.get_by_text("已下架").first).to_be_visible(timeout=actions.LIVE)
    seller.go(f"/listing/{ids[1]}")
    own.get_by_role("button", name="删除").click()
    own.get_by_role("alertdialog").get_by_role("button", name="删除").click()
    expect(page.get_by_text("这件宝贝已被删除")).to_be_visible(timeout=actions.LIVE)
    actions.save(page, LOOKS, "favorites-phone")
    page.get_by_role("button", name="取消收藏：这件宝贝已被删除").click()
    expect(page.get_by_text("这件宝贝已被删除")).to_have_count(0)
    page.reload()
    expect(cards(page)).to_have_count(2)
    dark = person("小红", PHONE, color_scheme="dark").go("/messages?box=broadcasts")
    expect(box(dark, "广播").get_by_role("link")).to_have_count(1)
    actions.save(dark, LOOKS, "broadcasts-dark-phone")
    wide = person("路人").go("/me/favorites")
    expect(wide.get_by_text("还没有收藏")).to_be_visible()
    actions.save(wide, LOOKS, "favorites-empty-desktop")


def test_what_one_looked_at_can_be_erased(site: Site, person: MakePerson) -> None:
    seller, hua = person("卖家"), person("小花")
    titles = ["旧物一号", "旧物二号", "旧物三号"]
    for title in titles:
        hua.go(f"/listing/{offer(site, seller.actor, title)}")
        expect_counts(hua.page, 0, 0, 1)
    page = hua.go("/me/history")
    expect(page.get_by_role("heading", level=2, name="今天")).to_have_count(1)
    expect(cards(page)).to_have_count(3)
    expect(cards(page).first).to_have_accessible_name(re.compile("^旧物三号"))
    actions.save(page, LOOKS, "history-desktop")
    page.get_by_role("button", name="删除足迹：旧物三号").click()
    expect(cards(page)).to_have_count(2)
    expect(page.get_by_role("heading", level=2, name="今天")).to_have_count(1)
    page.reload()
    expect(cards(page)).to_have_count(2)
    page.get_by_role("button", name="清空足迹").click()
    page.get_by_role("alertdialog").get_by_role("button", name="清空").click()
    expect(page.get_by_text("还没有足迹")).to_be_visible()
    page.reload()
    expect(page.get_by_text("还没有足迹")).to_be_visible()


def test_a_lower_price_arrives_in_every_tab(site: Site, person: MakePerson) -> None:
    seller, hua = person("卖家"), person("小花", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    favorite(hua.go(f"/listing/{listing_id}")).click()
    expect_saved(hua.page, saved=True)
    other = hua.tab("/me")
    lower_price(seller.page, listing_id, "150")
    for page in (hua.page, other):
        actions.expect_unread(page, 1)
    write(site, seller.actor, hua.actor, "便宜啦")
    other.reload()
    actions.expect_unread(other, 2)
    actions.nav(other, "消息").click()
    expect(tab(other, "私信")).to_have_accessible_name("私信 1 条未读")
    expect(tab(other, "互动")).to_have_accessible_name("互动 1 条未读")
    expect(tab(other, "私信")).to_have_attribute("aria-selected", "true")
    actions.save(other, LOOKS, "private-phone")

    tab(other, "互动").click()
    expect(other).to_have_url(f"{BASE}/messages?box=notices")
    notice = box(other, "互动").get_by_role("link")
    expect(notice).to_have_accessible_name(re.compile(rf"^未读\s*你收藏的「{TITLE}」降价了\s*¥180.50 → ¥150.00"))
    expect(tab(other, "互动")).to_have_accessible_name("互动")
    for page in (hua.page, other):
        actions.expect_unread(page, 1)
    # It leads to what it speaks of, and back is back in the box.
    notice.click()
    expect(other.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    other.go_back()
    expect(tab(other, "互动")).to_have_attribute("aria-selected", "true")
    expect(box(other, "互动").get_by_role("link")).to_have_accessible_name(re.compile(r"^你收藏的"))
    # Another one, while the box is open: marked, and seen at once.
    lower_price(seller.page, listing_id, "99")
    expect(box(other, "互动").get_by_role("link")).to_have_count(2, timeout=actions.LIVE)
    expect(box(other, "互动").get_by_role("link").first).to_have_accessible_name(re.compile("^未读"))
    actions.expect_unread(hua.page, 1)
    actions.save(other, LOOKS, "notices-phone")
    other.get_by_role("button", name="全部已读").click()
    expect(box(other, "互动").get_by_role("link").first).to_have_accessible_name(re.compile("^你收藏的"))
    other.reload()
    expect(box(other, "互动").get_by_role("link")).to_have_count(2)
    actions.expect_unread(other, 1)


def test_the_seller_hears_who_wants_and_saves(site: Site, person: MakePerson) -> None:
    seller, hua, ming = person("卖家"), person("小花", PHONE), person("小明", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    page = seller.go("/messages?box=notices")
    expect(page.get_by_text("还没有互动")).to_be_visible()
    actions.save(page, LOOKS, "notices-empty-desktop")
    for one in (hua, ming):
        favorite(one.go(f"/listing/{listing_id}")).click()
        expect_saved(one.page, saved=True)
    lines = box(page, "互动").get_by_role("link")
    expect(lines).to_have_count(2, timeout=actions.LIVE)
    hua.page.get_by_role("button", name="想要").click()
    expect(actions.message_field(hua.page)).to_be_visible()
    expect(lines.first).to_have_accessible_name(re.compile(rf"{hua.name}\s*想要你的「{TITLE}」"), timeout=actions.LIVE)
    actions.save(page, LOOKS, "notices-desktop")
    # To want is to be talked about: it leads to whoever wants it.
    lines.first.click()
    expect(page).to_have_url(f"{BASE}/messages/{hua.id}")
    expect(page.get_by_role("heading", level=2, name=hua.name)).to_be_visible()
    expect(tab(page, "私信")).to_have_attribute("aria-selected", "true")
    actions.save(page, LOOKS, "conversation-desktop")
    page.go_back()
    expect(lines).to_have_count(3)


def test_what_is_new_is_broadcast(site: Site, person: MakePerson) -> None:
    seller, hua = person("卖家"), person("小花")
    listing_id = offer(site, seller.actor, TITLE)
    page = hua.go("/messages?box=broadcasts")
    line = box(page, "广播").get_by_role("link")
    expect(line).to_have_accessible_name(re.compile(rf"^{TITLE}\s*新上架 · ¥180.50"))
    expect(tab(page, "广播")).to_have_attribute("aria-selected", "true")
    actions.save(page, LOOKS, "broadcasts-desktop")
    own = seller.go(f"/listing/{listing_id}")
    own.get_by_role("button", name="下架").click()
    expect(page.get_by_text("最近几天没有新的")).to_be_visible(timeout=actions.LIVE)
    own.get_by_role("button", name="上架", exact=True).click()
    expect(line).to_have_count(1, timeout=actions.LIVE)
    line.click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    page.go_back()
    expect(line).to_have_count(1)


def share(one: Person, path: str) -> Page:
    page = one.go(path)
    page.get_by_role("button", name="分享").click()
    return page


def test_a_link_is_shared_and_leads_there(site: Site, person: MakePerson) -> None:
    seller, visitor = person("卖家", permissions=["clipboard-read", "clipboard-write"]), person("", PHONE)
    listing_id = offer(site, seller.actor, TITLE)
    page = share(seller, f"/listing/{listing_id}")
    expect(page.get_by_text("链接已复制")).to_be_visible()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == f"{BASE}/s/{listing_id}"
    actions.save(page, LOOKS, "shared-desktop")

    preview = visitor.context.request.get(address, max_redirects=0)
    assert preview.status == 200
    assert f'<meta property="og:title" content="{TITLE}">' in preview.text()
    picture = re.search(r'<meta property="og:image" content="([^"]+)">', preview.text())
    assert picture is not None
    assert picture[1].startswith(f"{BASE}/media/")
    assert visitor.context.request.get(picture[1]).headers["content-type"] == "image/webp"

    visitor.page.goto(address)
    expect(visitor.page).to_have_url(f"{BASE}/listing/{listing_id}")
    expect(visitor.page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()


def test_without_the_clipboard_a_link_is_copied_all_the_same(site: Site, person: MakePerson) -> None:
    """Neighbours reach their server by plain http, where browsers keep the clipboard's interface back."""
    seller = person("卖家")
    listing_id = offer(site, seller.actor, TITLE)
    seller.page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page = share(seller, f"/listing/{listing_id}")
    expect(page.get_by_text("链接已复制")).to_be_visible()
    field = page.get_by_role("searchbox", name="搜索")
    field.focus()
    page.keyboard.press("Control+V")
    expect(field).to_have_value(f"{BASE}/s/{listing_id}")


def test_a_phone_shares_by_its_own_sheet(site: Site, person: MakePerson) -> None:
    seller = person("卖家", PHONE, has_touch=True, is_mobile=True)
    listing_id = offer(site, seller.actor, TITLE)
    seller.page.add_init_script("navigator.share = async (what) => { window.shared = what; }")
    page = share(seller, f"/listing/{listing_id}")
    actions.wait_until(page, "window.shared !== undefined")
    assert page.evaluate("window.shared") == {"title": TITLE, "url": f"{BASE}/s/{listing_id}"}
    expect(page.get_by_text("链接已复制")).to_have_count(0)


def test_what_is_gone_is_not_shared(site: Site, person: MakePerson) -> None:
    visitor = person("", PHONE)
    visitor.faults.allow("404")
    answer = visitor.page.goto(f"{BASE}/s/987654")
    assert answer is not None
    assert answer.status == 404
    expect(visitor.page.get_by_role("heading", name="这件宝贝不存在或已被删除")).to_be_visible()
    actions.save(visitor.page, LOOKS, "share-missing-phone")
    visitor.page.get_by_role("link", name="回首页看看").click()
    expect(visitor.page).to_have_url(f"{BASE}/")


def test_counts_are_right_after_the_server_was_away(site: Site, person: MakePerson) -> None:
    seller, hua = person("卖家"), person("小花", PHONE)
    for one in (seller, hua):
        one.faults.allow(".*")
    listing_id = offer(site, seller.actor, TITLE)
    page = hua.go("/messages?box=notices")
    expect(page.get_by_text("还没有互动")).to_be_visible()
    own = seller.go("/")
    site.stop()
    site.database.write(messages.send, hua.actor, seller.id, "client-0001", "在吗")
    site.start()
    other = person("小明", PHONE)
    favorite(other.go(f"/listing/{listing_id}")).click()
    expect_saved(other.page, saved=True)
    actions.expect_unread(own, 2, actions.RECOVERY)
