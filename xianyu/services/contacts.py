"""Who may write to whom: blocks, and what is checked before two people deal with each other.

Blocking and befriending lock both accounts' rows, in the order of their numbers; whoever deals with
somebody holds a shared lock on them until the commit. So a block that is committed holds for all that
comes after it, and nothing slips in between the look and the deed.
"""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Block, FriendRequest, Friendship, User
from xianyu.models.types import utc_now
from xianyu.schemas import contacts as schemas
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import Standing
from xianyu.schemas.events import BlockChanged, FriendshipChanged, LiveEvent, PresenceChanged
from xianyu.services import ban_terms
from xianyu.services.accounts import PersonNotFound
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id


class NotContactable(DomainError):
    """One of the two blocked the other, or the other is banned. The blocked are not told so, nor who is banned.

    Args:
        by_oneself: Whether it was the one who tries.
    """

    def __init__(self, by_oneself: bool) -> None:
        super().__init__("你已拉黑对方，先解除拉黑才能联系" if by_oneself else "暂时无法联系对方")


class ThatIsYou(DomainError):
    """Somebody would befriend or block themselves."""

    def __init__(self) -> None:
        super().__init__("不能对自己这样做")


_BETWEEN = sa.or_(
    sa.and_(col(Block.blocker_id) == sa.bindparam("one"), col(Block.blocked_id) == sa.bindparam("other")),
    sa.and_(col(Block.blocker_id) == sa.bindparam("other"), col(Block.blocked_id) == sa.bindparam("one")),
)
# Whoever is banned is as out of reach as somebody who blocked the other.
_BLOCKERS: sa.CompoundSelect[Any] = sa.union_all(
    sa.select(col(Block.blocker_id)).where(_BETWEEN),
    sa.select(col(User.id)).where(col(User.id) == sa.bindparam("other"), ban_terms.holds(sa.bindparam("now"))),
)
_BOTH = (
    sa.select(col(User.id), col(User.closed_at))
    .where(col(User.id).in_(sa.bindparam("people", expanding=True)))
    .order_by(col(User.id))
)
# Those who only change a profile meanwhile are not held up by it.
_SHARED = _BOTH.with_for_update(read=True, key_share=True)
_ALONE = _BOTH.with_for_update()


def may_contact(session: Session, one: int, other: int) -> None:
    """Refuse unless ``one`` may write to ``other``, want, befriend or order from them. Call it where one writes.

    Holds until the commit: a block by either of them waits for it.

    Args:
        session: The unit of work that deals with the other.
        one: Who tries.
        other: With whom.

    Raises:
        NotContactable: if one of them blocked the other, or the other is banned.
    """
    connection = session.connection()
    # SQLite has one writer at a time, which is lock enough.
    if connection.dialect.name != "sqlite":
        connection.execute(_SHARED, {"people": [one, other]})
    refuse_blocked(session, one, other)


def refuse_blocked(session: Session, one: int, other: int) -> None:
    """``may_contact`` without the lock, for where one only looks, or holds it already."""
    blockers = _blockers(session, one, other)
    if blockers:
        raise NotContactable(by_oneself=one in blockers)


def _blockers(session: Session, one: int, other: int) -> set[int]:
    """Who of the two keeps the other from writing to them: both, one, or none of them."""
    return set(session.connection().execute(_BLOCKERS, {"one": one, "other": other, "now": utc_now()}).scalars())


def hold(session: Session, actor: Actor, other_id: int, *, closed: bool = False) -> None:
    """Lock what is between the actor and somebody else until the commit, for what both could change at once.

    Args:
        session: The unit of work.
        actor: Who acts.
        other_id: The other.
        closed: Whether it may be somebody who left.

    Raises:
        PersonNotFound: if there is no such person.
        ThatIsYou: if the two are one.
    """
    if not is_id(other_id):
        raise PersonNotFound
    if other_id == actor.user_id:
        raise ThatIsYou
    found = {row.id: row for row in session.execute(_ALONE, {"people": [actor.user_id, other_id]})}
    if other_id not in found or (found[other_id].closed_at is not None and not closed):
        raise PersonNotFound


def block(session: Session, actor: Actor, other_id: int) -> list[LiveEvent]:
    """拉黑. Ends their friendship and what they asked of each other. Done twice it is done once.

    Raises:
        PersonNotFound: if there is no such person.
        ThatIsYou: if the two are one.
    """
    hold(session, actor, other_id)
    end_friendship(session, actor.user_id, other_id)
    key = (actor.user_id, other_id)
    if session.get(Block, key) is None:
        session.add(Block(blocker_id=actor.user_id, blocked_id=other_id))
        session.flush()
    return [FriendshipChanged(*key), *_changed(actor.user_id, other_id, is_blocked=True)]


def unblock(session: Session, actor: Actor, other_id: int) -> list[LiveEvent]:
    """取消拉黑. What the other blocked stays so. Raises like ``block``."""
    hold(session, actor, other_id, closed=True)
    session.execute(sa.delete(Block).where(col(Block.blocker_id) == actor.user_id, col(Block.blocked_id) == other_id))
    return _changed(actor.user_id, other_id, is_blocked=False)


def _changed(blocker_id: int, blocked_id: int, *, is_blocked: bool) -> list[LiveEvent]:
    """The two see of each other whether they are online, or do so no longer."""
    return [
        BlockChanged(blocker_id, blocked_id, is_blocked),
        PresenceChanged(blocker_id, by_choice=True),
        PresenceChanged(blocked_id, by_choice=True),
    ]


def end_friendship(session: Session, one: int, other: int) -> None:
    """Take both sides of a friendship away, and requests in either direction."""
    for table, left, right in (
        (Friendship, col(Friendship.user_id), col(Friendship.friend_id)),
        (FriendRequest, col(FriendRequest.sender_id), col(FriendRequest.recipient_id)),
    ):
        session.execute(
            sa.delete(table)
            .where(sa.or_(sa.and_(left == one, right == other), sa.and_(left == other, right == one)))
            .execution_options(synchronize_session=False)
        )


def standing(session: Session, actor: Actor | None, other_id: int) -> Standing:
    """How whoever looks stands with a person; nothing is between a visitor and anybody."""
    if actor is None or not is_id(other_id) or other_id == actor.user_id:
        return Standing()
    return standing_of(session, actor.user_id, other_id)


def standing_of(session: Session, user_id: int, other_id: int) -> Standing:
    """How a person stands with another, for the server itself to show in that person's tabs."""
    closed_at = session.execute(sa.select(col(User.closed_at)).where(col(User.id) == other_id)).first()
    if closed_at is None or closed_at[0] is not None:
        return Standing()
    blockers = _blockers(session, user_id, other_id)
    return Standing(
        person_id=other_id,
        friendship=_friendship(session, user_id, other_id).value,
        is_blocked=user_id in blockers,
        refuses=other_id in blockers,
    )


def _friendship(session: Session, user_id: int, other_id: int) -> schemas.Friendship:
    if session.get(Friendship, (user_id, other_id)) is not None:
        return schemas.Friendship.FRIENDS
    if session.get(FriendRequest, (user_id, other_id)) is not None:
        return schemas.Friendship.ASKED
    if session.get(FriendRequest, (other_id, user_id)) is not None:
        return schemas.Friendship.IS_ASKED
    return schemas.Friendship.NONE


def blocked_by(session: Session, user_id: int) -> list[int]:
    """Whom a person blocked."""
    found = session.execute(sa.select(col(Block.blocked_id)).where(col(Block.blocker_id) == user_id))
    return sorted(found.scalars())


def apart(one: Any, other: Any) -> sa.ColumnElement[bool]:
    """In a query: whether one of two people blocked the other. Takes columns and bound values."""
    pairs = ((Block.blocker_id, Block.blocked_id), (Block.blocked_id, Block.blocker_id))
    return sa.or_(*(sa.exists().where(col(here) == one, col(there) == other) for here, there in pairs))


def apart_from(session: Session, user_id: int, people: Collection[int]) -> set[int]:
    """Those of these people whom the person blocked, or who blocked the person."""
    rows: Any = session.execute(
        sa.select(col(Block.blocker_id), col(Block.blocked_id)).where(
            sa.or_(
                sa.and_(col(Block.blocker_id) == user_id, col(Block.blocked_id).in_(people)),
                sa.and_(col(Block.blocked_id) == user_id, col(Block.blocker_id).in_(people)),
            )
        )
    )
    return {blocker + blocked - user_id for blocker, blocked in rows}
