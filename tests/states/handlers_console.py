"""What the handlers of the operators' console do for everybody else: nothing, and a line in the log.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler.
"""

from typing import Any

from xianyu import routes

LOGIN = "the login page"
NOTHING = "nothing happens that is not for everyone"
OPERATORS_ONLY = "只有管理员可以这样做"


def _console(page: str = routes.ADMIN, **row: Any) -> dict[str, Any]:
    return {"page": page, "visitor": LOGIN, "stranger": OPERATORS_ONLY, **row}


ROWS: dict[str, dict[str, Any]] = {
    "console_state.enter": _console(),
    # The frame says why; the page's own part shows nothing.
    "console_overview_state.load": _console(stranger=NOTHING),
    "console_log_state.load": _console(routes.ADMIN_LOG, stranger=NOTHING),
    "console_log_state.load_more": {"page": routes.ADMIN_LOG},
    "console_log_state.look_for": {"page": routes.ADMIN_LOG, "payloads": ({"form": {"words": "公告"}},)},
    # The frame says why there is nothing to see.
    "console_announcements_state.load": _console(routes.ADMIN_ANNOUNCEMENTS, stranger=NOTHING),
    "console_announcements_state.load_more": _console(routes.ADMIN_ANNOUNCEMENTS),
    "console_announcements_state.pin": _console(
        routes.ADMIN_ANNOUNCEMENTS, payloads=({"announcement_id": 1, "pinned": True},)
    ),
    "console_announcements_state.publish_now": _console(routes.ADMIN_ANNOUNCEMENTS, payloads=({"announcement_id": 1},)),
    "console_catalog_state.load": _console(routes.ADMIN_CATALOG, stranger=NOTHING),
    # A field appears in one's own page; what is typed there is judged when it is sent.
    "console_catalog_state.edit": {"page": routes.ADMIN_CATALOG, "payloads": ({"key": "category phones"},)},
    "console_catalog_state.note_open": {"page": routes.ADMIN_CATALOG, "payloads": ({"is_open": False},)},
    "console_catalog_state.save": _console(
        routes.ADMIN_CATALOG,
        payloads=(
            {"form": {"key": "category phones", "name": "假的"}},
            {"form": {"key": "section activity", "name": "假的"}},
            {"form": {"key": "add phones", "name": "假的"}},
        ),
    ),
    "console_catalog_state.set_hidden": _console(
        routes.ADMIN_CATALOG, payloads=({"kind": "category", "slug": "phones", "hidden": True},)
    ),
    "console_catalog_state.move": _console(
        routes.ADMIN_CATALOG, payloads=({"kind": "category", "slug": "phones", "up": False},)
    ),
    "console_catalog_state.remove": _console(routes.ADMIN_CATALOG, payloads=({"slug": "phones"},)),
    "console_announcements_state.delete": _console(routes.ADMIN_ANNOUNCEMENTS, payloads=({"announcement_id": 1},)),
}
