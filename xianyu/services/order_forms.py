"""What people type about orders, checked: a purchase, a step, an offer, an address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xianyu.models import Delivery
from xianyu.schemas.orders import AddressForm, OrderForm
from xianyu.services.errors import InvalidForm
from xianyu.services.form_checks import as_text, number_text, text_error
from xianyu.services.ids import is_client_id, is_id
from xianyu.services.listing_form import check_price, check_quantity
from xianyu.services.text import clean_line, clean_lines, is_blank

NOTE_LENGTH = (1, 200)
REASON_LENGTH = (2, 200)
RECIPIENT_LENGTH = (1, 30)
ADDRESS_LENGTH = (5, 200)
CARRIER_LENGTH = (2, 30)

# Numbers of the mainland and others, with what people put between the digits.
_PHONE = re.compile(r"\+?[0-9]{5,18}")
_BETWEEN = re.compile(r"[\s()-]")
_TRACKING = re.compile(r"[0-9A-Za-z-]{5,40}")


@dataclass(frozen=True)
class StepForm:
    """What a step was given, checked."""

    reason: str = ""
    unit_fen: int = 0
    carrier: str = ""
    tracking_number: str = ""


@dataclass(frozen=True)
class OfferForm:
    """A checked offer. ``unit_fen`` is the price of a piece."""

    quantity: int
    unit_fen: int
    client_key: str


def _refuse(errors: dict[str, str]) -> None:
    if any(errors.values()):
        raise InvalidForm({field: message for field, message in errors.items() if message})


def _optional(text: str, label: str, length: tuple[int, int]) -> str:
    """Why a text that may be missing is refused, or an empty string."""
    return "" if is_blank(text) else text_error(text, label, length, clean_lines)


def _phone(text: str) -> str:
    return _BETWEEN.sub("", number_text(text))


def _phone_error(text: str, *, needed: bool) -> str:
    if not _phone(text):
        return "请填写手机号" if needed else ""
    return "" if _PHONE.fullmatch(_phone(text)) else "手机号要写成数字，例如 13800000000"


def check_order(fields: Mapping[str, object]) -> OrderForm:
    """Check the form of 立即购买 as a browser sent it. Every value may be missing or of any type.

    Args:
        fields: By name:
            ``listing_id``: the listing's number.
            ``quantity``: as text, 1 to 9999.
            ``delivery``: a ``Delivery``.
            ``address_id``: the number of an entry of the address book; with shipping it is needed.
            ``phone``: for a meeting, or nothing.
            ``note``: up to 200 characters, or nothing.
            ``client_key``: 8 to 36 letters, digits and hyphens, made once for each wish to buy.
            ``seen_fen``: the price that was shown, in fen, or nothing.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    count, quantity_error = check_quantity(as_text(fields.get("quantity")))
    note, phone = as_text(fields.get("note")), as_text(fields.get("phone"))
    delivery, address_id, key = fields.get("delivery"), fields.get("address_id"), fields.get("client_key")
    listing_id, seen = fields.get("listing_id"), fields.get("seen_fen")
    is_sent = delivery == Delivery.SHIPPING
    _refuse(
        {
            "quantity": quantity_error,
            "delivery": "" if delivery in tuple(Delivery) else "请选择交易方式",
            "address": "请选择收货地址" if is_sent and not is_id(address_id) else "",
            "phone": "" if is_sent else _phone_error(phone, needed=False),
            "note": _optional(note, "备注", NOTE_LENGTH),
            "form": "" if is_client_id(key) and is_id(listing_id) else "页面过期了，请刷新后重试",
        }
    )
    return OrderForm(
        listing_id=listing_id if is_id(listing_id) else 0,
        quantity=count,
        delivery=as_text(delivery),
        client_key=as_text(key),
        note=clean_lines(note),
        address_id=address_id if is_sent and is_id(address_id) else 0,
        phone="" if is_sent else _phone(phone),
        seen_fen=seen if isinstance(seen, int) and not isinstance(seen, bool) else None,
    )


def check_step(needs: str, fields: Mapping[str, object]) -> StepForm:
    """Check what a step was given. ``needs`` is a rule's; what it does not ask for is passed over.

    Args:
        needs: ``""``, ``"reason"``, ``"price"`` or ``"tracking"``.
        fields: By name: ``reason``, ``price`` of one piece in yuan, ``carrier`` and ``tracking_number``.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    if needs == "reason":
        reason = as_text(fields.get("reason"))
        _refuse({"reason": text_error(reason, "原因", REASON_LENGTH, clean_lines)})
        return StepForm(reason=clean_lines(reason))
    if needs == "price":
        fen, error = check_price(as_text(fields.get("price")))
        _refuse({"price": error})
        return StepForm(unit_fen=fen)
    if needs == "tracking":
        carrier, number = as_text(fields.get("carrier")), as_text(fields.get("tracking_number"))
        number = re.sub(r"\s", "", number_text(number))
        _refuse(
            {
                "carrier": text_error(carrier, "快递公司", CARRIER_LENGTH, clean_line),
                "tracking_number": "" if _TRACKING.fullmatch(number) else "快递单号要是 5 到 40 位字母和数字",
            }
        )
        return StepForm(carrier=clean_line(carrier), tracking_number=number)
    return StepForm()


def check_offer(fields: Mapping[str, object]) -> OfferForm:
    """Check an offer.

    Args:
        fields: By name: ``price`` of one piece in yuan, ``quantity`` as text, ``client_key`` as for orders.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    fen, price_error = check_price(as_text(fields.get("price")))
    count, quantity_error = check_quantity(as_text(fields.get("quantity")))
    key = fields.get("client_key")
    _refuse(
        {
            "price": price_error,
            "quantity": quantity_error,
            "form": "" if is_client_id(key) else "页面过期了，请刷新后重试",
        }
    )
    return OfferForm(count, fen, as_text(key))


def check_address(fields: Mapping[str, object]) -> AddressForm:
    """Check an entry for the address book.

    Args:
        fields: By name: ``recipient``, ``phone``, ``address``, and ``is_default``, true or not.

    Raises:
        InvalidForm: with a message for each refused field.
    """
    recipient, phone, address = (as_text(fields.get(name)) for name in ("recipient", "phone", "address"))
    _refuse(
        {
            "recipient": text_error(recipient, "收件人", RECIPIENT_LENGTH, clean_line),
            "phone": _phone_error(phone, needed=True),
            "address": text_error(address, "地址", ADDRESS_LENGTH, clean_line),
        }
    )
    return AddressForm(clean_line(recipient), _phone(phone), clean_line(address), fields.get("is_default") is True)
