"""What orders and offers are called on pages, in notices and in tables: the one place that names them."""

from xianyu.models import Delivery, OfferStatus, OrderStatus
from xianyu.services.order_states import Action, Role

STATUSES: dict[str, str] = {
    OrderStatus.PENDING.value: "待卖家确认",
    OrderStatus.CONFIRMED.value: "已确认",
    OrderStatus.SHIPPED.value: "已发货",
    OrderStatus.HANDED_OVER.value: "卖家已交付",
    OrderStatus.RECEIVED.value: "买家已收到",
    OrderStatus.COMPLETED.value: "已完成",
    OrderStatus.DECLINED.value: "卖家已拒绝",
    OrderStatus.CANCELLED.value: "已取消",
    OrderStatus.EXPIRED.value: "超时未确认",
}
DELIVERIES: dict[str, str] = {Delivery.FACE_TO_FACE.value: "当面交易", Delivery.SHIPPING.value: "快递发货"}
OFFERS: dict[str, str] = {
    OfferStatus.OPEN.value: "等待回复",
    OfferStatus.ACCEPTED.value: "已接受",
    OfferStatus.DECLINED.value: "已拒绝",
    OfferStatus.COUNTERED.value: "已还价",
    OfferStatus.WITHDRAWN.value: "已撤回",
    OfferStatus.EXPIRED.value: "已过期",
}
BUTTONS: dict[str, str] = {
    Action.REPRICE.value: "改价",
    Action.CONFIRM.value: "确认订单",
    Action.DECLINE.value: "拒绝订单",
    Action.CANCEL.value: "取消订单",
    Action.SHIP.value: "确认发货",
    Action.HAND_OVER.value: "确认交付",
    Action.RECEIVE.value: "确认收货",
}
# The step that leads on, beside those that change or end it.
PRIMARY = {Action.CONFIRM, Action.SHIP, Action.HAND_OVER, Action.RECEIVE}
STEPS: dict[str, str] = {
    Action.PLACE.value: "下单",
    Action.REPRICE.value: "修改价格",
    Action.CONFIRM.value: "确认订单",
    Action.DECLINE.value: "拒绝订单",
    Action.CANCEL.value: "取消订单",
    Action.SHIP.value: "发货",
    Action.HAND_OVER.value: "当面交付",
    Action.RECEIVE.value: "确认收货",
    Action.EXPIRE.value: "超时未确认，订单已关闭",
    Action.COMPLETE.value: "到期自动完成",
}
# What is next, as each of the two reads it.
_NEXT: dict[tuple[str, Role], str] = {
    (OrderStatus.PENDING, Role.BUYER): "等待卖家确认，宝贝已为你留着",
    (OrderStatus.PENDING, Role.SELLER): "请确认或拒绝这个订单",
    (OrderStatus.SHIPPED, Role.BUYER): "卖家已发货，收到后请确认收货",
    (OrderStatus.SHIPPED, Role.SELLER): "等待买家确认收货",
    (OrderStatus.HANDED_OVER, Role.BUYER): "卖家说已当面交付，拿到了就请确认收货",
    (OrderStatus.HANDED_OVER, Role.SELLER): "等待买家确认收货",
    (OrderStatus.RECEIVED, Role.BUYER): "等待卖家确认交付",
    (OrderStatus.RECEIVED, Role.SELLER): "买家说已收到，请确认交付",
    (OrderStatus.COMPLETED, Role.BUYER): "交易完成",
    (OrderStatus.COMPLETED, Role.SELLER): "交易完成",
}


def status_note(status: str, role: Role, delivery: str) -> str:
    """One sentence about what an order waits for; empty where nothing is to be said."""
    if status == OrderStatus.CONFIRMED:
        if delivery == Delivery.SHIPPING:
            return "等待卖家发货" if role is Role.BUYER else "请发货并填写快递单号"
        return "约好时间和地点，当面交易后双方确认"
    return _NEXT.get((status, role), "")


def deadline_note(status: str) -> str:
    """What happens by itself at an order's deadline."""
    return "到时未确认将自动关闭" if status == OrderStatus.PENDING else "到时将自动确认完成"
