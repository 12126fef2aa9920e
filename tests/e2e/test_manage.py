"""Managing one's own listings: the whole form, two tabs at once, drafts, several at once, 擦亮, 求购 and 免费送."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlmodel import Session, col

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE, Person, jpeg, offer
from tests.e2e.site import ARTIFACTS, BASE, Site
from xianyu import routes
from xianyu.models import Listing
from xianyu.services import listing_pages

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

LOOKS = ARTIFACTS / "manage"


def field(page: Page, label: str) -> Locator:
    """A field of the form, by exactly its name."""
    return page.get_by_role("main").get_by_label(label, exact=True)


def fill_tags(page: Page, *names: str) -> None:
    """Each becomes a chip."""
    for name in names:
        page.get_by_role("textbox", name="标签").fill(name)
        page.get_by_role("textbox", name="标签").press("Enter")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def look(page: Page, name: str) -> None:
    """Pictures for people to look at: what the window shows, and all of a page that is longer."""
    actions.save(page, LOOKS, name)
    size = page.viewport_size or PHONE
    page.set_viewport_size({"width": size["width"], "height": 2400})
    actions.save(page, LOOKS, f"{name}-all")
    page.set_viewport_size(size)


def titles(page: Page) -> list[str]:
    """The first words of each card, in order."""
    return [link.inner_text().split("\n")[0] for link in page.locator("main a[href^='/listing/']").all()]


def publish_with_everything(page: Page) -> None:
    """Fill in each field and publish."""
    field(page, "标题").fill("捷安特山地车 ATX 27.5 寸")
    field(page, "描述").fill("骑了一年，变速顺滑，刹车去年换过。\n车架右侧有一道浅划痕，图二能看到。")
    field(page, "价格").fill("1280")
    field(page, "原价").fill("2598")
    field(page, "可议价").check()
    field(page, "数量").fill("1")
    field(page, "成色").select_option(label="九成新")
    field(page, "分类").select_option(label="自行车")
    fill_tags(page, "捷安特", "通勤 山地车")
    field(page, "自提地点").fill("3 号楼大堂")
    actions.choose_photos(page, *[actions.photo_file(jpeg(900, 700, colour)) for colour in ("#5b8c5a", "#8c5a5b")])
    expect(page.get_by_role("progressbar")).to_have_count(0)
    press(page, "发布")
    expect(page.get_by_role("heading", level=1)).to_have_text("捷安特山地车 ATX 27.5 寸")


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_everything_that_is_said_of_a_thing_is_shown(person: MakePerson, size: str) -> None:
    seller = person("卖家", PHONE) if size == "phone" else person("卖家")
    page = seller.go("/sell")
    expect(field(page, "标题")).to_be_visible()
    look(page, f"sell-{size}")
    publish_with_everything(page)
    main = page.get_by_role("main")
    for text in ("1,280.00", "2,598.00", "可议价", "九成新", "3 号楼大堂", "自行车"):
        expect(main).to_contain_text(text)
    for name in ("捷安特", "通勤", "山地车"):
        expect(main.get_by_role("link", name=f"# {name}")).to_have_attribute("href", re.compile(r"/search\?tag="))
    look(page, f"detail-own-{size}")
    page.get_by_role("link", name="编辑").click()
    expect(field(page, "成色")).to_have_value("good")
    expect(field(page, "原价")).to_have_value("2598.00")
    expect(page.get_by_role("button", name="移除标签 通勤")).to_be_visible()
    look(page, f"edit-{size}")
    page.goto(BASE)
    expect(page.get_by_role("link", name=re.compile("^捷安特山地车"))).to_contain_text("九成新")


def test_photos_are_put_in_another_order_by_keyboard_and_by_mouse(site: Site, person: MakePerson) -> None:
    seller = person("卖家", PHONE)
    listing_id = offer(site, seller.actor, "三张照片的台灯")
    first = site.database.read(listing_pages.photos, listing_id)[0].id
    page = seller.go(f"/listing/{listing_id}/edit")
    expect(actions.photos_in_form(page)).to_have_count(1)
    actions.choose_photos(page, *[actions.photo_file(jpeg(width, 700)) for width in (400, 500)])
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="第 1 张照片后移").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="第 3 张照片前移").click()
    press(page, "保存")
    page.wait_for_url(f"{BASE}/listing/{listing_id}")
    photos = site.database.read(listing_pages.photos, listing_id)
    assert [photo.width for photo in photos] == [400, 500, 900]
    assert photos[2].id == first


def test_of_two_tabs_the_later_is_told_and_loses_nothing(site: Site, person: MakePerson) -> None:
    seller = person("卖家", PHONE)
    listing_id = offer(site, seller.actor, "两个窗口的台灯")
    early, late = seller.go(f"/listing/{listing_id}/edit"), seller.tab(f"/listing/{listing_id}/edit")
    field(late, "标题").fill("两个窗口的台灯，带灯泡")
    fill_tags(late, "宜家")
    field(early, "价格").fill("99")
    press(early, "保存")
    early.wait_for_url(f"{BASE}/listing/{listing_id}")
    press(late, "保存")
    expect(late.get_by_text("这件宝贝刚在别处改过价格")).to_be_visible()
    expect(field(late, "标题")).to_have_value("两个窗口的台灯，带灯泡")
    expect(late.get_by_role("button", name="移除标签 宜家")).to_be_visible()
    expect(actions.photos_in_form(late)).to_have_count(1)
    look(late, "conflict-phone")
    assert site.database.read(listing_pages.detail, None, listing_id).title == "两个窗口的台灯"
    press(late, "仍要保存")
    late.wait_for_url(f"{BASE}/listing/{listing_id}")
    # The first tab shows the page of the listing by now, and hears of it.
    expect(early.get_by_role("heading", level=1)).to_have_text("两个窗口的台灯，带灯泡", timeout=actions.LIVE)
    expect(early.get_by_role("main")).to_contain_text("180.50")


def _type_half(page: Page) -> None:
    field(page, "标题").fill("写到一半的落地灯")
    field(page, "价格").fill("不知道")
    fill_tags(page, "宜家")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)


def _expect_half(page: Page) -> None:
    expect(field(page, "标题")).to_have_value("写到一半的落地灯")
    expect(field(page, "价格")).to_have_value("不知道")
    expect(page.get_by_role("button", name="移除标签 宜家")).to_be_visible()
    expect(actions.photos_in_form(page)).to_have_count(1)


def _kept(site: Site, page: Page, text: str) -> None:
    """Wait until the draft in the database holds this."""
    for _ in range(100):
        rows = site.database.read(lambda session: session.execute(sa.text("SELECT form FROM draft")).scalars().all())
        if any(text in row for row in rows):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"no draft holds {text}")


def test_what_was_begun_is_offered_again_after_a_reload_a_restart_and_elsewhere(site: Site, person: MakePerson) -> None:
    seller = person("卖家", PHONE)
    page = seller.go("/sell")
    _type_half(page)
    _kept(site, page, '"photo_ids": [')
    page.reload()
    expect(page.get_by_text("继续上次没发完的内容？")).to_be_visible()
    expect(field(page, "标题")).to_have_value("")
    look(page, "draft-phone")
    press(page, "继续")
    _expect_half(page)
    expect(page.get_by_text("继续上次没发完的内容？")).to_have_count(0)
    field(page, "描述").fill("灯罩有点发黄，亮度没问题。")
    _kept(site, page, "灯罩有点发黄")

    seller.faults.allow(r"WebSocket|net::ERR_|status of 50")
    page.goto("about:blank")
    site.restart()
    elsewhere = person("", PHONE)
    elsewhere.context.add_cookies(seller.context.cookies())  # type: ignore[arg-type]  # what one gives, the other takes
    other = elsewhere.go("/sell")
    press(other, "继续")
    _expect_half(other)
    field(other, "价格").fill("59")
    field(other, "分类").select_option("lighting")
    press(other, "发布")
    expect(other.get_by_role("heading", level=1)).to_have_text("写到一半的落地灯")
    other.goto(f"{BASE}/sell")
    expect(field(other, "标题")).to_have_value("")
    expect(other.get_by_text("继续上次没发完的内容？")).to_have_count(0)


def test_forms_that_are_open_while_the_server_restarts_lose_nothing(site: Site, person: MakePerson) -> None:
    seller = person("卖家")
    # The start builds the pages anew, under other names: whoever goes on to another page gets them by a reload.
    seller.faults.allow(r"WebSocket|net::ERR_|status of 50|status of 404|Error loading route|dynamically imported")
    listing_id = offer(site, seller.actor, "旧自行车")
    fresh, edit, meeting = seller.go("/sell"), seller.tab(routes.listing_edit(listing_id)), seller.tab("/activity/new")
    _type_half(fresh)
    field(edit, "标题").fill("擦干净的自行车")
    fill_tags(edit, "永久")
    field(meeting, "标题").fill("一起跑步")
    site.restart()
    for page in (fresh, edit, meeting):
        expect(page.get_by_text("连接已断开")).to_have_count(0, timeout=actions.RECOVERY)
    _expect_half(fresh)
    expect(fresh.get_by_text("继续上次没发完的内容？")).to_have_count(0)
    expect(field(meeting, "标题")).to_have_value("一起跑步")
    expect(field(edit, "标题")).to_have_value("擦干净的自行车")
    press(edit, "保存")
    visitor = person("", PHONE).go(f"/listing/{listing_id}")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("擦干净的自行车")
    expect(visitor.get_by_text("永久")).to_be_visible()
    # What is typed from now on is kept as before.
    field(fresh, "描述").fill("灯罩有点发黄，亮度没问题。")
    _kept(site, fresh, "灯罩有点发黄")


def test_a_draft_that_is_discarded_is_gone_and_a_lost_connection_offers_nothing(site: Site, person: MakePerson) -> None:
    seller = person("卖家")
    seller.faults.allow(r"WebSocket|net::ERR_")
    page = seller.go("/sell")
    _type_half(page)
    _kept(site, page, "宜家")
    seller.context.set_offline(True)
    expect(page.get_by_text("连接已断开")).to_be_visible()
    seller.context.set_offline(False)
    expect(page.get_by_text("连接已断开")).to_have_count(0, timeout=actions.RECOVERY)
    _expect_half(page)
    expect(page.get_by_text("继续上次没发完的内容？")).to_have_count(0)
    page.reload()
    look(page, "draft-desktop")
    press(page, "丢弃")
    expect(page.get_by_text("继续上次没发完的内容？")).to_have_count(0)
    page.reload()
    expect(field(page, "标题")).to_be_visible()
    expect(page.get_by_text("继续上次没发完的内容？")).to_have_count(0)


def test_tags_are_suggested_and_forty_are_refused_beside_the_field(site: Site, person: MakePerson) -> None:
    others = person("邻居")
    offer(site, others.actor, "邻居的车", tags=("自行车", "自驾"))
    page = person("卖家", PHONE).go("/sell")
    page.get_by_role("textbox", name="标签").fill("zxc")
    page.get_by_role("group", name="标签建议").get_by_role("button", name="自行车").click()
    expect(page.get_by_role("button", name="移除标签 自行车")).to_be_visible()
    page.get_by_role("textbox", name="标签").fill(" ".join(f"标签{number}" for number in range(39)) + " ")
    press(page, "发布")
    expect(page.locator("#tags-error")).to_have_text("最多 8 个标签，现在是 40 个")
    look(page, "forty-tags-phone")
    page.get_by_role("button", name="移除标签 自行车").click()
    expect(page.get_by_role("button", name=re.compile("^移除标签"))).to_have_count(39)


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_wanted_needs_no_photo_and_free_costs_nothing(person: MakePerson, size: str) -> None:
    seller = person("卖家", PHONE) if size == "phone" else person("卖家")
    page = seller.go("/sell")
    page.get_by_text("求购", exact=True).click()
    expect(page.get_by_role("textbox", name="价格")).to_have_count(0)
    for hidden in ("成色", "原价", "免费送"):
        expect(field(page, hidden)).to_be_hidden()
    page.get_by_role("textbox", name="标题").fill("求一辆婴儿推车")
    page.get_by_role("textbox", name="描述").fill("轻便能折叠的就行，周末可以来取。")
    page.get_by_role("textbox", name="预算").fill("150")
    field(page, "分类").select_option("strollers")
    look(page, f"wanted-form-{size}")
    press(page, "发布")
    main = page.get_by_role("main")
    expect(page.get_by_role("heading", level=1)).to_have_text("求一辆婴儿推车")
    expect(main).to_contain_text("求购")
    expect(main).to_contain_text("预算")
    look(page, f"wanted-detail-{size}")

    page.goto(f"{BASE}/sell")
    field(page, "标题").fill("旧杂志一箱，免费送")
    field(page, "描述").fill("自己来搬就行，放在楼道里。")
    field(page, "免费送").check()
    expect(field(page, "价格")).to_be_hidden()
    field(page, "分类").select_option("comics")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    press(page, "发布")
    expect(main).to_contain_text("免费送")
    page.goto(BASE)
    expect(page.get_by_role("link", name=re.compile("^旧杂志一箱"))).to_contain_text("免费送")
    expect(page.get_by_role("link", name=re.compile("^求一辆婴儿推车"))).to_contain_text("预算 ¥150.00")
    look(page, f"home-{size}")


def test_a_price_of_nothing_is_a_gift(person: MakePerson) -> None:
    page = person("卖家", PHONE).go("/sell")
    actions.fill_listing(page, "白送的纸箱", price="0")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    press(page, "发布")
    expect(page.get_by_role("main")).to_contain_text("免费送")
    page.get_by_role("link", name="编辑").click()
    expect(field(page, "免费送")).to_be_checked()


def _stock(site: Site, seller: Person) -> list[int]:
    names = ("宜家落地灯", "小米台灯", "考研数学全书", "折叠餐桌")
    return [offer(site, seller.actor, name, quantity=1) for name in names]


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_several_are_taken_down_and_put_up_again(site: Site, person: MakePerson, size: str) -> None:
    seller = person("卖家", PHONE) if size == "phone" else person("卖家")
    ids = _stock(site, seller)
    home = person().go("/")
    page = seller.go("/me")
    expect(page.get_by_role("tab", name="在售 4")).to_be_visible()
    look(page, f"me-{size}")
    page.get_by_label("在我的宝贝里找").fill("灯")
    expect(page.get_by_role("link", name=re.compile("^考研"))).to_have_count(0)
    press(page, "批量管理")
    press(page, "全选")
    expect(page.get_by_text("已选 2 件")).to_be_visible()
    look(page, f"me-choosing-{size}")
    page.get_by_role("group", name="批量管理").get_by_role("button", name="下架").click()
    expect(page.get_by_text("已下架 2 件")).to_be_visible()
    expect(page.get_by_role("tab", name="已下架 2")).to_be_visible()
    expect(home.get_by_role("link", name=re.compile("^宜家落地灯"))).to_contain_text("已下架", timeout=actions.LIVE)

    _empty_stock(site, ids[0])
    page.get_by_role("tab", name="已下架").click()
    page.get_by_role("checkbox", name="宜家落地灯").check()
    page.get_by_role("checkbox", name="小米台灯").check()
    page.get_by_role("group", name="批量管理").get_by_role("button", name="上架").click()
    expect(page.get_by_text("已上架 1 件，1 件没有上架：“宜家落地灯”数量是 0，先编辑数量才能上架")).to_be_visible()
    look(page, f"me-report-{size}")
    expect(home.get_by_role("link", name=re.compile("^小米台灯"))).not_to_contain_text("已下架", timeout=actions.LIVE)


def _empty_stock(site: Site, listing_id: int) -> None:
    statement = sa.update(Listing).where(col(Listing.id) == listing_id).values(quantity=0)
    site.database.write(lambda session: session.execute(statement))


def test_bumping_moves_it_to_the_top_once_a_day(site: Site, person: MakePerson) -> None:
    seller = person("卖家", PHONE)
    ids = _stock(site, seller)
    home = person().go("/")
    expect(home.get_by_role("link", name=re.compile("^宜家落地灯"))).to_be_visible()
    assert titles(home)[-1].startswith("宜家落地灯")
    page = seller.go("/me")
    page.get_by_role("button", name=re.compile("^擦亮\\s*宜家落地灯")).click()
    expect(page.get_by_text("已擦亮，回到最前面了")).to_be_visible()
    expect(page.locator("main a[href^='/listing/']").first).to_contain_text("宜家落地灯")
    home.get_by_role("button", name="有新发布").click()
    expect(home.locator("main a[href^='/listing/']").first).to_contain_text("宜家落地灯")
    page.goto(f"{BASE}/listing/{ids[0]}")
    press(page, "擦亮")
    expect(page.get_by_text("已经擦亮过了，24 小时后可以再擦亮")).to_be_visible()
    _bumped(site, ids[0], timedelta(hours=25))
    press(page, "擦亮")
    expect(page.get_by_text("已擦亮，回到最前面了")).to_be_visible()


def _bumped(site: Site, listing_id: int, ago: timedelta) -> None:
    def work(session: Session) -> None:
        row = session.get_one(Listing, listing_id)
        assert row.bumped_at is not None
        row.bumped_at -= ago

    site.database.write(work)


def test_a_deleted_listing_says_so_and_shows_what_is_like_it(site: Site, person: MakePerson) -> None:
    seller = person("卖家")
    ids = [offer(site, seller.actor, title, category="lighting") for title in ("宜家落地灯", "宜家台灯", "旧书架")]
    page = person("", PHONE).go(f"/listing/{ids[0]}")
    expect(page.get_by_role("heading", level=1)).to_have_text("宜家落地灯")
    own = seller.go(f"/listing/{ids[0]}")
    press(own, "删除")
    own.get_by_role("alertdialog").get_by_role("button", name="删除").click()
    own.wait_for_url(re.compile("/me"))
    expect(page.get_by_text("这件宝贝不存在或已被删除")).to_be_visible(timeout=actions.LIVE)
    expect(page.get_by_role("link", name=re.compile("^宜家台灯"))).to_be_visible()
    look(page, "deleted-phone")


@pytest.mark.parametrize("address", ["/listing/NaN/edit", "/listing/0/edit", "/listing/999999/edit", "/listing/x/edit"])
def test_the_form_of_nothing_says_so(person: MakePerson, address: str) -> None:
    seller = person("卖家", PHONE)
    seller.faults.allow("status of 404")
    expect(seller.go(address).get_by_text("这件宝贝不存在或已被删除")).to_be_visible()


def test_the_form_of_somebody_elses_listing_says_so(site: Site, person: MakePerson) -> None:
    listing_id = offer(site, person("卖家").actor, "别人的台灯")
    page = person("小红", PHONE).go(f"/listing/{listing_id}/edit")
    expect(page.get_by_text("只有发布者本人可以修改这件宝贝")).to_be_visible()
