"""Until when an order can be reviewed, and which orders wait for it."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Order, OrderEvent, OrderStatus, Review
from xianyu.models.types import utc_now
from xianyu.settings import get_settings


def ends(session: Session, order_ids: Collection[int]) -> dict[int, datetime]:
    """When the time to review each of these orders is over. Those that are not completed are left out."""
    days = timedelta(days=get_settings().review_days)
    completion = sa.and_(col(OrderEvent.order_id) == col(Order.id), col(OrderEvent.status) == OrderStatus.COMPLETED)
    rows = session.execute(
        sa.select(col(Order.id), sa.func.coalesce(col(OrderEvent.created_at), col(Order.updated_at)))
        .outerjoin(OrderEvent, completion)
        .where(col(Order.id).in_(order_ids), col(Order.status) == OrderStatus.COMPLETED)
    )
    return {order_id: completed_at + days for order_id, completed_at in rows}


def awaiting(session: Session, user_id: int, order_ids: Collection[int]) -> set[int]:
    """Which of these orders of a person's they can still review and have not."""
    if not order_ids:
        return set()
    now = utc_now()
    written = session.execute(
        sa.select(col(Review.order_id)).where(col(Review.author_id) == user_id, col(Review.order_id).in_(order_ids))
    )
    open_ones = {order_id for order_id, end in ends(session, order_ids).items() if end > now}
    return open_ones - set(written.scalars())
