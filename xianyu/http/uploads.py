"""What uploads of every kind have in common: who may send one, and how they are refused."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from xianyu.adapters import metrics
from xianyu.adapters.database import get_database
from xianyu.http.addresses import client_address
from xianyu.schemas.accounts import Actor
from xianyu.services import accounts, audit, limits
from xianyu.services.errors import DomainError, LoginRequired

T = TypeVar("T")


def counted(kind: str, take: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """A handler of uploads whose answers are counted."""

    async def take_and_count(request: Request) -> Response:
        response = await take(request)
        metrics.UPLOADS.labels(kind, str(response.status_code)).inc()
        return response

    return take_and_count


async def admit(token: str, check: Callable[[Session, Actor], object], rule: limits.Rule, address: str) -> int:
    """The id of the neighbour whose session cookie this is, before anything of the body is read.

    Raises:
        LoginRequired: if it is nobody's.
        TooManyRequests: by the rule.
        DomainError: whatever the check raises.
    """

    def work(session: Session, actor: Actor) -> int:
        check(session, actor)
        return actor.user_id

    member_id = await get_database().reading(as_member, token, work)
    await limits.spending(rule, str(member_id), address=address)
    return member_id


def as_member(session: Session, token: str, service: Callable[[Session, Actor], T]) -> T:
    """Call a service for the neighbour whose session cookie this is. Raises ``LoginRequired``."""
    actor = accounts.resolve_actor(session, token)
    if actor is None:
        raise LoginRequired
    return service(session, actor)


def declared_size(request: Request) -> int:
    """How many bytes the body has, by its header; 0 where that says nothing."""
    declared = request.headers.get("content-length", "")
    return int(declared[:12]) if declared.isascii() and declared.isdigit() else 0


def refusal(error: DomainError, request: Request) -> Response:
    """The answer to somebody who may not: 401 without a login, 429 for too much of anything."""
    audit.refused(error, None, client_address(request), "upload")
    headers = {"Retry-After": str(error.wait)} if isinstance(error, limits.TooManyRequests) else None
    status = 401 if isinstance(error, LoginRequired) else 429
    return JSONResponse({"error": error.message}, status_code=status, headers=headers)
