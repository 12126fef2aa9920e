"""Orders and purchases in open tabs."""

import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site, Tab
from tests.trade import Trade, buy, count_orders, order_form, pieces, trade
from xianyu import routes
from xianyu.adapters.live import bus
from xianyu.models import Listing
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import AddressForm
from xianyu.services import address_book, offers, orders
from xianyu.services.order_forms import OfferForm


@pytest.fixture
def deal(site: Site) -> Trade:
    return trade(site.database)


async def both(site: Site, deal: Trade, path: str) -> tuple[Tab, Tab]:
    """The seller's tab and the buyer's, on the same page."""
    return await site.tab_of(deal.seller, path), await site.tab_of(deal.buyer, path)


def stands(status: str) -> Callable[[Tab], bool]:
    return lambda tab: bool(tab["order_state"]["order"]["status"] == status)


def waits(count: int) -> Callable[[Tab], bool]:
    return lambda tab: bool(tab["waiting_state"]["count"] == count)


def buttons(tab: Tab) -> list[str]:
    return [action["name"] for action in tab["order_state"]["order"]["actions"]]


def listed(tab: Tab) -> list[str]:
    return [order["status"] for order in tab["orders_state"]["orders"]]


async def test_a_step_shows_on_both_sides_with_other_buttons(site: Site, deal: Trade) -> None:
    seller, buyer = await both(site, deal, routes.order(deal.order_id))
    assert (buttons(seller), buttons(buyer)) == (["confirm", "reprice", "decline"], ["cancel"])
    await seller.call("order_state.take", name="confirm")
    for tab in (seller, buyer):
        await tab.until(stands("confirmed"))
    assert (buttons(seller), buttons(buyer)) == (["hand_over", "cancel"], ["receive", "cancel"])
    await seller.call("order_state.take", name="hand_over")
    await buyer.until(stands("handed_over"))
    await buyer.call("order_state.take", name="receive")
    for tab in (seller, buyer):
        await tab.until(stands("completed"))
        assert buttons(tab) == []
    assert pieces(site.database, deal.listing_id) == (2, 0, 1)


async def test_what_a_step_needs_is_refused_beside_its_field_and_the_dialog_stays(site: Site, deal: Trade) -> None:
    _, buyer = await both(site, deal, routes.order(deal.order_id))
    await buyer.call("order_state.ask", name="cancel", is_open=True)
    assert buyer["order_state"]["asking"] == "cancel"
    await buyer.call("order_state.submit", form={"action": "cancel", "reason": " "})
    assert "reason" in buyer["order_state"]["errors"]
    assert buyer["order_state"]["asking"] == "cancel"
    await buyer.call("order_state.submit", form={"action": "cancel", "reason": "不要了"})
    assert (buyer["order_state"]["asking"], buyer["order_state"]["errors"]) == ("", {})
    assert stands("cancelled")(buyer)


async def test_a_dialog_closes_when_the_other_made_it_senseless(site: Site, deal: Trade) -> None:
    seller, buyer = await both(site, deal, routes.order(deal.order_id))
    await seller.call("order_state.ask", name="decline", is_open=True)
    await buyer.call("order_state.submit", form={"action": "cancel", "reason": "不要了"})
    await seller.until(lambda tab: tab["order_state"]["asking"] == "")
    await seller.call("order_state.submit", form={"action": "decline", "reason": "卖掉了"})
    assert "订单现在是“已取消”" in seller.said()
    assert stands("cancelled")(seller)


async def test_badges_and_lists_follow_on_both_sides(site: Site, deal: Trade) -> None:
    sold, home = await site.tab_of(deal.seller, routes.orders({"side": "sold"})), await site.tab_of(deal.seller)
    await home.go(routes.ME)
    bought = await site.tab_of(deal.buyer, routes.ORDERS)
    assert (listed(sold), listed(bought)) == (["pending"], ["pending"])
    assert [waits(1)(sold), waits(1)(home), waits(0)(bought)] == [True] * 3
    page = await site.tab_of(deal.seller, routes.order(deal.order_id))
    await page.call("order_state.take", name="confirm")
    await page.call("order_state.take", name="hand_over")
    await bought.until(waits(1))
    for tab in (sold, home):
        await tab.until(waits(0))
    for tab in (sold, bought):
        await tab.until(lambda tab: listed(tab) == ["handed_over"])
        counts = {one["status"]: one["count"] for one in tab["orders_state"]["counts"]}
        assert (counts[""], counts["handed_over"], counts["pending"]) == (1, 1, 0)


async def test_the_address_holds_what_is_looked_for(site: Site, deal: Trade) -> None:
    listing_id = make_listing(site.database, deal.seller, title="护眼台灯")
    buy(site.database, deal.buyer, listing_id)
    tab = await site.tab_of(deal.buyer, routes.ORDERS)
    await tab.call("orders_state.look_for", form={"words": "台灯", "since": "2020-01-01", "until": "never"})
    [path] = tab.redirects()
    assert path == routes.orders({"words": "台灯", "since": "2020-01-01"})
    await tab.go(path)
    assert [order["title"] for order in tab["orders_state"]["orders"]] == ["护眼台灯"]
    assert tab["orders_state"]["csv_url"] == routes.orders_csv({"words": "台灯", "since": "2020-01-01"})
    # Typed into the address bar the fields show it, too.
    number = tab["orders_state"]["number"]
    await tab.go(routes.orders({"status": "nonsense", "words": "山地车"}))
    assert tab["orders_state"]["number"] == number + 1
    assert (tab["orders_state"]["status"], tab["orders_state"]["words"]) == ("", "山地车")


async def test_a_list_that_slept_wakes_with_what_its_address_asks_for(site: Site, deal: Trade) -> None:
    path = routes.orders({"side": "sold", "words": "山地车"})
    sold = await site.tab_of(deal.seller, path)
    sold.expire()
    events = site.database.write(orders.act, deal.buyer, deal.order_id, "cancel", {"reason": "不要了"})
    await bus.publish(events)
    await sold.until(lambda tab: "orders_state" in tab.vars and listed(tab) == ["cancelled"])
    assert (sold["orders_state"]["side"], sold["orders_state"]["words"]) == ("sold", "山地车")


async def test_a_long_list_comes_in_pages_and_stays_as_long_as_it_is(site: Site) -> None:
    seller, buyer = make_user(site.database), make_user(site.database)
    listing_id = make_listing(site.database, seller, quantity=30)
    ids = [buy(site.database, buyer, listing_id) for _ in range(25)]
    tab = await site.tab_of(buyer, routes.ORDERS)
    assert (len(listed(tab)), tab["orders_state"]["has_more"]) == (20, True)
    await tab.call("orders_state.load_more")
    assert [order["id"] for order in tab["orders_state"]["orders"]] == ids[::-1]
    assert tab["orders_state"]["has_more"] is False
    page = await site.tab_of(seller, routes.order(ids[0]))
    await page.call("order_state.take", name="confirm")
    await tab.until(lambda tab: listed(tab)[-1] == "confirmed")
    assert len(listed(tab)) == 25


def purchase(tab: Tab, **changes: Any) -> dict[str, Any]:
    """The form as the open page would send it."""
    state = tab["buy_state"]
    return {
        "listing_id": str(state["start"]["listing_id"]),
        "seen_fen": str(state["start"]["price_fen"]),
        "client_key": state["key"],
        "quantity": "1",
        "delivery": "face_to_face",
        "phone": "",
        "note": "",
    } | changes


async def buying(site: Site, buyer: Actor, listing_id: int, cookie: str = "") -> Tab:
    tab = await site.tab(routes.buy(listing_id), cookie or login_token(site.database, buyer))
    return await tab.call("buy_state.open", opened=secrets.token_hex(4), path=routes.buy(listing_id))


def free(count: int) -> Callable[[Tab], bool]:
    return lambda tab: bool(tab["buy_state"]["start"]["free"] == count)


async def test_a_form_that_is_sent_twice_makes_one_order(site: Site) -> None:
    seller, buyer = make_user(site.database), make_user(site.database)
    listing_id = make_listing(site.database, seller, quantity=5)
    tab = await buying(site, buyer, listing_id)
    form = purchase(tab, quantity="2")
    for _ in range(2):
        await tab.emit("buy_state.submit", form=form)
    await tab.settle()
    [path] = set(tab.redirects())
    assert re.fullmatch(r"/orders/\d+", path)
    assert count_orders(site.database) == 1
    assert pieces(site.database, listing_id) == (3, 2, 0)


async def test_a_form_that_outlives_the_server_names_the_same_wish(site: Site) -> None:
    listing_id = make_listing(site.database, make_user(site.database), quantity=5)
    tab = await buying(site, make_user(site.database), listing_id)
    opened, path, form = tab["buy_state"]["opened"], routes.buy(listing_id), purchase(tab, quantity="2")
    await tab.call("buy_state.submit", form=form)
    tab.expire()
    await tab.go(path)
    await tab.call("buy_state.open", opened=opened, path=path, again=True)
    # What is typed is known to the page alone.
    assert (tab["buy_state"]["key"], tab["buy_state"]["total"]) == (form["client_key"], "")
    await tab.call("buy_state.submit", form=form)
    assert count_orders(site.database) == 1
    await tab.call("buy_state.open", opened="another", path=path)
    assert tab["buy_state"]["key"] != form["client_key"]


async def test_a_warning_stays_and_a_page_that_slept_gets_no_false_one(site: Site) -> None:
    seller, buyer, other = (make_user(site.database) for _ in range(3))
    listing_id = make_listing(site.database, seller, quantity=5)
    tab, asleep = await buying(site, buyer, listing_id), await buying(site, buyer, listing_id)
    await bus.publish(site.database.write(orders.place, other, order_form(listing_id)).events)
    await tab.until(free(4))
    assert tab["buy_state"]["changed"] == ""
    asleep.expire()
    site.database.write(_set_price, listing_id)
    for left in (3, 2):
        await bus.publish(site.database.write(orders.place, other, order_form(listing_id)).events)
        await tab.until(free(left))
        assert "¥250.00" in tab["buy_state"]["changed"]
    await asleep.settle()
    assert asleep.vars.get("buy_state", {}).get("changed", "") == ""


async def test_a_refused_form_says_so_beside_its_fields(site: Site) -> None:
    seller, buyer = make_user(site.database), make_user(site.database)
    tab = await buying(site, buyer, make_listing(site.database, seller, quantity=2))
    await tab.call("buy_state.submit", form=purchase(tab, quantity="0", delivery="shipping"))
    assert set(tab["buy_state"]["errors"]) == {"quantity", "address"}
    await tab.call("buy_state.submit", form=purchase(tab, quantity="3"))
    assert tab["buy_state"]["errors"] == {"quantity": "只剩 2 件了"}
    assert count_orders(site.database) == 0


async def test_the_total_follows_what_is_typed_and_what_the_seller_changes(site: Site) -> None:
    seller, buyer, other = (make_user(site.database) for _ in range(3))
    listing_id = make_listing(site.database, seller, quantity=5)
    tab = await buying(site, buyer, listing_id)
    await tab.call("buy_state.count", typed="3")
    assert tab["buy_state"]["total"] == "600.00"
    await tab.call("buy_state.count", typed="many")
    assert tab["buy_state"]["total"] == "600.00"
    old = purchase(tab, quantity="3")
    site.database.write(_set_price, listing_id)
    await tab.call("buy_state.submit", form=old)
    assert "¥250.00" in tab["buy_state"]["errors"]["form"]
    assert tab["buy_state"]["total"] == "750.00"
    elsewhere = await buying(site, other, listing_id)
    await elsewhere.call("buy_state.submit", form=purchase(elsewhere, quantity="3"))
    await tab.until(lambda tab: tab["buy_state"]["changed"] == "只剩 2 件了")
    again = await buying(site, other, listing_id)
    await again.call("buy_state.submit", form=purchase(again, quantity="2"))
    await tab.until(lambda tab: tab["buy_state"]["gone"] != "")
    assert count_orders(site.database) == 2


def _set_price(session: Session, listing_id: int) -> None:
    session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(price_fen=25_000))


async def test_what_cannot_be_bought_is_said_instead_of_the_form(site: Site) -> None:
    seller = make_user(site.database)
    tab = await buying(site, seller, make_listing(site.database, seller))
    assert tab["buy_state"]["missing"] == "这是你自己发布的宝贝"
    tab = await buying(site, make_user(site.database), 999_999)
    assert tab["buy_state"]["missing"] != ""


async def test_the_address_book_is_the_same_in_all_tabs(site: Site) -> None:
    seller, buyer = make_user(site.database), make_user(site.database)
    listing_id = make_listing(site.database, seller)
    cookie = login_token(site.database, buyer)
    tab, other = (await buying(site, buyer, listing_id, cookie), await buying(site, buyer, listing_id, cookie))
    form = {"id": "0", "book_recipient": "陈小姐", "book_phone": "13800000000", "book_address": "幸福小区 3 号楼 502"}
    await tab.call("buy_state.edit_address", address_id=0, is_open=True)
    await tab.call("buy_state.save_address", form=form | {"book_phone": "电话"})
    assert set(tab["buy_state"]["address_errors"]) == {"book_phone"}
    assert tab["buy_state"]["editing"] == 0
    await tab.call("buy_state.save_address", form=form)
    [saved] = tab["buy_state"]["addresses"]
    assert (tab["buy_state"]["editing"], tab["buy_state"]["chosen"]) == (-1, saved["id"])
    await other.until(lambda tab: tab["buy_state"]["addresses"] == [saved])
    await other.call("buy_state.edit_address", address_id=saved["id"], is_open=True)
    await other.call("buy_state.save_address", form=form | {"id": str(saved["id"]), "book_recipient": "陈先生"})
    await tab.until(lambda tab: tab["buy_state"]["addresses"][0]["recipient"] == "陈先生")
    await tab.call("buy_state.delete_address", address_id=saved["id"])
    await other.until(lambda tab: tab["buy_state"]["addresses"] == [])


async def test_an_order_is_sent_to_an_address_of_ones_own_alone(site: Site) -> None:
    seller, buyer, other = (make_user(site.database) for _ in range(3))
    home = AddressForm("别人", "13800000000", "别人家的地址 1 号")
    address_id, _ = site.database.write(address_book.save, other, home)
    tab = await buying(site, buyer, make_listing(site.database, seller))
    await tab.call("buy_state.submit", form=purchase(tab, delivery="shipping", address_id=str(address_id)))
    assert tab["buy_state"]["errors"] == {"address": "没有找到这个地址，请重新选择"}
    assert count_orders(site.database) == 0


async def test_another_person_in_the_tab_finds_nothing_of_the_one_before(site: Site, deal: Trade) -> None:
    tab = await site.tab_of(deal.buyer, routes.order(deal.order_id))
    assert stands("pending")(tab)
    site.database.write(offers.make, deal.buyer, deal.listing_id, OfferForm(1, 100, "offer-00001"))
    other = await site.tab(routes.order(deal.order_id), login_token(site.database, make_user(site.database)), tab.token)
    assert other["order_state"]["missing"] == "没有找到这个订单"
    assert other["order_state"]["order"]["title"] == ""


async def test_what_the_clock_does_shows_on_open_pages(site: Site, deal: Trade) -> None:
    seller, buyer = await both(site, deal, routes.order(deal.order_id))
    events = site.database.write(orders.act, deal.seller, deal.order_id, "confirm")
    await bus.publish(events)
    for tab in (seller, buyer):
        await tab.until(stands("confirmed"))
