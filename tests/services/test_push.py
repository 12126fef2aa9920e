"""Which browsers are told of what, and what nobody may make the server speak to."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlmodel import Session, col, select

from tests.factories import login_token, make_user
from tests.push_endpoint import Device, settings
from xianyu.adapters.database import Database
from xianyu.adapters.push_keys import encode, make_keys
from xianyu.models import AuthSession, NoticeKind, PushSubscription
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.push import PushKeys, PushMessage
from xianyu.services import accounts, contacts, message_changes, messages, notices, push, sessions
from xianyu.services.push import MOST_DEVICES, PushIsOff, UnusableSubscription
from xianyu.settings import get_settings

ENDPOINT = "https://push.example.com/send/abc:DEF_123-x"


def keys_at(endpoint: str) -> PushKeys:
    """What a browser with a subscription there says."""
    device = Device("").keys
    return PushKeys(endpoint, device.p256dh, device.auth)


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site that pushes, to the internet alone."""
    for name, value in (settings(make_keys()) | {"push_allow_local": False}).items():
        monkeypatch.setenv(f"XIANYU_{name.upper()}", str(value))
    get_settings.cache_clear()


@pytest.fixture
def person(database: Database) -> Actor:
    return make_user(database)


def subscribed(database: Database, actor: Actor, endpoint: str = "") -> PushKeys:
    keys = keys_at(endpoint or f"https://push.example.com/{actor.session_id}")
    database.write(push.subscribe, actor, keys)
    return keys


def endpoints(database: Database) -> dict[str, int]:
    """Whose they are, by address."""

    def work(session: Session) -> dict[str, int]:
        return {row.endpoint: row.user_id for row in session.exec(select(PushSubscription))}

    return database.read(work)


@pytest.mark.parametrize(
    "endpoint",
    [
        ENDPOINT,
        "https://fcm.googleapis.com/fcm/send/dGVzdA:APA91b-x_y",
        "https://updates.push.services.mozilla.com/wpush/v2/gAAAA==",
        "https://web.push.apple.com/QGuQyavXutnMH",
        "https://wns2-by3p.notify.windows.com/w/?token=BQYAAAB%2fx",
        "https://push.example.com:443/x",
    ],
)
def test_what_browsers_say_is_taken(endpoint: str, on: None) -> None:
    keys = keys_at(endpoint)
    assert push.check(keys.endpoint, f"{keys.p256dh}=", f"{keys.auth}==") == keys


@pytest.mark.parametrize(
    "endpoint",
    [
        None,
        5,
        "",
        "push.example.com/x",
        "http://push.example.com/x",
        "ftp://push.example.com/x",
        "https://push.example.com",
        "https://push.example.com:8443/x",
        "https://user:pass@push.example.com/x",
        "https://push.example.com@127.0.0.1/x",
        "https://localhost/x",
        "https://redis/x",
        "https://127.0.0.1/x",
        "https://10.0.0.5/x",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/x",
        "https://[fd00::1]/x",
        "https://2130706433/x",
        "https://0x7f.1/x",
        "https://127.1/x",
        "https://push.example.com\\@127.0.0.1/x",
        "https://push.example.com/x y",
        "https://push.example.com/x\r\nHost: evil",
        "https://push.example.com/\n",
        "https://推送.example.com/x",
        "https://push.example.com/" + "x" * 1000,
    ],
)
def test_what_leads_elsewhere_is_refused(endpoint: object, on: None) -> None:
    keys = keys_at(ENDPOINT)
    with pytest.raises(UnusableSubscription):
        push.check(endpoint, keys.p256dh, keys.auth)


_COMPRESSED = (
    ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"p256dh": None},
        {"p256dh": ""},
        {"p256dh": []},
        {"p256dh": "密钥"},
        {"p256dh": "x" * 87},
        {"p256dh": encode(b"\x04" + b"\x01" * 64)},
        {"p256dh": encode(b"\x04" * 65) * 9},
        {"p256dh": encode(_COMPRESSED)},
        {"auth": None},
        {"auth": ""},
        {"auth": {}},
        {"auth": "!" * 22},
        {"auth": encode(b"x" * 15)},
        {"auth": encode(b"x" * 17)},
    ],
)
def test_keys_that_no_browser_makes_are_refused(wrong: dict[str, object], on: None) -> None:
    keys = keys_at(ENDPOINT)
    given: dict[str, object] = {"p256dh": keys.p256dh, "auth": keys.auth} | wrong
    with pytest.raises(UnusableSubscription):
        push.check(ENDPOINT, given["p256dh"], given["auth"])


def test_without_keys_nothing_is_taken() -> None:
    keys = keys_at(ENDPOINT)
    with pytest.raises(PushIsOff):
        push.check(keys.endpoint, keys.p256dh, keys.auth)


def test_a_login_has_one_subscription_and_the_newest_counts(database: Database, person: Actor) -> None:
    subscribed(database, person, "https://push.example.com/1")
    subscribed(database, person, "https://push.example.com/2")
    subscribed(database, person, "https://push.example.com/2")
    assert endpoints(database) == {"https://push.example.com/2": person.user_id}
    assert database.read(push.present, person) == "https://push.example.com/2"
    database.write(push.unsubscribe, person)
    database.write(push.unsubscribe, person)
    assert endpoints(database) == {}
    assert database.read(push.present, person) == ""


def test_a_browser_that_changed_hands_tells_its_new_owner_alone(database: Database, person: Actor) -> None:
    other = make_user(database)
    subscribed(database, person, ENDPOINT)
    subscribed(database, other, ENDPOINT)
    assert endpoints(database) == {ENDPOINT: other.user_id}
    assert database.read(push.present, person) == ""


def another_login(database: Database, person: Actor) -> Actor:
    ticket = database.write(accounts.issue_ticket, person.user_id)
    token, _ = database.write(accounts.redeem_ticket, ticket, "", "browser")
    found = database.read(accounts.resolve_actor, token)
    assert found is not None
    return found


def test_of_too_many_devices_the_oldest_are_forgotten(database: Database, person: Actor) -> None:
    logins = [another_login(database, person) for _ in range(MOST_DEVICES + 2)]
    for login in logins:
        subscribed(database, login)
    assert set(endpoints(database)) == {f"https://push.example.com/{login.session_id}" for login in logins[2:]}


def test_a_login_that_ends_takes_its_subscription_along(database: Database, person: Actor) -> None:
    second, third = another_login(database, person), another_login(database, person)
    for login in (person, second, third):
        subscribed(database, login)
    database.write(accounts.end_session, login_token(database, person))
    assert len(endpoints(database)) == 2
    database.write(sessions.end, third, second.session_id)
    assert endpoints(database) == {f"https://push.example.com/{third.session_id}": person.user_id}
    database.write(sessions.end_all, person.user_id)
    assert endpoints(database) == {}


@pytest.fixture
def sender(database: Database) -> Actor:
    return make_user(database, "阿明")


def say(database: Database, sender: Actor, person: Actor, number: int = 1) -> None:
    database.write(messages.send, sender, person.user_id, f"client-{number:04}", "绝密：钥匙在门垫下")


def said(database: Database, person: Actor, sender: Actor) -> PushMessage | None:
    due = database.read(push.due, person.user_id, sender.user_id)
    return due.message if due else None


def test_it_says_who_wrote_and_not_what(messaging_database: Database) -> None:
    database = messaging_database
    person, sender = make_user(database), make_user(database, "阿明")
    keys = subscribed(database, person)
    say(database, sender, person)
    due = database.read(push.due, person.user_id, sender.user_id)
    assert due is not None
    assert [target.keys for target in due.targets] == [keys]
    url = f"/messages/{sender.user_id}"
    assert due.message == PushMessage("邻里闲鱼", "阿明 发来一条消息", f"conversation-{sender.user_id}", url)
    say(database, sender, person, 2)
    assert said(database, person, sender) == PushMessage(
        "邻里闲鱼", "阿明 发来 2 条消息", f"conversation-{sender.user_id}", url
    )


def test_who_has_no_device_is_told_nothing(database: Database, person: Actor, sender: Actor) -> None:
    say(database, sender, person)
    assert database.read(push.due, person.user_id, sender.user_id) is None


def test_what_was_read_or_taken_back_is_not_told(database: Database, person: Actor, sender: Actor) -> None:
    subscribed(database, person)
    say(database, sender, person)
    database.write(message_changes.recall, sender, person.user_id, 1)
    database.write(messages.read, person, sender.user_id, 1)
    assert said(database, person, sender) is None
    say(database, sender, person, 2)
    assert said(database, person, sender) is not None
    database.write(messages.read, person, sender.user_id, 2)
    assert said(database, person, sender) is None


def test_muted_conversations_and_blocked_people_are_silent(database: Database, person: Actor, sender: Actor) -> None:
    subscribed(database, person)
    say(database, sender, person)
    database.write(message_changes.set_muted, person, sender.user_id, True)
    assert said(database, person, sender) is None
    database.write(message_changes.set_muted, person, sender.user_id, False)
    assert said(database, person, sender) is not None
    database.write(contacts.block, person, sender.user_id)
    assert said(database, person, sender) is None


def test_a_login_that_has_expired_is_told_nothing(database: Database, person: Actor, sender: Actor) -> None:
    subscribed(database, person)
    say(database, sender, person)
    past = utc_now() - timedelta(seconds=1)
    database.write(
        lambda session: session.execute(
            sa.update(AuthSession).where(col(AuthSession.id) == person.session_id).values(expires_at=past)
        )
    )
    assert said(database, person, sender) is None


def test_notices_are_told_while_they_are_unread(database: Database, person: Actor) -> None:
    subscribed(database, person)
    assert database.read(push.due, person.user_id, 0) is None
    database.write(notices.add, [person.user_id], NoticeKind.SEARCH_MATCHED, subject="秘密")
    due = database.read(push.due, person.user_id, 0)
    assert due is not None
    assert due.message == PushMessage("邻里闲鱼", "你有新的互动", "notices", "/messages?box=notices")
    database.write(notices.mark_all_read, person)
    assert database.read(push.due, person.user_id, 0) is None
