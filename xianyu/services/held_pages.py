"""What was caught, as operators read it: what waits, what was decided, and what was masked or refused on the spot."""

import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from xianyu import routes
from xianyu.models import ReportTarget, Screening, ScreeningStatus, User, WordAction
from xianyu.schemas.accounts import Actor
from xianyu.schemas.moderation import HeldPage, HeldView
from xianyu.schemas.times import iso
from xianyu.services import names, screening
from xianyu.services.accounts import require_operator
from xianyu.services.ids import is_id
from xianyu.services.word_matching import marked

PAGE_SIZE = 30

# What the page is divided into, and what stands where: what waited longest stands first, the rest latest first.
WAITING, DECIDED, NOTED = "waiting", "decided", "noted"
PARTS = {WAITING: "待审核", DECIDED: "已处理", NOTED: "遮盖和拒绝"}
_STATUSES: dict[str, tuple[ScreeningStatus, ...]] = {
    WAITING: (ScreeningStatus.WAITING,),
    DECIDED: (ScreeningStatus.APPROVED, ScreeningStatus.REJECTED),
    NOTED: (ScreeningStatus.NOTED,),
}
_KINDS: dict[str, str] = {
    ReportTarget.LISTING: "宝贝",
    ReportTarget.ACTIVITY: "活动",
    ReportTarget.MESSAGE: "私信",
    ReportTarget.ROOM_MESSAGE: "公共聊天室",
    ReportTarget.REVIEW: "评价",
    screening.PROFILE: "个人资料",
}
_REASONS = {screening.WORD: "敏感词", screening.CONTACT: "疑似引流广告", screening.FLOOD: "新账号频繁发布"}
_OUTCOMES: dict[str, str] = {
    ScreeningStatus.WAITING: "待审核",
    ScreeningStatus.APPROVED: "已通过",
    ScreeningStatus.REJECTED: "已驳回",
}
_ON_THE_SPOT: dict[str, str] = {
    WordAction.MASK: "已遮盖",
    WordAction.HOLD: "作者已修改或删除",
    WordAction.REFUSE: "已拒绝",
}


def page(session: Session, actor: Actor, part: str = WAITING, after: int = 0, limit: int = PAGE_SIZE) -> HeldPage:
    """A page of what was caught.

    Args:
        session: The unit of work.
        actor: An operator.
        part: ``WAITING``, ``DECIDED`` or ``NOTED``.
        after: The number of the last one that is known already.
        limit: How many, at most.

    Raises:
        OperatorsOnly: if the actor is none.
    """
    require_operator(session, actor)
    author, decider = aliased(User), aliased(User)
    statement = (
        sa.select(Screening, author, decider)
        .join(author, col(author.id) == col(Screening.author_id))
        .outerjoin(decider, col(decider.id) == col(Screening.decided_by))
        .where(col(Screening.status).in_(_STATUSES.get(part, ())))
    )
    key = col(Screening.id)
    if is_id(after):
        statement = statement.where(key > after if part == WAITING else key < after)
    # One more than is shown tells whether there are more.
    statement = statement.order_by(key.asc() if part == WAITING else key.desc()).limit(limit + 1)
    rows = session.execute(statement).all()
    shown = rows[:limit]
    people = _recipients(session, [row[0] for row in shown])
    entries = [_view(row[0], row[1], row[2], people) for row in shown]
    return HeldPage(entries, entries[-1].id if len(rows) > limit else 0)


def _recipients(session: Session, rows: list[Screening]) -> dict[int, str]:
    ids = {peer for row in rows if (peer := _known(row).get("peer"))}
    if not ids:
        return {}
    found = session.execute(sa.select(col(User.id), *names.COLUMNS).where(col(User.id).in_(ids)))
    return {row.id: names.called(row).text for row in found}


def _known(row: Screening) -> dict[str, Any]:
    return json.loads(row.payload) if row.payload else {}


def _view(row: Screening, author: User, decider: User | None, people: dict[int, str]) -> HeldView:
    known, is_waiting = _known(row), row.status == ScreeningStatus.WAITING
    return HeldView(
        id=int(row.id or 0),
        kind=_KINDS.get(row.subject_kind, row.subject_kind),
        reason=_REASONS.get(row.reason, row.reason),
        outcome=_OUTCOMES.get(row.status) or _ON_THE_SPOT[row.action],
        is_waiting=is_waiting,
        parts=marked(row.text, screening.finder(row.words).find(row.text)),
        words=row.words,
        author_name=names.called(author).text,
        author_url=routes.user(row.author_id),
        recipient=people.get(known.get("peer", 0), ""),
        subject_url=_subject_url(row),
        at=iso(row.created_at),
        decided_by=names.called(decider).text if decider is not None else "",
        decided_at=iso(row.decided_at) if row.decided_at else "",
        note=str(known.get("note", "")),
    )


def _subject_url(row: Screening) -> str:
    """Where operators can see the thing; of a listing, which others may not see yet, its line in the console."""
    if row.subject_id is None:
        return ""
    if row.subject_kind == ReportTarget.LISTING:
        return routes.admin_listings({"words": f"#{row.subject_id}"})
    if row.subject_kind == ReportTarget.ACTIVITY:
        return routes.activity(row.subject_id)
    return ""
