"""The operators' console in open tabs: reports that come in, two operators at one, bans, and what others get of it."""

import json
import logging

import pytest

from tests.external_logins import set_user
from tests.factories import PASSWORD, login_token, make_listing, make_user
from tests.live_site import Site, Tab
from tests.states import handlers_console
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.models import Role
from xianyu.schemas.accounts import Actor
from xianyu.schemas.reports import ReportForm
from xianyu.schemas.user_admin import BanForm
from xianyu.services import ban_terms, bans, operators, reports
from xianyu.states import ban_clock

DISMISSED = {"outcome": "dismissed", "answer": "没有发现问题"}


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "管理员", role=Role.OPERATOR)


async def report(tab: Tab, listing_id: int, **form: str) -> None:
    await tab.call("report_state.ask", kind="listing", ref=listing_id, seq=0)
    await tab.call("report_state.submit", form={"reason": "fraud", "photos": "{}"} | form)


def queue(tab: Tab) -> list[str]:
    return [line["reason"] for line in tab["reports_state"]["lines"]]


async def test_a_report_appears_in_every_open_queue_and_its_decision_at_the_reporter(
    site: Site, operator: Actor, two: tuple[Actor, Actor]
) -> None:
    one, other = two
    listing_id = make_listing(site.database, other)
    second = make_user(site.database, "小周", role=Role.OPERATOR)
    cookie = login_token(site.database, operator)
    overview = await site.tab(routes.ADMIN, cookie)
    consoles = [await site.tab(routes.ADMIN_REPORTS, cookie), await site.tab_of(second, routes.ADMIN_REPORTS)]
    tab = await site.tab_of(one, routes.listing(listing_id))
    await report(tab, listing_id, text="收了钱不发货")
    assert tab["report_state"]["done"] is True
    for each in consoles:
        await each.until(lambda each: queue(each) == ["诈骗"])
    await overview.until(lambda tab: tab["console_state"]["reports"] == 1)
    report_id = consoles[0]["reports_state"]["lines"][0]["id"]
    for each in consoles:
        await each.call("reports_state.ask", report_id=report_id)
    await consoles[0].call("reports_state.decide", form=DISMISSED)
    await tab.until(lambda tab: tab["shell_state"]["unread_notices"] == 1)
    for each in consoles:
        await each.until(lambda each: queue(each) == [])
    # The other one's dialog is open still, and is told who was faster.
    await consoles[1].call("reports_state.decide", form=DISMISSED)
    assert consoles[1]["reports_state"]["errors"] == {"form": "这条举报已由 管理员 处理：驳回"}
    await consoles[1].call("reports_state.choose", which="decided")
    assert queue(consoles[1]) == ["诈骗"]


async def test_what_is_wrong_with_a_report_stands_beside_its_field(site: Site, two: tuple[Actor, Actor]) -> None:
    one, other = two
    listing_id = make_listing(site.database, other)
    tab = await site.tab_of(one, routes.listing(listing_id))
    await report(tab, listing_id, reason="other")
    assert set(tab["report_state"]["errors"]) == {"text"}
    assert (tab["report_state"]["done"], tab["report_state"]["is_open"]) == (False, True)
    await report(tab, listing_id, text="重复发布")
    assert tab["report_state"]["done"] is True
    tab.updates.clear()
    await tab.call("report_state.ask", kind="listing", ref=listing_id, seq=0)
    assert "你已经举报过了，管理员还在处理" in tab.said()
    assert tab["report_state"]["is_open"] is False


async def test_after_a_report_one_can_block(site: Site, two: tuple[Actor, Actor]) -> None:
    one, other = two
    tab = await site.tab_of(one, routes.user(other.user_id))
    await tab.call("report_state.ask", kind="person", ref=other.user_id, seq=0)
    await tab.call("report_state.submit", form={"reason": "abuse", "photos": "{}"})
    await tab.call("report_state.block")
    await tab.until(lambda tab: tab["contact_state"]["standing"]["is_blocked"])
    assert tab["report_state"]["is_open"] is False


async def test_whoever_reports_too_much_has_to_wait(site: Site, two: tuple[Actor, Actor]) -> None:
    one, other = two
    tab = await site.tab_of(one, routes.user(other.user_id))
    for _ in range(6):
        await report(tab, make_listing(site.database, other))
    assert "操作太频繁" in tab["report_state"]["errors"]["form"]


async def test_a_ban_puts_open_tabs_out_and_the_login_says_until_when(
    site: Site, operator: Actor, two: tuple[Actor, Actor]
) -> None:
    bad, other = two
    listing_id = make_listing(site.database, bad)
    cookie = login_token(site.database, bad)
    tabs = [await site.tab(path, cookie) for path in (routes.ME, routes.HOME)]
    page = await site.tab_of(other, routes.listing(listing_id))
    console = await site.tab_of(operator, routes.user_admin(bad.user_id))
    await console.call("user_state.ask")
    await console.call("user_state.ban", form={"term": "7"})
    assert set(console["user_state"]["errors"]) == {"ban_reason"}
    await console.call("user_state.ban", form={"term": "7", "ban_reason": "卖假货"})
    for tab in tabs:
        await tab.until(lambda tab: tab["shell_state"]["ended"] is True)
    await page.until(lambda tab: tab["listing_state"]["listing"]["status"] == "suspended")
    assert console["user_state"]["user"]["line"]["ban"].startswith("停用至 ")
    entrance = await site.tab(routes.LOGIN, cookie)
    assert entrance["shell_state"]["user_id"] == 0
    await entrance.call("login_state.submit", form={"login": bad.username, "password": PASSWORD})
    assert entrance["login_state"]["ticket"] == ""
    assert "原因：卖假货" in entrance["login_state"]["errors"]["login"]
    # A wrong password is told nothing of it.
    await entrance.call("login_state.submit", form={"login": bad.username, "password": "不对的密码"})
    assert "卖假货" not in json.dumps(entrance["login_state"]["errors"], ensure_ascii=False)
    await console.call("user_state.unban")
    await entrance.call("login_state.submit", form={"login": bad.username, "password": PASSWORD})
    assert entrance["login_state"]["ticket"] != ""
    await page.until(lambda tab: tab["listing_state"]["listing"]["status"] == "active")


async def test_a_ban_between_the_two_steps_ends_the_login(
    site: Site, operator: Actor, two: tuple[Actor, Actor]
) -> None:
    bad, _ = two
    set_user(site.database, bad.user_id, totp_secret="encrypted")
    entrance = await site.tab(routes.LOGIN)
    await entrance.call("login_state.submit", form={"login": bad.username, "password": PASSWORD})
    assert entrance["login_state"]["needs_code"] is True
    site.database.write(bans.ban, operator, bad.user_id, BanForm(0, "诈骗"))
    await entrance.call("login_state.submit_code", form={"code": "123456"})
    assert entrance["login_state"]["needs_code"] is False
    assert "永久停用" in entrance["login_state"]["errors"]["login"]


async def test_the_link_to_the_login_page_tells_of_the_ban(
    site: Site, operator: Actor, two: tuple[Actor, Actor]
) -> None:
    bad, _ = two
    site.database.write(bans.ban, operator, bad.user_id, BanForm(7, "诈骗"))
    with pytest.raises(ban_terms.Banned) as refusal:
        site.database.read(ban_terms.refuse_banned, bad.user_id)
    carried = ban_terms.passed_on(refusal.value)
    entrance = await site.tab(routes.turned_away("/sell", carried))
    assert entrance["external_entrance_state"]["problem"] == refusal.value.message
    made_up = await site.tab(routes.turned_away("/sell", carried[:-2]))
    assert made_up["external_entrance_state"]["problem"] == ""


async def test_a_new_operator_finds_the_way_and_a_former_one_sees_no_more(
    site: Site, operator: Actor, two: tuple[Actor, Actor]
) -> None:
    one, other = two
    cookie = login_token(site.database, one)
    me = await site.tab(routes.ME, cookie)
    console = await site.tab_of(operator, routes.user_admin(one.user_id))
    await console.call("user_state.appoint")
    await me.until(lambda tab: tab["shell_state"]["is_operator"] is True)
    theirs = await site.tab(routes.ADMIN_REPORTS, cookie)
    assert theirs["console_state"]["refusal"] == ""
    await console.call("user_state.dismiss")
    await me.until(lambda tab: tab["shell_state"]["is_operator"] is False)
    listing_id = make_listing(site.database, other)
    reporter = await site.tab_of(make_user(site.database), routes.listing(listing_id))
    queue_tab = await site.tab(routes.ADMIN_REPORTS, login_token(site.database, operator))
    await report(reporter, listing_id)
    await queue_tab.until(lambda tab: len(tab["reports_state"]["lines"]) == 1)
    await theirs.settle()
    assert theirs["reports_state"]["lines"] == []


async def test_people_are_looked_for_as_one_types(site: Site, operator: Actor, two: tuple[Actor, Actor]) -> None:
    console = await site.tab_of(operator, routes.ADMIN_USERS)
    assert [line["username"] for line in console["users_state"]["lines"]] == ["小红", "小明", "管理员"]
    await console.call("users_state.look_for", words="小明")
    assert [line["username"] for line in console["users_state"]["lines"]] == ["小明"]
    await console.call("users_state.look_for", words="")
    await console.call("users_state.choose", which="banned")
    assert console["users_state"]["lines"] == []
    # Somebody is banned elsewhere.
    site_events = site.database.write(bans.ban, operator, two[0].user_id, BanForm(7, "诈骗"))
    await bus.publish(site_events)
    await console.until(lambda tab: [line["username"] for line in tab["users_state"]["lines"]] == ["小明"])


async def test_messages_around_a_reported_one_are_shown_when_asked_for(
    site: Site, operator: Actor, two: tuple[Actor, Actor]
) -> None:
    one, other = two
    tab = await site.tab_of(other, routes.conversation(one.user_id))
    for number in range(3):
        await tab.call(
            "conversation_state.send", peer_id=one.user_id, client_id=f"client-{number:04}", body=f"第{number}句"
        )
    form = ReportForm("message", other.user_id, 2, "abuse", "")
    report_id = site.database.write(reports.report, one, form).report_id
    console = await site.tab_of(operator, routes.ADMIN_REPORTS)
    assert "第0句" not in console.said()
    await console.call("reports_state.show_context", report_id=report_id)
    assert [line["body"] for line in console["reports_state"]["context"]] == ["第0句", "第1句", "第2句"]
    await console.call("reports_state.ask", report_id=report_id)
    await console.call("reports_state.decide", form={"outcome": "upheld", "answer": ""})
    assert set(console["reports_state"]["errors"]) == {"answer"}


OPERATORS_OWN = [name for name, row in handlers_console.ROWS.items() if row.get("stranger") == "只有管理员可以这样做"]


async def test_a_stranger_who_calls_an_operators_handler_leaves_a_line_in_the_log(
    site: Site, two: tuple[Actor, Actor], caplog: pytest.LogCaptureFixture
) -> None:
    stranger, _ = two
    tab = await site.tab_of(stranger, routes.HOME)
    for name in OPERATORS_OWN:
        payload = handlers_console.ROWS[name].get("payloads", ({},))[0]
        caplog.clear()
        with caplog.at_level(logging.INFO, "xianyu.security"):
            await tab.call(name, **payload)
        lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "xianyu.security"]
        refused = [line for line in lines if line.get("reason") == "OperatorsOnly"]
        assert [line["user_id"] for line in refused] == [stranger.user_id], name


async def test_the_clock_tells_open_pages(site: Site, operator: Actor, two: tuple[Actor, Actor]) -> None:
    bad, other = two
    listing_id = make_listing(site.database, bad)
    site.database.write(bans.ban, operator, bad.user_id, BanForm(7, "诈骗"))
    page = await site.tab_of(other, routes.listing(listing_id))
    assert page["listing_state"]["listing"]["status"] == "suspended"
    site.database.write(operators.promote, bad.username)
    await ban_clock.settle()
    await page.until(lambda tab: tab["listing_state"]["listing"]["status"] == "active")
