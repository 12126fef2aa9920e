"""Registration, login, and the session behind each event."""

from datetime import datetime
from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, select

from tests.concurrency import race
from tests.factories import PASSWORD, make_user
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import Role, User
from xianyu.services import accounts
from xianyu.services.accounts import PersonNotFound, Registration, WrongCredentials
from xianyu.services.errors import InvalidForm


def form(
    username: str = "爱丽丝",
    email: str = "alice@example.com",
    password: str = PASSWORD,
    confirmation: str | None = None,
) -> Registration:
    """A checked registration of values that all pass, except those that a test gives."""
    return accounts.check_registration(username, email, password, password if confirmation is None else confirmation)


def refusals(**fields: str) -> dict[str, str]:
    """The message for each field that is refused."""
    with pytest.raises(InvalidForm) as refused:
        form(**fields)
    return refused.value.errors


BAD_CHARACTERS = "用户名只能包含中文、字母、数字和下划线"
BAD_LENGTH = "用户名需要 2 到 20 个字符"
BAD_EMAIL = "邮箱格式不正确"


@pytest.mark.parametrize(
    ("username", "message"),
    [
        ("", "请输入用户名"),
        ("   ", "请输入用户名"),
        ("\u3000", "请输入用户名"),
        ("甲", BAD_LENGTH),
        ("甲" * 21, BAD_LENGTH),
        ("x" * 21, BAD_LENGTH),
        ("爱 丽丝", BAD_CHARACTERS),
        ("a-b", BAD_CHARACTERS),
        ("a@b", BAD_CHARACTERS),
        ("爱丽丝🧧", BAD_CHARACTERS),
        ("al\u200bice", BAD_CHARACTERS),
        ("\u200b\u200b", BAD_CHARACTERS),
        ("ali\u202ece", BAD_CHARACTERS),
        ("al\x00ice", BAD_CHARACTERS),
        ("al\nice", BAD_CHARACTERS),
        ("alice\ud800", BAD_CHARACTERS),
        ("аlice", BAD_CHARACTERS),
        ("é" * 3, BAD_CHARACTERS),
        ("<b>x</b>", BAD_CHARACTERS),
        ("' OR 1=1 --", BAD_CHARACTERS),
    ],
)
def test_refused_usernames(username: str, message: str) -> None:
    assert refusals(username=username) == {"username": message}


@pytest.mark.parametrize("username", ["甲乙", "甲" * 20, "x" * 20, "Al_ice9", "𠮷野家", "𪚥龘", "〇〇", "佐々木", "__"])
def test_accepted_usernames(username: str) -> None:
    assert form(username=username).username == username


def test_a_username_loses_its_width_and_outer_space() -> None:
    assert form(username=" Ａlice９\t").username == "Alice9"


@pytest.mark.parametrize(
    ("email", "message"),
    [
        ("", "请输入邮箱"),
        ("  ", "请输入邮箱"),
        ("alice", BAD_EMAIL),
        ("alice@", BAD_EMAIL),
        ("@example.com", BAD_EMAIL),
        ("alice@example", BAD_EMAIL),
        ("alice@exam ple.com", BAD_EMAIL),
        ("alice@example.com, bob@example.com", BAD_EMAIL),
        ("Alice <alice@example.com>", BAD_EMAIL),
        ("alice\n@example.com", BAD_EMAIL),
        ("alice@example.com\x00", BAD_EMAIL),
        ("\ud800@example.com", BAD_EMAIL),
        ("a@" + "b" * 60 + ".c" * 100 + ".com", BAD_EMAIL),
    ],
)
def test_refused_addresses(email: str, message: str) -> None:
    assert refusals(email=email) == {"email": message}


def test_an_address_that_grows_beyond_its_column_when_folded_is_refused() -> None:
    """One ΐ folds to three characters, so that 194 become more than 254."""
    email = "ΐ" * 32 + "@" + ".".join(["x" * 60] * 3) + ".com"
    assert len(email) < accounts.EMAIL_LENGTH < len(accounts.fold_email(email))
    assert refusals(email=email) == {"email": BAD_EMAIL}


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", "请输入密码"),
        ("1234567", "密码需要 8 到 64 个字符"),
        ("密" * 7, "密码需要 8 到 64 个字符"),
        ("密" * 65, "密码需要 8 到 64 个字符"),
        ("password\x00", "密码不能包含控制字符"),
        ("password\ud800", "密码不能包含控制字符"),
    ],
)
def test_refused_passwords(password: str, message: str) -> None:
    assert refusals(password=password) == {"password": message}


@pytest.mark.parametrize("password", ["vq4kz7wm", "密" * 8, "密" * 64, "𠮷" * 64, " spaces ", "🧧🐟🧧🐟🧧🐟🧧🐟"])
def test_accepted_passwords(password: str) -> None:
    assert passwords.verify_password(password, form(password=password).password_hash)


def test_the_confirmation_has_to_agree() -> None:
    assert refusals(confirmation="another one") == {"confirmation": "两次输入的密码不一致"}


def test_every_refused_field_is_told_at_once() -> None:
    errors = refusals(username="", email="x", password="short", confirmation="other")
    assert list(errors) == ["username", "email", "password", "confirmation"]


def test_registration_makes_an_account_that_can_log_in(database: Database) -> None:
    user_id = database.write(accounts.register, form("𠮷野家", " Alice@Example.com "))
    user = database.read(lambda session: session.get_one(User, user_id))
    assert (user.username, user.email, user.role) == ("𠮷野家", "Alice@Example.com", Role.MEMBER)
    assert PASSWORD not in user.password_hash
    for login in ("𠮷野家", "alice@example.COM", "  𠮷野家 "):
        assert accounts.check_password(database.read(accounts.find_credentials, login), PASSWORD) == user_id


@pytest.mark.parametrize("username", ["alice", "ALICE", "Ａlice", "ＡＬＩＣＥ", " alice "])
def test_a_name_is_taken_whatever_its_case_and_width(database: Database, username: str) -> None:
    make_user(database, "Alice")
    with pytest.raises(InvalidForm) as refused:
        database.write(accounts.register, form(username))
    assert refused.value.errors == {"username": "这个用户名已被使用，换一个试试"}


def test_an_address_is_taken_whatever_its_case(database: Database) -> None:
    make_user(database, email="Alice@example.com")
    with pytest.raises(InvalidForm) as refused:
        database.write(accounts.register, form(email="aLICE@EXAMPLE.com"))
    assert refused.value.errors == {"email": "这个邮箱已注册，可以直接登录"}


def test_similar_names_are_different_people(database: Database) -> None:
    """Accents, kana and rare Han must not be taken for their neighbours, as some collations do."""
    for number, username in enumerate(("吉野", "𠮷野", "alice_", "alice", "〇〇")):
        database.write(accounts.register, form(username, f"u{number}@example.com"))
    assert database.read(lambda session: len(session.exec(select(User.id)).all())) == 5


def test_of_two_who_register_one_name_at_once_one_wins(database: Database) -> None:
    forms = [form("Alice", "one@example.com"), form("alice", "two@example.com")]
    results = race(*[partial(database.write, accounts.register, each) for each in forms])
    [refused] = [result for result in results if isinstance(result, Exception)]
    assert isinstance(refused, InvalidForm)
    assert (refused.field, refused.message) == ("username", "这个用户名已被使用，换一个试试")
    assert database.read(lambda session: len(session.exec(select(User.id)).all())) == 1


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_a_name_that_another_takes_between_check_and_insert(database: Database) -> None:
    """The constraint decides, the unit of work asks again, and the answer is a sentence."""
    runs: list[int] = []

    def work(session: Session) -> int:
        runs.append(1)
        if len(runs) == 1:
            sa.event.listen(session, "before_flush", lambda *_: make_user(database, "alice"), once=True)
        return accounts.register(session, form("Alice"))

    with pytest.raises(InvalidForm) as refused:
        database.write(work)
    assert (refused.value.field, len(runs)) == ("username", 2)


@pytest.mark.parametrize("login", ["nobody", "", "' OR 1=1 --", "a\x00b", "\ud800", "x" * 10_000, "%", "ali_e"])
def test_unknown_logins_are_nobody(database: Database, login: str) -> None:
    make_user(database, "alice")
    credentials = database.read(accounts.find_credentials, login)
    assert credentials is None
    with pytest.raises(WrongCredentials) as refused:
        accounts.check_password(credentials, PASSWORD)
    assert (refused.value.message, refused.value.field) == ("用户名或密码不正确", "password")


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", PASSWORD[:-1], "\x00", "\ud800", "密" * 100_000])
def test_wrong_passwords_are_refused_like_unknown_users(sqlite_database: Database, password: str) -> None:
    make_user(sqlite_database, "alice")
    credentials = sqlite_database.read(accounts.find_credentials, "alice")
    assert credentials is not None
    with pytest.raises(WrongCredentials) as refused:
        accounts.check_password(credentials, password)
    assert str(refused.value) == str(WrongCredentials())


def test_a_person_as_anyone_may_see_them(database: Database) -> None:
    user = make_user(database, "alice")
    view = database.read(accounts.person, user.user_id)
    assert (view.id, view.username) == (user.user_id, "alice")
    assert datetime.fromisoformat(view.joined_at).tzinfo is not None


@pytest.mark.parametrize("user_id", [0, -1, 10**15])
def test_who_does_not_exist_is_not_found(database: Database, user_id: int) -> None:
    with pytest.raises(PersonNotFound):
        database.read(accounts.person, user_id)
