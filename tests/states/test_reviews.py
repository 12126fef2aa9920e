"""Reviews in open tabs: of an order, of a person and of a listing."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import make_listing, make_photo, make_user
from tests.live_site import Site, Tab
from tests.reviewing import completed, review, reviewed
from tests.trade import Trade, trade
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.models.types import utc_now
from xianyu.schemas.events import Reconnected
from xianyu.states.order_clock import meet
from xianyu.states.reviews import FIRST

SECRET = "说好的九成新其实有划痕"


@pytest.fixture
def deal(site: Site) -> Trade:
    return completed(site.database)


async def both(site: Site, deal: Trade, path: str) -> tuple[Tab, Tab]:
    """The buyer's tab and the seller's, on the same page."""
    return await site.tab_of(deal.buyer, path), await site.tab_of(deal.seller, path)


def of_order(tab: Tab) -> dict[str, Any]:
    found: dict[str, Any] = tab["order_reviews_state"]["reviews"]
    return found


def shows(*stars: int) -> Callable[[Tab], bool]:
    return lambda tab: [one["stars"] for one in of_order(tab)["reviews"]] == list(stars)


def counts(state: str, count: int) -> Callable[[Tab], bool]:
    return lambda tab: bool(tab[state]["rating"]["count"] == count)


async def write(tab: Tab, stars: int, text: str = "", **more: Any) -> None:
    await tab.call("order_reviews_state.ask", is_open=True)
    await tab.call("order_reviews_state.write", form={"stars": str(stars), "text": text, **more})


async def test_each_writes_and_both_see_both(site: Site, deal: Trade) -> None:
    buyer, seller = await both(site, deal, routes.order(deal.order_id))
    person = await site.tab(routes.user(deal.seller.user_id))
    listing = await site.tab(routes.listing(deal.listing_id))
    await write(buyer, 4, SECRET)
    assert shows(4)(buyer)
    assert (buyer["order_reviews_state"]["writing"], of_order(buyer)["can_write"]) == (False, False)
    await seller.until(lambda tab: "对方已经评价了你" in of_order(tab)["note"])
    await write(seller, 5)
    for tab in (buyer, seller):
        await tab.until(shows(4, 5))
    await person.until(counts("person_reviews_state", 1))
    assert [one["text"] for one in person["person_reviews_state"]["reviews"]] == [SECRET]
    await listing.until(counts("listing_reviews_state", 1))
    assert listing["listing_reviews_state"]["seller"]["average"] == "4.0"


async def test_nobody_hears_what_is_sealed(site: Site, deal: Trade) -> None:
    buyer, seller = await both(site, deal, routes.order(deal.order_id))
    person = await site.tab_of(deal.seller, routes.user(deal.seller.user_id))
    listing = await site.tab_of(deal.seller, routes.listing(deal.listing_id))
    await write(buyer, 2, SECRET)
    await seller.until(lambda tab: "对方已经评价了你" in of_order(tab)["note"])
    await seller.until(lambda tab: tab["shell_state"]["unread_notices"] > 0)
    box = await site.tab_of(deal.seller, f"{routes.MESSAGES}?box=notices")
    for tab in (seller, person, listing, box):
        await tab.settle()
        assert SECRET not in tab.said()


async def test_what_is_refused_stays_in_the_dialog(site: Site, deal: Trade) -> None:
    buyer, _ = await both(site, deal, routes.order(deal.order_id))
    await buyer.call("order_reviews_state.ask", is_open=True)
    await buyer.call("order_reviews_state.write", form={"text": "长" * 501, "photos": "nonsense"})
    state = buyer["order_reviews_state"]
    assert (set(state["errors"]), state["writing"], state["busy"]) == ({"stars", "text"}, True, False)
    pending = json.dumps({"ids": [], "pending": 1})
    await buyer.call("order_reviews_state.write", form={"stars": "5", "photos": pending})
    assert set(buyer["order_reviews_state"]["errors"]) == {"photos"}
    stolen = json.dumps({"ids": [make_photo(site.database, deal.seller)], "pending": 0})
    await buyer.call("order_reviews_state.write", form={"stars": "5", "photos": stolen})
    assert set(buyer["order_reviews_state"]["errors"]) == {"photos"}
    mine = json.dumps({"ids": [make_photo(site.database, deal.buyer)], "pending": 0})
    await buyer.call("order_reviews_state.write", form={"stars": "5", "photos": mine})
    [shown] = of_order(buyer)["reviews"]
    assert len(shown["photos"]) == 1
    await buyer.call("order_reviews_state.write", form={"stars": "5"})
    assert buyer["order_reviews_state"]["errors"] == {"form": "你已经评价过这个订单了"}


async def test_the_last_step_of_an_order_begins_the_reviews(site: Site) -> None:
    deal = trade(site.database)
    buyer, seller = await both(site, deal, routes.order(deal.order_id))
    assert of_order(buyer)["order_id"] == 0
    await buyer.call("order_reviews_state.ask", is_open=True)
    assert buyer["order_reviews_state"]["writing"] is False
    for tab, name in ((seller, "confirm"), (seller, "hand_over"), (buyer, "receive")):
        await tab.call("order_state.take", name=name)
    for tab in (buyer, seller):
        await tab.until(lambda tab: of_order(tab)["can_write"])


async def test_an_answer_is_given_once_and_seen_by_all(site: Site, deal: Trade) -> None:
    review_id = review(site.database, deal.buyer, deal.order_id)
    review(site.database, deal.seller, deal.order_id)
    buyer, seller = await both(site, deal, routes.order(deal.order_id))
    person = await site.tab(routes.user(deal.seller.user_id))
    await buyer.call("order_reviews_state.ask_reply", review_id=review_id, is_open=True)
    assert buyer["order_reviews_state"]["replying"] == 0
    await seller.call("order_reviews_state.ask_reply", review_id=review_id, is_open=True)
    await seller.call("order_reviews_state.reply", form={"review_id": str(review_id), "reply": " "})
    assert set(seller["order_reviews_state"]["errors"]) == {"reply"}
    assert seller["order_reviews_state"]["replying"] == review_id
    await seller.call("order_reviews_state.reply", form={"review_id": str(review_id), "reply": "谢谢"})
    assert seller["order_reviews_state"]["replying"] == 0
    await buyer.until(lambda tab: of_order(tab)["reviews"][0]["reply"] == "谢谢")
    await person.until(lambda tab: tab["person_reviews_state"]["reviews"][0]["reply"] == "谢谢")
    await seller.call("order_reviews_state.reply", form={"review_id": str(review_id), "reply": "再谢"})
    assert seller["order_reviews_state"]["errors"] == {"form": "已经回复过这条评价了"}


async def test_the_clock_opens_on_open_pages(site: Site, deal: Trade) -> None:
    review(site.database, deal.buyer, deal.order_id, 3)
    buyer, seller = await both(site, deal, routes.order(deal.order_id))
    person = await site.tab(routes.user(deal.seller.user_id))
    assert shows()(seller)
    await meet(utc_now() + timedelta(days=31))
    for tab in (buyer, seller):
        await tab.until(shows(3))
    await person.until(counts("person_reviews_state", 1))


async def test_lists_of_orders_drop_the_hint_once_it_is_written(site: Site, deal: Trade) -> None:
    bought = await site.tab_of(deal.buyer, routes.ORDERS)
    assert [order["is_to_review"] for order in bought["orders_state"]["orders"]] == [True]
    page = await site.tab_of(deal.buyer, routes.order(deal.order_id))
    await write(page, 5)
    await bought.until(lambda tab: [order["is_to_review"] for order in tab["orders_state"]["orders"]] == [False])


async def test_a_long_list_comes_in_pages_and_stays_as_long_as_it_is(site: Site) -> None:
    seller, buyer = make_user(site.database), make_user(site.database)
    listing_id = make_listing(site.database, seller, quantity=20)
    written = [reviewed(site.database, seller, buyer, 5, listing_id) for _ in range(5)]
    for path, state in ((routes.user(seller.user_id), "person"), (routes.listing(listing_id), "listing")):
        name = f"{state}_reviews_state"
        tab = await site.tab(path)
        assert [one["id"] for one in tab[name]["reviews"]] == written[::-1][:FIRST]
        assert tab[name]["has_more"] is True
        await tab.call(f"{name}.load_more")
        assert [one["id"] for one in tab[name]["reviews"]] == written[::-1]
        assert tab[name]["has_more"] is False
        length, newest = len(written), reviewed(site.database, seller, buyer, 1, listing_id)
        written.append(newest)
        await bus.publish([Reconnected()])
        await tab.until(lambda tab, name=name: tab[name]["reviews"][0]["id"] == newest)  # type: ignore[misc]  # noqa: B023 - waited for at once
        assert len(tab[name]["reviews"]) == length


async def test_pages_that_slept_wake_with_what_is_said_now(site: Site, deal: Trade) -> None:
    person = await site.tab(routes.user(deal.seller.user_id))
    buyer, seller = await both(site, deal, routes.order(deal.order_id))
    person.expire()
    seller.expire()
    await write(buyer, 5)
    await seller.until(lambda tab: "order_reviews_state" in tab.vars and "对方已经评价了你" in of_order(tab)["note"])
    await write(seller, 4)
    await person.until(lambda tab: "person_reviews_state" in tab.vars and counts("person_reviews_state", 1)(tab))
