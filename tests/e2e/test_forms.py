"""Forms that refuse: what they say, where, and that nothing typed is lost. And where a login leads."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import OUTAGE, PHONE, jpeg, offer
from tests.e2e.site import BASE, Site
from tests.factories import PASSWORD, make_user
from xianyu.adapters.media import MAX_PHOTO_BYTES
from xianyu.services import listing_pages

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

MOST_PHOTOS = 9


def _expect_refused(field: Locator, reason: str | re.Pattern[str]) -> None:
    """The reason stands beside the field, and is told to who cannot see it."""
    expect(field).to_have_attribute("aria-invalid", "true")
    described_by = field.get_attribute("aria-describedby")
    alert = field.page.locator(f"[id='{described_by}']")
    expect(alert).to_contain_text(reason)
    expect(alert).to_be_visible()


def test_registration_says_what_is_wrong_and_keeps_what_was_typed(person: MakePerson) -> None:
    page = person("", PHONE).go("/register")
    page.get_by_role("button", name="注册").click()
    for name, reason in (("用户名", "请输入用户名"), ("邮箱", "请输入邮箱"), ("密码", "请输入密码")):
        _expect_refused(page.get_by_role("textbox", name=name, exact=True), reason)
    actions.fill_registration(page, "小\u200b明 !", "kein-at", "kurz", "anders")
    page.get_by_role("button", name="注册").click()
    _expect_refused(page.get_by_role("textbox", name="用户名"), "只能包含")
    _expect_refused(page.get_by_role("textbox", name="邮箱"), "邮箱格式不正确")
    _expect_refused(page.get_by_role("textbox", name="密码", exact=True), "8 到 64")
    _expect_refused(page.get_by_role("textbox", name="确认密码"), "不一致")
    expect(page.get_by_role("textbox", name="邮箱")).to_have_value("kein-at")
    expect(page.get_by_role("textbox", name="用户名")).to_have_value("小\u200b明 !")


def test_of_two_who_register_one_name_the_second_reads_why(site: Site, person: MakePerson) -> None:
    pages = [person("", PHONE).go("/register") for _ in range(2)]
    for page, name, number in zip(pages, ("同名Ab", "同名aB"), (1, 2), strict=True):
        actions.fill_registration(page, name, f"same{number}@example.com", PASSWORD)
    # Both presses leave before either page hears an answer.
    for page in pages:
        page.get_by_role("button", name="注册").evaluate("button => button.click()")
    for page in pages:
        expect(_entered(page).or_(page.get_by_text("这个用户名已被使用"))).to_be_visible()
    losers = [page for page in pages if page.url.rstrip("/") != BASE]
    assert len(losers) == 1
    _expect_refused(losers[0].get_by_role("textbox", name="用户名"), "已被使用")
    expect(losers[0].get_by_role("textbox", name="用户名")).to_have_value(re.compile("^同名"))


def _entered(page: Page) -> Locator:
    return page.get_by_role("banner").get_by_text(re.compile("^同名"))


def test_login_says_what_is_wrong_and_not_who_exists(site: Site, person: MakePerson) -> None:
    make_user(site.database, "真有此人")
    page = person("", PHONE).go("/login")
    page.get_by_role("button", name="登录").click()
    _expect_refused(page.get_by_role("textbox", name="用户名或邮箱"), "请输入")
    reasons = []
    for name in ("真有此人", "查无此人"):
        # A fresh page, so that what is read is the answer to this attempt.
        page.goto(f"{BASE}/login")
        actions.log_in_here(page, name, "wrong password")
        _expect_refused(page.get_by_role("textbox", name="密码", exact=True), "不正确")
        reasons.append(page.locator("#password-error").inner_text())
        expect(page.get_by_role("textbox", name="用户名或邮箱")).to_have_value(name)
    assert reasons[0] == reasons[1]


@pytest.mark.parametrize(
    ("target", "lands"),
    [
        ("/sell", re.compile(rf"^{re.escape(BASE)}/sell/?$")),
        ("/messages", re.compile(rf"^{re.escape(BASE)}/messages/?$")),
        ("//evil.example", f"{BASE}/"),
        ("https://evil.example/", f"{BASE}/"),
        ("/\\evil.example", f"{BASE}/"),
        ("javascript:alert(1)", f"{BASE}/"),
        ("/auth/logout", f"{BASE}/"),
    ],
)
def test_login_leads_back_but_never_off_the_site(
    site: Site, person: MakePerson, target: str, lands: str | re.Pattern[str]
) -> None:
    name = make_user(site.database).username
    page = person().go("/login")
    page.goto(f"{BASE}/login?next={target}")
    actions.log_in_here(page, name)
    expect(page).to_have_url(lands)
    expect(page.get_by_role("banner")).to_contain_text(name)


def test_pages_for_neighbours_send_a_visitor_to_the_login_and_back(site: Site, person: MakePerson) -> None:
    name = make_user(site.database).username
    page = person("", PHONE).go("/sell")
    page.wait_for_url(re.compile(r"/login\?next="))
    register = page.get_by_role("link", name="注册一个")
    expect(register).to_have_attribute("href", re.compile("next="))
    register.click()
    expect(page).to_have_url(re.compile(r"/register/?\?next=%2Fsell"))
    login = page.get_by_role("link", name="直接登录")
    expect(login).to_have_attribute("href", re.compile("next="))
    login.click()
    actions.log_in_here(page, name)
    page.wait_for_url(re.compile("/sell"))
    expect(page.get_by_role("textbox", name="标题")).to_be_visible()


def test_the_listing_form_says_what_is_wrong_and_keeps_what_was_typed(person: MakePerson) -> None:
    page = person("卖家", PHONE).go("/sell")
    page.get_by_role("button", name="发布", exact=True).click()
    for label, reason in (("标题", "请填写标题"), ("描述", "请填写描述"), ("价格", "请填写价格")):
        _expect_refused(page.get_by_label(label), reason)
    _expect_refused(page.get_by_label("分类"), re.compile("分类"))
    expect(page.get_by_text("请至少添加一张照片")).to_be_visible()
    actions.fill_listing(page, "<b>台灯</b>' OR 1=1 --😀𠮷", price="-1", quantity="1000000")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="发布", exact=True).click()
    _expect_refused(page.get_by_label("价格"), re.compile("价格"))
    _expect_refused(page.get_by_label("数量"), "1 到 9999")
    expect(page.get_by_label("标题")).to_have_value("<b>台灯</b>' OR 1=1 --😀𠮷")
    expect(actions.photos_in_form(page)).to_have_count(1)
    page.get_by_label("价格").fill("9999999.99")
    page.get_by_label("数量").fill("9999")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("<b>台灯</b>' OR 1=1 --😀𠮷")
    expect(page.get_by_role("main")).to_contain_text("9,999,999.99")


def test_the_form_starts_with_what_it_is_about_wherever_one_comes_from(site: Site, person: MakePerson) -> None:
    seller = person("卖家")
    listing_id = offer(site, seller.actor, "三本旧书", category="books", quantity=3, price_fen=1_200)
    page = seller.go("/sell")
    _expect_form(page, title="", price="", quantity="1", category="", photos=0)
    page.goto(f"{BASE}/listing/{listing_id}/edit")
    _expect_form(page, title="三本旧书", price="12.00", quantity="3", category="books", photos=1)
    actions.nav(page, "发布").click()
    _expect_form(page, title="", price="", quantity="1", category="", photos=0)
    page.go_back()
    _expect_form(page, title="三本旧书", price="12.00", quantity="3", category="books", photos=1)


def _expect_form(page: Page, *, title: str, price: str, quantity: str, category: str, photos: int) -> None:
    for label, value in (("标题", title), ("价格", price), ("数量", quantity), ("分类", category)):
        expect(page.get_by_label(label)).to_have_value(value)
    expect(actions.photos_in_form(page)).to_have_count(photos)


def test_a_lost_connection_takes_nothing_out_of_the_form(person: MakePerson) -> None:
    seller = person("卖家", PHONE)
    seller.faults.allow(OUTAGE)
    page = seller.go("/sell")
    actions.fill_listing(page, "写到一半的台灯")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    seller.context.set_offline(True)
    expect(page.get_by_text("连接已断开")).to_be_visible()
    seller.context.set_offline(False)
    expect(page.get_by_text("连接已断开")).to_have_count(0, timeout=actions.RECOVERY)
    _expect_form(page, title="写到一半的台灯", price="180.50", quantity="2", category="sports", photos=1)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("写到一半的台灯")


def test_files_that_are_no_photos_spoil_nothing(site: Site, person: MakePerson, tmp_path: Path) -> None:
    seller = person("卖家")
    # Chromium itself reports each refused upload.
    seller.faults.allow(r"responded with a status of 4(13|15|22)")
    page = seller.go("/sell")
    actions.fill_listing(page, "只有好照片的台灯")
    files = {"好.jpg": jpeg(), "坏.jpg": b"#!/bin/sh\n" * 50, "大.jpg": b"\xff\xd8\xff" + bytes(MAX_PHOTO_BYTES)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    page.get_by_label("添加照片").set_input_files([tmp_path / name for name in files])
    expect(page.get_by_role("alert").filter(has_text="请选择 JPEG")).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text=re.compile("10 MB"))).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(page.get_by_label("标题")).to_have_value("只有好照片的台灯")
    for _ in range(2):
        page.get_by_role("button", name="移除第 2 张照片").click()
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(f"{BASE}/listing/*")
    listing_id = int(page.url.rsplit("/", 1)[1])
    _, photos = site.database.read(listing_pages.with_photos, None, listing_id)
    assert len(photos) == 1


def test_a_tenth_photo_is_refused_and_nine_stay(person: MakePerson) -> None:
    page = person("卖家", PHONE).go("/sell")
    small = [actions.photo_file(jpeg(60 + number, 60), f"{number}.jpg") for number in range(MOST_PHOTOS + 1)]
    actions.choose_photos(page, *small)
    expect(page.get_by_role("alert").filter(has_text=f"最多 {MOST_PHOTOS} 张")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(actions.photos_in_form(page)).to_have_count(MOST_PHOTOS)
    expect(page.get_by_label("添加照片")).to_have_count(0)


def test_pressing_publish_twice_publishes_once(site: Site, person: MakePerson) -> None:
    seller = person("卖家")
    page = seller.go("/sell")
    actions.fill_listing(page, "只发一次的台灯")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="发布", exact=True).dblclick()
    page.wait_for_url(f"{BASE}/listing/*")
    assert len(site.database.read(listing_pages.mine, seller.actor, "active").cards) == 1
