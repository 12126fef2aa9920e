"""Activities and announcements on open pages, while others organize, sign up, edit and pin."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import col

from tests.factories import login_token, make_activity, make_announcement, make_photo, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.models import Activity, Role
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import local_time

HOME = routes.section("activity")
NEWS = routes.section("announcement")


def form(**changes: str) -> dict[str, Any]:
    starts = utc_now() + timedelta(days=3)
    return {
        "title": "周末羽毛球",
        "text": "自带球拍，一起打两小时",
        "place": "社区体育馆",
        "capacity": "2",
        "starts": local_time.for_input(starts),
        "ends": local_time.for_input(starts + timedelta(hours=2)),
        "photos": "{}",
        "version": "1",
    } | changes


def notice(**changes: str) -> dict[str, Any]:
    return {"title": "停水通知", "text": "周三上午九点到十一点停水。", "photos": "{}", "version": "1"} | changes


@pytest.fixture
def organizer(site: Site) -> Actor:
    return make_user(site.database, "组织者")


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "物业", role=Role.OPERATOR)


def activity(tab: Tab) -> dict[str, Any]:
    found = tab["activity_state"]["activity"]
    assert isinstance(found, dict)
    return found


def guests(tab: Tab) -> list[str]:
    return [guest["name"] for guest in tab["activity_state"]["guests"]]


def cards(tab: Tab, feed: str = "activity_feed_state") -> list[dict[str, Any]]:
    return list(tab[feed]["cards"])


def titles(tab: Tab, feed: str = "activity_feed_state") -> list[str]:
    return [card["title"] for card in cards(tab, feed)]


async def publish(tab: Tab, **changes: str) -> int:
    """Publish over the socket, and return the activity's number."""
    await tab.call("activity_form_state.publish", form=form(**changes))
    assert tab["activity_form_state"]["errors"] == {}
    return int(tab.redirects()[-1].rpartition("/")[2])


async def test_a_new_activity_announces_itself_where_activities_are_shown(site: Site, organizer: Actor) -> None:
    shown, offers = await site.tab(HOME), await site.tab(routes.HOME)
    assert (cards(shown), shown["feed_state"]["section"], offers["feed_state"]["section"]) == ([], "activity", "trade")
    photo = make_photo(site.database, organizer)
    own = await site.tab_of(organizer, routes.ACTIVITY_NEW)
    activity_id = await publish(own, photos=f'{{"ids": [{photo}]}}')
    await shown.until(lambda tab: tab["activity_feed_state"]["has_new"] is True)
    await offers.settle()
    assert offers["feed_state"]["has_new"] is False
    await shown.call("activity_feed_state.show_new")
    (card,) = cards(shown)
    assert (card["id"], card["title"], card["url"]) == (activity_id, "周末羽毛球", routes.activity(activity_id))
    assert card["when"].startswith(f"{card['month']}{card['day']}日 周")
    assert card["cover_url"]
    assert shown["activity_feed_state"]["has_new"] is False


async def test_who_comes_is_shown_on_every_open_page_at_once(site: Site, organizer: Actor) -> None:
    page = routes.activity(make_activity(site.database, organizer, capacity=2))
    first, second = make_user(site.database, "甲"), make_user(site.database, "乙")
    own, one, other = (
        await site.tab_of(organizer, page),
        await site.tab_of(first, page),
        await site.tab_of(second, page),
    )
    home, visitor = await site.tab(HOME), await site.tab(page)
    assert activity(own)["is_mine"]
    await one.call("activity_state.sign_up")
    for tab in (own, one, other, visitor):
        await tab.until(lambda tab: guests(tab) == ["甲"])
        assert activity(tab)["signup_count"] == 1
    assert [activity(tab)["is_going"] for tab in (one, other, visitor)] == [True, False, False]
    await home.until(lambda tab: cards(tab)[0]["signup_count"] == 1)
    await other.call("activity_state.sign_up")
    for tab in (own, one, other, visitor):
        await tab.until(lambda tab: activity(tab)["phase"] == "full")
    await home.until(lambda tab: cards(tab)[0]["phase"] == "full")
    await one.call("activity_state.leave")
    await visitor.until(lambda tab: (guests(tab), activity(tab)["phase"]) == (["乙"], "open"))
    # The organizer was told of both.
    await own.until(lambda tab: tab["shell_state"]["unread"] == 2)


async def _wish(visitor: Tab) -> str:
    """Press 报名 without a login, and go: where one comes back to."""
    await visitor.call("activity_state.sign_up")
    await visitor.close()
    return visitor.led_back()


async def test_a_visitor_logs_in_and_comes_back_to_sign_up(site: Site, organizer: Actor) -> None:
    page = routes.activity(make_activity(site.database, organizer))
    visitor = await site.tab(page)
    wanted = await _wish(visitor)
    assert wanted.startswith(f"{page}?join=")
    # Somebody else who opens the address does not come.
    await site.tab_of(make_user(site.database), wanted)
    back = await site.tab(wanted, login_token(site.database, make_user(site.database, "来客")), visitor.token)
    await back.until(lambda tab: guests(tab) == ["来客"])
    # The page is at its plain address again, so that loading it anew is not to sign up anew.
    assert back.redirects() == [page]


async def test_who_comes_back_too_late_is_told_so(site: Site, organizer: Actor) -> None:
    page = routes.activity(make_activity(site.database, organizer, capacity=1))
    await (await site.tab_of(make_user(site.database), page)).call("activity_state.sign_up")
    visitor = await site.tab(page)
    wanted = await _wish(visitor)
    late = await site.tab(wanted, login_token(site.database, make_user(site.database)), visitor.token)
    assert "名额刚刚满了" in late["notice_state"]["text"]
    assert late.redirects() == [page]
    assert activity(late)["phase"] == "full"


async def test_many_press_at_the_same_moment(site: Site, organizer: Actor) -> None:
    page = routes.activity(make_activity(site.database, organizer, capacity=3))
    tabs = [await site.tab_of(make_user(site.database), page) for _ in range(8)]
    await asyncio.gather(*(tab.emit("activity_state.sign_up") for tab in tabs))
    for tab in tabs:
        await tab.settle()
    for tab in tabs:
        await tab.until(lambda tab: (activity(tab)["signup_count"], len(guests(tab))) == (3, 3))
    assert sum(activity(tab)["is_going"] for tab in tabs) == 3


async def test_cancelling_shows_everywhere_and_is_final(site: Site, organizer: Actor) -> None:
    activity_id = make_activity(site.database, organizer, title="要取消的活动")
    page = routes.activity(activity_id)
    own, guest = await site.tab_of(organizer, page), await site.tab_of(make_user(site.database), page)
    home = await site.tab(HOME)
    await guest.call("activity_state.sign_up")
    await own.call("activity_state.cancel")
    await guest.until(lambda tab: activity(tab)["phase"] == "cancelled")
    await guest.until(lambda tab: tab["shell_state"]["unread"] == 1)
    await home.until(lambda tab: cards(tab)[0]["phase"] == "cancelled")
    await guest.call("activity_state.sign_up")
    await own.call("activity_state.delete")
    assert own.redirects() == [HOME]
    await guest.until(lambda tab: tab["activity_state"]["missing"] == "这个活动不存在或已被删除")
    await home.until(lambda tab: (cards(tab)[0]["phase"], cards(tab)[0]["url"]) == ("deleted", ""))


async def test_an_edit_reaches_open_pages_and_the_later_of_two_is_told(site: Site, organizer: Actor) -> None:
    activity_id = make_activity(site.database, organizer)
    edit, cookie = routes.activity_edit(activity_id), login_token(site.database, organizer)
    first, second = await site.tab(edit, cookie), await site.tab(edit, cookie)
    visitor = await site.tab(routes.activity(activity_id))
    for tab, name in ((first, "a"), (second, "b")):
        await tab.call("activity_form_state.open_edit", opened=name)
        assert (tab["activity_form_state"]["opened"], tab["activity_form_state"]["version"]) == (name, 1)
    await second.call("activity_form_state.save", form=form(title="先改的标题"))
    await visitor.until(lambda tab: activity(tab)["title"] == "先改的标题")
    await first.call("activity_form_state.save", form=form(title="后改的标题"))
    assert "刚在别处改过" in first["activity_form_state"]["errors"]["form"]
    assert activity(visitor)["title"] == "先改的标题"
    # Knowingly, it may.
    version = str(first["activity_form_state"]["version"])
    await first.call("activity_form_state.save", form=form(title="后改的标题", version=version))
    await visitor.until(lambda tab: activity(tab)["title"] == "后改的标题")
    assert activity(visitor)["capacity"] == 2


async def test_a_refused_form_says_what_is_wrong(site: Site, organizer: Actor) -> None:
    tab = await site.tab_of(organizer, routes.ACTIVITY_NEW)
    await tab.call("activity_form_state.publish", form=form(title="", capacity="0", photos='{"pending": 1}'))
    assert tab["activity_form_state"]["errors"] == {"photos": "照片还在上传，请稍等片刻再发布"}
    await tab.call("activity_form_state.publish", form=form(title="", capacity="0"))
    assert set(tab["activity_form_state"]["errors"]) == {"title", "capacity"}
    assert tab["activity_form_state"]["busy"] is False
    assert tab.redirects() == []


async def test_my_page_lists_what_i_organize_and_where_i_come(site: Site, organizer: Actor) -> None:
    me = make_user(site.database)
    joined = make_activity(site.database, organizer, title="别人发起的")
    make_activity(site.database, me, title="我发起的")
    make_activity(site.database, organizer, title="与我无关")
    tab = await site.tab_of(me, routes.activity(joined))
    await tab.call("activity_state.sign_up")
    await tab.go(routes.ME)
    assert {card["title"] for card in tab["my_activities_state"]["cards"]} == {"别人发起的", "我发起的"}


async def test_an_announcement_reaches_open_pages_and_pinned_ones_stand_first(site: Site, operator: Actor) -> None:
    feed = "announcement_feed_state"
    make_announcement(site.database, operator, title="旧公告")
    home, own = await site.tab(NEWS), await site.tab_of(operator, routes.ANNOUNCEMENT_NEW)
    assert titles(home, feed) == ["旧公告"]
    assert (own["shell_state"]["is_operator"], home["shell_state"]["is_operator"]) == (True, False)
    await own.call("announcement_form_state.publish", form=notice(title="新公告"))
    new_id = int(own.redirects()[-1].rpartition("/")[2])
    await home.until(lambda tab: tab[feed]["has_new"] is True)
    await home.call(f"{feed}.show_new")
    assert titles(home, feed) == ["新公告", "旧公告"]
    old_id = cards(home, feed)[1]["id"]
    reader = await site.tab(routes.announcement(old_id))
    await own.go(routes.announcement(old_id))
    await own.call("announcement_state.pin")
    await home.until(lambda tab: titles(tab, feed) == ["旧公告", "新公告"])
    await reader.until(lambda tab: tab["announcement_state"]["announcement"]["is_pinned"] is True)
    await own.call("announcement_state.unpin")
    await home.until(lambda tab: titles(tab, feed) == ["新公告", "旧公告"])
    await own.go(routes.announcement_edit(old_id))
    await own.call("announcement_form_state.open_edit", opened="x")
    version = str(own["announcement_form_state"]["version"])
    await own.call("announcement_form_state.save", form=notice(title="改过的公告", version=version))
    await reader.until(lambda tab: tab["announcement_state"]["announcement"]["title"] == "改过的公告")
    await home.until(lambda tab: titles(tab, feed) == ["新公告", "改过的公告"])
    await own.go(routes.announcement(new_id))
    await own.call("announcement_state.delete")
    await home.until(lambda tab: titles(tab, feed) == ["改过的公告"])


async def test_neighbours_get_no_form_for_announcements(site: Site) -> None:
    tab = await site.tab_of(make_user(site.database), routes.ANNOUNCEMENT_NEW)
    await tab.call("announcement_form_state.open_new", opened="x")
    assert tab["announcement_form_state"]["missing"] == "只有管理员可以这样做"
    await tab.call("announcement_form_state.publish", form=notice())
    assert tab["announcement_form_state"]["errors"] == {"form": "只有管理员可以这样做"}


async def test_who_is_no_operator_any_more_is_refused_in_an_open_tab(site: Site, operator: Actor) -> None:
    key = make_announcement(site.database, operator)
    tab = await site.tab_of(operator, routes.announcement(key))
    demoted = sa.text("UPDATE user_account SET role = 'member' WHERE id = :id")
    site.database.write(lambda session: session.execute(demoted, {"id": operator.user_id}))
    await tab.call("announcement_state.delete")
    assert tab["notice_state"]["text"] == "只有管理员可以这样做"
    assert (await site.tab(routes.announcement(key)))["announcement_state"]["missing"] == ""


@pytest.mark.parametrize("feed", ["activity_feed_state", "announcement_feed_state"])
async def test_scrolling_and_coming_back_keep_the_list(feed: str, site: Site, organizer: Actor) -> None:
    page, make = (HOME, make_activity) if feed.startswith("activity") else (NEWS, make_announcement)
    made = [make(site.database, organizer) for _ in range(30)]
    home = await site.tab(page)
    assert (len(cards(home, feed)), home[feed]["has_more"]) == (24, True)
    await home.call(f"{feed}.load_more")
    assert [card["id"] for card in cards(home, feed)] == made[::-1]
    assert home[feed]["has_more"] is False
    await home.go(routes.HOME)
    make(site.database, organizer)
    await home.go(page)
    assert [card["id"] for card in cards(home, feed)] == made[::-1]
    assert home[feed]["has_new"] is True


async def test_a_page_that_slept_for_hours_shows_what_is_there(site: Site, organizer: Actor) -> None:
    activity_id = make_activity(site.database, organizer)
    home, page = await site.tab(HOME), await site.tab(routes.activity(activity_id))
    guest = await site.tab_of(make_user(site.database, "甲"), routes.activity(activity_id))
    home.expire()
    page.expire()
    await guest.call("activity_state.sign_up")
    await home.until(lambda tab: bool(tab.vars.get("activity_feed_state", {}).get("loaded")))
    assert cards(home)[0]["signup_count"] == 1
    await page.until(lambda tab: "activity_state" in tab.vars and guests(tab) == ["甲"])


async def test_what_ends_while_it_is_open_is_over_when_the_page_asks(site: Site, organizer: Actor) -> None:
    activity_id = make_activity(site.database, organizer)
    tab = await site.tab_of(make_user(site.database), routes.activity(activity_id))
    ended = sa.update(Activity).where(col(Activity.id) == activity_id)
    past = {"starts_at": utc_now() - timedelta(hours=2), "ends_at": utc_now()}
    site.database.write(lambda session: session.execute(ended.values(**past)))
    await tab.call("activity_state.load")
    assert activity(tab)["phase"] == "past"
    await tab.call("activity_state.sign_up")
    assert tab["notice_state"]["text"] == "活动已经结束了"


@pytest.mark.parametrize("section", ["nonsense", "' OR 1=1 --", "%00", ""])
async def test_a_section_that_does_not_exist_is_the_first(section: str, site: Site) -> None:
    tab = await site.tab(f"/?section={section}")
    assert tab["feed_state"]["section"] == "trade"
