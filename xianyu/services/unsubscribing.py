"""One press in a mail program and no more such mails: the links that switch a preference off (RFC 8058).

A link names a person and a preference and is signed. It needs no login and does not expire, since
people unsubscribe by mails that are years old; all that it can do is to switch that preference off.
"""

import re

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters import signatures
from xianyu.models import User
from xianyu.services.errors import DomainError

# The preference of mails about missed messages.
MESSAGES = "messages"

_PURPOSE = "unsubscribing"
_TOKEN = re.compile(rf"(\d{{1,15}})\.({MESSAGES})\.([0-9A-Za-z_-]{{43}})")


class UnknownLink(DomainError):
    """The token is not one of this site's, or of somebody who has left."""

    def __init__(self) -> None:
        super().__init__("这个退订链接无效")


def token(user_id: int, preference: str = MESSAGES) -> str:
    """What goes into the link."""
    text = f"{user_id}.{preference}"
    return f"{text}.{signatures.sign(_PURPOSE, text)}"


def check(session: Session, given: str) -> int:
    """Whose link it is. Changes nothing. Raises ``UnknownLink``."""
    found = _TOKEN.fullmatch(given) if given.isascii() else None
    if found is None or not signatures.is_signed(_PURPOSE, f"{found[1]}.{found[2]}", found[3]):
        raise UnknownLink
    user_id = int(found[1])
    if session.execute(sa.select(col(User.id)).where(_is(user_id))).first() is None:
        raise UnknownLink
    return user_id


def unsubscribe(session: Session, given: str) -> int:
    """Do what the link says; done twice it is done once. Returns whose it is, and raises as ``check`` does."""
    user_id = check(session, given)
    session.execute(sa.update(User).where(_is(user_id)).values(mail_about_messages=False))
    return user_id


def _is(user_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(col(User.id) == user_id, col(User.closed_at).is_(None))
