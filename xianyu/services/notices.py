"""The box 互动: what one person should hear of, kept until they have seen it."""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu import routes
from xianyu.adapters.media import thumb_name
from xianyu.models import Listing, ListingKind, Notice, NoticeKind, Order, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import NoticeAdded, NoticesRead
from xianyu.schemas.notices import NoticePage, NoticeView
from xianyu.schemas.times import iso
from xianyu.services import names
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN

PAGE_SIZE = 30
_SUBJECT_LENGTH = 60
_DETAIL_LENGTH = 120
# What somebody did to whom it tells of; the rest happened by itself.
_BY_SOMEBODY = {
    NoticeKind.WANTED,
    NoticeKind.FAVORITED,
    NoticeKind.ACTIVITY_JOINED,
    NoticeKind.FRIEND_REQUESTED,
    NoticeKind.FRIEND_ACCEPTED,
    NoticeKind.MENTIONED,
    NoticeKind.ORDER_PLACED,
    NoticeKind.ORDER_CONFIRMED,
    NoticeKind.ORDER_REPRICED,
    NoticeKind.ORDER_DECLINED,
    NoticeKind.ORDER_CANCELLED,
    NoticeKind.ORDER_SHIPPED,
    NoticeKind.ORDER_HANDED_OVER,
    NoticeKind.ORDER_RECEIVED,
    NoticeKind.OFFER_MADE,
    NoticeKind.OFFER_ACCEPTED,
    NoticeKind.OFFER_COUNTERED,
    NoticeKind.OFFER_DECLINED,
    NoticeKind.OFFER_WITHDRAWN,
    NoticeKind.REVIEW_WRITTEN,
    NoticeKind.REVIEW_REPLIED,
}
# What a notice says around its subject. What somebody did begins with their name.
_SENTENCES: Mapping[str, tuple[str, str]] = {
    NoticeKind.WANTED: ("想要你的", ""),
    NoticeKind.FAVORITED: ("收藏了你的", ""),
    NoticeKind.FRIEND_REQUESTED: ("想加你为好友", ""),
    NoticeKind.FRIEND_ACCEPTED: ("和你成为了好友", ""),
    NoticeKind.MENTIONED: ("在公共聊天室提到了你", ""),
    NoticeKind.PRICE_DROPPED: ("你收藏的", "降价了"),
    NoticeKind.SEARCH_MATCHED: ("你订阅的搜索有新宝贝：", ""),
    NoticeKind.ACTIVITY_JOINED: ("报名了你的活动", ""),
    NoticeKind.ACTIVITY_CHANGED: ("你报名的活动", "有变动"),
    NoticeKind.ACTIVITY_CANCELLED: ("你报名的活动", "取消了"),
    NoticeKind.ORDER_PLACED: ("拍下了你的", ""),
    NoticeKind.ORDER_CONFIRMED: ("确认了订单", ""),
    NoticeKind.ORDER_REPRICED: ("改了订单", "的价格"),
    NoticeKind.ORDER_DECLINED: ("拒绝了订单", ""),
    NoticeKind.ORDER_CANCELLED: ("取消了订单", ""),
    NoticeKind.ORDER_SHIPPED: ("发货了：", ""),
    NoticeKind.ORDER_HANDED_OVER: ("说已当面交付", "，拿到了就请确认收货"),
    NoticeKind.ORDER_RECEIVED: ("说已收到", "，请确认交付"),
    NoticeKind.ORDER_COMPLETED: ("订单", "已完成"),
    NoticeKind.ORDER_EXPIRED: ("订单", "超时未确认，已自动关闭"),
    NoticeKind.ORDER_EXPIRES: ("订单", "还没有确认，就要自动关闭了"),
    NoticeKind.ORDER_COMPLETES: ("订单", "就要自动完成了"),
    NoticeKind.OFFER_MADE: ("对你的", "出价了"),
    NoticeKind.OFFER_ACCEPTED: ("接受了你对", "的出价"),
    NoticeKind.OFFER_COUNTERED: ("还价了：", ""),
    NoticeKind.OFFER_DECLINED: ("拒绝了你对", "的出价"),
    NoticeKind.OFFER_WITHDRAWN: ("撤回了对", "的出价"),
    NoticeKind.OFFER_EXPIRED: ("对", "的出价已过期"),
    NoticeKind.REVIEW_WRITTEN: ("评价了订单", "，你也评价后双方就能看到"),
    NoticeKind.REVIEWS_OPENED: ("订单", "的评价公开了"),
    NoticeKind.REVIEW_REPLIED: ("回复了你对", "的评价"),
    NoticeKind.REPORT_UPHELD: ("你举报的", "已核实，举报成立"),
    NoticeKind.REPORT_DISMISSED: ("你举报的", "经核实不成立"),
    NoticeKind.LISTING_REMOVED: ("你的宝贝", "因违规被管理员下架了"),
    NoticeKind.REVIEW_REMOVED: ("你写的", "因违规被管理员删除了"),
    NoticeKind.LISTING_TAKEN_DOWN: ("管理员下架了你的", ""),
    NoticeKind.LISTING_RESTORED: ("管理员恢复了你的", ""),
    NoticeKind.LISTING_ERASED: ("管理员彻底删除了你的", ""),
    NoticeKind.HELD_APPROVED: ("你发布的", "通过了审核"),
    NoticeKind.HELD_REJECTED: ("你发布的", "没有通过审核"),
    NoticeKind.MESSAGE_REJECTED: ("你的消息", "没有通过审核，没有发出"),
    NoticeKind.REVIEW_APPROVED: ("你对订单", "的评价通过了审核"),
    NoticeKind.REVIEW_REJECTED: ("你对订单", "的评价没有通过审核"),
}
# What is to be talked about leads to whoever did it.
_TO_CONVERSATION = {
    NoticeKind.WANTED,
    NoticeKind.OFFER_MADE,
    NoticeKind.OFFER_COUNTERED,
    NoticeKind.OFFER_DECLINED,
    NoticeKind.OFFER_WITHDRAWN,
}

_ADDRESSES = {NoticeKind.FRIEND_REQUESTED: routes.FRIENDS, NoticeKind.MENTIONED: routes.PLAZA}


def add(
    session: Session,
    user_ids: Iterable[int],
    kind: NoticeKind,
    *,
    actor_id: int | None = None,
    listing_id: int | None = None,
    activity_id: int | None = None,
    subject: str = "",
    detail: str = "",
) -> list[NoticeAdded]:
    """Tell people something. Each is told once, and whoever did it is not told of it.

    Args:
        session: The unit of work of what happened: both are stored or neither.
        user_ids: Whom to tell.
        kind: What it is about.
        actor_id: Who did it, if it was somebody.
        listing_id: The listing that it leads to, if any.
        activity_id: The activity that it leads to, if any.
        subject: What it speaks of, as that is called now; cut at 60 characters.
        detail: What there is to add; cut at 120 characters.

    Returns:
        An event for each person who was told, to be announced after the commit.
    """
    refs = {"actor_id": actor_id, "listing_id": listing_id, "activity_id": activity_id, "order_id": None}
    return _insert(session, user_ids, kind, refs, subject, detail)


def add_of_order(
    session: Session,
    order: Order,
    kind: NoticeKind,
    actor_id: int | None,
    detail: str = "",
    user_ids: Iterable[int] | None = None,
) -> list[NoticeAdded]:
    """``add`` for the two people of an order, to which it leads; whoever did it is not told of it.

    With ``user_ids`` only those of the two are told.
    """
    refs = {"actor_id": actor_id, "listing_id": None, "activity_id": None, "order_id": order.id}
    people = [order.buyer_id, order.seller_id] if user_ids is None else user_ids
    return _insert(session, people, kind, refs, order.title, detail)


def _insert(
    session: Session,
    user_ids: Iterable[int],
    kind: NoticeKind,
    refs: Mapping[str, int | None],
    subject: str,
    detail: str,
) -> list[NoticeAdded]:
    # In one order for everyone, so that two that tell the same people wait in one direction.
    told = sorted(set(user_ids) - {refs["actor_id"]})
    row = {
        **refs,
        "kind": kind.value,
        "subject": subject[:_SUBJECT_LENGTH],
        "detail": detail[:_DETAIL_LENGTH],
        "is_read": False,
        "created_at": utc_now(),
    }
    if told:
        session.execute(sa.insert(Notice), [{**row, "user_id": user_id} for user_id in told])
    return [NoticeAdded(user_id) for user_id in told]


def add_once(
    session: Session, user_id: int, kind: NoticeKind, actor_id: int, listing_id: int, *, subject: str
) -> list[NoticeAdded]:
    """``add`` for one person, unless they were told the same of that person and listing before."""
    told = sa.select(col(Notice.id)).where(
        col(Notice.user_id) == user_id,
        col(Notice.kind) == kind,
        col(Notice.actor_id) == actor_id,
        col(Notice.listing_id) == listing_id,
    )
    if session.execute(told.limit(1)).first() is not None:
        return []
    return add(session, [user_id], kind, actor_id=actor_id, listing_id=listing_id, subject=subject)


_LINE: sa.Select[*tuple[Any, ...]] = (
    sa.select(
        col(Notice.id),
        col(Notice.kind),
        col(Notice.actor_id),
        col(Notice.listing_id),
        col(Notice.activity_id),
        col(Notice.order_id),
        col(Order.cover).label("order_cover"),
        col(Notice.subject),
        col(Notice.detail),
        col(Notice.is_read),
        col(Notice.created_at),
        *names.COLUMNS,
    )
    .outerjoin(User, col(User.id) == col(Notice.actor_id))
    .outerjoin(Order, col(Order.id) == col(Notice.order_id))
    .order_by(col(Notice.id).desc())
)


def page(session: Session, actor: Actor, before_id: int | None = None, limit: int = PAGE_SIZE) -> NoticePage:
    """The actor's notices, newest first: the latest, or the latest before ``before_id``."""
    return page_of(session, actor.user_id, before_id, limit)


def page_of(session: Session, user_id: int, before_id: int | None = None, limit: int = PAGE_SIZE) -> NoticePage:
    """A person's notices, for the server itself to show in that person's tabs."""
    statement = _LINE.where(col(Notice.user_id) == user_id)
    if is_id(before_id):
        statement = statement.where(col(Notice.id) < before_id)
    # One more than is shown tells whether there are more.
    rows = session.execute(statement.limit(limit + 1)).all()
    things = _things(session, [row.listing_id for row in rows if row.listing_id])
    return NoticePage([_view(row, things.get(row.listing_id)) for row in rows[:limit]], has_more=len(rows) > limit)


def _things(session: Session, listing_ids: list[int]) -> dict[int, sa.Row[Any]]:
    """The kinds and pictures of those listings that are still there."""
    if not listing_ids:
        return {}
    rows = session.execute(
        sa.select(col(Listing.id), col(Listing.cover), col(Listing.kind)).where(
            col(Listing.id).in_(listing_ids), col(Listing.status).not_in(HIDDEN)
        )
    )
    return {row.id: row for row in rows}


def _view(row: sa.Row[Any], thing: sa.Row[Any] | None) -> NoticeView:
    lead, tail = _SENTENCES.get(row.kind, ("", ""))
    if row.kind == NoticeKind.WANTED and thing is not None and thing.kind == ListingKind.WANTED:
        # Who presses the button of what somebody looks for has it.
        lead = "有你求购的"
    cover = thing.cover if thing is not None else row.order_cover
    actor = names.called(row) if row.actor_id is not None and row.kind in _BY_SOMEBODY else names.Name("", "")
    return NoticeView(
        id=row.id,
        kind=row.kind,
        actor_name=actor.text,
        actor_avatar_url=actor.avatar_url,
        lead=lead,
        subject=row.subject,
        tail=tail,
        detail=row.detail,
        cover_url=routes.media(thumb_name(cover)) if cover else "",
        url=_address(row),
        at=iso(row.created_at),
        is_new=not row.is_read,
    )


def _address(row: sa.Row[Any]) -> str:
    """Where a notice leads: to whoever wants or offers something, or to what it names."""
    if row.order_id is not None:
        return routes.order(row.order_id)
    if row.kind in _TO_CONVERSATION and row.actor_id is not None:
        return routes.conversation(row.actor_id)
    if row.kind == NoticeKind.FRIEND_ACCEPTED and row.actor_id is not None:
        return routes.user(row.actor_id)
    if row.kind in _ADDRESSES:
        return _ADDRESSES[row.kind]
    if row.activity_id is not None:
        return routes.activity(row.activity_id)
    return routes.listing(row.listing_id) if row.listing_id is not None else routes.MESSAGES


def mark_read(session: Session, actor: Actor, newest_id: int, oldest_id: int) -> NoticesRead | None:
    """The actor saw their notices from ``oldest_id`` to ``newest_id``, both included.

    Returns:
        The event if any of them was unread, else nothing.
    """
    if not (is_id(newest_id) and is_id(oldest_id)):
        return None
    return _mark(session, actor.user_id, col(Notice.id).between(oldest_id, newest_id))


def mark_all_read(session: Session, actor: Actor) -> NoticesRead:
    """全部已读: whatever is unread is no longer."""
    _mark(session, actor.user_id)
    return NoticesRead(actor.user_id, everything=True)


def _mark(session: Session, user_id: int, *conditions: sa.ColumnElement[bool]) -> NoticesRead | None:
    marked = session.execute(
        sa.update(Notice)
        .where(col(Notice.user_id) == user_id, col(Notice.is_read).is_(False), *conditions)
        .values(is_read=True)
    )
    return NoticesRead(user_id) if getattr(marked, "rowcount", 0) else None


def forget_person(session: Session, user_id: int) -> list[NoticesRead]:
    """Empty the box of somebody whose account is erased, and take them and their things out of all others."""
    session.execute(sa.delete(Notice).where(col(Notice.user_id) == user_id))
    theirs = sa.select(col(Listing.id)).where(col(Listing.seller_id) == user_id)
    about = sa.or_(col(Notice.actor_id) == user_id, col(Notice.listing_id).in_(theirs))
    readers = session.execute(sa.select(col(Notice.user_id)).where(about, col(Notice.is_read).is_(False)).distinct())
    told = [NoticesRead(reader_id) for reader_id in readers.scalars()]
    session.execute(sa.delete(Notice).where(about))
    return told


# Built once: it is on the way of every message.
_UNREAD = (
    sa.select(sa.func.count())
    .select_from(Notice)
    .where(col(Notice.user_id) == sa.bindparam("user"), col(Notice.is_read).is_(False))
)


def forget_listing(session: Session, listing_id: int) -> list[NoticesRead]:
    """Take what is about a listing out of all boxes: it is about to be gone, and leads nowhere then."""
    about = col(Notice.listing_id) == listing_id
    readers = session.execute(sa.select(col(Notice.user_id)).where(about, col(Notice.is_read).is_(False)).distinct())
    told = [NoticesRead(reader_id) for reader_id in readers.scalars()]
    session.execute(sa.delete(Notice).where(about))
    return told


def unread(session: Session, user_id: int) -> int:
    """How many notices a person has not seen; for the server's own use."""
    return int(session.connection().execute(_UNREAD, {"user": user_id}).scalar_one())
