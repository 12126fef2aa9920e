"""The accounts at third parties that open one's own, and how to part from them."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.mail import Mail
from xianyu.adapters.providers import label_of, providers
from xianyu.models import ExternalIdentity, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import IdentityView
from xianyu.schemas.times import iso
from xianyu.services import mails
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id


class IdentityNotFound(DomainError):
    """There is no such identity of the actor's, or not any more."""

    def __init__(self) -> None:
        super().__init__("这个登录方式已经解绑了")


class LastWayIn(DomainError):
    """Without this identity nobody could log in to the account."""

    def __init__(self) -> None:
        super().__init__("这是你唯一的登录方式，请先设置密码或绑定其他账号")


@dataclass(frozen=True)
class Parted:
    """An identity that opens the account no longer: its provider, and the mail that tells the owner."""

    provider: str
    mail: Mail


def identities(session: Session, actor: Actor) -> list[IdentityView]:
    """The actor's identities, oldest first."""
    return [
        IdentityView(
            id=row.id or 0,
            provider=label_of(row.provider),
            label=row.label,
            linked_at=iso(row.created_at),
        )
        for row in _rows(session, actor)
    ]


def _rows(session: Session, actor: Actor) -> list[ExternalIdentity]:
    mine = select(ExternalIdentity).where(ExternalIdentity.user_id == actor.user_id)
    return list(session.exec(mine.order_by(col(ExternalIdentity.id))).all())


def mail_about_link(session: Session, user_id: int, provider: str) -> Mail:
    """The mail that tells a person of a new way into their account."""
    return _mail(session, user_id, "identity_linked", provider)


def _mail(session: Session, user_id: int, template: str, provider: str) -> Mail:
    user = session.get_one(User, user_id)
    return mails.compose(
        template, user.email, username=user.username, provider=label_of(provider), path=routes.SETTINGS
    )


def unlink(session: Session, actor: Actor, identity_id: int) -> Parted:
    """Part from an identity. The caller has checked what ``proof.demand`` wants.

    Raises:
        IdentityNotFound: if it is not one of the actor's.
        LastWayIn: if nobody could log in any more: there is no password, and no other identity of a
            third party that is still set up.
    """
    # Locked, so that two identities that are unlinked at once do not each count on the other.
    password = sa.select(col(User.password_hash)).where(col(User.id) == actor.user_id).with_for_update()
    has_password = bool(session.execute(password).scalar_one())
    rows = _rows(session, actor)
    wanted = next((row for row in rows if is_id(identity_id) and row.id == identity_id), None)
    if wanted is None:
        raise IdentityNotFound
    left = [row for row in rows if row is not wanted and row.provider in providers()]
    if not has_password and not left and wanted.provider in providers():
        raise LastWayIn
    session.execute(sa.delete(ExternalIdentity).where(col(ExternalIdentity.id) == wanted.id))
    return Parted(wanted.provider, _mail(session, actor.user_id, "identity_unlinked", wanted.provider))
