"""Reviews: each of the two people of a completed order writes about the other, once.

Both are sealed until both are in or the time is over, so that nobody answers a bad one with a bad one.
Whoever writes, opens or decides holds the order's row until the commit: of two who write at the same
moment the second finds the first one's review and opens both.
"""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import NoticeKind, Order, OrderStatus, ReportTarget, Review, ReviewStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, ReviewsChanged
from xianyu.schemas.reviews import Reviewed, ReviewForm
from xianyu.services import notices, photos, review_times, screening
from xianyu.services.ids import is_id
from xianyu.services.order_errors import OrderNotFound
from xianyu.services.order_states import role_of
from xianyu.services.review_errors import (
    AlreadyReplied,
    AlreadyReviewed,
    NotReviewable,
    OtherLeft,
    ReviewNotFound,
    ReviewTimeOver,
)

# How many are looked for at once whose time is over.
BATCH = 200


def write(session: Session, actor: Actor, order_id: int, form: ReviewForm) -> Reviewed:
    """Review the other of an order's two people. Whether one of them blocked the other does not matter.

    Raises:
        OrderNotFound: if there is no such order, or the actor is neither of its two.
        NotReviewable: if it is not completed.
        ReviewTimeOver: if the days in which it could be reviewed are over.
        AlreadyReviewed: if the actor has done so before.
        OtherLeft: if the other's account is erased.
        InvalidForm: if a picture is not the actor's own or is part of something else.
        Refused: if the text holds what may not be written here.
    """
    order = _hold(
        session, order_id, sa.or_(col(Order.buyer_id) == actor.user_id, col(Order.seller_id) == actor.user_id)
    )
    role = role_of(actor.user_id, order.buyer_id, order.seller_id) if order is not None else None
    if order is None or role is None:
        raise OrderNotFound
    opens_at = _check(session, actor, order)
    screened = screening.check(session, actor, ReportTarget.REVIEW, {"text": form.text})
    review = Review(
        order_id=order_id,
        listing_id=order.listing_id,
        author_id=actor.user_id,
        subject_id=order.buyer_id + order.seller_id - actor.user_id,
        author_role=role.value,
        stars=form.stars,
        text=screened.fields["text"],
        status=ReviewStatus.HELD if screened.is_held else ReviewStatus.SEALED,
        opens_at=opens_at,
    )
    session.add(review)
    session.flush()
    review_id = int(review.id or 0)
    photos.place(session, actor, photos.REVIEW, review_id, form.photo_ids)
    noted = screening.note(session, screened, subject_id=review_id)
    return Reviewed(review_id, (*noted, *_came_in(session, order, review)))


def _hold(session: Session, order_id: int, *conditions: sa.ColumnElement[bool]) -> Order | None:
    """The order, which is this transaction's from here on."""
    statement = sa.select(Order).where(col(Order.id) == order_id, *conditions).with_for_update()
    held = session.execute(statement, execution_options={"populate_existing": True}) if is_id(order_id) else None
    return held.scalar_one_or_none() if held is not None else None


def _check(session: Session, actor: Actor, order: Order) -> datetime:
    """Until when the order can be reviewed, if the actor may do so now."""
    if order.status != OrderStatus.COMPLETED:
        raise NotReviewable
    mine = sa.select(col(Review.id)).where(col(Review.order_id) == order.id, col(Review.author_id) == actor.user_id)
    if session.execute(mine).first() is not None:
        raise AlreadyReviewed
    end = review_times.ends(session, [order.id or 0])[order.id or 0]
    if end <= utc_now():
        raise ReviewTimeOver
    if len(_present(session, order)) < 2:  # noqa: PLR2004 - the buyer and the seller
        raise OtherLeft
    return end


def _present(session: Session, order: Order) -> list[int]:
    """Those of the two who are still here."""
    rows = session.execute(
        sa.select(col(User.id)).where(
            col(User.id).in_([order.buyer_id, order.seller_id]), col(User.closed_at).is_(None)
        )
    )
    return list(rows.scalars())


def _came_in(session: Session, order: Order, review: Review) -> list[LiveEvent]:
    """Tell of a review that counts from now on. What it says, nobody hears before it is shown."""
    if review.status == ReviewStatus.HELD:
        return [_changed(order, is_public=False)]
    opened = _open(session, order, review.author_id, utc_now())
    if opened:
        return opened
    people = _present(session, order)
    told = notices.add_of_order(session, order, NoticeKind.REVIEW_WRITTEN, review.author_id, user_ids=people)
    return [*told, _changed(order, is_public=False)]


def _open(session: Session, order: Order, actor_id: int | None, now: datetime) -> list[LiveEvent]:
    """Show what is sealed if both are in, and what is due in any case. The caller holds the order's row.

    What an operator has yet to look at is not in.
    """
    rows = session.execute(sa.select(col(Review.status)).where(col(Review.order_id) == order.id))
    statuses = list(rows.scalars())
    both_in = len(statuses) > 1 and ReviewStatus.HELD not in statuses
    waits: list[Any] = [col(Review.order_id) == order.id, col(Review.status) == ReviewStatus.SEALED]
    shown = session.execute(
        sa.update(Review)
        .where(*waits, *([] if both_in else [col(Review.opens_at) <= now]))
        .values(status=ReviewStatus.SHOWN.value)
        .execution_options(synchronize_session=False)
    )
    if getattr(shown, "rowcount", 0) < 1:
        return []
    people = _present(session, order)
    told = notices.add_of_order(session, order, NoticeKind.REVIEWS_OPENED, actor_id, user_ids=people)
    return [*told, _changed(order, is_public=True)]


def _changed(order: Order, *, is_public: bool) -> ReviewsChanged:
    return ReviewsChanged(int(order.id or 0), order.buyer_id, order.seller_id, is_public)


def due(session: Session, now: datetime) -> list[int]:
    """The orders of reviews whose time of waiting is over, the longest overdue first."""
    rows = session.execute(
        sa.select(col(Review.order_id))
        .where(col(Review.status) == ReviewStatus.SEALED, col(Review.opens_at) <= now)
        .order_by(col(Review.opens_at), col(Review.id))
        .limit(BATCH)
    )
    return list(rows.scalars())


def open_due(session: Session, order_id: int, now: datetime) -> list[LiveEvent]:
    """Show an order's review that waited long enough for the other. Done twice it is done once."""
    order = _hold(session, order_id)
    return _open(session, order, None, now) if order is not None else []


def reply(session: Session, actor: Actor, review_id: int, text: str) -> list[LiveEvent]:
    """Answer a review that others see of the actor, once.

    Raises:
        ReviewNotFound: if there is no such review, it is not shown, or it speaks of somebody else.
        AlreadyReplied: if it has its answer.
        Refused: if the text holds what may not be written here, or what an operator would have to look at.
    """
    review = session.get(Review, review_id, populate_existing=True) if is_id(review_id) else None
    if review is None or review.subject_id != actor.user_id or review.status != ReviewStatus.SHOWN:
        raise ReviewNotFound
    # There is no place in which an answer alone could wait.
    screened = screening.check(session, actor, ReportTarget.REVIEW, {"reply": text}, can_hold=False)
    replied = session.execute(
        sa.update(Review)
        .where(
            col(Review.id) == review_id,
            col(Review.replied_at).is_(None),
            col(Review.status) == ReviewStatus.SHOWN,
        )
        .values(reply=screened.fields["reply"], replied_at=utc_now())
        .execution_options(synchronize_session=False)
    )
    if getattr(replied, "rowcount", 0) != 1:
        raise AlreadyReplied
    order = session.get_one(Order, review.order_id)
    author = [user_id for user_id in _present(session, order) if user_id == review.author_id]
    told = notices.add_of_order(session, order, NoticeKind.REVIEW_REPLIED, actor.user_id, user_ids=author)
    noted = screening.note(session, screened, subject_id=review_id)
    return [*noted, *told, _changed(order, is_public=True)]


def let_through(session: Session, review_id: int) -> list[LiveEvent]:
    """An operator read a review that was held back and found nothing: it counts from now on.

    Whether whoever decides may do so, the caller has checked.
    """
    return _decide(session, review_id, ReviewStatus.SEALED, from_=(ReviewStatus.HELD,))


def remove(session: Session, review_id: int) -> list[LiveEvent]:
    """An operator takes a review away for everybody but its author, who is told that on the order's page.

    The other's is not held up by it. Whether whoever decides may do so, the caller has checked.
    """
    standing = (ReviewStatus.HELD, ReviewStatus.SEALED, ReviewStatus.SHOWN)
    return _decide(session, review_id, ReviewStatus.REMOVED, from_=standing)


def _decide(
    session: Session, review_id: int, status: ReviewStatus, *, from_: tuple[ReviewStatus, ...]
) -> list[LiveEvent]:
    order_id = session.execute(sa.select(col(Review.order_id)).where(col(Review.id) == review_id)).scalar()
    order = _hold(session, order_id) if order_id is not None else None
    decided = session.execute(
        sa.update(Review)
        .where(col(Review.id) == review_id, col(Review.status).in_(from_))
        .values(status=status.value)
        .execution_options(synchronize_session=False)
    )
    if order is None or getattr(decided, "rowcount", 0) != 1:
        raise ReviewNotFound
    if status is ReviewStatus.REMOVED:
        return [*_open(session, order, None, utc_now()), _changed(order, is_public=True)]
    return _came_in(session, order, session.get_one(Review, review_id, populate_existing=True))
