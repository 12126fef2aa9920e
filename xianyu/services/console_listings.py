"""Everybody's listings for operators: looked through, taken down, restored, and deleted for good."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Favorite, Listing, ListingStatus, NoticeKind, Order, Section, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.console import ConsoleListing, ConsoleListings, Erased, ListingFilter
from xianyu.schemas.events import FavoritesChanged, ListingChanged, ListingErased, LiveEvent, OrderChanged
from xianyu.schemas.times import iso
from xianyu.services import listings, messages, names, notices, offers, operator_log, photos, search_index, tags, videos
from xianyu.services.accounts import fold_username, require_operator
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.form_checks import text_error
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import IllegalChange
from xianyu.services.listing_form import format_price
from xianyu.services.order_errors import UnfinishedOrders
from xianyu.services.order_states import UNFINISHED
from xianyu.services.text import clean_line, clean_lines, has_control_characters

PAGE_SIZE = 20
# How many of them one reading brings at most.
MOST = 200
# Characters of what is looked for, of a reason, and of a description that is shown.
LONGEST_WORDS = 60
REASON_LENGTH = (2, 120)
EXCERPT = 160
# What has to be typed, so that no slip of the finger deletes for good.
ERASE_WORD = "彻底删除"

TAKE_DOWN, RESTORE, ERASE = "take_down", "restore", "erase"
STATUSES: dict[str, str] = {
    ListingStatus.ACTIVE: "在售",
    ListingStatus.SOLD_OUT: "已售出",
    ListingStatus.TAKEN_DOWN: "已下架",
    ListingStatus.HELD: "审核中",
    ListingStatus.DELETED: "已删除",
}
_ACTIONS: dict[str, tuple[str, ...]] = {
    ListingStatus.ACTIVE: (TAKE_DOWN, ERASE),
    ListingStatus.SOLD_OUT: (TAKE_DOWN, ERASE),
    ListingStatus.TAKEN_DOWN: (RESTORE, ERASE),
    # Whether it is let through is decided where the texts wait that were held back.
    ListingStatus.HELD: (ERASE,),
    ListingStatus.DELETED: (RESTORE, ERASE),
}
# Whoever has the address of one of these sees it.
_SHOWN = (ListingStatus.ACTIVE, ListingStatus.SOLD_OUT, ListingStatus.TAKEN_DOWN)
_LONGEST_NUMBER = 15


class NoSuchListing(DomainError):
    """There is no row of that number: it was deleted for good, or never was."""

    def __init__(self) -> None:
        super().__init__("这件宝贝已经不在了")


def check_filter(fields: Mapping[str, object]) -> ListingFilter:
    """What a page's address or an event asks for. What makes no sense does not narrow."""
    status, words = (value if isinstance(value := fields.get(name), str) else "" for name in ("status", "words"))
    words = words[: 10 * LONGEST_WORDS]
    return ListingFilter(
        status=status if status in STATUSES else "",
        words="" if has_control_characters(words) else clean_line(words)[:LONGEST_WORDS],
    )


def page(
    session: Session, actor: Actor, wanted: ListingFilter, after: int = 0, limit: int = PAGE_SIZE
) -> ConsoleListings:
    """Listings of all statuses, the latest first: the latest, or those before the one of that number.

    Raises:
        OperatorsOnly: if the actor is none, and as ``require_operator`` does.
    """
    require_operator(session, actor)
    return present(session, wanted, after, limit)


def present(session: Session, wanted: ListingFilter, after: int = 0, limit: int = PAGE_SIZE) -> ConsoleListings:
    """The same, for the server itself to show in operators' tabs."""
    statement = _LINE.where(*_conditions(wanted))
    if is_id(after):
        statement = statement.where(col(Listing.id) < after)
    most = max(1, min(limit, MOST))
    # One more than is shown tells whether there are more.
    rows = session.execute(statement.order_by(col(Listing.id).desc()).limit(most + 1)).all()
    shown = [_line(row) for row in rows[:most]]
    return ConsoleListings(shown, shown[-1].id if len(rows) > most else 0)


_LINE: sa.Select[*tuple[Any, ...]] = sa.select(
    col(Listing.id),
    col(Listing.title),
    sa.func.substr(col(Listing.description), 1, 2 * EXCERPT).label("beginning"),
    col(Listing.cover),
    col(Listing.price_fen),
    col(Listing.status),
    col(Listing.seller_id),
    col(Listing.quantity),
    col(Listing.reserved),
    col(Listing.sold),
    col(Listing.created_at),
    *names.COLUMNS,
).join(User, col(User.id) == col(Listing.seller_id))


def _conditions(wanted: ListingFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.status in STATUSES:
        found.append(col(Listing.status) == wanted.status)
    if wanted.words:
        number = wanted.words.removeprefix("#")
        is_number = number.isascii() and number.isdigit() and len(number) <= _LONGEST_NUMBER
        if is_number and number != wanted.words:
            return [*found, col(Listing.id) == int(number)]
        lower = wanted.words.lower()
        found.append(
            sa.or_(
                sa.func.lower(col(Listing.title)).contains(lower, autoescape=True),
                col(User.username_key).contains(fold_username(wanted.words), autoescape=True),
                sa.func.lower(col(User.display_name)).contains(lower, autoescape=True),
                *([col(Listing.id) == int(number)] if is_number else []),
            )
        )
    return found


def _line(row: sa.Row[Any]) -> ConsoleListing:
    excerpt = clean_line(row.beginning)
    pieces = {"剩": row.quantity, "留": row.reserved, "卖出": row.sold}
    return ConsoleListing(
        id=row.id,
        url=routes.listing(row.id) if row.status in _SHOWN else "",
        title=row.title or "（内容已清空）",
        cover_url=routes.media(thumb_name(row.cover)) if row.cover else "",
        price=format_price(row.price_fen),
        status=row.status,
        status_label=STATUSES[row.status],
        seller_id=row.seller_id,
        seller_name=names.called(row).text,
        seller_url=routes.user(row.seller_id),
        pieces="，".join(f"{name} {number}" for name, number in pieces.items() if number),
        excerpt=excerpt if len(excerpt) <= EXCERPT else f"{excerpt[:EXCERPT]}…",
        created_at=iso(row.created_at),
        actions=list(_ACTIONS[row.status]),
    )


def take_down(session: Session, actor: Actor, listing_id: int, reason: str) -> list[LiveEvent]:
    """Stop somebody's listing from being offered, and tell them why.

    Raises:
        OperatorsOnly: if the actor is none, and as ``require_operator`` does.
        NoSuchListing: if there is no such listing.
        IllegalChange: unless it is on offer or sold.
        InvalidForm: if no reason is given.
    """
    listing = _locked(session, actor, listing_id)
    why = _reason(reason)
    if TAKE_DOWN not in _ACTIONS[listing.status]:
        raise IllegalChange(f"这件宝贝现在是“{STATUSES[listing.status]}”，不用下架")
    _move(listing, ListingStatus.TAKEN_DOWN)
    _record(session, actor, "listing.take_down", listing, why)
    return [*listings.changed(session, listing), *_tell(session, actor, listing, NoticeKind.LISTING_TAKEN_DOWN, why)]


def restore(session: Session, actor: Actor, listing_id: int) -> list[LiveEvent]:
    """Bring a listing back. One that was taken down is on offer again; one that was deleted is taken down.

    Whoever deleted their listing may have had a reason: they put it up themselves if they want to.

    Raises:
        OperatorsOnly, NoSuchListing: as ``take_down`` does.
        IllegalChange: unless it is deleted or taken down, if its seller left, or if it is to be on offer and has no
            pieces or a seller who may not sell now.
    """
    listing = _locked(session, actor, listing_id)
    seller = session.get_one(User, listing.seller_id)
    if RESTORE not in _ACTIONS[listing.status]:
        raise IllegalChange(f"这件宝贝现在是“{STATUSES[listing.status]}”，不用恢复")
    if seller.closed_at is not None:
        raise IllegalChange("卖家已经注销，宝贝的内容已清空，不能恢复")
    if listing.status == ListingStatus.DELETED:
        _move(listing, ListingStatus.TAKEN_DOWN)
    else:
        _check_offerable(listing, seller, utc_now())
        _move(listing, ListingStatus.ACTIVE)
    label = STATUSES[listing.status]
    _record(session, actor, "listing.restore", listing, f"恢复为“{label}”")
    told = _tell(session, actor, listing, NoticeKind.LISTING_RESTORED, f"现在是“{label}”")
    return [*listings.changed(session, listing), *told]


def _check_offerable(listing: Listing, seller: User, now: datetime) -> None:
    if listing.quantity < 1:
        raise IllegalChange("数量是 0，要由卖家改好数量再上架")
    if seller.closing_at is not None:
        raise IllegalChange("卖家正在注销账号，不能恢复上架")
    if seller.banned_until is not None and seller.banned_until > now:
        raise IllegalChange("卖家被封禁中，解封后再恢复上架")


def erase(session: Session, actor: Actor, listing_id: int, word: str, reason: str) -> Erased:
    """Delete a listing for good, with all that belongs to it, and tell its seller why.

    Orders keep what they show of it, conversations what it was called, people what was said of them.

    Raises:
        OperatorsOnly, NoSuchListing: as ``take_down`` does.
        InvalidForm: if no reason is given, or the word is not ``ERASE_WORD``.
        UnfinishedOrders: while an order of it is not finished.
    """
    listing = _locked(session, actor, listing_id)
    why = _reason(reason, word=word)
    _refuse_unfinished(session, listing)
    title, seller_id = listing.title, listing.seller_id
    orders = session.execute(
        sa.select(col(Order.id), col(Order.buyer_id), col(Order.seller_id)).where(col(Order.listing_id) == listing_id)
    ).all()
    savers = session.execute(sa.select(col(Favorite.user_id)).where(col(Favorite.listing_id) == listing_id)).scalars()
    events: list[LiveEvent] = [FavoritesChanged(user_id) for user_id in savers.all()]
    events += notices.forget_listing(session, listing_id)
    photo_names, video_names = photos.let_go(session, listing_id), videos.let_go(session, listing_id)
    tags.put(session, listing_id, ())
    messages.let_go_of_listing(session, listing_id, title)
    _record(session, actor, "listing.erase", listing, why)
    told = _tell(session, actor, listing, NoticeKind.LISTING_ERASED, why, is_there=False)
    session.expunge(listing)
    cards = offers.erase_about(session, listing_id)
    session.execute(sa.delete(Listing).where(col(Listing.id) == listing_id))
    search_index.refresh(session, Section.TRADE, listing_id)
    events += [*cards, *told, *(OrderChanged(row.id, row.buyer_id, row.seller_id) for row in orders)]
    events += [ListingErased(listing_id, seller_id), ListingChanged(listing_id)]
    return Erased(tuple(events), tuple(photo_names), tuple(video_names))


def _refuse_unfinished(session: Session, listing: Listing) -> None:
    unfinished = (col(Order.listing_id) == listing.id, col(Order.status).in_(UNFINISHED))
    count = session.execute(sa.select(sa.func.count()).select_from(Order).where(*unfinished)).scalar_one()
    if count:
        raise UnfinishedOrders(f"还有 {count} 个未完成的订单，等它们完成或取消后才能彻底删除")


def _locked(session: Session, actor: Actor, listing_id: int) -> Listing:
    require_operator(session, actor)
    listing = (
        session.get(Listing, listing_id, with_for_update=True, populate_existing=True) if is_id(listing_id) else None
    )
    if listing is None:
        raise NoSuchListing
    return listing


def _reason(reason: str, word: str = ERASE_WORD) -> str:
    errors = {
        "reason": text_error(reason, "原因", REASON_LENGTH, clean_lines),
        "word": "" if word.strip() == ERASE_WORD else f"请输入“{ERASE_WORD}”四个字",
    }
    if any(errors.values()):
        raise InvalidForm({name: message for name, message in errors.items() if message})
    return clean_lines(reason)


def _move(listing: Listing, status: ListingStatus) -> None:
    listing.status, listing.updated_at = status, utc_now()


def _record(session: Session, actor: Actor, action: str, listing: Listing, detail: str) -> None:
    operator_log.record(
        session,
        actor,
        action,
        target_kind="listing",
        target_id=listing.id,
        target_name=listing.title,
        detail=detail,
    )


def _tell(
    session: Session, actor: Actor, listing: Listing, kind: NoticeKind, detail: str, *, is_there: bool = True
) -> list[LiveEvent]:
    """Tell the seller, who may be the operator."""
    return [
        *notices.add(
            session,
            {listing.seller_id} - {actor.user_id},
            kind,
            listing_id=listing.id if is_there else None,
            subject=listing.title,
            detail=detail,
        )
    ]
