"""The operators' console in open tabs."""

import pytest
import sqlalchemy as sa

from tests.external_logins import set_user
from tests.factories import make_listing, make_user
from tests.live_site import Site, Tab
from tests.trade import buy
from xianyu import routes
from xianyu.adapters import media
from xianyu.adapters.live import bus
from xianyu.models import Photo, Role
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged
from xianyu.services import console_listings, interest, messages, operator_log, operator_log_pages, overview
from xianyu.settings import get_settings
from xianyu.states import console_listings as console_listings_state
from xianyu.states import console_overview


@pytest.fixture
def operator(site: Site) -> Actor:
    return make_user(site.database, "物业", role=Role.OPERATOR)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures follow each other without the rest that they have in life."""
    for refresher in (console_overview.pages, console_listings_state.lists):
        monkeypatch.setattr(refresher, "_pause", (0.01, 0.02))


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


def listed(tab: Tab) -> list[tuple[str, str]]:
    return [(one["title"], one["status"]) for one in tab["console_listings_state"]["listings"]]


async def test_open_lists_show_what_becomes_of_listings(site: Site, operator: Actor, two: tuple[Actor, Actor]) -> None:
    seller, other = two
    listing_id = make_listing(site.database, seller, title="电动车电池")
    mine = await site.tab_of(operator, routes.ADMIN_LISTINGS)
    deleted = await site.tab_of(
        make_user(site.database, role=Role.OPERATOR), routes.admin_listings({"status": "deleted"})
    )
    page = await site.tab_of(other, routes.listing(listing_id))
    assert (listed(mine), listed(deleted)) == ([("电动车电池", "active")], [])
    form = {"action": "take_down", "listing_id": str(listing_id), "reason": ""}
    await mine.call("console_listings_state.ask", action="take_down", listing_id=listing_id, is_open=True)
    await mine.call("console_listings_state.submit", form=form)
    # What is missing is said beside its field, and the dialog stays.
    assert "reason" in mine["console_listings_state"]["errors"]
    assert mine["console_listings_state"]["asking"] == "take_down"
    await mine.call("console_listings_state.submit", form=form | {"reason": "不让卖"})
    assert (mine["console_listings_state"]["asking"], mine["console_listings_state"]["done"]) == ("", "已下架")
    await mine.until(lambda tab: listed(tab) == [("电动车电池", "taken_down")])
    await page.until(lambda tab: tab["listing_state"]["listing"]["status"] == "taken_down")
    own = await site.tab_of(seller, routes.listing(listing_id))
    await own.call("listing_state.delete")
    await deleted.until(lambda tab: listed(tab) == [("电动车电池", "deleted")])
    await mine.call(
        "console_listings_state.submit", form=form | {"action": "erase", "reason": "不让卖", "word": "彻底删除"}
    )
    for tab in (mine, deleted):
        await tab.until(lambda tab: listed(tab) == [])
    await mine.call("console_listings_state.submit", form=form | {"action": "restore"})
    assert mine["console_listings_state"]["errors"] == {"form": "这件宝贝已经不在了"}


async def test_the_files_of_what_is_deleted_for_good_go_at_once(site: Site, operator: Actor) -> None:
    listing_id = make_listing(site.database, make_user(site.database))
    [photo] = site.database.read(lambda session: session.scalars(sa.select(Photo)).all())
    path = media.locate(get_settings().media_dir, photo.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    tab = await site.tab_of(operator, routes.ADMIN_LISTINGS)
    form = {"action": "erase", "listing_id": str(listing_id), "reason": "不让卖", "word": "彻底删除"}
    await tab.call("console_listings_state.submit", form=form)
    assert not path.exists()


def head(tab: Tab) -> tuple[str, str, str]:
    about = tab["conversation_state"]["about"]
    return about["title"], about["status"], about["url"]


def cards(tab: Tab) -> list[tuple[str, str]]:
    state = tab["conversation_state"]
    shown = [message["attachment"] for message in (*state["history"], *state["tail"])]
    return [(one["status"], one["url"]) for one in shown if one]


async def test_open_conversations_show_what_becomes_of_their_listing(
    site: Site, operator: Actor, two: tuple[Actor, Actor]
) -> None:
    seller, buyer = two
    listing_id = make_listing(site.database, seller, title="山地车")
    site.database.write(interest.want, buyer, listing_id)
    site.database.write(messages.send_listing, buyer, seller.user_id, "client-0001", listing_id)
    tabs = [await site.tab_of(one, routes.conversation(other.user_id)) for one, other in (two, two[::-1])]
    url = routes.listing(listing_id)
    site.database.write(console_listings.take_down, operator, listing_id, "不让卖")
    await bus.publish([ListingChanged(listing_id)])
    for tab in tabs:
        await tab.until(lambda tab: head(tab) == ("山地车", "taken_down", url))
        assert cards(tab) == [("taken_down", url)]
    console = await site.tab_of(operator, routes.ADMIN_LISTINGS)
    form = {"action": "erase", "listing_id": str(listing_id), "reason": "不让卖", "word": "彻底删除"}
    await console.call("console_listings_state.submit", form=form)
    for tab in tabs:
        await tab.until(lambda tab: head(tab) == ("山地车", "deleted", ""))
        await tab.until(lambda tab: cards(tab) == [("deleted", "")])
