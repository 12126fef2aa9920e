"""The log of operators' acts as a table: for whom, which, and how often."""

import csv
import io

import httpx

from tests.factories import login_token, make_user
from tests.live_site import Site
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.models import Role
from xianyu.schemas.accounts import Actor
from xianyu.services import operator_log


def _browser(site: Site, actor: Actor) -> httpx.AsyncClient:
    cookie = f"{session_cookie_name()}={login_token(site.database, actor)}"
    return httpx.AsyncClient(base_url=site.origin, headers={"cookie": cookie})


async def test_operators_take_along_what_the_address_asks_for(site: Site) -> None:
    operator = make_user(site.database, "物业", role=Role.OPERATOR)
    for action, name in (("announcement.pin", "停水通知"), ("room.mute", "大嗓门")):
        site.database.write(operator_log.record, operator, action, target_name=name)
    async with _browser(site, operator) as browser:
        everything = await browser.get(routes.admin_log_csv())
        some = await browser.get(routes.admin_log_csv({"action": "room.mute", "operator": str(operator.user_id)}))
    assert everything.headers["content-type"] == "text/csv; charset=utf-8"
    assert everything.headers["content-disposition"] == 'attachment; filename="operator-log.csv"'
    assert "no-store" in everything.headers["cache-control"]

    def names(answer: httpx.Response) -> list[str]:
        return [row["对象"] for row in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))]

    assert names(everything) == ["大嗓门", "停水通知"]
    assert names(some) == ["大嗓门"]


async def test_nobody_else_gets_a_line_of_it(site: Site) -> None:
    site.database.write(operator_log.record, None, "operator.promote", target_name="小明")
    async with _browser(site, make_user(site.database)) as browser:
        refused = await browser.get(routes.ADMIN_LOG_CSV)
    assert (refused.status_code, "小明" in refused.text) == (403, False)
    async with httpx.AsyncClient(base_url=site.origin) as visitor:
        assert (await visitor.get(routes.ADMIN_LOG_CSV)).status_code == 401


async def test_a_table_is_not_asked_for_all_the_time(site: Site) -> None:
    async with _browser(site, make_user(site.database, role=Role.OPERATOR)) as browser:
        answers = [(await browser.get(routes.ADMIN_LOG_CSV)) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
