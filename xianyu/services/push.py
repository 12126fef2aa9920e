"""Web Push: which browsers want to be told, and what they are told. Never what a message says."""

import re

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.message_stores import message_store
from xianyu.adapters.passwords import token_hash
from xianyu.adapters.push_keys import check_browser_keys
from xianyu.models import AuthSession, ConversationMember, PushSubscription, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.push import PushDue, PushKeys, PushMessage, PushTarget
from xianyu.services import contacts, names, notices
from xianyu.services.errors import DomainError
from xianyu.settings import get_settings

# More browsers than anybody reads messages in; of more, the oldest are told no longer.
MOST_DEVICES = 10
# Characters. Push services' own addresses have a few hundred.
ENDPOINT_LENGTH = 1000

# By name and never by number, at the usual port: all that a push service needs, and no way to spell an
# address of this network. Where the name leads is looked at each time that something is sent.
_ENDPOINT = re.compile(
    r"https://(?:[a-z0-9-]{1,63}\.)+[a-z][a-z0-9-]{0,62}(?::443)?/[!#$%&'()*+,./:;=?@\w~-]*", re.ASCII
)
_LOCAL_ENDPOINT = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?/[!#$%&'()*+,./:;=?@\w~-]*", re.ASCII)


class PushIsOff(DomainError):
    """The operator has not set up any push."""

    def __init__(self) -> None:
        super().__init__("本站还没有开启推送")


class UnusableSubscription(DomainError):
    """What is said to come from a browser is no subscription, or one that leads where nothing may be sent."""

    def __init__(self) -> None:
        super().__init__("浏览器给的推送地址不能用，换一个浏览器试试")


def check(endpoint: object, p256dh: object, auth: object) -> PushKeys:
    """A subscription as a browser describes it.

    Raises:
        PushIsOff: if this site pushes nothing.
        UnusableSubscription: if it is none.
    """
    settings = get_settings()
    if not settings.pushes:
        raise PushIsOff
    if not (isinstance(endpoint, str) and isinstance(p256dh, str) and isinstance(auth, str)):
        raise UnusableSubscription
    allowed = _LOCAL_ENDPOINT if settings.push_allow_local else _ENDPOINT
    if len(endpoint) > ENDPOINT_LENGTH or not allowed.fullmatch(endpoint):
        raise UnusableSubscription
    try:
        check_browser_keys(p256dh, auth)
    except ValueError as error:
        raise UnusableSubscription from error
    return PushKeys(endpoint, p256dh.rstrip("="), auth.rstrip("="))


def subscribe(session: Session, actor: Actor, keys: PushKeys) -> None:
    """Have this login's browser told of messages.

    Another subscription that this login had before ends, and so does this one where somebody else had it.
    """
    hashed = token_hash(keys.endpoint)
    mine = col(PushSubscription.session_id) == actor.session_id
    session.execute(sa.delete(PushSubscription).where(sa.or_(mine, col(PushSubscription.endpoint_hash) == hashed)))
    session.add(
        PushSubscription(
            user_id=actor.user_id,
            session_id=actor.session_id,
            endpoint=keys.endpoint,
            endpoint_hash=hashed,
            p256dh=keys.p256dh,
            auth=keys.auth,
        )
    )
    session.flush()
    _forget_oldest(session, actor.user_id)


def _forget_oldest(session: Session, user_id: int) -> None:
    ids = session.execute(
        sa.select(col(PushSubscription.id))
        .where(col(PushSubscription.user_id) == user_id)
        .order_by(col(PushSubscription.id).desc())
        .offset(MOST_DEVICES)
        .limit(MOST_DEVICES)
    )
    forget(session, list(ids.scalars()))


def unsubscribe(session: Session, actor: Actor) -> None:
    """Tell this login's browser nothing more. One that was told nothing is no error."""
    session.execute(sa.delete(PushSubscription).where(col(PushSubscription.session_id) == actor.session_id))


def present(session: Session, actor: Actor) -> str:
    """Where this login's browser is told of messages, or an empty string."""
    found = session.execute(
        sa.select(col(PushSubscription.endpoint)).where(col(PushSubscription.session_id) == actor.session_id)
    )
    return str(found.scalar() or "")


def forget(session: Session, ids: list[int]) -> None:
    """Remove subscriptions that lead nowhere any more."""
    if ids:
        session.execute(sa.delete(PushSubscription).where(col(PushSubscription.id).in_(ids)))


_TARGETS = (
    sa.select(
        col(PushSubscription.id),
        col(PushSubscription.endpoint),
        col(PushSubscription.p256dh),
        col(PushSubscription.auth),
    )
    .join(AuthSession, col(AuthSession.id) == col(PushSubscription.session_id))
    .where(col(PushSubscription.user_id) == sa.bindparam("user"), col(AuthSession.expires_at) > sa.bindparam("now"))
    .order_by(col(PushSubscription.id))
)
# Neither a muted conversation nor one with somebody who was blocked meanwhile.
_PEER = (
    sa.select(col(ConversationMember.conversation_id), *names.COLUMNS)
    .join(User, col(User.id) == col(ConversationMember.peer_id))
    .where(
        col(ConversationMember.user_id) == sa.bindparam("user"),
        col(ConversationMember.peer_id) == sa.bindparam("peer"),
        col(ConversationMember.is_muted).is_(False),
        ~contacts.apart(sa.bindparam("user"), col(ConversationMember.peer_id)),
    )
)


def due(session: Session, user_id: int, peer_id: int) -> PushDue | None:
    """What a person's devices are to show, if there is anything unread and there are such devices.

    Args:
        session: The unit of work.
        user_id: Whom to tell.
        peer_id: Who wrote to them, or 0 for notices.
    """
    rows = session.execute(_TARGETS, {"user": user_id, "now": utc_now()}).all()
    targets = tuple(PushTarget(row.id, PushKeys(row.endpoint, row.p256dh, row.auth)) for row in rows)
    if not targets:
        return None
    message = _about_messages(session, user_id, peer_id) if peer_id else _about_notices(session, user_id)
    return PushDue(message, targets) if message else None


def _about_messages(session: Session, user_id: int, peer_id: int) -> PushMessage | None:
    row = session.execute(_PEER, {"user": user_id, "peer": peer_id}).first()
    unread = message_store(session).unread(user_id).get(row.conversation_id, 0) if row else 0
    if row is None or not unread:
        return None
    many = "一条" if unread == 1 else f" {unread} 条"
    text = f"{names.called(row).text} 发来{many}消息"
    return PushMessage(get_settings().site_name, text, f"conversation-{peer_id}", routes.conversation(peer_id))


def _about_notices(session: Session, user_id: int) -> PushMessage | None:
    if not notices.unread(session, user_id):
        return None
    return PushMessage(get_settings().site_name, "你有新的互动", "notices", routes.box("notices"))
