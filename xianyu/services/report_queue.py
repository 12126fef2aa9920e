"""The operators' queue of reports, and what of a conversation they may read for one."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.message_stores import message_store
from xianyu.models import Photo, Report, ReportStatus, ReportTarget, Review, Role, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import PhotoView
from xianyu.schemas.messages import StoredMessage
from xianyu.schemas.reports import ContextLine, ReportLine, ReportPage, Wanted
from xianyu.schemas.times import iso
from xianyu.services import attachments, names, operator_log, photos
from xianyu.services.accounts import require_operator
from xianyu.services.ids import is_id
from xianyu.services.report_decisions import OUTCOMES, REMOVALS, ReportNotFound
from xianyu.services.report_targets import KINDS, read_snapshot
from xianyu.services.reports import REASONS

PAGE_SIZE = 20
# Messages before a reported one, and after it, that operators may read.
AROUND = 5
_WITH_CONTEXT = {ReportTarget.MESSAGE, ReportTarget.ROOM_MESSAGE}

_Reporter, _Accused, _Decider = aliased(User), aliased(User), aliased(User)


def page(session: Session, actor: Actor, wanted: Wanted, after: int = 0, limit: int = PAGE_SIZE) -> ReportPage:
    """Reports that wait, or were decided.

    Args:
        session: The unit of work.
        actor: Who looks.
        wanted: Which.
        after: The number of the last one of the page before, or 0.
        limit: How many.

    Raises:
        OperatorsOnly: if the actor is none.
    """
    require_operator(session, actor)
    conditions: list[sa.ColumnElement[bool]] = [
        col(Report.status).in_(list(OUTCOMES) if wanted.decided else [ReportStatus.OPEN.value])
    ]
    if is_id(wanted.about):
        conditions.append(col(Report.accused_id) == wanted.about)
    if is_id(after):
        conditions.append(col(Report.id) < after if wanted.newest_first else col(Report.id) > after)
    order = col(Report.id).desc() if wanted.newest_first else col(Report.id)
    # One more than is shown tells whether there are more.
    rows = session.execute(_rows().where(*conditions).order_by(order).limit(limit + 1)).all()
    lines = _lines(session, rows[:limit])
    return ReportPage(lines, lines[-1].id if lines else 0, has_more=len(rows) > limit)


def _rows() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(Report, _Reporter, _Accused, _Decider)
        .outerjoin(_Reporter, col(_Reporter.id) == col(Report.reporter_id))
        .join(_Accused, col(_Accused.id) == col(Report.accused_id))
        .outerjoin(_Decider, col(_Decider.id) == col(Report.decided_by))
    )


def _lines(session: Session, rows: Sequence[Any]) -> list[ReportLine]:
    upheld = upheld_counts(session, {row[2].id for row in rows})
    evidence = _evidence(session, [row[0] for row in rows])
    subjects = _review_subjects(session, [row[0] for row in rows])
    return [
        _line(
            report,
            reporter,
            accused,
            decider,
            upheld=upheld.get(accused.id, 0),
            evidence=evidence.get(report.id, []),
            review_subject=subjects.get(report.target_id, 0),
        )
        for report, reporter, accused, decider in rows
    ]


def upheld_counts(session: Session, user_ids: set[int]) -> dict[int, int]:
    """How many reports about each of these people were upheld; those with none are left out."""
    counted = (
        sa.select(col(Report.accused_id), sa.func.count())
        .where(col(Report.accused_id).in_(user_ids), col(Report.status) == ReportStatus.UPHELD)
        .group_by(col(Report.accused_id))
    )
    return {row[0]: int(row[1]) for row in session.execute(counted)} if user_ids else {}


def _evidence(session: Session, reports: list[Report]) -> dict[int, list[PhotoView]]:
    """The reporters' own pictures. Those of what was reported belong to the snapshot."""
    reporters = {report.id: report.reporter_id for report in reports}
    found: dict[int, list[PhotoView]] = {}
    stored = select(Photo).where(col(Photo.report_id).in_(reporters)).order_by(col(Photo.position), col(Photo.id))
    for photo in session.exec(stored) if reporters else ():
        if photo.report_id and photo.owner_id == reporters[photo.report_id]:
            found.setdefault(photo.report_id, []).append(photos.photo_view(photo))
    return found


def _review_subjects(session: Session, reports: list[Report]) -> dict[int, int]:
    """On whose page a review stands, by its number."""
    ids = [report.target_id for report in reports if report.target_kind == ReportTarget.REVIEW]
    rows = (
        session.execute(sa.select(col(Review.id), col(Review.subject_id)).where(col(Review.id).in_(ids))) if ids else ()
    )
    return {row[0]: row[1] for row in rows}


def _line(
    report: Report,
    reporter: User | None,
    accused: User,
    decider: User | None,
    *,
    upheld: int,
    evidence: list[PhotoView],
    review_subject: int,
) -> ReportLine:
    assert report.id is not None
    is_open = report.status == ReportStatus.OPEN
    return ReportLine(
        id=report.id,
        kind=report.target_kind,
        kind_name=KINDS.get(report.target_kind, report.target_kind),
        reason=REASONS.get(report.reason, report.reason),
        text=report.text,
        snapshot=read_snapshot(report.snapshot),
        url=_url(report, review_subject),
        reporter_name=names.called(reporter).text if reporter else names.CLOSED,
        reporter_url=routes.user_admin(reporter.id or 0) if reporter else "",
        accused_id=report.accused_id,
        accused_name=names.called(accused).text,
        accused_url=routes.user_admin(report.accused_id),
        upheld=upheld,
        can_ban=accused.role != Role.OPERATOR and accused.closed_at is None,
        has_context=report.target_kind in _WITH_CONTEXT,
        removal=REMOVALS.get(report.target_kind, "") if is_open else "",
        photos=evidence,
        at=iso(report.created_at),
        status=report.status,
        answer=report.answer,
        decided_by=names.called(decider).text if decider else "",
        decided_at=iso(report.decided_at) if report.decided_at else "",
    )


def _url(report: Report, review_subject: int) -> str:
    """Where it is now; what two people said to each other has no page for a third."""
    if report.target_kind == ReportTarget.LISTING:
        return routes.listing(report.target_id)
    if report.target_kind == ReportTarget.ACTIVITY:
        return routes.activity(report.target_id)
    if report.target_kind == ReportTarget.PERSON:
        return routes.user(report.target_id)
    if report.target_kind == ReportTarget.REVIEW:
        return routes.user(review_subject) if review_subject else ""
    return routes.PLAZA if report.target_kind == ReportTarget.ROOM_MESSAGE else ""


def context(session: Session, actor: Actor, report_id: int) -> list[ContextLine]:
    """The messages around a reported one, oldest first. That an operator read them is written down.

    Raises:
        OperatorsOnly: if the actor is none.
        ReportNotFound: if there is no such report, or not about a message.
    """
    require_operator(session, actor)
    report = session.get(Report, report_id) if is_id(report_id) else None
    if report is None or report.target_kind not in _WITH_CONTEXT:
        raise ReportNotFound
    store = message_store(session)
    before = store.page(report.target_id, report.target_seq, AROUND)
    shown = [*before, *store.since(report.target_id, report.target_seq - 1, AROUND + 1)]
    title = read_snapshot(report.snapshot).title
    operator_log.record(
        session,
        actor,
        "report.read_context",
        target_kind="report",
        target_id=report_id,
        target_name=title,
        detail=f"查看了前后各 {AROUND} 条消息",
    )
    people = {message.sender_id for message in shown}
    found = session.exec(select(User).where(col(User.id).in_(people)))
    called = {user.id: names.called(user).text for user in found}
    return [_context_line(one, called.get(one.sender_id, names.CLOSED), report.target_seq) for one in shown]


def _context_line(message: StoredMessage, name: str, reported_seq: int) -> ContextLine:
    words = "（已撤回或删除）" if message.recalled_at else message.body or attachments.preview(message, 0)
    return ContextLine(message.seq, name, words, iso(message.sent_at), is_it=message.seq == reported_seq)
