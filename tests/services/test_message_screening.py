"""Messages that are masked, refused, or sent once an operator let them through; in every store."""

from functools import partial

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.factories import make_user, make_word
from xianyu.adapters.database import Database
from xianyu.models import Notice, Role, Screening, User, WordAction
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import MessageSent, NoticeAdded, RoomMessageSent
from xianyu.services import contacts, held, held_pages, messages, plaza, screening
from xianyu.services.held import NotSendable
from xianyu.services.message_screening import TURNED_DOWN, WAITS, MessageHeld
from xianyu.services.screening import Refused, Stopped

CLIENT = "client-00001"


@pytest.fixture
def operator(messaging_database: Database) -> Actor:
    make_word(messaging_database, "枪支", WordAction.HOLD)
    make_word(messaging_database, "傻瓜")
    make_word(messaging_database, "毒品", WordAction.REFUSE)
    return make_user(messaging_database, role=Role.OPERATOR)


def try_to_send(database: Database, work: partial[MessageSent] | partial[RoomMessageSent]) -> str:
    """Send as an open tab does: what was caught is kept. Returns what the sender is told."""
    with pytest.raises(Stopped) as stopped:
        database.write(work)
    database.write(screening.keep, stopped.value.caught)
    return stopped.value.message


def private(actor: Actor, peer: Actor, body: str, client_id: str = CLIENT) -> partial[MessageSent]:
    return partial(messages.send, actor=actor, peer_id=peer.user_id, client_id=client_id, body=body)


def room(actor: Actor, body: str, client_id: str = CLIENT) -> partial[RoomMessageSent]:
    return partial(plaza.post, actor=actor, client_id=client_id, body=body)


def said(database: Database, one: Actor, other: Actor) -> list[tuple[str, str]]:
    return [(one.client_id, one.body) for one in database.read(messages.history, one, other.user_id)]


def waiting(database: Database, operator: Actor) -> list[int]:
    return [entry.id for entry in database.read(held_pages.page, operator).entries]


def test_a_masked_message_is_sent_masked_and_kept_once(messaging_database: Database, operator: Actor) -> None:
    one, other = make_user(messaging_database), make_user(messaging_database)
    for _ in range(2):
        messaging_database.write(private(one, other, "你这 傻.瓜！"))
        messaging_database.write(room(one, "傻瓜们好"))
    assert said(messaging_database, other, one) == [(CLIENT, "你这 ＊＊＊！")]
    assert [message.body for message in messaging_database.read(plaza.history, None)] == ["＊＊们好"]
    noted = messaging_database.read(held_pages.page, operator, held_pages.NOTED).entries
    assert [(entry.kind, entry.recipient) for entry in noted] == [("公共聊天室", ""), ("私信", other.username)]
    assert "".join(part.text for part in noted[1].parts) == "你这 傻.瓜！"


def test_a_refused_message_is_not_sent(messaging_database: Database, operator: Actor) -> None:
    one, other = make_user(messaging_database), make_user(messaging_database)
    with pytest.raises(Refused):
        messaging_database.write(private(one, other, "毒品"))
    assert said(messaging_database, one, other) == []


def test_a_held_message_is_sent_once_it_was_approved(messaging_database: Database, operator: Actor) -> None:
    one, other = make_user(messaging_database), make_user(messaging_database)
    for _ in range(3):
        # The browser may try again as often as it likes.
        assert try_to_send(messaging_database, private(one, other, "枪支，傻瓜")) == WAITS
    [key] = waiting(messaging_database, operator)
    assert said(messaging_database, one, other) == []
    assert messaging_database.read(messages.settled, one, other.user_id, [CLIENT]) == []

    sent, _ = messaging_database.write(held.approve, operator, key)
    assert isinstance(sent, MessageSent)
    assert (sent.sender_id, sent.recipient_id, sent.message.sender_name) == (one.user_id, other.user_id, one.username)
    assert said(messaging_database, other, one) == [(CLIENT, "枪支，＊＊")]
    assert messaging_database.read(messages.settled, one, other.user_id, [CLIENT]) == [CLIENT]
    # Sent again it is the same message.
    again = messaging_database.write(private(one, other, "枪支，傻瓜"))
    assert isinstance(again, MessageSent)
    assert again.is_repeat
    assert len(said(messaging_database, one, other)) == 1
    assert waiting(messaging_database, operator) == []


def test_a_rejected_message_is_told_and_its_browser_lets_go(messaging_database: Database, operator: Actor) -> None:
    one, other = make_user(messaging_database), make_user(messaging_database)
    try_to_send(messaging_database, private(one, other, "枪支"))
    [key] = waiting(messaging_database, operator)
    events = messaging_database.write(held.reject, operator, key, "不能买卖")
    assert NoticeAdded(one.user_id) in events
    notice = messaging_database.read(lambda session: session.exec(select(Notice)).one())
    assert (notice.kind, notice.subject, notice.detail) == ("message_rejected", "“枪支”", "不能买卖")
    assert messaging_database.read(messages.settled, one, other.user_id, [CLIENT, "client-00002"]) == [CLIENT]
    assert messaging_database.read(plaza.settled, one, [CLIENT]) == [CLIENT]
    assert messaging_database.read(messages.settled, other, one.user_id, [CLIENT]) == []
    assert try_to_send(messaging_database, private(one, other, "枪支")) == TURNED_DOWN
    assert waiting(messaging_database, operator) == []
    assert said(messaging_database, one, other) == []


def test_what_can_no_longer_be_sent_can_only_be_rejected(messaging_database: Database, operator: Actor) -> None:
    one, other = make_user(messaging_database), make_user(messaging_database)
    try_to_send(messaging_database, private(one, other, "枪支"))
    try_to_send(messaging_database, room(one, "枪支"))
    of_two, of_room = waiting(messaging_database, operator)
    messaging_database.write(contacts.block, other, one.user_id)
    messaging_database.write(plaza.mute, operator, one.user_id, 60)
    for key in (of_two, of_room):
        with pytest.raises(NotSendable):
            messaging_database.write(held.approve, operator, key)
    assert waiting(messaging_database, operator) == [of_two, of_room]
    close = sa.update(User).where(col(User.id) == one.user_id).values(closed_at=utc_now())
    messaging_database.write(partial(Session.execute, statement=close))
    with pytest.raises(NotSendable):
        messaging_database.write(held.approve, operator, of_two)
    for key in (of_two, of_room):
        messaging_database.write(held.reject, operator, key)
    assert said(messaging_database, other, one) == []


def test_a_held_message_of_the_room_is_sent_to_everybody(messaging_database: Database, operator: Actor) -> None:
    one, called = make_user(messaging_database), make_user(messaging_database, "被叫的人")
    assert try_to_send(messaging_database, room(one, "@被叫的人 枪支")) == WAITS
    [key] = waiting(messaging_database, operator)
    sent, told, _ = messaging_database.write(held.approve, operator, key)
    assert isinstance(sent, RoomMessageSent)
    assert (sent.message.sender_id, sent.message.body) == (one.user_id, "@被叫的人 枪支")
    assert told == NoticeAdded(called.user_id)


def test_an_advertisement_waits_in_private_too(messaging_database: Database, operator: Actor) -> None:
    one, other = make_user(messaging_database), make_user(messaging_database)
    messaging_database.write(private(one, other, "加我微信 hello_2024 吧", "client-00002"))
    with pytest.raises(MessageHeld) as stopped:
        messaging_database.write(private(one, other, "刷单吗？微信 hello_2024"))
    assert stopped.value.caught.reason == screening.CONTACT
    rows = messaging_database.read(lambda session: session.exec(select(Screening)).all())
    assert rows == []
