"""One's orders as a table: whose, which, and how often."""

import csv
import io

import httpx

from tests.factories import login_token, make_listing, make_user
from tests.live_site import Site
from tests.trade import buy
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name


async def test_the_table_holds_what_the_address_asks_for_of_ones_own(site: Site) -> None:
    seller, buyer, other = (make_user(site.database) for _ in range(3))
    for title, person in (("折叠桌", buyer), ("电饭煲", buyer), ("自行车", other)):
        buy(site.database, person, make_listing(site.database, seller, title=title))
    cookie = f"{session_cookie_name()}={login_token(site.database, buyer)}"
    async with httpx.AsyncClient(base_url=site.origin, headers={"cookie": cookie}) as browser:
        everything = await browser.get(routes.orders_csv())
        some = await browser.get(routes.orders_csv({"side": "bought", "words": "折叠", "status": "pending"}))
        none = await browser.get(routes.orders_csv({"side": "sold"}))
    assert everything.headers["content-type"] == "text/csv; charset=utf-8"
    assert everything.headers["content-disposition"] == 'attachment; filename="bought.csv"'
    assert "no-store" in everything.headers["cache-control"]
    assert everything.content.startswith(b"\xef\xbb\xbf")

    def titles(answer: httpx.Response) -> list[str]:
        return [row["宝贝"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]

    assert titles(everything) == ["电饭煲", "折叠桌"]
    assert titles(some) == ["折叠桌"]
    assert titles(none) == []
    assert none.headers["content-disposition"] == 'attachment; filename="sold.csv"'


async def test_a_table_is_not_asked_for_all_the_time(site: Site) -> None:
    cookie = f"{session_cookie_name()}={login_token(site.database, make_user(site.database))}"
    async with httpx.AsyncClient(base_url=site.origin, headers={"cookie": cookie}) as browser:
        answers = [(await browser.get(routes.ORDERS_CSV)) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60
