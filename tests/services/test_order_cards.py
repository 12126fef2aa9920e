"""The card of an order in the conversation of its two people, wherever messages are kept."""

import pytest
from sqlmodel import Session

from tests.factories import make_listing, make_user
from tests.mongodb import running_mongodb
from tests.programs import free_port
from tests.trade import order_form, trade
from xianyu.adapters.database import Database
from xianyu.adapters.mongo import get_mongo_database
from xianyu.schemas.events import CardChanged, OrderChanged
from xianyu.services import messages, order_lists, orders
from xianyu.settings import get_settings


def test_every_step_changes_the_card_in_the_conversation(database: Database) -> None:
    deal = trade(database)
    for actor, action, label in (
        (deal.seller, "confirm", "已确认"),
        (deal.seller, "hand_over", "卖家已交付"),
        (deal.buyer, "receive", "已完成"),
    ):
        events = database.write(orders.act, actor, deal.order_id, action)
        [card] = [event for event in events if isinstance(event, CardChanged)]
        assert card.message.attachment is not None
        assert card.message.attachment.label == label
        assert {card.sender_id, card.recipient_id} == {deal.buyer.user_id, deal.seller.user_id}
        [shown] = database.read(messages.history, deal.buyer, deal.seller.user_id)
        assert shown == card.message


def test_messages_may_be_kept_elsewhere(messaging_database: Database) -> None:
    database = messaging_database
    seller, buyer = make_user(database), make_user(database)
    database.write(messages.conversation_with, buyer, seller.user_id)
    form = order_form(make_listing(database, seller))

    def fails(session: Session) -> None:
        orders.place(session, buyer, form)
        raise RuntimeError("the power is gone")

    with pytest.raises(RuntimeError):
        database.write(fails)
    # A store that does not share the transaction keeps the card of an order that never came to be.
    left = database.read(messages.history, buyer, seller.user_id)
    assert [one.attachment.status for one in left if one.attachment] in ([], ["gone"])
    made = database.write(orders.place, buyer, form)
    assert made.is_new
    database.write(orders.act, seller, made.order_id, "confirm")
    [card] = database.read(messages.history, buyer, seller.user_id)
    assert card.attachment is not None
    assert (card.attachment.label, card.attachment.ref_id) == ("已确认", made.order_id)


def test_a_step_is_taken_while_the_messages_are_away(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("XIANYU_MONGODB_URL", f"mongodb://127.0.0.1:{port}/xianyu")
    get_settings.cache_clear()
    with running_mongodb(port=port):
        deal = trade(sqlite_database)
    events = sqlite_database.write(orders.act, deal.seller, deal.order_id, "confirm")
    assert OrderChanged(deal.order_id, deal.buyer.user_id, deal.seller.user_id) in events
    assert not [event for event in events if isinstance(event, CardChanged)]
    assert sqlite_database.read(order_lists.detail, deal.buyer, deal.order_id).status == "confirmed"
    get_mongo_database().client.close()
