"""The search page and the search box: what addresses, filters and sentences lead to, and what happens live."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.factories import login_token, make_activity, make_listing, make_photo, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.schemas.accounts import Actor
from xianyu.services import limits, saved_searches
from xianyu.services.search import PAGE_SIZE

SENTENCE = "200元以内的山地车，九成新"


def address(**parameters: str) -> str:
    return f"{routes.SEARCH}?{urlencode(parameters)}"


def ids(tab: Tab) -> list[int]:
    return [hit["id"] for hit in tab["search_state"]["hits"]]


def labels(tab: Tab) -> list[str]:
    return [each["label"] for each in tab["search_state"]["filters"]]


def led_to(tab: Tab) -> dict[str, str]:
    """The parameters of the search that the tab was sent to last."""
    parts = urlsplit(tab.redirects()[-1])
    assert parts.path == routes.SEARCH
    return dict(parse_qsl(parts.query))


async def follow(tab: Tab, handler: str, **payload: Any) -> Tab:
    """Change a filter, and go where that leads."""
    await tab.call(f"search_state.{handler}", **payload)
    return await tab.go(tab.redirects()[-1])


@pytest.fixture
def seller(site: Site) -> Actor:
    return make_user(site.database)


def bike(site: Site, seller: Actor, **changes: Any) -> int:
    values = {"title": "捷安特山地车", "category": "bicycles", "condition": "good", "price_fen": 15_000} | changes
    return make_listing(site.database, seller, **values)


async def test_the_address_is_the_whole_search(site: Site, seller: Actor) -> None:
    wanted = bike(site, seller)
    for other in ({"price_fen": 90_000}, {"condition": "worn"}, {"title": "儿童滑板"}, {"category": "books"}):
        bike(site, seller, **other)
    tab = await site.tab(address(q="山地车", category="bikes", condition="good,new", max="200", plain="0"))
    assert ids(tab) == [wanted]
    assert tab["search_state"]["count"] == 1
    assert labels(tab) == ["分类：自行车/代步", "全新、九成新", "200 元以内"]
    assert tab["search_state"]["max_text"] == "200"
    again = await site.tab(address(q="山地车", category="bikes", condition="good,new", max="200", plain="0"))
    assert again["search_state"]["hits"] == tab["search_state"]["hits"]


async def test_what_was_searched_for_is_marked_in_titles(site: Site, seller: Actor) -> None:
    bike(site, seller)
    tab = await site.tab(address(q="山地"))
    parts = tab["search_state"]["hits"][0]["parts"]
    assert [(part["text"], part["is_match"]) for part in parts] == [("捷安特", False), ("山地", True), ("车", False)]


@pytest.mark.parametrize(
    "hostile",
    [
        "category=nonsense&min=abc&max=-5&sort=xyz&condition=,,x&kind=7&section=moon&plain=maybe",
        "min=1e9&max=NaN&tag=" + "x" * 500,
        "category=books&category=bikes&sort=newest&sort=cheapest",
        "self=1&cls=2&q=%00%ED%A0%80&__proto__=1",
        "q=" + "山" * 10_000,
        "q=%22%20OR%20%22%20NEAR(a%20b)%20*%20-title:x",
    ],
)
async def test_an_address_that_makes_no_sense_shows_a_page_that_does(hostile: str, site: Site, seller: Actor) -> None:
    bike(site, seller)
    tab = await site.tab(f"{routes.SEARCH}?{hostile}")
    state = tab["search_state"]
    assert state["loaded"] is True
    assert (state["refusal"], state["busy"]) == ("", False)
    assert len(state["words"]) <= 100
    assert "出了点问题" not in tab.said()


async def test_filters_lead_to_addresses_and_back_leads_out_again(site: Site, seller: Actor) -> None:
    cheap, dear = bike(site, seller), bike(site, seller, price_fen=80_000, kind="wanted")
    tab = await site.tab(address(q="山地车"))
    assert ids(tab) == [dear, cheap]
    await follow(tab, "choose", name="kind", value="offer")
    assert led_to(tab) == {"q": "山地车", "kind": "offer"}
    assert ids(tab) == [cheap]
    await follow(tab, "choose", name="condition", value="good")
    await follow(tab, "choose", name="condition", value="new")
    assert led_to(tab)["condition"] == "new,good"
    await follow(tab, "choose", name="condition", value="good")
    assert led_to(tab)["condition"] == "new"
    assert ids(tab) == []
    assert tab["search_state"]["ways_out"][-1]["count"] == 1
    await tab.go(address(q="山地车"))
    assert (ids(tab), labels(tab)) == ([dear, cheap], [])
    await follow(tab, "choose_sort", value="cheapest")
    assert led_to(tab) == {"q": "山地车", "sort": "cheapest"}
    assert ids(tab) == [cheap, dear]


async def test_what_is_given_away_is_an_offer_at_no_price(site: Site, seller: Actor) -> None:
    free = bike(site, seller, price_fen=0)
    bike(site, seller)
    tab = await site.tab(address(min="5"))
    await follow(tab, "choose", name="kind", value="free")
    assert (led_to(tab), ids(tab), labels(tab)) == ({"kind": "offer", "max": "0"}, [free], ["免费"])
    await follow(tab, "choose", name="kind", value="")
    assert urlsplit(tab.redirects()[-1]).query == ""


async def test_sections_have_no_filters_of_listings(site: Site, seller: Actor) -> None:
    bike(site, seller, title="骑车头盔")
    activity = make_activity(site.database, seller, title="周末骑车去湖边")
    tab = await site.tab(address(q="骑车", category="bikes"))
    await follow(tab, "choose", name="section", value="activity")
    assert led_to(tab) == {"q": "骑车", "section": "activity"}
    assert [(hit["section"], hit["id"]) for hit in tab["search_state"]["hits"]] == [("activity", activity)]
    assert tab["search_state"]["hits"][0]["line"]


@pytest.mark.parametrize(
    ("least", "most", "message"),
    [("abc", "", "请填数字"), ("-1", "", "请填数字"), ("1.234", "", "请填数字"), ("100", "20", "最低价不能高于最高价")],
)
async def test_a_price_that_is_none_is_refused_beside_its_field(
    least: str, most: str, message: str, site: Site, seller: Actor
) -> None:
    bike(site, seller)
    tab = await site.tab(address(q="山地车"))
    await tab.call("search_state.type_max", text=most)
    tab.updates.clear()
    await tab.call("search_state.type_min", text=least)
    assert message in tab["search_state"]["price_error"]
    assert tab.redirects() == []
    assert tab["search_state"]["min_text"] == least


async def test_typing_a_price_is_one_step_of_the_history(site: Site, seller: Actor) -> None:
    bike(site, seller)
    tab = await site.tab(address(q="山地车"))
    for text in ("1", "15", "150"):
        await follow(tab, "type_max", text=text)
    assert [payload["replace"] for payload in tab.commands("_redirect")] == [False, True, True]
    assert led_to(tab) == {"q": "山地车", "max": "150"}
    # The fields were not made anew under the fingers.
    assert tab["search_state"]["prices"] == 0
    await follow(tab, "choose", name="price", value="")
    assert (tab["search_state"]["max_text"], tab["search_state"]["prices"]) == ("", 1)


async def test_a_price_that_arrives_late_calls_nobody_back(site: Site, seller: Actor) -> None:
    bike(site, seller)
    tab = await site.tab(address(q="山地车"))
    await tab.go(routes.HOME)
    await tab.call("search_state.type_max", text="150")
    assert tab.redirects() == []


async def test_a_sentence_is_understood_and_taken_back_piece_by_piece(site: Site, seller: Actor) -> None:
    wanted = bike(site, seller)
    dear = bike(site, seller, price_fen=90_000)
    tab = await site.tab(address(q=SENTENCE))
    assert ids(tab) == [wanted]
    assert tab["search_state"]["sentence"] == SENTENCE
    assert {"九成新", "200 元以内"} <= set(labels(tab))
    await follow(tab, "choose", name="price", value="")
    assert led_to(tab)["condition"] == "good"
    assert "max" not in led_to(tab)
    assert led_to(tab).get("plain", "0") == "0"
    assert ids(tab) == [dear, wanted]
    assert tab["search_state"]["sentence"] == ""
    while labels(tab):
        await follow(tab, "choose", name=tab["search_state"]["filters"][0]["name"], value="")
    # The word that named a category is a word again.
    assert led_to(tab) == {"q": "山地车", "plain": "0"}


async def test_scrolling_brings_everything_once(site: Site, seller: Actor) -> None:
    made = [bike(site, seller) for _ in range(2 * PAGE_SIZE + 3)]
    tab = await site.tab(address(q="山地车"))
    assert (len(ids(tab)), tab["search_state"]["count"]) == (PAGE_SIZE, len(made))
    await tab.call("search_state.load_more")
    bike(site, seller)
    await tab.call("search_state.load_more")
    assert ids(tab) == made[::-1]
    assert tab["search_state"]["has_more"] is False


async def _publish(site: Site, seller: Actor, title: str, category: str = "bicycles") -> int:
    """Publish something over the socket."""
    tab = await site.tab_of(seller, routes.SELL)
    form = {
        "title": title,
        "description": "骑了一年，变速顺滑",
        "price": "150",
        "quantity": "1",
        "category": category,
        "condition": "good",
        "photos": f'{{"ids": [{make_photo(site.database, seller)}]}}',
    }
    await tab.call("sell_state.publish", form=form)
    assert tab["sell_state"]["errors"] == {}
    return int(tab.redirects()[-1].rpartition("/")[2])


async def test_what_is_published_announces_itself_where_it_fits(site: Site, seller: Actor) -> None:
    fits, sentence = await site.tab(address(q="山地车")), await site.tab(address(q=SENTENCE))
    other, elsewhere = await site.tab(address(q="婴儿推车")), await site.tab(routes.HOME)
    elsewhere.updates.clear()
    listing_id = await _publish(site, seller, "捷安特山地车")
    for tab in (fits, sentence):
        await tab.until(lambda tab: tab["search_state"]["has_new"] is True)
        assert ids(tab) == []
    await other.settle()
    assert other["search_state"]["has_new"] is False
    assert "search_state" not in str(elsewhere.updates)
    await fits.call("search_state.show_new")
    assert (ids(fits), fits["search_state"]["has_new"]) == ([listing_id], False)


async def test_cards_change_where_they_stand(site: Site, seller: Actor) -> None:
    sold, gone = bike(site, seller), bike(site, seller)
    tab = await site.tab(address(q="山地车"))
    owner = await site.tab_of(seller, routes.listing(sold))
    await owner.call("listing_state.mark_sold_out")
    await tab.until(lambda tab: tab["search_state"]["hits"][1]["card"]["status"] == "sold_out")
    await owner.go(routes.listing(gone))
    await owner.call("listing_state.delete")
    await tab.until(lambda tab: tab["search_state"]["hits"][0]["card"]["status"] == "deleted")
    assert ids(tab) == [gone, sold]
    assert tab["search_state"]["hits"][0]["card"]["url"] == ""


async def test_who_comes_back_finds_the_results_as_they_were(site: Site, seller: Actor) -> None:
    made = [bike(site, seller) for _ in range(PAGE_SIZE + 5)]
    tab = await site.tab(address(q="山地车"))
    await tab.call("search_state.load_more")
    await tab.go(routes.listing(made[3]))
    bike(site, seller)
    await tab.go(address(q="山地车"))
    assert ids(tab) == made[::-1]
    assert tab["search_state"]["has_new"] is True


async def test_a_page_that_slept_for_hours_wakes_with_its_search(site: Site, seller: Actor) -> None:
    kept, gone = bike(site, seller), bike(site, seller)
    bike(site, seller, title="儿童滑板")
    tab = await site.tab(address(q="山地车"))
    tab.expire()
    owner = await site.tab_of(seller, routes.listing(gone))
    await owner.call("listing_state.take_down")
    await tab.until(lambda tab: bool(tab.vars.get("search_state", {}).get("loaded")))
    assert ids(tab) == [kept]


async def test_suggestions_for_what_is_typed(site: Site, seller: Actor) -> None:
    bike(site, seller)
    tab = await site.tab(routes.HOME)
    await tab.call("search_box_state.suggest", text="山地")
    box = tab["search_box_state"]
    assert box["asked"] == "山地"
    assert "捷安特山地车" in [each["text"] for each in box["suggestions"]]
    await tab.call("search_box_state.suggest", text="zixingche")
    assert "自行车" in [each["text"] for each in tab["search_box_state"]["suggestions"]]


async def test_who_searches_too_often_reads_how_long_to_wait(
    site: Site, seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bike(site, seller)
    monkeypatch.setattr(limits, "SEARCH", limits.Rule("search", "2/minute"))
    monkeypatch.setattr(limits, "SUGGEST", limits.Rule("suggest", "1/minute"))
    tab = await site.tab(address(q="山地车"))
    await tab.go(address(q="捷安特"))
    assert tab["search_state"]["refusal"] == ""
    await tab.go(address(q="山地"))
    assert "操作太频繁，请" in tab["search_state"]["refusal"]
    await tab.call("search_box_state.suggest", text="山")
    await tab.call("search_box_state.suggest", text="山地")
    assert "操作太频繁，请" in tab["search_box_state"]["refusal"]
    assert tab["search_box_state"]["asked"] == "山"
    # Whoever is logged in is counted alone.
    member = await site.tab_of(make_user(site.database), address(q="山地"))
    assert (member["search_state"]["refusal"], len(ids(member))) == ("", 1)


async def test_a_search_is_kept_listed_renamed_and_given_up(site: Site, seller: Actor) -> None:
    cookie = login_token(site.database, make_user(site.database))
    tab = await site.tab(address(q=SENTENCE), cookie)
    assert tab["search_state"]["saved"] is False
    await tab.call("search_state.save")
    assert tab["search_state"]["saved"] is True
    await tab.go(routes.SAVED_SEARCHES)
    (kept,) = tab["saved_searches_state"]["searches"]
    results = await site.tab(kept["url"], cookie)
    assert results["search_state"]["saved"] is True
    assert {"九成新", "200 元以内"} <= set(labels(results))
    await tab.call("saved_searches_state.edit", search_id=kept["id"])
    await tab.call("saved_searches_state.rename", form={"name": " "})
    assert tab["saved_searches_state"]["errors"] == {"name": "请填写名称"}
    await tab.call("saved_searches_state.rename", form={"name": "通勤车"})
    assert tab["saved_searches_state"]["searches"][0]["name"] == "通勤车"
    assert tab["saved_searches_state"]["editing"] == 0
    await tab.call("saved_searches_state.delete", search_id=kept["id"])
    assert tab["saved_searches_state"]["searches"] == []


async def test_a_visitor_comes_back_from_the_login_to_a_search_that_is_kept(site: Site) -> None:
    me = make_user(site.database)
    path = address(q=SENTENCE)
    visitor = await site.tab(path)
    await visitor.call("search_state.save")
    assert visitor.redirects() == [routes.login(path)]
    await visitor.close()
    back = await site.tab(path, login_token(site.database, me), token=visitor.token)
    assert back["search_state"]["saved"] is True
    assert "已订阅" in back.said()
    (kept,) = site.database.read(saved_searches.mine, me)
    assert "山地车" in kept.summary or "自行车" in kept.summary


async def test_a_link_keeps_no_search_for_whoever_follows_it(site: Site) -> None:
    me = make_user(site.database)
    tab = await site.tab_of(me, address(q=SENTENCE, save="1", subscribe="1"))
    assert tab["search_state"]["saved"] is False
    visitor = await site.tab(address(q=SENTENCE))
    await visitor.call("search_state.save")
    # Who wanders off meant something else.
    await visitor.go(address(q="书桌"))
    await visitor.close()
    back = await site.tab(address(q=SENTENCE), login_token(site.database, me), token=visitor.token)
    assert back["search_state"]["saved"] is False
