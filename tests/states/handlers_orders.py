"""What the handlers of orders, reviews, purchases, addresses and offers do for those who have no right to it.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler. What
the names in brackets stand for belongs to other people.
"""

from typing import Any

from xianyu import routes

LOGIN = "the login page"
NO_ORDER = "没有找到这个订单"
NO_OFFER = "没有找到这个出价"
NO_REVIEW = "没有找到这条评价"
NO_ADDRESS = "没有找到这个地址，请重新选择"

_OFFER = ({"offer_id": "[offer_id]"}, {"offer_id": 0}, {"offer_id": 2**80})
# With an address of somebody else's, to which nothing is to be sent.
PURCHASE = {
    "listing_id": "[listing_id]",
    "quantity": "1",
    "delivery": "shipping",
    "address_id": "[address_id]",
    "client_key": "client-key-0001",
}
ADDRESS = {
    "id": "[address_id]",
    "book_recipient": "别人",
    "book_phone": "13900000000",
    "book_address": "别处的地址 1 号",
}
COUNTER = {"about": "offer", "ref": "[offer_id]", "price": "1", "quantity": "1", "client_key": "client-key-0002"}


def _order(**row: Any) -> dict[str, Any]:
    return {"page": routes.ORDER, "visitor": LOGIN, "stranger": NO_ORDER, **row}


def _offer(**row: Any) -> dict[str, Any]:
    return {"page": routes.CONVERSATION, "visitor": LOGIN, "stranger": NO_OFFER, **row}


def _reviews(**row: Any) -> dict[str, Any]:
    return {"page": routes.ORDER, "visitor": LOGIN, **row}


def _buy(**row: Any) -> dict[str, Any]:
    return {"page": routes.BUY, "visitor": LOGIN, **row}


ROWS: dict[str, dict[str, Any]] = {
    "orders_state.load": {"page": routes.ORDERS, "visitor": LOGIN},
    "orders_state.load_more": {"page": routes.ORDERS},
    "orders_state.choose": {"page": routes.ORDERS, "payloads": ({"status": "pending"},)},
    "orders_state.look_for": {"page": routes.ORDERS, "payloads": ({"form": {"words": "山地车"}},)},
    "waiting_state.load": {"page": routes.ME, "visitor": LOGIN},
    "order_state.load": _order(),
    "order_state.ask": {"page": routes.ORDER, "payloads": ({"name": "cancel", "is_open": True},)},
    "order_state.take": _order(payloads=({"name": "confirm"}, {"name": "expire"}, {"name": "complete"})),
    "order_state.submit": _order(payloads=({"form": {"action": "cancel", "reason": "不要了"}},)),
    "order_reviews_state.load": _reviews(),
    "order_reviews_state.ask": {"page": routes.ORDER, "payloads": ({"is_open": True},)},
    "order_reviews_state.ask_reply": {"page": routes.ORDER, "payloads": ({"review_id": 1, "is_open": True},)},
    "order_reviews_state.write": _reviews(stranger=NO_ORDER, payloads=({"form": {"stars": "5", "text": "好"}},)),
    "order_reviews_state.reply": _reviews(stranger=NO_REVIEW, payloads=({"form": {"review_id": "1", "reply": "好"}},)),
    "person_reviews_state.load": {"page": routes.USER},
    "person_reviews_state.load_more": {"page": routes.USER},
    "listing_reviews_state.load": {"page": routes.LISTING},
    "listing_reviews_state.load_more": {"page": routes.LISTING},
    "buy_state.load": {"page": routes.BUY},
    "buy_state.open": _buy(payloads=({"opened": "one", "path": "/listing/[listing_id]/buy"},)),
    "buy_state.count": {"page": routes.BUY, "payloads": ({"typed": "2"},)},
    "buy_state.submit": _buy(stranger=NO_ADDRESS, payloads=({"form": PURCHASE},)),
    "buy_state.edit_address": {"page": routes.BUY, "payloads": ({"address_id": "[address_id]", "is_open": True},)},
    "buy_state.save_address": _buy(stranger=NO_ADDRESS, payloads=({"form": ADDRESS},)),
    "buy_state.delete_address": _buy(payloads=({"address_id": "[address_id]"}, {"address_id": -1})),
    "offer_state.load": {"page": routes.LISTING},
    "offer_state.ask": _offer(payloads=({"about": "offer", "ref": "[offer_id]", "is_open": True},)),
    "offer_state.submit": _offer(payloads=({"form": COUNTER},)),
    "offer_state.accept": _offer(payloads=_OFFER),
    "offer_state.decline": _offer(payloads=_OFFER),
    "offer_state.withdraw": _offer(payloads=_OFFER),
}
