"""What somebody who is logged in has to show before they change how the account is reached or kept."""

from datetime import timedelta

from sqlmodel import Session

from xianyu.models import AuthSession, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services.errors import DomainError

# How long after a login the person who logged in is still believed to sit there.
FRESH = timedelta(minutes=10)
# The field of every form that this refusal is shown at.
FIELD = "proof"


class LoginTooOld(DomainError):
    """The account has no password to ask for, and its person did not log in just now."""

    def __init__(self) -> None:
        minutes = FRESH.seconds // 60
        super().__init__(f"为了账号安全，请重新登录，并在 {minutes} 分钟内完成这一步", FIELD)


def demand(session: Session, actor: Actor) -> str:
    """What the actor's password is to be checked against; empty if a login a moment ago is proof enough.

    Raises:
        LoginTooOld: if there is neither a password nor a fresh login.
    """
    stored = session.get_one(User, actor.user_id).password_hash
    if not stored:
        login = session.get(AuthSession, actor.session_id)
        if login is None or login.created_at < utc_now() - FRESH:
            raise LoginTooOld
    return stored
