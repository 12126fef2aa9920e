"""The log of operators' acts as a table to keep, for operators."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database
from xianyu.http.addresses import client_address
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, audit, limits, operator_log_pages
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.services.second_step import SecondStepRequired


def _operator(session: Session, token: str, address: str) -> Actor:
    actor = accounts.resolve_actor(session, token)
    try:
        return accounts.require_operator(session, actor)
    except DomainError as error:
        audit.refused(error, actor, address, "operator_log_table")
        raise


async def log_table(request: Request) -> Response:
    """What operators did, as the address asks for it, as CSV."""
    token = read_session_cookie(request.headers.get("cookie", ""))
    wanted = operator_log_pages.check_filter(request.query_params)
    database = get_database()
    try:
        actor = await database.reading(_operator, token, client_address(request))
        await limits.spending(limits.TABLE, str(actor.user_id))
    except LoginRequired as error:
        return PlainTextResponse(error.message, status_code=401)
    except (OperatorsOnly, SecondStepRequired) as error:
        return PlainTextResponse(error.message, status_code=403)
    except limits.TooManyRequests as error:
        return PlainTextResponse(error.message, status_code=429, headers={"Retry-After": str(error.wait)})
    text = await database.reading(operator_log_pages.table, actor, wanted)
    return Response(
        text.encode(),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="operator-log.csv"',
            "Cache-Control": "private, no-store",
        },
    )


routes = [Route(paths.ADMIN_LOG_CSV, log_table, methods=["GET"])]
