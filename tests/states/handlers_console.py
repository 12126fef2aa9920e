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
    "console_listings_state.load": _console(routes.ADMIN_LISTINGS, stranger=NOTHING),
    "console_listings_state.load_more": {"page": routes.ADMIN_LISTINGS},
    "console_listings_state.look_for": {"page": routes.ADMIN_LISTINGS, "payloads": ({"form": {"words": "山地车"}},)},
    "console_listings_state.ask": {
        "page": routes.ADMIN_LISTINGS,
        "payloads": ({"action": "erase", "listing_id": 1, "is_open": True},),
    },
    "console_listings_state.submit": _console(
        routes.ADMIN_LISTINGS,
        payloads=tuple(
            {"form": {"action": action, "listing_id": "1", "reason": "我不喜欢", "word": "彻底删除"}}
            for action in ("take_down", "restore", "erase")
        ),
    ),
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
    # Whoever is no operator reads why in the console's frame, and the pages stay empty.
    "reports_state.load": {"page": routes.ADMIN_REPORTS, "visitor": LOGIN, "stranger": NOTHING},
    "reports_state.load_more": {"page": routes.ADMIN_REPORTS},
    "reports_state.choose": _console(routes.ADMIN_REPORTS, payloads=({"which": "decided"},)),
    "reports_state.sort": _console(routes.ADMIN_REPORTS, payloads=({"order": "newest"},)),
    "reports_state.show_context": _console(routes.ADMIN_REPORTS, payloads=({"report_id": 1},)),
    "reports_state.ask": _console(routes.ADMIN_REPORTS, payloads=({"report_id": 1},)),
    "reports_state.close": {"page": routes.ADMIN_REPORTS},
    "reports_state.set_outcome": {"page": routes.ADMIN_REPORTS, "payloads": ({"outcome": "upheld"},)},
    "reports_state.set_term": {"page": routes.ADMIN_REPORTS, "payloads": ({"term": "7"},)},
    "reports_state.decide": _console(
        routes.ADMIN_REPORTS,
        payloads=({"form": {"outcome": "upheld", "answer": "成立", "removes": "on"}}, {"form": {}}),
    ),
    "users_state.load": {"page": routes.ADMIN_USERS, "visitor": LOGIN, "stranger": NOTHING},
    "users_state.load_more": {"page": routes.ADMIN_USERS},
    "users_state.choose": _console(routes.ADMIN_USERS, payloads=({"which": "banned"},)),
    "users_state.look_for": _console(routes.ADMIN_USERS, payloads=({"words": "卖家"},)),
    "user_state.load": {"page": routes.ADMIN_USER, "visitor": LOGIN, "stranger": NOTHING},
    "user_state.appoint": _console(routes.ADMIN_USER),
    "user_state.dismiss": _console(routes.ADMIN_USER),
    "user_state.unban": _console(routes.ADMIN_USER),
    "user_state.ask": _console(routes.ADMIN_USER),
    "user_state.close": {"page": routes.ADMIN_USER},
    "user_state.ban": _console(
        routes.ADMIN_USER, payloads=({"form": {"term": "7", "ban_reason": "随便停用"}}, {"form": {}})
    ),
    # Everybody's: what they may see is theirs to report.
    "report_state.ask": {
        "page": routes.LISTING,
        "visitor": LOGIN,
        "stranger": "要举报的内容已经不在了",
        "payloads": (
            {"kind": "message", "ref": 1, "seq": 1},
            {"kind": "message", "ref": 2, "seq": 1},
            {"kind": "room_message", "ref": 0, "seq": 1},
            {"kind": "listing", "ref": 999_999, "seq": 0},
            {"kind": "user_account", "ref": 1, "seq": 0},
        ),
    },
    "report_state.close": {"page": routes.LISTING},
    "report_state.submit": {
        "page": routes.LISTING,
        "visitor": LOGIN,
        "stranger": "要举报的内容已经不在了",
        "payloads": (
            {"form": {"reason": "fraud", "text": "", "kind": "message", "ref": "1", "seq": "1", "photos": "{}"}},
        ),
    },
    "report_state.block": {"page": routes.LISTING},
    "console_held_state.load": _console(routes.ADMIN_HELD, stranger=NOTHING),
    "console_held_state.load_more": {"page": routes.ADMIN_HELD},
    "console_held_state.approve": _console(routes.ADMIN_HELD, payloads=({"screening_id": 1}, {"screening_id": 2**53})),
    "console_held_state.ask": {"page": routes.ADMIN_HELD, "payloads": ({"screening_id": 1}, {"screening_id": "1"})},
    "console_held_state.reject": _console(
        routes.ADMIN_HELD, payloads=({"form": {"screening_id": "1", "note": "不行"}}, {"form": {}})
    ),
    "console_words_state.load": _console(routes.ADMIN_WORDS, stranger=NOTHING),
    "console_words_state.load_more": {"page": routes.ADMIN_WORDS},
    "console_words_state.look_for": {"page": routes.ADMIN_WORDS, "payloads": ({"form": {"words": "枪"}},)},
    "console_words_state.add": _console(routes.ADMIN_WORDS, payloads=({"form": {"words": "枪支", "action": "mask"}},)),
    "console_words_state.set_action": _console(
        routes.ADMIN_WORDS, payloads=({"word_id": 1, "action": "refuse"}, {"word_id": 2**53, "action": "mask"})
    ),
    "console_words_state.remove": _console(routes.ADMIN_WORDS, payloads=({"word_id": 1},)),
    "console_words_state.try_out": _console(routes.ADMIN_WORDS, payloads=({"form": {"text": "枪支"}},)),
}
