"""Offers in open tabs."""

from tests.factories import make_listing, make_user
from tests.live_site import Site, Tab
from tests.trade import count_orders, pieces
from xianyu import routes


def cards(tab: Tab) -> list[tuple[str, str]]:
    """Kinds and states of the cards of a conversation, oldest first."""
    shown = [*tab["conversation_state"]["history"], *tab["conversation_state"]["tail"]]
    return [(one["kind"], one["attachment"]["label"]) for one in shown if one["kind"] in {"order", "offer"}]


def open_offer(tab: Tab) -> int:
    """The number of the offer that is to be answered."""
    shown = [*tab["conversation_state"]["history"], *tab["conversation_state"]["tail"]]
    [offer_id] = [one["attachment"]["ref_id"] for one in shown if (one["attachment"] or {}).get("awaits_id")]
    return int(offer_id)


async def haggling(site: Site) -> tuple[Tab, Tab, int]:
    """A buyer's conversation with a seller, the seller's with the buyer, and a listing of three pieces."""
    seller, buyer = make_user(site.database), make_user(site.database)
    listing_id = make_listing(site.database, seller, quantity=3)
    mine = await site.tab_of(buyer, routes.conversation(seller.user_id))
    return mine, await site.tab_of(seller, routes.conversation(buyer.user_id)), listing_id


async def make_offer(tab: Tab, about: str, ref: int, price: str) -> None:
    await tab.call("offer_state.ask", about=about, ref=ref, is_open=True)
    state = tab["offer_state"]
    assert (state["about"], state["ref"]) == (about, ref)
    form = {"about": about, "ref": str(ref), "client_key": state["key"], "price": price, "quantity": "1"}
    await tab.call("offer_state.submit", form=form)
    assert (tab["offer_state"]["about"], tab["offer_state"]["errors"]) == ("", {})


async def test_an_offer_is_countered_and_accepted_into_an_order(site: Site) -> None:
    buyer, seller, listing_id = await haggling(site)
    await make_offer(buyer, "listing", listing_id, "150")
    for tab in (buyer, seller):
        await tab.until(lambda tab: cards(tab) == [("offer", "等待回复")])
    await make_offer(seller, "offer", open_offer(seller), "165.5")
    for tab in (buyer, seller):
        await tab.until(lambda tab: cards(tab) == [("offer", "已还价"), ("offer", "等待回复")])
    await buyer.call("offer_state.accept", offer_id=open_offer(buyer))
    for tab in (buyer, seller):
        await tab.until(lambda tab: cards(tab) == [("offer", "已还价"), ("offer", "已接受"), ("order", "待卖家确认")])
    assert pieces(site.database, listing_id) == (2, 1, 0)
    assert seller["waiting_state"]["count"] == 1


async def test_a_card_before_somebodys_eyes_is_read(site: Site) -> None:
    buyer, seller, listing_id = await haggling(site)
    await make_offer(buyer, "listing", listing_id, "150")
    await buyer.until(lambda tab: tab["conversation_state"]["read_by_peer"] == 1)
    await seller.settle()
    # What is left is the notice of the offer.
    assert (seller["shell_state"]["unread"], seller["shell_state"]["unread_notices"]) == (1, 1)


async def test_an_offer_is_declined_or_taken_back(site: Site) -> None:
    buyer, seller, listing_id = await haggling(site)
    await make_offer(buyer, "listing", listing_id, "150")
    await buyer.call("offer_state.withdraw", offer_id=open_offer(buyer))
    await make_offer(buyer, "listing", listing_id, "160")
    offer_id = open_offer(buyer)
    await seller.call("offer_state.decline", offer_id=offer_id)
    for tab in (buyer, seller):
        await tab.until(lambda tab: cards(tab) == [("offer", "已撤回"), ("offer", "已拒绝")])
    await seller.call("offer_state.accept", offer_id=offer_id)
    assert "这个出价已经有结果了" in seller.said()
    assert count_orders(site.database) == 0


async def test_a_refused_offer_keeps_its_dialog(site: Site) -> None:
    buyer, _, listing_id = await haggling(site)
    await buyer.call("offer_state.ask", about="listing", ref=listing_id, is_open=True)
    form = {"about": "listing", "ref": str(listing_id), "client_key": buyer["offer_state"]["key"]}
    await buyer.call("offer_state.submit", form=form | {"price": "随便", "quantity": "1"})
    assert set(buyer["offer_state"]["errors"]) == {"price"}
    await buyer.call("offer_state.submit", form=form | {"price": "10", "quantity": "9"})
    assert buyer["offer_state"]["errors"] == {"quantity": "只剩 3 件了"}
    assert buyer["offer_state"]["about"] == "listing"
    assert cards(buyer) == []


async def test_nobody_accepts_their_own_offer_or_one_of_others(site: Site) -> None:
    buyer, _, listing_id = await haggling(site)
    await make_offer(buyer, "listing", listing_id, "150")
    offer_id = open_offer(buyer)
    await buyer.call("offer_state.accept", offer_id=offer_id)
    assert "这是你自己的出价" in buyer.said()
    stranger = await site.tab_of(make_user(site.database))
    await stranger.call("offer_state.accept", offer_id=offer_id)
    assert "没有找到这个出价" in stranger.said()
    assert count_orders(site.database) == 0


async def test_a_visitor_who_offers_logs_in_and_is_led_back(site: Site) -> None:
    listing_id = make_listing(site.database, make_user(site.database))
    page = await site.tab(routes.listing(listing_id))
    await page.call("offer_state.ask", about="listing", ref=listing_id, is_open=True)
    [path] = page.redirects()
    assert path == routes.login(f"{routes.listing(listing_id)}?offer=1")
    back = await site.tab_of(make_user(site.database), f"{routes.listing(listing_id)}?offer=1")
    assert back["offer_state"]["about"] == "listing"
