"""Orders, offers and addresses as the interface sees them, and the checked forms that come from it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class OrderForm:
    """A checked wish to buy. ``client_key`` is made by the browser, once for each wish.

    ``address_id`` names an entry of the buyer's address book and belongs to shipping; ``phone`` may be
    left for a meeting. ``seen_fen`` is the price that the buyer saw, or nothing where none was shown.
    """

    listing_id: int
    quantity: int
    delivery: str
    client_key: str
    note: str = ""
    address_id: int = 0
    phone: str = ""
    seen_fen: int | None = None


@dataclass(frozen=True)
class AddressForm:
    """A checked entry for the address book."""

    recipient: str
    phone: str
    address: str
    is_default: bool = False


@dataclass(frozen=True)
class AddressView:
    """An entry of one's own address book."""

    id: int = 0
    recipient: str = ""
    phone: str = ""
    address: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class PurchaseStart:
    """What the form of 立即购买 starts with. ``price`` is in yuan, grouped; ``price_fen`` the same in fen."""

    listing_id: int = 0
    title: str = ""
    price: str = ""
    price_fen: int = 0
    cover_url: str = ""
    seller_id: int = 0
    seller_name: str = ""
    place: str = ""
    free: int = 0
    is_negotiable: bool = False
    addresses: list[AddressView] = field(default_factory=list)


@dataclass(frozen=True)
class OrderAction:
    """Something that whoever looks may do with an order now.

    Args:
        name: An ``order_states.Action``, which the page sends back.
        label: What the button says.
        needs: What has to be typed: ``""``, ``"reason"``, ``"price"`` or ``"tracking"``.
        is_primary: Whether it is the step that leads on.
    """

    name: str
    label: str
    needs: str = ""
    is_primary: bool = False


@dataclass(frozen=True)
class OrderStep:
    """A line of an order's timeline. ``actor_name`` is empty where it happened by itself."""

    key: int
    kind: str
    title: str
    actor_name: str
    detail: str
    at: str
    is_mine: bool = False


@dataclass(frozen=True)
class OrderCard:
    """An order in a list. Prices are in yuan, grouped, two decimals.

    ``side`` is ``bought`` or ``sold``, as whoever looks stands to it; ``peer`` is the other of the two.
    ``url`` leads to the order, ``listing_url`` to its listing and is empty where that is gone.
    ``is_to_review`` is whether whoever looks can still say what the other was like.
    """

    id: int
    url: str
    side: str
    status: str
    status_label: str
    title: str
    cover_url: str
    unit_price: str
    quantity: int
    total: str
    delivery: str
    delivery_label: str
    peer_id: int
    peer_name: str
    peer_avatar_url: str
    created_at: str
    deadline_at: str
    listing_url: str = ""
    actions: list[OrderAction] = field(default_factory=list)
    is_to_review: bool = False


@dataclass(frozen=True)
class OrderPage:
    """Orders, newest first, and after which number the next page begins, or 0 at the end."""

    orders: list[OrderCard]
    after: int = 0


@dataclass(frozen=True)
class OrderCount:
    """How many orders of one status there are; the empty status stands for all."""

    status: str
    label: str
    count: int


@dataclass(frozen=True)
class OrderFilter:
    """Which of one's orders. ``side`` is ``bought`` or ``sold``; what is empty does not narrow.

    ``since`` and ``until`` are days of the compound's calendar, ``2026-11-28``, both included.
    """

    side: str = "bought"
    status: str = ""
    words: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True)
class OrderDetail:
    """Everything about one order as one of its two people sees it.

    ``deadline_note`` says what happens by itself and when, with ``deadline_at`` as the instant.
    ``recipient``, ``phone`` and ``address`` are empty where whoever looks does not need them.
    """

    id: int = 0
    side: str = ""
    status: str = ""
    status_label: str = ""
    status_note: str = ""
    title: str = ""
    cover_url: str = ""
    listing_url: str = ""
    seller_name: str = ""
    listed_price: str = ""
    unit_price: str = ""
    quantity: int = 0
    total: str = ""
    delivery: str = ""
    delivery_label: str = ""
    note: str = ""
    recipient: str = ""
    phone: str = ""
    address: str = ""
    carrier: str = ""
    tracking_number: str = ""
    peer_id: int = 0
    peer_name: str = ""
    peer_avatar_url: str = ""
    conversation_url: str = ""
    created_at: str = ""
    deadline_at: str = ""
    deadline_note: str = ""
    version: int = 0
    actions: list[OrderAction] = field(default_factory=list)
    steps: list[OrderStep] = field(default_factory=list)


@dataclass(frozen=True)
class OfferView:
    """An offer that two people have about a listing. ``awaits_id`` is who may answer, or 0 once it is answered."""

    id: int = 0
    listing_id: int = 0
    title: str = ""
    cover_url: str = ""
    quantity: int = 0
    unit_price: str = ""
    total: str = ""
    status: str = ""
    status_label: str = ""
    maker_id: int = 0
    awaits_id: int = 0
    peer_id: int = 0
    order_url: str = ""
    deadline_at: str = ""
