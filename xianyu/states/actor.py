"""How a state calls a service: the actor resolved anew, in one transaction, off the event loop."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar

import reflex as rx
from sqlmodel import Session

from xianyu.adapters import addresses
from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, audit, screening
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.services.screening import Stopped
from xianyu.states.delivery import announce

P = ParamSpec("P")
T = TypeVar("T")

# Digits that fit a 64-bit number with room to spare.
LONGEST_ID = 16

# At most 15 digits: what every database and every browser holds exactly.
_NUMBER = re.compile("[0-9]{1,15}")


def session_token(state: rx.State) -> str:
    """The session token in the cookie of the tab's socket handshake; nothing else identifies a tab."""
    return read_session_cookie(state.router.headers.cookie)


def tab_token(state: rx.State) -> str:
    """What Reflex calls the tab."""
    return str(state.router.session.client_token)


def client_address(state: rx.State) -> str:
    """The address that the tab's socket comes from, as the trusted proxies tell it; empty if there is none."""
    return _address(state.router)


def _address(router: Any) -> str:
    return addresses.clean(router.session.client_ip) or addresses.clean(
        str(router.headers.raw_headers.get("asgi-scope-client", ""))
    )


def caller_key(state: rx.State) -> str:
    """For what is counted by whoever asks: the person, if the tab is somebody's, or where it comes from."""
    tab = bus.tab(tab_token(state))
    return f"user {tab.user_id}" if tab is not None and tab.user_id else client_address(state)


def route_id(state: rx.State, name: str) -> int:
    """A number in the page's address, or 0 when it is none: what 0 names does not exist."""
    text = str(getattr(state, name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_ID else 0


def query(state: rx.State, name: str) -> str:
    """A parameter of the page's address, or an empty string."""
    return str(state.router.url.query_parameters.get(name, ""))


@dataclass(frozen=True)
class _Caller:
    """What is known of a tab before anything is read."""

    token: str
    address: str


def _caller(state: rx.State) -> _Caller:
    # Put together anew each time that it is asked for.
    router = state.router
    return _Caller(read_session_cookie(router.headers.cookie), _address(router))


def _for_member(
    session: Session, caller: _Caller, service: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]
) -> T:
    return _call(session, caller, service, args, options, is_open=False)


def _for_visitor(
    session: Session, caller: _Caller, service: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]
) -> T:
    return _call(session, caller, service, args, options, is_open=True)


def _call(
    session: Session,
    caller: _Caller,
    service: Callable[..., T],
    args: tuple[Any, ...],
    options: dict[str, Any],
    *,
    is_open: bool,
) -> T:
    """Every refusal of a service passes here, and so into the security log."""
    actor = accounts.resolve_actor(session, caller.token)
    try:
        if actor is None and not is_open:
            raise LoginRequired
        return service(session, actor, *args, **options)
    except DomainError as error:
        audit.refused(error, actor, caller.address, getattr(service, "__name__", type(service).__name__))
        raise


async def read_as_member(
    state: rx.State, service: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **options: P.kwargs
) -> T:
    """Read something private. Raises ``LoginRequired`` unless the cookie belongs to somebody."""
    return await get_database().reading(_for_member, _caller(state), service, args, options)


async def write_as_member(
    state: rx.State, service: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **options: P.kwargs
) -> T:
    """Change something. Raises ``LoginRequired`` unless the cookie belongs to somebody."""
    try:
        return await get_database().writing(_for_member, _caller(state), service, args, options)
    except Stopped as error:
        # Nothing else of it is stored.
        await announce(*await get_database().writing(screening.keep, error.caught))
        raise


async def read_as_visitor(
    state: rx.State, service: Callable[Concatenate[Session, Actor | None, P], T], *args: P.args, **options: P.kwargs
) -> T:
    """Read what anyone may see; the service is told who looks, if anybody known does."""
    return await get_database().reading(_for_visitor, _caller(state), service, args, options)


async def write_as_visitor(
    state: rx.State, service: Callable[Concatenate[Session, Actor | None, P], T], *args: P.args, **options: P.kwargs
) -> T:
    """Note what anyone may cause by looking; the service is told who looks, if anybody known does."""
    return await get_database().writing(_for_visitor, _caller(state), service, args, options)


async def member_id(state: rx.State) -> int:
    """Whose tab it is, for what is counted by person. Raises ``LoginRequired`` if it is a visitor's.

    The bus knows since the page was opened, from the same cookie: a message need not ask once more.
    """
    tab = bus.tab(tab_token(state))
    return tab.user_id if tab is not None and tab.user_id else (await read_as_member(state, accounts.require)).user_id
