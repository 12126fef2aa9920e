"""Who may enter the operators' console, what waits there, and what is written down."""

import pytest
from sqlmodel import Session, select

from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, Report, ReportStatus, Role, Screening, ScreeningStatus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import Waiting
from xianyu.services import console, operator_log
from xianyu.services.accounts import OperatorsOnly


def _fill(session: Session, reporter: Actor, accused: Actor) -> None:
    for number, status in enumerate(ReportStatus, start=1):
        open_slot = 1 if status == ReportStatus.OPEN else None
        session.add(
            Report(
                reporter_id=reporter.user_id,
                accused_id=accused.user_id,
                target_kind="person",
                target_id=number,
                reason="spam",
                status=status,
                open_slot=open_slot,
            )
        )
    for held in ScreeningStatus:
        session.add(
            Screening(
                author_id=accused.user_id, subject_kind="profile", action="hold", reason="word", text="", status=held
            )
        )


def test_an_operator_sees_how_much_waits(database: Database) -> None:
    operator = make_user(database, role=Role.OPERATOR)
    assert database.read(console.enter, operator) == Waiting()
    database.write(_fill, make_user(database), make_user(database))
    assert database.read(console.enter, operator) == Waiting(reports=1, held=1)


def test_nobody_else_may_enter(database: Database) -> None:
    with pytest.raises(OperatorsOnly):
        database.read(console.enter, make_user(database))


def test_whose_role_is_gone_is_an_operator_no_more(database: Database) -> None:
    operator, member = make_user(database, role=Role.OPERATOR), make_user(database)
    assert database.read(console.operators_among, {operator.user_id, member.user_id}) == {operator.user_id}


def test_what_is_written_down_is_gone_with_what_was_not_done(database: Database) -> None:
    operator = make_user(database, role=Role.OPERATOR)

    def fail(session: Session) -> None:
        operator_log.record(session, operator, "user.ban", target_name="名" * 100)
        raise ZeroDivisionError

    def entries(session: Session) -> list[AuditEntry]:
        return list(session.exec(select(AuditEntry)))

    with pytest.raises(ZeroDivisionError):
        database.write(fail)
    assert database.read(entries) == []
    database.write(operator_log.record, operator, "user.ban", target_name="名" * 100)
    [entry] = database.read(entries)
    assert (entry.operator_id, entry.action, len(entry.target_name)) == (operator.user_id, "user.ban", 80)
