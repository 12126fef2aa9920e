"""The logins of one person: which browsers are in, and how to put them out."""

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.adapters import addresses
from xianyu.models import AuthSession, LoginTicket
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor, LoginView
from xianyu.schemas.events import SessionEnded
from xianyu.schemas.times import iso
from xianyu.services.devices import device_name
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id

# More browsers than anybody has; 退出其他所有设备 reaches those beyond, too.
MOST_SHOWN = 100


class LoginNotFound(DomainError):
    """There is no such login of the actor's, or not any more."""

    def __init__(self) -> None:
        super().__init__("这个登录已经退出了")


def logins(session: Session, actor: Actor) -> list[LoginView]:
    """The actor's logins that are still good: this one first, then the latest seen."""
    rows = session.exec(
        select(AuthSession)
        .where(AuthSession.user_id == actor.user_id, AuthSession.expires_at > utc_now())
        .order_by(col(AuthSession.seen_at).desc(), col(AuthSession.id).desc())
        .limit(MOST_SHOWN)
    )
    views = [_view(row, actor) for row in rows]
    return sorted(views, key=lambda view: not view.is_current)


def _view(row: AuthSession, actor: Actor) -> LoginView:
    assert row.id is not None
    return LoginView(
        id=row.id,
        device=device_name(row.user_agent),
        place=_place(row.address),
        seen_at=iso(row.seen_at),
        is_current=row.id == actor.session_id,
    )


def _place(address: str) -> str:
    """Where an address is, as far as it tells by itself: no map of addresses is shipped."""
    if addresses.is_loopback(address):
        return "本机"
    return "局域网" if addresses.is_local(address) else address


def end(session: Session, actor: Actor, session_id: int) -> SessionEnded:
    """Put one of the actor's browsers out.

    Raises:
        LoginNotFound: if it is no login of theirs, or out already.
    """
    if not is_id(session_id):
        raise LoginNotFound
    mine = (col(AuthSession.id) == session_id, col(AuthSession.user_id) == actor.user_id)
    deleted = session.execute(sa.delete(AuthSession).where(*mine))
    if getattr(deleted, "rowcount", 0) != 1:
        raise LoginNotFound
    return SessionEnded(actor.user_id, session_id)


def end_others(session: Session, actor: Actor) -> list[SessionEnded]:
    """Put out every browser of the actor's but the one that asks."""
    return end_all(session, actor.user_id, keep=actor.session_id)


def end_all(session: Session, user_id: int, keep: int = 0) -> list[SessionEnded]:
    """End a person's logins, those included that are only half done.

    Args:
        session: The unit of work.
        user_id: Whose.
        keep: The id of the one login that stays, or 0 for none.
    """
    # Tickets first: this waits for one that is being exchanged, whose login is then seen below.
    session.execute(sa.delete(LoginTicket).where(col(LoginTicket.user_id) == user_id))
    wanted = sa.select(col(AuthSession.id)).where(col(AuthSession.user_id) == user_id, col(AuthSession.id) != keep)
    ended = []
    for session_id in session.execute(wanted.order_by(col(AuthSession.id))).scalars().all():
        deleted = session.execute(sa.delete(AuthSession).where(col(AuthSession.id) == session_id))
        if getattr(deleted, "rowcount", 0) == 1:
            ended.append(SessionEnded(user_id, session_id))
    return ended
