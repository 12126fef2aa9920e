"""Listings as they are read: feeds, cards, and everything about one."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Listing, ListingStatus, User, Video
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import Cursor, ListingCard, ListingDetail, ListingPage, PhotoView, TagLink
from xianyu.schemas.times import iso
from xianyu.services import listing_screening, names, tags, videos
from xianyu.services import photos as pictures
from xianyu.services.categories import category_name, find
from xianyu.services.conditions import condition_name
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN, ListingNotFound
from xianyu.services.listing_form import format_price
from xianyu.services.text import clean_line, has_control_characters

PAGE_SIZE = 24
# Characters of what is looked for among one's own titles.
LONGEST_WORDS = 60

# Deleted listings are shown to nobody, held ones to their seller.
VISIBLE = (ListingStatus.ACTIVE, ListingStatus.TAKEN_DOWN, ListingStatus.SOLD_OUT)

# With these, whoever has the address sees it.
_REACHABLE = (*VISIBLE, ListingStatus.SUSPENDED)

_CARD = sa.select(
    col(Listing.id),
    col(Listing.title),
    col(Listing.price_fen),
    col(Listing.quantity),
    col(Listing.status),
    col(Listing.cover),
    col(Listing.published_at),
    col(Listing.seller_id),
    col(Listing.kind),
    col(Listing.condition),
    sa.exists().where(col(Video.listing_id) == col(Listing.id)).label("has_video"),
    *names.COLUMNS,
).join(User, col(User.id) == col(Listing.seller_id))
_NEWEST_FIRST = (col(Listing.published_at).desc(), col(Listing.id).desc())


def _card(row: sa.Row[Any]) -> ListingCard:
    seller = names.called(row)
    return ListingCard(
        id=row.id,
        url=routes.listing(row.id),
        title=row.title,
        price=format_price(row.price_fen),
        quantity=row.quantity,
        status=row.status,
        cover_url=routes.media(thumb_name(row.cover)) if row.cover else "",
        seller_id=row.seller_id,
        seller_name=seller.text,
        seller_avatar_url=seller.avatar_url,
        published_at=iso(row.published_at),
        kind=row.kind,
        condition=condition_name(row.condition),
        has_video=bool(row.has_video),
    )


def _cursor(row: sa.Row[Any]) -> Cursor:
    return Cursor(row.published_at.isoformat(timespec="microseconds"), row.id)


def _after(cursor: Cursor) -> list[sa.ColumnElement[bool]]:
    """What comes after a place. The plain bound lets every planner seek in the index; an OR alone does not."""
    moment = datetime.fromisoformat(cursor.published_at)
    return [
        col(Listing.published_at) <= moment,
        sa.or_(col(Listing.published_at) < moment, col(Listing.id) < cursor.listing_id),
    ]


def _page(
    session: Session, conditions: Sequence[sa.ColumnElement[bool]], after: Cursor | None, limit: int, index: str = ""
) -> ListingPage:
    keyset = _after(after) if after else []
    # One more than is shown tells whether there are more.
    statement = _CARD.where(*conditions, *keyset).order_by(*_NEWEST_FIRST).limit(limit + 1)
    if index:
        # MariaDB takes the status for the better key and walks down from the newest to the cursor.
        for dialect in ("mysql", "mariadb"):
            statement = statement.with_hint(Listing, f"FORCE INDEX ({index})", dialect)
    rows = session.execute(statement).all()
    shown = rows[:limit]
    return ListingPage(
        cards=[_card(row) for row in shown],
        cursor=_cursor(shown[-1]) if len(rows) > limit else None,
        top=_cursor(shown[0]) if shown else None,
    )


def _on_offer(category: str) -> list[sa.ColumnElement[bool]]:
    """Conditions for one category, for a group with all that is inside it, or for all."""
    on_offer = col(Listing.status) == ListingStatus.ACTIVE
    if not category:
        return [on_offer]
    column = Listing.category_group if _is_group(category) else Listing.category
    return [col(column) == category, on_offer]


def _is_group(category: str) -> bool:
    found = find(category)
    return found is not None and bool(found.children)


def feed(
    session: Session,
    _actor: Actor | None,
    category: str = "",
    after: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> ListingPage:
    """What is on offer, newest first; all of it, one category's, or a group's with all that is inside it."""
    return _page(session, _on_offer(category), after, limit, _feed_index(category))


def _feed_index(category: str) -> str:
    if not category:
        return "ix_listing_feed"
    return "ix_listing_group_feed" if _is_group(category) else "ix_listing_category_feed"


def has_newer(session: Session, _actor: Actor | None, than: Cursor | None, category: str = "") -> bool:
    """Whether the feed has something above a page's ``top``; above an empty page, anything at all."""
    conditions = _on_offer(category)
    if than is not None:
        moment = datetime.fromisoformat(than.published_at)
        conditions += [
            col(Listing.published_at) >= moment,
            sa.or_(col(Listing.published_at) > moment, col(Listing.id) > than.listing_id),
        ]
    return session.exec(select(Listing.id).where(*conditions).limit(1)).first() is not None


def cards(session: Session, actor: Actor | None, ids: Sequence[int]) -> list[ListingCard]:
    """The present state of listings that a page shows, in the order of ``ids``.

    Whatever became of them is told, except that deleted and held ones are missing for all but their seller.
    """
    wanted = [listing_id for listing_id in ids if is_id(listing_id)]
    if not wanted:
        return []
    there: sa.ColumnElement[bool] = col(Listing.status).not_in(HIDDEN)
    if actor is not None:
        there = sa.or_(there, col(Listing.seller_id) == actor.user_id)
    found = {row.id: _card(row) for row in session.execute(_CARD.where(col(Listing.id).in_(wanted), there))}
    return [found[listing_id] for listing_id in wanted if listing_id in found]


def by_seller(
    session: Session,
    actor: Actor | None,
    seller_id: int,
    statuses: Collection[str] = (ListingStatus.ACTIVE,),
    after: Cursor | None = None,
    limit: int = PAGE_SIZE,
) -> ListingPage:
    """One person's listings, newest first. Of other statuses than on offer only they themselves see any."""
    is_own = actor is not None and actor.user_id == seller_id
    allowed = (*VISIBLE, ListingStatus.HELD) if is_own else (ListingStatus.ACTIVE,)
    shown = [status for status in allowed if status in statuses]
    if not shown or not is_id(seller_id):
        return ListingPage([], None)
    return _page(session, [col(Listing.seller_id) == seller_id, col(Listing.status).in_(shown)], after, limit)


def counts_by_status(session: Session, actor: Actor) -> dict[str, int]:
    """How many listings the actor has of each status that is not deleted, zeros included.

    Those that are held are counted among what is taken down, where ``mine`` has them.
    """
    rows = session.execute(
        sa.select(col(Listing.status), sa.func.count())
        .where(col(Listing.seller_id) == actor.user_id, col(Listing.status).in_((*VISIBLE, ListingStatus.HELD)))
        .group_by(col(Listing.status))
    )
    counts = {str(status): 0 for status in VISIBLE} | dict(rows.all())
    counts[ListingStatus.TAKEN_DOWN] += counts.pop(ListingStatus.HELD, 0)
    return counts


def detail(session: Session, actor: Actor | None, listing_id: int) -> ListingDetail:
    """Everything about one listing. What is taken down or sold stays visible to those with its address.

    Raises:
        ListingNotFound: if it does not exist, is deleted, or is held and somebody else's.
    """
    if not is_id(listing_id):
        raise ListingNotFound
    row = session.exec(
        select(Listing, User)
        .join(User, col(User.id) == col(Listing.seller_id))
        .where(Listing.id == listing_id, Listing.status != ListingStatus.DELETED)
    ).first()
    if row is None:
        raise ListingNotFound
    listing, seller = row[0], names.called(row[1])
    is_mine, is_held = actor is not None and actor.user_id == listing.seller_id, listing.status == ListingStatus.HELD
    if is_held and not is_mine:
        raise ListingNotFound
    is_rejected = is_held and bool(listing_screening.rejected(session, [listing_id]))
    return ListingDetail(
        id=listing_id,
        title=listing.title,
        description=listing.description,
        price=format_price(listing.price_fen),
        quantity=listing.quantity,
        category=listing.category,
        category_name=category_name(listing.category),
        status=listing_screening.REJECTED if is_rejected else listing.status,
        published_at=iso(listing.published_at),
        seller_id=listing.seller_id,
        seller_name=seller.text,
        seller_avatar_url=seller.avatar_url,
        is_mine=is_mine,
        held=listing_screening.sentence(session, listing_id) if is_held else "",
        kind=listing.kind,
        condition=condition_name(listing.condition),
        original_price=format_price(listing.original_price_fen) if listing.original_price_fen else "",
        is_negotiable=listing.is_negotiable,
        place=listing.place,
        tags=[TagLink(name, routes.search({"tag": name})) for name in tags.of(session, listing_id)],
        video=videos.part_of(session, listing_id),
    )


def photos(session: Session, listing_id: int) -> list[PhotoView]:
    """A listing's pictures in order, the cover first; none of one that is deleted or held."""
    if not is_id(listing_id):
        return []
    there = sa.select(col(Listing.id)).where(col(Listing.id) == listing_id, col(Listing.status).in_(_REACHABLE))
    if session.execute(there).first() is None:
        return []
    return pictures.part_of(session, pictures.LISTING, listing_id)


def with_photos(session: Session, actor: Actor | None, listing_id: int) -> tuple[ListingDetail, list[PhotoView]]:
    """What a listing's page shows. Raises ``ListingNotFound``."""
    return detail(session, actor, listing_id), pictures.part_of(session, pictures.LISTING, listing_id)


def mine(
    session: Session, actor: Actor, status: str, words: str = "", after: Cursor | None = None, limit: int = PAGE_SIZE
) -> ListingPage:
    """The actor's listings of one status, newest first; with ``words``, those whose title holds them.

    Those that are held stand among what is taken down, with ``HELD`` or ``listing_screening.REJECTED`` as their status.
    """
    if status not in VISIBLE or has_control_characters(words):
        return ListingPage([], None)
    statuses = (status, ListingStatus.HELD) if status == ListingStatus.TAKEN_DOWN else (status,)
    conditions = [col(Listing.seller_id) == actor.user_id, col(Listing.status).in_(statuses)]
    sought = clean_line(words[:LONGEST_WORDS]).lower()
    if sought:
        conditions.append(sa.func.lower(col(Listing.title)).contains(sought, autoescape=True))
    page = _page(session, conditions, after, limit)
    held = listing_screening.rejected(session, [card.id for card in page.cards if card.status == ListingStatus.HELD])
    cards = [replace(card, status=listing_screening.REJECTED) if card.id in held else card for card in page.cards]
    return replace(page, cards=cards)


def seller_of(session: Session, listing_id: int) -> int:
    """Whose listing that is or was, or 0; for the server's own use."""
    return session.exec(select(Listing.seller_id).where(Listing.id == listing_id)).first() or 0
