"""What the handlers of friends, blocks and the public room do for those who have no right to it.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler.
"""

from typing import Any

from xianyu import routes

LOGIN = "the login page"
NOBODY = "没有找到这位邻居"
OPERATORS = "只有管理员可以这样做"
GONE = "没有找到这条消息"
BIG = 2**53

# People who do not exist: whom a stranger may befriend or block is for the tests of that.
_NOBODY = ({"person_id": 0}, {"person_id": BIG})


def _about_nobody(**row: Any) -> dict[str, Any]:
    return {"page": routes.USER, "visitor": LOGIN, "stranger": NOBODY, "payloads": _NOBODY, **row}


ROWS: dict[str, dict[str, Any]] = {
    "contact_state.load": {"page": routes.USER},
    "contact_state.load_peer": {"page": routes.CONVERSATION},
    "contact_state.count": {"page": routes.ME, "visitor": LOGIN},
    "contact_state.ask": _about_nobody(),
    "contact_state.withdraw": _about_nobody(),
    "contact_state.accept": _about_nobody(),
    "contact_state.decline": _about_nobody(),
    "contact_state.unfriend": _about_nobody(),
    "contact_state.block": _about_nobody(),
    "contact_state.unblock": _about_nobody(),
    "friends_state.load": {"page": routes.FRIENDS, "visitor": LOGIN},
    "friends_state.choose": {"page": routes.FRIENDS, "payloads": ({"section": "blocked"}, {"section": []})},
    "friends_state.search": {"page": routes.FRIENDS, "visitor": LOGIN, "payloads": ({"text": "卖"}, {"text": []})},
    "plaza_state.load": {"page": routes.PLAZA},
    "plaza_state.load_older": {"page": routes.PLAZA},
    "plaza_state.send": {
        "page": routes.PLAZA,
        "visitor": "登录已失效，请重新登录后再发",
        "stranger": "消息不能为空",
        "payloads": ({"client_id": "client-0001", "body": " "},),
    },
    "plaza_state.check_outbox": {
        "page": routes.PLAZA,
        "visitor": LOGIN,
        "payloads": ({"client_ids": ["client-0000"]},),
    },
    "plaza_state.recall": {
        "page": routes.PLAZA,
        "visitor": LOGIN,
        "stranger": GONE,
        "payloads": ({"seq": 1}, {"seq": BIG}),
    },
    "plaza_state.retract": {"page": routes.PLAZA, "visitor": LOGIN, "stranger": OPERATORS, "payloads": ({"seq": 1},)},
    "plaza_state.mute": {
        "page": routes.PLAZA,
        "visitor": LOGIN,
        "stranger": OPERATORS,
        "payloads": ({"person_id": 1, "minutes": 10}, {"person_id": 0, "minutes": 0}),
    },
}
