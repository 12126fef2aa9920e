"""Orders: making them, their steps, what becomes of the stock, and who hears of it."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import Session, col, select

from tests.concurrency import race
from tests.factories import make_listing, make_user
from tests.trade import LISTING_PIECES, Trade, buy, order_form, pieces, trade
from xianyu.adapters.database import Database
from xianyu.models import Listing, ListingStatus, Notice, Order, OrderEvent, SearchDocument
from xianyu.schemas.events import ListingChanged, MessageSent, NoticeAdded, OrderChanged
from xianyu.schemas.orders import AddressForm
from xianyu.services import (
    address_book,
    contacts,
    listing_pages,
    listings,
    messages,
    notices,
    order_lists,
    orders,
    stock,
)
from xianyu.services.contacts import NotContactable
from xianyu.services.errors import InvalidForm
from xianyu.services.listing_errors import ListingNotFound
from xianyu.services.order_errors import (
    AddressNotFound,
    BuyOwnListing,
    IllegalStep,
    NotEnough,
    NotForSale,
    OrderMoved,
    OrderNotFound,
    PriceMoved,
    TooManyPending,
    UnfinishedOrders,
)
from xianyu.services.order_forms import StepForm
from xianyu.services.order_states import FINISHED, TABLE, UNFINISHED, Role, rule_for

REASON = {"reason": "约不到时间"}
PARCEL = {"carrier": "顺丰速运", "tracking_number": "SF1234567890"}


def stored(database: Database, order_id: int) -> Order:
    found = database.read(Session.get_one, Order, order_id)
    assert isinstance(found, Order)
    return found


def steps(database: Database, order_id: int) -> list[str]:
    statement = select(OrderEvent.kind).where(OrderEvent.order_id == order_id).order_by(col(OrderEvent.version))
    return list(database.read(lambda session: session.exec(statement).all()))


def told(database: Database, user_id: int) -> list[str]:
    statement = select(Notice.kind).where(Notice.user_id == user_id).order_by(col(Notice.id))
    return list(database.read(lambda session: session.exec(statement).all()))


def test_an_order_reserves_its_pieces_and_tells_the_seller(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller, quantity=3)
    made = database.write(orders.place, buyer, order_form(listing_id, 2))
    assert made.is_new
    assert pieces(database, listing_id) == (1, 2, 0)
    kinds = {type(event) for event in made.events}
    assert kinds == {ListingChanged, NoticeAdded, MessageSent, OrderChanged}
    assert told(database, seller.user_id) == ["order_placed"]
    assert told(database, buyer.user_id) == []
    [notice] = database.read(notices.page, seller).notices
    assert (notice.actor_name, notice.lead, notice.url) == (buyer.name, "拍下了你的", f"/orders/{made.order_id}")
    assert notice.detail == "2 件，共 ¥400.00"
    assert notice.cover_url
    [message] = database.read(messages.history, seller, buyer.user_id)
    assert message.kind == "order"
    assert message.attachment is not None
    assert (message.attachment.ref_id, message.attachment.price, message.attachment.label) == (
        made.order_id,
        "400.00",
        "待卖家确认",
    )


def test_the_last_piece_takes_the_listing_down_and_a_returned_one_puts_it_up_again(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller)

    def is_found() -> bool:
        document = sa.select(col(SearchDocument.id)).where(col(SearchDocument.ref_id) == listing_id)
        return database.read(lambda session: session.execute(document).first()) is not None

    order_id = buy(database, buyer, listing_id)
    assert database.read(listing_pages.detail, None, listing_id).status == ListingStatus.SOLD_OUT
    assert not is_found()
    database.write(orders.act, seller, order_id, "decline", REASON)
    assert database.read(listing_pages.detail, None, listing_id).status == ListingStatus.ACTIVE
    assert is_found()
    assert pieces(database, listing_id) == (1, 0, 0)


def test_what_its_seller_took_down_stays_down_when_a_piece_comes_back(database: Database) -> None:
    deal = trade(database, quantity=2)
    database.write(listings.take_down, deal.seller, deal.listing_id)
    database.write(orders.act, deal.buyer, deal.order_id, "cancel", REASON)
    assert database.read(listing_pages.detail, None, deal.listing_id).status == ListingStatus.TAKEN_DOWN
    assert pieces(database, deal.listing_id) == (2, 0, 0)


@pytest.mark.parametrize("first", ["seller", "buyer"])
def test_face_to_face_both_done_means_completed(database: Database, first: str) -> None:
    deal = trade(database)
    database.write(orders.act, deal.seller, deal.order_id, "confirm")
    presses = [(deal.seller, "hand_over"), (deal.buyer, "receive")]
    for actor, action in presses if first == "seller" else reversed(presses):
        assert stored(database, deal.order_id).status != "completed"
        assert pieces(database, deal.listing_id)[1] == 1
        database.write(orders.act, actor, deal.order_id, action)
    assert stored(database, deal.order_id).status == "completed"
    assert pieces(database, deal.listing_id) == (LISTING_PIECES - 1, 0, 1)
    assert stored(database, deal.order_id).deadline_at is None


def test_a_parcel_goes_out_with_its_number_and_arrives(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller)
    home = AddressForm("王小明", "13800000000", "3 号楼 1201 室")
    address_id, _ = database.write(address_book.save, buyer, home)
    order_id = buy(database, buyer, listing_id, delivery="shipping", address_id=address_id)
    assert database.read(order_lists.detail, seller, order_id).address == ""
    database.write(orders.act, seller, order_id, "confirm")
    assert database.read(order_lists.detail, seller, order_id).address == "3 号楼 1201 室"
    with pytest.raises(InvalidForm) as refused:
        database.write(orders.act, seller, order_id, "ship", {"carrier": "", "tracking_number": "?"})
    assert set(refused.value.errors) == {"carrier", "tracking_number"}
    # Where it is sent nobody hands anything over.
    with pytest.raises(IllegalStep):
        database.write(orders.act, seller, order_id, "hand_over")
    database.write(orders.act, seller, order_id, "ship", PARCEL)
    detail = database.read(order_lists.detail, buyer, order_id)
    assert (detail.carrier, detail.tracking_number) == ("顺丰速运", "SF1234567890")
    assert detail.deadline_at
    database.write(address_book.delete, buyer, address_id)
    assert database.read(order_lists.detail, buyer, order_id).recipient == "王小明"
    for actor in (seller, buyer):
        with pytest.raises(IllegalStep):
            database.write(orders.act, actor, order_id, "cancel", REASON)
    database.write(orders.act, buyer, order_id, "receive")
    assert steps(database, order_id) == ["place", "confirm", "ship", "receive"]
    assert told(database, buyer.user_id) == ["order_confirmed", "order_shipped"]
    assert told(database, seller.user_id) == ["order_placed", "order_completed"]


def test_a_double_press_is_one_order_and_one_step(database: Database) -> None:
    deal = trade(database)
    again = database.write(orders.place, deal.buyer, deal.form)
    assert (again.order_id, again.is_new) == (deal.order_id, False)
    assert pieces(database, deal.listing_id) == (LISTING_PIECES - 1, 1, 0)
    assert database.write(orders.act, deal.seller, deal.order_id, "confirm")
    assert database.write(orders.act, deal.seller, deal.order_id, "confirm") == []
    assert steps(database, deal.order_id) == ["place", "confirm"]
    # The same key of somebody else is another order.
    other = database.write(orders.place, make_user(database), deal.form)
    assert other.is_new


def test_two_presses_at_the_same_moment_are_one_order(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    form = order_form(make_listing(database, seller, quantity=9))
    made = race(*[lambda: database.write(orders.place, buyer, form)] * 4)
    assert len({one.order_id for one in made if not isinstance(one, Exception)}) == 1
    assert [one for one in made if isinstance(one, Exception)] == []
    assert pieces(database, form.listing_id) == (8, 1, 0)
    assert len(database.read(messages.history, buyer, seller.user_id)) == 1


def test_who_may_not_buy_what(database: Database) -> None:
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller, quantity=2)

    def refused(error: type[Exception], actor: Any = buyer, **more: Any) -> None:
        fields = {"listing_id": listing_id} | more
        with pytest.raises(error):
            database.write(orders.place, actor, order_form(**fields))

    refused(BuyOwnListing, seller)
    refused(NotEnough, quantity=3)
    refused(PriceMoved, seen_fen=19_999)
    refused(ListingNotFound, listing_id=2**60)
    refused(ListingNotFound, listing_id=make_listing(database, seller, status="deleted"))
    refused(NotForSale, listing_id=make_listing(database, seller, status="taken_down"))
    refused(NotForSale, listing_id=make_listing(database, seller, kind="wanted"))
    refused(AddressNotFound, delivery="shipping", address_id=1)
    home = AddressForm("李雷", "13900000000", "8 号楼 302 室")
    theirs, _ = database.write(address_book.save, seller, home)
    refused(AddressNotFound, delivery="shipping", address_id=theirs)
    database.write(contacts.block, seller, buyer.user_id)
    refused(NotContactable)
    # Whatever was refused reserved nothing.
    assert pieces(database, listing_id) == (2, 0, 0)
    assert database.read(order_lists.page, buyer, order_lists.check_filter({})).orders == []


def test_strangers_and_wrong_roles_get_nothing(database: Database) -> None:
    deal = trade(database)
    stranger = make_user(database)
    for order_id in (deal.order_id, 2**60, 0, "1", None):
        with pytest.raises(OrderNotFound):
            database.write(orders.act, stranger, order_id, "cancel", REASON)  # type: ignore[arg-type]  # hostile
        with pytest.raises(OrderNotFound):
            database.read(order_lists.detail, stranger, order_id)  # type: ignore[arg-type]  # the same
    for actor, action in (
        (deal.buyer, "confirm"),
        (deal.buyer, "reprice"),
        (deal.seller, "receive"),
        (deal.seller, "expire"),
        (deal.buyer, "complete"),
        (deal.buyer, "place"),
        (deal.seller, "CONFIRM; DROP"),
        (deal.seller, None),
        (deal.seller, ["confirm"]),
    ):
        with pytest.raises(IllegalStep):
            database.write(orders.act, actor, deal.order_id, action, {})  # type: ignore[arg-type]  # hostile
    assert steps(database, deal.order_id) == ["place"]


def test_the_seller_may_change_the_price_while_it_is_pending(database: Database) -> None:
    deal = trade(database)
    database.write(orders.act, deal.seller, deal.order_id, "reprice", {"price": "150.5"})
    detail = database.read(order_lists.detail, deal.buyer, deal.order_id)
    assert (detail.unit_price, detail.listed_price, detail.status) == ("150.50", "200.00", "pending")
    assert detail.steps[-1].detail == "每件 ¥200.00 改为 ¥150.50"
    assert detail.deadline_at
    assert told(database, deal.buyer.user_id) == ["order_repriced"]
    for wrong in ("", "-1", "x", "1e9", None):
        with pytest.raises(InvalidForm):
            database.write(orders.act, deal.seller, deal.order_id, "reprice", {"price": wrong})
    with pytest.raises(InvalidForm) as refusal:
        database.write(orders.act, deal.seller, deal.order_id, "reprice", {"price": "150.51"})
    assert refusal.value.errors == {"price": "只能改低，现在是每件 ¥150.50"}
    # The same price again is no step.
    assert database.write(orders.act, deal.seller, deal.order_id, "reprice", {"price": "150.50"}) == []
    assert steps(database, deal.order_id) == ["place", "reprice"]
    database.write(orders.act, deal.seller, deal.order_id, "confirm")
    with pytest.raises(IllegalStep):
        database.write(orders.act, deal.seller, deal.order_id, "reprice", {"price": "1"})


def test_nobody_holds_more_than_a_few_unanswered_orders(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "MOST_PENDING", 2)
    deal = trade(database)
    buy(database, deal.buyer, deal.listing_id)
    with pytest.raises(TooManyPending):
        buy(database, deal.buyer, deal.listing_id)
    database.write(orders.act, deal.seller, deal.order_id, "confirm")
    buy(database, deal.buyer, deal.listing_id)


def test_cancelling_wants_a_reason_and_returns_the_pieces_once(database: Database) -> None:
    deal = trade(database, quantity=3)
    with pytest.raises(InvalidForm):
        database.write(orders.act, deal.buyer, deal.order_id, "cancel", {"reason": "  "})
    database.write(orders.act, deal.seller, deal.order_id, "confirm")
    results = race(
        *(
            lambda actor=actor: database.write(orders.act, actor, deal.order_id, "cancel", REASON)
            for actor in (deal.buyer, deal.seller) * 3
        )
    )
    assert any(isinstance(one, list) and one for one in results)
    assert all(isinstance(one, list | OrderMoved | IllegalStep) for one in results)
    assert pieces(database, deal.listing_id) == (3, 0, 0)
    assert steps(database, deal.order_id).count("cancel") == 1


def test_of_a_confirmation_and_a_cancellation_at_once_one_counts(database: Database) -> None:
    for _ in range(5):
        deal = trade(database)
        race(
            lambda deal=deal: database.write(orders.act, deal.buyer, deal.order_id, "cancel", REASON),  # type: ignore[misc]
            lambda deal=deal: database.write(orders.act, deal.seller, deal.order_id, "decline", REASON),  # type: ignore[misc]
        )
        assert pieces(database, deal.listing_id) == (LISTING_PIECES, 0, 0)
        assert len(steps(database, deal.order_id)) == 2


def test_one_piece_and_many_buyers_give_one_order(database: Database) -> None:
    seller = make_user(database)
    listing_id = make_listing(database, seller, quantity=1)
    buyers = [make_user(database) for _ in range(24)]
    results = race(
        *(lambda buyer=buyer: database.write(orders.place, buyer, order_form(listing_id)) for buyer in buyers)
    )
    assert len([one for one in results if not isinstance(one, Exception)]) == 1
    assert all(isinstance(one, NotEnough) for one in results if isinstance(one, Exception))
    assert pieces(database, listing_id) == (0, 1, 0)


def test_the_snapshot_stays_whatever_becomes_of_the_listing(database: Database) -> None:
    deal = trade(database)
    title = stored(database, deal.order_id).title

    def forget(session: Session) -> None:
        session.execute(sa.update(Listing).values(title="别的", price_fen=1, cover=""))

    database.write(forget)
    detail = database.read(order_lists.detail, deal.buyer, deal.order_id)
    assert (detail.title, detail.listed_price, detail.seller_name) == (title, "200.00", deal.seller.name)
    assert detail.cover_url


def test_a_listing_with_unfinished_orders_is_not_deleted(database: Database) -> None:
    deal = trade(database)
    with pytest.raises(UnfinishedOrders, match="还有 1 件"):
        database.write(listings.delete, deal.seller, deal.listing_id)
    database.write(orders.act, deal.buyer, deal.order_id, "cancel", REASON)
    database.write(listings.delete, deal.seller, deal.listing_id)
    assert database.read(order_lists.detail, deal.buyer, deal.order_id).listing_url == ""


def test_of_an_order_and_a_deletion_at_once_one_counts(database: Database) -> None:
    for _ in range(5):
        seller, buyer = make_user(database), make_user(database)
        listing_id = make_listing(database, seller)
        bought, deleted = race(
            lambda buyer=buyer, listing_id=listing_id: database.write(orders.place, buyer, order_form(listing_id)),  # type: ignore[misc]
            lambda seller=seller, listing_id=listing_id: database.write(listings.delete, seller, listing_id),  # type: ignore[misc]
        )
        assert isinstance(bought, Exception) != isinstance(deleted, Exception)


def test_a_form_that_began_before_an_order_is_told_of_it(database: Database) -> None:
    deal = trade(database)
    listing = database.read(Session.get_one, Listing, deal.listing_id)
    assert isinstance(listing, Listing)
    assert listing.version == 2


def test_saying_that_nothing_is_left_counts_it_as_sold(database: Database) -> None:
    deal = trade(database, quantity=5)
    database.write(listings.mark_sold_out, deal.seller, deal.listing_id)
    assert pieces(database, deal.listing_id) == (0, 1, 4)


def test_stock_that_is_not_there_is_not_moved_and_nothing_is_written(database: Database) -> None:
    deal = trade(database)
    database.write(stock.give_back, deal.listing_id, 1)
    with pytest.raises(orders.StockOutOfStep):
        database.write(orders.act, deal.buyer, deal.order_id, "cancel", REASON)
    assert stored(database, deal.order_id).status == "pending"


def test_a_step_from_a_row_that_is_older_is_refused(database: Database) -> None:
    deal = trade(database)
    before = stored(database, deal.order_id)
    database.write(orders.act, deal.seller, deal.order_id, "reprice", {"price": "1"})
    rule = rule_for("pending", "confirm", Role.SELLER, "face_to_face")
    assert rule is not None
    with pytest.raises(OrderMoved):
        database.write(orders.take, before, rule, deal.seller, StepForm())


def test_the_table_leads_everywhere_and_out_of_nothing_that_is_finished() -> None:
    assert set(UNFINISHED) | set(FINISHED) == {rule.source for rule in TABLE} | {rule.target for rule in TABLE}
    for rule in TABLE:
        # Pieces come back or are sold exactly where the order ends.
        assert (rule.target in FINISHED) == (rule.stock in {"return", "sell"})
        assert (rule.stock == "sell") == (rule.target == "completed")
    keys = [(rule.source, rule.action, rule.role, rule.delivery) for rule in TABLE]
    assert len(keys) == len(set(keys))


def test_a_blocked_pair_still_finishes_what_they_began(database: Database) -> None:
    deal: Trade = trade(database)
    database.write(contacts.block, deal.seller, deal.buyer.user_id)
    database.write(orders.act, deal.seller, deal.order_id, "confirm")
    database.write(orders.act, deal.buyer, deal.order_id, "receive")
    database.write(orders.act, deal.seller, deal.order_id, "hand_over")
    assert stored(database, deal.order_id).status == "completed"
