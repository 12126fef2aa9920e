"""Which of the searches that people have open find what has just been published."""

from collections.abc import Iterable

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import SearchDocument, Section
from xianyu.services.search_address import string_to_query
from xianyu.services.search_text import matches


def found_by(session: Session, listing_ids: Iterable[int], searches: Iterable[str]) -> dict[str, set[int]]:
    """The listings that each search finds in full; searches that find none are left out.

    The listings are read once, and no search is run: many may be open.

    Args:
        session: The unit of work.
        listing_ids: Listings; those that cannot be found any more are found by nothing.
        searches: Query strings, as ``search_address.query_string`` makes them.
    """
    rows = session.execute(
        sa.select(col(SearchDocument.ref_id), col(SearchDocument.text), col(SearchDocument.price_fen)).where(
            col(SearchDocument.section) == Section.TRADE, col(SearchDocument.ref_id).in_(list(listing_ids))
        )
    ).all()
    found = {
        text: {row.ref_id for row in rows if matches(string_to_query(text), row.text, row.price_fen)}
        for text in searches
    }
    return {text: ids for text, ids in found.items() if ids}
