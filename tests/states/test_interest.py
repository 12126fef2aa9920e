"""收藏, counts, 我的收藏 and 足迹 in open tabs."""

from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.models import Listing
from xianyu.schemas.accounts import Actor
from xianyu.services import interest
from xianyu.settings import get_settings


@pytest.fixture
def seller(site: Site) -> Actor:
    return make_user(site.database, "卖家")


def counts(tab: Tab) -> tuple[int, int, int]:
    shown = tab["interest_state"]["counts"]
    return shown["wants"], shown["favorites"], shown["views"]


def cards(tab: Tab, state: str) -> list[dict[str, Any]]:
    return [entry["card"] for entry in tab[state]["entries"]]


def is_shown_as(state: str, status: str, tab: Tab) -> bool:
    return bool(cards(tab, state)[0]["status"] == status)


async def test_everyone_who_looks_sees_the_counts_change(site: Site, seller: Actor) -> None:
    page = routes.listing(make_listing(site.database, seller))
    own = await site.tab_of(seller, page)
    assert counts(own) == (0, 0, 0)
    visitor = await site.tab(page)
    buyer = await site.tab_of(make_user(site.database), page)
    for tab in (own, visitor, buyer):
        await tab.until(lambda tab: counts(tab) == (0, 0, 2))
    await buyer.call("interest_state.favor", wanted=True)
    assert buyer["interest_state"]["is_saved"] is True
    for tab in (own, visitor, buyer):
        await tab.until(lambda tab: counts(tab) == (0, 1, 2))
    assert [tab["interest_state"]["is_saved"] for tab in (own, visitor)] == [False, False]
    await buyer.call("listing_state.want")
    await own.until(lambda tab: counts(tab) == (1, 1, 2))
    assert own["shell_state"]["unread_notices"] == 2
    await buyer.call("interest_state.favor", wanted=False)
    await visitor.until(lambda tab: counts(tab) == (1, 0, 2))


async def test_a_count_is_no_reason_to_read_the_feed_or_the_listing_anew(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller)
    home, page = await site.tab(), await site.tab(routes.listing(listing_id))
    for tab in (home, page):
        tab.updates.clear()
    buyer = await site.tab_of(make_user(site.database), routes.listing(listing_id))
    await buyer.call("interest_state.favor", wanted=True)
    await page.until(lambda tab: counts(tab) == (0, 1, 2))
    await home.settle()
    assert home.updates == []
    assert "listing_state" not in page.said()


async def test_the_same_person_sees_it_saved_in_every_tab(site: Site, seller: Actor) -> None:
    page, buyer = routes.listing(make_listing(site.database, seller)), make_user(site.database)
    cookie = login_token(site.database, buyer)
    first, second = await site.tab(page, cookie), await site.tab(page, cookie)
    saved = await site.tab(routes.FAVORITES, cookie)
    assert saved["favorites_state"]["entries"] == []
    await first.call("interest_state.favor", wanted=True)
    await second.until(lambda tab: tab["interest_state"]["is_saved"] is True)
    await saved.until(lambda tab: len(tab["favorites_state"]["entries"]) == 1)
    await saved.call("favorites_state.remove", listing_id=cards(saved, "favorites_state")[0]["id"])
    assert saved["favorites_state"]["entries"] == []
    for tab in (first, second):
        await tab.until(lambda tab: tab["interest_state"]["is_saved"] is False and counts(tab)[1] == 0)


async def test_a_visitor_is_sent_to_log_in_and_it_is_done_when_they_are_back(site: Site, seller: Actor) -> None:
    page, buyer = routes.listing(make_listing(site.database, seller)), make_user(site.database)
    visitor = await site.tab(page)
    await visitor.call("interest_state.favor", wanted=True)
    wanted = visitor.led_back()
    assert wanted.startswith(f"{page}?favorite=")
    await visitor.close()
    # The same tab, which its person has logged in in.
    back = await site.tab(wanted, login_token(site.database, buyer), visitor.token)
    assert back["interest_state"]["is_saved"] is True
    assert back.commands("_redirect")[-1] == {"path": page, "external": False, "popup": False, "replace": True}
    # One person, one look.
    assert counts(back) == (0, 1, 1)
    # To a visitor the address does nothing, and neither does it in another one's tab.
    for cookie in ("", login_token(site.database, make_user(site.database))):
        assert (await site.tab(wanted, cookie)).redirects() == []
    assert counts(back)[1] == 1


async def test_a_tab_counts_once_however_often_it_comes_back(site: Site, seller: Actor) -> None:
    first, second = (routes.listing(make_listing(site.database, seller)) for _ in range(2))
    tab = await site.tab(first)
    await tab.go(second)
    await tab.go(first)
    await tab.call("interest_state.load")
    assert counts(tab) == (0, 0, 1)
    await (await site.tab(first)).settle()
    await tab.until(lambda tab: counts(tab) == (0, 0, 2))


async def test_who_only_counts_up_is_counted_no_more(site: Site, seller: Actor) -> None:
    page = routes.listing(make_listing(site.database, seller))
    for _ in range(70):
        tab = await site.tab(page)
        await tab.close()
    assert counts(await site.tab(page)) == (0, 0, 60)


async def test_the_address_to_share_is_the_public_one(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller)
    tab = await site.tab(routes.listing(listing_id))
    assert tab["interest_state"]["share_url"] == f"{get_settings().public_url}/s/{listing_id}"


async def test_lists_show_what_becomes_of_their_listings(site: Site, seller: Actor) -> None:
    listing_id, me = make_listing(site.database, seller), make_user(site.database)
    site.database.write(interest.favorite, me, listing_id)
    site.database.write(interest.look, me, listing_id, False)
    cookie = login_token(site.database, me)
    tabs = {
        "favorites_state": await site.tab(routes.FAVORITES, cookie),
        "history_state": await site.tab(routes.HISTORY, cookie),
    }
    own = await site.tab_of(seller, routes.listing(listing_id))
    await own.call("listing_state.take_down")
    for state, tab in tabs.items():
        await tab.until(partial(is_shown_as, state, "taken_down"))
    await own.call("listing_state.delete")
    for state, tab in tabs.items():
        await tab.until(partial(is_shown_as, state, "deleted"))
        assert cards(tab, state)[0]["url"] == ""


async def test_history_is_erased_one_by_one_and_all_at_once(site: Site, seller: Actor) -> None:
    listings = [make_listing(site.database, seller) for _ in range(3)]
    cookie = login_token(site.database, make_user(site.database))
    for listing_id in listings:
        await site.tab(routes.listing(listing_id), cookie)
    tab = await site.tab(routes.HISTORY, cookie)
    assert [card["id"] for card in cards(tab, "history_state")] == listings[::-1]
    await tab.call("history_state.erase", listing_id=listings[2])
    # What is on top now begins the day.
    assert tab["history_state"]["entries"][0]["previous"] == ""
    assert [card["id"] for card in cards(tab, "history_state")] == listings[1::-1]
    await tab.call("history_state.erase_all")
    assert cards(tab, "history_state") == []
    await tab.call("history_state.load")
    assert cards(tab, "history_state") == []


async def test_history_ends_somewhere(site: Site, seller: Actor) -> None:
    me = make_user(site.database)
    for _ in range(210):
        site.database.write(interest.look, me, make_listing(site.database, seller), False)
    tab = await site.tab_of(me, routes.HISTORY)
    for _ in range(12):
        await tab.call("history_state.load_more")
    assert len(tab["history_state"]["entries"]) == 200
    assert tab["history_state"]["has_more"] is False


async def test_favourites_grow_page_by_page_and_stay_so(site: Site, seller: Actor) -> None:
    me = make_user(site.database)
    for _ in range(30):
        site.database.write(interest.favorite, me, make_listing(site.database, seller))
    cookie = login_token(site.database, me)
    tab = await site.tab(routes.FAVORITES, cookie)
    assert len(cards(tab, "favorites_state")) == 24
    await tab.call("favorites_state.load_more")
    assert len(cards(tab, "favorites_state")) == 30
    newest = await site.tab(routes.listing(make_listing(site.database, seller)), cookie)
    await newest.call("interest_state.favor", wanted=True)
    await tab.until(lambda tab: len(cards(tab, "favorites_state")) >= 30 and tab["favorites_state"]["has_more"])
    await tab.call("favorites_state.load_more")
    assert len(cards(tab, "favorites_state")) == 31


async def test_a_page_of_nothing_counts_nothing(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller, status="deleted")
    for address in (listing_id, 0, "x", 2**63):
        tab = await site.tab(f"/listing/{address}")
        assert counts(tab) == (0, 0, 0)

    def views(session: Session) -> int:
        return int(session.execute(sa.select(col(Listing.view_count))).scalar_one())

    assert site.database.read(views) == 0
