"""The operators' console in open tabs."""

import pytest

from tests.external_logins import set_user
from tests.factories import make_listing, make_user
from tests.live_site import Site, Tab
from tests.trade import buy
from xianyu import routes
from xianyu.models import Role
from xianyu.schemas.accounts import Actor
from xianyu.services import operator_log, operator_log_pages, overview
from xianyu.states import console_overview


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "物业", role=Role.OPERATOR)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures follow each other without the rest that they have in life."""
    monkeypatch.setattr(console_overview.pages, "_pause", (0.01, 0.02))


def today(tab: Tab) -> list[str]:
    """New people, listings, messages and orders of today."""
    return list(tab["console_overview_state"]["rows"][0]["cells"][:4])


async def test_figures_change_while_they_are_looked_at(site: Site, operator: Actor, two: tuple[Actor, Actor]) -> None:
    me, other = two
    week = await site.tab_of(operator, routes.admin({"days": "7"}))
    quarter = await site.tab_of(make_user(site.database, role=Role.OPERATOR), routes.admin({"days": "90"}))
    assert [len(tab["console_overview_state"]["rows"]) for tab in (week, quarter)] == [7, 90]
    assert (today(week)[2], week["console_overview_state"]["online"]) == ("0", 1)
    chat = await site.tab_of(me, routes.conversation(other.user_id))
    await chat.call("conversation_state.send", peer_id=other.user_id, client_id="client-0001", body="在吗")
    for tab in (week, quarter):
        await tab.until(lambda tab: today(tab)[2] == "1")
    assert week["console_overview_state"]["online"] == 3
    # A tab that slept for an hour shows the range that its address asks for.
    week.expire()
    await chat.call("conversation_state.send", peer_id=other.user_id, client_id="client-0002", body="还在吗")
    await week.until(lambda tab: "rows" in tab.vars.get("console_overview_state", {}) and today(tab)[2] == "2")
    assert len(week["console_overview_state"]["rows"]) == 7


async def test_tiles_follow_listings_and_orders(site: Site, operator: Actor, two: tuple[Actor, Actor]) -> None:
    seller, buyer = two
    listing_id = make_listing(site.database, seller)
    order_id = buy(site.database, buyer, make_listing(site.database, seller))
    tab = await site.tab_of(operator, routes.ADMIN)
    tiles = tab["console_overview_state"]["tiles"]
    assert (tiles["people"], tiles["listings"], tiles["orders"]) == (3, 1, 1)
    page = await site.tab_of(seller, routes.listing(listing_id))
    await page.call("listing_state.take_down")
    await tab.until(lambda tab: tab["console_overview_state"]["tiles"]["listings"] == 0)
    page = await site.tab_of(seller, routes.order(order_id))
    await page.call("order_state.submit", form={"action": "decline", "reason": "卖掉了"})
    await tab.until(lambda tab: tab["console_overview_state"]["tiles"]["orders"] == 0)
    # Nothing was completed of what was finished today, and it was answered within the test.
    assert tab["console_overview_state"]["rows"][0]["cells"][4] == "0%"
    assert tab["console_overview_state"]["rows"][0]["cells"][5].endswith("秒")


async def test_nothing_is_counted_where_nobody_looks(
    site: Site, operator: Actor, two: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = await site.tab_of(operator, routes.ADMIN)
    await tab.go(routes.HOME)
    counted: list[int] = []
    monkeypatch.setattr(overview, "present", lambda _session, days: counted.append(days))
    me, other = two
    chat = await site.tab_of(me, routes.conversation(other.user_id))
    await chat.call("conversation_state.send", peer_id=other.user_id, client_id="client-0001", body="在吗")
    assert counted == []


async def test_whose_role_is_gone_is_shown_no_more(site: Site, operator: Actor, two: tuple[Actor, Actor]) -> None:
    me, other = two
    tab = await site.tab_of(operator, routes.ADMIN)
    set_user(site.database, operator.user_id, role=Role.MEMBER)
    tab.updates.clear()
    chat = await site.tab_of(me, routes.conversation(other.user_id))
    await chat.call("conversation_state.send", peer_id=other.user_id, client_id="client-0001", body="在吗")
    assert "rows" not in tab.said()


def logged(tab: Tab) -> list[str]:
    return [entry["target_name"] for entry in tab["console_log_state"]["entries"]]


async def test_the_log_is_narrowed_by_the_address(site: Site, operator: Actor) -> None:
    for action, name in (("announcement.pin", "停水通知"), ("room.mute", "大嗓门")):
        site.database.write(operator_log.record, operator, action, target_name=name)
    tab = await site.tab_of(operator, routes.ADMIN_LOG)
    assert logged(tab) == ["大嗓门", "停水通知"]
    await tab.call("console_log_state.look_for", form={"action": "room.mute", "words": " 嗓 ", "since": "never"})
    [path] = tab.redirects()
    assert path == routes.admin_log({"action": "room.mute", "words": "嗓"})
    await tab.go(path)
    assert logged(tab) == ["大嗓门"]
    assert tab["console_log_state"]["csv_url"] == routes.admin_log_csv({"action": "room.mute", "words": "嗓"})


async def test_the_log_grows_as_one_scrolls(site: Site, operator: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operator_log_pages, "PAGE_SIZE", 2)
    for number in range(3):
        site.database.write(operator_log.record, operator, "room.mute", target_name=str(number))
    tab = await site.tab_of(operator, routes.ADMIN_LOG)
    assert (logged(tab), tab["console_log_state"]["has_more"]) == (["2", "1"], True)
    await tab.call("console_log_state.load_more")
    assert (logged(tab), tab["console_log_state"]["has_more"]) == (["2", "1", "0"], False)
