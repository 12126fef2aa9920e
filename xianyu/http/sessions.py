"""Where every way to log in ends: the routes that set and clear the session cookie."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters import security_log
from xianyu.adapters.cookies import (
    browser_cookie_name,
    read_browser_cookie,
    read_session_cookie,
    session_cookie_name,
)
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.http.addresses import client_address
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, ban_terms, known_browsers, logins, reminders
from xianyu.services.ban_terms import Banned
from xianyu.services.errors import LoginRequired
from xianyu.settings import get_settings

DAY = 86_400  # seconds


async def begin(request: Request) -> Response:
    """Exchange a ticket for the session cookie and go on to ``next``."""
    async with request.form(max_files=0, max_fields=4) as form:
        ticket, target = str(form.get("ticket", "")), paths.safe_next(str(form.get("next", "")))
    return await start_session(request, ticket, target)


async def start_session(request: Request, ticket: str, target: str) -> Response:
    """The end of every way to log in: a ticket becomes the session cookie, and the browser goes on to ``target``.

    A ticket that is good no more leads to the login page, and so does one of somebody who was banned meanwhile.
    """
    try:
        token, ended = await get_database().writing(
            accounts.redeem_ticket,
            ticket,
            read_session_cookie(request.headers.get("cookie", "")),
            request.headers.get("user-agent", ""),
            client_address(request),
        )
    except LoginRequired:
        security_log.record("login", "refused", address=client_address(request), reason="ticket")
        return RedirectResponse(paths.login(target), status_code=303)
    except Banned as error:
        return turn_away(request, error, target)
    if ended is not None:
        await bus.publish([ended])
    actor, browser = await get_database().reading(
        _welcome, token, read_browser_cookie(request.headers.get("cookie", ""))
    )
    await get_database().writing(reminders.forget, actor.user_id)
    security_log.record(
        "login",
        "success",
        user_id=actor.user_id,
        session_id=actor.session_id,
        address=client_address(request),
        factors=logins.factors_of(ticket),
    )
    response = RedirectResponse(target, status_code=303)
    _set_cookie(response, session_cookie_name(), token, get_settings().session_days)
    if browser:
        _set_cookie(response, browser_cookie_name(), browser, known_browsers.KEPT_DAYS)
    return response


def turn_away(request: Request, ban: Banned, target: str) -> Response:
    """To the login page, which says until when and why."""
    security_log.record("login", "refused", user_id=ban.user_id, address=client_address(request), reason="banned")
    return RedirectResponse(paths.turned_away(target, ban_terms.passed_on(ban)), status_code=303)


def _welcome(session: Session, token: str, browser_cookie: str) -> tuple[Actor, str]:
    """Who has just logged in, and the cookie by which their account will know this browser again."""
    actor = accounts.require(session, accounts.resolve_actor(session, token))
    return actor, known_browsers.cookie_for(session, actor.user_id, browser_cookie)


def _set_cookie(response: Response, name: str, value: str, days: int) -> None:
    secure = get_settings().secure_cookies
    response.set_cookie(name, value, max_age=days * DAY, path="/", secure=secure, httponly=True, samesite="lax")


async def end(request: Request) -> Response:
    """Log this browser out, in the database and in the browser."""
    token = read_session_cookie(request.headers.get("cookie", ""))
    ended = await get_database().writing(accounts.end_session, token)
    if ended is not None:
        security_log.record(
            "logout", "success", user_id=ended.user_id, session_id=ended.session_id, address=client_address(request)
        )
        await bus.publish([ended])
    response = RedirectResponse(paths.HOME, status_code=303)
    response.delete_cookie(session_cookie_name(), path="/", secure=get_settings().secure_cookies, httponly=True)
    return response


routes = [
    Route(paths.SESSION, begin, methods=["POST"]),
    Route(paths.LOGOUT, end, methods=["POST"]),
]
