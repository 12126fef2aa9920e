"""What the handlers of 收藏, 足迹 and the boxes do for those who have no right to it.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler.
"""

from typing import Any

from xianyu import routes

LOGIN = "the login page"
NOT_THERE = "这件宝贝不存在或已被删除"
# A look at a page is counted on the listing's row; whoever is known finds it again in a row of their own.
LOOKS = frozenset({"listing", "listing_view"})

_WRONG_IDS = ({"listing_id": 0}, {"listing_id": -1}, {"listing_id": 2**80})

ROWS: dict[str, dict[str, Any]] = {
    # Opening the page has counted the caller before the handler is called once more.
    "interest_state.load": {"page": routes.LISTING, "may_change": LOOKS},
    "interest_state.favor": {
        "page": routes.LISTING,
        "visitor": LOGIN,
        "payloads": ({"wanted": False}, {"wanted": True}, {"wanted": "yes"}),
        "revoked": LOGIN,
        # The seller is told.
        "may_change": frozenset({"favorite", "listing", "notice"}),
    },
    "favorites_state.load": {"page": routes.FAVORITES, "visitor": LOGIN},
    "favorites_state.load_more": {"page": routes.FAVORITES},
    "favorites_state.remove": {
        "page": routes.FAVORITES,
        "visitor": LOGIN,
        "stranger": NOT_THERE,
        "payloads": _WRONG_IDS,
    },
    "history_state.load": {"page": routes.HISTORY, "visitor": LOGIN},
    "history_state.load_more": {"page": routes.HISTORY},
    "history_state.erase": {"page": routes.HISTORY, "visitor": LOGIN, "payloads": (*_WRONG_IDS, {"listing_id": 1})},
    "history_state.erase_all": {"page": routes.HISTORY, "visitor": LOGIN},
    "box_state.load": {"page": routes.box("notices"), "visitor": LOGIN},
    "box_state.load_more": {"page": routes.box("notices")},
    # How far they have seen what was announced is their own.
    "box_state.read_all": {
        "page": routes.box("notices"),
        "visitor": LOGIN,
        "may_change": frozenset({"user_account"}),
    },
    # To say that nobody looks is open to everyone; who looks reads, and that is for members.
    "box_state.set_visible": {"page": routes.box("notices"), "revoked": LOGIN, "payloads": ({"visible": True},)},
}
