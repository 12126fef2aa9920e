"""Trade: orders with their history, offers, and the addresses that people have things sent to."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlmodel import Field

from xianyu.models.types import BigId, Table, UtcDateTime, table_args, utc_now


class OrderStatus(StrEnum):
    """Where an order stands. The last four are final; which leads to which is in ``order_states``."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    # Face to face: one side has said that the thing changed hands, the other has yet to.
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    COMPLETED = "completed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Delivery(StrEnum):
    """How a thing gets to its buyer."""

    FACE_TO_FACE = "face_to_face"
    SHIPPING = "shipping"


class OfferStatus(StrEnum):
    """What became of a price that somebody proposed."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COUNTERED = "countered"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Order(Table, table=True):
    """A purchase. ``title``, ``cover``, ``listed_fen`` and ``seller_name`` are the listing's as it was then.

    Prices are in fen and of one piece. ``listing_id`` is empty once the listing is deleted for good.
    """

    __tablename__ = "trade_order"
    __table_args__ = table_args(
        # Made by the buyer's browser: a second press or a repeat after a lost answer is the same order.
        sa.UniqueConstraint("buyer_id", "client_key"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("unit_fen >= 0", name="price_not_negative"),
        sa.CheckConstraint("buyer_id <> seller_id", name="two_people"),
        # 我买到的 and 我卖出的, whole and by status, newest first.
        sa.Index("ix_trade_order_bought", "buyer_id", "id"),
        sa.Index("ix_trade_order_bought_status", "buyer_id", "status", "id"),
        sa.Index("ix_trade_order_sold", "seller_id", "id"),
        sa.Index("ix_trade_order_sold_status", "seller_id", "status", "id"),
        sa.Index("ix_trade_order_listing_id", "listing_id"),
        # What is due, and whose pictures may not be cleaned away.
        sa.Index("ix_trade_order_deadline_at", "deadline_at"),
        sa.Index("ix_trade_order_warn_at", "warn_at"),
        sa.Index("ix_trade_order_cover", "cover"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    buyer_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    seller_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    listing_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="SET NULL"), nullable=True)
    )
    client_key: str = Field(max_length=36)
    title: str = Field(max_length=60)
    # The name of the first picture; its file stays for as long as an order shows it.
    cover: str = Field(default="", max_length=40)
    listed_fen: int = Field(sa_type=sa.Integer)
    seller_name: str = Field(max_length=64)
    quantity: int = Field(sa_type=sa.Integer)
    # What is asked for a piece: the listing's price, that of an accepted offer, or what the seller made of it.
    unit_fen: int = Field(sa_type=sa.Integer)
    delivery: str = Field(max_length=16)
    note: str = Field(default="", max_length=200)
    # Where to and to whom, copied from the address book; face to face at most a phone.
    recipient: str = Field(default="", max_length=30)
    phone: str = Field(default="", max_length=20)
    address: str = Field(default="", max_length=200)
    carrier: str = Field(default="", max_length=30)
    tracking_number: str = Field(default="", max_length=40)
    status: str = Field(default=OrderStatus.PENDING, max_length=16)
    # Counts up with every change, so that of two at the same moment one finds the other's.
    version: int = Field(default=1, sa_type=sa.Integer)
    # When the clock takes the next step, and when it says so beforehand; empty once that is said.
    deadline_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    warn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The card in the two people's conversation.
    conversation_id: int | None = Field(default=None, sa_type=BigId)
    card_seq: int = Field(default=0, sa_type=sa.Integer)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class OrderEvent(Table, table=True):
    """One step of an order, never changed afterwards. Without an actor it was the clock's."""

    __tablename__ = "order_event"
    __table_args__ = table_args(
        # One row a version: what happened twice would be refused by the database.
        sa.UniqueConstraint("order_id", "version"),
        sa.Index("ix_order_event_actor_id", "actor_id"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    order_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("trade_order.id", ondelete="CASCADE"), nullable=False)
    )
    version: int = Field(sa_type=sa.Integer)
    actor_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=True)
    )
    # An ``order_states.Action``.
    kind: str = Field(max_length=16)
    status: str = Field(max_length=16)
    detail: str = Field(default="", max_length=200)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Address(Table, table=True):
    """A place that somebody has things sent to."""

    __tablename__ = "address"
    __table_args__ = table_args(sa.Index("ix_address_user_id", "user_id"), numbered=True)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    user_id: int = Field(
        sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False)
    )
    recipient: str = Field(max_length=30)
    phone: str = Field(max_length=20)
    address: str = Field(max_length=200)
    is_default: bool = Field(default=False)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class Offer(Table, table=True):
    """A price that the buyer or the seller proposed (出价), answered or not. ``maker_id`` is one of the two."""

    __tablename__ = "offer"
    __table_args__ = table_args(
        # Of what is not open ``open_slot`` is empty, so two people have one open offer about a thing.
        sa.UniqueConstraint("listing_id", "buyer_id", "open_slot"),
        sa.UniqueConstraint("maker_id", "client_key"),
        sa.CheckConstraint("quantity > 0", name="quantity_positive"),
        sa.CheckConstraint("unit_fen >= 0", name="price_not_negative"),
        sa.Index("ix_offer_buyer_id", "buyer_id"),
        sa.Index("ix_offer_seller_id", "seller_id"),
        sa.Index("ix_offer_deadline_at", "deadline_at"),
        sa.Index("ix_offer_order_id", "order_id"),
        numbered=True,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    listing_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("listing.id", ondelete="CASCADE"), nullable=False))
    buyer_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    seller_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    maker_id: int = Field(sa_column=sa.Column(BigId, sa.ForeignKey("user_account.id"), nullable=False))
    client_key: str = Field(max_length=36)
    quantity: int = Field(sa_type=sa.Integer)
    unit_fen: int = Field(sa_type=sa.Integer)
    status: str = Field(default=OfferStatus.OPEN, max_length=16)
    open_slot: int | None = Field(default=1, sa_type=sa.Integer)
    deadline_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    # The order that came of it.
    order_id: int | None = Field(
        default=None, sa_column=sa.Column(BigId, sa.ForeignKey("trade_order.id", ondelete="SET NULL"), nullable=True)
    )
    conversation_id: int | None = Field(default=None, sa_type=BigId)
    card_seq: int = Field(default=0, sa_type=sa.Integer)
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
