"""Reviews as they are read: those of one order, of a person and of a listing, and what they come to.

Numbers are counted from the rows each time, so they are right whatever happened to single reviews.
"""

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.models import Listing, ListingStatus, Order, OrderStatus, Photo, Review, ReviewStatus, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import PhotoView
from xianyu.schemas.reviews import OrderReviews, Rating, Reputation, ReviewPage, ReviewView, StarCount
from xianyu.schemas.times import iso
from xianyu.services import names, photos, review_times
from xianyu.services.ids import is_id
from xianyu.services.order_errors import OrderNotFound
from xianyu.services.order_states import Role, role_of

PAGE_SIZE = 10
MOST = 100
STARS = (5, 4, 3, 2, 1)
_PERCENT = 100

_ROLES = {Role.BUYER.value: "买家", Role.SELLER.value: "卖家"}
# Where one's own review stands while others do not see it.
_LABELS = {ReviewStatus.SEALED: "未公开", ReviewStatus.HELD: "待审核", ReviewStatus.REMOVED: "已移除"}

Conditions = tuple[sa.ColumnElement[bool], ...]


def _of_person(user_id: int) -> Conditions:
    """What others may read of a person, by those who bought from them and those who sold to them."""
    is_here = sa.exists().where(col(User.id) == col(Review.subject_id), col(User.closed_at).is_(None))
    return col(Review.subject_id) == user_id, col(Review.status) == ReviewStatus.SHOWN, is_here


def _of_listing(listing_id: int) -> Conditions:
    """What its buyers say; what its seller says of them is about people."""
    is_there = sa.exists().where(
        col(Listing.id) == col(Review.listing_id), col(Listing.status) != ListingStatus.DELETED
    )
    return (
        col(Review.listing_id) == listing_id,
        col(Review.status) == ReviewStatus.SHOWN,
        col(Review.author_role) == Role.BUYER.value,
        is_there,
    )


def rating(session: Session, conditions: Conditions) -> Rating:
    """The average and the distribution of the reviews that meet the conditions."""
    rows = session.execute(sa.select(col(Review.stars), sa.func.count()).where(*conditions).group_by(col(Review.stars)))
    counts = {stars: int(count) for stars, count in rows}
    total = sum(counts.values())
    if not total:
        return Rating()
    # Tenths, half rounded up, in whole numbers.
    tenths = (20 * sum(stars * count for stars, count in counts.items()) + total) // (2 * total)
    return Rating(
        count=total,
        average=f"{tenths // 10}.{tenths % 10}",
        bars=[
            StarCount(stars, counts.get(stars, 0), round(_PERCENT * counts.get(stars, 0) / total)) for stars in STARS
        ],
    )


def _page(session: Session, viewer: Actor | None, conditions: Conditions, after: int, limit: int) -> ReviewPage:
    statement = _lines().where(*conditions).order_by(col(Review.id).desc())
    if is_id(after):
        statement = statement.where(col(Review.id) < after)
    most = max(1, min(limit, MOST)) if is_id(limit) else PAGE_SIZE
    # One more than is shown tells whether there are more.
    rows = session.execute(statement.limit(most + 1)).all()
    shown = rows[:most]
    return ReviewPage(_views(session, viewer, shown), after=shown[-1][0].id if len(rows) > most else 0)


def person_page(
    session: Session, viewer: Actor | None, user_id: int, after: int = 0, limit: int = PAGE_SIZE
) -> ReviewPage:
    """What others say of a person, newest first: the latest, or those after the review of that number."""
    return _page(session, viewer, _of_person(user_id), after, limit) if is_id(user_id) else ReviewPage()


def listing_page(
    session: Session, viewer: Actor | None, listing_id: int, after: int = 0, limit: int = PAGE_SIZE
) -> ReviewPage:
    """What its buyers say of a listing, newest first, as in ``person_page``."""
    return _page(session, viewer, _of_listing(listing_id), after, limit) if is_id(listing_id) else ReviewPage()


def of_person(session: Session, viewer: Actor | None, user_id: int, limit: int = PAGE_SIZE) -> Reputation:
    """What a person's page shows; of nobody, and of somebody who left, nothing."""
    if not is_id(user_id):
        return Reputation()
    return Reputation(rating(session, _of_person(user_id)), person_page(session, viewer, user_id, limit=limit))


def of_listing(session: Session, viewer: Actor | None, listing_id: int, limit: int = PAGE_SIZE) -> Reputation:
    """What a listing's page shows, with what all reviews of its seller come to."""
    seller_id = _seller(session, listing_id) if is_id(listing_id) else None
    if seller_id is None:
        return Reputation()
    return Reputation(
        rating(session, _of_listing(listing_id)),
        listing_page(session, viewer, listing_id, limit=limit),
        rating(session, _of_person(seller_id)),
    )


def _seller(session: Session, listing_id: int) -> int | None:
    statement = sa.select(col(Listing.seller_id)).where(
        col(Listing.id) == listing_id, col(Listing.status) != ListingStatus.DELETED
    )
    return session.execute(statement).scalar()


def sold_by(session: Session, listing_ids: Collection[int], people: Collection[int]) -> list[int]:
    """Those of the listings that one of these people sells: what is said of them stands on their pages."""
    rows = session.execute(
        sa.select(col(Listing.id)).where(col(Listing.id).in_(listing_ids), col(Listing.seller_id).in_(people))
    )
    return sorted(rows.scalars())


def of_order(session: Session, actor: Actor, order_id: int) -> OrderReviews:
    """The reviews of an order of the actor's: their own, and the other's once it is shown.

    Raises:
        OrderNotFound: if there is none, or the actor is neither of its two.
    """
    order = session.get(Order, order_id, populate_existing=True) if is_id(order_id) else None
    if order is None or role_of(actor.user_id, order.buyer_id, order.seller_id) is None:
        raise OrderNotFound
    if order.status != OrderStatus.COMPLETED:
        return OrderReviews()
    rows = session.execute(_lines().where(col(Review.order_id) == order_id).order_by(col(Review.id))).all()
    mine = next((row[0] for row in rows if row[0].author_id == actor.user_id), None)
    theirs = next((row[0] for row in rows if row[0].author_id != actor.user_id), None)
    end = review_times.ends(session, [order_id])[order_id]
    is_time = end > utc_now() and _is_here(session, order.buyer_id + order.seller_id - actor.user_id)
    note = _note(mine, theirs, is_time=is_time)
    visible = [row for row in rows if row[0] is mine or row[0].status == ReviewStatus.SHOWN]
    return OrderReviews(
        order_id=order_id,
        can_write=mine is None and is_time,
        note=note,
        until=iso(mine.opens_at if mine is not None else end) if "截止" in note or "到时" in note else "",
        reviews=_views(session, actor, visible),
    )


def _is_here(session: Session, user_id: int) -> bool:
    return session.execute(sa.select(col(User.closed_at)).where(col(User.id) == user_id)).scalar() is None


def _note(mine: Review | None, theirs: Review | None, *, is_time: bool) -> str:
    """What there is to know about the reviews of an order; an instant follows what speaks of one."""
    if mine is None:
        if not is_time:
            return "" if theirs is not None else "这个订单没有留下评价，评价的时间已经过了"
        if theirs is not None and theirs.status == ReviewStatus.SEALED:
            return "对方已经评价了你，你也评价后双方就能看到。截止"
        return "说说这次交易怎么样，双方都评价后一起公开。截止"
    if mine.status == ReviewStatus.SEALED:
        return "对方评价后，你们的评价会一起公开；对方没有评价的话，到时公开："
    if mine.status == ReviewStatus.HELD:
        return "你的评价正在等管理员看过，通过后才会公开"
    return "你的评价已被管理员移除，别人看不到" if mine.status == ReviewStatus.REMOVED else ""


def _lines() -> sa.Select[*tuple[Any, ...]]:
    return sa.select(Review, col(Order.title)).join(Order, col(Order.id) == col(Review.order_id))


def _views(session: Session, viewer: Actor | None, rows: Iterable[Any]) -> list[ReviewView]:
    found = [(review, title) for review, title in rows]
    people = _people(session, {one for review, _ in found for one in (review.author_id, review.subject_id)})
    pictures = _pictures(session, [review.id for review, _ in found])
    viewer_id = viewer.user_id if viewer is not None else 0
    return [_view(review, title, people, pictures.get(review.id, []), viewer_id) for review, title in found]


def _view(
    review: Review, title: str, people: dict[int, names.Name], pictures: list[PhotoView], viewer_id: int
) -> ReviewView:
    author = people[review.author_id]
    is_shown = review.status == ReviewStatus.SHOWN
    return ReviewView(
        id=review.id or 0,
        stars=review.stars,
        text=review.text,
        photos=pictures,
        author_id=review.author_id,
        author_name=author.text,
        author_avatar_url=author.avatar_url,
        author_url=routes.user(review.author_id) if author.text != names.CLOSED else "",
        role_label=_ROLES[review.author_role],
        title=title,
        at=iso(review.created_at),
        reply=review.reply,
        replied_at=iso(review.replied_at) if review.replied_at else "",
        subject_name=people[review.subject_id].text,
        label="" if is_shown else _LABELS[ReviewStatus(review.status)],
        order_url=routes.order(review.order_id) if viewer_id in {review.author_id, review.subject_id} else "",
        is_mine=review.author_id == viewer_id,
        can_reply=is_shown and review.subject_id == viewer_id and review.replied_at is None,
    )


def _people(session: Session, user_ids: Collection[int]) -> dict[int, names.Name]:
    rows = session.execute(sa.select(col(User.id), *names.COLUMNS).where(col(User.id).in_(user_ids)))
    return {row.id: names.called(row) for row in rows}


def _pictures(session: Session, review_ids: Collection[int]) -> dict[int, list[PhotoView]]:
    """The pictures of each review, in order."""
    found: dict[int, list[PhotoView]] = {}
    for photo in session.exec(
        select(Photo).where(photos.REVIEW.in_(review_ids)).order_by(col(Photo.position), col(Photo.id))
    ):
        found.setdefault(photo.review_id or 0, []).append(photos.photo_view(photo))
    return found
