"""What the handlers of the search do for those who have no right to it: everybody may search.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler.
"""

from typing import Any

from xianyu import routes

LOGIN = "the login page"
GONE = "这个保存的搜索不存在或已被删除"
OWN_ROW = frozenset({"saved_search"})
_SEARCH = routes.search({"q": "200元以内的山地车，九成新", "category": "bikes"})


def _open(**row: Any) -> dict[str, Any]:
    return {"page": _SEARCH, **row}


def _private(**row: Any) -> dict[str, Any]:
    return {"page": routes.SAVED_SEARCHES, "visitor": LOGIN, **row}


ROWS: dict[str, dict[str, Any]] = {
    "search_box_state.suggest": _open(payloads=({"text": "山地"}, {"text": "' OR 1=1 --"})),
    "search_state.load": _open(),
    "search_state.load_more": _open(),
    "search_state.show_new": _open(),
    "search_state.choose": _open(
        payloads=(
            {"name": "price", "value": ""},
            {"name": "condition", "value": "new"},
            {"name": "q", "value": "' OR 1=1 --"},
            {"name": "nonsense", "value": "nonsense"},
        )
    ),
    "search_state.choose_sort": _open(payloads=({"value": "cheapest"}, {"value": "nonsense"})),
    "search_state.type_min": _open(payloads=({"text": "10"}, {"text": "abc"})),
    "search_state.type_max": _open(payloads=({"text": "10"}, {"text": "-1"})),
    "search_state.clear": _open(),
    "search_state.save": _open(visitor=LOGIN, may_change=OWN_ROW),
    "saved_searches_state.load": _private(),
    "saved_searches_state.edit": {
        "page": routes.SAVED_SEARCHES,
        "payloads": ({"search_id": 1}, {"search_id": 0}),
    },
    "saved_searches_state.rename": _private(payloads=({"form": {"name": "改掉"}},), stranger=GONE),
    "saved_searches_state.delete": _private(payloads=({"search_id": 1}, {"search_id": 0}, {"search_id": 2**80})),
}
