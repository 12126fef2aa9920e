"""One's orders as a table to keep, for whoever the cookie belongs to."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, limits, order_lists, order_pages
from xianyu.services.errors import LoginRequired


def _caller(session: Session, token: str) -> Actor:
    return accounts.require(session, accounts.resolve_actor(session, token))


async def table(request: Request) -> Response:
    """The orders that the address asks for, as CSV."""
    token = read_session_cookie(request.headers.get("cookie", ""))
    wanted = order_lists.check_filter(request.query_params)
    database = get_database()
    try:
        actor = await database.reading(_caller, token)
        await limits.spending(limits.TABLE, str(actor.user_id))
    except LoginRequired as error:
        return PlainTextResponse(error.message, status_code=401)
    except limits.TooManyRequests as error:
        return PlainTextResponse(error.message, status_code=429, headers={"Retry-After": str(error.wait)})
    text = await database.reading(order_pages.table, actor, wanted)
    return Response(
        text.encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{order_pages.file_name(wanted)}"',
            "Cache-Control": "private, no-store",
        },
    )


routes = [Route(paths.ORDERS_CSV, table, methods=["GET"])]
