"""What stands between the first step of a login, a password or a third party, and the session."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from xianyu.adapters import passwords
from xianyu.models import User
from xianyu.models.types import utc_now
from xianyu.services import accounts, ban_terms, second_step
from xianyu.services.errors import DomainError

# What a login's factor is called; a third party's is its name.
PASSWORD = "password"  # noqa: S105 - a name, no secret

# How long a half-done login waits for its code, and how many codes may be tried before the first step is due again.
HALF_LOGIN_LIFETIME = timedelta(minutes=5)
HALF_LOGIN_ATTEMPTS = 5


class AccountClosed(DomainError):
    """The account was erased; nobody can log in to it any more."""

    def __init__(self) -> None:
        super().__init__("这个账号已注销")


def after_first_step(session: Session, user_id: int, *factors: str) -> str:
    """What a first step that succeeded has earned: a ticket, or an empty string when a code is still to be given.

    Every way to log in asks here and nowhere else, so that none can forget the second step.

    Args:
        session: The unit of work.
        user_id: Whose login.
        factors: What the first step consisted of, for the log.

    Raises:
        AccountClosed: if the account is no more.
        Banned: if operators keep its owner out.
    """
    user = session.get(User, user_id)
    if user is None or user.closed_at is not None:
        raise AccountClosed
    ban_terms.refuse_banned(session, user_id)
    return "" if user.totp_secret else accounts.issue_ticket(session, user_id, *factors)


def factors_of(ticket: str) -> str:
    """What the person had shown who got this ticket, for the log. Ask only of a ticket that was redeemed."""
    return "+".join(ticket.split(".")[:-1])


@dataclass(frozen=True)
class HalfLogin:
    """A login whose first step succeeded. It stays on the server; a browser never sees it.

    ``basis`` stands for what the first step was checked against: with another password, it is void.
    """

    user_id: int
    basis: str
    deadline: datetime
    attempts_left: int = HALF_LOGIN_ATTEMPTS


class HalfLoginOver(DomainError):
    """The code came too late or after too many others, or the password was changed meanwhile."""

    def __init__(self) -> None:
        super().__init__("验证已超时或尝试次数过多，请重新登录", "login")


def half_login(session: Session, user_id: int) -> HalfLogin:
    """Begin to wait for the code of a person whose first step succeeded just now."""
    return HalfLogin(user_id, _basis(session.get_one(User, user_id)), utc_now() + HALF_LOGIN_LIFETIME)


def _basis(user: User) -> str:
    return passwords.token_hash(f"{user.password_hash} {user.totp_secret}")


def next_attempt(half: HalfLogin) -> HalfLogin:
    """The half-done login with one attempt less, to be kept before the attempt is made.

    Raises:
        HalfLoginOver: if there are none left, or its time is over.
    """
    if half.attempts_left < 1 or half.deadline < utc_now():
        raise HalfLoginOver
    return replace(half, attempts_left=half.attempts_left - 1)


def after_second_step(session: Session, half: HalfLogin, code: str) -> str:
    """A ticket, against a code of the app or a recovery code.

    Raises:
        HalfLoginOver: if the account is another one than it was at the first step.
        Banned: if its owner was banned meanwhile.
        WrongCode: if the code is not good.
    """
    user = session.get(User, half.user_id)
    if user is None or user.closed_at is not None or _basis(user) != half.basis:
        raise HalfLoginOver
    ban_terms.refuse_banned(session, half.user_id)
    kind = second_step.verify(session, half.user_id, code)
    return accounts.issue_ticket(session, half.user_id, PASSWORD, kind)
