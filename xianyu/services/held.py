"""What was held back: operators let it through or turn it down, and its author hears of it."""

import json
from collections.abc import Callable

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Listing, NoticeKind, Order, ReportTarget, Review, Screening, ScreeningStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, LiveEvent, ModerationChanged, NoticeAdded
from xianyu.services import ban_terms, listings, messages, names, notices, operator_log, plaza, reviews, screening
from xianyu.services.accounts import PersonNotFound, require_operator
from xianyu.services.contacts import NotContactable
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.review_errors import ReviewNotFound
from xianyu.services.text import clean_line, has_control_characters

NOTE_LENGTH = 100
# Characters of a message by which its sender knows it again.
_EXCERPT = 30
_MESSAGES = (ReportTarget.MESSAGE, ReportTarget.ROOM_MESSAGE)


class HeldNotFound(DomainError):
    """There is no such text."""

    def __init__(self) -> None:
        super().__init__("这条内容不存在")


class DecidedAlready(DomainError):
    """Another operator was faster, or its author changed or deleted it."""

    def __init__(self) -> None:
        super().__init__("这条内容刚被别的管理员处理，或作者已经修改、删除了")


class NotSendable(DomainError):
    """A message can no longer be sent: those two have nothing to say to each other any more."""

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}，消息发不出去了，只能驳回")


class NoteTooLong(DomainError):
    """What the author is to read is too long, or holds what no keyboard types."""

    def __init__(self) -> None:
        super().__init__(f"说明最多 {NOTE_LENGTH} 个字，不能有无法显示的字符", "note")


def approve(session: Session, actor: Actor, screening_id: int) -> list[LiveEvent]:
    """Let a text through: it is published or sent now, as if nothing had been in its way.

    Raises:
        OperatorsOnly: if the actor is none.
        HeldNotFound: if there is no such text.
        DecidedAlready: if there is nothing to decide any more.
        NotSendable: if it is a message and cannot be sent any longer.
    """
    row = _row(session, actor, screening_id)
    events = _LET_THROUGH[row.subject_kind](session, row)
    # Whoever was faster has it, and what was done here is undone.
    _decide(session, actor, row, ScreeningStatus.APPROVED, row.payload)
    _record(session, actor, row, "held.approve", "")
    return [*events, ModerationChanged()]


def reject(session: Session, actor: Actor, screening_id: int, note: object = "") -> list[LiveEvent]:
    """Turn a text down. A listing stays where only its seller sees it, to be changed; all else is not published.

    Args:
        session: The unit of work.
        actor: An operator.
        screening_id: Which one.
        note: What its author is to read about it, one line of at most ``NOTE_LENGTH`` characters, or nothing.

    Raises:
        OperatorsOnly, HeldNotFound, DecidedAlready: as ``approve`` does.
        NoteTooLong: if the note cannot be taken.
    """
    line = clean_line(note) if isinstance(note, str) else ""
    if len(line) > NOTE_LENGTH or has_control_characters(line):
        raise NoteTooLong
    row = _row(session, actor, screening_id)
    payload = row.payload
    if line:
        payload = json.dumps({**(json.loads(payload) if payload else {}), "note": line}, ensure_ascii=False)
    # What a message is known by stays as it is: sent again it is found by that.
    _decide(session, actor, row, ScreeningStatus.REJECTED, row.payload if row.subject_kind in _MESSAGES else payload)
    _record(session, actor, row, "held.reject", line)
    return [*_TURN_DOWN[row.subject_kind](session, row, line), ModerationChanged()]


def _row(session: Session, actor: Actor, screening_id: int) -> Screening:
    require_operator(session, actor)
    row = session.get(Screening, screening_id) if is_id(screening_id) else None
    if row is None:
        raise HeldNotFound
    if row.status != ScreeningStatus.WAITING:
        raise DecidedAlready
    return row


def _decide(session: Session, actor: Actor, row: Screening, status: ScreeningStatus, payload: str) -> None:
    decided = session.execute(
        sa.update(Screening)
        .where(col(Screening.id) == row.id, col(Screening.status) == ScreeningStatus.WAITING)
        .values(status=status, decided_by=actor.user_id, decided_at=utc_now(), payload=payload)
        .execution_options(synchronize_session=False)
    )
    if getattr(decided, "rowcount", 0) != 1:
        raise DecidedAlready


def _record(session: Session, actor: Actor, row: Screening, action: str, note: str) -> None:
    is_listing = row.subject_kind == ReportTarget.LISTING
    operator_log.record(
        session,
        actor,
        action,
        target_kind="listing" if is_listing else "user",
        target_id=row.subject_id if is_listing else row.author_id,
        target_name=excerpt(row.text),
        detail=note,
    )


def excerpt(text: str) -> str:
    """The beginning of a text, in one line."""
    line = clean_line(text)
    return line if len(line) <= _EXCERPT else f"{line[: _EXCERPT - 1]}…"


def _title(session: Session, row: Screening) -> str:
    listing = session.get(Listing, row.subject_id)
    return listing.title if listing is not None else ""


def _listing(session: Session, row: Screening) -> list[LiveEvent]:
    events = listings.let_through(session, _subject(row))
    if not events:
        raise DecidedAlready
    kind, title = NoticeKind.HELD_APPROVED, _title(session, row)
    told = notices.add(session, [row.author_id], kind, listing_id=row.subject_id, subject=title)
    return [*events, *told]


def _message(session: Session, row: Screening) -> list[LiveEvent]:
    known = json.loads(row.payload)
    body = screening.as_sent(session, row.text)
    try:
        author = _author(session, row.author_id)
        return [messages.send(session, author, known["peer"], known["client"], body, is_approved=True)]
    except NotContactable as error:
        raise NotSendable("两人已不能互相发消息") from error
    except PersonNotFound as error:
        raise NotSendable("其中一人已注销") from error


def _room_message(session: Session, row: Screening) -> list[LiveEvent]:
    body, client_id = screening.as_sent(session, row.text), json.loads(row.payload)["client"]
    try:
        sent = plaza.post(session, _author(session, row.author_id), client_id, body, is_approved=True)
    except plaza.Muted as error:
        raise NotSendable("发送者已被禁言") from error
    except PersonNotFound as error:
        raise NotSendable("发送者已注销") from error
    return [sent, *(NoticeAdded(user_id) for user_id in sent.mentioned)]


def _review(session: Session, row: Screening) -> list[LiveEvent]:
    return [*reviews.let_through(session, _subject(row)), *_tell_of_review(session, row, NoticeKind.REVIEW_APPROVED)]


def _author(session: Session, user_id: int) -> Actor:
    """Whose text it is, for what happens in their name."""
    user = session.get(User, user_id)
    if user is None or user.closed_at is not None:
        raise PersonNotFound
    if ban_terms.is_banned(user.banned_until):
        raise NotSendable("发送者已被停用")
    name = names.called(user)
    return Actor(user_id, user.username, user.role, 0, name=name.text, avatar_url=name.avatar_url)


def _listing_rejected(session: Session, row: Screening, note: str) -> list[LiveEvent]:
    kind, title = NoticeKind.HELD_REJECTED, _title(session, row)
    if not title:
        # It was deleted for good meanwhile.
        return []
    return [
        ListingChanged(_subject(row)),
        *notices.add(session, [row.author_id], kind, listing_id=row.subject_id, subject=title, detail=note),
    ]


def _message_rejected(session: Session, row: Screening, note: str) -> list[LiveEvent]:
    kind, subject = NoticeKind.MESSAGE_REJECTED, f"“{excerpt(row.text)}”"
    return [*notices.add(session, [row.author_id], kind, subject=subject, detail=note)]


def _review_rejected(session: Session, row: Screening, note: str) -> list[LiveEvent]:
    try:
        events = reviews.remove(session, _subject(row))
    except ReviewNotFound:
        # It was taken away for another reason meanwhile.
        return []
    return [*events, *_tell_of_review(session, row, NoticeKind.REVIEW_REJECTED, note)]


def _tell_of_review(session: Session, row: Screening, kind: NoticeKind, note: str = "") -> list[NoticeAdded]:
    order = session.get_one(Order, session.get_one(Review, _subject(row)).order_id)
    return notices.add_of_order(session, order, kind, None, note, user_ids=[row.author_id])


def _subject(row: Screening) -> int:
    assert row.subject_id is not None
    return row.subject_id


_LET_THROUGH: dict[str, Callable[[Session, Screening], list[LiveEvent]]] = {
    ReportTarget.LISTING: _listing,
    ReportTarget.MESSAGE: _message,
    ReportTarget.ROOM_MESSAGE: _room_message,
    ReportTarget.REVIEW: _review,
}
_TURN_DOWN: dict[str, Callable[[Session, Screening, str], list[LiveEvent]]] = {
    ReportTarget.LISTING: _listing_rejected,
    ReportTarget.MESSAGE: _message_rejected,
    ReportTarget.ROOM_MESSAGE: _message_rejected,
    ReportTarget.REVIEW: _review_rejected,
}
