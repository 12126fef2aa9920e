"""A round of deadlines in the running site, and the card that changes in open conversations."""

from datetime import timedelta

from tests.live_site import Site, Tab
from tests.trade import trade
from xianyu import routes
from xianyu.models.types import utc_now
from xianyu.services import orders
from xianyu.states.delivery import announce
from xianyu.states.order_clock import meet


def labels(tab: Tab) -> list[str]:
    state = tab["conversation_state"]
    return [message["attachment"]["label"] for message in [*state["history"], *state["tail"]]]


async def test_both_see_in_their_conversation_what_the_clock_did(site: Site) -> None:
    deal = trade(site.database)
    tabs = [
        await site.tab_of(deal.seller, routes.conversation(deal.buyer.user_id)),
        await site.tab_of(deal.buyer, routes.conversation(deal.seller.user_id)),
    ]
    for tab in tabs:
        assert labels(tab) == ["待卖家确认"]
    await meet(utc_now() + timedelta(hours=21))
    for tab in tabs:
        await tab.until(lambda tab: tab["shell_state"]["unread_notices"] > 0)
    assert labels(tabs[0]) == ["待卖家确认"]
    await meet(utc_now() + timedelta(hours=25))
    for tab in tabs:
        await tab.until(lambda tab: labels(tab) == ["超时未确认"])


async def test_a_step_changes_the_card_on_both_sides(site: Site) -> None:
    deal = trade(site.database)
    tabs = [
        await site.tab_of(deal.seller, routes.conversation(deal.buyer.user_id)),
        await site.tab_of(deal.buyer, routes.conversation(deal.seller.user_id)),
    ]
    await announce(*site.database.write(orders.act, deal.seller, deal.order_id, "confirm"))
    for tab in tabs:
        await tab.until(lambda tab: labels(tab) == ["已确认"])


async def test_a_round_with_nothing_to_do_tells_nobody(site: Site) -> None:
    deal = trade(site.database)
    tab = await site.tab_of(deal.buyer, routes.conversation(deal.seller.user_id))
    tab.updates.clear()
    await meet(utc_now())
    await tab.settle()
    assert tab.updates == []
