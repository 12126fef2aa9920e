"""The reports of the demo: one that waits for an operator, and one that was decided."""

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Report, ReportStatus, ReportTarget, Role
from xianyu.schemas.accounts import Actor
from xianyu.schemas.reports import Decision, ReportForm
from xianyu.services import report_decisions, reports

_SOURCE = Path(__file__).resolve().parent / "reports.toml"


@dataclass(frozen=True)
class DemoReport:
    """Something that was reported so many hours ago, and what an operator decided an hour later, if one did."""

    reporter: str
    kind: str
    about: str
    reason: str
    text: str
    hours: float
    outcome: str = ""
    answer: str = ""
    operator: str = ""


@lru_cache(maxsize=1)
def told() -> list[DemoReport]:
    """Every report, the oldest first."""
    rows = tomllib.loads(_SOURCE.read_text(encoding="utf-8"))["report"]
    return sorted((DemoReport(**row) for row in rows), key=lambda one: -one.hours)


def add(session: Session, actors: dict[str, Actor], listing_ids: dict[str, int], now: datetime) -> None:
    """Report all of it, and decide about what was decided.

    Args:
        session: The unit of work.
        actors: The neighbours, by name.
        listing_ids: What they offer, by title.
        now: The present instant.
    """
    for one in told():
        is_person = one.kind == ReportTarget.PERSON
        ref = actors[one.about].user_id if is_person else listing_ids[one.about]
        form = ReportForm(one.kind, ref, 0, one.reason, one.text)
        report_id = reports.report(session, actors[one.reporter], form).report_id
        moment = now - timedelta(hours=one.hours)
        times: dict[str, datetime] = {"created_at": moment}
        if one.outcome:
            operator = replace(actors[one.operator], role=Role.OPERATOR)
            decision = Decision(is_upheld=one.outcome == ReportStatus.UPHELD, answer=one.answer)
            report_decisions.decide(session, operator, report_id, decision)
            times["decided_at"] = moment + timedelta(hours=1)
        session.execute(sa.update(Report).where(col(Report.id) == report_id).values(times))
