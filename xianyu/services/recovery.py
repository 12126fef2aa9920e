"""A forgotten password, and the way back in through the mailbox."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters import passwords
from xianyu.adapters.mail import Mail
from xianyu.models import AuthSession, TokenPurpose, User
from xianyu.schemas.events import SessionEnded
from xianyu.services import mailed_tokens, mails, sessions
from xianyu.services.accounts import email_error, fold_email, password_error
from xianyu.services.errors import InvalidForm


@dataclass(frozen=True)
class ResetLink:
    """A mail that is to go out, and whose account it opens."""

    user_id: int
    mail: Mail


@dataclass(frozen=True)
class Reset:
    """A password that was set anew: whose, which logins that ended, and the mail that tells of it."""

    user_id: int
    ended: tuple[SessionEnded, ...]
    mail: Mail


def check_address(typed: str) -> str:
    """The address that somebody typed, without outer space.

    Raises:
        InvalidForm: if it is no address. Whether anybody has it is not looked at.
    """
    address = typed.strip()
    if error := email_error(address):
        raise InvalidForm({"email": error})
    return address


def request_reset(session: Session, email: str) -> ResetLink | None:
    """Make a token for the account of an address, if there is one. An earlier token is void.

    Whoever asked must not learn, from the answer or from its time, what this returns: call it in the
    background.
    """
    user = session.exec(select(User).where(User.email_key == fold_email(email), col(User.closed_at).is_(None))).first()
    if user is None or user.id is None:
        return None
    token = mailed_tokens.issue(session, user.id, TokenPurpose.RESET_PASSWORD)
    # To the address on file: what was typed may only look the same.
    mail = mails.compose(
        "reset_password",
        user.email,
        username=user.username,
        minutes=mailed_tokens.MINUTES,
        path=routes.reset_password(token),
    )
    return ResetLink(user.id, mail)


def check_token(session: Session, token: str) -> tuple[str, str]:
    """Whether a new password may be typed at all. Returns its owner's name and address.

    Raises:
        LinkExpired: if the token is good for nothing.
    """
    user = session.get_one(User, mailed_tokens.find(session, token, TokenPurpose.RESET_PASSWORD).user_id)
    return user.username, user.email


def check_form(password: str, confirmation: str, *names: str) -> str:
    """Check the form and hash the password (slow: no transaction should be open meanwhile).

    Args:
        password: The new password.
        confirmation: The same once more.
        names: What its owner is called, which is no password.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    errors = {
        "password": password_error(password, *names),
        "confirmation": "" if password == confirmation else "两次输入的密码不一致",
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return passwords.hash_password(password)


def reset_password(session: Session, token: str, password_hash: str, session_token: str = "") -> Reset:
    """Set a new password, void every mailed token of the person, and end their other logins.

    Args:
        session: The unit of work.
        token: From the mail's link.
        password_hash: What ``check_form`` returned.
        session_token: The cookie of the browser that asks. If it belongs to the same person, that
            login stays.

    Raises:
        LinkExpired: if the token is good for nothing.
    """
    user_id = mailed_tokens.redeem(session, token, TokenPurpose.RESET_PASSWORD).user_id
    user = session.get_one(User, user_id)
    user.password_hash = password_hash
    session.flush()
    ended = sessions.end_all(session, user_id, keep=_own_login(session, user_id, session_token))
    mail = mails.compose("password_changed", user.email, username=user.username, path=routes.FORGOT_PASSWORD)
    return Reset(user_id, tuple(ended), mail)


def _own_login(session: Session, user_id: int, session_token: str) -> int:
    if not session_token:
        return 0
    mine = sa.select(col(AuthSession.id)).where(
        col(AuthSession.token_hash) == passwords.token_hash(session_token), col(AuthSession.user_id) == user_id
    )
    return int(session.execute(mine).scalar() or 0)
