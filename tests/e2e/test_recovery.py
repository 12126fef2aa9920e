"""A forgotten password and a new address, from the mail to the page and back in."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect
from sqlmodel import Session

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import Person
from tests.e2e.site import BASE, Site
from tests.factories import PASSWORD
from tests.mailbox import Mailbox, Received, serving
from tests.programs import free_port
from xianyu.models import User

pytestmark = pytest.mark.e2e

NEW = "全新的密码 battery"
EXPIRED = "这个链接已失效"


@pytest.fixture(scope="module")
def mailbox(built_site: Site) -> Iterator[Mailbox]:
    """The site sends its mail here while the tests of this module run."""
    mailbox, port = Mailbox(), free_port()
    with serving(mailbox, port):
        built_site.restart(smtp_url=f"smtp://127.0.0.1:{port}")
        yield mailbox
    built_site.restart()


def address_of(site: Site, person: Person) -> str:
    def work(session: Session) -> str:
        return session.get_one(User, person.id).email

    return site.database.read(work)


def ask_for_mail(page: Page, email: str) -> None:
    page.get_by_role("textbox", name="邮箱").fill(email)
    page.get_by_role("button", name="发送重置邮件").click()
    expect(page.get_by_role("status").filter(has_text="重置邮件很快就会送到")).to_be_visible()


def set_password(page: Page, password: str, confirmation: str = "") -> None:
    page.get_by_role("textbox", name="新密码").fill(password)
    page.get_by_role("textbox", name="确认密码").fill(confirmation or password)
    page.get_by_role("button", name="重置密码").click()


def watch_for(page: Page, token: str) -> list[str]:
    """Requests, from now on, that carry the token, in their own address or in the one they come from."""
    carried: list[str] = []

    def look(request: Request) -> None:
        if token in request.url or token in request.headers.get("referer", ""):
            carried.append(request.url)

    page.on("request", look)
    return carried


def test_a_forgotten_password(site: Site, person: MakePerson, mailbox: Mailbox) -> None:
    """From the login page over the mail to a new password; the old one, and the other browser, are out."""
    owner = person("忘记密码的人")
    owner.go("/me")
    expect(owner.page.get_by_role("button", name="退出登录")).to_be_visible()
    email = address_of(site, owner)
    page = person().go("/login")
    page.get_by_role("link", name="忘记密码").click()
    expect(page).to_have_url(re.compile(r"/forgot-password/?$"))
    ask_for_mail(page, email)
    [mail] = mailbox.wait(1, email)
    assert "邻里闲鱼" in str(mail.message["Subject"])
    assert mail.link() in mail.part("html")
    carried = _follow(page, mail)
    _refuse_unlike(page)
    set_password(page, NEW)
    expect(page.get_by_role("status").filter(has_text="密码已重置")).to_be_visible()
    _is_out_live(owner.page)
    page.get_by_role("link", name="去登录").click()
    expect(page).to_have_url(re.compile(r"/login/?$"))
    assert carried == []
    actions.log_in_here(page, owner.actor.username, PASSWORD)
    expect(page.get_by_text("用户名或密码不正确")).to_be_visible()
    actions.log_in_here(page, owner.actor.username, NEW)
    page.wait_for_url(f"{BASE}/")
    _is_used_up(person().page, mail)
    assert "已修改" in str(mailbox.wait(2, email)[1].message["Subject"])


def _follow(page: Page, mail: Received) -> list[str]:
    """Open the link, see the token leave the address, and watch where it shows up again."""
    token = mail.link().partition("?token=")[2]
    page.goto(mail.link())
    expect(page.get_by_role("heading", level=1)).to_have_text("重置密码")
    expect(page).to_have_url(re.compile(r"/reset-password/?$"))
    carried = watch_for(page, token)
    expect(page.get_by_role("textbox", name="新密码")).to_be_visible()
    assert token not in page.evaluate("JSON.stringify([location.href, history.state, {...sessionStorage}])")
    return carried


def _refuse_unlike(page: Page) -> None:
    set_password(page, NEW, "something else")
    expect(page.get_by_text("两次输入的密码不一致")).to_be_visible()
    expect(page.get_by_role("textbox", name="新密码")).to_have_value(NEW)


def _is_out_live(page: Page) -> None:
    """Nobody touched that browser: its page leaves for the login by itself."""
    page.wait_for_url(re.compile(r"/login/?\?next=%2Fme(%2F)?$"), timeout=actions.LIVE)
    expect(page.get_by_role("textbox", name="用户名或邮箱")).to_be_visible()


def _is_used_up(page: Page, mail: Received) -> None:
    page.goto(mail.link())
    expect(page.get_by_role("status").filter(has_text=EXPIRED)).to_be_visible()
    expect(page.get_by_role("textbox", name="新密码")).to_have_count(0)
    page.get_by_role("link", name="重新申请").click()
    expect(page).to_have_url(re.compile(r"/forgot-password/?$"))


def test_an_unknown_address_gets_the_same_answer_and_no_mail(site: Site, person: MakePerson, mailbox: Mailbox) -> None:
    known = address_of(site, person("有账号的人"))
    page = person().go("/forgot-password")
    ask_for_mail(page, "nobody-at-all@example.com")
    unknown_says = page.get_by_role("main").inner_text()
    ask_for_mail(page, known)
    assert page.get_by_role("main").inner_text() == unknown_says
    mailbox.wait(1, known)
    assert mailbox.wait(0, "nobody-at-all@example.com") == []


def test_a_newer_mail_voids_the_older(site: Site, person: MakePerson, mailbox: Mailbox) -> None:
    email = address_of(site, person("申请两次的人"))
    page = person().go("/forgot-password")
    ask_for_mail(page, email)
    mailbox.wait(1, email)
    page.reload()
    ask_for_mail(page, email)
    older, newer = mailbox.wait(2, email)
    _is_used_up(page, older)
    _follow(page, newer)


def test_the_owner_of_a_login_who_resets_keeps_it(site: Site, person: MakePerson, mailbox: Mailbox) -> None:
    owner = person("登录着重置的人")
    email = address_of(site, owner)
    ask_for_mail(owner.go("/forgot-password"), email)
    _follow(owner.page, mailbox.wait(1, email)[0])
    set_password(owner.page, NEW)
    expect(owner.page.get_by_role("status").filter(has_text="密码已重置")).to_be_visible()
    owner.go("/me")
    expect(owner.page.get_by_role("button", name="退出登录")).to_be_visible()


def test_another_address(site: Site, person: MakePerson, mailbox: Mailbox) -> None:
    """Asked for in the settings, confirmed by the button behind the mail, told to the old address."""
    owner = person("换邮箱的人")
    old, new = address_of(site, owner), "moved@example.com"
    page = owner.go("/me/settings")
    expect(page.get_by_text(old)).to_be_visible()
    _ask_for_change(page, new, "not the password")
    expect(page.get_by_text("密码不正确")).to_be_visible()
    expect(page.get_by_role("textbox", name="新邮箱")).to_have_value(new)
    _ask_for_change(page, new, PASSWORD)
    expect(page.get_by_role("status").filter(has_text=f"确认邮件已发往 {new}")).to_be_visible()
    [link], [notice] = mailbox.wait(1, new), mailbox.wait(1, old)
    assert "申请更换" in str(notice.message["Subject"])
    other = person().page
    other.goto(link.link())
    expect(other).to_have_url(re.compile(r"/confirm-email/?$"))
    expect(other.get_by_role("main")).to_contain_text(f"把账号“{owner.actor.username}”的邮箱换成 {new}")
    assert address_of(site, owner) == old
    other.get_by_role("button", name="确认更换邮箱").click()
    expect(other.get_by_role("status").filter(has_text="邮箱已更换")).to_be_visible()
    assert address_of(site, owner) == new
    assert "已更换" in str(mailbox.wait(2, old)[1].message["Subject"])
    other.goto(link.link())
    expect(other.get_by_role("status").filter(has_text=EXPIRED)).to_be_visible()
    page.reload()
    expect(page.get_by_text(new)).to_be_visible()
    other.goto(f"{BASE}/login")
    actions.log_in_here(other, new)
    other.wait_for_url(f"{BASE}/")


def _ask_for_change(page: Page, address: str, password: str) -> None:
    form = page.locator("form").filter(has=page.get_by_role("button", name="发送确认邮件"))
    form.get_by_role("textbox", name="新邮箱").fill(address)
    form.get_by_role("textbox", name="登录密码").fill(password)
    form.get_by_role("button", name="发送确认邮件").click()


def test_a_mail_that_was_asked_for_just_before_the_end_still_goes_out(
    site: Site, person: MakePerson, mailbox: Mailbox
) -> None:
    visitor = person()
    visitor.faults.allow(re.compile("WebSocket|net::ERR"))
    email = address_of(site, person("赶在关机前的人"))
    ask_for_mail(visitor.go("/forgot-password"), email)
    site.stop()
    site.start()
    mailbox.wait(1, email)
