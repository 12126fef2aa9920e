"""What the handlers of activities and announcements do for those who have no right to it.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler. Where an
activity or an announcement is wanted, the page names the first one, which is somebody else's.
"""

from datetime import timedelta
from typing import Any

from xianyu import routes
from xianyu.models.types import utc_now

LOGIN = "the login page"
NO_ACTIVITY = "这个活动不存在或已被删除"
OWN_ONLY = "只有发起人可以修改这个活动"
OPERATORS_ONLY = "只有管理员可以这样做"
# A stranger may come to what others organize, who then hear of it.
COMING = frozenset({"activity", "activity_signup", "notice"})

ACTIVITY = {
    "title": "改掉的活动",
    "text": "介绍介绍介绍",
    "place": "别处",
    "starts": f"{utc_now() + timedelta(days=9):%Y-%m-%dT%H:%M}",
    "ends": f"{utc_now() + timedelta(days=10):%Y-%m-%dT%H:%M}",
    "capacity": "3",
    "photos": "{}",
    "version": "1",
    "organizer_id": "1",
}
ANNOUNCEMENT = {"title": "假的公告", "text": "正文正文正文", "pinned": "on", "photos": "{}", "version": "1"}


def _home(**row: Any) -> dict[str, Any]:
    return {"page": routes.HOME, **row}


def _activity(**row: Any) -> dict[str, Any]:
    return {"page": routes.ACTIVITY, **row}


def _own(**row: Any) -> dict[str, Any]:
    return {"page": routes.ACTIVITY, "visitor": LOGIN, "stranger": OWN_ONLY, **row}


def _operators(page: str = routes.ANNOUNCEMENT, **row: Any) -> dict[str, Any]:
    return {"page": page, "visitor": LOGIN, "stranger": OPERATORS_ONLY, **row}


ROWS: dict[str, dict[str, Any]] = {
    "activity_feed_state.load": _home(),
    "activity_feed_state.load_more": _home(),
    "activity_feed_state.show_new": _home(),
    "announcement_feed_state.load": _home(),
    "announcement_feed_state.load_more": _home(),
    "announcement_feed_state.show_new": _home(),
    "activity_state.load": _activity(),
    "activity_state.sign_up": _activity(visitor=LOGIN, may_change=COMING),
    "activity_state.leave": _activity(visitor=LOGIN),
    "activity_state.cancel": _own(),
    "activity_state.delete": _own(),
    "my_activities_state.load": {"page": routes.ME, "visitor": LOGIN},
    "activity_form_state.open_new": {"page": routes.ACTIVITY_NEW, "payloads": ({"opened": "x"},)},
    "activity_form_state.open_edit": _own(page=routes.ACTIVITY_EDIT, payloads=({"opened": "x"},)),
    "activity_form_state.publish": {
        "page": routes.ACTIVITY_NEW,
        "visitor": LOGIN,
        "stranger": "有照片已失效或已用在别处",
        "payloads": ({"form": ACTIVITY | {"photos": '{"ids": [1]}'}},),
    },
    "activity_form_state.save": _own(
        page=routes.ACTIVITY_EDIT,
        payloads=({"form": ACTIVITY},),
    ),
    "herald_state.dismiss": _home(),
    "announcement_state.load": {"page": routes.ANNOUNCEMENT},
    "announcement_state.pin": _operators(),
    "announcement_state.unpin": _operators(),
    "announcement_state.publish_now": _operators(),
    "announcement_state.delete": _operators(),
    "announcement_form_state.open_new": _operators(routes.ANNOUNCEMENT_NEW, payloads=({"opened": "x"},)),
    "announcement_form_state.open_edit": _operators(routes.ANNOUNCEMENT_EDIT, payloads=({"opened": "x"},)),
    "announcement_form_state.publish": _operators(routes.ANNOUNCEMENT_NEW, payloads=({"form": ANNOUNCEMENT},)),
    "announcement_form_state.save": _operators(routes.ANNOUNCEMENT_EDIT, payloads=({"form": ANNOUNCEMENT},)),
}
