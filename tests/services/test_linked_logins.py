"""Linking and unlinking identities, and the last way in."""

from functools import partial
from typing import Any

import pytest

from tests.concurrency import race
from tests.external_logins import MEI, come_back, identities, join, leave, link, set_up_providers, set_user
from tests.factories import PASSWORD, make_user
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.adapters.providers import providers
from xianyu.schemas.external_logins import ExternalPerson, Step
from xianyu.services import email_change, external_logins, linked_logins
from xianyu.services.external_logins import IdentityTaken, LoginLapsed
from xianyu.services.linked_logins import IdentityNotFound, LastWayIn


@pytest.fixture(autouse=True)
def two_providers(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    set_up_providers(monkeypatch)


def test_linking_and_unlinking(database: Database) -> None:
    actor = make_user(database)
    outcome = link(database, actor)
    assert (outcome.step, outcome.user_id, outcome.ticket) == (Step.LINKED, actor.user_id, "")
    (view,) = database.read(linked_logins.identities, actor)
    assert (view.provider, view.label) == ("校园账号", "mei@example.com")
    assert outcome.linked == "campus"
    mail = database.read(linked_logins.mail_about_link, actor.user_id, outcome.linked)
    assert mail.to == database.read(email_change.present, actor).address
    assert "绑定了 校园账号" in mail.text
    # Once more changes nothing, and is worth no mail.
    again = link(database, actor)
    assert (again.step, again.linked) == (Step.LINKED, "")
    assert come_back(database).step == Step.LOGGED_IN
    parted = database.write(linked_logins.unlink, actor, view.id)
    assert parted.provider == "campus"
    assert parted.mail.to == database.read(email_change.present, actor).address
    assert "解绑了 校园账号" in parted.mail.text
    assert identities(database) == []
    with pytest.raises(IdentityNotFound):
        database.write(linked_logins.unlink, actor, view.id)


def test_an_identity_opens_one_account(database: Database) -> None:
    first, second = make_user(database), make_user(database)
    link(database, first)
    with pytest.raises(IdentityTaken):
        link(database, second)
    assert identities(database) == [(first.user_id, "campus", MEI.subject)]


def test_of_two_who_link_one_identity_at_once_one_gets_it(database: Database) -> None:
    people = [make_user(database), make_user(database)]
    works = []
    for actor in people:
        intent = database.write(external_logins.intend_to_link, actor, "campus")
        handshake = leave(database, actor, intent=intent)
        under_way = database.write(external_logins.take_up, actor, "campus", handshake.state)
        works.append(partial(database.write, external_logins.finish, under_way, MEI))
    results = race(*works)
    assert sorted(type(result).__name__ for result in results) == ["IdentityTaken", "Outcome"]
    assert len(identities(database)) == 1


def test_only_who_asked_for_it_links(database: Database) -> None:
    actor, other = make_user(database), make_user(database)
    for wrong, provider in ((other, "campus"), (None, "campus"), (actor, "club")):
        intent = database.write(external_logins.intend_to_link, actor, "campus")
        with pytest.raises(LoginLapsed):
            leave(database, wrong, intent=intent, provider=provider)
    intent = database.write(external_logins.intend_to_link, actor, "campus")
    handshake = leave(database, actor, intent=intent)
    with pytest.raises(LoginLapsed):
        leave(database, actor, intent=intent)
    with pytest.raises(LoginLapsed):
        database.write(external_logins.take_up, other, "campus", handshake.state)


def test_an_intent_is_no_state_and_a_login_no_intent(database: Database) -> None:
    actor = make_user(database)
    intent = database.write(external_logins.intend_to_link, actor, "campus")
    with pytest.raises(LoginLapsed):
        database.write(external_logins.take_up, actor, "campus", intent)
    with pytest.raises(LoginLapsed):
        leave(database, actor, intent=leave(database).state)


def test_a_login_while_logged_in_links_nothing(database: Database) -> None:
    actor = make_user(database)
    assert come_back(database, actor=actor).step == Step.CHOOSE_NAME
    assert identities(database) == []


def test_the_last_way_in_cannot_be_removed(database: Database) -> None:
    actor = join(database)
    (only,) = database.read(linked_logins.identities, actor)
    with pytest.raises(LastWayIn):
        database.write(linked_logins.unlink, actor, only.id)
    link(database, actor, ExternalPerson("2"), "club")
    database.write(linked_logins.unlink, actor, only.id)
    (left,) = database.read(linked_logins.identities, actor)
    assert left.provider == "业主会"
    with pytest.raises(LastWayIn):
        database.write(linked_logins.unlink, actor, left.id)
    set_user(database, actor.user_id, password_hash=passwords.hash_password(PASSWORD))
    database.write(linked_logins.unlink, actor, left.id)
    assert identities(database) == []


def test_an_identity_of_a_provider_that_is_gone_is_no_way_in(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = join(database)
    link(database, actor, ExternalPerson("2"), "club")
    monkeypatch.delitem(providers(), "club")
    campus, club = database.read(linked_logins.identities, actor)
    with pytest.raises(LastWayIn):
        database.write(linked_logins.unlink, actor, campus.id)
    database.write(linked_logins.unlink, actor, club.id)


def test_of_two_identities_that_are_unlinked_at_once_one_stays(database: Database) -> None:
    actor = join(database)
    link(database, actor, ExternalPerson("2"), "club")
    both = database.read(linked_logins.identities, actor)
    results = race(*[partial(database.write, linked_logins.unlink, actor, each.id) for each in both])
    assert sorted(type(result).__name__ for result in results) == ["LastWayIn", "Parted"]
    assert len(identities(database)) == 1


@pytest.mark.parametrize("identity_id", [0, -1, 2**70, True, None, "1"])
def test_nobody_unlinks_what_is_not_theirs(database: Database, identity_id: Any) -> None:
    owner, stranger = make_user(database), make_user(database)
    link(database, owner)
    (view,) = database.read(linked_logins.identities, owner)
    for wanted in (view.id, identity_id):
        with pytest.raises(IdentityNotFound):
            database.write(linked_logins.unlink, stranger, wanted)
    assert len(identities(database)) == 1
