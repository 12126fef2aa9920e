"""Messages and the screening: what is masked is sent so, and what is held is sent once an operator let it through.

A held message is nowhere but in its row of the operators' queue, which has all that is needed to send it. The
sender's browser made its id, so that it is one message however often it is sent, and by whom.
"""

import json
from dataclasses import replace

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.message_stores import message_store
from xianyu.models import ReportTarget, Screening, ScreeningStatus
from xianyu.schemas.accounts import Actor
from xianyu.services import flooding, screening
from xianyu.services.screening import Caught, Screened, Stopped

WAITS = "消息包含需要审核的内容，管理员通过后会自动发出"
TURNED_DOWN = "这条消息没有通过审核，没有发出"
BODY = "body"


class MessageHeld(Stopped):
    """A message waits for an operator, or was turned down by one."""

    def __init__(self, message: str, caught: Caught) -> None:
        super().__init__({BODY: message}, caught)


def of_private(session: Session, actor: Actor, peer_id: int, conversation_id: int, client_id: str, body: str) -> str:
    """A message to one person, as it is to be stored.

    Raises:
        Refused: if it holds a refused word.
        MessageHeld: if it has to be looked at first.
    """
    is_flood = flooding.by_message(session, actor, peer_id, body)
    found = screening.check(session, actor, ReportTarget.MESSAGE, {BODY: body}, is_flood=is_flood)
    return _outcome(session, found, conversation_id, client_id, {"peer": peer_id, "client": client_id})


def of_room(session: Session, actor: Actor, room: int, client_id: str, body: str) -> str:
    """A message to everybody, as it is to be stored. Raises as ``of_private`` does."""
    is_flood = flooding.in_room(actor, client_id, body)
    found = screening.check(session, actor, ReportTarget.ROOM_MESSAGE, {BODY: body}, is_flood=is_flood)
    return _outcome(session, found, room, client_id, {"client": client_id})


def _outcome(
    session: Session, found: Screened, conversation_id: int, client_id: str, payload: dict[str, int | str]
) -> str:
    if found.caught is None:
        return found.fields[BODY]
    caught = replace(found.caught, payload=json.dumps(payload))
    if not found.is_held:
        screening.keep(session, caught)
        return found.fields[BODY]
    # Sent again after it was let through it is the same message, and the store knows it.
    if client_id in message_store(session).stored_ids(conversation_id, caught.author_id, [client_id]):
        return found.fields[BODY]
    raise MessageHeld(TURNED_DOWN if _was_turned_down(session, caught) else WAITS, caught)


def _was_turned_down(session: Session, caught: Caught) -> bool:
    same = sa.select(col(Screening.id)).where(
        col(Screening.author_id) == caught.author_id,
        col(Screening.payload) == caught.payload,
        col(Screening.status) == ScreeningStatus.REJECTED,
    )
    return session.execute(same.limit(1)).first() is not None


def turned_down(session: Session, author_id: int, client_ids: list[str]) -> set[str]:
    """Which of these messages of somebody's an operator turned down: their browser may let go of them."""
    if not client_ids:
        return set()
    rows = session.execute(
        sa.select(col(Screening.payload)).where(
            col(Screening.author_id) == author_id,
            col(Screening.subject_kind).in_((ReportTarget.MESSAGE, ReportTarget.ROOM_MESSAGE)),
            col(Screening.status) == ScreeningStatus.REJECTED,
        )
    )
    return {json.loads(payload).get("client", "") for payload in rows.scalars() if payload} & set(client_ids)
