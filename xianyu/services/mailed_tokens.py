"""One-time tokens that travel in the links of mails."""

import re
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.adapters import passwords
from xianyu.models import MailedToken, TokenPurpose
from xianyu.models.types import utc_now
from xianyu.services.errors import DomainError

LIFETIME = timedelta(minutes=30)
MINUTES = LIFETIME // timedelta(minutes=1)

# What passwords.new_token makes; anything else need not be looked for.
_TOKEN = re.compile("[A-Za-z0-9_-]{43}")


class LinkExpired(DomainError):
    """The token was never given out, was used, is too old, or had to give way to a newer one."""

    def __init__(self) -> None:
        super().__init__("这个链接已失效：可能已经用过、超过了 30 分钟，或者之后又申请了新的链接")


def issue(session: Session, user_id: int, purpose: TokenPurpose, email: str = "") -> str:
    """A new token; the one that the person had for this purpose is void from now on.

    Args:
        session: The unit of work. Of two who ask at once, the unique constraint lets one in, and the
            other is run again.
        user_id: Whose account the token acts on.
        purpose: What it is good for.
        email: The address that it confirms, if that is what it is for.
    """
    now = utc_now()
    mine = sa.and_(col(MailedToken.user_id) == user_id, col(MailedToken.purpose) == purpose)
    session.execute(sa.delete(MailedToken).where(mine))
    session.execute(sa.delete(MailedToken).where(col(MailedToken.expires_at) < now))
    token = passwords.new_token()
    session.add(
        MailedToken(
            token_hash=passwords.token_hash(token),
            user_id=user_id,
            purpose=purpose,
            email=email,
            expires_at=now + LIFETIME,
        )
    )
    session.flush()
    return token


def find(session: Session, token: str, purpose: TokenPurpose) -> MailedToken:
    """What a token stands for, without using it.

    Raises:
        LinkExpired: if it is good for nothing.
    """
    if not _TOKEN.fullmatch(token):
        raise LinkExpired
    found = session.exec(
        select(MailedToken).where(
            MailedToken.token_hash == passwords.token_hash(token),
            MailedToken.purpose == purpose,
            MailedToken.expires_at > utc_now(),
        )
    ).first()
    if found is None:
        raise LinkExpired
    return found


def redeem(session: Session, token: str, purpose: TokenPurpose) -> MailedToken:
    """Use a token up, and every other one that the person has with it.

    Raises:
        LinkExpired: if it is good for nothing.
    """
    found = find(session, token, purpose)
    # The row count of the deletion decides, so that of two requests one succeeds.
    deleted = session.execute(sa.delete(MailedToken).where(col(MailedToken.token_hash) == found.token_hash))
    if getattr(deleted, "rowcount", 0) != 1:
        raise LinkExpired
    void(session, found.user_id)
    return found


def void(session: Session, user_id: int) -> None:
    """Void every token of a person: what they prove themselves by, password or address, has changed."""
    session.execute(sa.delete(MailedToken).where(col(MailedToken.user_id) == user_id))
