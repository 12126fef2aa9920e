"""Completed orders and their reviews to test with."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.factories import make_listing
from tests.trade import Trade, order_form, trade
from xianyu.adapters.database import Database
from xianyu.models import Notice, OrderEvent, Review
from xianyu.schemas.accounts import Actor
from xianyu.schemas.reviews import ReviewForm
from xianyu.services import orders, reviews


def complete(database: Database, seller: Actor, buyer: Actor, order_id: int) -> None:
    """Take an order that was just made to its end."""
    database.write(orders.act, seller, order_id, "confirm")
    database.write(orders.act, seller, order_id, "hand_over")
    database.write(orders.act, buyer, order_id, "receive")


def completed(database: Database) -> Trade:
    """Two people and an order that they completed a moment ago."""
    deal = trade(database)
    complete(database, deal.seller, deal.buyer, deal.order_id)
    return deal


def traded(database: Database, seller: Actor, buyer: Actor, listing_id: int = 0) -> int:
    """The number of a completed order between these two."""
    listing_id = listing_id or make_listing(database, seller)
    order_id = database.write(orders.place, buyer, order_form(listing_id)).order_id
    complete(database, seller, buyer, order_id)
    return order_id


def review(database: Database, author: Actor, order_id: int, stars: int = 5, text: str = "很爽快") -> int:
    """The number of a new review."""
    return database.write(reviews.write, author, order_id, ReviewForm(stars, text)).review_id


def reviewed(database: Database, seller: Actor, buyer: Actor, stars: int, listing_id: int = 0) -> int:
    """The number of a shown review that the buyer wrote of the seller; the other way there are five stars."""
    order_id = traded(database, seller, buyer, listing_id)
    review_id = review(database, buyer, order_id, stars)
    review(database, seller, order_id)
    return review_id


def completed_at(database: Database, order_id: int, moment: datetime) -> None:
    """Move an order's completion to another time."""
    event = sa.update(OrderEvent).where(col(OrderEvent.order_id) == order_id, col(OrderEvent.status) == "completed")
    database.write(lambda session: session.execute(event.values(created_at=moment)))


def stored(database: Database, review_id: int) -> Review:
    """A review's row."""
    found = database.read(Session.get_one, Review, review_id)
    assert isinstance(found, Review)
    return found


def told(database: Database, user_id: int) -> list[str]:
    """What a person heard of reviews, the first first."""
    statement = select(Notice.kind).where(Notice.user_id == user_id, col(Notice.kind).contains("review"))
    return list(database.read(lambda session: session.exec(statement.order_by(col(Notice.id))).all()))
