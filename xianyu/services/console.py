"""The operators' console as a whole: who may enter it, and what waits there."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Report, ReportStatus, Role, Screening, ScreeningStatus, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import Waiting
from xianyu.services import accounts


def enter(session: Session, actor: Actor) -> Waiting:
    """What waits, for an operator.

    Raises:
        OperatorsOnly: if the actor is none.
        SecondStepRequired: if operators have to set up the second step and this one has not.
    """
    accounts.require_operator(session, actor)
    return waiting(session)


def waiting(session: Session) -> Waiting:
    """What waits, for the server itself to show in operators' tabs."""
    reports = sa.select(sa.func.count()).select_from(Report).where(col(Report.status) == ReportStatus.OPEN)
    held = sa.select(sa.func.count()).select_from(Screening).where(col(Screening.status) == ScreeningStatus.WAITING)
    return Waiting(int(session.execute(reports).scalar_one()), int(session.execute(held).scalar_one()))


def operators_among(session: Session, user_ids: Iterable[int]) -> set[int]:
    """Who of these people is an operator now: a page that is open may outlive its reader's role."""
    found = sa.select(col(User.id)).where(col(User.id).in_(list(user_ids)), col(User.role) == Role.OPERATOR)
    return set(session.execute(found).scalars())
