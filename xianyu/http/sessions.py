"""Where every way to log in ends: the routes that set and clear the session cookie."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters.cookies import read_session_cookie, session_cookie_name
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.services import accounts
from xianyu.services.errors import LoginRequired
from xianyu.settings import get_settings

DAY = 86_400  # seconds


async def begin(request: Request) -> Response:
    """Exchange a ticket for the session cookie and go on to ``next``."""
    async with request.form(max_files=0, max_fields=4) as form:
        ticket, target = str(form.get("ticket", "")), paths.safe_next(str(form.get("next", "")))
    try:
        token, ended = await get_database().writing(
            accounts.redeem_ticket,
            ticket,
            read_session_cookie(request.headers.get("cookie", "")),
            request.headers.get("user-agent", ""),
        )
    except LoginRequired:
        return RedirectResponse(paths.login(target), status_code=303)
    if ended is not None:
        await bus.publish([ended])
    response = RedirectResponse(target, status_code=303)
    settings = get_settings()
    response.set_cookie(
        session_cookie_name(),
        token,
        max_age=settings.session_days * DAY,
        path="/",
        secure=settings.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return response


async def end(request: Request) -> Response:
    """Log this browser out, in the database and in the browser."""
    token = read_session_cookie(request.headers.get("cookie", ""))
    ended = await get_database().writing(accounts.end_session, token)
    if ended is not None:
        await bus.publish([ended])
    response = RedirectResponse(paths.HOME, status_code=303)
    response.delete_cookie(session_cookie_name(), path="/", secure=get_settings().secure_cookies, httponly=True)
    return response


routes = [
    Route(paths.SESSION, begin, methods=["POST"]),
    Route(paths.LOGOUT, end, methods=["POST"]),
]
