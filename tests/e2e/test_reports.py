"""A neighbour reports, an operator decides, and everybody whom it concerns sees what came of it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e import actions, audit
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, jpeg, offer, write
from tests.e2e.site import BASE, Site
from tests.e2e.test_pages import SHOTS, Sight, look_at
from tests.factories import PASSWORD, make_user
from xianyu import routes
from xianyu.models import Role
from xianyu.schemas.reports import Decision, ReportForm
from xianyu.schemas.user_admin import BanForm
from xianyu.services import bans, operators, plaza, report_decisions, reports

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def make_operator(site: Site, one: Person) -> None:
    site.database.write(operators.promote, one.name)


def press_report(page: Page) -> None:
    page.get_by_role("button", name="举报", exact=True).click()
    expect(page.get_by_role("dialog", name="举报")).to_be_visible()


def choose_from_menu(page: Page, text: str, choice: str) -> None:
    actions.bubble(page, text).click(button="right")
    page.get_by_role("menuitem", name=choice, exact=True).click()


def test_a_report_with_evidence_is_upheld_and_its_accused_is_out(site: Site, person: MakePerson) -> None:
    bad, reporter, operator = person("卖假货的"), person("小美", PHONE), person("管理员")
    make_operator(site, operator)
    listing_id = offer(site, bad.actor, "全新手机")
    queue = operator.go(routes.ADMIN_REPORTS)
    expect(queue.get_by_text("没有待处理的举报")).to_be_visible()
    open_tab = bad.go(routes.ME)
    expect(open_tab.get_by_role("button", name="退出登录")).to_be_visible()

    page = reporter.go(routes.listing(listing_id))
    press_report(page)
    dialog = page.get_by_role("dialog", name="举报")
    dialog.get_by_role("button", name="提交举报").click()
    expect(dialog.get_by_text("请选择举报原因")).to_be_visible()
    dialog.get_by_role("radio", name="诈骗").check()
    dialog.get_by_role("textbox", name="说明").fill("付款后拿到的是模型机")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(dialog.get_by_role("img", name="第 1 张照片")).to_be_visible()
    expect(dialog.locator("progress")).to_have_count(0)
    dialog.get_by_role("button", name="提交举报").click()
    expect(dialog.get_by_text("已收到，管理员会尽快处理")).to_be_visible()
    dialog.get_by_role("button", name="好的").click()
    expect(dialog).to_have_count(0)

    # The operator's open queue shows it, with what it said and the evidence.
    expect(queue.get_by_text("付款后拿到的是模型机")).to_be_visible()
    expect(queue.get_by_role("img", name="举报人提供的照片")).to_be_visible()
    expect(queue.get_by_role("link", name=re.compile("1 条待处理"))).to_be_visible()
    queue.get_by_role("button", name="处理", exact=True).click()
    deciding = queue.get_by_role("dialog", name="处理举报")
    deciding.get_by_role("radio", name="成立").check()
    deciding.get_by_role("textbox", name="给举报人的答复").fill("已下架并停用账号")
    deciding.get_by_role("checkbox", name="下架这件宝贝").check()
    deciding.get_by_role("combobox", name="停用账号").select_option("7 天")
    deciding.get_by_role("textbox", name="停用原因").fill("出售模型机")
    deciding.get_by_role("button", name="提交处理").click()
    expect(deciding).to_have_count(0)
    expect(queue.get_by_text("没有待处理的举报")).to_be_visible()

    # The banned person's open tab is logged out by itself, and the login says until when.
    expect(open_tab).to_have_url(re.compile("/login"))
    open_tab.get_by_role("textbox", name="用户名或邮箱").fill(bad.name)
    open_tab.get_by_label("密码").fill(PASSWORD)
    open_tab.get_by_role("button", name="登录", exact=True).click()
    refusal = open_tab.get_by_role("alert").filter(has_text=re.compile(r"停用至 .*\d+月\d+日.*原因：出售模型机"))
    expect(refusal).to_be_visible()

    # The reporter sees the notice live, and what became of the listing.
    actions.expect_unread(page, 1)
    page.goto(f"{BASE}{routes.box('notices')}")
    notice = page.get_by_role("main").get_by_text(re.compile("全新手机.*已核实，举报成立"))
    expect(notice).to_be_visible()
    expect(page.get_by_text("已下架并停用账号")).to_be_visible()
    page.goto(BASE + routes.listing(listing_id))
    expect(page.get_by_role("main").get_by_text("已下架").first).to_be_visible()


def test_a_visitor_is_sent_to_log_in_and_back(site: Site, person: MakePerson) -> None:
    seller, visitor = make_user(site.database, "卖家"), person()
    account = make_user(site.database, "回来的人")
    listing_id = offer(site, seller, "旧台灯")
    page = visitor.go(routes.listing(listing_id))
    page.get_by_role("button", name="举报", exact=True).click()
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_role("textbox", name="用户名或邮箱").fill(account.username)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page).to_have_url(f"{BASE}{routes.listing(listing_id)}")
    press_report(page)
    # By keyboard it is left, and the focus is where it was.
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="举报")).to_have_count(0)
    expect(page.get_by_role("button", name="举报", exact=True)).to_be_focused()


def test_messages_are_reported_from_their_menus(site: Site, person: MakePerson) -> None:
    me, other = person("小明"), make_user(site.database, "骂人的")
    write(site, other, me.actor, "滚开")
    site.database.write(plaza.post, other, "client-0001", "加我微信")
    page = me.go(routes.conversation(other.user_id))
    choose_from_menu(page, "滚开", "举报")
    dialog = page.get_by_role("dialog", name="举报")
    expect(dialog).to_contain_text("骂人的 的消息")
    dialog.get_by_role("radio", name="骚扰辱骂").check()
    dialog.get_by_role("button", name="提交举报").click()
    dialog.get_by_role("button", name="拉黑 TA").click()
    expect(page.get_by_text("你已拉黑对方")).to_be_visible()
    page.goto(BASE + routes.PLAZA)
    expect(page.get_by_role("log")).to_be_visible()
    actions.send(page, "大家好")
    actions.expect_message(page, "大家好")
    # One's own has no such choice.
    actions.bubble(page, "大家好").click(button="right")
    expect(page.get_by_role("menuitem", name="撤回")).to_be_visible()
    expect(page.get_by_role("menuitem", name="举报")).to_have_count(0)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_of_the_console_keeps_what_all_pages_promise(
    site: Site, person: MakePerson, viewport: ViewportSize
) -> None:
    operator, reporter = person("管理员", viewport), person("小美", viewport)
    make_operator(site, operator)
    acting = replace(operator.actor, role=Role.OPERATOR)
    bad = make_user(site.database, "卖假货的")
    listing_id = offer(site, bad, "全新手机")
    write(site, bad, reporter.actor, "加我微信便宜五十", "不买就滚")
    database = site.database

    def report(form: ReportForm) -> int:
        return database.write(reports.report, reporter.actor, form).report_id

    settled = report(ReportForm("person", bad.user_id, 0, "spam", "天天发广告"))
    decision = Decision(is_upheld=True, answer="已经提醒对方")
    database.write(report_decisions.decide, acting, settled, decision)
    report(ReportForm("listing", listing_id, 0, "fraud", "付款后拿到的是模型机"))
    report(ReportForm("message", bad.user_id, 2, "abuse", ""))
    banned = make_user(database, "被停用的人")
    database.write(bans.ban, acting, banned.user_id, BanForm(7, "多次诈骗"))
    sights = [
        Sight("console-reports", routes.ADMIN_REPORTS, "举报", "付款后拿到的是模型机"),
        Sight("console-users", routes.ADMIN_USERS, "用户", "被停用的人"),
        Sight("console-user", routes.user_admin(bad.user_id), "用户", "全新手机"),
        Sight("console-user-banned", routes.user_admin(banned.user_id), "用户", "多次诈骗"),
    ]
    found = [f"{sight.name}: {one}" for sight in sights for one in look_at(operator.page, sight)]
    found += [f"context: {one}" for one in _look_at_context(operator.page)]
    found += [f"deciding: {one}" for one in _look_at_decision(operator.page)]
    found += [f"banning: {one}" for one in _look_at_ban(operator.page, bad.user_id)]
    found += [f"reporting: {one}" for one in _look_at_report(reporter.page, bad.user_id)]
    refused = Sight("console-refused", routes.ADMIN_REPORTS, "举报", "只有管理员可以这样做")
    found += [f"refused: {one}" for one in look_at(reporter.page, refused)]
    assert not found, "\n".join(found)


def _both(page: Page, name: str) -> list[str]:
    """What is wrong with what the page shows, in both schemes; what lies behind a dialog is meant to."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        if scheme == "dark":
            actions.wait_until(page, audit.IS_DARK)
        if SHOTS:
            size = page.viewport_size
            actions.save(page, Path(SHOTS), f"{name}-{scheme}-{size['width'] if size else 0}")
        found += [f"{scheme}: {one}" for one in audit.findings(page) if "is covered by <dialog" not in one]
    return found


def _look_at_context(page: Page) -> list[str]:
    page.goto(BASE + routes.ADMIN_REPORTS)
    page.get_by_role("button", name="查看前后的消息").click()
    expect(page.get_by_role("list", name="前后的消息")).to_contain_text("加我微信便宜五十")
    page.get_by_role("list", name="前后的消息").scroll_into_view_if_needed()
    return _both(page, "console-context")


def _look_at_decision(page: Page) -> list[str]:
    page.goto(BASE + routes.ADMIN_REPORTS)
    page.get_by_role("button", name="处理", exact=True).first.click()
    dialog = page.get_by_role("dialog", name="处理举报")
    dialog.get_by_role("radio", name="成立").check()
    dialog.get_by_role("combobox", name="停用账号").select_option("永久")
    dialog.get_by_role("button", name="提交处理").click()
    expect(dialog.get_by_text("请填写停用原因")).to_be_visible()
    return _both(page, "console-deciding")


def _look_at_ban(page: Page, user_id: int) -> list[str]:
    page.goto(BASE + routes.user_admin(user_id))
    page.get_by_role("button", name="停用账号").click()
    dialog = page.get_by_role("dialog", name=re.compile("^停用 "))
    dialog.get_by_role("button", name="停用", exact=True).click()
    expect(dialog.get_by_text("请选择停用多久").last).to_be_visible()
    return _both(page, "console-banning")


def _look_at_report(page: Page, user_id: int) -> list[str]:
    page.goto(BASE + routes.user(user_id))
    press_report(page)
    page.get_by_role("radio", name="其他").check()
    page.get_by_role("button", name="提交举报").click()
    expect(page.get_by_text("请填写说明")).to_be_visible()
    return _both(page, "reporting")
