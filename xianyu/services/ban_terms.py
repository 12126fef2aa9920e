"""Whether somebody is kept out by operators, until when, and what they are told.

A ban is an instant on the account's row. It is over by itself once that has passed: nothing has to run for it.
"""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters import signatures
from xianyu.models import User
from xianyu.models.types import utc_now
from xianyu.services import local_time
from xianyu.services.errors import DomainError

# A ban without an end ends here, which every database can hold.
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
_PURPOSE = "banned"
_LONGEST_PASS = 100


class Banned(DomainError):
    """Operators keep the account's owner out.

    Args:
        user_id: Whose account it is.
        until: Until when.
        reason: Why, in the operators' words.
    """

    def __init__(self, user_id: int, until: datetime, reason: str) -> None:
        self.user_id, self.until = user_id, until
        super().__init__(f"这个账号已被{term_in_words(until)}，暂时不能登录。原因：{reason}", "login")


def term_in_words(until: datetime) -> str:
    """What a ban is called: 停用至 some day and time, or 永久停用."""
    return "永久停用" if until >= FOREVER else f"停用至 {local_time.moment(until, utc_now())}"


def is_banned(until: datetime | None) -> bool:
    """Whether a ban until then holds now."""
    return until is not None and until > utc_now()


def holds(now: Any = None) -> sa.ColumnElement[bool]:
    """In a query over accounts: whether a ban holds, now or at a bound instant."""
    return sa.and_(col(User.banned_until).is_not(None), col(User.banned_until) > (utc_now() if now is None else now))


def refuse_banned(session: Session, user_id: int) -> None:
    """Let nobody in who is banned. Raises ``Banned``."""
    found = sa.select(col(User.banned_until), col(User.ban_reason)).where(col(User.id) == user_id)
    row = session.execute(found).first()
    if row is not None and is_banned(row.banned_until):
        raise Banned(user_id, row.banned_until, row.ban_reason)


def passed_on(ban: Banned) -> str:
    """What a page's address carries, so that the page may tell of a ban whoever was refused just now.

    It is good for this ban alone, and nobody can make one about somebody else.
    """
    text = f"{ban.user_id}.{int(ban.until.timestamp())}"
    return f"{text}.{signatures.sign(_PURPOSE, text)}"


def told(session: Session, carried: str) -> str:
    """The sentence about the ban that an address carries; empty for one that is over, or made up."""
    text, _, signature = carried.rpartition(".")
    user_id, _, until = text.partition(".")
    known = len(carried) <= _LONGEST_PASS and carried.isascii() and user_id.isdigit()
    if not known or not signatures.is_signed(_PURPOSE, text, signature):
        return ""
    try:
        refuse_banned(session, int(user_id))
    except Banned as ban:
        return ban.message if str(int(ban.until.timestamp())) == until else ""
    return ""
