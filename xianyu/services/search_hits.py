"""What a search found, as cards of every section."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import Session

from xianyu.models import Section
from xianyu.schemas.accounts import Actor
from xianyu.schemas.listings import ListingCard
from xianyu.schemas.search import SearchHit
from xianyu.schemas.sections import ActivityCard, AnnouncementCard
from xianyu.services import activity_pages, announcements, listing_pages, local_time, search_rank
from xianyu.services.search_sql import Found
from xianyu.services.search_text import TextQuery


def hits(session: Session, actor: Actor | None, found: Sequence[Found], query: TextQuery) -> list[SearchHit]:
    """The things that were found, in the same order, with what the query is after marked in their titles."""
    cards: dict[tuple[str, int], ListingCard | ActivityCard | AnnouncementCard] = {}
    for section, load in (
        (Section.TRADE, listing_pages.cards),
        (Section.ACTIVITY, activity_pages.cards),
        (Section.ANNOUNCEMENT, announcements.cards),
    ):
        ids = [each.ref_id for each in found if each.section == section]
        loaded: Iterable[ListingCard | ActivityCard | AnnouncementCard] = load(session, actor, ids) if ids else ()
        cards |= {(section.value, card.id): card for card in loaded}
    keys = [(each.section, each.ref_id) for each in found]
    return [_hit(key[0], cards[key], query) for key in keys if key in cards]


def _hit(section: str, card: ListingCard | ActivityCard | AnnouncementCard, query: TextQuery) -> SearchHit:
    return SearchHit(
        section=section,
        id=card.id,
        url=card.url,
        title=card.title,
        parts=search_rank.parts(card.title, query),
        cover_url=card.cover_url,
        line=_line(card),
        card=card if isinstance(card, ListingCard) else ListingCard(),
    )


def _line(card: ListingCard | ActivityCard | AnnouncementCard) -> str:
    if isinstance(card, ActivityCard):
        return f"{card.when} · {card.place}"
    if isinstance(card, AnnouncementCard):
        month, day = local_time.month_and_day(datetime.fromisoformat(card.published_at))
        return f"{month}{day}日"
    return ""
