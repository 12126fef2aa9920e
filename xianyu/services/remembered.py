"""Listings that a person comes back to: those they saved (收藏) and those they looked at (足迹)."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Favorite, ListingStatus, ListingView
from xianyu.schemas.accounts import Actor
from xianyu.schemas.interest import Remembered, RememberedPage
from xianyu.schemas.listings import Cursor, ListingCard
from xianyu.schemas.times import iso
from xianyu.services import listing_pages
from xianyu.services.ids import is_id

PAGE_SIZE = 24
# How far back 足迹 goes, in listings.
HISTORY_LIMIT = 200


def favorites(session: Session, actor: Actor, after: Cursor | None = None, limit: int = PAGE_SIZE) -> RememberedPage:
    """What the actor saved, the last saved first."""
    moment, key = col(Favorite.created_at), col(Favorite.listing_id)
    return _page(session, actor, sa.select(key, moment).where(col(Favorite.user_id) == actor.user_id), after, limit)


def history(session: Session, actor: Actor, after: Cursor | None = None, limit: int = PAGE_SIZE) -> RememberedPage:
    """What the actor looked at and did not erase, the last first."""
    moment, key = col(ListingView.viewed_at), col(ListingView.listing_id)
    own = (col(ListingView.user_id) == actor.user_id, col(ListingView.is_hidden).is_(False))
    return _page(session, actor, sa.select(key, moment).where(*own), after, limit)


def erase(session: Session, actor: Actor, listing_id: int) -> None:
    """Take one listing out of what the actor looked at. The row stays, so that it is not counted twice."""
    if is_id(listing_id):
        _hide(session, actor, col(ListingView.listing_id) == listing_id)


def erase_all(session: Session, actor: Actor) -> None:
    """Take everything out of it."""
    _hide(session, actor)


def _hide(session: Session, actor: Actor, *conditions: sa.ColumnElement[bool]) -> None:
    session.execute(
        sa.update(ListingView).where(col(ListingView.user_id) == actor.user_id, *conditions).values(is_hidden=True)
    )


def _page(
    session: Session, actor: Actor, statement: sa.Select[int, datetime], after: Cursor | None, limit: int
) -> RememberedPage:
    """A page of listings' ids and moments, with what became of them."""
    key, moment = statement.selected_columns
    if after is not None:
        last = datetime.fromisoformat(after.published_at)
        # The plain bound lets every planner seek in the index; an OR alone does not.
        statement = statement.where(moment <= last, sa.or_(moment < last, key < after.listing_id))
    # One more than is shown tells whether there are more.
    rows = session.execute(statement.order_by(moment.desc(), key.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    present = {card.id: card for card in listing_pages.cards(session, actor, [row[0] for row in shown])}
    before = iso(datetime.fromisoformat(after.published_at)) if after else ""
    moments = [before, *(iso(row[1]) for row in shown)]
    entries = [
        Remembered(present.get(row[0]) or gone(row[0]), at, previous)
        for row, at, previous in zip(shown, moments[1:], moments, strict=False)
    ]
    return RememberedPage(entries, _cursor(shown[-1]) if len(rows) > limit else None)


def gone(listing_id: int) -> ListingCard:
    """The card of a listing that is deleted: nothing of it is left to show."""
    return ListingCard(id=listing_id, title="这件宝贝已被删除", status=ListingStatus.DELETED.value)


def _cursor(row: sa.Row[int, datetime]) -> Cursor:
    return Cursor(row[1].isoformat(timespec="microseconds"), row[0])
