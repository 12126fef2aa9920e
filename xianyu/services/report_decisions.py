"""What operators decide about a report, and what they do with it in the same step: all of it or nothing."""

from collections.abc import Mapping

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import (
    Listing,
    ListingStatus,
    NoticeKind,
    Report,
    ReportStatus,
    ReportTarget,
    Section,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, LiveEvent, ModerationChanged
from xianyu.schemas.reports import Decision
from xianyu.schemas.user_admin import BanForm
from xianyu.services import bans, names, notices, operator_log, plaza, report_targets, reviews, search_index
from xianyu.services.accounts import require_operator
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.form_checks import as_text, text_error
from xianyu.services.ids import is_id
from xianyu.services.message_changes import MessageNotFound
from xianyu.services.review_errors import ReviewNotFound
from xianyu.services.text import clean_line

# As much as a notice holds.
ANSWER_LENGTH = (2, 100)
OUTCOMES: dict[str, str] = {ReportStatus.UPHELD.value: "成立", ReportStatus.DISMISSED.value: "驳回"}
# What can be done to what was reported, beside the decision.
REMOVALS: dict[str, str] = {
    ReportTarget.LISTING.value: "下架这件宝贝",
    ReportTarget.ROOM_MESSAGE.value: "删除这条消息",
    ReportTarget.REVIEW.value: "删除这条评价",
}


class ReportNotFound(DomainError):
    """There is no such report."""

    def __init__(self) -> None:
        super().__init__("没有找到这条举报")


class AlreadySettled(DomainError):
    """Another operator was faster.

    Args:
        name: Who that was; empty where it settled itself, since the accused left.
        outcome: What they decided, in words.
    """

    def __init__(self, name: str, outcome: str) -> None:
        super().__init__(f"这条举报已由 {name} 处理：{outcome}" if name else f"这条举报已经结束：{outcome}", "form")


def check_decision(form: Mapping[str, object]) -> Decision:
    """Check a form as a browser sent it. Every value may be of any type.

    Args:
        form: ``outcome``, "upheld" or "dismissed", and ``answer``, what the reporter is told. Where it is
            upheld, ``removes``, ``term`` (days of a ban as text, empty for none) and ``ban_reason`` count.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    outcome, answer = as_text(form.get("outcome")), as_text(form.get("answer"))
    errors = {
        "outcome": "" if outcome in OUTCOMES else "请选择成立还是驳回",
        "answer": text_error(answer, "答复", ANSWER_LENGTH, clean_line),
    }
    is_upheld = outcome == ReportStatus.UPHELD
    ban = None
    if is_upheld and as_text(form.get("term")):
        try:
            ban = bans.check_ban(form)
        except InvalidForm as error:
            errors |= error.errors
    if any(errors.values()):
        raise InvalidForm({name: message for name, message in errors.items() if message})
    return Decision(
        is_upheld=is_upheld,
        answer=clean_line(answer),
        removes=is_upheld and form.get("removes") in {"on", True},
        ban_days=ban.days if ban else None,
        ban_reason=ban.reason if ban else "",
    )


def decide(session: Session, actor: Actor, report_id: int, decision: Decision) -> list[LiveEvent]:
    """Settle a report, tell its reporter, and do what was chosen beside that.

    Of two operators at the same moment one settles it; nothing of what the other chose is done.

    Raises:
        OperatorsOnly: if the actor is none.
        ReportNotFound: if there is no such report.
        AlreadySettled: if somebody decided before.
        NotBannable: if an operator is to be banned.
    """
    require_operator(session, actor)
    status = ReportStatus.UPHELD if decision.is_upheld else ReportStatus.DISMISSED
    settled = session.execute(
        sa.update(Report)
        .where(col(Report.id) == (report_id if is_id(report_id) else 0), col(Report.status) == ReportStatus.OPEN)
        .values(status=status, open_slot=None, answer=decision.answer, decided_by=actor.user_id, decided_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    report = session.get(Report, report_id, populate_existing=True) if is_id(report_id) else None
    if report is None:
        raise ReportNotFound
    if getattr(settled, "rowcount", 0) != 1:
        name = names.of(session, report.decided_by) if report.decided_by else ""
        raise AlreadySettled(name, OUTCOMES[report.status])
    _record(session, actor, report, decision)
    events = _tell_reporter(session, report, decision)
    if decision.removes:
        events += _remove(session, actor, report, decision)
    if decision.ban_days is not None:
        form = BanForm(decision.ban_days, decision.ban_reason)
        events += bans.ban(session, actor, report.accused_id, form)
    return [*events, ModerationChanged()]


def _title(report: Report) -> str:
    kind = report_targets.KINDS[report.target_kind]
    return f"{kind}“{report_targets.read_snapshot(report.snapshot).title}”"


def _record(session: Session, actor: Actor, report: Report, decision: Decision) -> None:
    done = [OUTCOMES[report.status], decision.answer]
    if decision.removes and report.target_kind in REMOVALS:
        done.append(REMOVALS[report.target_kind])
    operator_log.record(
        session,
        actor,
        "report.uphold" if decision.is_upheld else "report.dismiss",
        target_kind="report",
        target_id=report.id,
        target_name=_title(report),
        detail="；".join(done),
    )


def _tell_reporter(session: Session, report: Report, decision: Decision) -> list[LiveEvent]:
    if report.reporter_id is None:
        return []
    kind = NoticeKind.REPORT_UPHELD if decision.is_upheld else NoticeKind.REPORT_DISMISSED
    # A listing leads to its page, which says what became of it.
    is_there = report.target_kind == ReportTarget.LISTING and session.get(Listing, report.target_id) is not None
    listing_id = report.target_id if is_there else None
    return [
        *notices.add(
            session,
            [report.reporter_id],
            kind,
            listing_id=listing_id,
            subject=_title(report),
            detail=decision.answer,
        )
    ]


def _remove(session: Session, actor: Actor, report: Report, decision: Decision) -> list[LiveEvent]:
    """Take away what was reported, where that can be done; what is gone already is gone."""
    try:
        if report.target_kind == ReportTarget.LISTING:
            return _take_down(session, actor, report, decision)
        if report.target_kind == ReportTarget.ROOM_MESSAGE:
            return [plaza.retract(session, actor, report.target_seq)]
        if report.target_kind == ReportTarget.REVIEW:
            return _remove_review(session, report, decision)
    except (MessageNotFound, ReviewNotFound):
        return []
    return []


def _take_down(session: Session, actor: Actor, report: Report, decision: Decision) -> list[LiveEvent]:
    offered = (ListingStatus.ACTIVE, ListingStatus.SUSPENDED, ListingStatus.SOLD_OUT)
    taken = session.execute(
        sa.update(Listing)
        .where(col(Listing.id) == report.target_id, col(Listing.status).in_(offered))
        .values(status=ListingStatus.TAKEN_DOWN, updated_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    if getattr(taken, "rowcount", 0) != 1:
        return []
    search_index.refresh(session, Section.TRADE, report.target_id)
    title = report_targets.read_snapshot(report.snapshot).title
    operator_log.record(
        session,
        actor,
        "listing.take_down",
        target_kind="listing",
        target_id=report.target_id,
        target_name=title,
        detail=decision.answer,
    )
    told = notices.add(
        session,
        [report.accused_id],
        NoticeKind.LISTING_REMOVED,
        listing_id=report.target_id,
        subject=title,
        detail=decision.answer,
    )
    return [ListingChanged(report.target_id), *told]


def _remove_review(session: Session, report: Report, decision: Decision) -> list[LiveEvent]:
    gone = reviews.remove(session, report.target_id)
    subject = report_targets.read_snapshot(report.snapshot).title
    told = notices.add(session, [report.accused_id], NoticeKind.REVIEW_REMOVED, subject=subject, detail=decision.answer)
    return [*gone, *told]
