"""What can be reported, and by whom: only what one may see, and nothing of one's own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.adapters.message_stores import message_store
from xianyu.models import (
    Activity,
    ActivityStatus,
    Listing,
    ListingStatus,
    Photo,
    ReportTarget,
    Review,
    ReviewStatus,
    User,
)
from xianyu.schemas.accounts import Actor
from xianyu.schemas.messages import StoredMessage
from xianyu.schemas.reports import Snapshot
from xianyu.schemas.times import iso
from xianyu.services import attachments, messages, names
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.listing_form import format_price
from xianyu.services.plaza import ROOM

# What each kind is called.
KINDS: dict[str, str] = {
    ReportTarget.LISTING.value: "宝贝",
    ReportTarget.PERSON.value: "邻居",
    ReportTarget.REVIEW.value: "评价",
    ReportTarget.MESSAGE.value: "私信",
    ReportTarget.ROOM_MESSAGE.value: "聊天室消息",
    ReportTarget.ACTIVITY.value: "活动",
}
_LARGEST_SEQ = 2**31 - 1


class NothingToReport(DomainError):
    """There is nothing like that, or not any more, or not for the actor to see."""

    def __init__(self) -> None:
        super().__init__("要举报的内容已经不在了", "form")


class OwnThing(DomainError):
    """Somebody would report themselves."""

    def __init__(self) -> None:
        super().__init__("这是你自己的，不用举报", "form")


@dataclass(frozen=True)
class Target:
    """What is to be reported, as the report's row names it, and what it says now.

    ``pictures`` are the names of its pictures, the first of which the snapshot shows.
    """

    kind: str
    id: int
    seq: int
    accused_id: int
    title: str
    text: str
    at: str = ""
    pictures: tuple[str, ...] = ()

    def snapshot(self) -> str:
        """As it is stored; ``read_snapshot`` reads it."""
        said = {"title": self.title, "text": self.text, "at": self.at, "pictures": list(self.pictures)}
        return json.dumps(said, ensure_ascii=False)


def read_snapshot(stored: str) -> Snapshot:
    """What was reported as it was then; nothing of what is erased."""
    said: dict[str, Any] = json.loads(stored) if stored else {}
    images = [routes.media(thumb_name(name)) for name in said.get("pictures", [])]
    return Snapshot(said.get("title", "已注销用户的内容"), said.get("text", ""), said.get("at", ""), images)


def find(session: Session, actor: Actor, kind: str, ref: int, seq: int) -> Target:
    """What a page means by these numbers, if the actor may see it and it is not their own.

    Args:
        session: The unit of work.
        actor: Who would report it.
        kind: A ``ReportTarget``.
        ref: Its number; of a message between two, the other's; of one in the public room, nothing.
        seq: A message's number.

    Raises:
        NothingToReport: in every case but these.
        OwnThing: if it is the actor's own.
    """
    finder = _FINDERS.get(kind) if isinstance(kind, str) else None
    target = finder(session, actor, ref, seq) if finder else None
    if target is None:
        raise NothingToReport
    if target.accused_id == actor.user_id:
        raise OwnThing
    return target


def _listing(session: Session, actor: Actor, ref: int, _seq: int) -> Target | None:
    listing = session.get(Listing, ref) if is_id(ref) else None
    if listing is None or listing.status == ListingStatus.DELETED:
        return None
    if listing.status == ListingStatus.HELD and listing.seller_id != actor.user_id:
        return None
    pictures = session.exec(select(Photo.name).where(Photo.listing_id == ref).order_by(col(Photo.position)))
    text = f"¥{format_price(listing.price_fen)}\n{listing.description}"
    at = iso(listing.updated_at)
    return Target(ReportTarget.LISTING, ref, 0, listing.seller_id, listing.title, text, at, tuple(pictures))


def _person(session: Session, _actor: Actor, ref: int, _seq: int) -> Target | None:
    user = session.get(User, ref) if is_id(ref) else None
    if user is None or user.closed_at is not None:
        return None
    said = [f"@{user.username}", user.building, user.bio]
    text = "\n".join(part for part in said if part)
    return Target(ReportTarget.PERSON, ref, 0, ref, names.called(user).text, text)


def _review(session: Session, _actor: Actor, ref: int, _seq: int) -> Target | None:
    review = session.get(Review, ref) if is_id(ref) else None
    if review is None or review.status != ReviewStatus.SHOWN:
        return None
    title = f"{names.of(session, review.author_id)} 的 {review.stars} 星评价"
    return Target(ReportTarget.REVIEW, ref, 0, review.author_id, title, review.text, iso(review.created_at))


def _activity(session: Session, _actor: Actor, ref: int, _seq: int) -> Target | None:
    activity = session.get(Activity, ref) if is_id(ref) else None
    if activity is None or activity.status == ActivityStatus.DELETED:
        return None
    text = f"{activity.place}\n{activity.text}"
    pictures = (activity.cover,) if activity.cover else ()
    at = iso(activity.updated_at)
    return Target(ReportTarget.ACTIVITY, ref, 0, activity.organizer_id, activity.title, text, at, pictures)


def _message(session: Session, actor: Actor, ref: int, seq: int) -> Target | None:
    conversation_id = messages.find_conversation(session, actor, ref) if is_id(ref) else None
    found = _stored(session, conversation_id, seq, actor.user_id) if conversation_id else None
    return None if found is None else _said(session, ReportTarget.MESSAGE, found)


def _room_message(session: Session, _actor: Actor, _ref: int, seq: int) -> Target | None:
    found = _stored(session, ROOM, seq, None)
    return None if found is None else _said(session, ReportTarget.ROOM_MESSAGE, found)


def _stored(session: Session, conversation_id: int, seq: int, reader_id: int | None) -> StoredMessage | None:
    """A message that has something to read, to that reader."""
    if not is_id(seq) or seq > _LARGEST_SEQ:
        return None
    found = message_store(session).since(conversation_id, seq - 1, 1, reader_id)
    return found[0] if found and found[0].seq == seq and found[0].recalled_at is None else None


def _said(session: Session, kind: ReportTarget, message: StoredMessage) -> Target:
    name = names.of(session, message.sender_id)
    picture = attachments.picture_name(message)
    return Target(
        kind,
        message.conversation_id,
        message.seq,
        message.sender_id,
        f"{name} 的消息",
        message.body or attachments.preview(message, 0),
        iso(message.sent_at),
        (picture,) if picture else (),
    )


_FINDERS: dict[str, Callable[[Session, Actor, int, int], Target | None]] = {
    ReportTarget.LISTING: _listing,
    ReportTarget.PERSON: _person,
    ReportTarget.REVIEW: _review,
    ReportTarget.MESSAGE: _message,
    ReportTarget.ROOM_MESSAGE: _room_message,
    ReportTarget.ACTIVITY: _activity,
}
