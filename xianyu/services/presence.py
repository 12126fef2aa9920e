"""Who may see whether somebody is online, and since when they are gone.

Two people see it of each other only if they have a conversation and neither of them hides it or
blocked the other.
"""

from collections.abc import Collection

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import AuthSession, ConversationMember, User
from xianyu.models.types import utc_now
from xianyu.schemas.messages import PresenceView
from xianyu.schemas.times import iso
from xianyu.services import contacts
from xianyu.services.ids import is_id

_MEMBER = ConversationMember


def of_peer(session: Session, reader_id: int, peer_id: int) -> PresenceView:
    """Whether the reader may see if ``peer_id`` is online, and when they were last. Who is now only tabs tell."""
    if not is_id(peer_id) or not audience(session, peer_id, [reader_id]):
        return PresenceView()
    noted, used = session.execute(
        sa.select(
            col(User.seen_at),
            sa.select(sa.func.max(col(AuthSession.seen_at)))
            .where(col(AuthSession.user_id) == col(User.id))
            .correlate(User)
            .scalar_subquery(),
        ).where(col(User.id) == peer_id)
    ).one()
    last = max((moment for moment in (noted, used) if moment), default=None)
    return PresenceView(shown=True, last_seen_at=iso(last) if last else "")


def audience(session: Session, user_id: int, people: Collection[int]) -> set[int]:
    """Those of these people who may see whether the person is online."""
    shows = sa.select(col(User.id)).where(col(User.shows_presence).is_(True), col(User.closed_at).is_(None))
    rows = session.execute(
        sa.select(col(_MEMBER.peer_id)).where(
            col(_MEMBER.user_id) == user_id,
            col(_MEMBER.peer_id).in_(people),
            col(_MEMBER.user_id).in_(shows),
            col(_MEMBER.peer_id).in_(shows),
        )
    )
    found = set(rows.scalars())
    return found - contacts.apart_from(session, user_id, found) if found else found


def acquainted(session: Session, user_id: int, people: Collection[int]) -> set[int]:
    """Those of these people who have a conversation with the person, whoever hides what."""
    rows = session.execute(
        sa.select(col(_MEMBER.peer_id)).where(col(_MEMBER.user_id) == user_id, col(_MEMBER.peer_id).in_(people))
    )
    return set(rows.scalars())


def note_gone(session: Session, user_ids: Collection[int]) -> None:
    """The last page of each of these people was closed just now."""
    session.execute(
        sa.update(User)
        .where(col(User.id).in_(user_ids), col(User.closed_at).is_(None))
        .values(seen_at=utc_now())
        .execution_options(synchronize_session=False)
    )
