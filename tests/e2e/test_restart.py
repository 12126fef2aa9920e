"""What people did in a browser is still there after the server was restarted and the page loaded again."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e import actions
from tests.e2e.conftest import MakePerson
from tests.e2e.people import PHONE, offer
from tests.e2e.site import BASE, Site
from tests.factories import make_activity, make_announcement, make_user
from xianyu import routes
from xianyu.models import Role

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]


def test_what_one_did_outlives_a_restart(site: Site, person: MakePerson) -> None:
    one, other = person("小明", PHONE), person("李阿姨")
    for each in (one, other):
        each.faults.allow(r"WebSocket|net::ERR_|status of 50|status of 404|Error loading route|dynamically imported")
    listing_id = offer(
        site, other.actor, "带货架的通勤车", tags=("通勤",), original_price_fen=90_000, is_negotiable=True
    )
    activity_id = make_activity(site.database, other.actor, title="周末羽毛球")
    make_announcement(site.database, make_user(site.database, role=Role.OPERATOR), title="停水通知")
    page = one.go(routes.listing(listing_id))
    page.get_by_role("button", name="收藏").click()
    expect(page.get_by_role("button", name="已收藏")).to_be_visible()
    page.goto(f"{BASE}{routes.activity(activity_id)}")
    page.get_by_role("button", name="报名", exact=True).click()
    expect(page.get_by_role("button", name="取消报名")).to_be_visible()
    page.goto(f"{BASE}{routes.SEARCH}?q=通勤车")
    page.get_by_role("button", name="订阅这个搜索").click()
    expect(page.get_by_role("link", name=re.compile("已订阅"))).to_be_visible()
    page.get_by_role("button", name="知道了").click()
    page.goto(f"{BASE}{routes.SETTINGS}")
    page.get_by_role("textbox", name="昵称").fill("王师傅")
    page.get_by_role("button", name="保存资料").click()
    expect(page.get_by_role("status").filter(has_text="资料已保存")).to_be_visible()
    actions.open_chat(page, other.id)
    actions.send(page, "车还在吗")
    actions.expect_message(page, "车还在吗")
    other.go("/messages?box=notices")

    site.restart()
    page.reload()
    actions.expect_message(page, "车还在吗")
    page.goto(f"{BASE}{routes.listing(listing_id)}")
    expect(page.get_by_role("button", name="已收藏")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("通勤")
    page.goto(f"{BASE}{routes.FAVORITES}")
    expect(page.get_by_role("link", name=re.compile("^带货架的通勤车"))).to_be_visible()
    page.goto(f"{BASE}{routes.HISTORY}")
    expect(page.get_by_role("link", name=re.compile("^带货架的通勤车"))).to_be_visible()
    page.goto(f"{BASE}{routes.activity(activity_id)}")
    expect(page.get_by_role("button", name="取消报名")).to_be_visible()
    page.goto(f"{BASE}{routes.SAVED_SEARCHES}")
    expect(page.get_by_role("main")).to_contain_text("通勤车")
    page.goto(f"{BASE}{routes.SEARCH}?q=tongqinche")
    expect(page.get_by_role("link", name=re.compile("^带货架的通勤车"))).to_be_visible()
    page.goto(f"{BASE}{routes.HOME}?section=announcement")
    expect(page.get_by_role("main")).to_contain_text("停水通知")
    page.goto(f"{BASE}{routes.SETTINGS}")
    expect(page.get_by_role("textbox", name="昵称")).to_have_value("王师傅")
    other.page.reload()
    expect(other.page.get_by_role("main")).to_contain_text("收藏了你的")
    actions.open_chat(other.page, one.id)
    actions.expect_message(other.page, "车还在吗")
