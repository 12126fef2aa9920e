"""Why an order or an offer is not made, shown or changed."""

from xianyu.services.errors import DomainError
from xianyu.services.order_words import STATUSES


class OrderNotFound(DomainError):
    """There is no such order of the actor's. Strangers are told the same."""

    def __init__(self) -> None:
        super().__init__("没有找到这个订单")


class OfferNotFound(DomainError):
    """There is no such offer of the actor's. Strangers are told the same."""

    def __init__(self) -> None:
        super().__init__("没有找到这个出价")


class AddressNotFound(DomainError):
    """There is no such entry in the actor's address book."""

    def __init__(self) -> None:
        super().__init__("没有找到这个地址，请重新选择", "address")


class NotForSale(DomainError):
    """The listing is not on offer, or somebody looks for such a thing."""

    def __init__(self) -> None:
        super().__init__("这件宝贝现在不能购买", "form")


class BuyOwnListing(DomainError):
    """Somebody would buy from themselves."""

    def __init__(self) -> None:
        super().__init__("这是你自己发布的宝贝", "form")


class NotEnough(DomainError):
    """Fewer pieces are free than are wanted.

    Args:
        free: How many are.
    """

    def __init__(self, free: int) -> None:
        super().__init__(f"只剩 {free} 件了" if free else "来晚了一步，已经被别人拍下了", "quantity")
        self.free = free


class PriceMoved(DomainError):
    """The listing costs something else than the buyer saw."""

    def __init__(self, price: str) -> None:
        super().__init__(f"卖家刚改了价格，现在是 {price}，确认后再下单", "form")


class TooManyPending(DomainError):
    """The buyer has as many unanswered orders as anybody may have."""

    def __init__(self) -> None:
        super().__init__("你有太多订单还在等卖家确认，先处理一些再下单", "form")


class IllegalStep(DomainError):
    """The order's present status does not allow the step to whoever tries.

    Args:
        status: Where the order stands.
    """

    def __init__(self, status: str) -> None:
        super().__init__(f"订单现在是“{STATUSES.get(status, status)}”，不能这样操作")


class OrderMoved(DomainError):
    """Somebody else took a step at the same moment."""

    def __init__(self) -> None:
        super().__init__("订单刚刚有了变化，请看最新状态后再操作")


class OfferSettled(DomainError):
    """The offer is answered, withdrawn or over, or it is not for the actor to answer."""

    def __init__(self, message: str = "这个出价已经有结果了") -> None:
        super().__init__(message)


class UnfinishedOrders(DomainError):
    """Something cannot go while orders that point at it are not finished."""
