"""Friends and blocks, as three people live with them; every open tab follows."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, offer, stored_bodies, write
from tests.e2e.site import BASE, Site
from xianyu.services import contacts, friends

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

REFUSAL = "暂时无法联系对方"
OWN_BLOCK = "你已拉黑对方，先解除拉黑才能联系"


def befriend(site: Site, one: Person, other: Person) -> None:
    """They were friends before anybody looks."""
    site.database.write(friends.ask, one.actor, other.id)
    site.database.write(friends.accept, other.actor, one.id)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def confirm(page: Page, name: str) -> None:
    """Press a button that asks first, and go ahead."""
    press(page, name)
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=name, exact=True).click()
    expect(dialog).to_have_count(0)


def expect_button(page: Page, name: str) -> None:
    expect(page.get_by_role("button", name=name, exact=True)).to_be_visible(timeout=actions.LIVE)


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()


def test_two_become_friends_and_every_page_follows(site: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("老王", DESKTOP)
    one.go(f"/user/{other.id}")
    second_tab = one.tab(f"/user/{other.id}")
    other.go("/me")
    their_page = other.tab(f"/user/{one.id}")
    third.go("/friends")
    press(one.page, "加好友")
    for page in (one.page, second_tab):
        expect(page.get_by_text("已申请", exact=True)).to_be_visible(timeout=actions.LIVE)
    # The other one is told on any page that leads to the friends.
    expect(other.page.get_by_role("link", name=re.compile("好友.*1 条好友申请"))).to_be_visible(timeout=actions.LIVE)
    expect_button(their_page, "通过申请")
    other.page.get_by_role("link", name=re.compile("^好友")).click()
    tab(other.page, "新的朋友")
    expect(other.page.get_by_role("list", name="收到的申请")).to_contain_text(one.name)
    press(other.page, "通过")
    expect(other.page.get_by_text("没有新的好友申请")).to_be_visible(timeout=actions.LIVE)
    for page in (one.page, second_tab, their_page):
        expect(page.get_by_text("已是好友", exact=True)).to_be_visible(timeout=actions.LIVE)
    tab(other.page, "好友")
    for page, name in ((other.page, one.name), (one.tab("/friends"), other.name)):
        expect(page.get_by_role("list", name="好友").get_by_role("listitem")).to_have_count(1)
        expect(page.get_by_role("list", name="好友")).to_contain_text(name)
    expect(third.page.get_by_text("还没有好友")).to_be_visible()
    # After a reload it is the same, and once.
    other.page.reload()
    expect(other.page.get_by_role("list", name="好友").get_by_role("listitem")).to_have_count(1)


def test_a_request_can_be_withdrawn_and_declined(site: Site, person: MakePerson) -> None:
    one, other = person("小明", PHONE), person("李阿姨", DESKTOP)
    one.go(f"/user/{other.id}")
    other.go("/friends")
    tab(other.page, "新的朋友")
    press(one.page, "加好友")
    expect_button(other.page, "拒绝")
    press(one.page, "撤回申请")
    expect(other.page.get_by_text("没有新的好友申请")).to_be_visible(timeout=actions.LIVE)
    press(one.page, "加好友")
    expect_button(other.page, "拒绝")
    press(other.page, "拒绝")
    expect_button(one.page, "加好友")
    # Both ask: whoever is second has accepted.
    press(one.page, "加好友")
    other.go(f"/user/{one.id}")
    press(other.page, "通过申请")
    for page in (one.page, other.page):
        expect(page.get_by_text("已是好友", exact=True)).to_be_visible(timeout=actions.LIVE)


def test_a_visitor_is_asked_to_log_in(site: Site, person: MakePerson) -> None:
    visitor, other = person("", PHONE), person("李阿姨", DESKTOP)
    visitor.go(f"/user/{other.id}")
    press(visitor.page, "加好友")
    expect(visitor.page).to_have_url(re.compile(r"/login\?next="))


def test_a_deleted_friend_is_gone_for_good_with_my_copy(site: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("老王", PHONE)
    befriend(site, one, other)
    befriend(site, one, third)
    write(site, other.actor, one.actor, "旧话一", "旧话二")
    one.go("/friends")
    inbox = one.tab("/messages")
    other.go("/friends")
    theirs = other.tab(f"/messages/{one.id}")
    expect(actions.entry(inbox, other.name)).to_be_visible()
    row = one.page.get_by_role("listitem").filter(has_text=other.name)
    row.get_by_role("button", name="删除好友").click()
    dialog = one.page.get_by_role("alertdialog")
    expect(dialog).to_contain_text(other.name)
    dialog.get_by_role("button", name="删除好友").click()
    expect(one.page.get_by_role("list", name="好友").get_by_role("listitem")).to_have_count(1, timeout=actions.LIVE)
    expect(other.page.get_by_text("还没有好友")).to_be_visible(timeout=actions.LIVE)
    expect(actions.entry(inbox, other.name)).to_have_count(0, timeout=actions.LIVE)
    # The other keeps theirs; after a reload mine stays away.
    expect(actions.bubble(theirs, "旧话二")).to_be_visible()
    for page in (one.page, inbox):
        page.reload()
    expect(one.page.get_by_role("list", name="好友").get_by_role("listitem")).to_have_count(1)
    expect(actions.entry(inbox, other.name)).to_have_count(0)
    # A new message starts afresh.
    actions.send(theirs, "新的一句")
    expect(actions.entry(inbox, other.name)).to_contain_text("新的一句", timeout=actions.LIVE)
    actions.open_chat(one.page, other.id)
    actions.expect_message(one.page, "新的一句")
    expect(actions.bubble(one.page, "旧话一")).to_have_count(0)


def test_a_block_closes_every_way_at_once_and_unblocking_opens_them(site: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("老王", DESKTOP)
    befriend(site, one, other)
    listing_id = offer(site, one.actor, "折叠桌")
    actions.open_chat(one.page, other.id)
    actions.open_chat(other.page, one.id)
    actions.send(other.page, "你好")
    actions.expect_message(one.page, "你好")
    actions.message_field(other.page).fill("还没写完的话")
    their_listing = other.tab(f"/listing/{listing_id}")
    profile = one.tab(f"/user/{other.id}")
    confirm(profile, "拉黑")
    expect_button(profile, "取消拉黑")
    # Both open conversations show it: one the truth, one a neutral word.
    expect(one.page.get_by_text(OWN_BLOCK)).to_be_visible(timeout=actions.LIVE)
    expect(other.page.get_by_text(REFUSAL)).to_be_visible(timeout=actions.LIVE)
    for page in (one.page, other.page):
        expect(actions.message_field(page)).to_be_hidden()
    expect(other.page.locator("body")).not_to_contain_text("拉黑")
    # Neither knows any more whether the other is there.
    expect(other.page.locator(".x-presence")).to_have_count(0, timeout=actions.LIVE)
    their_listing.get_by_role("button", name="想要").click()
    expect(their_listing.get_by_role("alert").get_by_text(REFUSAL)).to_be_visible()
    theirs = other.tab(f"/user/{one.id}")
    press(theirs, "加好友")
    expect(theirs.get_by_role("alert").get_by_text(REFUSAL)).to_be_visible()
    # A third person is not concerned.
    actions.open_chat(third.page, one.id)
    actions.send(third.page, "我可以吗？")
    actions.expect_message(third.page, "我可以吗？")
    one.go("/friends")
    expect(one.page.get_by_text("还没有好友")).to_be_visible()
    tab(one.page, "黑名单")
    expect(one.page.get_by_role("list", name="黑名单")).to_contain_text(other.name)
    press(one.page, "取消拉黑")
    expect(one.page.get_by_text("黑名单是空的")).to_be_visible(timeout=actions.LIVE)
    expect_button(profile, "加好友")
    # What was typed is still there.
    expect(actions.message_field(other.page)).to_have_value("还没写完的话", timeout=actions.LIVE)
    press_send = other.page.get_by_role("button", name="发送", exact=True)
    press_send.click()
    actions.expect_message(other.page, "还没写完的话")
    assert stored_bodies(site, one.actor, other.actor) == ["你好", "还没写完的话"]


def test_a_message_that_meets_a_block_is_refused_and_kept(site: Site, person: MakePerson) -> None:
    """The page has not heard of the block: the service refuses, and nothing that was typed is lost."""
    one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
    actions.open_chat(other.page, one.id)
    site.database.write(contacts.block, one.actor, other.id)
    actions.send(other.page, "收得到吗？")
    expect(actions.row(other.page, "收得到吗？").get_by_role("alert")).to_contain_text(REFUSAL)
    assert stored_bodies(site, one.actor, other.actor) == []
    site.database.write(contacts.unblock, one.actor, other.id)
    other.page.get_by_role("button", name="重新发送").click()
    actions.expect_message(other.page, "收得到吗？")


def test_friends_are_found_by_name(site: Site, person: MakePerson) -> None:
    me = person("小明", PHONE)
    for name in ("王小二", "李四", "小芳"):
        befriend(site, me, person(name))
    me.go("/friends")
    entries = me.page.get_by_role("list", name="好友").get_by_role("listitem")
    expect(entries).to_have_count(3)
    me.page.get_by_role("searchbox", name="查找好友").fill("小")
    expect(entries).to_have_count(2)
    me.page.get_by_role("searchbox", name="查找好友").fill("没有这人")
    expect(me.page.get_by_text("好友里没有“没有这人”")).to_be_visible()
    me.page.get_by_role("searchbox", name="查找好友").fill("")
    expect(entries).to_have_count(3)
    entries.filter(has_text="李四").get_by_role("link", name="发消息").click()
    expect(actions.message_field(me.page)).to_be_visible()
    assert me.page.url.startswith(f"{BASE}/messages/")
