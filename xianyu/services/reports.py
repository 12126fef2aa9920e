"""Telling the operators of something: who may, what is kept of it, and what becomes of it when somebody leaves."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import Block, Photo, Report, ReportStatus, ReportTarget
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ModerationChanged
from xianyu.schemas.reports import Reported, ReportForm, Subject
from xianyu.schemas.times import iso
from xianyu.services import names, photos, report_targets
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.form_checks import as_text, photos_error, text_error
from xianyu.services.text import clean_lines

OTHER = "other"
REASONS: dict[str, str] = {
    "false": "虚假信息",
    "forbidden": "违禁物品",
    "fraud": "诈骗",
    "abuse": "骚扰辱骂",
    "spam": "广告刷屏",
    "privacy": "侵犯隐私",
    OTHER: "其他",
}
TEXT_LENGTH = (2, 500)
MAX_PHOTOS = 3


class AlreadyReported(DomainError):
    """The actor reported the same thing before, and nobody has decided yet."""

    def __init__(self) -> None:
        super().__init__("你已经举报过了，管理员还在处理", "form")


def check(form: Mapping[str, object], target: tuple[str, int, int], photo_ids: object) -> ReportForm:
    """Check a form as a browser sent it. Every value may be of any type.

    Args:
        form: ``reason``, one of ``REASONS``, and ``text``, which 其他 cannot do without.
        target: The kind, the number and a message's number, as ``report_targets.find`` takes them.
        photo_ids: The numbers of up to three uploaded pictures.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    reason, text = as_text(form.get("reason")), as_text(form.get("text"))
    ids = tuple(photo_ids) if isinstance(photo_ids, list) else ()
    errors = {
        "reason": "" if reason in REASONS else "请选择举报原因",
        "text": _text_error(text, is_needed=reason == OTHER),
        "photos": f"最多 {MAX_PHOTOS} 张照片" if len(ids) > MAX_PHOTOS else photos_error(ids),
    }
    if any(errors.values()):
        raise InvalidForm({name: message for name, message in errors.items() if message})
    return ReportForm(*target, reason, clean_lines(text), ids)


def _text_error(text: str, *, is_needed: bool) -> str:
    if not is_needed and not text.strip():
        return ""
    return text_error(text, "说明", TEXT_LENGTH, clean_lines)


def subject(session: Session, actor: Actor, kind: str, ref: int, seq: int) -> Subject:
    """What the dialog says it is about. Raises as ``report`` does."""
    target = report_targets.find(session, actor, kind, ref, seq)
    _refuse_repeat(session, actor, target)
    return Subject(
        kind=target.kind,
        ref=ref,
        seq=seq,
        kind_name=report_targets.KINDS[target.kind],
        title=target.title,
        accused_id=target.accused_id,
        accused_name=names.of(session, target.accused_id),
        is_blocked=session.get(Block, (actor.user_id, target.accused_id)) is not None,
    )


def report(session: Session, actor: Actor, form: ReportForm) -> Reported:
    """Tell the operators, with what it says now, whatever becomes of it. Whom it is about hears nothing.

    Two tabs that do so at once meet in the unique key; the one that comes second finds the first one's.

    Raises:
        NothingToReport: if there is nothing like that for the actor to see.
        OwnThing: if it is their own.
        AlreadyReported: if they told of it before and it is not decided.
        InvalidForm: if a picture is not the actor's own or is part of something else.
    """
    target = report_targets.find(session, actor, form.kind, form.ref, form.seq)
    _refuse_repeat(session, actor, target)
    row = Report(
        reporter_id=actor.user_id,
        accused_id=target.accused_id,
        target_kind=target.kind,
        target_id=target.id,
        target_seq=target.seq,
        reason=form.reason,
        text=form.text,
        snapshot=target.snapshot(),
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    photos.place(session, actor, photos.REPORT, row.id, form.photo_ids)
    photos.keep_for_report(session, row.id, target.pictures)
    return Reported(row.id, (ModerationChanged(),))


def _refuse_repeat(session: Session, actor: Actor, target: report_targets.Target) -> None:
    same = sa.select(col(Report.id)).where(
        col(Report.reporter_id) == actor.user_id,
        col(Report.target_kind) == target.kind,
        col(Report.target_id) == target.id,
        col(Report.target_seq) == target.seq,
        col(Report.open_slot) == 1,
    )
    if session.execute(same).first() is not None:
        raise AlreadyReported


def is_barred(session: Session, seller_id: int, listing_id: int) -> bool:
    """Whether operators upheld a report of that listing: its seller cannot put it up again."""
    upheld = sa.select(col(Report.id)).where(
        col(Report.accused_id) == seller_id,
        col(Report.target_kind) == ReportTarget.LISTING,
        col(Report.target_id) == listing_id,
        col(Report.status) == ReportStatus.UPHELD,
    )
    return session.execute(upheld.limit(1)).first() is not None


def of_person(session: Session, user_id: int) -> list[dict[str, Any]]:
    """What an archive of one person's data holds of the reports that they made."""
    rows = session.exec(select(Report).where(Report.reporter_id == user_id).order_by(col(Report.id)))
    pictures: dict[int | None, list[str]] = {}
    mine = select(Photo).where(Photo.owner_id == user_id, col(Photo.report_id).is_not(None))
    for photo in session.exec(mine.order_by(col(Photo.position))):
        pictures.setdefault(photo.report_id, []).append(photo.name)
    return [
        {
            "kind": report_targets.KINDS.get(row.target_kind, row.target_kind),
            "about": report_targets.read_snapshot(row.snapshot).title,
            "reason": REASONS.get(row.reason, row.reason),
            "text": row.text,
            "pictures": pictures.get(row.id, []),
            "status": row.status,
            "answer": row.answer,
            "reported_at": iso(row.created_at),
        }
        for row in rows
    ]


def forget_person(session: Session, user_id: int) -> list[ModerationChanged]:
    """Take somebody out of the reports whose account is erased.

    Those that they made lose their words and pictures. Those about them lose what they had said, and
    what is open among these has nobody left to decide about.
    """
    mine, theirs = col(Report.reporter_id) == user_id, col(Report.accused_id) == user_id
    settled = {"status": ReportStatus.DISMISSED, "open_slot": None, "decided_at": utc_now()}
    session.execute(sa.update(Report).where(theirs, col(Report.status) == ReportStatus.OPEN).values(settled))
    session.execute(sa.update(Report).where(theirs).values(snapshot=""))
    session.execute(sa.update(Report).where(mine).values(reporter_id=None, text=""))
    held = sa.update(Photo).where(col(Photo.owner_id) == user_id, col(Photo.report_id).is_not(None))
    # So old that the next cleaning takes those that are part of nothing else.
    session.execute(held.values(report_id=None, created_at=utc_now() - timedelta(days=365)))
    return [ModerationChanged()]
