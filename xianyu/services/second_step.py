"""The second step of a login: codes of an authenticator app (TOTP, RFC 6238), and recovery codes.

A code is good in its own half minute and the one before and after, and once. The secret is kept
encrypted; recovery codes have 120 bits, so that a plain hash keeps them (OWASP ASVS 5.0, 6.5.2).
"""

import logging
import secrets
import unicodedata
from hmac import compare_digest

import pyotp
import segno
import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters import encryption, passwords
from xianyu.models import RecoveryCode, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor, EnrolmentView, SecondStepView
from xianyu.services.errors import DomainError
from xianyu.settings import get_settings

logger = logging.getLogger(__name__)

STEP = 30  # seconds
RECOVERY_CODES = 10
# Without letters and digits that are mistaken for one another.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUPS, _GROUP_LENGTH = 6, 4
_LONGEST_CODE = 64


class WrongCode(DomainError):
    """The code is wrong, too old, or was used before.

    Args:
        field: The form's field.
    """

    def __init__(self, field: str = "code") -> None:
        super().__init__("验证码不正确或已经用过，请输入最新的一个", field)


class AlreadyOn(DomainError):
    """The account has a second step already, perhaps since a moment ago in another tab."""

    def __init__(self) -> None:
        super().__init__("两步验证已经开启了")


class StillDemanded(DomainError):
    """An operator wanted to do without the second step where operators must have one."""

    def __init__(self) -> None:
        super().__init__("管理员必须开启两步验证，不能关闭")


class SecondStepRequired(DomainError):
    """An operator has to set up the second step before anything else."""

    def __init__(self) -> None:
        super().__init__("请先在设置里开启两步验证")


def must_enrol(actor: Actor) -> bool:
    """Whether the actor may do nothing as an operator until they set up a second step."""
    return _is_demanded_of(actor.role) and not actor.has_second_step


def _is_demanded_of(role: str) -> bool:
    return get_settings().operators_need_totp and role == Role.OPERATOR


def state(session: Session, actor: Actor) -> SecondStepView:
    """How the actor's second step stands."""
    user = session.get_one(User, actor.user_id)
    left = sa.select(sa.func.count()).where(col(RecoveryCode.user_id) == actor.user_id)
    return SecondStepView(
        is_on=user.totp_secret != "",
        codes_left=session.execute(left).scalar_one(),
        is_demanded=_is_demanded_of(user.role),
    )


def new_secret() -> str:
    """A fresh secret, 160 bits in base32. It counts for nothing until ``confirm``."""
    return pyotp.random_base32()


def enrolment(secret: str, username: str) -> EnrolmentView:
    """What to show of a fresh secret, for an app to scan or a person to type."""
    uri = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=get_settings().site_name)
    groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
    return EnrolmentView(qr=segno.make(uri, error="m").svg_data_uri(border=2, light="#fff"), key=" ".join(groups))


def confirm(session: Session, actor: Actor, secret: str, code: str) -> list[str]:
    """Switch the second step on, once the actor's app has shown that it knows the secret.

    Returns:
        The recovery codes, which nobody can read again.

    Raises:
        WrongCode: if the code is not of this secret and this minute.
        AlreadyOn: if there is a second step already.
    """
    step = _matching_step(secret, _tidy(code))
    if step is None:
        raise WrongCode
    changed = session.execute(
        sa.update(User)
        .where(col(User.id) == actor.user_id, col(User.totp_secret) == "")
        .values(totp_secret=encryption.encrypt(secret), totp_step=step)
    )
    if getattr(changed, "rowcount", 0) != 1:
        raise AlreadyOn
    return _fresh_codes(session, actor.user_id)


def verify(session: Session, user_id: int, code: str, field: str = "code") -> str:
    """Accept a code of the app or a recovery code, and make sure that it is never accepted again.

    Returns:
        Which of the two it was: ``"totp"`` or ``"recovery_code"``.

    Raises:
        WrongCode: otherwise.
    """
    tidy = _tidy(code)
    is_of_app = tidy.isascii() and tidy.isdigit()
    if not (_spend_step(session, user_id, tidy) if is_of_app else _spend_recovery_code(session, user_id, tidy)):
        raise WrongCode(field)
    return "totp" if is_of_app else "recovery_code"


def _tidy(code: object) -> str:
    """A code as it was meant: phones put spaces in, people hyphens, input methods wide digits."""
    text = unicodedata.normalize("NFKC", code[:_LONGEST_CODE]) if isinstance(code, str) else ""
    return "".join(char for char in text.upper() if char.isalnum())


def _matching_step(secret: str, code: str) -> int | None:
    present = int(utc_now().timestamp()) // STEP
    app = pyotp.TOTP(secret, interval=STEP)
    found = None
    # All three are compared, so that the time tells nothing.
    for step in (present - 1, present, present + 1):
        if compare_digest(app.generate_otp(step).encode(), code.encode(errors="surrogatepass")):
            found = step
    return found


def _spend_step(session: Session, user_id: int, code: str) -> bool:
    encrypted = session.execute(sa.select(col(User.totp_secret)).where(col(User.id) == user_id)).scalar_one_or_none()
    if not encrypted:
        return False
    try:
        step = _matching_step(encryption.decrypt(encrypted), code)
    except encryption.Unreadable:
        logger.error("A second step cannot be read: the key is not the one that it was encrypted with")  # noqa: TRY400 - the traceback tells nothing more
        return False
    if step is None:
        return False
    # Of two who bring one code, the second finds the step taken; nor does an earlier code come after a later one.
    spent = session.execute(
        sa.update(User)
        .where(col(User.id) == user_id, col(User.totp_secret) == encrypted, col(User.totp_step) < step)
        .values(totp_step=step)
    )
    return getattr(spent, "rowcount", 0) == 1


def _spend_recovery_code(session: Session, user_id: int, code: str) -> bool:
    hashed = passwords.token_hash(code)
    mine = (col(RecoveryCode.user_id) == user_id, col(RecoveryCode.code_hash) == hashed)
    return getattr(session.execute(sa.delete(RecoveryCode).where(*mine)), "rowcount", 0) == 1


def renew_codes(session: Session, actor: Actor, code: str) -> list[str]:
    """Replace all recovery codes, against a code.

    Raises:
        WrongCode: if the code is not good.
    """
    verify(session, actor.user_id, code)
    return _fresh_codes(session, actor.user_id)


def _fresh_codes(session: Session, user_id: int) -> list[str]:
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP_LENGTH)) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=passwords.token_hash(code)) for code in codes)
    session.flush()
    return [_grouped(code) for code in codes]


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP_LENGTH] for start in range(0, len(code), _GROUP_LENGTH))


def disable(session: Session, actor: Actor, code: str) -> None:
    """Do without the second step, against a code; the password has been checked before.

    Raises:
        StillDemanded: if the actor is an operator and these must have one.
        WrongCode: if the code is not good.
    """
    if _is_demanded_of(actor.role):
        raise StillDemanded
    verify(session, actor.user_id, code)
    session.execute(sa.update(User).where(col(User.id) == actor.user_id).values(totp_secret="", totp_step=0))
    session.execute(sa.delete(RecoveryCode).where(col(RecoveryCode.user_id) == actor.user_id))
