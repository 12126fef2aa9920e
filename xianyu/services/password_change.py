"""Changing one's password, or choosing the first one."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters import passwords
from xianyu.adapters.mail import Mail
from xianyu.models import User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import SessionEnded
from xianyu.services import mailed_tokens, mails, sessions
from xianyu.services.accounts import password_error
from xianyu.services.errors import DomainError, InvalidForm

WRONG = "当前密码不正确"


@dataclass(frozen=True)
class Changed:
    """A password that is another one now: the logins that ended, and the mail that tells its owner."""

    ended: tuple[SessionEnded, ...]
    mail: Mail


class WrongPassword(DomainError):
    """Somebody who is logged in did not know the account's password.

    Args:
        field: The form's field.
    """

    def __init__(self, field: str) -> None:
        super().__init__(WRONG, field)


def stored_hash(session: Session, actor: Actor) -> str:
    """The hash of the actor's password, or an empty string where the account has none."""
    return str(session.execute(sa.select(col(User.password_hash)).where(col(User.id) == actor.user_id)).scalar_one())


def check(stored: str, password: str, field: str) -> None:
    """Have the actor prove who they are (slow: no transaction should be open). No password, no proof.

    Raises:
        WrongPassword: if it is another one.
    """
    if stored and not passwords.verify_password(password, stored):
        raise WrongPassword(field)


def check_change(stored: str, old: str, new: str, confirmation: str, *names: str) -> str:
    """Check the form and hash the new password (slow: no transaction should be open).

    Args:
        stored: The hash of the present password, or an empty string.
        old: What was typed as the present one.
        new: The new password.
        confirmation: The same once more.
        names: What its owner is called, which is no password.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    errors = {
        "old_password": _old_error(stored, old),
        "new_password": password_error(new, *names) or ("新密码不能和当前密码相同" if stored and old == new else ""),
        "confirmation": "" if new == confirmation else "两次输入的密码不一致",
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return passwords.hash_password(new)


def _old_error(stored: str, old: str) -> str:
    if not stored:
        return ""
    if not old:
        return "请输入当前密码"
    return "" if passwords.verify_password(old, stored) else WRONG


def change(session: Session, actor: Actor, stored: str, new_hash: str) -> Changed:
    """Set the password, put every other browser out, and void the links in mails that are on their way.

    Args:
        session: The unit of work.
        actor: Whose password.
        stored: The hash that the old password was checked against.
        new_hash: What ``check_change`` returned.

    Raises:
        WrongPassword: if the password was changed meanwhile.
    """
    changed = session.execute(
        sa.update(User)
        .where(col(User.id) == actor.user_id, col(User.password_hash) == stored)
        .values(password_hash=new_hash)
    )
    if getattr(changed, "rowcount", 0) != 1:
        raise WrongPassword("old_password")
    mailed_tokens.void(session, actor.user_id)
    address = session.execute(sa.select(col(User.email)).where(col(User.id) == actor.user_id)).scalar_one()
    mail = mails.compose("password_changed", address, username=actor.username, path=routes.FORGOT_PASSWORD)
    return Changed(tuple(sessions.end_others(session, actor)), mail)
