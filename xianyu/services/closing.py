"""The end of an account: asked for, a week to change one's mind, then erased."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import (
    Address,
    AuthSession,
    Block,
    DataExport,
    Draft,
    ExternalIdentity,
    ExternalLogin,
    FriendRequest,
    Friendship,
    Listing,
    ListingStatus,
    LoginTicket,
    MailedToken,
    Photo,
    RecoveryCode,
    RoomMute,
    SavedSearch,
    Screening,
    Section,
    User,
    Video,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import FriendshipChanged, ListingChanged, LiveEvent, ModerationChanged, SessionEnded
from xianyu.schemas.my_data import ClosingView
from xianyu.schemas.times import iso
from xianyu.services import (
    activities,
    interest,
    notices,
    offers,
    order_exports,
    password_change,
    reports,
    search_index,
    sessions,
    tags,
)
from xianyu.services.errors import InvalidForm

GRACE = timedelta(days=7)
# What has to be typed, so that no slip of the finger closes an account.
WORD = "注销账号"

# What is about the account alone and goes with it.
_OWN_TABLES = (
    Address,
    AuthSession,
    LoginTicket,
    MailedToken,
    ExternalIdentity,
    ExternalLogin,
    RecoveryCode,
    DataExport,
    Draft,
    RoomMute,
    SavedSearch,
)


def check(stored: str, password: str, word: str) -> None:
    """Check the form (slow: no transaction should be open).

    Raises:
        InvalidForm: if the word is another one or the password is wrong.
    """
    errors = {"word": "" if word.strip() == WORD else f"请输入“{WORD}”四个字"}
    try:
        password_change.check(stored, password, "closing_password")
    except password_change.WrongPassword as error:
        errors[error.field] = error.message
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})


def present(session: Session, actor: Actor) -> ClosingView:
    """Whether the actor's account is about to be erased."""
    user = session.get_one(User, actor.user_id)
    return ClosingView(closing_at=iso(user.closing_at) if user.closing_at else "", has_proof=bool(user.password_hash))


def ask(session: Session, actor: Actor) -> list[LiveEvent]:
    """Set the day on which the account is erased. Its listings are taken down at once.

    Every other browser is put out: who asks may do so because somebody else was in.

    Raises:
        UnfinishedOrders: while somebody waits for the end of an order of theirs.
    """
    order_exports.refuse_unfinished(session, actor.user_id)
    session.execute(
        sa.update(User)
        .where(col(User.id) == actor.user_id, col(User.closing_at).is_(None))
        .values(closing_at=utc_now() + GRACE)
    )
    on_offer = (ListingStatus.ACTIVE, ListingStatus.SUSPENDED)
    mine = (col(Listing.seller_id) == actor.user_id, col(Listing.status).in_(on_offer))
    ids = [row[0] for row in session.execute(sa.select(col(Listing.id)).where(*mine))]
    session.execute(sa.update(Listing).where(*mine).values(status=ListingStatus.TAKEN_DOWN))
    search_index.refresh_all(session, Section.TRADE, ids)
    over = offers.end_all(session, actor.user_id)
    return [*sessions.end_others(session, actor), *over, *(ListingChanged(listing_id) for listing_id in ids)]


def change_mind(session: Session, actor: Actor) -> None:
    """Keep the account. What was taken down can be put up again by hand."""
    session.execute(sa.update(User).where(col(User.id) == actor.user_id).values(closing_at=None))


def due(session: Session) -> list[int]:
    """Whose week is over. Whoever ordered something meanwhile stays until that is finished."""
    rows = session.execute(
        sa.select(col(User.id)).where(
            col(User.closing_at) < utc_now(), col(User.closed_at).is_(None), ~order_exports.has_unfinished(User.id)
        )
    )
    return [row[0] for row in rows]


def erase(session: Session, user_id: int) -> list[LiveEvent]:
    """Erase an account whose week is over.

    What others hold stays readable and nameless: their messages, and listings that conversations
    and orders refer to, empty. The pictures and videos become orphans, which the cleaning removes from disk.
    Nothing happens to an account whose owner changed their mind a moment ago.
    """
    now = utc_now()
    nobody = f"closed-{user_id}"
    closed = session.execute(
        sa.update(User)
        .where(
            col(User.id) == user_id,
            col(User.closing_at) < now,
            col(User.closed_at).is_(None),
            ~order_exports.has_unfinished(user_id),
        )
        .values(
            closed_at=now,
            username=nobody,
            username_key=nobody,
            email=nobody,
            email_key=nobody,
            password_hash="",
            display_name="",
            bio="",
            building="",
            avatar="",
            totp_secret="",
            mail_about_messages=False,
            reminded_at=None,
            seen_at=None,
        )
    )
    if getattr(closed, "rowcount", 0) != 1:
        return []
    ended = session.exec(select(AuthSession.id).where(AuthSession.user_id == user_id)).all()
    for table in _OWN_TABLES:
        session.execute(sa.delete(table).where(col(table.user_id) == user_id))
    session.execute(sa.delete(Screening).where(col(Screening.author_id) == user_id))
    return [
        ModerationChanged(),
        *(SessionEnded(user_id, int(key or 0)) for key in ended),
        *activities.forget_person(session, user_id),
        *interest.forget_person(session, user_id),
        *notices.forget_person(session, user_id),
        *order_exports.forget_person(session, user_id),
        *reports.forget_person(session, user_id),
        *_let_go_of_people(session, user_id),
        *_empty_listings(session, user_id),
    ]


def _let_go_of_people(session: Session, user_id: int) -> list[LiveEvent]:
    """Friendships and requests end on both sides. Whom others blocked, they need to no longer."""
    others: set[int] = set()
    for left, right in (
        (Friendship.user_id, Friendship.friend_id),
        (FriendRequest.sender_id, FriendRequest.recipient_id),
        (Block.blocker_id, Block.blocked_id),
    ):
        for mine, theirs in ((left, right), (right, left)):
            others |= set(session.execute(sa.select(col(theirs)).where(col(mine) == user_id)).scalars())
            session.execute(sa.delete(mine.class_).where(col(mine) == user_id))  # type: ignore[attr-defined]
    return [FriendshipChanged(user_id, other) for other in sorted(others)]


def _empty_listings(session: Session, user_id: int) -> list[LiveEvent]:
    ids = [int(key or 0) for key in session.exec(select(Listing.id).where(Listing.seller_id == user_id))]
    session.execute(
        sa.update(Listing)
        .where(col(Listing.seller_id) == user_id)
        .values(status=ListingStatus.DELETED, title="", description="", cover="", place="", original_price_fen=None)
    )
    for listing_id in ids:
        tags.put(session, listing_id, ())
    search_index.refresh_all(session, Section.TRADE, ids)
    # So old that the next cleaning takes them.
    long_ago = utc_now() - timedelta(days=365)
    for table in (Photo, Video):
        # What they wrote about others stays with those, without its pictures.
        let_go: dict[str, Any] = {"listing_id": None, "created_at": long_ago}
        if table is Photo:
            let_go["review_id"] = None
        session.execute(sa.update(table).where(col(table.owner_id) == user_id).values(**let_go))
    return [ListingChanged(listing_id) for listing_id in ids]
