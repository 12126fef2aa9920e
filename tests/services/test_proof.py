"""What has to be shown before an account is changed: its password, or a login of a moment ago."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.external_logins import join, set_up_providers
from tests.factories import PASSWORD, make_user
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import AuthSession
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.services import proof
from xianyu.services.proof import LoginTooOld


@pytest.fixture(autouse=True)
def two_providers(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_providers(monkeypatch)


def age(database: Database, actor: Actor, by: timedelta) -> None:
    """Let the login be of a while ago. The browser has been busy all the time."""
    mine = sa.update(AuthSession).where(col(AuthSession.id) == actor.session_id).values(created_at=utc_now() - by)
    database.write(partial(Session.execute, statement=mine))


def test_a_password_is_asked_for_however_old_the_login_is(database: Database) -> None:
    actor = make_user(database)
    for days in (0, 100):
        age(database, actor, timedelta(days=days))
        assert passwords.verify_password(PASSWORD, database.read(proof.demand, actor))


def test_without_a_password_the_login_has_to_be_fresh(database: Database) -> None:
    actor = join(database)
    assert database.read(proof.demand, actor) == ""
    age(database, actor, proof.FRESH - timedelta(seconds=30))
    assert database.read(proof.demand, actor) == ""
    age(database, actor, proof.FRESH + timedelta(seconds=1))
    with pytest.raises(LoginTooOld, match="请重新登录，并在 10 分钟内完成") as refused:
        database.read(proof.demand, actor)
    assert refused.value.field == proof.FIELD


def test_a_login_that_ended_proves_nothing(database: Database) -> None:
    actor = join(database)
    database.write(partial(Session.execute, statement=sa.delete(AuthSession)))
    with pytest.raises(LoginTooOld):
        database.read(proof.demand, actor)


def test_the_login_of_another_browser_proves_nothing_here(database: Database) -> None:
    old = join(database)
    age(database, old, timedelta(hours=1))
    fresh = Actor(old.user_id, old.username, old.role, make_user(database).session_id)
    mine = sa.update(AuthSession).where(col(AuthSession.id) == fresh.session_id).values(user_id=old.user_id)
    database.write(partial(Session.execute, statement=mine))
    assert database.read(proof.demand, fresh) == ""
    with pytest.raises(LoginTooOld):
        database.read(proof.demand, old)
