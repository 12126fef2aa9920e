"""Keeping people out: at once, by every way in, with what they offer, and until the term is over."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.external_logins import MEI, come_back, link
from tests.factories import PASSWORD, login_token, make_listing, make_user
from tests.trade import buy
from xianyu.adapters import passwords
from xianyu.adapters.database import Database
from xianyu.models import (
    AuditEntry,
    AuthSession,
    Listing,
    ListingStatus,
    LoginTicket,
    Order,
    Role,
    SearchDocument,
    Section,
    User,
)
from xianyu.models.types import utc_now
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ListingChanged, ModerationChanged, SessionEnded
from xianyu.schemas.user_admin import BanForm
from xianyu.services import (
    accounts,
    ban_terms,
    bans,
    closing,
    contacts,
    friends,
    interest,
    listing_pages,
    logins,
    messages,
    offers,
    orders,
)
from xianyu.services.accounts import OperatorsOnly, PersonNotFound
from xianyu.services.ban_terms import FOREVER, Banned
from xianyu.services.bans import NotBannable, NotBanned
from xianyu.services.contacts import NotContactable
from xianyu.services.errors import InvalidForm, LoginRequired
from xianyu.services.order_errors import NotForSale
from xianyu.services.order_forms import OfferForm

WEEK = BanForm(7, "多次诈骗")


@pytest.fixture
def operator(database: Database) -> Actor:
    return make_user(database, role=Role.OPERATOR)


def row(database: Database, actor: Actor) -> User:
    return database.read(lambda session: session.get_one(User, actor.user_id))


def status(database: Database, listing_id: int) -> str:
    return database.read(lambda session: session.get_one(Listing, listing_id).status)


def let_it_pass(database: Database, actor: Actor) -> None:
    """The term is over since a moment ago."""
    over = sa.update(User).where(col(User.id) == actor.user_id).values(banned_until=utc_now() - timedelta(seconds=1))
    database.write(lambda session: session.execute(over))


def is_found(database: Database, listing_id: int) -> bool:
    """Whether search knows of it."""
    there = sa.select(col(SearchDocument.ref_id)).where(
        col(SearchDocument.section) == Section.TRADE, col(SearchDocument.ref_id) == listing_id
    )
    return database.read(lambda session: session.execute(there).first()) is not None


def settle(database: Database) -> None:
    """One round of the clock."""
    for user_id in database.read(bans.unsettled):
        database.write(bans.settle, user_id)


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        ({"term": "7", "ban_reason": "诈骗"}, set()),
        ({"term": "0", "ban_reason": "  屡教不改 "}, set()),
        ({"term": "", "ban_reason": "诈骗"}, {"term"}),
        ({"term": "3", "ban_reason": "诈骗"}, {"term"}),
        ({"term": 7, "ban_reason": ["诈骗"]}, {"term", "ban_reason"}),
        ({"term": "1", "ban_reason": " "}, {"ban_reason"}),
        ({"term": "1", "ban_reason": "长" * 101}, {"ban_reason"}),
        ({"term": "1", "ban_reason": "坏\x00"}, {"ban_reason"}),
        ({}, {"term", "ban_reason"}),
    ],
)
def test_a_ban_wants_a_term_and_a_reason(form: dict[str, object], fields: set[str]) -> None:
    try:
        bans.check_ban(form)
        refused: set[str] = set()
    except InvalidForm as error:
        refused = set(error.errors)
    assert refused == fields


def test_a_ban_ends_every_login_and_takes_what_is_on_offer_away(database: Database, operator: Actor) -> None:
    bad = make_user(database)
    offered = make_listing(database, bad)
    sold, down = (make_listing(database, bad, status=one) for one in (ListingStatus.SOLD_OUT, ListingStatus.TAKEN_DOWN))
    token = login_token(database, bad)
    events = database.write(bans.ban, operator, bad.user_id, WEEK)
    assert set(events) == {SessionEnded(bad.user_id, bad.session_id), ListingChanged(offered), ModerationChanged()}
    assert database.read(accounts.resolve_actor, token) is None
    assert [status(database, one) for one in (offered, sold, down)] == ["suspended", "sold_out", "taken_down"]
    until = row(database, bad).banned_until
    assert until is not None
    assert timedelta(days=6, hours=23) < until - utc_now() <= timedelta(days=7)
    [entry] = database.read(lambda session: list(session.exec(select(AuditEntry))))
    assert (entry.action, entry.operator_id, entry.target_id) == ("user.ban", operator.user_id, bad.user_id)
    assert entry.detail == "7 天：多次诈骗"


def test_a_session_that_is_still_there_resolves_to_nobody(database: Database, operator: Actor) -> None:
    """Whatever slipped in beside the ban: who is banned is nobody."""
    bad = make_user(database)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    left = AuthSession(token_hash="a" * 64, user_id=bad.user_id, expires_at=utc_now() + timedelta(days=1))
    token = "forgotten"

    def add(session: Session) -> int:
        left.token_hash = passwords.token_hash(token)
        session.add(AuthSession(**left.model_dump()))
        session.flush()
        return int(session.exec(select(AuthSession.id).where(AuthSession.user_id == bad.user_id)).one() or 0)

    session_id = database.write(add)
    assert database.read(accounts.resolve_actor, token) is None
    assert database.read(accounts.actor_of_session, session_id) is None
    let_it_pass(database, bad)
    assert database.read(accounts.resolve_actor, token) is not None


def test_every_way_in_is_closed_and_says_until_when_and_why(
    database: Database, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = make_user(database)
    link(database, bad, MEI)
    half = database.read(logins.half_login, bad.user_id)
    ticket = database.write(accounts.issue_ticket, bad.user_id)
    waiting = come_back(database, MEI)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    until = row(database, bad).banned_until
    assert until is not None
    ways = (
        partial(database.write, logins.after_first_step, bad.user_id, logins.PASSWORD),
        partial(database.write, logins.after_second_step, half, "000000"),
        partial(come_back, database, MEI),
    )
    assert waiting.ticket
    for way in ways:
        with pytest.raises(Banned) as refusal:
            way()
        assert "原因：多次诈骗" in refusal.value.message
        assert ban_terms.term_in_words(until) in refusal.value.message
    # A ticket went with the logins; one that is made nevertheless opens nothing.
    with pytest.raises(LoginRequired):
        database.write(accounts.redeem_ticket, ticket, "", "")
    late = database.write(accounts.issue_ticket, bad.user_id)
    with pytest.raises(Banned):
        database.write(accounts.redeem_ticket, late, "", "")
    let_it_pass(database, bad)
    assert database.write(accounts.redeem_ticket, late, "", "")[0]


def test_a_ban_in_the_middle_of_a_login_wins(database: Database, operator: Actor) -> None:
    """However the two meet, nobody who is banned is in afterwards, and no login of theirs is left."""
    for _ in range(5):
        bad = make_user(database)
        ticket = database.write(accounts.issue_ticket, bad.user_id)
        race(
            partial(database.write, accounts.redeem_ticket, ticket, "", ""),
            partial(database.write, bans.ban, operator, bad.user_id, WEEK),
        )
        left = sa.select(col(AuthSession.id)).where(col(AuthSession.user_id) == bad.user_id)
        half = sa.select(col(LoginTicket.ticket_hash)).where(col(LoginTicket.user_id) == bad.user_id)
        assert database.read(Session.scalar, left) is None
        assert database.read(Session.scalar, half) is None


def test_forever_is_called_so(database: Database, operator: Actor) -> None:
    bad = make_user(database)
    database.write(bans.ban, operator, bad.user_id, BanForm(0, "屡教不改"))
    assert row(database, bad).banned_until == FOREVER
    with pytest.raises(Banned, match="永久停用"):
        database.write(logins.after_first_step, bad.user_id, logins.PASSWORD)


def test_what_they_offer_leaves_feed_search_and_their_page_and_comes_back_where_it_was(
    database: Database, operator: Actor
) -> None:
    bad, other = make_user(database), make_user(database)
    older = make_listing(database, bad, title="独一无二的钢琴", published_at=utc_now() - timedelta(hours=2))
    newer = make_listing(database, other, published_at=utc_now() - timedelta(hours=1))

    def feed() -> list[int]:
        return [card.id for card in database.read(listing_pages.feed, None).cards]

    assert feed() == [newer, older]
    assert is_found(database, older)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    assert feed() == [newer]
    assert not is_found(database, older)
    assert database.read(listing_pages.by_seller, None, bad.user_id).cards == []
    # Whoever has the address sees what became of it, with its picture.
    detail, pictures = database.read(listing_pages.with_photos, other, older)
    assert (detail.status, len(pictures)) == ("suspended", 1)
    events = database.write(bans.unban, operator, bad.user_id)
    assert set(events) == {ListingChanged(older), ModerationChanged()}
    assert feed() == [newer, older]
    assert is_found(database, older)


def test_the_clock_puts_things_back_when_the_term_is_over(database: Database, operator: Actor) -> None:
    bad = make_user(database)
    listing_id = make_listing(database, bad)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    settle(database)
    assert status(database, listing_id) == "suspended"
    let_it_pass(database, bad)
    assert database.read(bans.unsettled) == [bad.user_id]
    settle(database)
    assert status(database, listing_id) == "active"
    assert database.read(bans.unsettled) == []
    assert database.write(logins.after_first_step, bad.user_id, logins.PASSWORD)


def test_the_clock_finds_what_came_up_beside_a_ban(database: Database, operator: Actor) -> None:
    """The last piece comes back from an order that the other side cancels: nothing of it is on offer for long."""
    bad, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, bad, quantity=1)
    order_id = buy(database, buyer, listing_id)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    order = database.read(lambda session: session.get_one(Order, order_id))
    assert order.status == "pending"
    database.write(orders.act, buyer, order_id, "cancel", {"reason": "对方不在了"})
    settle(database)
    assert status(database, listing_id) == "suspended"


def test_nobody_can_deal_with_them_and_nobody_is_told_why(database: Database, operator: Actor) -> None:
    bad, other = make_user(database), make_user(database)
    listing_id = make_listing(database, bad, quantity=3)
    sold_out = make_listing(database, bad, status=ListingStatus.SOLD_OUT, quantity=0)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    attempts: list[tuple[Any, ...]] = [
        (messages.send, bad.user_id, "client-0001", "在吗"),
        (interest.want, listing_id),
        (interest.want, sold_out),
        (friends.ask, bad.user_id),
    ]
    for service, *args in attempts:
        with pytest.raises(NotContactable, match=r"^暂时无法联系对方$"):
            database.write(service, other, *args)
    with pytest.raises((NotContactable, NotForSale)):
        buy(database, other, listing_id)
    with pytest.raises((NotContactable, NotForSale)):
        database.write(offers.make, other, listing_id, OfferForm(1, 9_900, "offer-00001"))
    standing = database.read(contacts.standing, other, bad.user_id)
    assert (standing.refuses, standing.is_blocked) == (True, False)
    let_it_pass(database, bad)
    assert database.read(contacts.standing, other, bad.user_id).refuses is False
    database.write(messages.send, other, bad.user_id, "client-0001", "在吗")


def test_only_operators_ban_and_none_of_them_can_be_banned(database: Database, operator: Actor) -> None:
    member, second = make_user(database), make_user(database, role=Role.OPERATOR)
    for act in (partial(bans.ban, form=WEEK), bans.unban):
        with pytest.raises(OperatorsOnly):
            database.write(act, member, operator.user_id)
    for one in (operator, second):
        with pytest.raises(NotBannable):
            database.write(bans.ban, operator, one.user_id, WEEK)
    for nobody in (0, -1, 10**30, True, "1", None, 999_999):
        with pytest.raises(PersonNotFound):
            database.write(bans.ban, operator, nobody, WEEK)  # type: ignore[arg-type]  # as a client may send it
    with pytest.raises(NotBanned):
        database.write(bans.unban, operator, member.user_id)


def test_an_account_can_be_closed_after_the_ban(database: Database, operator: Actor) -> None:
    bad = make_user(database, password=PASSWORD)
    listing_id = make_listing(database, bad)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    let_it_pass(database, bad)
    # Before the clock has put anything back.
    database.write(closing.ask, bad)
    settle(database)
    assert status(database, listing_id) == "taken_down"
    assert database.read(closing.present, bad).closing_at


def test_what_an_address_carries_tells_of_that_ban_alone(database: Database, operator: Actor) -> None:
    bad, other = make_user(database), make_user(database)
    database.write(bans.ban, operator, bad.user_id, WEEK)
    with pytest.raises(Banned) as refusal:
        database.read(ban_terms.refuse_banned, bad.user_id)
    carried = ban_terms.passed_on(refusal.value)
    assert database.read(ban_terms.told, carried) == refusal.value.message
    forged = carried.replace(f"{bad.user_id}.", f"{other.user_id}.", 1)
    for wrong in (forged, carried[:-1], "", "1", "x" * 1000, "1.2.３", "é.1.x", carried + "A"):
        assert database.read(ban_terms.told, wrong) == ""
    database.write(bans.unban, operator, bad.user_id)
    assert database.read(ban_terms.told, carried) == ""
