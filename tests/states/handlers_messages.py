"""What the handlers of conversations do for those who have no right to them.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler. The tab of a
stranger is on the page of their own, empty conversation with the seller.
"""

from typing import Any

from xianyu import routes

LOGIN = "the login page"
NONE_THERE = "没有找到这个会话"
BIG = 2**53


def _on_page(**row: Any) -> dict[str, Any]:
    return {"page": routes.CONVERSATION, **row}


ROWS: dict[str, dict[str, Any]] = {
    "inbox_state.search": {
        "page": routes.MESSAGES,
        "visitor": LOGIN,
        "payloads": ({"text": "绝密"}, {"text": "%"}, {"text": "_"}, {"text": "钥匙"}),
    },
    "conversation_state.load_newer": _on_page(),
    "conversation_state.show_newest": _on_page(),
    "conversation_state.note_typing": _on_page(),
    # Whoever names another's conversation names their own with that person, and has none.
    "message_actions_state.recall": _on_page(
        visitor=LOGIN, stranger=NONE_THERE, payloads=({"peer_id": 1, "seq": 1}, {"peer_id": BIG, "seq": 1})
    ),
    "message_actions_state.delete": _on_page(
        visitor=LOGIN, stranger=NONE_THERE, payloads=({"peer_id": 1, "seqs": [1, 2]}, {"peer_id": BIG, "seqs": [BIG]})
    ),
    "message_actions_state.clear": _on_page(visitor=LOGIN, stranger=NONE_THERE, payloads=({"peer_id": 1},)),
    "message_actions_state.set_pinned": _on_page(
        visitor=LOGIN, stranger=NONE_THERE, payloads=({"peer_id": 1, "is_pinned": True},)
    ),
    "message_actions_state.set_muted": _on_page(
        visitor=LOGIN, stranger=NONE_THERE, payloads=({"peer_id": 1, "is_muted": True},)
    ),
    "settings_profile_state.choose_presence": {
        "page": routes.SETTINGS,
        "visitor": LOGIN,
        "payloads": ({"shows_presence": False},),
        "may_change": frozenset({"user_account"}),
    },
}
