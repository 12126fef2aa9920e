"""Roles: who makes whom an operator, and that one is always left."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.concurrency import race
from tests.factories import make_user
from xianyu.adapters.database import Database
from xianyu.models import AuditEntry, Role, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ModerationChanged, ProfileChanged
from xianyu.schemas.user_admin import BanForm
from xianyu.services import bans, console, operators
from xianyu.services.accounts import OperatorsOnly, PersonNotFound
from xianyu.services.operators import BannedCannotRun, NotYourOwnRole


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, role=Role.OPERATOR)


def running(database: Database) -> set[int]:
    found = sa.select(col(User.id)).where(col(User.role) == Role.OPERATOR)
    return set(database.read(lambda session: session.execute(found).scalars().all()))


def test_an_operator_appoints_and_dismisses(database: Database, operator: Actor) -> None:
    member = make_user(database)
    told = [ProfileChanged(member.user_id), ModerationChanged()]
    assert database.write(operators.appoint, operator, member.user_id) == told
    assert running(database) == {operator.user_id, member.user_id}
    # Done twice it is done once.
    assert database.write(operators.appoint, operator, member.user_id) == []
    assert database.write(operators.dismiss, operator, member.user_id) == told
    assert database.read(console.operators_among, {operator.user_id, member.user_id}) == {operator.user_id}
    actions = sa.select(col(AuditEntry.action)).order_by(col(AuditEntry.id))
    assert database.read(lambda session: session.execute(actions).scalars().all()) == ["user.appoint", "user.dismiss"]


def test_nobody_else_does_and_nobody_dismisses_themselves(database: Database, operator: Actor) -> None:
    member = make_user(database)
    for act in (operators.appoint, operators.dismiss):
        for target in (member.user_id, operator.user_id):
            with pytest.raises(OperatorsOnly):
                database.write(act, member, target)
        for nobody in (0, 10**30, None, "1", 999_999):
            with pytest.raises(PersonNotFound):
                database.write(act, operator, nobody)  # type: ignore[arg-type]  # as a client may send it
    with pytest.raises(NotYourOwnRole):
        database.write(operators.dismiss, operator, operator.user_id)
    assert running(database) == {operator.user_id}


def test_two_who_dismiss_each_other_leave_one(database: Database) -> None:
    for _ in range(5):
        one, other = (make_user(database, role=Role.OPERATOR) for _ in range(2))
        before = running(database)
        outcomes = race(
            partial(database.write, operators.dismiss, one, other.user_id),
            partial(database.write, operators.dismiss, other, one.user_id),
        )
        assert sum(isinstance(outcome, OperatorsOnly) for outcome in outcomes) == 1
        assert len(before - running(database)) == 1


def test_who_is_banned_becomes_none_but_on_the_servers_own_command_line(database: Database, operator: Actor) -> None:
    bad = make_user(database)
    database.write(bans.ban, operator, bad.user_id, BanForm(0, "诈骗"))
    with pytest.raises(BannedCannotRun):
        database.write(operators.appoint, operator, bad.user_id)
    assert database.write(operators.promote, bad.username)
    assert database.read(lambda session: session.get_one(User, bad.user_id).banned_until) is None


def test_a_ban_and_an_appointment_at_once_do_not_both_hold(database: Database, operator: Actor) -> None:
    for _ in range(5):
        person = make_user(database)
        race(
            partial(database.write, operators.appoint, operator, person.user_id),
            partial(database.write, bans.ban, operator, person.user_id, BanForm(7, "诈骗")),
        )
        user = database.read(Session.get_one, User, person.user_id)
        assert isinstance(user, User)
        assert (user.role == Role.OPERATOR) != (user.banned_until is not None)
