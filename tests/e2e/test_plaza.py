"""The public room, with three people, a visitor and an operator in it."""

import re
from functools import partial

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, expect
from sqlmodel import Session, col

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, OUTAGE, PHONE, Person
from tests.e2e.site import BASE, Site
from xianyu.models import Role, User
from xianyu.services import contacts, plaza

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def open_room(page: Page) -> None:
    page.goto(f"{BASE}/plaza")
    expect(page.get_by_role("log")).to_be_visible()


def said(site: Site, who: Person, *bodies: str) -> None:
    """What was said before anybody looks."""
    for number, body in enumerate(bodies):
        site.database.write(plaza.post, who.actor, f"before-{who.id}-{number:04}", body)


def make_operator(site: Site, who: Person) -> None:
    statement = sa.update(User).where(col(User.id) == who.id).values(role=Role.OPERATOR)
    site.database.write(partial(Session.execute, statement=statement))


def menu(page: Page, text: str) -> Locator:
    """The menu of a message, asked for by a right click."""
    actions.bubble(page, text).click(button="right")
    found = page.get_by_role("menu", name="消息菜单")
    expect(found).to_be_visible()
    return found


def choose(page: Page, text: str, item: str) -> None:
    menu(page, text).get_by_role("menuitem", name=item).click()


def test_what_one_says_everyone_reads_at_once(site: Site, person: MakePerson) -> None:
    one, other, visitor = person("小明", DESKTOP), person("李阿姨", PHONE), person("", PHONE)
    for who in (one, other, visitor):
        open_room(who.page)
    away = one.tab("/")
    actions.send(other.page, "周六有人去赶集吗？")
    for who in (one, other, visitor):
        actions.expect_message(who.page, "周六有人去赶集吗？")
    expect(actions.row(one.page, "周六有人去赶集吗？")).to_contain_text(other.name)
    # It counts for nobody as unread.
    actions.expect_unread(away, 0)
    # A visitor reads and is shown the way in.
    expect(actions.message_field(visitor.page)).to_have_count(0)
    visitor.page.get_by_role("link", name="登录后发言").click()
    expect(visitor.page).to_have_url(re.compile(r"/login\?next=%2Fplaza"))
    # After a reload it is there, once.
    one.page.reload()
    actions.expect_message(one.page, "周六有人去赶集吗？")
    actions.send(one.page, "我去")
    actions.expect_message(other.page, "我去")


def test_who_is_here_is_shown_and_who_leaves_is_not(site: Site, person: MakePerson) -> None:
    one, other, visitor = person("小明", DESKTOP), person("李阿姨", PHONE), person("", PHONE)
    for who in (one, other, visitor):
        open_room(who.page)
    for who in (one, visitor):
        expect(who.page.get_by_text("2 位邻居在这里")).to_be_visible(timeout=10_000)
    faces = one.page.get_by_role("group", name="在这里的邻居")
    expect(faces.get_by_role("link", name=other.name)).to_be_visible()
    nav = actions.nav(other.page, "首页")
    nav.click()
    expect(one.page.get_by_text("1 位邻居在这里")).to_be_visible(timeout=10_000)
    expect(faces.get_by_role("link", name=other.name)).to_have_count(0)


def test_the_slow_mode_says_how_long_and_loses_nothing(site: Site, person: MakePerson) -> None:
    one, operator = person("小明", PHONE), person("管理员", DESKTOP)
    make_operator(site, operator)
    for who in (one, operator):
        open_room(who.page)
    expect(one.page.get_by_text("慢速模式：每人每 3 秒一条")).to_be_visible()
    actions.send(one.page, "第一句")
    actions.send(one.page, "第二句")
    actions.expect_message(one.page, "第一句")
    refusal = actions.row(one.page, "第二句").get_by_role("alert")
    expect(refusal).to_contain_text(re.compile(r"请 [123] 秒后再发"))
    expect(actions.bubble(operator.page, "第二句")).to_have_count(0)
    one.page.wait_for_timeout(3_500)
    one.page.get_by_role("button", name="重新发送").click()
    actions.expect_message(one.page, "第二句")
    # Operators never wait.
    for text in ("甲", "乙", "丙"):
        actions.send(operator.page, text)
    for text in ("甲", "乙", "丙"):
        actions.expect_message(one.page, text)


def test_older_messages_come_on_scrolling_up(site: Site, person: MakePerson) -> None:
    one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
    said(site, other, *(f"第 {number} 句" for number in range(1, 91)))
    open_room(one.page)
    log = one.page.get_by_role("log")
    expect(log.locator(".x-bubble")).to_have_count(40)
    for total in (80, 90):
        log.evaluate("pane => { pane.scrollTop = 100; }")
        expect(log.locator(".x-bubble")).to_have_count(total)
    assert log.locator(".x-bubble").all_inner_texts() == [f"第 {n} 句" for n in range(1, 91)]
    # Whoever reads old messages is not pulled away by a new one.
    open_room(other.page)
    actions.send(other.page, "最新的一句")
    actions.expect_message(one.page, "最新的一句")
    assert not actions.is_at_end(one.page)


def test_ones_own_is_taken_back_and_operators_delete_and_mute(site: Site, person: MakePerson) -> None:
    one, other, operator = person("小明", DESKTOP), person("李阿姨", PHONE), person("管理员", DESKTOP)
    make_operator(site, operator)
    said(site, one, "说错的话", "广告广告")
    said(site, other, "正常的话")
    for who in (one, other, operator):
        open_room(who.page)
    expect(menu(one.page, "正常的话").get_by_role("menuitem", name="撤回")).to_have_count(0)
    expect(one.page.get_by_role("menuitem", name="删除消息")).to_have_count(0)
    one.page.keyboard.press("Escape")
    choose(one.page, "说错的话", "撤回")
    for who in (one, other, operator):
        expect(who.page.get_by_text(re.compile("撤回了一条消息"))).to_be_visible(timeout=actions.LIVE)
    choose(operator.page, "广告广告", "删除消息")
    for who in (one, other, operator):
        expect(who.page.get_by_text("管理员删除了一条消息")).to_be_visible(timeout=actions.LIVE)
        expect(actions.bubble(who.page, "广告广告")).to_have_count(0)
    actions.message_field(other.page).fill("没写完")
    choose(operator.page, "正常的话", "禁言")
    operator.page.get_by_role("button", name="禁言 10 分钟").click()
    expect(other.page.get_by_text(re.compile(r"你已被禁言至 .*\d\d:\d\d"))).to_be_visible(timeout=actions.LIVE)
    expect(actions.message_field(other.page)).to_have_count(0)
    other.page.reload()
    expect(other.page.get_by_text(re.compile("你已被禁言至"))).to_be_visible()
    # One who is not muted writes on, and the muted reads it.
    actions.send(one.page, "大家文明发言")
    actions.expect_message(other.page, "大家文明发言")
    choose(operator.page, "正常的话", "禁言")
    operator.page.get_by_role("button", name="解除禁言").click()
    expect(actions.message_field(other.page)).to_have_value("没写完", timeout=actions.LIVE)


def test_people_are_called_and_the_blocked_are_left_out(site: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("老王", DESKTOP)
    said(site, other, "欢迎来聊")
    for who in (one, other, third):
        open_room(who.page)
    choose(one.page, "欢迎来聊", f"@{other.name}")
    field = actions.message_field(one.page)
    expect(field).to_have_value(f"@{other.name} ")
    field.press_sequentially("明天见")
    one.page.get_by_role("button", name="发送", exact=True).click()
    call = f"@{other.name}"
    expect(other.page.locator(".x-call-me").get_by_text(call)).to_be_visible(timeout=actions.LIVE)
    expect(third.page.locator(".x-call").get_by_text(call)).to_be_visible(timeout=actions.LIVE)
    expect(third.page.locator(".x-call-me")).to_have_count(0)
    # Blocked in another tab, what they said closes at once, here and after a reload; for others it stays.
    profile = third.tab(f"/user/{one.id}")
    profile.get_by_role("button", name="拉黑", exact=True).click()
    profile.get_by_role("alertdialog").get_by_role("button", name="拉黑", exact=True).click()
    expect(third.page.get_by_text("已屏蔽的人发了一条消息")).to_be_visible(timeout=actions.LIVE)
    third.page.reload()
    expect(third.page.get_by_text("已屏蔽的人发了一条消息")).to_be_visible()
    expect(third.page.locator(".x-call")).to_have_count(0)
    expect(other.page.locator(".x-call-me")).to_be_visible()
    assert site.database.read(contacts.blocked_by, third.id) == [one.id]


def test_what_is_sent_without_a_network_waits_and_arrives_once(site: Site, person: MakePerson) -> None:
    one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
    for who in (one, other):
        open_room(who.page)
    one.faults.allow(OUTAGE)
    one.context.set_offline(True)
    expect(one.page.get_by_text("连接已断开")).to_be_visible(timeout=actions.RECOVERY)
    actions.send(one.page, "地铁里写的")
    actions.send(other.page, "有人吗")
    one.context.set_offline(False)
    for who in (one, other):
        actions.expect_message(who.page, "地铁里写的", actions.RECOVERY)
        actions.expect_message(who.page, "有人吗", actions.RECOVERY)
    assert [line.body for line in site.database.read(plaza.history, None)] == ["有人吗", "地铁里写的"]


def test_the_room_is_reached_from_home_and_from_messages(site: Site, person: MakePerson) -> None:
    me = person("小明", PHONE)
    for path in ("/", "/messages"):
        me.go(path)
        me.page.get_by_role("link", name="公共聊天室").click()
        expect(me.page.get_by_role("heading", level=1, name="公共聊天室")).to_be_visible()
        expect(me.page).to_have_title(re.compile("公共聊天室"))
