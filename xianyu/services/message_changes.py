"""What becomes of messages after they were sent: taken back, deleted for oneself; pinning and muting."""

from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.adapters.message_stores import message_store
from xianyu.adapters.messages import MessageStore
from xianyu.models import ConversationMember
from xianyu.models.conversations import NEVER_ACTIVE
from xianyu.models.messages import MessageKind
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ConversationCleared, ConversationMarked, MessageRecalled, MessagesHidden
from xianyu.schemas.messages import StoredMessage
from xianyu.services import attachments, photos
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.messages import find_conversation
from xianyu.services.names import Name

# How long a message can be taken back.
RECALL_WITHIN = timedelta(minutes=2)
# How many messages are deleted at once at most.
MANY = 200
_LARGEST_SEQ = 2**31 - 1


class RecallTooLate(DomainError):
    """A message is older than what can be taken back."""

    def __init__(self) -> None:
        super().__init__("发送超过 2 分钟，不能撤回了")


class MessageNotFound(DomainError):
    """There is no such message of the actor's in that conversation."""

    def __init__(self) -> None:
        super().__init__("没有找到这条消息")


class ConversationNotFound(DomainError):
    """The two have no conversation."""

    def __init__(self) -> None:
        super().__init__("没有找到这个会话")


def _conversation(session: Session, actor: Actor, peer_id: int) -> int:
    conversation_id = find_conversation(session, actor, peer_id)
    if conversation_id is None:
        raise ConversationNotFound
    return conversation_id


def recall(session: Session, actor: Actor, peer_id: int, seq: int) -> MessageRecalled:
    """Take a message back: neither of the two has it any more. Done twice it is done once.

    Raises:
        ConversationNotFound: if the two have none.
        MessageNotFound: if there is no such message, or it is not the actor's.
        RecallTooLate: if it was sent more than two minutes ago.
    """
    conversation_id = _conversation(session, actor, peer_id)
    store = message_store(session)
    before = _message(store, conversation_id, seq)
    if before is None or before.sender_id != actor.user_id:
        raise MessageNotFound
    after = (
        before if before.recalled_at else store.recall(conversation_id, actor.user_id, seq, utc_now() - RECALL_WITHIN)
    )
    if after is None:
        raise RecallTooLate
    if before.kind == MessageKind.PHOTO and before.attachment:
        photos.take_from_conversation(session, conversation_id, attachments.photo_id(before.attachment))
    [view] = attachments.views(session, [after], {actor.user_id: Name(actor.name, actor.avatar_url)})
    return MessageRecalled(conversation_id, actor.user_id, peer_id, view)


def _message(store: MessageStore, conversation_id: int, seq: int) -> StoredMessage | None:
    if not is_id(seq) or seq > _LARGEST_SEQ:
        return None
    found = store.since(conversation_id, seq - 1, 1)
    return found[0] if found and found[0].seq == seq else None


def delete_for_me(session: Session, actor: Actor, peer_id: int, seqs: list[int]) -> MessagesHidden:
    """Delete messages for the actor alone, at most 200 at once. What is no number of one is passed over.

    Raises:
        ConversationNotFound: if the two have none.
    """
    conversation_id = _conversation(session, actor, peer_id)
    given = seqs if isinstance(seqs, list) else []
    wanted = sorted({seq for seq in given[:MANY] if is_id(seq) and seq <= _LARGEST_SEQ})
    store = message_store(session)
    last = store.last([conversation_id]).get(conversation_id)
    present = [seq for seq in wanted if last is not None and seq <= last.seq]
    if present:
        store.hide(conversation_id, actor.user_id, present)
    return MessagesHidden(conversation_id, actor.user_id, peer_id, tuple(present))


def clear(session: Session, actor: Actor, peer_id: int) -> ConversationCleared:
    """Delete all that was said until now for the actor alone, and take the conversation out of their list.

    Raises:
        ConversationNotFound: if the two have none.
    """
    conversation_id = _conversation(session, actor, peer_id)
    # Before the messages: one that comes meanwhile waits for this row, and then brings the line back.
    session.execute(_mine(actor, conversation_id).values(active_at=NEVER_ACTIVE, pinned_at=None))
    seq = message_store(session).clear(conversation_id, actor.user_id)
    return ConversationCleared(conversation_id, actor.user_id, peer_id, seq)


def set_pinned(session: Session, actor: Actor, peer_id: int, is_pinned: bool) -> ConversationMarked:
    """Keep a conversation at the top of the actor's list, or no longer. Raises ``ConversationNotFound``."""
    conversation_id = _conversation(session, actor, peer_id)
    session.execute(_mine(actor, conversation_id).values(pinned_at=utc_now() if is_pinned is True else None))
    return _marked(session, actor, conversation_id, peer_id)


def set_muted(session: Session, actor: Actor, peer_id: int, is_muted: bool) -> ConversationMarked:
    """Have a conversation count but neither mail nor push, or no longer. Raises ``ConversationNotFound``."""
    conversation_id = _conversation(session, actor, peer_id)
    session.execute(_mine(actor, conversation_id).values(is_muted=is_muted is True))
    return _marked(session, actor, conversation_id, peer_id)


def marks(session: Session, actor: Actor, peer_id: int) -> tuple[bool, bool]:
    """Whether the actor has pinned and muted the conversation."""
    conversation_id = find_conversation(session, actor, peer_id)
    if conversation_id is None:
        return False, False
    event = _marked(session, actor, conversation_id, peer_id)
    return event.is_pinned, event.is_muted


def _marked(session: Session, actor: Actor, conversation_id: int, peer_id: int) -> ConversationMarked:
    pinned_at, is_muted = session.execute(
        sa.select(col(ConversationMember.pinned_at), col(ConversationMember.is_muted)).where(
            col(ConversationMember.conversation_id) == conversation_id,
            col(ConversationMember.user_id) == actor.user_id,
        )
    ).one()
    return ConversationMarked(conversation_id, actor.user_id, peer_id, pinned_at is not None, bool(is_muted))


def _mine(actor: Actor, conversation_id: int) -> sa.Update:
    """The actor's side of a conversation."""
    return (
        sa.update(ConversationMember)
        .where(
            col(ConversationMember.conversation_id) == conversation_id,
            col(ConversationMember.user_id) == actor.user_id,
        )
        .execution_options(synchronize_session=False)
    )
