"""Announcements that wait, the clock that publishes them, and what every open page says then."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import make_announcement, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.models import Announcement, Role
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import AnnouncementChanged, AnnouncementPublished
from xianyu.services.local_time import for_input
from xianyu.states.announcement_clock import publish_due
from xianyu.states.delivery import announce
from xianyu.states.herald import STAYS, HeraldState

NEWS = routes.section("announcement")
LATER = timedelta(hours=3)


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "物业", role=Role.OPERATOR)


def notice(**changes: Any) -> dict[str, Any]:
    return {"title": "停电通知", "text": "周六上午检修线路", "photos": "{}", "version": "1"} | changes


def timed(**changes: Any) -> dict[str, Any]:
    return notice(timed="on", scheduled=for_input(utc_now() + LATER), **changes)


def rows(tab: Tab) -> list[tuple[str, bool]]:
    return [(row["title"], row["is_scheduled"]) for row in tab["console_announcements_state"]["rows"]]


def set_due(site: Site, announcement_id: int, **change: Any) -> None:
    statement = sa.update(Announcement).where(col(Announcement.id) == announcement_id).values(**change)
    site.database.write(partial(Session.execute, statement=statement))


async def test_one_that_waits_appears_everywhere_by_itself(site: Site, operator: Actor) -> None:
    neighbour = make_user(site.database)
    own = await site.tab_of(operator, routes.ANNOUNCEMENT_NEW)
    console = await site.tab_of(make_user(site.database, role=Role.OPERATOR), routes.ADMIN_ANNOUNCEMENTS)
    home, reader = await site.tab(NEWS), await site.tab_of(neighbour, routes.ME)
    await own.call("announcement_form_state.publish", form=timed())
    announcement_id = int(own.redirects()[-1].rpartition("/")[2])
    await console.until(lambda tab: rows(tab) == [("停电通知", True)])
    page = await site.tab_of(neighbour, routes.announcement(announcement_id))
    assert page["announcement_state"]["missing"]
    preview = await site.tab_of(make_user(site.database, role=Role.OPERATOR), routes.announcement(announcement_id))
    assert preview["announcement_state"]["announcement"]["scheduled_for"]
    assert (home["announcement_feed_state"]["has_new"], home["announcement_feed_state"]["cards"]) == (False, [])
    assert (reader["shell_state"]["unread_broadcasts"], reader["herald_state"]["title"]) == (0, "")
    # Its moment comes while the clock sleeps, and it is told that the moment is another.
    set_due(site, announcement_id, scheduled_at=utc_now() + timedelta(seconds=0.3))
    await announce(AnnouncementChanged(announcement_id))
    for tab in (home, reader):
        await tab.until(lambda tab: tab["herald_state"]["title"] == "停电通知")
    await home.until(lambda tab: tab["announcement_feed_state"]["has_new"] is True)
    await reader.until(lambda tab: tab["shell_state"]["unread_broadcasts"] == 1)
    await console.until(lambda tab: rows(tab) == [("停电通知", False)])
    await page.until(lambda tab: tab["announcement_state"]["announcement"]["title"] == "停电通知")
    await preview.until(lambda tab: tab["announcement_state"]["announcement"]["scheduled_for"] == "")


async def test_what_was_due_while_the_server_was_off_is_published_at_its_start(site: Site, operator: Actor) -> None:
    late = make_announcement(site.database, operator, scheduled_at=utc_now() - LATER)
    rest = await publish_due()
    assert rest > 1
    page = await site.tab(routes.announcement(late))
    assert page["announcement_state"]["missing"] == ""


async def test_the_clock_sleeps_until_the_next_one(site: Site, operator: Actor) -> None:
    make_announcement(site.database, operator, scheduled_at=utc_now() + timedelta(seconds=4))
    assert 0 < await publish_due() <= 4


async def test_the_strip_is_told_once_and_goes_when_it_is_put_away(site: Site, operator: Actor) -> None:
    tab = await site.tab()
    first = make_announcement(site.database, operator, title="第一条")
    await announce(AnnouncementPublished(first))
    await tab.until(lambda tab: tab["herald_state"]["title"] == "第一条")
    await tab.call("herald_state.dismiss")
    assert tab["herald_state"]["title"] == ""
    # The same is told again, as after a lost connection; and it is edited.
    await announce(AnnouncementPublished(first))
    await announce(AnnouncementChanged(first))
    await tab.settle()
    assert tab["herald_state"]["title"] == ""
    second = make_announcement(site.database, operator, title="第二条")
    await announce(AnnouncementPublished(second))
    await tab.until(lambda tab: tab["herald_state"]["url"] == routes.announcement(second))
    await tab.go(routes.FRIENDS)
    assert tab["herald_state"]["title"] == "第二条"
    await tab.go(routes.announcement(second))
    assert tab["herald_state"]["title"] == ""


async def test_the_strip_follows_what_it_speaks_of(site: Site, operator: Actor) -> None:
    tab, own = await site.tab(), await site.tab_of(operator)
    told = make_announcement(site.database, operator, title="写错了")
    await announce(AnnouncementPublished(told))
    await tab.until(lambda tab: tab["herald_state"]["title"] == "写错了")
    set_due(site, told, title="改好了")
    await announce(AnnouncementChanged(told))
    await tab.until(lambda tab: tab["herald_state"]["title"] == "改好了")
    await own.go(routes.announcement(told))
    await own.call("announcement_state.delete")
    await tab.until(lambda tab: tab["herald_state"]["title"] == "")


async def test_an_edit_is_not_announced(site: Site, operator: Actor) -> None:
    told = make_announcement(site.database, operator)
    tab = await site.tab()
    await announce(AnnouncementChanged(told))
    await tab.settle()
    assert tab["herald_state"]["title"] == ""


async def test_who_publishes_is_not_told_by_the_strip(site: Site, operator: Actor) -> None:
    own, other = await site.tab_of(operator, routes.ANNOUNCEMENT_NEW), await site.tab()
    await own.call("announcement_form_state.publish", form=notice())
    await other.until(lambda tab: tab["herald_state"]["title"] == "停电通知")
    assert own["herald_state"]["title"] == ""


def test_a_page_that_is_opened_much_later_says_it_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    herald = HeraldState()
    herald.title, herald.url = "旧的", "/announcement/1"
    herald._told_at = 1_000_000.0
    monkeypatch.setattr("xianyu.states.herald.time.time", lambda: 1_000_000.0 + STAYS - 1)
    herald._turn_page(routes.HOME)
    assert herald.title == "旧的"
    monkeypatch.setattr("xianyu.states.herald.time.time", lambda: 1_000_000.0 + STAYS + 1)
    herald._turn_page(routes.HOME)
    assert herald.title == ""


async def test_a_refused_moment_stands_beside_its_field(site: Site, operator: Actor) -> None:
    own = await site.tab_of(operator, routes.ANNOUNCEMENT_NEW)
    await own.call("announcement_form_state.publish", form=notice(timed="on", scheduled="2020-01-01T08:00"))
    assert set(own["announcement_form_state"]["errors"]) == {"scheduled"}
    assert own.redirects() == []
    await own.call("announcement_form_state.publish", form=notice(timed="on", scheduled=""))
    assert own["announcement_form_state"]["errors"] == {"scheduled": "请选择发布的日期和时间"}


async def test_the_form_knows_whether_it_can_still_wait(site: Site, operator: Actor) -> None:
    due = utc_now() + LATER
    waiting = make_announcement(site.database, operator, scheduled_at=due)
    told = make_announcement(site.database, operator)
    own = await site.tab_of(operator, routes.announcement_edit(waiting))
    await own.call("announcement_form_state.open_edit", opened="x")
    form = own["announcement_form_state"]
    assert (form["scheduled"], form["can_wait"]) == (for_input(due), True)
    await own.go(routes.announcement_edit(told))
    await own.call("announcement_form_state.open_edit", opened="y")
    form = own["announcement_form_state"]
    assert (form["scheduled"], form["can_wait"]) == ("", False)
    await own.go(routes.ANNOUNCEMENT_NEW)
    await own.call("announcement_form_state.open_new", opened="z")
    assert own["announcement_form_state"]["can_wait"] is True


async def test_the_list_pages_and_acts(site: Site, operator: Actor) -> None:
    state = "console_announcements_state"
    made = [make_announcement(site.database, operator) for _ in range(25)]
    waiting = make_announcement(site.database, operator, title="等着的", scheduled_at=utc_now() + LATER)
    own = await site.tab_of(operator, routes.ADMIN_ANNOUNCEMENTS)
    assert (len(rows(own)), own[state]["has_more"]) == (20, True)
    await own.call(f"{state}.load_more")
    assert [row["id"] for row in own[state]["rows"]] == [waiting, *made[::-1]]
    assert own[state]["has_more"] is False
    await own.call(f"{state}.pin", announcement_id=made[0], pinned=True)
    await own.until(lambda tab: tab[state]["rows"][-1]["is_pinned"] is True)
    await own.call(f"{state}.pin", announcement_id=made[0], pinned=False)
    await own.until(lambda tab: tab[state]["rows"][-1]["is_pinned"] is False)
    home = await site.tab()
    await own.call(f"{state}.publish_now", announcement_id=waiting)
    await home.until(lambda tab: tab["herald_state"]["title"] == "等着的")
    await own.until(lambda tab: rows(tab)[0] == ("等着的", False))
    await own.call(f"{state}.delete", announcement_id=waiting)
    await own.until(lambda tab: len(rows(tab)) == 25)


async def test_neighbours_are_shown_no_list(site: Site, operator: Actor) -> None:
    make_announcement(site.database, operator, scheduled_at=utc_now() + LATER, title="还没说")
    tab = await site.tab_of(make_user(site.database), routes.ADMIN_ANNOUNCEMENTS)
    assert tab["console_state"]["refusal"] == "只有管理员可以这样做"
    assert tab["console_announcements_state"]["rows"] == []
    await announce(AnnouncementChanged(1))
    await tab.settle()
    assert "还没说" not in tab.said()
