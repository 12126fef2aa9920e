"""The conversation: its keys, its scrolling, its outbox, and what may never be seen in it."""

import re
import time

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, OUTAGE, PHONE, Person, stored_bodies, write
from tests.e2e.site import BASE, Site
from xianyu.adapters.cookies import session_cookie_name
from xianyu.services import accounts
from xianyu.services.messages import BODY_LENGTH

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

# How long an unanswered message counts as on its way (chat_room.jsx), and some patience, in milliseconds.
GIVEN_UP = 15_000


def _pair(person: MakePerson) -> tuple[Person, Person]:
    """Two people, each with their conversation open."""
    one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
    actions.open_chat(one.page, other.id)
    actions.open_chat(other.page, one.id)
    return one, other


def test_enter_sends_and_shift_enter_breaks_the_line(site: Site, person: MakePerson) -> None:
    one, other = _pair(person)
    field = actions.message_field(one.page)
    field.press_sequentially("第一行")
    field.press("Shift+Enter")
    field.press_sequentially("第二行")
    expect(field).to_have_value("第一行\n第二行")
    expect(one.page.get_by_role("log").locator(".x-bubble")).to_have_count(0)
    field.press("Enter")
    expect(field).to_have_value("")
    actions.expect_message(other.page, "第一行\n第二行")
    expect(actions.bubble(other.page, "第一行\n第二行")).to_have_css("white-space-collapse", "preserve")
    assert stored_bodies(site, one.actor, other.actor) == ["第一行\n第二行"]


def test_enter_that_ends_a_composition_does_not_send(site: Site, person: MakePerson) -> None:
    one, other = _pair(person)
    field = actions.message_field(one.page)
    field.focus()
    keyboard = one.context.new_cdp_session(one.page)
    keyboard.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    expect(field).to_have_value("nihao")
    # What Chromium reports for a key that an input method takes, and what Safari reports after its end.
    for code, composing in ((229, True), (229, False), (13, True)):
        field.dispatch_event("keydown", {"key": "Enter", "keyCode": code, "isComposing": composing, "bubbles": True})
    expect(field).to_have_value("nihao")
    keyboard.send("Input.insertText", {"text": "你好"})
    expect(field).to_have_value("你好")
    field.press("Enter")
    actions.expect_message(other.page, "你好")
    assert stored_bodies(site, one.actor, other.actor) == ["你好"]


def test_older_messages_come_on_scrolling_up_and_the_view_holds_still(site: Site, person: MakePerson) -> None:
    one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
    write(site, other.actor, one.actor, *(f"第 {number} 句" for number in range(1, 101)))
    actions.open_chat(one.page, other.id)
    log = one.page.get_by_role("log")
    expect(log.locator(".x-bubble")).to_have_count(40)
    actions.wait_until(one.page, _AT_END)
    log.hover()
    for first, total in ((61, 80), (21, 100)):
        anchor = actions.bubble(one.page, f"第 {first} 句")
        log.evaluate("pane => { pane.scrollTop = 100; }")
        before = anchor.bounding_box()
        expect(log.locator(".x-bubble")).to_have_count(total)
        after = anchor.bounding_box()
        assert before is not None
        assert after is not None
        assert abs(before["y"] - after["y"]) < 3
    expect(log).not_to_contain_text("正在加载")
    # Whoever reads old messages is not pulled away by a new one.
    actions.open_chat(other.page, one.id)
    actions.send(other.page, "最新的一句")
    actions.expect_message(one.page, "最新的一句")
    assert not actions.is_at_end(one.page)
    assert log.locator(".x-bubble").all_inner_texts() == [*(f"第 {n} 句" for n in range(1, 101)), "最新的一句"]


_AT_END = """() => {
    const pane = document.querySelector("[role=log]");
    return pane.scrollHeight > pane.clientHeight && pane.scrollHeight - pane.scrollTop - pane.clientHeight < 4;
}"""


def test_the_view_stays_at_the_newest_message(site: Site, person: MakePerson) -> None:
    one, other = person("小明", PHONE), person("李阿姨", DESKTOP)
    write(site, one.actor, other.actor, *(f"旧消息 {number}" for number in range(30)))
    for here, there in ((one, other), (other, one)):
        actions.open_chat(here.page, there.id)
        actions.wait_until(here.page, _AT_END)
    actions.send(other.page, "在吗？")
    for page in (one.page, other.page):
        actions.expect_message(page, "在吗？")
        actions.wait_until(page, _AT_END)
        expect(actions.bubble(page, "在吗？")).to_be_in_viewport(ratio=1)
    # A phone's keyboard takes half of the window.
    one.page.set_viewport_size({"width": 390, "height": 420})
    expect(actions.bubble(one.page, "在吗？")).to_be_in_viewport(ratio=1)


def test_what_is_sent_without_a_network_waits_and_arrives_once(site: Site, person: MakePerson) -> None:
    one, other = _pair(person)
    one.faults.allow(OUTAGE)
    one.context.set_offline(True)
    expect(one.page.get_by_text("连接已断开")).to_be_visible(timeout=actions.RECOVERY)
    actions.send(one.page, "地铁里写的")
    expect(actions.row(one.page, "地铁里写的")).to_contain_text("发送中")
    actions.send(other.page, "你还在吗？")
    actions.expect_message(other.page, "你还在吗？")
    assert stored_bodies(site, one.actor, other.actor) == ["你还在吗？"]
    one.context.set_offline(False)
    expect(one.page.get_by_text("连接已断开")).to_have_count(0, timeout=actions.RECOVERY)
    for page in (one.page, other.page):
        actions.expect_message(page, "地铁里写的", actions.RECOVERY)
        actions.expect_message(page, "你还在吗？")
    assert stored_bodies(site, one.actor, other.actor) == ["你还在吗？", "地铁里写的"]


class _Deaf:
    """Sits between a page and the server; on demand, no answer of the server reaches the page any more."""

    def __init__(self, page: Page) -> None:
        self.on = False
        page.route_web_socket(re.compile("/_event/"), self._connect)

    def _connect(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(server.send)
        server.on_message(lambda message: None if self.on else socket.send(message))


def test_a_server_killed_between_send_and_answer_loses_and_doubles_nothing(site: Site, person: MakePerson) -> None:
    one, other = person("小明", DESKTOP), person("李阿姨", PHONE)
    for somebody in (one, other):
        somebody.faults.allow(OUTAGE)
    deaf = _Deaf(one.page)
    actions.open_chat(one.page, other.id)
    actions.open_chat(other.page, one.id)
    deaf.on = True
    actions.send(one.page, "存下了，答复却丢了")
    actions.expect_message(other.page, "存下了，答复却丢了")
    site.freeze()
    actions.send(one.page, "服务器没来得及读")
    for text in ("存下了，答复却丢了", "服务器没来得及读"):
        expect(actions.row(one.page, text)).to_contain_text("发送中")
    site.kill()
    deaf.on = False
    site.start()
    expect(one.page.get_by_text("连接已断开")).to_have_count(0, timeout=actions.RECOVERY)
    actions.expect_message(one.page, "存下了，答复却丢了", actions.RECOVERY)
    failed = actions.row(one.page, "服务器没来得及读")
    expect(failed).to_contain_text("未送达", timeout=GIVEN_UP)
    # A reload forgets nothing of it.
    one.page.reload()
    expect(failed).to_contain_text("未送达")
    assert stored_bodies(site, one.actor, other.actor) == ["存下了，答复却丢了"]
    failed.get_by_role("button", name="重新发送").click()
    for page in (one.page, other.page):
        actions.expect_message(page, "服务器没来得及读", actions.RECOVERY)
        _expect_only(page, "存下了，答复却丢了", "服务器没来得及读")
    assert stored_bodies(site, one.actor, other.actor) == ["存下了，答复却丢了", "服务器没来得及读"]


def test_a_message_in_the_conversation_in_view_is_read_at_once(person: MakePerson) -> None:
    one, other = _pair(person)
    second_tab = other.tab("/")
    for page in (other.page, second_tab):
        page.evaluate(_NOTE_BADGES)
    for number in range(3):
        actions.send(one.page, f"看得见的第 {number} 条")
        actions.expect_message(other.page, f"看得见的第 {number} 条")
    for page in (other.page, second_tab):
        actions.expect_unread(page, 0)
    # Not even for a moment, in the tab that shows it.
    assert other.page.evaluate("window.badges") == []


_NOTE_BADGES = """() => {
    window.badges = [];
    new MutationObserver(() => {
        for (const text of document.body.innerText.match(/\\d+ 条未读消息/g) ?? []) window.badges.push(text);
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""


def test_sending_after_the_login_ended_says_so_and_stores_nothing(site: Site, person: MakePerson) -> None:
    one, other = _pair(person)
    [token] = [cookie["value"] for cookie in one.context.cookies() if cookie["name"] == session_cookie_name()]
    # Nobody tells the tab: so it is when a login expires while the tab is open.
    site.database.write(accounts.end_session, token)
    actions.send(one.page, "登录过期之后写的")
    refused = actions.row(one.page, "登录过期之后写的")
    expect(refused).to_contain_text("登录已失效")
    expect(refused.get_by_role("button", name="重新发送")).to_be_visible()
    assert stored_bodies(site, one.actor, other.actor) == []
    # After a new login the text is still there to be sent.
    actions.log_in_here(one.go(f"/login?next=/messages/{other.id}"), one.name)
    refused.get_by_role("button", name="重新发送").click()
    actions.expect_message(other.page, "登录过期之后写的")


def test_empty_and_overlong_messages_are_refused_beside_the_field(site: Site, person: MakePerson) -> None:
    one, other = _pair(person)
    field, alert = actions.message_field(one.page), one.page.get_by_role("main").get_by_role("alert")
    for text, refusal in (("  \n ", "消息不能为空"), ("长" * (BODY_LENGTH + 1), "消息太长")):
        actions.send(one.page, text)
        expect(alert).to_contain_text(refusal)
        expect(field).to_have_value(text)
        expect(field).to_have_attribute("aria-invalid", "true")
    longest = "𠮷" * BODY_LENGTH
    actions.send(one.page, longest)
    actions.expect_message(other.page, longest)
    expect(alert).to_have_count(0)
    assert stored_bodies(site, one.actor, other.actor) == [longest]


def test_markup_is_text_and_who_wrote_what_is_plain(person: MakePerson) -> None:
    one, other = _pair(person)
    markup = "<img src=x onerror=alert(1)><b>粗</b> & 'quotes' {{7*7}} 😀𠮷"
    actions.send(one.page, markup)
    for page, author, side in ((one.page, "我", "right"), (other.page, one.name, "left")):
        actions.expect_message(page, markup)
        expect(page.get_by_role("log").locator("img, b")).to_have_count(0)
        expect(actions.row(page, markup)).to_contain_text(re.compile(rf"{author}\s*\d\d:\d\d"))
        assert _side(page, markup) == side
        expect(page.get_by_role("main")).not_to_contain_text(re.compile("undefined|NaN|null|connected"))


def _side(page: Page, text: str) -> str:
    ends = actions.row(page, text).evaluate("row => getComputedStyle(row).justifyContent")
    return "right" if ends == "flex-end" else "left"


def test_three_people_never_read_what_is_not_theirs(site: Site, person: MakePerson) -> None:
    ming, li, wang = person("小明", DESKTOP), person("李阿姨", PHONE), person("王叔", DESKTOP)
    actions.open_chat(ming.page, li.id)
    expect(ming.page.get_by_role("log")).to_contain_text("还没有消息")
    actions.open_chat(li.page, ming.id)
    actions.open_chat(wang.page, ming.id)
    actions.send(wang.page, "王叔的话")
    actions.expect_unread(ming.page, 1)
    actions.send(li.page, "李阿姨的话")
    actions.expect_message(ming.page, "李阿姨的话")
    expect(ming.page.get_by_role("log")).not_to_contain_text("还没有消息")
    expect(actions.entry(ming.page, wang.name)).to_contain_text("1 条未读")
    _expect_only(ming.page, "李阿姨的话")
    actions.entry(ming.page, wang.name).click()
    actions.expect_message(ming.page, "王叔的话")
    _expect_only(ming.page, "王叔的话")
    actions.send(ming.page, "给王叔的答复")
    actions.expect_message(wang.page, "给王叔的答复")
    _expect_only(li.page, "李阿姨的话")
    _expect_only(wang.page, "王叔的话", "给王叔的答复")
    assert stored_bodies(site, li.actor, wang.actor) == []


def _expect_only(page: Page, *texts: str) -> None:
    bubbles = page.get_by_role("log").locator(".x-bubble")
    expect(bubbles).to_have_text(list(texts))


def test_the_outbox_and_the_draft_belong_to_one_conversation(person: MakePerson) -> None:
    ming, li, wang = person("小明", DESKTOP), person("李阿姨", PHONE), person("王叔", PHONE)
    actions.open_chat(ming.page, wang.id)
    actions.send(ming.page, "先和王叔说一句")
    actions.expect_message(ming.page, "先和王叔说一句")
    actions.open_chat(ming.page, li.id)
    actions.message_field(ming.page).fill("给李阿姨的草稿")
    actions.entry(ming.page, wang.name).click()
    expect(ming.page.get_by_role("heading", name=wang.name)).to_be_visible()
    expect(actions.message_field(ming.page)).to_have_value("")
    ming.page.go_back()
    expect(ming.page.get_by_role("heading", name=li.name)).to_be_visible()
    expect(actions.message_field(ming.page)).to_have_value("给李阿姨的草稿")
    expect(ming.page.get_by_role("log").locator(".x-bubble")).to_have_count(0)


_KEPT = "Object.keys(localStorage).filter((key) => /^xianyu:(outbox|draft):/.test(key))"


def test_nothing_that_was_written_stays_in_the_browser_after_a_logout(person: MakePerson) -> None:
    ming, li = person("小明", DESKTOP), person("李阿姨", PHONE)
    ming.faults.allow(OUTAGE)
    actions.open_chat(ming.page, li.id)
    other_tab = ming.tab("/me")
    expect(other_tab.get_by_role("button", name="退出登录")).to_be_visible()
    ming.context.set_offline(True)
    expect(ming.page.get_by_text("连接已断开")).to_be_visible(timeout=actions.RECOVERY)
    actions.send(ming.page, "没能送出去的话")
    actions.message_field(ming.page).fill("还没写完的话")
    # Neither a reload nor a lost server takes what was written, as long as its writer is logged in.
    assert len(ming.page.evaluate(_KEPT)) == 2
    # Nobody is left to deliver it.
    ming.page.close()
    ming.context.set_offline(False)
    other_tab.reload()
    expect(other_tab.get_by_role("button", name="退出登录")).to_be_visible()
    assert len(other_tab.evaluate(_KEPT)) == 2
    other_tab.get_by_role("button", name="退出登录").click()
    other_tab.wait_for_url(f"{BASE}/")
    expect(other_tab.get_by_role("link", name="登录 / 注册")).to_be_visible()
    actions.wait_until(other_tab, f"() => {_KEPT}.length === 0")


def test_many_messages_at_once_arrive_in_order_and_once(site: Site, person: MakePerson) -> None:
    one, other = _pair(person)
    said = [f"连珠炮 {number}" for number in range(15)]
    start = time.monotonic()
    for text in said:
        actions.message_field(one.page).fill(text)
        actions.message_field(one.page).press("Enter")
    for page in (one.page, other.page):
        actions.expect_message(page, said[-1])
        _expect_only(page, *said)
    print(f"\n{len(said)} messages typed and shown: {time.monotonic() - start:.1f} s")  # noqa: T201 - as in the story
    assert stored_bodies(site, one.actor, other.actor) == said
