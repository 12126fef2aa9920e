"""What an archive of one person's data holds of reviews."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import Order, Photo, Review, ReviewStatus
from xianyu.schemas.times import iso


def of_person(session: Session, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """What they wrote of others, and what others wrote of them as far as that is shown."""
    pictures: dict[int, list[str]] = {}
    for photo in session.exec(
        select(Photo).where(Photo.owner_id == user_id, col(Photo.review_id).is_not(None)).order_by(col(Photo.position))
    ):
        pictures.setdefault(photo.review_id or 0, []).append(photo.name)
    written = [
        {**entry, "status": review.status, "pictures": pictures.get(review.id or 0, [])}
        for review, entry in _reviews(session, col(Review.author_id) == user_id)
    ]
    received = _reviews(session, col(Review.subject_id) == user_id, col(Review.status) == ReviewStatus.SHOWN)
    return {"written": written, "received": [entry for _, entry in received]}


def _reviews(session: Session, *conditions: sa.ColumnElement[bool]) -> list[tuple[Review, dict[str, Any]]]:
    rows = session.execute(
        sa.select(Review, col(Order.title))
        .join(Order, col(Order.id) == col(Review.order_id))
        .where(*conditions)
        .order_by(col(Review.id))
    )
    return [
        (
            review,
            {
                "order": review.order_id,
                "title": title,
                "as": review.author_role,
                "stars": review.stars,
                "text": review.text,
                "reply": review.reply,
                "at": iso(review.created_at),
            },
        )
        for review, title in rows
    ]
