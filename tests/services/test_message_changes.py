"""Messages after they were sent: taken back, deleted for oneself; what else they can be; pinning, muting, searching."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col

from tests.concurrency import race
from tests.factories import make_listing, make_photo
from tests.said import bodies, send
from xianyu import routes
from xianyu.adapters.database import Database
from xianyu.adapters.media import thumb_name
from xianyu.models import ListingStatus, Photo
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ConversationMarked, MessagesHidden
from xianyu.schemas.listings import ListingForm
from xianyu.schemas.messages import RECALLED, AttachmentView
from xianyu.services import (
    attachments,
    conversation_list,
    conversations,
    listings,
    message_changes,
    message_errors,
    messages,
    photos,
)
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_errors import ListingNotFound
from xianyu.settings import get_settings

NOBODY = 987_654_321
JUNK: list[Any] = [None, True, "1", 1.0, [], {}, -1, 0, 2**31, 2**63, 10**30]


@pytest.fixture
def database(messaging_database: Database) -> Database:
    """Each of the databases, and a message store beside one."""
    return messaging_database


def lines(database: Database, actor: Actor) -> list[tuple[str, str]]:
    return [(line.peer_name, line.last_body) for line in database.read(conversation_list.conversations, actor)]


# Taking back.


def test_what_is_taken_back_is_gone_for_both(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, alice, bob, "一", "手滑", "三")
    event = database.write(message_changes.recall, alice, bob.user_id, 2)
    assert (event.sender_id, event.recipient_id) == (alice.user_id, bob.user_id)
    assert (event.message.seq, event.message.kind, event.message.body) == (2, RECALLED, "")
    for actor, peer in ((alice, bob), (bob, alice)):
        history = database.read(messages.history, actor, peer.user_id)
        assert [(view.body, view.kind) for view in history] == [("一", "text"), ("", RECALLED), ("三", "text")]
        assert database.read(conversation_list.search, actor, "手滑") == []
    # Done twice it is done once, and says so by no error.
    assert database.write(message_changes.recall, alice, bob.user_id, 2) == event


def test_a_line_says_who_took_back_what_was_last(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, alice, bob, "手滑")
    database.write(message_changes.recall, alice, bob.user_id, 1)
    assert lines(database, alice) == [("老王", "你撤回了一条消息")]
    assert lines(database, bob) == [("小艾", "对方撤回了一条消息")]


def test_after_two_minutes_it_is_too_late(
    database: Database, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(database, alice, bob, "早先说的")
    later = utc_now() + message_changes.RECALL_WITHIN
    monkeypatch.setattr(message_changes, "utc_now", lambda: later - timedelta(seconds=5))
    database.write(message_changes.recall, alice, bob.user_id, 1)
    monkeypatch.undo()
    send(database, alice, bob, "后来说的")
    monkeypatch.setattr(message_changes, "utc_now", lambda: utc_now() + message_changes.RECALL_WITHIN)
    with pytest.raises(message_changes.RecallTooLate, match="发送超过 2 分钟，不能撤回了"):
        database.write(message_changes.recall, alice, bob.user_id, 2)
    assert bodies(database, bob, alice) == ["", "后来说的"]


def test_nobody_takes_back_what_somebody_else_wrote(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    send(database, alice, bob, "小艾的话")
    with pytest.raises(message_changes.MessageNotFound):
        database.write(message_changes.recall, bob, alice.user_id, 1)
    for peer in (alice, bob):
        with pytest.raises(message_changes.ConversationNotFound):
            database.write(message_changes.recall, carol, peer.user_id, 1)
    assert bodies(database, bob, alice) == ["小艾的话"]


@pytest.mark.parametrize("seq", [*JUNK, 2])
def test_a_number_that_names_nothing_takes_nothing_back(database: Database, alice: Actor, bob: Actor, seq: int) -> None:
    send(database, alice, bob, "一")
    with pytest.raises(message_changes.MessageNotFound):
        database.write(message_changes.recall, alice, bob.user_id, seq)
    assert bodies(database, bob, alice) == ["一"]


# Deleting for oneself.


def test_what_i_delete_is_gone_for_me_alone(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, alice, bob, "一", "二", "三", "四")
    event = database.write(message_changes.delete_for_me, bob, alice.user_id, [4, 2, 2])
    assert event == MessagesHidden(event.conversation_id, bob.user_id, alice.user_id, (2, 4))
    assert bodies(database, bob, alice) == ["一", "三"]
    assert bodies(database, alice, bob) == ["一", "二", "三", "四"]
    assert lines(database, bob) == [("小艾", "三")]
    assert lines(database, alice) == [("老王", "四")]
    assert [view.body for view in database.read(messages.since, bob, alice.user_id, 1)] == ["三"]
    assert database.read(conversation_list.search, bob, "四") == []
    assert len(database.read(conversation_list.search, alice, "四")) == 1
    # And once more, without an error.
    assert database.write(message_changes.delete_for_me, bob, alice.user_id, [4, 2]) == event
    send(database, alice, bob, "五")
    assert bodies(database, bob, alice) == ["一", "三", "五"]


@pytest.mark.parametrize("seqs", [None, "12", {}, 1, [], JUNK, [5, 10**9]])
def test_numbers_that_name_nothing_delete_nothing(database: Database, alice: Actor, bob: Actor, seqs: Any) -> None:
    send(database, alice, bob, "一")
    assert database.write(message_changes.delete_for_me, bob, alice.user_id, seqs).seqs == ()
    assert bodies(database, bob, alice) == ["一"]
    # Nor what will have that number.
    send(database, alice, bob, "二", "三", "四", "五")
    assert bodies(database, bob, alice) == ["一", "二", "三", "四", "五"]


def test_nobody_deletes_in_a_conversation_of_others(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    send(database, alice, bob, "一")
    for change in (message_changes.clear, partial(message_changes.delete_for_me, seqs=[1])):
        for peer_id in (alice.user_id, bob.user_id, carol.user_id, NOBODY, *JUNK):
            with pytest.raises(message_changes.ConversationNotFound):
                database.write(change, carol, peer_id)
    assert bodies(database, alice, bob) == bodies(database, bob, alice) == ["一"]


def test_what_i_cleared_stays_away_and_the_line_returns_with_something_new(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    send(database, carol, bob, "卡罗的话")
    send(database, alice, bob, "一", "二")
    assert database.write(message_changes.clear, bob, alice.user_id).seq == 2
    assert bodies(database, bob, alice) == []
    assert bodies(database, alice, bob) == ["一", "二"]
    assert lines(database, bob) == [("卡罗", "卡罗的话")]
    assert database.read(conversation_list.unread_by_user, bob.user_id) == {carol.user_id: 1}
    assert database.write(message_changes.clear, bob, alice.user_id).seq == 2
    send(database, alice, bob, "三")
    assert bodies(database, bob, alice) == ["三"]
    assert lines(database, bob) == [("小艾", "三"), ("卡罗", "卡罗的话")]
    assert database.read(conversation_list.unread_by_user, bob.user_id) == {alice.user_id: 1, carol.user_id: 1}
    assert database.read(messages.history, bob, alice.user_id, before_seq=3) == []


def test_clearing_while_messages_come_never_hides_a_line_that_counts(
    database: Database, alice: Actor, bob: Actor
) -> None:
    send(database, alice, bob, "早")
    work: list[Callable[[], object]] = [
        partial(database.write, message_changes.clear, bob, alice.user_id) for _ in range(4)
    ]
    work += [partial(send, database, alice, bob, f"第 {number} 句") for number in range(12)]
    results = race(*work)
    assert [result for result in results if isinstance(result, Exception)] == []
    unread = database.read(conversation_list.unread_total, bob)
    assert sum(line.unread for line in database.read(conversation_list.conversations, bob)) == unread
    assert len(bodies(database, bob, alice)) == unread
    assert len(bodies(database, alice, bob)) == 13


# Pictures and cards.


def picture(database: Database, photo_id: int) -> Photo:
    found = database.read(Session.get_one, Photo, photo_id)
    assert isinstance(found, Photo)
    return found


def test_a_picture_becomes_part_of_the_conversation(database: Database, alice: Actor, bob: Actor) -> None:
    photo_id = make_photo(database, alice)
    name = picture(database, photo_id).name
    sent = database.write(messages.send_photo, alice, bob.user_id, "client-id-1", photo_id)
    assert sent.message.kind == "photo"
    assert sent.message.attachment == AttachmentView(
        url=routes.media(name), image_url=routes.media(thumb_name(name)), width=1200, height=900
    )
    assert database.read(messages.history, bob, alice.user_id) == [sent.message]
    assert picture(database, photo_id).conversation_id == sent.conversation_id
    assert database.read(photos.expired_orphans, utc_now() + timedelta(days=400)) == []
    assert lines(database, bob) == [("小艾", "[图片]")]
    # A browser that lost the answer sends it again.
    again = database.write(messages.send_photo, alice, bob.user_id, "client-id-1", photo_id)
    assert again == replace(sent, is_repeat=True)
    assert len(bodies(database, bob, alice)) == 1


def test_a_picture_that_is_taken_back_is_cleaned_away(database: Database, alice: Actor, bob: Actor) -> None:
    photo_id = make_photo(database, alice)
    database.write(messages.send_photo, alice, bob.user_id, "client-id-1", photo_id)
    event = database.write(message_changes.recall, alice, bob.user_id, 1)
    assert event.message.attachment is None
    assert [found for found, _ in database.read(photos.expired_orphans, utc_now())] == [photo_id]


def test_nobody_sends_a_picture_that_is_not_theirs_to_send(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    listing_id = make_listing(database, alice)
    used = sa.select(col(Photo.id)).where(col(Photo.listing_id) == listing_id)
    in_listing = database.read(lambda session: session.execute(used).scalar_one())
    elsewhere = make_photo(database, alice)
    database.write(messages.send_photo, alice, carol.user_id, "client-id-1", elsewhere)
    for photo_id in (make_photo(database, bob), in_listing, elsewhere, NOBODY, *JUNK):
        with pytest.raises(message_errors.PhotoGone):
            database.write(messages.send_photo, alice, bob.user_id, "client-id-2", photo_id)
    assert bodies(database, bob, alice) == []
    # Nor can one of a conversation become part of a listing.
    form = ListingForm("标题", "描述文字呢", 1, 1, "books", (elsewhere,))
    with pytest.raises(InvalidForm):
        database.write(listings.publish, alice, form)


def test_a_card_shows_the_present_state_of_the_listing(database: Database, alice: Actor, bob: Actor) -> None:
    listing_id = make_listing(database, bob, title="山地车", price_fen=12_800)
    sent = database.write(messages.send_listing, alice, bob.user_id, "client-id-1", listing_id)
    card = sent.message.attachment
    assert card is not None
    assert (card.title, card.price, card.status, card.url) == ("山地车", "128.00", "active", f"/listing/{listing_id}")
    assert lines(database, bob) == [("小艾", "[宝贝] 山地车")]
    database.write(listings.take_down, bob, listing_id)
    for actor, peer, status in ((alice, bob, ListingStatus.TAKEN_DOWN), (bob, alice, ListingStatus.TAKEN_DOWN)):
        [view] = database.read(messages.history, actor, peer.user_id)
        assert view.attachment is not None
        assert view.attachment.status == status
    database.write(listings.delete, bob, listing_id)
    [view] = database.read(messages.history, alice, bob.user_id)
    assert view.attachment == AttachmentView(title="山地车", status="deleted", ref_id=listing_id)


def test_only_a_listing_of_one_of_the_two_is_sent_as_a_card(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    mine, theirs, foreign = (make_listing(database, seller) for seller in (alice, bob, carol))
    gone = make_listing(database, bob, status=ListingStatus.DELETED)
    for listing_id in (mine, theirs):
        database.write(messages.send_listing, alice, bob.user_id, secrets.token_hex(16), listing_id)
    for listing_id in (foreign, gone, NOBODY, *JUNK):
        with pytest.raises(ListingNotFound):
            database.write(messages.send_listing, alice, bob.user_id, secrets.token_hex(16), listing_id)
    assert len(bodies(database, alice, bob)) == 2


def test_the_bare_address_of_a_listing_becomes_its_card(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    mine, foreign = make_listing(database, alice), make_listing(database, carol)
    site = get_settings().public_url
    for body in (f"{site}/listing/{mine}", f"/listing/{mine}", f"{site}/listing/{mine}/"):
        assert send(database, alice, bob, body).message.kind == "listing"
    for body in (
        f"{site}/listing/{foreign}",
        f"看看 {site}/listing/{mine}",
        f"https://evil.example/listing/{mine}",
        f"{site}/listing/{mine}/edit",
        f"{site}/listing/{10**20}",
    ):
        sent = send(database, alice, bob, body)
        assert (sent.message.kind, sent.message.body, sent.message.attachment) == ("text", body, None)


def test_a_card_of_an_order_has_its_words_already() -> None:
    """The kind is kept for orders; nothing sends one yet."""
    assert attachments._WORDS["order"] == "[订单]"


# Pinning, muting, searching.


def test_pinned_conversations_stand_first_and_muted_ones_say_so(
    database: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    send(database, bob, alice, "先")
    sent = send(database, carol, alice, "后")
    assert [name for name, _ in lines(database, alice)] == ["卡罗", "老王"]
    event = database.write(message_changes.set_pinned, alice, bob.user_id, True)
    assert event == ConversationMarked(event.conversation_id, alice.user_id, bob.user_id, True, False)
    event = database.write(message_changes.set_muted, alice, carol.user_id, True)
    assert event == ConversationMarked(sent.conversation_id, alice.user_id, carol.user_id, False, True)
    found = database.read(conversation_list.conversations, alice)
    assert [(line.peer_name, line.is_pinned, line.is_muted, line.unread) for line in found] == [
        ("老王", True, False, 1),
        ("卡罗", False, True, 1),
    ]
    assert database.read(message_changes.marks, alice, bob.user_id) == (True, False)
    # The other's side is their own affair.
    assert [line.is_pinned for line in database.read(conversation_list.conversations, bob)] == [False]
    database.write(message_changes.set_pinned, alice, bob.user_id, False)
    assert [name for name, _ in lines(database, alice)] == ["卡罗", "老王"]


def test_search_looks_in_my_conversations_alone(database: Database, alice: Actor, bob: Actor, carol: Actor) -> None:
    send(database, bob, alice, "自行车还在", "别的")
    send(database, alice, carol, "我的自行车 Bike 100%")
    send(database, bob, carol, "自行车的秘密")

    def found(actor: Actor, text: Any) -> list[tuple[str, str, bool, str]]:
        result = database.read(conversation_list.search, actor, text)
        return [(one.peer_name, one.body, one.is_mine, one.url) for one in result]

    to_carol = ("卡罗", "我的自行车 Bike 100%", True, f"/messages/{carol.user_id}?at=1")
    assert found(alice, "自行车") == [to_carol, ("老王", "自行车还在", False, f"/messages/{bob.user_id}?at=1")]
    assert found(alice, " bIKE ") == found(alice, "0%") == [to_carol]
    assert found(alice, "秘密") == []
    empty: list[Any] = ["", "  ", "长" * 51, "\x00", "\ud800", None, 7, [], "_ike", "没有"]
    for nothing in empty:
        assert found(alice, nothing) == []
    long = send(database, alice, bob, "前" * 200 + "要找的词" + "后" * 200)
    [(_, excerpt, _, url)] = found(bob, "要找的词")
    assert (len(excerpt) < 100, "要找的词" in excerpt, excerpt[0], excerpt[-1]) == (True, True, "…", "…")
    assert url.endswith(f"?at={long.message.seq}")


def test_a_page_opens_at_an_old_message(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, bob, alice, *(str(number) for number in range(1, 31)))

    def opened(at: int, limit: int = 10) -> tuple[list[int], bool, bool]:
        page = database.read(conversations.open_with, alice, bob.user_id, limit, at)
        return [view.seq for view in page.messages], page.has_older, page.has_newer

    assert opened(0) == (list(range(21, 31)), True, False)
    assert opened(12) == (list(range(7, 17)), True, True)
    assert opened(1) == (list(range(1, 6)), False, True)
    assert opened(28) == (list(range(23, 31)), True, False)
    assert opened(10**30) == (list(range(21, 31)), True, False)


def test_how_far_the_other_has_read_is_told(database: Database, alice: Actor, bob: Actor) -> None:
    send(database, alice, bob, "一", "二")
    assert database.read(messages.read_by, alice, bob.user_id) == 0
    event = database.write(messages.read, bob, alice.user_id, 1)
    assert event is not None
    assert (event.peer_id, event.seq) == (alice.user_id, 1)
    assert database.read(messages.read_by, alice, bob.user_id) == 1
    assert database.read(conversations.open_with, alice, bob.user_id, 10).read_by_peer == 1
    assert database.read(messages.read_by, alice, NOBODY) == 0
