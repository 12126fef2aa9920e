"""A listing's page, as its seller and as others see it, while it changes."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session

from tests.factories import login_token, make_listing, make_photo, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.models import Listing
from xianyu.schemas.accounts import Actor


@pytest.fixture
def seller(site: Site) -> Actor:
    return make_user(site.database, "卖家")


def listing(tab: Tab) -> dict[str, Any]:
    found = tab["listing_state"]["listing"]
    assert isinstance(found, dict)
    return found


async def test_the_seller_and_others_see_the_same_change_as_what_they_are(site: Site, seller: Actor) -> None:
    page = routes.listing(make_listing(site.database, seller))
    own = await site.tab_of(seller, page)
    neighbour, visitor = await site.tab_of(make_user(site.database), page), await site.tab(page)
    assert [listing(tab)["is_mine"] for tab in (own, neighbour, visitor)] == [True, False, False]
    await own.call("listing_state.take_down")
    for tab in (own, neighbour, visitor):
        await tab.until(lambda tab: listing(tab)["status"] == "taken_down")
    assert [listing(tab)["is_mine"] for tab in (own, neighbour, visitor)] == [True, False, False]
    await own.call("listing_state.relist")
    for tab in (own, neighbour, visitor):
        await tab.until(lambda tab: listing(tab)["status"] == "active")
    await own.call("listing_state.mark_sold_out")
    for tab in (own, neighbour, visitor):
        await tab.until(lambda tab: (listing(tab)["status"], listing(tab)["quantity"]) == ("sold_out", 0))


async def test_other_listings_pages_do_not_change(site: Site, seller: Actor) -> None:
    first, second = make_listing(site.database, seller), make_listing(site.database, seller)
    own, other = await site.tab_of(seller, routes.listing(first)), await site.tab(routes.listing(second))
    await own.call("listing_state.take_down")
    await own.until(lambda tab: listing(tab)["status"] == "taken_down")
    await other.settle()
    assert (listing(other)["id"], listing(other)["status"]) == (second, "active")


async def test_deleting_tells_those_who_look_and_leads_the_seller_home(site: Site, seller: Actor) -> None:
    page = routes.listing(make_listing(site.database, seller))
    own, visitor = await site.tab_of(seller, page), await site.tab(page)
    await own.call("listing_state.delete")
    assert own.redirects() == [routes.ME]
    assert own.commands("_call_function") == []
    await visitor.until(lambda tab: tab["listing_state"]["missing"] == "这件宝贝不存在或已被删除")
    again = await site.tab(page)
    assert again["listing_state"]["missing"] == "这件宝贝不存在或已被删除"
    assert listing(again)["id"] == 0


async def test_an_edit_arrives_on_open_pages_with_its_pictures(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller, quantity=1)
    own, visitor = (
        await site.tab_of(seller, routes.listing_edit(listing_id)),
        await site.tab(routes.listing(listing_id)),
    )
    await own.call("sell_state.open_edit", opened="one", path=routes.listing_edit(listing_id))
    assert own["sell_state"]["opened"] == "one"
    old, new = own["sell_state"]["photos"][0]["id"], make_photo(site.database, seller)
    form = {
        "title": "改过的标题",
        "description": "写得更清楚了",
        "price": "1,280.50",
        "quantity": "3",
        "category": "books",
        "photos": f'{{"ids": [{new}, {old}]}}',
        "base": own["sell_state"]["start"]["base"],
    }
    await own.call("sell_state.save", form=form)
    assert own["sell_state"]["errors"] == {}
    assert own.redirects() == [routes.listing(listing_id)]
    await visitor.until(lambda tab: listing(tab)["title"] == "改过的标题")
    assert (listing(visitor)["price"], listing(visitor)["quantity"]) == ("1,280.50", 3)
    assert [photo["id"] for photo in visitor["listing_state"]["photos"]] == [new, old]


async def test_a_refused_form_names_each_field_and_stores_nothing(site: Site, seller: Actor) -> None:
    tab = await site.tab_of(seller, routes.SELL)
    await tab.call("sell_state.publish", form={})
    assert {"title", "price", "category", "photos"} <= set(tab["sell_state"]["errors"])
    assert tab["sell_state"]["busy"] is False
    pending = '{"ids": [1], "pending": 1}'
    await tab.call("sell_state.publish", form={"photos": pending})
    assert tab["sell_state"]["errors"] == {"photos": "照片还在上传，请稍等片刻再发布"}

    def count(session: Session) -> int:
        return int(session.execute(sa.select(sa.func.count()).select_from(Listing)).scalar_one())

    assert site.database.read(count) == 0


async def test_a_visitor_who_wants_it_is_led_through_the_login_into_the_chat(site: Site, seller: Actor) -> None:
    page = routes.listing(make_listing(site.database, seller))
    visitor = await site.tab(page)
    await visitor.call("listing_state.want")
    wanted = visitor.led_back()
    assert wanted.startswith(f"{page}?want=")
    await visitor.close()
    # After the login the same tab opens the page again at that address, and goes on by itself.
    buyer = login_token(site.database, make_user(site.database))
    back = await site.tab(wanted, buyer, visitor.token)
    assert back.redirects() == [routes.conversation(seller.user_id)]
    # In anybody else's tab, and about anything else, the address presses nothing.
    other = routes.listing(make_listing(site.database, seller))
    for path, token in ((wanted, ""), (wanted.replace(page, other), visitor.token), (f"{page}?want=1", visitor.token)):
        assert (await site.tab(path, buyer, token)).redirects() == []


async def test_nobody_wants_what_they_sell(site: Site, seller: Actor) -> None:
    page = routes.listing(make_listing(site.database, seller))
    visitor = await site.tab(page)
    await visitor.call("listing_state.want")
    wanted = visitor.led_back()
    await visitor.close()
    own = await site.tab(wanted, login_token(site.database, seller), visitor.token)
    assert own.redirects() == []
    assert "这是你自己发布的宝贝" in own.said()


@pytest.mark.parametrize("address", ["0", "NaN", "undefined", "-1", "1e3", "９", "99999999999999999999", "1 OR 1=1"])
async def test_an_address_that_names_nothing_says_so(address: str, site: Site, seller: Actor) -> None:
    make_listing(site.database, seller)
    tab = await site.tab(f"/listing/{address}")
    assert tab["listing_state"]["missing"] == "这件宝贝不存在或已被删除"
    assert tab["listing_state"]["loaded"] is True


async def test_moving_on_to_another_listing_shows_that_one(site: Site, seller: Actor) -> None:
    first, second = make_listing(site.database, seller), make_listing(site.database, seller)
    tab = await site.tab(routes.listing(first))
    await tab.go(routes.listing(second))
    assert listing(tab)["id"] == second
    own = await site.tab_of(seller, routes.listing(first))
    tab.updates.clear()
    await own.call("listing_state.take_down")
    await tab.settle()
    assert tab.updates == []
