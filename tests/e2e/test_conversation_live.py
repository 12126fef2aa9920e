"""A conversation over time: who has read it and is there, what was said long ago, and while its store is away."""

import re
import secrets
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import actions, talks
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, offer, write
from tests.e2e.site import BASE, Site
from tests.mongodb import running_mongodb
from tests.programs import free_port

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

# How long it takes at most to notice that somebody closed the site, in milliseconds.
GONE = 15_000


def test_read_typing_and_presence_are_seen_live(person: MakePerson) -> None:
    one, other, third = talks.three(person)
    head = one.page.get_by_role("region", name="会话")
    actions.send(one.page, "看到了吗")
    actions.expect_message(other.page, "看到了吗")
    expect(actions.row(one.page, "看到了吗")).to_contain_text("已读")
    expect(head).to_contain_text("在线")
    expect(actions.entry(one.page, other.name)).to_contain_text("在线")
    # Only the newest that was read is marked.
    other.page.goto(f"{BASE}/me")
    actions.send(one.page, "没看到吧")
    actions.expect_message(one.page, "没看到吧")
    expect(actions.row(one.page, "没看到吧")).not_to_contain_text("已读")
    actions.open_chat(other.page, one.id)
    expect(actions.row(one.page, "没看到吧")).to_contain_text("已读")
    expect(actions.row(one.page, "看到了吗")).not_to_contain_text("已读")
    actions.message_field(other.page).press_sequentially("正在打字")
    expect(head).to_contain_text("正在输入…")
    talks.shoot(one.page, "typing-desktop")
    expect(third.page.get_by_role("region", name="会话")).not_to_contain_text("正在输入")
    expect(head).not_to_contain_text("正在输入", timeout=9_000)
    other.leave()
    expect(head).to_contain_text(re.compile("(刚刚|分钟前)在线"), timeout=GONE)
    expect(actions.entry(one.page, other.name)).not_to_contain_text("在线")


def test_who_hides_whether_they_are_online_does_not_see_others(person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    actions.send(one.page, "你好")
    actions.expect_message(other.page, "你好")
    theirs, mine = other.page.get_by_role("region", name="会话"), one.page.get_by_role("region", name="会话")
    actions.send(other.page, "你好呀")
    for head in (mine, theirs):
        expect(head).to_contain_text("在线", timeout=GONE)
    settings = other.tab("/me/settings")
    switch = settings.get_by_role("switch", name="让聊过的邻居看到我是否在线")
    switch.click()
    for head in (mine, theirs):
        expect(head).not_to_contain_text("在线")
    expect(actions.entry(one.page, other.name)).not_to_contain_text("在线")
    actions.message_field(other.page).press_sequentially("悄悄写")
    one.page.wait_for_timeout(1_000)
    expect(mine).not_to_contain_text("正在输入")
    settings.reload()
    expect(switch).not_to_be_checked()
    switch.click()
    for head in (mine, theirs):
        expect(head).to_contain_text("在线")


def test_search_finds_in_my_conversations_alone_and_opens_the_place(site: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("王叔", PHONE)
    write(site, other.actor, one.actor, "自行车还在的", *(f"第 {number} 句" for number in range(1, 121)))
    write(site, third.actor, other.actor, "自行车的秘密")
    actions.open_chat(one.page, other.id)
    field = one.page.get_by_role("searchbox", name="查找聊天记录")
    field.fill("自行车")
    found = one.page.get_by_role("navigation", name="找到的消息").get_by_role("link")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("自行车还在的")
    talks.shoot(one.page, "search-desktop")
    found.click()
    expect(actions.bubble(one.page, "自行车还在的")).to_be_in_viewport()
    expect(actions.bubble(one.page, "第 120 句")).to_have_count(0)
    # Downwards it goes on to the end, and there it is live again.
    one.page.get_by_role("button", name="回到最新消息").click()
    expect(actions.bubble(one.page, "第 120 句")).to_be_in_viewport()
    actions.open_chat(other.page, one.id)
    actions.send(other.page, "刚说的")
    actions.expect_message(one.page, "刚说的")
    field.fill("没有人说过")
    expect(one.page.get_by_role("navigation", name="找到的消息")).to_contain_text("没有找到")
    field.fill("")
    expect(actions.entry(one.page, other.name)).to_be_visible()


def test_scrolling_down_from_an_old_place_reaches_the_end(site: Site, person: MakePerson) -> None:
    one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
    write(site, other.actor, one.actor, *(f"第 {number} 句" for number in range(1, 101)))
    one.go(f"/messages/{other.id}?at=30")
    expect(actions.bubble(one.page, "第 30 句")).to_be_in_viewport()
    log = one.page.get_by_role("log")
    for newest in (89, 100):
        log.evaluate("pane => { pane.scrollTop = pane.scrollHeight; }")
        expect(actions.bubble(one.page, f"第 {newest} 句")).to_have_count(1)
    expect(one.page.get_by_role("button", name="回到最新消息")).to_have_count(0)
    assert talks.texts(one.page) == [f"第 {number} 句" for number in range(10, 101)]


def test_pinned_stays_on_top_and_muted_counts_quietly(person: MakePerson) -> None:
    one, other, third = talks.three(person)
    lines = one.page.get_by_role("navigation", name="会话列表").get_by_role("link")
    actions.send(other.page, "先说的")
    actions.send(third.page, "后说的")
    expect(lines.first).to_contain_text(third.name)
    for name in ("置顶", "消息免打扰"):
        one.page.get_by_role("button", name="更多").click()
        if name == "置顶":
            talks.shoot(one.page, "head-menu-desktop")
        one.page.get_by_role("menuitem", name=name, exact=True).click()
    expect(lines.first).to_contain_text(other.name)
    expect(lines.first).to_contain_text("已置顶")
    expect(lines.first).to_contain_text("免打扰")
    actions.send(third.page, "再说一句")
    expect(lines.nth(1)).to_contain_text("再说一句")
    one.page.goto(f"{BASE}/messages")
    expect(lines.first).to_contain_text(other.name)
    actions.send(other.page, "静静地数")
    expect(lines.first).to_contain_text("1 条未读")
    # The other two are 王叔's.
    actions.expect_unread(one.page, 3)
    talks.shoot(one.page, "list-desktop")
    actions.open_chat(one.page, other.id)
    one.page.get_by_role("button", name="更多").click()
    one.page.get_by_role("menuitem", name="取消置顶").click()
    expect(lines.first).not_to_contain_text("已置顶")


def test_while_the_messages_are_away_the_site_works_and_nothing_typed_is_lost(
    site: Site, person: MakePerson, tmp_path: Path
) -> None:
    port, folder = free_port(), tmp_path / "mongo"
    folder.mkdir()
    with running_mongodb(folder, port) as url:
        name = f"test_{secrets.token_hex(6)}"
        site.restart(mongodb_url=url.replace("/xianyu", f"/{name}"))
        one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
        listing_id = offer(site, other.actor, "山地车")
        third = other.tab("/")
        actions.open_chat(one.page, other.id)
        actions.open_chat(other.page, one.id)
        actions.send(one.page, "停机之前")
        actions.expect_message(other.page, "停机之前")
        other.page.goto(f"{BASE}/me")
        actions.send(one.page, "还没看的")
        actions.expect_unread(third, 1)
    try:
        for somebody in (one, other):
            somebody.faults.allow("Failed to load resource")
        actions.send(one.page, "停机时写的")
        unavailable = one.page.get_by_text("聊天暂时不可用，消息会在恢复后发出")
        expect(unavailable).to_be_visible(timeout=actions.RECOVERY)
        expect(actions.row(one.page, "停机时写的")).to_contain_text("等待恢复后发出")
        actions.send(one.page, "第二句")
        talks.shoot(one.page, "outage-desktop")
        # What was shown stays, the counts too, and the rest of the site works.
        expect(actions.bubble(one.page, "停机之前")).to_have_count(1)
        actions.expect_unread(third, 1)
        third.goto(f"{BASE}/listing/{listing_id}")
        expect(third.get_by_role("heading", level=1, name="山地车")).to_be_visible()
        # A page that is loaded meanwhile keeps what waits.
        one.page.reload()
        expect(unavailable).to_be_visible(timeout=actions.RECOVERY)
        expect(actions.row(one.page, "停机时写的")).to_contain_text("等待恢复后发出")
        other.page.goto(f"{BASE}/messages/{one.id}")
        expect(other.page.get_by_text("聊天暂时不可用，消息会在恢复后发出")).to_be_visible(timeout=actions.RECOVERY)
        one.page.wait_for_timeout(11_000)
        expect(actions.row(one.page, "第二句")).to_contain_text("等待恢复后发出")
        with running_mongodb(folder, port):
            for page in (one.page, other.page):
                expect(page.get_by_text("聊天暂时不可用")).to_have_count(0, timeout=actions.RECOVERY)
                for text in ("停机时写的", "第二句"):
                    actions.expect_message(page, text, actions.RECOVERY)
                talks.expect_texts(page, "停机之前", "还没看的", "停机时写的", "第二句")
            for page in (third, other.page):
                actions.expect_unread(page, 0)
            for somebody in (one, other):
                somebody.page.goto("about:blank")
            third.close()
    finally:
        site.restart()
