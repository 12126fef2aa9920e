"""The boxes 互动 and 广播, and the count on 消息, in open tabs."""

from functools import partial

import pytest

from tests.factories import login_token, make_announcement, make_listing, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.models import NoticeKind, Role
from xianyu.schemas.accounts import Actor
from xianyu.schemas.sections import AnnouncementForm
from xianyu.services import announcements, interest, messages, notices
from xianyu.states import boxes
from xianyu.states.delivery import announce

BOX = routes.box(boxes.NOTICES)


@pytest.fixture
def me(site: Site) -> Actor:
    return make_user(site.database, "我")


async def tell(site: Site, actor: Actor, subject: str) -> None:
    """Something happens that the actor is told of."""
    told = site.database.write(
        partial(notices.add, user_ids=[actor.user_id], kind=NoticeKind.SEARCH_MATCHED, subject=subject)
    )
    await announce(*told)


def unread(tab: Tab) -> tuple[int, int]:
    shell = tab["shell_state"]
    return shell["unread"], shell["unread_notices"]


def shown(tab: Tab) -> list[tuple[str, bool]]:
    return [(notice["subject"], notice["is_new"]) for notice in tab["box_state"]["notices"]]


async def test_the_count_is_of_messages_and_notices_together(site: Site, me: Actor) -> None:
    peer, cookie = make_user(site.database), login_token(site.database, me)
    site.database.write(messages.send, peer, me.user_id, "client-0001", "在吗")
    first, second = await site.tab("/", cookie), await site.tab(routes.ME, cookie)
    await tell(site, me, "一")
    for tab in (first, second):
        await tab.until(lambda tab: unread(tab) == (2, 1))
    # The same after a reload.
    await first.call("shell_state.enter")
    await first.until(lambda tab: unread(tab) == (2, 1))
    box = await site.tab(BOX, cookie)
    for tab in (first, second, box):
        await tab.until(lambda tab: unread(tab) == (1, 0))


async def test_what_was_new_when_the_box_was_opened_stays_marked(site: Site, me: Actor) -> None:
    await tell(site, me, "一")
    tab = await site.tab_of(me, BOX)
    assert shown(tab) == [("一", True)]
    await tab.until(lambda tab: unread(tab) == (0, 0))
    await tell(site, me, "二")
    await tab.until(lambda tab: shown(tab) == [("二", True), ("一", True)])
    await tab.until(lambda tab: unread(tab) == (0, 0))
    await tab.go(routes.MESSAGES)
    await tab.go(BOX)
    assert shown(tab) == [("二", False), ("一", False)]


async def test_in_a_tab_at_the_back_nothing_is_read(site: Site, me: Actor) -> None:
    tab = await site.tab_of(me, BOX)
    await tab.call("box_state.set_visible", visible=False)
    await tell(site, me, "一")
    await tab.until(lambda tab: shown(tab) == [("一", True)] and unread(tab) == (1, 1))
    await tab.call("box_state.set_visible", visible=True)
    await tab.until(lambda tab: unread(tab) == (0, 0))


async def test_only_what_is_shown_is_read_and_then_all(site: Site, me: Actor) -> None:
    for number in range(notices.PAGE_SIZE + 5):
        site.database.write(notices.add, [me.user_id], NoticeKind.SEARCH_MATCHED, subject=str(number))
    cookie = login_token(site.database, me)
    tab, other = await site.tab(BOX, cookie), await site.tab(BOX, cookie)
    assert len(shown(tab)) == notices.PAGE_SIZE
    await tab.until(lambda tab: unread(tab) == (5, 5))
    await tab.call("box_state.read_all")
    for one in (tab, other):
        await one.until(lambda tab: unread(tab) == (0, 0) and not any(new for _, new in shown(tab)))
    await tab.call("box_state.load_more")
    assert len(shown(tab)) == notices.PAGE_SIZE + 5
    assert tab["box_state"]["has_more"] is False


async def test_further_pages_are_read_as_they_are_shown(site: Site, me: Actor) -> None:
    for number in range(notices.PAGE_SIZE + 5):
        site.database.write(notices.add, [me.user_id], NoticeKind.SEARCH_MATCHED, subject=str(number))
    tab = await site.tab_of(me, BOX)
    await tab.call("box_state.load_more")
    await tab.until(lambda tab: unread(tab) == (0, 0))


async def test_nobody_sees_anothers_box(site: Site, me: Actor) -> None:
    other = await site.tab_of(make_user(site.database), BOX)
    mine = await site.tab_of(me, BOX)
    other.updates.clear()
    await tell(site, me, "只给我的")
    await mine.until(lambda tab: shown(tab) == [("只给我的", True)])
    await other.settle()
    assert "只给我的" not in other.said()


async def test_a_box_that_slept_is_shown_whole_again(site: Site, me: Actor) -> None:
    await tell(site, me, "一")
    tab = await site.tab_of(me, BOX)
    tab.expire()
    await tell(site, me, "二")
    await tab.until(lambda tab: "box_state" in tab.vars and len(shown(tab)) == 2)
    assert tab["box_state"]["box"] == boxes.NOTICES


async def test_a_lower_price_arrives_while_one_looks_elsewhere(site: Site, me: Actor) -> None:
    listing_id = make_listing(site.database, make_user(site.database), price_fen=100)
    site.database.write(interest.favorite, me, listing_id)
    tab = await site.tab_of(me, "/")
    await announce(*site.database.write(interest.price_dropped, listing_id, 200, 100))
    await tab.until(lambda tab: unread(tab) == (1, 1))


async def test_the_address_says_which_box(site: Site, me: Actor) -> None:
    tab = await site.tab_of(me, routes.MESSAGES)
    for address, box in (
        (BOX, "notices"),
        (routes.box("broadcasts"), "broadcasts"),
        (routes.box("private"), "private"),
        (routes.box("<script>"), "private"),
    ):
        await tab.go(address)
        assert tab["box_state"]["box"] == box


async def test_what_is_new_in_the_compound_appears_in_the_open_box(site: Site, me: Actor) -> None:
    seller = make_user(site.database)
    listing_id = make_listing(site.database, seller, title="旧台灯")
    tab = await site.tab_of(me, routes.box("broadcasts"))
    assert [entry["title"] for entry in tab["box_state"]["broadcasts"]] == ["旧台灯"]
    own = await site.tab_of(seller, routes.listing(listing_id))
    await own.call("listing_state.take_down")
    await tab.until(lambda tab: tab["box_state"]["broadcasts"] == [])
    await own.call("listing_state.relist")
    await tab.until(lambda tab: [entry["url"] for entry in tab["box_state"]["broadcasts"]] == [own._path])


def counts(tab: Tab) -> tuple[int, int]:
    shell = tab["shell_state"]
    return shell["unread"], shell["unread_broadcasts"]


async def published(site: Site, operator: Actor) -> None:
    form = AnnouncementForm("停水通知", "周三上午九点到十一点检修水管。")
    await announce(site.database.write(announcements.publish, operator, form))


async def test_an_announcement_is_counted_in_every_open_tab_until_the_box_is_opened(site: Site, me: Actor) -> None:
    operator, cookie = make_user(site.database, role=Role.OPERATOR), login_token(site.database, me)
    first, second = await site.tab("/", cookie), await site.tab(routes.ME, cookie)
    other = await site.tab_of(make_user(site.database), "/")
    await tell(site, me, "一")
    await published(site, operator)
    for tab in (first, second):
        await tab.until(lambda tab: counts(tab) == (2, 1))
    # The same after a reload.
    await first.call("shell_state.enter")
    await first.until(lambda tab: counts(tab) == (2, 1))
    box = await site.tab(routes.box(boxes.BROADCASTS), cookie)
    for tab in (first, second, box):
        await tab.until(lambda tab: counts(tab) == (1, 0))
    await other.until(lambda tab: counts(tab) == (1, 1))
    # What comes into the open box is seen as it comes.
    await published(site, operator)
    await box.until(lambda tab: len(tab["box_state"]["broadcasts"]) == 2)
    for tab in (first, box):
        await tab.until(lambda tab: counts(tab) == (1, 0))
    await other.until(lambda tab: counts(tab) == (2, 2))


async def test_an_announcement_in_a_box_at_the_back_waits_to_be_seen(site: Site, me: Actor) -> None:
    operator = make_user(site.database, role=Role.OPERATOR)
    tab = await site.tab_of(me, routes.box(boxes.BROADCASTS))
    await tab.call("box_state.set_visible", visible=False)
    await published(site, operator)
    await tab.until(lambda tab: counts(tab) == (1, 1))
    await tab.call("box_state.set_visible", visible=True)
    await tab.until(lambda tab: counts(tab) == (0, 0))


async def test_all_read_means_announcements_too(site: Site, me: Actor) -> None:
    operator = make_user(site.database, role=Role.OPERATOR)
    tab = await site.tab_of(me, BOX)
    await published(site, operator)
    await tab.until(lambda tab: counts(tab) == (1, 1))
    await tab.call("box_state.read_all")
    await tab.until(lambda tab: counts(tab) == (0, 0))


async def test_a_deleted_announcement_is_counted_no_longer(site: Site, me: Actor) -> None:
    operator = make_user(site.database, role=Role.OPERATOR)
    told = make_announcement(site.database, operator)
    tab = await site.tab_of(me, "/")
    await tab.until(lambda tab: counts(tab) == (1, 1))
    await announce(site.database.write(announcements.delete, operator, told))
    await tab.until(lambda tab: counts(tab) == (0, 0))
