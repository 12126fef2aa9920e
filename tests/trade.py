"""Orders to test with."""

import uuid
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from tests.factories import make_listing, make_user
from xianyu.adapters.database import Database
from xianyu.models import Listing, Order
from xianyu.schemas.accounts import Actor
from xianyu.schemas.orders import OrderForm
from xianyu.services import orders

LISTING_PIECES = 3


@dataclass(frozen=True)
class Trade:
    """A listing, its seller, and a buyer who ordered one piece of it, to be met for."""

    seller: Actor
    buyer: Actor
    listing_id: int
    order_id: int
    form: OrderForm


def order_form(listing_id: int, quantity: int = 1, **more: Any) -> OrderForm:
    """A wish to buy with a key of its own."""
    values: dict[str, Any] = {"delivery": "face_to_face", "client_key": str(uuid.uuid4())} | more
    return OrderForm(listing_id, quantity, **values)


def buy(database: Database, buyer: Actor, listing_id: int, quantity: int = 1, **more: Any) -> int:
    """The number of a new order."""
    return database.write(orders.place, buyer, order_form(listing_id, quantity, **more)).order_id


def trade(database: Database, quantity: int = LISTING_PIECES, **more: Any) -> Trade:
    """A new order of one piece of a new listing of ``quantity`` pieces."""
    seller, buyer = make_user(database), make_user(database)
    listing_id = make_listing(database, seller, quantity=quantity)
    form = order_form(listing_id, **more)
    return Trade(seller, buyer, listing_id, database.write(orders.place, buyer, form).order_id, form)


def pieces(database: Database, listing_id: int) -> tuple[int, int, int]:
    """How many pieces of a listing are free, reserved and sold."""
    listing = database.read(Session.get_one, Listing, listing_id)
    assert isinstance(listing, Listing)
    return listing.quantity, listing.reserved, listing.sold


def count_orders(database: Database) -> int:
    """How many orders there are."""
    return int(database.read(lambda session: session.scalar(sa.select(sa.func.count()).select_from(Order))) or 0)
