"""The pieces of a listing: free, reserved by unfinished orders, and sold.

Each move is one conditional update, so that of any number at the same moment only as many pass as there
are pieces. Where the last free piece goes the listing is sold out; where one comes back it is on offer
again. A listing that its seller took down stays so.
"""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Listing, ListingKind, ListingStatus, Section
from xianyu.models.types import utc_now
from xianyu.schemas.events import ListingChanged, LiveEvent
from xianyu.services import search_index

_QUANTITY, _RESERVED, _SOLD = col(Listing.quantity), col(Listing.reserved), col(Listing.sold)


def reserve(session: Session, listing_id: int, quantity: int) -> bool:
    """Take free pieces of a listing that is on offer. Says whether there were enough."""
    status = sa.case((_QUANTITY - quantity == 0, ListingStatus.SOLD_OUT.value), else_=col(Listing.status))
    return _move(
        session,
        listing_id,
        [quantity <= _QUANTITY, col(Listing.status) == ListingStatus.ACTIVE, col(Listing.kind) == ListingKind.OFFER],
        status,
        [(_QUANTITY, _QUANTITY - quantity), (_RESERVED, _RESERVED + quantity)],
    )


def give_back(session: Session, listing_id: int, quantity: int) -> bool:
    """Make reserved pieces free again."""
    status = sa.case(
        (col(Listing.status) == ListingStatus.SOLD_OUT, ListingStatus.ACTIVE.value), else_=col(Listing.status)
    )
    return _move(
        session,
        listing_id,
        [quantity <= _RESERVED],
        status,
        [(_QUANTITY, _QUANTITY + quantity), (_RESERVED, _RESERVED - quantity)],
    )


def sell(session: Session, listing_id: int, quantity: int) -> bool:
    """Make reserved pieces sold ones."""
    return _move(
        session,
        listing_id,
        [quantity <= _RESERVED],
        col(Listing.status),
        [(_RESERVED, _RESERVED - quantity), (_SOLD, _SOLD + quantity)],
    )


def _move(session: Session, listing_id: int, conditions: list[Any], status: Any, values: list[Any]) -> bool:
    # MySQL and MariaDB assign from left to right and read what they have assigned: the status first.
    statement = (
        sa.update(Listing)
        .where(col(Listing.id) == listing_id, *conditions)
        .ordered_values(
            (col(Listing.status), status),
            *values,
            # A form that began before does not know of it.
            (col(Listing.version), col(Listing.version) + 1),
            (col(Listing.updated_at), utc_now()),
        )
        .execution_options(synchronize_session=False)
    )
    return getattr(session.execute(statement), "rowcount", 0) == 1


def told(session: Session, listing_id: int, *, index: bool) -> list[LiveEvent]:
    """What a move brings about: open pages, and where it may have come or gone, the search index."""
    if index:
        search_index.refresh(session, Section.TRADE, listing_id)
    return [ListingChanged(listing_id)]
