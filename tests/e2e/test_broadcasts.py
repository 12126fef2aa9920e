"""The count on 广播, from the operator's announcement to the neighbour's look, in real browsers."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlmodel import Session, col

from tests.e2e import actions, audit
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE, Person, write
from tests.e2e.site import ARTIFACTS, BASE, Site
from xianyu.models import Role, User
from xianyu.models.types import utc_now
from xianyu.services import local_time
from xianyu.states.announcement_clock import INTERVAL

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


# Milliseconds: the clock is not told that a row was changed behind its back, and looks by itself.
CLOCK = 1000 * (INTERVAL + 5)


def promote(site: Site, who: Person) -> None:
    statement = sa.update(User).where(col(User.id) == who.id).values(role=Role.OPERATOR)
    site.database.write(lambda session: Session.execute(session, statement))


def tell(page: Page, title: str) -> None:
    """An operator publishes an announcement."""
    page.goto(f"{BASE}/announcement/new")
    page.get_by_role("textbox", name="标题").fill(title)
    page.get_by_role("textbox", name="正文").fill("周三上午九点到十一点检修水管，请提前储水。")
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/announcement/\d+$"))


def strip(page: Page) -> Locator:
    return page.get_by_role("status").filter(has_text="新公告")


def test_one_that_waits_appears_by_itself_on_every_open_page(site: Site, person: MakePerson) -> None:
    operator, reader, visitor = person("物业"), person("小花", PHONE), person("", PHONE)
    promote(site, operator)
    home, elsewhere = visitor.go("/"), reader.go("/me")
    page = operator.go("/announcement/new")
    page.get_by_role("textbox", name="标题").fill("周六停电通知")
    page.get_by_role("textbox", name="正文").fill("周六上午八点到十点检修线路。")
    expect(page.get_by_label("发布时间")).to_be_hidden()
    page.get_by_role("checkbox", name="定时发布").check()
    page.get_by_label("发布时间").fill("2020-01-01T08:00")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="发布时间已经过了")).to_be_visible()
    # Nothing of what was typed is lost.
    expect(page.get_by_role("textbox", name="标题")).to_have_value("周六停电通知")
    page.get_by_label("发布时间").fill(local_time.for_input(utc_now() + timedelta(hours=2)))
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/announcement/\d+$"))
    expect(page.get_by_role("main")).to_contain_text("现在只有管理员看得到")
    address = page.url
    operator.go("/admin/announcements")
    entry = page.get_by_role("article", name="周六停电通知")
    expect(entry).to_contain_text("定时")
    entries = page.get_by_role("navigation", name="管理后台")
    expect(entries.get_by_role("link", name="公告")).to_have_attribute("aria-current", "page")
    expect(entries.locator("[aria-current=page]")).to_have_count(1)
    reader.faults.allow("responded with a status of 404")
    response = elsewhere.goto(address)
    assert response is not None
    assert response.status == 404
    expect(elsewhere.get_by_role("main")).to_contain_text("不存在或已被删除")
    reader.go("/me")
    # The two hours are over.
    due = sa.text("UPDATE announcement SET scheduled_at = :now")
    site.database.write(lambda session: Session.execute(session, due, {"now": utc_now().replace(tzinfo=None)}))
    for one in (home, elsewhere):
        link = strip(one).get_by_role("link", name=re.compile("周六停电通知$"))
        expect(link).to_be_visible(timeout=CLOCK)
        assert audit.findings(one) == []
        actions.save(one, ARTIFACTS / "broadcasts", "strip")
    expect(entry).to_contain_text("已发布")
    actions.expect_unread(elsewhere, 1)
    home.get_by_role("button", name="不再显示这条公告").click()
    expect(strip(home)).to_have_count(0)
    strip(elsewhere).get_by_role("link").click()
    elsewhere.wait_for_url(address)
    expect(elsewhere.get_by_role("heading", level=1)).to_have_text("周六停电通知")
    expect(strip(elsewhere)).to_have_count(0)


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab", name=re.compile(f"^{name}"))


def test_an_announcement_is_counted_on_its_box_and_on_messages(site: Site, person: MakePerson) -> None:
    operator, reader, other = person("物业"), person("小花", PHONE), person("小明")
    promote(site, operator)
    write(site, other.actor, reader.actor, "在吗")
    home = reader.go("/")
    boxes = reader.tab("/messages")
    actions.expect_unread(home, 1)
    tell(operator.page, "停水通知")
    for page in (home, boxes):
        actions.expect_unread(page, 2)
    expect(tab(boxes, "广播")).to_have_accessible_name(re.compile(r"^广播\s*1 条未读$"))
    expect(tab(boxes, "私信")).to_have_accessible_name(re.compile(r"^私信\s*1 条未读$"))
    expect(tab(boxes, "互动")).to_have_accessible_name("互动")
    actions.save(boxes, ARTIFACTS / "broadcasts", "counts-phone")
    # The operator has read what they wrote.
    actions.expect_unread(operator.page, 0)
    tab(boxes, "广播").click()
    expect(boxes.get_by_role("link", name=re.compile("^停水通知"))).to_be_visible()
    for page in (home, boxes):
        actions.expect_unread(page, 1)
    expect(tab(boxes, "广播")).to_have_accessible_name("广播")
    # What comes before one's eyes is not counted, and stays so after a reload.
    tell(operator.page, "停电通知")
    expect(boxes.get_by_role("link", name=re.compile("^停电通知"))).to_be_visible(timeout=actions.LIVE)
    actions.expect_unread(home, 1)
    home.reload()
    actions.expect_unread(home, 1)
