"""What can be done in a conversation: pictures, cards, links, menus, deleting and taking back."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from tests.e2e import actions, talks
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, jpeg, offer, stored_bodies
from tests.e2e.site import BASE, Site
from xianyu.models import metadata
from xianyu.models.types import utc_now
from xianyu.services import messages

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def test_taking_back_empties_it_on_both_sides_and_in_every_tab(site: Site, person: MakePerson) -> None:
    one, other, third = talks.three(person)
    second = other.tab("/messages")
    actions.send(one.page, "手滑发错了")
    actions.send(one.page, "这句是对的")
    actions.expect_message(other.page, "手滑发错了")
    actions.send(third.page, "和你们无关")
    talks.choose(one.page, "手滑发错了", "撤回")
    talks.expect_texts(one.page, "你撤回了一条消息", "这句是对的")
    talks.expect_texts(other.page, f"{one.name} 撤回了一条消息", "这句是对的")
    talks.choose(one.page, "这句是对的", "撤回")
    expect(actions.entry(second, one.name)).to_contain_text("撤回了一条消息")
    expect(actions.entry(one.page, other.name)).to_contain_text("你撤回了一条消息")
    for page in (one.page, other.page):
        expect(page.get_by_role("status").filter(has_text=re.compile("失败|出了点问题"))).to_have_count(0)
        page.reload()
        expect(page.get_by_role("log").get_by_text("撤回了一条消息")).to_have_count(2)
    talks.expect_texts(third.page, "和你们无关")
    assert stored_bodies(site, one.actor, other.actor) == ["", ""]
    # What the other wrote cannot be taken back, nor what is old.
    actions.send(other.page, "我说的")
    actions.bubble(one.page, "我说的").click(button="right")
    expect(talks.message_menu(one.page).get_by_role("menuitem", name="撤回")).to_have_count(0)


def _age(site: Site, minutes: int) -> None:
    message = metadata.tables["message"]
    earlier = utc_now() - timedelta(minutes=minutes)
    site.database.write(lambda session: session.execute(sa.update(message).values(sent_at=earlier)))


def test_what_is_too_old_to_take_back_is_not_offered_and_says_why(site: Site, person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    actions.send(one.page, "过了两分钟")
    actions.expect_message(one.page, "过了两分钟")
    # The page still takes it for new.
    _age(site, 3)
    talks.choose(one.page, "过了两分钟", "撤回")
    expect(one.page.get_by_text("发送超过 2 分钟，不能撤回了")).to_be_visible()
    talks.expect_texts(other.page, "过了两分钟")
    one.page.reload()
    actions.bubble(one.page, "过了两分钟").click(button="right")
    expect(talks.message_menu(one.page).get_by_role("menuitem")).to_have_text(["复制", "删除", "多选"])


def test_deleting_one_or_several_is_for_me_alone_and_for_good(site: Site, person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    for number in range(1, 6):
        actions.send(one.page, f"第 {number} 句")
        actions.expect_message(other.page, f"第 {number} 句")
    second = other.tab(f"/messages/{one.id}")
    expect(second.get_by_role("log").locator(".x-bubble")).to_have_count(5)
    # On a phone by a long press, which opens the same menu.
    talks.long_press(other.page, actions.bubble(other.page, "第 5 句"))
    expect(talks.message_menu(other.page).get_by_role("menuitem")).to_have_text(["复制", "删除", "多选", "举报"])
    talks.expect_inside(other.page, talks.message_menu(other.page))
    talks.shoot(other.page, "menu-phone")
    talks.message_menu(other.page).get_by_role("menuitem", name="删除").tap()
    left = [f"第 {number} 句" for number in range(1, 5)]
    for page in (other.page, second):
        talks.expect_texts(page, *left)
    second.set_viewport_size(DESKTOP)
    expect(actions.entry(second, one.name)).to_contain_text("第 4 句")
    # Several at once.
    talks.long_press(other.page, actions.bubble(other.page, "第 1 句"))
    talks.message_menu(other.page).get_by_role("menuitem", name="多选").tap()
    bar = other.page.get_by_role("group", name="多选")
    expect(bar).to_contain_text("已选 1 条")
    other.page.get_by_role("checkbox", name="选择第 3 条消息").check()
    expect(bar).to_contain_text("已选 2 条")
    talks.shoot(other.page, "choosing-phone")
    bar.get_by_role("button", name="取消").tap()
    expect(actions.message_field(other.page)).to_be_visible()
    talks.expect_texts(other.page, *left)
    talks.long_press(other.page, actions.bubble(other.page, "第 1 句"))
    talks.message_menu(other.page).get_by_role("menuitem", name="多选").tap()
    actions.row(other.page, "第 3 句").tap()
    bar.get_by_role("button", name="删除").tap()
    for page in (other.page, second):
        talks.expect_texts(page, "第 2 句", "第 4 句")
        expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
    other.page.reload()
    talks.expect_texts(other.page, "第 2 句", "第 4 句")
    assert len(talks.texts(one.page)) == 5
    assert len(stored_bodies(site, one.actor, other.actor)) == 5


def test_clearing_asks_first_and_takes_the_line_away_until_something_new_comes(person: MakePerson) -> None:
    one, other, third = talks.three(person)
    actions.send(other.page, "旧的一句")
    actions.send(third.page, "王叔的话")
    actions.expect_message(one.page, "旧的一句")
    for answer in ("取消", "清空"):
        one.page.get_by_role("button", name="更多").click()
        menu = one.page.get_by_role("menu", name="会话菜单")
        talks.expect_inside(one.page, menu)
        menu.get_by_role("menuitem", name="清空聊天记录").click()
        dialog = one.page.get_by_role("dialog", name="清空聊天记录？")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name=answer).click()
        expect(dialog).to_have_count(0)
        if answer == "取消":
            expect(actions.bubble(one.page, "旧的一句")).to_have_count(1)
    expect(one.page.get_by_role("log")).to_contain_text("还没有消息")
    expect(actions.entry(one.page, other.name)).to_have_count(0)
    expect(actions.entry(one.page, third.name)).to_have_count(1)
    one.page.reload()
    expect(one.page.get_by_role("log")).to_contain_text("还没有消息")
    expect(actions.entry(one.page, other.name)).to_have_count(0)
    assert talks.texts(other.page) == ["旧的一句"]
    actions.send(other.page, "新的一句")
    talks.expect_texts(one.page, "新的一句")
    expect(actions.entry(one.page, other.name)).to_contain_text("新的一句")
    talks.expect_texts(other.page, "旧的一句", "新的一句")


def test_the_menu_opens_by_keyboard_and_stays_inside_the_window(person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    one.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=BASE)
    for number in range(1, 31):
        actions.send(other.page, f"第 {number} 句")
    actions.expect_message(one.page, "第 30 句")
    newest = actions.bubble(one.page, "第 30 句")
    newest.focus()
    one.page.keyboard.press("ArrowUp")
    expect(actions.bubble(one.page, "第 29 句")).to_be_focused()
    one.page.keyboard.press("Enter")
    expect(talks.message_menu(one.page)).to_be_visible()
    talks.expect_inside(one.page, talks.message_menu(one.page))
    expect(talks.message_menu(one.page).get_by_role("menuitem", name="复制")).to_be_focused()
    one.page.keyboard.press("ArrowDown")
    expect(talks.message_menu(one.page).get_by_role("menuitem", name="删除")).to_be_focused()
    one.page.keyboard.press("Escape")
    expect(talks.message_menu(one.page)).to_have_count(0)
    expect(actions.bubble(one.page, "第 29 句")).to_be_focused()
    one.page.keyboard.press("ContextMenu")
    expect(talks.message_menu(one.page)).to_be_visible()
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_text("已复制")).to_be_visible()
    assert one.page.evaluate("navigator.clipboard.readText()") == "第 29 句"
    # At each edge of the window.
    for page in (one.page, other.page):
        for bubble in (page.locator("[data-bubble]").last, page.locator("[data-bubble]:visible").nth(20)):
            bubble.scroll_into_view_if_needed()
            box = bubble.bounding_box()
            assert box is not None
            page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, button="right")
            expect(talks.message_menu(page)).to_be_visible()
            talks.expect_inside(page, talks.message_menu(page))
            page.keyboard.press("Escape")


def test_photos_are_sent_seen_large_and_taken_back(site: Site, person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    talks.send_photos(
        one.page, actions.photo_file(jpeg(1200, 800)), actions.photo_file(jpeg(600, 900, "#884422"), "b.jpg")
    )
    for page in (one.page, other.page):
        photos = page.get_by_role("log").get_by_role("img", name="照片，点开看大图")
        expect(photos).to_have_count(2)
        for photo in photos.all():
            actions.wait_until(
                page, "() => [...document.querySelectorAll('.x-photo img')].every(img => img.naturalWidth > 0)"
            )
            assert photo.bounding_box() is not None
    expect(actions.entry(one.page, other.name)).to_contain_text("[图片]")
    talks.shoot(one.page, "photo-desktop")
    talks.shoot(other.page, "photo-phone")
    photos = other.page.get_by_role("log").get_by_role("img", name="照片，点开看大图")
    photos.first.tap()
    large = other.page.get_by_role("dialog", name="大图")
    expect(large.get_by_role("img", name="照片")).to_be_visible()
    talks.expect_inside(other.page, large.get_by_role("img", name="照片"))
    large.get_by_role("button", name="关闭大图").tap()
    expect(large).to_have_count(0)
    # They are part of the conversation: the cleaning leaves them alone.
    in_talk = sa.select(sa.func.count()).where(metadata.tables["photo"].c.conversation_id.is_not(None))
    assert site.database.read(lambda session: session.execute(in_talk).scalar_one()) == 2
    one.page.get_by_role("log").get_by_role("img", name="照片，点开看大图").first.click(button="right")
    expect(talks.message_menu(one.page).get_by_role("menuitem")).to_have_text(["撤回", "删除", "多选"])
    talks.message_menu(one.page).get_by_role("menuitem", name="撤回").click()
    expect(photos).to_have_count(1)
    assert site.database.read(lambda session: session.execute(in_talk).scalar_one()) == 1


def test_a_bad_photo_says_why_and_spoils_nothing(person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    one.faults.allow("415|422|Failed to load resource")
    talks.send_photos(one.page, actions.photo_file(b"no photo"), actions.photo_file(jpeg()))
    expect(one.page.get_by_role("log").get_by_role("alert")).to_contain_text("请选择 JPEG")
    expect(other.page.get_by_role("log").get_by_role("img", name="照片，点开看大图")).to_have_count(1)
    one.page.get_by_role("log").get_by_role("button", name="删除").click()
    expect(one.page.get_by_role("log").get_by_role("alert")).to_have_count(0)


def test_a_listing_goes_as_a_card_by_button_and_by_link(site: Site, person: MakePerson) -> None:
    one, other, third = person("小明", DESKTOP), person("李阿姨", PHONE), person("王叔", DESKTOP)
    bike, lamp, foreign = (
        offer(site, seller.actor, title)
        for seller, title in ((other, "捷安特山地车"), (one, "护眼台灯"), (third, "王叔的椅子"))
    )
    site.database.write(messages.want, one.actor, bike)
    actions.open_chat(one.page, other.id)
    actions.open_chat(other.page, one.id)
    one.page.get_by_role("button", name="发送这件宝贝").click()
    for page in (one.page, other.page):
        card = page.get_by_role("log").get_by_role("link", name="捷安特山地车")
        expect(card).to_contain_text("180.50")
    actions.send(one.page, f"{BASE}/listing/{lamp}")
    expect(other.page.get_by_role("log").get_by_role("link", name="护眼台灯")).to_be_visible()
    # Neither one's: a link like any other of this site.
    actions.send(one.page, f"{BASE}/listing/{foreign}")
    actions.expect_message(other.page, f"{BASE}/listing/{foreign}")
    expect(actions.entry(one.page, other.name)).to_contain_text("/listing/")
    talks.shoot(one.page, "card-desktop")
    talks.shoot(other.page, "card-phone")
    other.page.get_by_role("log").get_by_role("link", name="护眼台灯").click()
    expect(other.page.get_by_role("heading", level=1, name="护眼台灯")).to_be_visible()


def test_links_open_inside_or_ask_first(person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    text = f"看看 https://evil.example/pay?x=1。还有{BASE}/me，以及 javascript:alert(1)"
    actions.send(one.page, text)
    links = other.page.get_by_role("log").get_by_role("link")
    expect(links).to_have_count(2)
    away, inside = links.nth(0), links.nth(1)
    expect(away).to_have_attribute("href", "https://evil.example/pay?x=1")
    expect(away).to_have_attribute("rel", re.compile("noopener.*nofollow"))
    away.click()
    dialog = other.page.get_by_role("dialog", name="要离开本站吗？")
    expect(dialog).to_contain_text("https://evil.example/pay?x=1")
    talks.shoot(other.page, "leaving-phone")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_have_count(0)
    assert len(other.context.pages) == 1
    away.click()
    other.faults.allow("evil.example|ERR_")
    other.context.route("https://evil.example/**", lambda route: route.fulfill(body="away"))
    with other.context.expect_page() as opened:
        dialog.get_by_role("link", name="继续前往").click()
    assert opened.value.url.startswith("https://evil.example/")
    opened.value.close()
    expect(dialog).to_have_count(0)
    inside.click()
    other.page.wait_for_url(f"{BASE}/me")


def test_phrases_and_emoji_go_into_the_field(person: MakePerson) -> None:
    one, other, _ = talks.three(person)
    one.page.get_by_role("button", name="常用语").click()
    talks.shoot(one.page, "phrases-desktop")
    one.page.get_by_role("group", name="选择常用语").get_by_role("button", name="还在吗？").click()
    expect(actions.message_field(one.page)).to_have_value("还在吗？")
    one.page.get_by_role("button", name="表情", exact=True).click()
    talks.shoot(one.page, "emoji-desktop")
    panel = one.page.get_by_role("group", name="选择表情")
    panel.get_by_role("button", name="😊").click()
    panel.get_by_role("button", name="🙏").click()
    expect(actions.message_field(one.page)).to_have_value("还在吗？😊🙏")
    one.page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    one.page.get_by_role("button", name="发送", exact=True).click()
    actions.expect_message(other.page, "还在吗？😊🙏")
    other.page.get_by_role("button", name="表情", exact=True).tap()
    talks.shoot(other.page, "emoji-phone")
    for button in other.page.get_by_role("group", name="选择表情").get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
