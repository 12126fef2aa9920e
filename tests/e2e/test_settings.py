"""The settings page in real browsers: what is changed there is seen, live, in the others."""

import io
import re
import time

import pyotp
import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, offer
from tests.e2e.site import ARTIFACTS, BASE, Site
from tests.factories import PASSWORD

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

NEW = "另一个很长的密码 2"
STEP = 30  # seconds


def card(page: Page, title: str) -> Locator:
    """A card of the settings by its heading."""
    return page.locator("section").filter(has=page.get_by_role("heading", name=title, exact=True))


def open_settings(person: Person) -> Page:
    page = person.go("/me/settings")
    expect(card(page, "登录设备").get_by_role("listitem").first).to_be_visible()
    return page


def second_browser(person: MakePerson, username: str, viewport: ViewportSize = PHONE) -> Person:
    """Another browser, logged in by name and password."""
    other = person("", viewport)
    other.go("/login?next=/me")
    actions.log_in_here(other.page, username)
    expect(other.page.get_by_role("heading", level=1)).to_have_text(username)
    return other


def expect_out(page: Page) -> None:
    """The tab has let go of its login without being touched."""
    page.wait_for_url(re.compile(r"/login\?next="), timeout=actions.LIVE * 2)
    expect(page.get_by_role("textbox", name="用户名或邮箱")).to_be_visible()


def test_a_new_password_puts_the_other_browser_out(person: MakePerson) -> None:
    ming = person("改密码的人")
    other = second_browser(person, ming.name)
    page = open_settings(ming)
    form = card(page, "登录密码")
    form.get_by_label("当前密码").fill("wrong password")
    form.get_by_label("新密码", exact=True).fill(NEW)
    form.get_by_label("确认新密码").fill(NEW)
    form.get_by_role("button", name="修改密码").click()
    expect(form.get_by_role("alert").first).to_have_text("当前密码不正确")
    # Nothing that was typed is lost.
    expect(form.get_by_label("确认新密码")).to_have_value(NEW)

    form.get_by_label("当前密码").fill(PASSWORD)
    form.get_by_role("button", name="修改密码").click()

    expect(form.get_by_role("status")).to_contain_text("密码已更新")
    expect(form.get_by_label("当前密码")).to_have_value("")
    expect_out(other.page)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("设置")
    actions.log_in_here(other.page, ming.name)
    expect(other.page.get_by_role("alert").filter(has_text="用户名或密码不正确")).to_be_visible()
    actions.log_in_here(other.page, ming.name, NEW)
    other.page.wait_for_url(re.compile(r"/me/?$"))


def test_a_login_is_revoked_from_another_browser(person: MakePerson) -> None:
    ming = person("管设备的人")
    phone, tablet = second_browser(person, ming.name), second_browser(person, ming.name)
    page = open_settings(ming)
    devices = card(page, "登录设备").get_by_role("listitem")
    expect(devices).to_have_count(3)
    expect(devices.first).to_contain_text("当前设备")
    # Latest first: the tablet, then the phone.
    expect(devices.nth(2)).to_contain_text("Chrome · Linux")
    expect(devices.nth(2)).to_contain_text("本机")

    devices.nth(2).get_by_role("button", name="退出").click()

    expect_out(phone.page)
    expect(devices).to_have_count(2)
    expect(tablet.page.get_by_role("heading", level=1)).to_have_text(ming.name)
    card(page, "登录设备").get_by_role("button", name="退出其他所有设备").click()
    expect_out(tablet.page)
    expect(devices).to_have_count(1)
    expect(card(page, "登录设备").get_by_role("button", name="退出其他所有设备")).to_have_count(0)


def test_a_login_in_two_steps(site: Site, person: MakePerson) -> None:
    ming = person("两步的人")
    page = open_settings(ming)
    secret = _begin_enrolment(page)
    form = card(page, "两步验证")
    form.get_by_role("textbox", name="验证码").fill("12345")
    form.get_by_role("button", name="确认开启").click()
    expect(form.get_by_role("alert").filter(has_text="验证码不正确")).to_be_visible()
    form.get_by_role("textbox", name="验证码").fill(pyotp.TOTP(secret).now())
    form.get_by_role("button", name="确认开启").click()
    recovery = form.get_by_role("list", name="恢复码").get_by_role("listitem")
    expect(recovery).to_have_count(10)
    codes = recovery.all_inner_texts()
    form.get_by_role("button", name="我已保存").click()
    expect(form).to_contain_text("还有 10 个恢复码")
    expect(page.get_by_text(codes[0])).to_have_count(0)

    # What was set up is asked for by a server that was restarted, too.
    page.goto("about:blank")
    site.restart()
    other = person("", PHONE)
    # The app's next code: this half minute's is used up.
    _log_in_with(other, ming.name, pyotp.TOTP(secret).at(int(time.time()) + STEP))
    other.page.get_by_role("button", name="退出登录").click()
    other.page.wait_for_url(f"{BASE}/")
    _log_in_with(other, ming.name, codes[0])
    _refuse(person("", PHONE), ming.name, codes[0])


def _begin_enrolment(page: Page) -> str:
    form = card(page, "两步验证")
    form.get_by_label("登录密码").fill(PASSWORD)
    form.get_by_role("button", name="开启两步验证").click()
    picture = form.get_by_role("img", name="两步验证的二维码")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 20
    return form.get_by_role("code").inner_text().replace(" ", "")


def _give_code(person: Person, username: str, code: str) -> Page:
    page = person.go("/login?next=/me")
    actions.log_in_here(page, username)
    page.get_by_role("textbox", name="验证码").fill(code)
    page.get_by_role("button", name="登录", exact=True).click()
    return page


def _log_in_with(person: Person, username: str, code: str) -> None:
    page = _give_code(person, username, code)
    page.wait_for_url(re.compile(r"/me/?$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(username)


def _refuse(person: Person, username: str, code: str) -> None:
    page = _give_code(person, username, code)
    expect(page.get_by_role("alert").filter(has_text="验证码不正确或已经用过")).to_be_visible()
    page.get_by_role("button", name="换个账号登录").click()
    expect(page.get_by_role("textbox", name="用户名或邮箱")).to_be_visible()


def test_others_see_the_avatar_and_the_name(site: Site, person: MakePerson) -> None:
    ming = person("wang_ming")
    listing = offer(site, ming.actor, "有头像的人卖的车")
    page = open_settings(ming)
    profile = card(page, "个人资料")
    profile.get_by_label("更换头像").set_input_files(actions.photo_file(_portrait()))  # type: ignore[arg-type]  # Playwright's own dict type
    expect(profile.get_by_role("button", name="移除头像")).to_be_visible()
    profile.get_by_role("textbox", name="昵称").fill("很" * 21)
    profile.get_by_role("textbox", name="个人简介").fill("周末在家，欢迎自提。")
    profile.get_by_role("textbox", name="楼栋").fill("3 号楼")
    profile.get_by_role("button", name="保存资料").click()
    expect(profile.get_by_role("alert").filter(has_text="最多 20 个字")).to_be_visible()
    profile.get_by_role("textbox", name="昵称").fill("王师傅")
    profile.get_by_role("button", name="保存资料").click()
    expect(profile.get_by_role("status")).to_have_text("资料已保存")
    expect(page.get_by_role("banner")).to_contain_text("王师傅")

    visitor = person("", PHONE).go(f"/listing/{listing}")
    seller = visitor.get_by_role("link", name=re.compile("王师傅"))
    assert _avatar_size(seller) == (256, 256)
    seller.click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("王师傅")
    for told in ("@wang_ming", "3 号楼", "周末在家，欢迎自提。"):
        expect(visitor.get_by_role("main")).to_contain_text(told)
    assert _avatar_size(visitor.get_by_role("main")) == (256, 256)

    profile.get_by_role("button", name="移除头像").click()
    expect(page.get_by_role("banner").locator("img")).to_have_count(0)
    visitor.reload()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("王师傅")
    expect(visitor.locator('main img[src^="/media/"]').first).not_to_have_attribute("alt", "我的头像")


def _portrait() -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((900, 1200)).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


def _avatar_size(place: Locator) -> tuple[int, int]:
    image = place.locator('img[src^="/media/"]').first
    expect(image).to_be_visible()
    size = image.evaluate("image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])")
    return (size[0], size[1])


def test_a_refused_avatar_says_why(person: MakePerson) -> None:
    ming = person("传错文件的人")
    ming.faults.allow("415")
    page = open_settings(ming)
    profile = card(page, "个人资料")
    wrong = actions.photo_file(b"not a picture", "photo.png", "image/png")
    profile.get_by_label("更换头像").set_input_files(wrong)  # type: ignore[arg-type]  # as above
    expect(profile.get_by_role("alert").filter(has_text="JPEG")).to_be_visible()
    expect(profile.get_by_role("button", name="移除头像")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("name", "viewport"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_the_page_fits_its_screen(person: MakePerson, name: str, viewport: ViewportSize, scheme: str) -> None:
    ming = person(f"看页面_{name}_{scheme}", viewport, color_scheme=scheme)
    page = open_settings(ming)
    _begin_enrolment(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("(main => main.scrollWidth <= main.clientWidth)(document.getElementById('main'))")
    page.get_by_role("main").evaluate("main => main.scrollTo(0, 0)")
    for number in range(1, 7):
        actions.save(page, ARTIFACTS, f"settings-{name}-{scheme}-{number}")
        page.get_by_role("main").evaluate("main => main.scrollBy(0, main.clientHeight - 60)")
