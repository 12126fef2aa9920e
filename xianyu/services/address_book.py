"""The address book: where a person has things sent to. Orders copy what they need of it."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from xianyu.models import Address, User
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import AddressesChanged
from xianyu.schemas.orders import AddressForm, AddressView
from xianyu.services.errors import DomainError
from xianyu.services.ids import is_id
from xianyu.services.order_errors import AddressNotFound

MOST = 20


class TooManyAddresses(DomainError):
    """The address book is full."""

    def __init__(self) -> None:
        super().__init__(f"最多保存 {MOST} 个地址，先删除不用的", "form")


def entries(session: Session, actor: Actor) -> list[AddressView]:
    """The actor's addresses: the default one first, then the newest."""
    return of_person(session, actor.user_id)


def of_person(session: Session, user_id: int) -> list[AddressView]:
    """A person's addresses, for the server itself to show in that person's tabs."""
    rows = session.exec(
        select(Address)
        .where(Address.user_id == user_id)
        .order_by(col(Address.is_default).desc(), col(Address.id).desc())
        .execution_options(populate_existing=True)
    )
    return [AddressView(row.id or 0, row.recipient, row.phone, row.address, row.is_default) for row in rows]


def of_buyer(session: Session, user_id: int, address_id: int) -> AddressView:
    """One entry of a person's. Raises ``AddressNotFound``."""
    found = [one for one in of_person(session, user_id) if one.id == address_id]
    if not found:
        raise AddressNotFound
    return found[0]


def save(session: Session, actor: Actor, form: AddressForm, address_id: int = 0) -> tuple[int, AddressesChanged]:
    """Add an address, or change the one of that number. The first one is the default.

    Returns:
        Its number, and what happened.

    Raises:
        AddressNotFound: if there is no such entry of the actor's.
        TooManyAddresses: if there are ``MOST`` already.
    """
    # Two tabs of one person take turns, so that there are never two defaults.
    session.execute(sa.select(col(User.id)).where(col(User.id) == actor.user_id).with_for_update(key_share=True))
    present = entries(session, actor)
    changed = [one for one in present if one.id == address_id]
    if address_id and not changed:
        raise AddressNotFound
    if not address_id and len(present) >= MOST:
        raise TooManyAddresses
    others = [one for one in present if one.id != address_id]
    is_default = form.is_default or not any(one.is_default for one in others)
    if is_default:
        _drop_default(session, actor)
    values: dict[str, Any] = {
        "recipient": form.recipient,
        "phone": form.phone,
        "address": form.address,
        "is_default": is_default,
    }
    if changed:
        session.execute(sa.update(Address).where(col(Address.id) == address_id).values(values))
    else:
        row = Address(user_id=actor.user_id, **values)
        session.add(row)
        session.flush()
        address_id = row.id or 0
    return address_id, AddressesChanged(actor.user_id)


def _drop_default(session: Session, actor: Actor) -> None:
    session.execute(sa.update(Address).where(col(Address.user_id) == actor.user_id).values(is_default=False))


def delete(session: Session, actor: Actor, address_id: int) -> AddressesChanged:
    """Take an address out of the book; orders keep their copy. Done twice it is done once."""
    if is_id(address_id):
        session.execute(sa.delete(Address).where(col(Address.id) == address_id, col(Address.user_id) == actor.user_id))
    left = entries(session, actor)
    if left and not left[0].is_default:
        session.execute(sa.update(Address).where(col(Address.id) == left[0].id).values(is_default=True))
    return AddressesChanged(actor.user_id)
