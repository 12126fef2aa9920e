"""Who runs the site. Operators are made on the server's own command line and nowhere else."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.adapters import security_log
from xianyu.models import Role, User
from xianyu.services import accounts, operator_log
from xianyu.services.accounts import Registration


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
