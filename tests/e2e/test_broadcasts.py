"""The count on 广播, from the operator's announcement to the neighbour's look, in real browsers."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlmodel import Session, col

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE, Person, write
from tests.e2e.site import ARTIFACTS, BASE, Site
from xianyu.models import Role, User

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


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
