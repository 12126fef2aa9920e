"""Another address: asked for, confirmed from the new mailbox, and told to the old one."""

from functools import partial

import pyotp
import pytest
from sqlmodel import Session

from tests.concurrency import race
from tests.factories import PASSWORD, make_user
from xianyu.adapters.database import Database
from xianyu.models import User
from xianyu.schemas.accounts import Actor, AddressView
from xianyu.services import accounts, email_change, password_change, second_step
from xianyu.services.email_change import AddressTaken, Changed
from xianyu.services.errors import InvalidForm
from xianyu.services.mailed_tokens import LinkExpired
from xianyu.services.second_step import WrongCode


def ask(database: Database, user: Actor, address: str) -> str:
    """The token in the mail to the new address."""
    link, _ = database.write(email_change.request, user, address)
    return link.text.partition("?token=")[2].split()[0]


def address_of(database: Database, user: Actor) -> tuple[str, str]:
    def work(session: Session) -> tuple[str, str]:
        row = session.get_one(User, user.user_id)
        return row.email, row.email_key

    return database.read(work)


def test_an_address_changes_when_it_is_confirmed(database: Database) -> None:
    user = make_user(database, "alice", email="old@example.com")
    link, notice = database.write(email_change.request, user, "New@Example.com")
    assert (link.to, notice.to) == ("New@Example.com", "old@example.com")
    assert "?token=" not in notice.text + notice.html
    assert "New@Example.com" in notice.text
    token = link.text.partition("?token=")[2].split()[0]
    # To look is not to confirm.
    for _ in range(2):
        assert database.read(email_change.pending, token) == AddressView(username="alice", waiting="New@Example.com")
    assert address_of(database, user) == ("old@example.com", "old@example.com")
    changed = database.write(email_change.confirm, token)
    assert (changed.user_id, changed.mail.to) == (user.user_id, "old@example.com")
    assert address_of(database, user) == ("New@Example.com", "new@example.com")
    credentials = database.read(accounts.find_credentials, "new@example.com")
    assert accounts.check_password(credentials, PASSWORD) == user.user_id
    assert database.read(accounts.find_credentials, "old@example.com") is None


def test_what_the_card_shows(database: Database) -> None:
    user = make_user(database, "alice", email="old@example.com")
    assert database.read(email_change.present, user) == AddressView("alice", "old@example.com", "", needs_proof=True)
    token = ask(database, user, "new@example.com")
    assert database.read(email_change.present, user).waiting == "new@example.com"
    database.write(email_change.confirm, token)
    assert database.read(email_change.present, user) == AddressView("alice", "new@example.com", "", needs_proof=True)


def test_a_link_is_good_once_and_gives_way_to_a_newer(database: Database) -> None:
    user = make_user(database)
    older, newer = ask(database, user, "one@example.com"), ask(database, user, "two@example.com")
    for token in (older, "", "A" * 43):
        with pytest.raises(LinkExpired):
            database.write(email_change.confirm, token)
    database.write(email_change.confirm, newer)
    for work in (email_change.confirm, email_change.pending):
        with pytest.raises(LinkExpired):
            database.write(work, newer)
    assert address_of(database, user)[0] == "two@example.com"


def test_a_changed_password_voids_the_link(database: Database) -> None:
    user = make_user(database)
    token = ask(database, user, "new@example.com")
    stored = database.read(password_change.stored_hash, user)
    new_hash = password_change.check_change(stored, PASSWORD, "另一个 battery 密码", "另一个 battery 密码")
    database.write(password_change.change, user, stored, new_hash)
    with pytest.raises(LinkExpired):
        database.write(email_change.confirm, token)


@pytest.mark.parametrize("address", ["taken@example.com", "TAKEN@example.com"])
def test_another_ones_address_is_refused(address: str, database: Database) -> None:
    make_user(database, email="Taken@example.com")
    with pytest.raises(AddressTaken) as refused:
        database.write(email_change.request, make_user(database), address)
    assert refused.value.field == "email"


def test_ones_own_address_is_refused(database: Database) -> None:
    user = make_user(database, email="alice@example.com")
    with pytest.raises(InvalidForm, match="现在的邮箱"):
        database.write(email_change.request, user, "Alice@example.com")


def test_an_address_that_another_got_meanwhile_stays_theirs(database: Database) -> None:
    user = make_user(database, email="old@example.com")
    token = ask(database, user, "new@example.com")
    make_user(database, email="new@example.com")
    with pytest.raises(AddressTaken):
        database.write(email_change.confirm, token)
    assert address_of(database, user)[0] == "old@example.com"


def test_of_two_who_confirm_one_address_at_once_one_gets_it(database: Database) -> None:
    users = [make_user(database) for _ in range(2)]
    tokens = [ask(database, user, "new@example.com") for user in users]
    results = race(*[partial(database.write, email_change.confirm, token) for token in tokens])
    assert sorted(type(result).__name__ for result in results) == [AddressTaken.__name__, Changed.__name__]
    assert [address_of(database, user)[0] for user in users].count("new@example.com") == 1


def test_the_form() -> None:
    everything = AddressView(needs_proof=True, needs_code=True)
    assert email_change.check_form(" new@example.com ", "x", "123456", everything) == "new@example.com"
    assert email_change.check_form("new@example.com", "", "", AddressView()) == "new@example.com"
    with pytest.raises(InvalidForm) as refused:
        email_change.check_form("nowhere", "", " ", everything)
    assert set(refused.value.errors) == {"email", "email_password", "email_code"}


def test_a_second_step_is_asked_for(database: Database) -> None:
    user = make_user(database, email="old@example.com")
    secret = second_step.new_secret()
    codes = database.write(second_step.confirm, user, secret, pyotp.TOTP(secret).now())
    assert database.read(email_change.present, user).needs_code
    for wrong in ("", "000000", "A" * 24, pyotp.TOTP(secret).now()):
        with pytest.raises(WrongCode) as refused:
            database.write(email_change.request, user, "new@example.com", wrong)
        assert refused.value.field == "email_code"
    assert database.read(email_change.present, user).waiting == ""
    # A request that is refused for another reason uses the code not up.
    with pytest.raises(InvalidForm):
        database.write(email_change.request, user, "old@example.com", codes[0])
    database.write(email_change.request, user, "new@example.com", codes[0])
    assert database.read(email_change.present, user).waiting == "new@example.com"
    with pytest.raises(WrongCode):
        database.write(email_change.request, user, "third@example.com", codes[0])
