"""What the handlers of one's own listings do for those who have no right to them.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler.
"""

from typing import Any

from xianyu import routes

LOGIN = "the login page"
OWN_ONLY = "只有发布者本人可以修改这件宝贝"

FORM = {
    "title": "改掉",
    "description": "描述描述描述",
    "price": "1",
    "quantity": "1",
    "category": "sports",
    "photos": '{"ids":[1]}',
}


def _of_seller(**row: Any) -> dict[str, Any]:
    return {"page": routes.LISTING, "visitor": LOGIN, "stranger": OWN_ONLY, **row}


def _mine(**row: Any) -> dict[str, Any]:
    return {"page": routes.ME, "visitor": LOGIN, **row}


def _form(**row: Any) -> dict[str, Any]:
    return {"page": routes.SELL, "visitor": LOGIN, **row}


_ONE = ({"listing_id": "[listing_id]"},)

ROWS: dict[str, dict[str, Any]] = {
    "listing_state.take_down": _of_seller(),
    "listing_state.relist": _of_seller(),
    "listing_state.mark_sold_out": _of_seller(),
    "listing_state.bump": _of_seller(),
    "listing_state.delete": _of_seller(),
    "sell_state.open_new": _form(payloads=({"opened": "one"},)),
    "sell_state.open_edit": _form(
        page=routes.LISTING_EDIT,
        stranger=OWN_ONLY,
        payloads=({"opened": "one", "path": "/listing/[listing_id]/edit"},),
    ),
    "sell_state.resume": _form(),
    "sell_state.discard": _form(),
    "sell_state.save_draft": _form(payloads=({"form": FORM},), may_change=frozenset({"draft"})),
    "sell_state.suggest": _form(payloads=({"typed": "zxc"},)),
    "sell_state.publish": _form(stranger="有照片已失效或已用在别处", payloads=({"form": FORM},)),
    "sell_state.save": _form(page=routes.LISTING_EDIT, stranger=OWN_ONLY, payloads=({"form": FORM},)),
    "me_state.load": _mine(),
    "me_state.choose": _mine(payloads=({"status": "taken_down"},)),
    "me_state.look_for": _mine(payloads=({"words": "山地车"},)),
    "me_state.load_more": {"page": routes.ME, "revoked": LOGIN},
    "me_state.start_choosing": {"page": routes.ME},
    "me_state.toggle": {"page": routes.ME, "payloads": _ONE},
    "me_state.choose_all": {"page": routes.ME},
    "me_state.take_down_chosen": _mine(),
    "me_state.relist_chosen": _mine(),
    "me_state.take_down": _mine(payloads=_ONE, stranger=OWN_ONLY),
    "me_state.relist": _mine(payloads=_ONE, stranger=OWN_ONLY),
    "me_state.bump": _mine(payloads=_ONE, stranger=OWN_ONLY),
}
