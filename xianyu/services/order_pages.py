"""What the form of 立即购买 starts with, and one's orders as a table to keep."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlmodel import Session, col

from xianyu.models import Listing, ListingKind, ListingStatus, Order
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import OrderFilter, PurchaseStart
from xianyu.services import address_book, csv_tables, local_time, names
from xianyu.services.ids import is_id
from xianyu.services.listing_errors import HIDDEN, ListingNotFound
from xianyu.services.listing_form import format_price
from xianyu.services.order_errors import BuyOwnListing, NotEnough, NotForSale
from xianyu.services.order_lists import BOUGHT, cover_url, select
from xianyu.services.order_words import DELIVERIES, STATUSES

_HEADER = (
    "订单号",
    "下单时间",
    "状态",
    "宝贝",
    "单价（元）",
    "数量",
    "合计（元）",
    "交易方式",
    "对方",
    "快递",
    "单号",
    "备注",
)


def start(session: Session, actor: Actor, listing_id: int) -> PurchaseStart:
    """What the form of a purchase starts with.

    Raises:
        ListingNotFound: if there is no such listing, or not any more.
        BuyOwnListing: if the actor sells it.
        NotForSale: if it is not on offer, or looked for.
        NotEnough: if nothing is free.
    """
    listing = session.get(Listing, listing_id) if is_id(listing_id) else None
    if listing is None or listing.status in HIDDEN:
        raise ListingNotFound
    if listing.seller_id == actor.user_id:
        raise BuyOwnListing
    if listing.kind == ListingKind.WANTED or listing.status in {ListingStatus.TAKEN_DOWN, ListingStatus.SUSPENDED}:
        raise NotForSale
    if listing.quantity < 1:
        raise NotEnough(0)
    return PurchaseStart(
        listing_id=listing_id,
        title=listing.title,
        price=format_price(listing.price_fen),
        price_fen=listing.price_fen,
        cover_url=cover_url(listing.cover),
        seller_id=listing.seller_id,
        seller_name=names.of(session, listing.seller_id),
        place=listing.place,
        free=listing.quantity,
        is_negotiable=listing.is_negotiable,
        addresses=address_book.entries(session, actor),
    )


def table(session: Session, actor: Actor, wanted: OrderFilter) -> str:
    """The actor's orders as CSV, the newest first: a header and at most ``csv_tables.MOST_ROWS`` rows."""
    return csv_tables.table(_HEADER, _rows(session, actor, wanted))


def _rows(session: Session, actor: Actor, wanted: OrderFilter) -> Iterator[list[str]]:
    columns = (col(Order.note), col(Order.carrier), col(Order.tracking_number))
    statement = select(actor, wanted).add_columns(*columns).order_by(sa.desc(col(Order.id))).limit(csv_tables.MOST_ROWS)
    for row in session.execute(statement):
        yield [
            str(row.id),
            local_time.for_input(row.created_at).replace("T", " "),
            STATUSES[row.status],
            row.title,
            format_price(row.unit_fen).replace(",", ""),
            str(row.quantity),
            format_price(row.unit_fen * row.quantity).replace(",", ""),
            DELIVERIES[row.delivery],
            names.called(row).text,
            row.carrier,
            row.tracking_number,
            # What the buyer wrote is between the two; each has it.
            row.note,
        ]


def file_name(wanted: OrderFilter) -> str:
    """What the table is called on disk."""
    return "bought.csv" if wanted.side == BOUGHT else "sold.csv"
