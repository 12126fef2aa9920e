"""What the neighbours of the demo say of each other."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Order, Review
from xianyu.schemas.accounts import Actor
from xianyu.schemas.reviews import ReviewForm
from xianyu.services import reviews


@dataclass(frozen=True)
class DemoReview:
    """What one side of an order says some hours after its completion, and what the other answers to it, if anything."""

    who: str
    stars: int
    text: str
    hours: float
    reply: str = ""


def add(session: Session, people: dict[str, Actor], order_id: int, written: list[DemoReview]) -> None:
    """Write the reviews of an order that lies in the past, at the times at which that happened.

    Args:
        session: The unit of work.
        people: The two, as ``buyer`` and ``seller``.
        order_id: Their order, which is completed.
        written: The reviews, the first first.
    """
    completed_at = session.get_one(Order, order_id, populate_existing=True).updated_at
    ids = [
        reviews.write(session, people[one.who], order_id, ReviewForm(one.stars, one.text)).review_id for one in written
    ]
    for one, review_id in zip(written, ids, strict=True):
        moment = completed_at + timedelta(hours=one.hours)
        if one.reply:
            other = people["seller" if one.who == "buyer" else "buyer"]
            reviews.reply(session, other, review_id, one.reply)
            _move(session, review_id, replied_at=moment + timedelta(hours=one.hours))
        _move(session, review_id, created_at=moment)


def _move(session: Session, review_id: int, **moments: object) -> None:
    session.execute(sa.update(Review).where(col(Review.id) == review_id).values(**moments))
