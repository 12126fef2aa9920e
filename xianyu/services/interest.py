"""What people do with listings that are not theirs: save, look at and want them; and the counts of that.

A count stands on the listing's row and its rows in tables of their own. Whoever changes both locks
the listing first, so that everyone else's change comes wholly before or wholly after.
"""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Favorite, Listing, ListingKind, ListingStatus, ListingView, ListingWant, Notice, NoticeKind
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import FavoritesChanged, ListingCounted, LiveEvent
from xianyu.schemas.interest import ListingCounts, Standing
from xianyu.services import messages, notices
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN, ListingNotFound
from xianyu.services.listing_form import format_price


class FavoriteOwnListing(DomainError):
    """Somebody pressed 收藏 on what they sell."""

    def __init__(self) -> None:
        super().__init__("这是你自己发布的宝贝，不用收藏")


def favorite(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Save a listing (收藏). What is saved already stays so; its seller hears of each person once.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
        FavoriteOwnListing: if the actor sells it.
    """
    listing = _locked(session, listing_id)
    if listing.seller_id == actor.user_id:
        raise FavoriteOwnListing
    if _has(session, Favorite, actor.user_id, listing_id):
        return []
    session.execute(sa.insert(Favorite).values(user_id=actor.user_id, listing_id=listing_id, created_at=utc_now()))
    _count(session, listing_id, favorite_count=1)
    told = notices.add_once(
        session, listing.seller_id, NoticeKind.FAVORITED, actor.user_id, listing_id, subject=listing.title
    )
    return [ListingCounted(listing_id), FavoritesChanged(actor.user_id), *told]


def unfavorite(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Save it no longer. What became of the listing does not matter, nor that it was not saved.

    Raises:
        ListingNotFound: if there never was such a listing.
    """
    _locked(session, listing_id, deleted_too=True)
    removed = session.execute(
        sa.delete(Favorite).where(col(Favorite.user_id) == actor.user_id, col(Favorite.listing_id) == listing_id)
    )
    if getattr(removed, "rowcount", 0) != 1:
        return []
    _count(session, listing_id, favorite_count=-1)
    return [ListingCounted(listing_id), FavoritesChanged(actor.user_id)]


def look(session: Session, actor: Actor | None, listing_id: int, is_counted: bool) -> list[LiveEvent]:
    """Somebody looks at a listing's page. A neighbour counts once and finds it again in 足迹; its seller never counts.

    Args:
        session: The unit of work.
        actor: Who looks, if anybody known does.
        listing_id: The listing.
        is_counted: Whether this tab was counted for the listing already: before its person logged in, or
            as a visitor, of whom nothing else is known.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
    """
    if actor is not None and _look_again(session, actor.user_id, listing_id):
        return []
    listing = _locked(session, listing_id)
    if actor is not None:
        # The same person's other tab may have been a moment ahead.
        if listing.seller_id == actor.user_id or _look_again(session, actor.user_id, listing_id):
            return []
        session.execute(
            sa.insert(ListingView).values(
                user_id=actor.user_id, listing_id=listing_id, is_hidden=False, viewed_at=utc_now()
            )
        )
    if is_counted:
        return []
    _count(session, listing_id, view_count=1)
    return [ListingCounted(listing_id)]


def _look_again(session: Session, user_id: int, listing_id: int) -> bool:
    """Whether they had looked before; if so, the listing is on top of what they looked at, erased or not."""
    if not is_id(listing_id):
        return False
    seen = session.execute(
        sa.update(ListingView)
        .where(col(ListingView.user_id) == user_id, col(ListingView.listing_id) == listing_id)
        .values(is_hidden=False, viewed_at=utc_now())
    )
    return getattr(seen, "rowcount", 0) == 1


def want(session: Session, actor: Actor, listing_id: int) -> tuple[int, list[LiveEvent]]:
    """Press 想要: open the conversation with the seller, count the person once, and tell the seller once.

    Returns:
        The seller's id, and what happened.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
        WantOwnListing: if the actor sells it.
    """
    listing = _locked(session, listing_id)
    seller_id = messages.want(session, actor, listing_id)
    if _has(session, ListingWant, actor.user_id, listing_id):
        return seller_id, []
    session.execute(sa.insert(ListingWant).values(user_id=actor.user_id, listing_id=listing_id, created_at=utc_now()))
    _count(session, listing_id, want_count=1)
    told = notices.add(
        session,
        [seller_id],
        NoticeKind.WANTED,
        actor_id=actor.user_id,
        listing_id=listing_id,
        subject=listing.title,
    )
    return seller_id, [ListingCounted(listing_id), *told]


def _locked(session: Session, listing_id: int, *, deleted_too: bool = False) -> sa.Row[Any]:
    """The listing's row, locked to the end of the transaction. SQLite has one writer and needs no lock."""
    statement = sa.select(col(Listing.seller_id), col(Listing.title), col(Listing.status)).where(
        col(Listing.id) == listing_id
    )
    row = session.execute(statement.with_for_update(key_share=True)).first() if is_id(listing_id) else None
    if row is None or (row.status in HIDDEN and not deleted_too):
        raise ListingNotFound
    return row


def _has(session: Session, table: type[Favorite | ListingWant], user_id: int, listing_id: int) -> bool:
    found = sa.select(col(table.user_id)).where(col(table.user_id) == user_id, col(table.listing_id) == listing_id)
    return session.execute(found).first() is not None


def _count(session: Session, listing_id: int, **steps: int) -> None:
    columns = {name: getattr(Listing, name) + step for name, step in steps.items()}
    session.execute(sa.update(Listing).where(col(Listing.id) == listing_id).values(**columns))


def standing(session: Session, listing_id: int, user_ids: Iterable[int] = ()) -> Standing:
    """A listing's counts and who of these people saved it, for the server itself to show in their tabs."""
    if not is_id(listing_id):
        return Standing()
    row = session.execute(
        sa.select(col(Listing.want_count), col(Listing.favorite_count), col(Listing.view_count)).where(
            col(Listing.id) == listing_id, col(Listing.status).not_in(HIDDEN)
        )
    ).first()
    if row is None:
        return Standing()
    saved = sa.select(col(Favorite.user_id)).where(
        col(Favorite.listing_id) == listing_id, col(Favorite.user_id).in_(set(user_ids) - {0})
    )
    return Standing(ListingCounts(*row), frozenset(session.execute(saved).scalars()))


def standing_for(session: Session, actor: Actor | None, listing_id: int) -> Standing:
    """A listing's counts, and whether the actor saved it."""
    return standing(session, listing_id, [] if actor is None else [actor.user_id])


def forget_person(session: Session, user_id: int) -> list[LiveEvent]:
    """Undo what somebody did whose account is erased: nothing counts them any more."""
    counted = ((Favorite, "favorite_count"), (ListingView, "view_count"), (ListingWant, "want_count"))
    touched: set[int] = set()
    for table, count in counted:
        own = col(table.user_id) == user_id
        ids = sorted(session.execute(sa.select(col(table.listing_id)).where(own)).scalars())
        if not ids:
            continue
        column = col(getattr(Listing, count))
        session.execute(sa.update(Listing).where(col(Listing.id).in_(ids), column > 0).values({column: column - 1}))
        session.execute(sa.delete(table).where(own, col(table.listing_id).in_(ids)))
        touched.update(ids)
    return [ListingCounted(listing_id) for listing_id in sorted(touched)]


def price_dropped(session: Session, listing_id: int, old_fen: int, new_fen: int) -> list[LiveEvent]:
    """Tell everyone who saved a listing that it costs less now.

    Nobody is told of a price that rose or stayed, of what is not on offer, or of a lower budget.
    Whoever has not yet seen an earlier drop of the same listing is told of this one in its place.

    Args:
        session: The unit of work that changed the price.
        listing_id: The listing, as it is now.
        old_fen: What it cost, in fen.
        new_fen: What it costs, in fen.
    """
    if new_fen >= old_fen:
        return []
    listing = session.execute(
        sa.select(col(Listing.title), col(Listing.seller_id)).where(
            col(Listing.id) == listing_id,
            col(Listing.status) == ListingStatus.ACTIVE,
            col(Listing.kind) == ListingKind.OFFER,
        )
    ).first()
    if listing is None:
        return []
    waiting = sa.select(col(Favorite.user_id)).where(col(Favorite.listing_id) == listing_id)
    session.execute(
        sa.delete(Notice).where(
            col(Notice.listing_id) == listing_id,
            col(Notice.kind) == NoticeKind.PRICE_DROPPED,
            col(Notice.is_read).is_(False),
            col(Notice.user_id).in_(waiting),
        )
    )
    told = notices.add(
        session,
        session.execute(waiting).scalars().all(),
        NoticeKind.PRICE_DROPPED,
        actor_id=listing.seller_id,
        listing_id=listing_id,
        subject=listing.title,
        detail=f"{_amount(old_fen)} → {_amount(new_fen)}",
    )
    return [*told]


def _amount(fen: int) -> str:
    return f"¥{format_price(fen)}" if fen else "免费送"
