"""People as operators see them: found by name, address or number, with what there is to know before one decides."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu import routes
from xianyu.models import AuthSession, Listing, ListingStatus, Order, Report, Role, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.times import iso
from xianyu.schemas.user_admin import UserDetail, UserLine, UserPage, UserThing
from xianyu.services import ban_terms, names, report_queue, report_targets
from xianyu.services.accounts import PersonNotFound, fold_email, fold_username, require_operator
from xianyu.services.ids import is_id
from xianyu.services.report_decisions import OUTCOMES
from xianyu.services.reports import REASONS
from xianyu.services.text import clean_line, has_control_characters

PAGE_SIZE = 30
LONGEST_WORDS = 60
# Whoever came within that time is new.
NEW = timedelta(days=7)
FILTERS: dict[str, str] = {"all": "全部", "banned": "已停用", "operators": "管理员", "new": "新来的"}
# How many of a person's things are listed.
_MOST_THINGS = 10
_STATUSES: dict[str, str] = {
    ListingStatus.ACTIVE.value: "在售",
    ListingStatus.SOLD_OUT.value: "已售出",
    ListingStatus.TAKEN_DOWN.value: "已下架",
    ListingStatus.DELETED.value: "已删除",
    ListingStatus.HELD.value: "待审核",
    ListingStatus.SUSPENDED.value: "随账号停用",
}
_DIGITS = 15


def search(
    session: Session, actor: Actor, words: str = "", which: str = "all", after: int = 0, limit: int = PAGE_SIZE
) -> UserPage:
    """People, the newest first.

    Args:
        session: The unit of work.
        actor: Who looks.
        words: Part of a name, username or address, or a number; empty for everybody.
        which: One of ``FILTERS``.
        after: The number of the last one of the page before, or 0.
        limit: How many.

    Raises:
        OperatorsOnly: if the actor is none.
    """
    require_operator(session, actor)
    wanted = [*_filter(which), *_sought(words)]
    if is_id(after):
        wanted.append(col(User.id) < after)
    # One more than is shown tells whether there are more.
    found = session.exec(select(User).where(*wanted).order_by(col(User.id).desc()).limit(limit + 1)).all()
    lines = _lines(session, found[:limit])
    return UserPage(lines, lines[-1].id if lines else 0, has_more=len(found) > limit)


def _filter(which: str) -> list[sa.ColumnElement[bool]]:
    here = col(User.closed_at).is_(None)
    if which == "banned":
        return [here, ban_terms.holds()]
    if which == "operators":
        return [here, col(User.role) == Role.OPERATOR]
    return [here, col(User.created_at) > utc_now() - NEW] if which == "new" else []


def _sought(words: str) -> list[sa.ColumnElement[bool]]:
    words = clean_line(words[:LONGEST_WORDS]) if isinstance(words, str) else ""
    if not words:
        return []
    if has_control_characters(words):
        return [sa.false()]
    parts = [
        col(User.username_key).contains(fold_username(words), autoescape=True),
        col(User.email_key).contains(fold_email(words), autoescape=True),
        sa.func.lower(col(User.display_name)).contains(words.lower(), autoescape=True),
    ]
    if words.isascii() and words.isdigit() and len(words) <= _DIGITS:
        parts.append(col(User.id) == int(words))
    return [sa.or_(*parts)]


def _lines(session: Session, people: Sequence[User]) -> list[UserLine]:
    ids = {int(person.id or 0) for person in people}
    there = col(Listing.status) != ListingStatus.DELETED
    listings = _counted(session, col(Listing.seller_id), ids, there)
    bought, sold = (_counted(session, side, ids) for side in (col(Order.buyer_id), col(Order.seller_id)))
    upheld, seen = report_queue.upheld_counts(session, ids), _seen(session, ids)
    return [
        UserLine(
            id=person_id,
            url=routes.user_admin(person_id),
            name=names.called(person).text,
            username=person.username,
            avatar_url=names.called(person).avatar_url,
            email="" if person.closed_at else person.email,
            is_operator=person.role == Role.OPERATOR,
            is_closed=person.closed_at is not None,
            ban=_ban(person),
            joined_at=iso(person.created_at),
            seen_at=_latest(person.seen_at, seen.get(person_id)),
            listings=listings.get(person_id, 0),
            orders=bought.get(person_id, 0) + sold.get(person_id, 0),
            upheld=upheld.get(person_id, 0),
        )
        for person in people
        for person_id in [int(person.id or 0)]
    ]


def _ban(person: User) -> str:
    until = person.banned_until
    return ban_terms.term_in_words(until) if until is not None and ban_terms.is_banned(until) else ""


def _counted(session: Session, whose: Any, ids: set[int], *conditions: sa.ColumnElement[bool]) -> dict[int, int]:
    rows = session.execute(sa.select(whose, sa.func.count()).where(whose.in_(ids), *conditions).group_by(whose))
    return {row[0]: int(row[1]) for row in rows} if ids else {}


def _seen(session: Session, ids: set[int]) -> dict[int, datetime]:
    """When each one's browsers were last here; a browser that logged out is forgotten."""
    last = sa.select(col(AuthSession.user_id), sa.func.max(col(AuthSession.seen_at)))
    rows = session.execute(last.where(col(AuthSession.user_id).in_(ids)).group_by(col(AuthSession.user_id)))
    return {row[0]: row[1] for row in rows} if ids else {}


def _latest(*moments: datetime | None) -> str:
    known = [moment for moment in moments if moment is not None]
    return iso(max(known)) if known else ""


def detail(session: Session, actor: Actor, user_id: int) -> UserDetail:
    """One person.

    Raises:
        OperatorsOnly: if the actor is none.
        PersonNotFound: if there never was such a person.
    """
    require_operator(session, actor)
    person = session.get(User, user_id) if is_id(user_id) else None
    if person is None:
        raise PersonNotFound
    [line] = _lines(session, [person])
    now = utc_now()
    logins = (col(AuthSession.user_id) == user_id, col(AuthSession.expires_at) > now)
    return UserDetail(
        line=line,
        is_me=user_id == actor.user_id,
        bio=person.bio,
        building=person.building,
        ban_reason=person.ban_reason if line.ban else "",
        page_url=routes.user(user_id),
        logins=_count(session, AuthSession, *logins),
        reported=_count(session, Report, col(Report.reporter_id) == user_id),
        listings=_listings(session, user_id),
        reports=_reports(session, user_id),
    )


def _count(session: Session, table: Any, *conditions: sa.ColumnElement[bool]) -> int:
    return int(session.execute(sa.select(sa.func.count()).select_from(table).where(*conditions)).scalar_one())


def _listings(session: Session, user_id: int) -> list[UserThing]:
    """The latest things, those that were deleted too: they tell as much."""
    latest = select(Listing).where(Listing.seller_id == user_id).order_by(col(Listing.id).desc()).limit(_MOST_THINGS)
    return [
        UserThing(
            title=one.title or "（已清空）",
            said=_STATUSES.get(one.status, one.status),
            url="" if one.status == ListingStatus.DELETED else routes.listing(one.id or 0),
            at=iso(one.published_at),
        )
        for one in session.exec(latest)
    ]


def _reports(session: Session, user_id: int) -> list[UserThing]:
    latest = select(Report).where(Report.accused_id == user_id).order_by(col(Report.id).desc()).limit(_MOST_THINGS)
    return [
        UserThing(
            title=f"{report_targets.KINDS.get(one.target_kind, '')} · {REASONS.get(one.reason, one.reason)}",
            said=OUTCOMES.get(one.status, "待处理"),
            url=routes.reports_about(user_id),
            at=iso(one.created_at),
        )
        for one in session.exec(latest)
    ]
