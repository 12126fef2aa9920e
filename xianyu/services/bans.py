"""Keeping people out: operators ban and unban, and the clock puts back what a ban took away.

Who is banned is out at once: their logins end, and no way in opens (``ban_terms``). What they had on
offer becomes ``SUSPENDED`` in the same transaction, so that feeds and search, which read what is active
by index, have nothing to ask about sellers; it is on offer again, at its old place, when the ban is
over. What slipped in beside a ban, such as a piece that came back from a cancelled order, the clock finds.
"""

from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Listing, ListingStatus, Role, Section, User
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, LiveEvent, ModerationChanged
from xianyu.schemas.user_admin import BanForm
from xianyu.services import ban_terms, names, operator_log, search_index, sessions
from xianyu.services.accounts import PersonNotFound, require_operator
from xianyu.services.ban_terms import FOREVER
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.form_checks import as_text, text_error
from xianyu.services.ids import is_id
from xianyu.services.text import clean_line

# For how many days somebody can be banned; 0 is for good.
TERMS: dict[int, str] = {1: "1 天", 7: "7 天", 30: "30 天", 0: "永久"}
REASON_LENGTH = (2, 100)
# How many people's listings the clock looks after in one round.
_ROUND = 100


class NotBannable(DomainError):
    """An operator is to be banned, or somebody themselves."""

    def __init__(self) -> None:
        super().__init__("管理员不能停用，先取消 TA 的管理员身份")


class NotBanned(DomainError):
    """A ban is to be lifted that is over already."""

    def __init__(self) -> None:
        super().__init__("这个账号没有被停用")


def check_ban(form: Mapping[str, object]) -> BanForm:
    """Check a form with ``term``, the days as text, and ``ban_reason``. Every value may be of any type.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    terms = {str(days): days for days in TERMS}
    term, reason = as_text(form.get("term")), as_text(form.get("ban_reason"))
    errors = {
        "term": "" if term in terms else "请选择停用多久",
        "ban_reason": text_error(reason, "停用原因", REASON_LENGTH, clean_line),
    }
    if any(errors.values()):
        raise InvalidForm({name: message for name, message in errors.items() if message})
    return BanForm(terms[term], clean_line(reason))


def ban(session: Session, actor: Actor, user_id: int, form: BanForm) -> list[LiveEvent]:
    """Keep somebody out from now on. Whoever is banned already is so anew, from now.

    Raises:
        OperatorsOnly: if the actor is none.
        PersonNotFound: if there is no such person, or they left.
        NotBannable: if it is an operator.
    """
    require_operator(session, actor)
    person = _locked(session, user_id)
    if person.role == Role.OPERATOR:
        raise NotBannable
    until = utc_now() + timedelta(days=form.days) if form.days else FOREVER
    values = {"banned_until": until, "ban_reason": form.reason}
    session.execute(sa.update(User).where(col(User.id) == user_id).values(values))
    detail = f"{TERMS[form.days]}：{form.reason}"
    _record(session, actor, person, "user.ban", detail)
    ended = sessions.end_all(session, user_id)
    return [*ended, *_move(session, user_id, ListingStatus.ACTIVE, ListingStatus.SUSPENDED), ModerationChanged()]


def unban(session: Session, actor: Actor, user_id: int) -> list[LiveEvent]:
    """Let somebody in again, before the term is over.

    Raises:
        OperatorsOnly: if the actor is none.
        PersonNotFound: if there is no such person, or they left.
        NotBanned: if they are not banned, or not any more.
    """
    require_operator(session, actor)
    person = _locked(session, user_id)
    lifted = session.execute(
        sa.update(User)
        .where(col(User.id) == user_id, ban_terms.holds())
        .values(banned_until=None, ban_reason="")
        .execution_options(synchronize_session=False)
    )
    if getattr(lifted, "rowcount", 0) != 1:
        raise NotBanned
    _record(session, actor, person, "user.unban", person.ban_reason)
    return [*_move(session, user_id, ListingStatus.SUSPENDED, ListingStatus.ACTIVE), ModerationChanged()]


def _locked(session: Session, user_id: int) -> User:
    """A person's row, held until the commit: whoever deals with them meanwhile comes before or after."""
    person = session.get(User, user_id, with_for_update=True, populate_existing=True) if is_id(user_id) else None
    if person is None or person.closed_at is not None:
        raise PersonNotFound
    return person


def _record(session: Session, actor: Actor, person: User, action: str, detail: str) -> None:
    name = names.called(person).text
    operator_log.record(
        session, actor, action, target_kind="user", target_id=person.id, target_name=name, detail=detail
    )


def _move(session: Session, user_id: int, before: ListingStatus, after: ListingStatus) -> list[LiveEvent]:
    theirs = (col(Listing.seller_id) == user_id, col(Listing.status) == before)
    ids = list(session.execute(sa.select(col(Listing.id)).where(*theirs).order_by(col(Listing.id))).scalars())
    session.execute(
        sa.update(Listing)
        .where(col(Listing.id).in_(ids), *theirs)
        .values(status=after)
        .execution_options(synchronize_session=False)
    )
    search_index.refresh_all(session, Section.TRADE, ids)
    return [ListingChanged(listing_id) for listing_id in ids]


def unsettled(session: Session) -> list[int]:
    """Whose listings are not as their ban has it: its term is over, or something came up beside it."""
    held = sa.select(col(Listing.seller_id)).where(col(Listing.status) == ListingStatus.SUSPENDED)
    over = held.join(User, col(User.id) == col(Listing.seller_id)).where(~ban_terms.holds()).distinct()
    offers = sa.exists().where(col(Listing.seller_id) == col(User.id), col(Listing.status) == ListingStatus.ACTIVE)
    slipped = sa.select(col(User.id)).where(ban_terms.holds(), offers)
    found = {int(one) for query in (over, slipped) for one in session.execute(query.limit(_ROUND)).scalars()}
    return sorted(found)


def settle(session: Session, user_id: int) -> list[LiveEvent]:
    """Make a person's listings what their ban, or its end, has them be; for the clock. Done twice it is done once."""
    person = _locked(session, user_id)
    if ban_terms.is_banned(person.banned_until):
        return _move(session, user_id, ListingStatus.ACTIVE, ListingStatus.SUSPENDED)
    return _move(session, user_id, ListingStatus.SUSPENDED, ListingStatus.ACTIVE)
