"""The process is killed at any point of an order's steps: it stands before or after the step, never between."""

import multiprocessing
import random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests import killed
from tests.factories import make_listing, make_user
from tests.trade import order_form, pieces
from xianyu.adapters.database import Database
from xianyu.models import Listing, Message, MessageThread, Notice, Order, OrderEvent
from xianyu.schemas.accounts import Actor
from xianyu.services import messages

KILLS = 100
# More than all statements and commits of the story on any database: some rounds reach its end.
POINTS = 90
# Seconds within which the whole story is played, nearly always, and after which a round has hung.
STORY_TIME, PATIENCE = 0.25, 30

# After each version of an order: its status, what is free, reserved and sold of one piece, and whom it was told.
AFTER: list[tuple[str, tuple[int, int, int], list[str]]] = [
    ("", (1, 0, 0), []),
    ("pending", (0, 1, 0), ["order_placed"]),
    ("pending", (0, 1, 0), ["order_placed", "order_repriced"]),
    ("confirmed", (0, 1, 0), ["order_placed", "order_repriced", "order_confirmed"]),
    ("handed_over", (0, 1, 0), ["order_placed", "order_repriced", "order_confirmed", "order_handed_over"]),
    (
        "completed",
        (0, 0, 1),
        ["order_placed", "order_repriced", "order_confirmed", "order_handed_over", "order_completed"],
    ),
]


def _settled(session: Session, listing_id: int) -> None:
    """Wait until the server has noticed that whoever held these rows is gone."""
    session.execute(sa.select(col(Listing.id)).where(col(Listing.id) == listing_id).with_for_update())
    session.execute(sa.select(col(Order.id)).where(col(Order.listing_id) == listing_id).with_for_update())


def _version(session: Session, listing_id: int) -> int:
    """How many steps were taken, once it is sure that everything else says the same."""
    _settled(session, listing_id)
    order = session.exec(select(Order).where(Order.listing_id == listing_id)).first()
    version = order.version if order else 0
    status, stock, told = AFTER[version]
    listing = session.get_one(Listing, listing_id, populate_existing=True)
    assert (listing.quantity, listing.reserved, listing.sold) == stock
    assert listing.status == ("active" if not order else "sold_out")
    if order is None:
        return 0
    events = session.exec(select(OrderEvent).where(OrderEvent.order_id == order.id).order_by(col(OrderEvent.version)))
    steps = [(event.version, event.status) for event in events]
    assert steps == [(number, AFTER[number][0]) for number in range(1, version + 1)]
    assert order.status == status
    assert order.unit_fen == (20_000 if version == 1 else 9_900)
    assert (order.deadline_at is None) == (status in {"confirmed", "completed"})
    notices = session.exec(select(Notice.kind).where(Notice.order_id == order.id).order_by(col(Notice.id))).all()
    assert notices == told
    card = session.get(Message, (order.conversation_id, order.card_seq))
    assert card is not None
    assert f'"key": "{order.client_key}"' in card.attachment
    return version


def _messages_are_whole(session: Session, count: int) -> None:
    """A card for each order, numbered without gaps."""
    seqs = sorted(session.exec(select(Message.seq)))
    assert seqs == list(range(1, count + 1))
    assert list(session.exec(select(MessageThread.last_seq))) == ([count] if count else [])


@pytest.fixture
def people(database: Database) -> tuple[Actor, Actor]:
    """A seller and a buyer who know each other: an orphaned conversation would be no fault of the order's."""
    seller, buyer = make_user(database), make_user(database)
    database.write(messages.conversation_with, buyer, seller.user_id)
    return seller, buyer


def test_a_hundred_kills_leave_no_order_between_two_steps(database: Database, people: tuple[Actor, Actor]) -> None:
    seller, buyer = people
    processes: Any = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.killed"])
    chance = random.Random(6)
    url = database.engine.url.render_as_string(hide_password=False)
    reached: list[int] = []
    for number in range(KILLS):
        listing_id = make_listing(database, seller)
        # By turns at a statement or a commit, and at any moment, which may be in the middle of one.
        fatal = chance.randint(1, POINTS) if number % 2 else 0
        started = processes.Event()
        ids = {"seller": seller.user_id, "buyer": buyer.user_id}
        process = processes.Process(target=killed.play, args=(url, ids, order_form(listing_id), fatal, started))
        process.start()
        assert started.wait(PATIENCE)
        if not fatal:
            process.join(chance.uniform(0, STORY_TIME))
            process.kill()
        process.join(PATIENCE)
        assert process.exitcode in {0, -9}
        reached.append(database.write(_version, listing_id))
        assert sum(pieces(database, listing_id)) == 1
        process.close()
    database.read(_messages_are_whole, sum(version > 0 for version in reached))
    # It was killed before, within and after.
    assert set(reached) == set(range(len(AFTER)))
