"""Activities and announcements in real browsers."""

import os
import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Locator, Page, ViewportSize, expect
from sqlmodel import col

from tests.e2e import actions, audit
from tests.e2e.conftest import MakePerson
from tests.e2e.people import DESKTOP, PHONE, Person, jpeg, log_in
from tests.e2e.site import BASE, Site
from tests.factories import make_activity, make_announcement, make_user
from xianyu import routes
from xianyu.models import Activity, ActivityStatus, Role
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import activities, local_time

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e")]

# Where to put a picture of each page, for people to look at; nowhere unless it is set.
SHOTS = os.environ.get("XIANYU_E2E_SHOTS", "")
TITLE = "周六下午羽毛球双打"
NOWHERE = 999_999


def tab(page: Page, name: str) -> Locator:
    return page.get_by_role("tab", name=name, exact=True)


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("tabpanel").get_by_role("link", name=re.compile(f"^{title}"))


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def fill_activity(page: Page, capacity: str = "2") -> None:
    starts = utc_now() + timedelta(days=5)
    page.get_by_role("textbox", name="标题").fill(TITLE)
    page.get_by_role("textbox", name="活动介绍").fill("自带球拍，场地费大家平分。\n新手也欢迎。")
    page.get_by_label("开始时间").fill(local_time.for_input(starts))
    page.get_by_label("结束时间").fill(local_time.for_input(starts + timedelta(hours=2)))
    page.get_by_role("textbox", name="地点").fill("社区体育馆 2 号场")
    page.get_by_label("人数上限").fill(capacity)


def an_operator(site: Site, person: MakePerson, viewport: ViewportSize = DESKTOP) -> Person:
    operator = person("", viewport)
    log_in(site, operator.context, make_user(site.database, "物业管理员", role=Role.OPERATOR))
    return operator


def test_neighbours_meet_for_an_activity(site: Site, person: MakePerson) -> None:
    organizer, first, second = person("组织者"), person("小明", PHONE), person("李阿姨")
    first.go("/")
    tab(first.page, "活动").click()
    first.page.wait_for_url(f"{BASE}/?section=activity")
    expect(tab(first.page, "活动")).to_have_attribute("aria-selected", "true")
    expect(main(first.page)).to_contain_text("还没有活动")
    _organize(organizer.page)
    address = organizer.page.url
    first.page.get_by_role("button", name="有新发布").click(timeout=actions.LIVE)
    expect(card(first.page, TITLE)).to_contain_text("0/2 人")
    card(first.page, TITLE).click()
    first.page.wait_for_url(address)
    expect(first.page.get_by_role("heading", level=1)).to_have_text(TITLE)
    watcher = person("", PHONE)
    watcher.go("/?section=activity")
    _sign_up(first, second, organizer, address)
    expect(card(watcher.page, TITLE)).to_contain_text("2/2 人", timeout=actions.LIVE)
    expect(card(watcher.page, TITLE)).to_contain_text("已满")
    late = person("来晚了", PHONE)
    late.page.goto(address)
    expect(late.page.get_by_role("button", name="名额已满")).to_be_disabled()
    _leave(first, late)
    _edit_and_cancel(organizer, late)


def _organize(page: Page) -> None:
    page.goto(f"{BASE}/sell")
    page.get_by_role("navigation", name="发布什么").get_by_role("link", name="活动").click()
    page.wait_for_url(f"{BASE}/activity/new")
    page.get_by_role("button", name="发布", exact=True).click()
    expect(main(page)).to_contain_text("请填写标题")
    fill_activity(page, capacity="1000")
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="发布", exact=True).click()
    expect(main(page)).to_contain_text("人数上限要是 1 到 999 的整数")
    # Nothing of what was typed is lost.
    expect(page.get_by_role("textbox", name="标题")).to_have_value(TITLE)
    expect(actions.photos_in_form(page)).to_have_count(1)
    page.get_by_label("人数上限").fill("2")
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/activity/\d+$"))
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(main(page)).to_contain_text(re.compile(r"\d+月\d+日 周[一二三四五六日] \d\d:\d\d"))
    expect(page.get_by_role("button", name="报名")).to_have_count(0)


def _sign_up(first: Person, second: Person, organizer: Person, address: str) -> None:
    second.page.goto(address)
    first.page.get_by_role("button", name="报名", exact=True).click()
    expect(first.page.get_by_role("button", name="取消报名")).to_be_visible()
    for one in (organizer, second):
        guest = one.page.get_by_role("list", name="参加的人").get_by_role("link", name=first.name)
        expect(guest).to_have_attribute("href", f"/user/{first.id}", timeout=actions.LIVE)
        expect(main(one.page)).to_contain_text("1/2 人")
    actions.expect_unread(organizer.page, 1)
    second.page.get_by_role("button", name="报名", exact=True).click()
    expect(main(first.page)).to_contain_text("2/2 人", timeout=actions.LIVE)
    expect(main(organizer.page)).to_contain_text("已满", timeout=actions.LIVE)


def _leave(first: Person, late: Person) -> None:
    first.page.get_by_role("button", name="取消报名").click()
    expect(first.page.get_by_role("button", name="报名", exact=True)).to_be_visible()
    late.page.get_by_role("button", name="报名", exact=True).click(timeout=actions.LIVE)
    expect(first.page.get_by_role("button", name="名额已满")).to_be_visible(timeout=actions.LIVE)


def _edit_and_cancel(organizer: Person, guest: Person) -> None:
    page = organizer.page
    page.get_by_role("link", name="编辑").click()
    expect(page.get_by_role("textbox", name="标题")).to_have_value(TITLE)
    expect(actions.photos_in_form(page)).to_have_count(1)
    page.get_by_label("人数上限").fill("1")
    page.get_by_role("button", name="保存").click()
    expect(main(page)).to_contain_text("已经有 2 人报名")
    page.get_by_label("人数上限").fill("8")
    page.get_by_role("textbox", name="地点").fill("北门篮球场")
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile(r"/activity/\d+$"))
    expect(main(guest.page)).to_contain_text("北门篮球场", timeout=actions.LIVE)
    expect(main(guest.page)).to_contain_text("2/8 人")
    page.get_by_role("button", name="取消活动").click()
    page.get_by_role("alertdialog").get_by_role("button", name="取消活动").click()
    expect(main(guest.page)).to_contain_text("已取消", timeout=actions.LIVE)
    expect(guest.page.get_by_role("button", name=re.compile("报名"))).to_have_count(0)
    guest.page.goto(f"{BASE}/me")
    guest.page.get_by_text("我的活动").click()
    expect(guest.page.get_by_role("link", name=re.compile(TITLE))).to_contain_text("已取消")


def test_a_visitor_is_led_through_the_login_and_then_comes(site: Site, person: MakePerson) -> None:
    organizer, account, visitor = person("组织者"), person("阿强"), person("", PHONE)
    activity_id = make_activity(site.database, organizer.actor, title=TITLE)
    page = visitor.go(f"/activity/{activity_id}")
    page.get_by_role("button", name="报名", exact=True).click()
    page.wait_for_url(re.compile(r"/login\?next="))
    actions.log_in_here(page, account.name)
    page.wait_for_url(f"{BASE}/activity/{activity_id}")
    expect(page.get_by_role("list", name="参加的人")).to_contain_text(account.name)
    page.get_by_role("button", name="取消报名").click()
    expect(page.get_by_role("button", name="报名", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="报名", exact=True)).to_be_visible()
    expect(main(page)).to_contain_text("还没有人报名")


def test_an_activity_ends_while_it_is_looked_at(site: Site, person: MakePerson) -> None:
    organizer, neighbour = person("组织者"), person("小明", PHONE)
    now = utc_now()
    times = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(seconds=6)}
    activity_id = make_activity(site.database, organizer.actor, title=TITLE, **times)
    page = neighbour.go(f"/activity/{activity_id}")
    expect(page.get_by_role("button", name="报名", exact=True)).to_be_visible()
    expect(main(page)).to_contain_text("已结束", timeout=15_000)
    expect(page.get_by_role("button", name="报名", exact=True)).to_have_count(0)
    neighbour.go("/?section=activity")
    expect(card(page, TITLE)).to_contain_text("已结束")


def test_operators_announce_and_neighbours_read(site: Site, person: MakePerson) -> None:
    operator, reader = an_operator(site, person), person("小明", PHONE)
    make_announcement(site.database, make_user(site.database, role=Role.OPERATOR), title="旧的公告")
    reader.go("/?section=announcement")
    expect(card(reader.page, "旧的公告")).to_be_visible()
    expect(main(reader.page).get_by_role("link", name="发布公告")).to_have_count(0)
    page = operator.go("/?section=announcement")
    main(page).get_by_role("link", name="发布公告").click()
    page.wait_for_url(f"{BASE}/announcement/new")
    page.get_by_role("textbox", name="标题").fill("周三停水通知")
    page.get_by_role("textbox", name="正文").fill("周三上午九点到十一点检修水管，\n请提前储水。")
    page.get_by_label("置顶").check()
    actions.choose_photos(page, actions.photo_file(jpeg()))
    expect(page.get_by_role("progressbar")).to_have_count(0)
    page.get_by_role("button", name="发布", exact=True).click()
    page.wait_for_url(re.compile(r"/announcement/\d+$"))
    expect(main(page)).to_contain_text("请提前储水")
    reader.page.get_by_role("button", name="有新发布").click(timeout=actions.LIVE)
    links = reader.page.get_by_role("tabpanel").get_by_role("link")
    expect(links.first).to_contain_text("置顶")
    expect(links.first).to_contain_text("周三停水通知")
    page.get_by_role("button", name="取消置顶").click()
    expect(card(reader.page, "周三停水通知")).not_to_contain_text("置顶", timeout=actions.LIVE)
    card(reader.page, "周三停水通知").click()
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("周三停水通知")
    expect(reader.page.get_by_role("button", name=re.compile("置顶|删除"))).to_have_count(0)
    page.get_by_role("link", name="编辑").click()
    page.get_by_role("textbox", name="标题").fill("周四停水通知")
    page.get_by_role("button", name="保存").click()
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("周四停水通知", timeout=actions.LIVE)
    page.get_by_role("button", name="删除").click()
    page.get_by_role("alertdialog").get_by_role("button", name="删除").click()
    expect(main(reader.page)).to_contain_text("不存在或已被删除", timeout=actions.LIVE)


def test_a_neighbour_gets_no_form_for_announcements(site: Site, person: MakePerson) -> None:
    neighbour = person("小明", PHONE)
    page = neighbour.go("/announcement/new")
    expect(main(page)).to_contain_text("只有管理员可以这样做")
    expect(page.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    expect(main(page).get_by_role("link", name="公告")).to_have_count(0)
    visitor = person("", PHONE)
    visitor.go("/activity/new")
    visitor.page.wait_for_url(re.compile(r"/login\?next="))


def test_the_address_holds_the_section_and_the_category(site: Site, person: MakePerson) -> None:
    page = person("", PHONE).go("/")
    for name, address in (("活动", "/?section=activity"), ("公告", "/?section=announcement"), ("闲置", "/")):
        tab(page, name).click()
        page.wait_for_url(f"{BASE}{address}")
        expect(tab(page, name)).to_have_attribute("aria-selected", "true")
    page.get_by_role("navigation", name="分类").get_by_role("link", name="手机数码").click()
    page.wait_for_url(f"{BASE}/?category=phones")
    inside = page.get_by_role("navigation", name="手机数码的分类")
    inside.get_by_role("link", name="耳机音响").click()
    page.wait_for_url(f"{BASE}/?category=audio")
    expect(inside.get_by_role("link", name="耳机音响")).to_have_attribute("aria-current", "true")
    chosen = page.get_by_role("navigation", name="分类", exact=True).get_by_role("link", name="手机数码")
    expect(chosen).to_have_attribute("aria-current", "true")
    page.go_back()
    page.wait_for_url(f"{BASE}/?category=phones")
    tab(page, "活动").click()
    page.reload()
    expect(tab(page, "活动")).to_have_attribute("aria-selected", "true")


SIGHTS = {
    "activities": ("/?section=activity", "首页", "羽毛球"),
    "announcements": ("/?section=announcement", "首页", "停水"),
    "activity": ("/activity/{activity}", "活动", "谁来参加"),
    "plain-activity": ("/activity/{plain}", "活动", "谁来参加"),
    "own-activity": ("/activity/{own}", "活动", "取消活动"),
    "new-activity": ("/activity/new", "发起活动", "人数上限"),
    "edit-activity": ("/activity/{own}/edit", "编辑活动", "人数上限"),
    "announcement": ("/announcement/{announcement}", "公告", "储水"),
    "new-announcement": ("/announcement/new", "发布公告", "置顶"),
    "waiting-announcement": ("/announcement/{waiting}", "公告", "现在只有管理员看得到"),
    "edit-waiting-announcement": ("/announcement/{waiting}/edit", "编辑公告", "发布时间"),
    "console-catalog": ("/admin/catalog", "板块与分类", "相机摄影"),
    "console-announcements": ("/admin/announcements", "公告管理", "定时"),
    "me": ("/me", "我的", "我的活动"),
    "categories": ("/?category=phones", "首页", "耳机音响"),
}


def _furnish(site: Site, me: Actor) -> dict[str, int]:
    """Activities of every kind, with people who come, and announcements."""
    one, other = make_user(site.database, "骑行的小周"), make_user(site.database, "许知夏")
    now = utc_now()
    own = make_activity(site.database, me, title="周日上午换书会，带三本书来换三本书", capacity=3, place="社区活动室")
    make_activity(site.database, one, title="已经结束的羽毛球", starts_at=now - timedelta(days=1), ends_at=now)
    make_activity(site.database, one, title="取消的羽毛球", status=ActivityStatus.CANCELLED)
    plain = make_activity(site.database, other, title="夜跑五公里", capacity=1)
    with_photo = _published_with_photo(site, one)
    for activity_id in (own, plain, with_photo):
        site.database.write(activities.sign_up, other if activity_id != plain else one, activity_id)
    for number in range(4):
        site.database.write(activities.sign_up, make_user(site.database, f"参加的邻居{number}"), with_photo)
    operator = make_user(site.database, "物业", role=Role.OPERATOR)
    text = "周三上午九点到十一点检修主水管，三号楼到六号楼停水，请提前储水。恢复供水后先放几分钟再用。"
    announcement = make_announcement(site.database, operator, title="周三停水通知", text=text, is_pinned=True)
    make_announcement(site.database, operator, title="电动车请勿进楼充电", text=f"{text}\n{text}")
    waiting = make_announcement(
        site.database, operator, title="元旦门岗值班安排", text=text, scheduled_at=now + timedelta(days=2)
    )
    return {"activity": with_photo, "plain": plain, "own": own, "announcement": announcement, "waiting": waiting}


def _published_with_photo(site: Site, organizer: Actor) -> int:
    from xianyu.adapters.media import store_photo
    from xianyu.services import photos

    stored = store_photo(jpeg(), site.data_dir / "media")
    photo = site.database.write(partial(photos.add_photo, actor=organizer, stored=stored))
    activity_id = make_activity(site.database, organizer, title=TITLE, cover=stored.name)
    place = partial(photos.place, whole=photos.ACTIVITY, ref_id=activity_id, ids=[photo.id])
    site.database.write(place, organizer)
    return activity_id


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_pages_keep_what_all_pages_promise(site: Site, person: MakePerson, viewport: ViewportSize) -> None:
    me = an_operator(site, person, viewport)
    actor = make_user(site.database, "同一个人", role=Role.OPERATOR)
    log_in(site, me.context, actor)
    ids = _furnish(site, actor)
    found = [
        f"{name}: {one}"
        for name, (path, title, shows) in SIGHTS.items()
        for one in _look_at(me.page, name, path.format(**ids), title, shows)
    ]
    assert not found, "\n".join(found)


def _look_at(page: Page, name: str, path: str, title: str, shows: str) -> list[str]:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(BASE + path)
    expect(main(page)).to_contain_text(shows)
    expect(page.locator(".x-skeleton")).to_have_count(0)
    actions.wait_until(page, "[...document.images].every((image) => image.complete)")
    _photograph(page, f"{name}-light")
    found = audit.findings(page)
    if not page.title().startswith(f"{title} · "):
        found.append(f"titled {page.title()}")
    page.emulate_media(color_scheme="dark")
    actions.wait_until(page, audit.IS_DARK)
    _photograph(page, f"{name}-dark")
    return [*found, *(f"in the dark: {one}" for one in audit.findings(page))]


def _photograph(page: Page, name: str) -> None:
    if SHOTS and page.viewport_size:
        actions.save(page, Path(SHOTS), f"{name}-{page.viewport_size['width']}")


def test_addresses_that_name_nothing_say_so(person: MakePerson) -> None:
    visitor = person("", PHONE)
    visitor.faults.allow("responded with a status of 404")
    for path in (routes.activity(NOWHERE), routes.announcement(NOWHERE)):
        response = visitor.page.goto(BASE + path)
        assert response is not None
        assert response.status == 404
        expect(main(visitor.page)).to_contain_text("不存在或已被删除")


def test_the_end_of_a_list_brings_more(site: Site, person: MakePerson) -> None:
    organizer = make_user(site.database)
    for _ in range(30):
        make_activity(site.database, organizer)
    newest = sa.update(Activity).where(col(Activity.organizer_id) == organizer.user_id)
    site.database.write(lambda session: session.execute(newest.values(place="同一个地方")))
    page = person("", PHONE).go("/?section=activity")
    cards = page.get_by_role("tabpanel").get_by_role("link")
    expect(cards).to_have_count(24)
    cards.last.scroll_into_view_if_needed()
    expect(cards).to_have_count(30)
