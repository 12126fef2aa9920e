"""Logins at third parties as the services see them, without any third party."""

import json
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.adapters.database import Database
from xianyu.adapters.providers import providers
from xianyu.adapters.third_parties import new_handshake
from xianyu.models import ExternalIdentity, ExternalLogin, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.external_logins import ExternalPerson, Handshake, Outcome, Step
from xianyu.services import accounts, external_logins
from xianyu.settings import get_settings

CALLBACK = "http://localhost:3000/auth/external/campus/callback"
MEI = ExternalPerson("248289761001", "mei@example.com", email_verified=True, name="小梅")
PROVIDERS = {"campus": "校园账号", "club": "业主会"}


def set_up_providers(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Configure those of them, or both, as an operator does."""
    given = [
        {"name": name, "label": PROVIDERS[name], "issuer": f"https://{name}.example", "client_id": "x"}
        for name in names or PROVIDERS
    ]
    monkeypatch.setenv("XIANYU_OIDC_PROVIDERS", json.dumps(given))
    get_settings.cache_clear()
    providers.cache_clear()


def leave(
    database: Database, actor: Actor | None = None, next_path: str = "/", intent: str = "", provider: str = "campus"
) -> Handshake:
    """A login begins."""
    handshake = new_handshake(CALLBACK)
    database.write(external_logins.begin, actor, provider, handshake, next_path, intent)
    return handshake


def come_back(
    database: Database,
    person: ExternalPerson = MEI,
    actor: Actor | None = None,
    intent: str = "",
    provider: str = "campus",
) -> Outcome:
    """A login begins, and the third party says who it was."""
    handshake = leave(database, actor, "/sell", intent, provider)
    under_way = database.write(external_logins.take_up, actor, provider, handshake.state)
    return database.write(external_logins.finish, under_way, person)


def link(database: Database, actor: Actor, person: ExternalPerson = MEI, provider: str = "campus") -> Outcome:
    """Somebody links an identity from their settings."""
    intent = database.write(external_logins.intend_to_link, actor, provider)
    return come_back(database, person, actor, intent, provider)


def redeem(database: Database, outcome: Outcome) -> Actor:
    """Who a ticket logs in."""
    token, _ = database.write(accounts.redeem_ticket, outcome.ticket, "", "Firefox")
    actor = database.read(accounts.resolve_actor, token)
    assert actor is not None
    return actor


def join(database: Database, person: ExternalPerson = MEI, username: str = "小梅", email: str = "") -> Actor:
    """A newcomer through the third party."""
    asked = come_back(database, person)
    assert asked.step == Step.CHOOSE_NAME
    return redeem(database, database.write(external_logins.create_account, asked.secret, username, email))


def identity_of(database: Database, actor: Actor, subject: str = MEI.subject) -> int:
    """Link an identity at the campus behind the program's back; its number."""

    def work(session: Session) -> int:
        identity = ExternalIdentity(user_id=actor.user_id, provider="campus", subject=subject)
        session.add(identity)
        session.flush()
        assert identity.id is not None
        return identity.id

    return database.write(work)


def identities(database: Database) -> list[tuple[int, str, str]]:
    """All identities: whose, where, and which."""
    query = select(ExternalIdentity.user_id, ExternalIdentity.provider, ExternalIdentity.subject)
    return sorted((row[0], row[1], row[2]) for row in database.read(lambda session: session.exec(query).all()))


def rows(database: Database) -> list[ExternalLogin]:
    """The logins that are under way or wait."""
    return list(database.read(lambda session: session.exec(select(ExternalLogin)).all()))


def set_user(database: Database, user_id: int, **values: object) -> None:
    """Change an account behind the program's back."""
    statement = sa.update(User).where(col(User.id) == user_id).values(**values)
    database.write(partial(Session.execute, statement=statement))
