"""Another address for an account: asked for with a proof, confirmed from the new mailbox."""

from dataclasses import dataclass

from sqlmodel import Session, select

from xianyu import routes
from xianyu.adapters.mail import Mail
from xianyu.models import MailedToken, TokenPurpose, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor, AddressView
from xianyu.services import mailed_tokens, mails, second_step
from xianyu.services.accounts import email_error, fold_email
from xianyu.services.errors import DomainError, InvalidForm


class AddressTaken(DomainError):
    """Another account has the address, or got it meanwhile."""

    def __init__(self) -> None:
        super().__init__("这个邮箱已被另一个账号使用", "email")


@dataclass(frozen=True)
class Changed:
    """An address that was changed: whose, and the mail that tells the old one."""

    user_id: int
    mail: Mail


def present(session: Session, actor: Actor) -> AddressView:
    """The actor's address, and the one that still waits to be confirmed."""
    user = session.get_one(User, actor.user_id)
    waiting = session.exec(
        select(MailedToken.email).where(
            MailedToken.user_id == actor.user_id,
            MailedToken.purpose == TokenPurpose.CHANGE_EMAIL,
            MailedToken.expires_at > utc_now(),
        )
    ).first()
    return AddressView(
        username=user.username,
        address=user.email,
        waiting=waiting or "",
        needs_proof=user.password_hash != "",
        needs_code=user.totp_secret != "",
    )


def check_form(typed: str, password: str, code: str, view: AddressView) -> str:
    """The new address, checked as far as that needs no database.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    address = typed.strip()
    errors = {
        "email": email_error(address),
        "email_password": "请输入登录密码" if view.needs_proof and not password else "",
        "email_code": "请输入验证码" if view.needs_code and not code.strip() else "",
    }
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})
    return address


def request(session: Session, actor: Actor, address: str, code: str = "") -> tuple[Mail, Mail]:
    """Begin the change. The caller has checked what ``proof.demand`` wants.

    Args:
        session: The unit of work.
        actor: Whose address.
        address: The new one.
        code: Of the second step, where the account has one.

    Returns:
        The mail with the link, for the new address, and the notice for the old one.

    Raises:
        AddressTaken: if another account has it.
        InvalidForm: if the actor has it already.
        WrongCode: if the account has a second step and the code is not good.
    """
    user = session.get_one(User, actor.user_id)
    if user.totp_secret:
        second_step.verify(session, actor.user_id, code, "email_code")
    if fold_email(address) == user.email_key:
        raise InvalidForm({"email": "这就是你现在的邮箱"})
    _check_free(session, address)
    token = mailed_tokens.issue(session, actor.user_id, TokenPurpose.CHANGE_EMAIL, address)
    link = mails.compose(
        "confirm_email",
        address,
        username=user.username,
        address=address,
        minutes=mailed_tokens.MINUTES,
        path=routes.confirm_email(token),
    )
    notice = mails.compose(
        "email_change_asked", user.email, username=user.username, address=address, path=routes.SETTINGS
    )
    return link, notice


def _check_free(session: Session, address: str) -> None:
    if session.exec(select(User.id).where(User.email_key == fold_email(address))).first() is not None:
        raise AddressTaken


def pending(session: Session, token: str) -> AddressView:
    """What a link would change, for the page that asks.

    Raises:
        LinkExpired: if the token is good for nothing.
    """
    found = mailed_tokens.find(session, token, TokenPurpose.CHANGE_EMAIL)
    user = session.get_one(User, found.user_id)
    return AddressView(username=user.username, waiting=found.email)


def confirm(session: Session, token: str) -> Changed:
    """Make the new address the account's. Every mailed token of the person is void.

    Whoever takes the address at the same moment meets this in the unique constraint; the one who
    comes second is run again by the unit of work and finds it taken here.

    Raises:
        LinkExpired: if the token is good for nothing.
        AddressTaken: if another account has got the address meanwhile.
    """
    address = mailed_tokens.find(session, token, TokenPurpose.CHANGE_EMAIL).email
    _check_free(session, address)
    found = mailed_tokens.redeem(session, token, TokenPurpose.CHANGE_EMAIL)
    user = session.get_one(User, found.user_id)
    old = user.email
    user.email, user.email_key = address, fold_email(address)
    session.flush()
    mail = mails.compose("email_changed", old, username=user.username, address=address, path=routes.SETTINGS)
    return Changed(found.user_id, mail)
