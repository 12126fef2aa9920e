"""The status of pages whose address names nothing."""

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.factories import login_token, make_activity, make_announcement, make_listing, make_user
from tests.trade import trade
from xianyu import routes
from xianyu.adapters.cookies import session_cookie_name
from xianyu.adapters.database import Database
from xianyu.http.existence import HonestStatus
from xianyu.models import ActivityStatus, ListingStatus, Role
from xianyu.models.types import utc_now

NOWHERE = 999_999


@pytest.fixture
def pages() -> ASGIApp:
    """Every page of the site answers 200, since its HTML is the same for all."""
    return HonestStatus(Starlette(routes=[Route("/{path:path}", lambda _request: PlainTextResponse("页面"))]))


async def status(pages: ASGIApp, path: str, cookie: str = "") -> int:
    transport = httpx.ASGITransport(pages)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get(path, headers={"Cookie": f"{session_cookie_name()}={cookie}"} if cookie else {})
        assert answer.text == "页面"
        return answer.status_code


async def test_what_is_there_is_found_and_what_is_not_is_not(pages: ASGIApp, database: Database) -> None:
    person = make_user(database)
    there = [
        routes.user(person.user_id),
        routes.listing(make_listing(database, person)),
        routes.activity(make_activity(database, person)),
        routes.activity(make_activity(database, person, status=ActivityStatus.CANCELLED)),
        routes.announcement(make_announcement(database, person)),
        # Not of a thing, whatever they look like.
        routes.HOME,
        routes.ACTIVITY_NEW,
        routes.ANNOUNCEMENT_NEW,
        routes.activity_edit(NOWHERE),
        routes.buy(make_listing(database, person)),
    ]
    missing = [
        routes.user(NOWHERE),
        routes.listing(NOWHERE),
        routes.buy(NOWHERE),
        routes.activity(NOWHERE),
        routes.activity(0),
        routes.announcement(NOWHERE),
        routes.listing(make_listing(database, person, status=ListingStatus.DELETED)),
        routes.activity(make_activity(database, person, status=ActivityStatus.DELETED)),
        f"{routes.activity(make_activity(database, person, status=ActivityStatus.DELETED))}/",
        routes.announcement(make_announcement(database, person, is_deleted=True)),
    ]
    assert {path: await status(pages, path) for path in there} == dict.fromkeys(there, 200)
    assert {path: await status(pages, path) for path in missing} == dict.fromkeys(missing, 404)


async def test_an_announcement_that_waits_is_there_for_operators_alone(pages: ASGIApp, database: Database) -> None:
    operator = make_user(database, role=Role.OPERATOR)
    page = routes.announcement(make_announcement(database, operator, scheduled_at=utc_now() + timedelta(hours=1)))
    assert await status(pages, page) == 404
    assert await status(pages, page, login_token(database, make_user(database))) == 404
    assert await status(pages, page, login_token(database, operator)) == 200


async def test_an_order_is_there_for_its_two_people_alone(pages: ASGIApp, database: Database) -> None:
    deal = trade(database)
    order = routes.order(deal.order_id)
    for one in (deal.buyer, deal.seller):
        assert await status(pages, order, login_token(database, one)) == 200
        assert await status(pages, routes.order(NOWHERE), login_token(database, one)) == 404
    assert await status(pages, order, login_token(database, make_user(database))) == 404
    # Who is nobody yet is sent to log in, and learns nothing of which orders there are.
    for path in (order, routes.order(NOWHERE)):
        assert await status(pages, path) == 200
