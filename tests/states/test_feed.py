"""The home page while others publish, change and delete."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories import make_listing, make_photo, make_user
from tests.live_site import Site, Tab
from xianyu import routes
from xianyu.schemas.accounts import Actor
from xianyu.services import listings
from xianyu.services.listing_pages import PAGE_SIZE
from xianyu.settings import get_settings

TITLE = "几乎全新的台灯"


def form(photo_id: int, category: str = "sports") -> dict[str, Any]:
    return {
        "title": TITLE,
        "description": "用了一个月，灯光可调",
        "price": "30",
        "quantity": "1",
        "category": category,
        "photos": f'{{"ids": [{photo_id}]}}',
    }


@dataclass(frozen=True)
class Shop:
    """A seller with a page to sell from."""

    site: Site
    seller: Actor
    tab: Tab

    async def publish(self, category: str = "sports") -> int:
        """Publish something over the socket, and return its id."""
        await self.tab.call("sell_state.publish", form=form(make_photo(self.site.database, self.seller), category))
        assert self.tab["sell_state"]["errors"] == {}
        return int(self.tab.redirects()[-1].rpartition("/")[2])

    async def change(self, listing_id: int, handler: str) -> None:
        """Press a button on the listing's own page."""
        await self.tab.go(routes.listing(listing_id))
        await self.tab.call(f"listing_state.{handler}")


@pytest.fixture
async def shop(site: Site, monkeypatch: pytest.MonkeyPatch) -> Shop:
    # What newcomers publish in great number waits for an operator, which is tested elsewhere.
    monkeypatch.setenv("XIANYU_NEWCOMER_LISTINGS", "0")
    get_settings.cache_clear()
    seller = make_user(site.database)
    return Shop(site, seller, await site.tab_of(seller, routes.SELL))


def ids(tab: Tab) -> list[int]:
    return [card["id"] for card in tab["feed_state"]["cards"]]


def card(tab: Tab, listing_id: int) -> dict[str, Any]:
    return next(card for card in tab["feed_state"]["cards"] if card["id"] == listing_id)


async def test_a_new_listing_announces_itself_and_waits_to_be_shown(site: Site, shop: Shop) -> None:
    home = await site.tab(routes.HOME)
    assert (ids(home), home["feed_state"]["has_new"]) == ([], False)
    listing_id = await shop.publish()
    await home.until(lambda tab: tab["feed_state"]["has_new"] is True)
    assert ids(home) == []
    await home.call("feed_state.show_new")
    assert (ids(home), home["feed_state"]["has_new"]) == ([listing_id], False)
    assert card(home, listing_id)["title"] == TITLE


async def test_only_pages_of_its_category_hear_of_it(site: Site, shop: Shop) -> None:
    everything = await site.tab(routes.HOME)
    same, other = await site.tab("/?category=sports"), await site.tab("/?category=books")
    assert [tab["feed_state"]["category"] for tab in (everything, same, other)] == ["", "sports", "books"]
    await shop.publish("sports")
    for tab in (everything, same):
        await tab.until(lambda tab: tab["feed_state"]["has_new"] is True)
    await other.settle()
    assert other["feed_state"]["has_new"] is False


async def test_pages_without_a_feed_hear_nothing(site: Site, shop: Shop) -> None:
    tab = await site.tab(routes.HOME)
    await tab.go(routes.LOGIN)
    tab.updates.clear()
    await shop.publish()
    await tab.settle()
    assert tab.updates == []


@pytest.mark.parametrize("category", ["nonsense", "' OR 1=1 --", "%00"])
async def test_a_category_that_does_not_exist_is_none(category: str, site: Site, shop: Shop) -> None:
    listing_id = await shop.publish()
    tab = await site.tab(f"/?category={category}")
    assert tab["feed_state"]["category"] == ""
    assert ids(tab) == [listing_id]


@pytest.mark.parametrize(("handler", "status"), [("mark_sold_out", "sold_out"), ("take_down", "taken_down")])
async def test_what_is_no_longer_on_offer_changes_where_it_stands(
    handler: str, status: str, site: Site, shop: Shop
) -> None:
    first, second, third = [await shop.publish() for _ in range(3)]
    home = await site.tab(routes.HOME)
    assert ids(home) == [third, second, first]
    await shop.change(second, handler)
    await home.until(lambda tab: card(tab, second)["status"] == status)
    assert ids(home) == [third, second, first]
    assert card(home, first)["status"] == "active"
    await home.call("feed_state.show_new")
    assert ids(home) == [third, first]


async def test_a_deleted_listing_cannot_be_opened_any_more(site: Site, shop: Shop) -> None:
    kept, deleted = await shop.publish(), await shop.publish()
    home = await site.tab(routes.HOME)
    assert card(home, deleted)["url"] == routes.listing(deleted)
    await shop.change(deleted, "delete")
    await home.until(lambda tab: card(tab, deleted)["status"] == "deleted")
    assert card(home, deleted)["url"] == ""
    assert card(home, kept)["url"] == routes.listing(kept)
    # Its seller, who comes back to a list that was there, sees the same.
    again = await site.tab(routes.HOME)
    assert ids(again) == [kept]


async def test_scrolling_brings_everything_once_and_in_order(site: Site, shop: Shop) -> None:
    made = [make_listing(site.database, shop.seller) for _ in range(2 * PAGE_SIZE + 5)]
    home = await site.tab(routes.HOME)
    assert (len(ids(home)), home["feed_state"]["has_more"]) == (PAGE_SIZE, True)
    # New ones come in at the top and old ones go while somebody scrolls.
    await home.call("feed_state.load_more")
    late = await shop.publish()

    def work(session: Session) -> None:
        listings.take_down(session, shop.seller, made[0])

    site.database.write(work)
    await home.call("feed_state.load_more")
    assert ids(home) == made[:0:-1]
    assert late not in ids(home)
    assert home["feed_state"]["has_more"] is False
    await home.call("feed_state.load_more")
    assert len(ids(home)) == len(made) - 1


async def test_who_comes_back_finds_the_list_as_long_as_it_was(site: Site, shop: Shop) -> None:
    made = [make_listing(site.database, shop.seller) for _ in range(PAGE_SIZE + 5)]
    home = await site.tab(routes.HOME)
    await home.call("feed_state.load_more")
    await home.go(routes.listing(made[3]))
    await shop.change(made[4], "take_down")
    await home.go(routes.HOME)
    assert ids(home) == made[::-1]
    assert card(home, made[4])["status"] == "taken_down"
    assert home["feed_state"]["has_new"] is False
    await home.go(routes.listing(made[3]))
    await shop.publish()
    await home.go(routes.HOME)
    assert home["feed_state"]["has_new"] is True


async def test_another_category_starts_its_own_list(site: Site, shop: Shop) -> None:
    sport, book = await shop.publish("sports"), await shop.publish("books")
    home = await site.tab(routes.HOME)
    assert ids(home) == [book, sport]
    for category, expected in (("sports", [sport]), ("books", [book])):
        await home.go(f"/?category={category}")
        assert ids(home) == expected
    await home.go(routes.HOME)
    assert ids(home) == [book, sport]


async def test_a_page_that_slept_for_hours_shows_what_became_of_its_listings(site: Site, shop: Shop) -> None:
    kept, gone, other = await shop.publish("books"), await shop.publish("books"), await shop.publish("sports")
    home = await site.tab("/?category=books")
    assert ids(home) == [gone, kept]
    home.expire()
    await shop.change(gone, "take_down")
    await home.until(lambda tab: bool(tab.vars.get("feed_state", {}).get("loaded")))
    assert ids(home) == [kept]
    assert other not in ids(home)
    # And goes on from there as if nothing had been.
    await shop.publish("sports")
    await home.settle()
    assert not home["feed_state"]["has_new"]
    await shop.publish("books")
    await home.until(lambda tab: tab["feed_state"]["has_new"] is True)
