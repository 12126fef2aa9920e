"""The form of a listing, as tabs open it, save it, and come back to it."""

import json
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories import login_token, make_listing, make_photo, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.models import Draft, Listing
from xianyu.schemas.accounts import Actor
from xianyu.services import tags


@pytest.fixture
def seller(site: Site) -> Actor:
    return make_user(site.database, "卖家")


def form_of(*photo_ids: int, **changes: str) -> dict[str, str]:
    form = {
        "kind": "offer",
        "title": "写好的台灯",
        "description": "用了一年多，亮度没问题",
        "price": "59",
        "quantity": "1",
        "category": "lighting",
        "condition": "good",
        "tags": '["宜家"]',
        "original_price": "",
        "place": "",
        "photos": json.dumps({"ids": photo_ids, "pending": 0}),
    }
    return form | changes


async def opened(site: Site, seller: Actor, listing_id: int = 0, cookie: str = "") -> Tab:
    path = routes.listing_edit(listing_id) if listing_id else routes.SELL
    tab = await site.tab(path, cookie or login_token(site.database, seller))
    if listing_id:
        await tab.call("sell_state.open_edit", opened="one", path=path)
    else:
        await tab.call("sell_state.open_new", opened="one")
    return tab


def sell(tab: Tab) -> dict[str, Any]:
    return tab["sell_state"]


async def test_of_two_tabs_the_later_has_to_press_twice(site: Site, seller: Actor) -> None:
    listing_id = make_listing(site.database, seller)
    cookie = login_token(site.database, seller)
    early, late = [await opened(site, seller, listing_id, cookie) for _ in range(2)]
    photo = sell(early)["photos"][0]["id"]
    await early.call("sell_state.save", form=form_of(photo, base=sell(early)["start"]["base"]))
    assert early.redirects() == [routes.listing(listing_id)]

    mine = form_of(photo, title="另一个标题", base=sell(late)["start"]["base"])
    await late.call("sell_state.save", form=mine)
    assert late.redirects() == []
    assert "这件宝贝刚在别处改过标题、描述、价格、分类、成色、标签" in sell(late)["errors"]["form"]
    assert (sell(late)["newer"], sell(late)["busy"]) == ("2", False)
    await late.call("sell_state.save", form=mine | {"newer": "2"})
    assert late.redirects() == [routes.listing(listing_id)]
    assert site.database.read(Session.get_one, Listing, listing_id).title == "另一个标题"


async def test_a_draft_is_kept_offered_once_more_and_gone_when_published(site: Site, seller: Actor) -> None:
    tab = await opened(site, seller)
    photo = make_photo(site.database, seller)
    await tab.call("sell_state.save_draft", form=form_of(photo, price="?"))
    again = await opened(site, seller)
    assert sell(again)["draft"]["title"] == "写好的台灯"
    assert sell(again)["start"]["title"] == ""
    await again.call("sell_state.resume")
    start = sell(again)["start"]
    assert (start["title"], start["price"], start["tags"]) == ("写好的台灯", "?", ["宜家"])
    assert [each["id"] for each in sell(again)["photos"]] == [photo]
    assert sell(again)["draft"]["saved_at"] == ""
    await again.call("sell_state.publish", form=form_of(photo))
    assert len(again.redirects()) == 1
    assert site.database.read(Session.get, Draft, seller.user_id) is None


async def test_what_is_offered_is_not_written_over_until_it_is_decided(site: Site, seller: Actor) -> None:
    await (await opened(site, seller)).call("sell_state.save_draft", form=form_of())
    tab = await opened(site, seller)
    await tab.call("sell_state.save_draft", form=form_of(title="别的东西"))
    assert '"写好的台灯"' in site.database.read(Session.get_one, Draft, seller.user_id).form
    await tab.call("sell_state.publish", form=form_of(make_photo(site.database, seller), title="别的东西"))
    assert len(tab.redirects()) == 1
    assert '"写好的台灯"' in site.database.read(Session.get_one, Draft, seller.user_id).form

    again = await opened(site, seller)
    await again.call("sell_state.discard")
    assert site.database.read(Session.get, Draft, seller.user_id) is None
    await again.call("sell_state.save_draft", form=form_of(title="别的东西"))
    assert '"别的东西"' in site.database.read(Session.get_one, Draft, seller.user_id).form


async def test_a_socket_that_comes_back_begins_no_form_anew(site: Site, seller: Actor) -> None:
    tab = await opened(site, seller)
    await tab.call("sell_state.save_draft", form=form_of())
    number = sell(tab)["number"]
    await tab.go(routes.SELL)
    assert (sell(tab)["opened"], sell(tab)["number"], sell(tab)["draft"]["saved_at"]) == ("one", number, "")


async def test_uploads_on_their_way_hold_up_publishing_and_no_draft(site: Site, seller: Actor) -> None:
    tab = await opened(site, seller)
    for name, said in (("photos", "照片还在上传"), ("video", "视频还在上传")):
        await tab.call("sell_state.publish", form=form_of(1) | {name: '{"ids": [], "id": null, "pending": 1}'})
        assert said in sell(tab)["errors"][name]
        await tab.call("sell_state.save_draft", form=form_of() | {name: '{"ids": [], "id": null, "pending": 1}'})
    assert sell(tab)["refused"] == "还要改一下：视频"
    assert site.database.read(Session.get_one, Draft, seller.user_id)


async def test_tags_are_suggested_while_somebody_types(site: Site, seller: Actor) -> None:
    site.database.write(tags.put, make_listing(site.database, seller), ("自行车",))
    tab = await opened(site, seller)
    await tab.call("sell_state.suggest", typed="zxc")
    assert sell(tab)["suggestions"] == ["自行车"]


def me(tab: Tab) -> dict[str, Any]:
    return tab["me_state"]


async def test_my_page_follows_what_another_tab_does(site: Site, seller: Actor) -> None:
    first, second = (make_listing(site.database, seller) for _ in range(2))
    page, other = await site.tab_of(seller, routes.ME), await site.tab_of(seller, routes.listing(first))
    assert [card["id"] for card in me(page)["cards"]] == [second, first]
    await other.call("listing_state.take_down")
    await page.until(lambda tab: [card["id"] for card in me(tab)["cards"]] == [second])
    assert me(page)["counts"] == {"active": 1, "taken_down": 1, "sold_out": 0}
    await other.call("listing_state.relist")
    await other.call("listing_state.bump")
    await page.until(lambda tab: [card["id"] for card in me(tab)["cards"]] == [first, second])


async def test_several_of_mine_change_at_once_and_none_of_others(site: Site, seller: Actor) -> None:
    mine = [make_listing(site.database, seller) for _ in range(3)]
    foreign = make_listing(site.database, make_user(site.database))
    page = await site.tab_of(seller, routes.ME)
    home = await site.tab(routes.HOME)
    for listing_id in (*mine[:2], foreign, 2**60):
        await page.call("me_state.toggle", listing_id=listing_id)
    await page.call("me_state.toggle", listing_id=mine[1])
    assert me(page)["chosen"] == [mine[0]]
    await page.call("me_state.choose_all")
    await page.call("me_state.take_down_chosen")
    assert me(page)["report"] == "已下架 3 件"
    assert (me(page)["cards"], me(page)["chosen"]) == ([], [])
    gone = {card["id"]: card["status"] for card in home["feed_state"]["cards"]}
    assert gone.keys() >= set(mine)
    await home.until(lambda tab: {card["status"] for card in tab["feed_state"]["cards"]} == {"active", "taken_down"})
