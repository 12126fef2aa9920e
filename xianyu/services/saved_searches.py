"""Searches that people keep, to hear of whatever is new and fits."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.models import Listing, Notice, NoticeKind, SavedSearch, SearchDocument, Section, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent
from xianyu.schemas.search import SavedSearchView, SearchQuery, Sort
from xianyu.schemas.times import iso
from xianyu.services import notices
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.plain_query import described
from xianyu.services.search_address import clean_words, query_string, query_to_address, string_to_query
from xianyu.services.search_text import matches
from xianyu.services.search_words import fold

MOST = 20
NAME_LENGTH = 60
_QUERY_LENGTH = 1000


class SearchNotSaved(DomainError):
    """The search cannot be kept."""


class SavedSearchNotFound(DomainError):
    """There is no such saved search of the actor's."""

    def __init__(self) -> None:
        super().__init__("这个保存的搜索不存在或已被删除")


def save(session: Session, actor: Actor, name: object, query: SearchQuery) -> SavedSearchView:
    """Keep a search.

    Args:
        session: The unit of work.
        actor: Who wants to hear of what matches.
        name: What to call it, up to 60 characters; without one it is called after what it looks for.
        query: A checked search; its words are words and no sentence. The order of results is of no matter.

    Raises:
        SearchNotSaved: if nothing is looked for, the actor keeps that search or twenty others already,
            or it looks among activities or announcements.
    """
    query = replace(query, sort=Sort.NEWEST.value)
    text = query_string(query)
    if replace(query, section="") == SearchQuery():
        raise SearchNotSaved("先输入要找的内容或选择条件，再保存搜索")
    if query.section not in {"", Section.TRADE}:
        raise SearchNotSaved("只有闲置的搜索可以保存")
    if len(text) > _QUERY_LENGTH:
        raise SearchNotSaved("搜索内容太长了，删掉一些再保存")
    # The person's row is locked, so that two tabs together save no more than one may.
    session.execute(sa.select(col(User.id)).where(col(User.id) == actor.user_id).with_for_update())
    kept = session.exec(select(SavedSearch.query_hash).where(SavedSearch.user_id == actor.user_id)).all()
    if _hash(query) in kept:
        raise SearchNotSaved("这个搜索已经保存过了")
    if len(kept) >= MOST:
        raise SearchNotSaved(f"最多保存 {MOST} 个搜索，先删掉一些吧")
    saved = SavedSearch(
        user_id=actor.user_id,
        name=_name(name) or clean_words(described(query), NAME_LENGTH),
        query=text,
        query_hash=_hash(query),
        category=query.category,
        min_fen=query.min_fen,
        max_fen=query.max_fen,
    )
    session.add(saved)
    session.flush()
    return _view(saved)


def _name(name: object) -> str:
    cleaned = clean_words(name, NAME_LENGTH + 1)
    if len(cleaned) > NAME_LENGTH:
        raise SearchNotSaved(f"名称不能超过 {NAME_LENGTH} 个字", "name")
    return cleaned


def _hash(query: SearchQuery) -> str:
    """The same for two searches that find the same, however they are spelled."""
    words = " ".join(fold(query.words).split())
    return hashlib.sha256(
        query_string(replace(query, words=words, tag=fold(query.tag), section="")).encode()
    ).hexdigest()


def _view(saved: SavedSearch) -> SavedSearchView:
    query = string_to_query(saved.query)
    address = query_to_address(query, is_literal=bool(query.words))
    return SavedSearchView(
        id=saved.id or 0,
        name=saved.name,
        summary=described(query),
        url=routes.search(address),
        created_at=iso(saved.created_at),
    )


def mine(session: Session, actor: Actor) -> list[SavedSearchView]:
    """The searches that the actor keeps, the latest first."""
    rows = session.exec(
        select(SavedSearch).where(SavedSearch.user_id == actor.user_id).order_by(col(SavedSearch.id).desc())
    )
    return [_view(row) for row in rows]


def is_saved(session: Session, actor: Actor, query: SearchQuery) -> bool:
    """Whether the actor keeps that search already, in whatever order of results."""
    found = select(SavedSearch.id).where(
        SavedSearch.user_id == actor.user_id,
        SavedSearch.query_hash == _hash(replace(query, sort=Sort.NEWEST.value)),
    )
    return session.exec(found).first() is not None


def rename(session: Session, actor: Actor, saved_id: object, name: object) -> SavedSearchView:
    """Call a search something else.

    Raises:
        SavedSearchNotFound: if there is no such search of the actor's.
        SearchNotSaved: if the name is empty or too long.
    """
    saved = _own(session, actor, saved_id)
    cleaned = _name(name)
    if not cleaned:
        raise SearchNotSaved("请填写名称", "name")
    saved.name = cleaned
    session.add(saved)
    session.flush()
    return _view(saved)


def delete(session: Session, actor: Actor, saved_id: object) -> None:
    """Keep it no longer. Raises ``SavedSearchNotFound`` if there is no such search of the actor's."""
    session.delete(_own(session, actor, saved_id))


def _own(session: Session, actor: Actor, saved_id: object) -> SavedSearch:
    saved = session.get(SavedSearch, saved_id) if is_id(saved_id) else None
    if saved is None or saved.user_id != actor.user_id:
        raise SavedSearchNotFound
    return saved


def notify_matches(session: Session, listing_id: int) -> list[LiveEvent]:
    """Tell those whose saved searches find a listing that it is there. Call it after the index's refresh.

    Nobody hears of a listing twice, or of their own. One that cannot be found tells nobody.

    Returns:
        Events for whoever was told, to be announced after the commit.
    """
    listing = session.execute(
        sa.select(
            col(Listing.id),
            col(Listing.seller_id),
            col(Listing.title),
            col(Listing.category),
            col(Listing.category_group),
            col(Listing.price_fen),
            col(SearchDocument.text),
        )
        .join(SearchDocument, col(SearchDocument.ref_id) == col(Listing.id))
        .where(col(SearchDocument.section) == Section.TRADE, col(Listing.id) == listing_id)
    ).first()
    if listing is None:
        return []
    # Each person by the name of the first search of theirs that matches.
    named: dict[str, list[int]] = {}
    told: set[int] = set()
    for user_id, name in _matching(session.execute(_candidates(listing)), listing):
        if user_id not in told:
            told.add(user_id)
            named.setdefault(name, []).append(user_id)
    events: list[LiveEvent] = []
    for name, user_ids in named.items():
        events += notices.add(
            session,
            user_ids,
            NoticeKind.SEARCH_MATCHED,
            listing_id=listing_id,
            subject=listing.title,
            detail=name,
        )
    return events


def _candidates(listing: sa.Row[Any]) -> sa.Select[int, str, str]:
    """The searches of others that category and price do not rule out, of people who have not heard of it."""
    least, most = col(SavedSearch.min_fen), col(SavedSearch.max_fen)
    heard = sa.exists().where(
        col(Notice.listing_id) == listing.id,
        col(Notice.user_id) == col(SavedSearch.user_id),
        col(Notice.kind) == NoticeKind.SEARCH_MATCHED,
    )
    return (
        sa.select(col(SavedSearch.user_id), col(SavedSearch.name), col(SavedSearch.query))
        .where(
            col(SavedSearch.category).in_(("", listing.category, listing.category_group)),
            sa.or_(least.is_(None), least <= listing.price_fen),
            sa.or_(most.is_(None), most >= listing.price_fen),
            col(SavedSearch.user_id) != listing.seller_id,
            ~heard,
        )
        .order_by(col(SavedSearch.id))
    )


def _matching(rows: Iterable[Any], listing: sa.Row[Any]) -> Iterable[tuple[int, str]]:
    # Many people look for the same: each search is matched once.
    known: dict[str, bool] = {}
    for user_id, name, query in rows:
        if query not in known:
            known[query] = matches(string_to_query(query), listing.text, listing.price_fen)
        if known[query]:
            yield user_id, name
