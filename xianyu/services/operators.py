"""Who runs the site. The first operator is made on the server's own command line, others by one of them."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.adapters import security_log
from xianyu.models import Role, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, ModerationChanged, ProfileChanged
from xianyu.services import accounts, ban_terms, names, operator_log
from xianyu.services.accounts import OperatorsOnly, PersonNotFound, Registration
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id


class NotYourOwnRole(DomainError):
    """An operator would be one no longer; another one has to do that."""

    def __init__(self) -> None:
        super().__init__("不能取消自己的管理员身份，请另一位管理员来做")


class BannedCannotRun(DomainError):
    """Somebody who is banned is to become an operator."""

    def __init__(self) -> None:
        super().__init__("这个账号被停用了，先解除停用")


def promote(session: Session, username: str) -> bool:
    """Make somebody who has an account an operator; who is one stays one.

    Returns:
        Whether there is anybody with that username.
    """
    wanted = (User.username_key == accounts.fold_username(username.strip()), col(User.closed_at).is_(None))
    user = session.exec(select(User).where(*wanted)).first()
    if user is None or user.id is None:
        return False
    user.role = Role.OPERATOR
    # Operators cannot be banned, so one who was is so no longer.
    user.banned_until, user.ban_reason = None, ""
    _record(session, user.id, user.username, "promoted")
    return True


def create(session: Session, registration: Registration) -> None:
    """Register an operator.

    Raises:
        InvalidForm: if the name or the address is taken.
    """
    user_id = accounts.register(session, registration)
    session.execute(sa.update(User).where(col(User.id) == user_id).values(role=Role.OPERATOR))
    _record(session, user_id, registration.username, "created")


def _record(session: Session, user_id: int, username: str, way: str) -> None:
    operator_log.record(
        session,
        None,
        "operator.create" if way == "created" else "operator.promote",
        target_kind="user",
        target_id=user_id,
        target_name=username,
    )
    security_log.record("operator_made", "success", user_id=user_id, way=way)


def appoint(session: Session, actor: Actor, user_id: int) -> list[LiveEvent]:
    """Make somebody an operator; who is one stays one.

    Raises:
        OperatorsOnly: if the actor is none, or was until a moment ago.
        PersonNotFound: if there is no such person, or they left.
        BannedCannotRun: if they are banned.
    """
    people = _locked(session, actor, user_id)
    if ban_terms.is_banned(people[user_id].banned_until):
        raise BannedCannotRun
    return _set_role(session, actor, people[user_id], Role.OPERATOR, "user.appoint")


def dismiss(session: Session, actor: Actor, user_id: int) -> list[LiveEvent]:
    """Make an operator a member again; who is none stays so.

    Nobody can dismiss themselves, and two who dismiss each other meet at the rows' locks: one is always left.

    Raises:
        OperatorsOnly: if the actor is none, or was until a moment ago.
        NotYourOwnRole: if it is the actor.
        PersonNotFound: if there is no such person, or they left.
    """
    if user_id == actor.user_id:
        accounts.require_operator(session, actor)
        raise NotYourOwnRole
    people = _locked(session, actor, user_id)
    return _set_role(session, actor, people[user_id], Role.MEMBER, "user.dismiss")


def _locked(session: Session, actor: Actor, user_id: int) -> dict[int, sa.Row[Any]]:
    """All operators and one other person, held until the commit, in one order for everyone."""
    accounts.require_operator(session, actor)
    wanted = sa.or_(col(User.role) == Role.OPERATOR, col(User.id) == (user_id if is_id(user_id) else 0))
    rows = session.execute(
        sa.select(col(User.id), col(User.role), col(User.banned_until), *names.COLUMNS)
        .where(wanted, col(User.closed_at).is_(None))
        .order_by(col(User.id))
        .with_for_update()
    )
    people = {row.id: row for row in rows}
    if actor.user_id not in people or people[actor.user_id].role != Role.OPERATOR:
        raise OperatorsOnly
    if user_id not in people:
        raise PersonNotFound
    return people


def _set_role(session: Session, actor: Actor, person: sa.Row[Any], role: Role, action: str) -> list[LiveEvent]:
    if person.role == role:
        return []
    session.execute(sa.update(User).where(col(User.id) == person.id).values(role=role))
    name = names.called(person).text
    operator_log.record(session, actor, action, target_kind="user", target_id=person.id, target_name=name)
    return [ProfileChanged(person.id), ModerationChanged()]
