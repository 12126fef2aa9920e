"""Leaving for a third party to log in, and coming back."""

from collections.abc import Mapping
from datetime import timedelta
from secrets import compare_digest
from typing import Any

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from xianyu import routes as paths
from xianyu.adapters import security_log
from xianyu.adapters.cookies import external_cookie_name, read_external_cookie, read_session_cookie
from xianyu.adapters.database import get_database
from xianyu.adapters.mail import outbox
from xianyu.adapters.providers import providers
from xianyu.adapters.third_parties import LoginRefused, Provider, ProviderDown, new_handshake
from xianyu.http.addresses import client_address
from xianyu.http.sessions import start_session, turn_away
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import ExternalPerson, Handshake, LoginUnderWay, Outcome, Result, Step
from xianyu.services import accounts, external_logins, limits, linked_logins
from xianyu.services.ban_terms import Banned
from xianyu.services.errors import DomainError
from xianyu.services.logins import AccountClosed
from xianyu.settings import get_settings

_RESULTS: dict[type[DomainError], Result] = {
    external_logins.LoginLapsed: Result.LAPSED,
    external_logins.UnusableIdentity: Result.REFUSED,
    external_logins.IdentityTaken: Result.TAKEN,
    AccountClosed: Result.CLOSED,
}
_PAGES = {
    Step.GIVE_PASSWORD: paths.LINK,
    Step.CHOOSE_NAME: paths.WELCOME,
    Step.SECOND_STEP: paths.LOGIN_CODE,
}
# What a provider says when it could not ask the person at all (RFC 6749, 4.1.2.1).
_TROUBLE = {"server_error", "temporarily_unavailable"}


class _Failure(Exception):
    """A login that goes no further.

    Args:
        result: What its person is told.
        reason: One word for the log.
    """

    def __init__(self, result: Result, reason: str = "") -> None:
        super().__init__(result)
        self.result = result
        self.reason = reason or result.value


async def begin(request: Request) -> Response:
    """Send the browser to the third party, with a cookie that ties the answer to it."""
    next_path = paths.safe_next(request.query_params.get("next"))
    # Another site's page could otherwise log its visitor in here behind their back.
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return RedirectResponse(paths.login(next_path), status_code=303)
    try:
        await limits.spending(limits.LOGIN_ADDRESS, client_address(request))
        provider = _provider(request)
        handshake = new_handshake(get_settings().public_url + paths.external_callback(provider.name))
        url = await _leave(provider, handshake)
        intent = request.query_params.get("intent", "")
        await get_database().writing(_begin, _token(request), provider.name, handshake, next_path, intent)
    except limits.TooManyRequests as error:
        return await _fail(request, _Failure(Result.BUSY), next_path, error.wait)
    except external_logins.LoginLapsed:
        return await _fail(request, _Failure(Result.LAPSED, "intent"), next_path)
    except _Failure as failure:
        return await _fail(request, failure, next_path)
    response = RedirectResponse(url, status_code=303)
    _set_cookie(response, handshake.state, external_logins.AWAY)
    return response


def _provider(request: Request) -> Provider:
    provider = providers().get(request.path_params["provider"])
    if provider is None:
        raise _Failure(Result.UNKNOWN)
    return provider


async def _leave(provider: Provider, handshake: Handshake) -> str:
    try:
        return await provider.authorization_url(handshake)
    except ProviderDown as error:
        raise _Failure(Result.DOWN) from error


def _begin(session: Session, token: str, provider: str, handshake: Handshake, next_path: str, intent: str) -> None:
    actor = accounts.resolve_actor(session, token)
    external_logins.begin(session, actor, provider, handshake, next_path, intent)


async def callback(request: Request) -> Response:
    """Take the third party's answer: log its person in, or ask them for what is still wanted."""
    next_path = paths.HOME
    try:
        await limits.spending(limits.LOGIN_ADDRESS, client_address(request))
        provider = _provider(request)
        under_way, handshake = await _take_up(request, provider)
        next_path = under_way.next_path
        person = await _ask(provider, handshake, request.query_params)
        outcome = await get_database().writing(external_logins.finish, under_way, person)
    except limits.TooManyRequests as error:
        return await _fail(request, _Failure(Result.BUSY), next_path, error.wait)
    except _Failure as failure:
        return await _fail(request, failure, next_path)
    except Banned as error:
        response = turn_away(request, error, paths.safe_next(next_path))
        _forget_cookie(response)
        return response
    except DomainError as error:
        return await _fail(request, _Failure(_RESULTS[type(error)]), next_path)
    return await _go_on(request, outcome)


async def _take_up(request: Request, provider: Provider) -> tuple[LoginUnderWay, Handshake]:
    """The login that this browser began. Nobody else can bring its answer, nor use up its state."""
    state = request.query_params.get("state", "")
    cookie = read_external_cookie(request.headers.get("cookie", ""))
    if not cookie or not compare_digest(cookie.encode(), state.encode()):
        raise _Failure(Result.LAPSED, "state")
    under_way = await get_database().writing(_resume, _token(request), provider.name, state)
    redirect_uri = get_settings().public_url + paths.external_callback(provider.name)
    return under_way, Handshake(redirect_uri, state, under_way.nonce, under_way.code_verifier)


def _resume(session: Session, token: str, provider: str, state: str) -> LoginUnderWay:
    return external_logins.take_up(session, accounts.resolve_actor(session, token), provider, state)


async def _ask(provider: Provider, handshake: Handshake, answer: Mapping[str, str]) -> ExternalPerson:
    error = answer.get("error", "")
    if error == "access_denied":
        raise _Failure(Result.DENIED)
    if error in _TROUBLE:
        raise _Failure(Result.DOWN, error)
    if error or not answer.get("code"):
        raise _Failure(Result.REFUSED, "error")
    try:
        return await provider.fetch_person(handshake, answer)
    except ProviderDown as down:
        raise _Failure(Result.DOWN) from down
    except LoginRefused as refusal:
        raise _Failure(Result.REFUSED, refusal.reason) from refusal


async def _go_on(request: Request, outcome: Outcome) -> Response:
    _record(request, "success", outcome.user_id, step=outcome.step.value)
    if outcome.linked:
        outbox.put(await get_database().reading(linked_logins.mail_about_link, outcome.user_id, outcome.linked))
    if outcome.step is Step.LOGGED_IN:
        response = await start_session(request, outcome.ticket, paths.safe_next(outcome.next_path))
    elif outcome.step is Step.LINKED:
        response = RedirectResponse(paths.external_result(paths.SETTINGS, Result.LINKED), status_code=303)
    else:
        response = RedirectResponse(_PAGES[outcome.step], status_code=303)
        _set_cookie(response, outcome.secret, external_logins.PENDING)
        return response
    _forget_cookie(response)
    return response


async def _fail(request: Request, failure: _Failure, next_path: str, wait: int = 0) -> Response:
    """A page that says what went wrong: the settings for who is logged in, the login page for others."""
    actor = await _actor(request)
    _record(request, "failure", actor.user_id if actor else 0, reason=failure.reason)
    page = paths.SETTINGS if actor else paths.login(next_path)
    response = RedirectResponse(paths.external_result(page, failure.result, wait), status_code=303)
    _forget_cookie(response)
    return response


async def _actor(request: Request) -> Actor | None:
    return await get_database().reading(accounts.resolve_actor, _token(request))


def _token(request: Request) -> str:
    return read_session_cookie(request.headers.get("cookie", ""))


def _record(request: Request, outcome: str, user_id: int, **facts: Any) -> None:
    provider = str(request.path_params["provider"])
    security_log.record(
        "external_login", outcome, user_id=user_id, address=client_address(request), provider=provider, **facts
    )


def _set_cookie(response: Response, secret: str, lifetime: timedelta) -> None:
    # Lax, not Strict: the third party's page is what sends the browser back here.
    response.set_cookie(
        external_cookie_name(),
        secret,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=get_settings().secure_cookies,
        httponly=True,
        samesite="lax",
    )


def _forget_cookie(response: Response) -> None:
    secure = get_settings().secure_cookies
    response.delete_cookie(external_cookie_name(), path="/", secure=secure, httponly=True, samesite="lax")


routes = [
    Route(paths.external_login("{provider}"), begin, methods=["GET"]),
    Route(paths.external_callback("{provider}"), callback, methods=["GET"]),
]
