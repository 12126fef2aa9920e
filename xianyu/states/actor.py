"""How a state calls a service: the actor resolved anew, in one transaction, off the event loop."""

import re
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

import reflex as rx
from sqlmodel import Session

from xianyu.adapters.cookies import read_session_cookie
from xianyu.adapters.database import get_database
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts
from xianyu.services.errors import LoginRequired

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


def route_id(state: rx.State, name: str) -> int:
    """A number in the page's address, or 0 when it is none: what 0 names does not exist."""
    text = str(getattr(state, name, ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_ID else 0


def query(state: rx.State, name: str) -> str:
    """A parameter of the page's address, or an empty string."""
    return str(state.router.url.query_parameters.get(name, ""))


def _for_member(
    session: Session, token: str, service: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]
) -> T:
    actor = accounts.resolve_actor(session, token)
    if actor is None:
        raise LoginRequired
    return service(session, actor, *args, **options)


def _for_visitor(
    session: Session, token: str, service: Callable[..., T], args: tuple[Any, ...], options: dict[str, Any]
) -> T:
    return service(session, accounts.resolve_actor(session, token), *args, **options)


async def read_as_member(
    state: rx.State, service: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **options: P.kwargs
) -> T:
    """Read something private. Raises ``LoginRequired`` unless the cookie belongs to somebody."""
    return await get_database().reading(_for_member, session_token(state), service, args, options)


async def write_as_member(
    state: rx.State, service: Callable[Concatenate[Session, Actor, P], T], *args: P.args, **options: P.kwargs
) -> T:
    """Change something. Raises ``LoginRequired`` unless the cookie belongs to somebody."""
    return await get_database().writing(_for_member, session_token(state), service, args, options)


async def read_as_visitor(
    state: rx.State, service: Callable[Concatenate[Session, Actor | None, P], T], *args: P.args, **options: P.kwargs
) -> T:
    """Read what anyone may see; the service is told who looks, if anybody known does."""
    return await get_database().reading(_for_visitor, session_token(state), service, args, options)
