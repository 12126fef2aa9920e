"""What the handlers around accounts do for those who have no right to it: recovery, third parties, my data.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler.
"""

from typing import Any

from tests.factories import PASSWORD
from xianyu import routes

LOGIN = "the login page"
WRONG = "当前密码不正确"
USED = "登录已失效或已经用过"

_NEW_PASSWORD = {"form": {"password": PASSWORD, "confirmation": PASSWORD, "token": "A" * 43}}

ROWS: dict[str, dict[str, Any]] = {
    "notice_state.show": {"payloads": ({"text": "有人想说话"},)},
    "notice_state.dismiss": {},
    # A forgotten password and a new address.
    "forgot_password_state.load": {"page": routes.FORGOT_PASSWORD},
    "forgot_password_state.submit": {
        "page": routes.FORGOT_PASSWORD,
        "payloads": ({"form": {"email": "nobody@example.com"}}, {"form": {"email": "nowhere"}}),
    },
    "reset_password_state.load": {"page": routes.RESET_PASSWORD},
    "reset_password_state.submit": {"page": routes.RESET_PASSWORD, "payloads": (_NEW_PASSWORD,)},
    "confirm_email_state.load": {"page": routes.CONFIRM_EMAIL},
    "confirm_email_state.confirm": {"page": routes.CONFIRM_EMAIL},
    "settings_email_state.load": {"page": routes.SETTINGS, "visitor": LOGIN},
    "settings_email_state.submit": {
        "page": routes.SETTINGS,
        "visitor": LOGIN,
        "stranger": WRONG,
        "payloads": ({"form": {"email": "new@example.com", "email_password": "wrong password"}},),
    },
    # Logins at third parties.
    "external_entrance_state.load": {"page": routes.LOGIN},
    "pending_login_state.load": {"page": routes.WELCOME},
    "pending_login_state.choose_name": {
        "page": routes.WELCOME,
        "visitor": USED,
        "stranger": USED,
        "payloads": ({"form": {"username": "新人", "email": "new@example.com"}},),
    },
    "pending_login_state.give_password": {
        "page": routes.LINK,
        "visitor": USED,
        "stranger": USED,
        "payloads": ({"form": {"password": PASSWORD}},),
    },
    "pending_login_state.give_code": {
        "page": routes.LOGIN_CODE,
        "visitor": USED,
        "stranger": USED,
        "payloads": ({"form": {"code": "123456"}},),
    },
    "linked_logins_state.load": {"page": routes.SETTINGS, "visitor": LOGIN},
    "linked_logins_state.link": {"page": routes.SETTINGS, "payloads": ({"provider": "campus"},)},
    "linked_logins_state.unlink": {
        "page": routes.SETTINGS,
        "visitor": LOGIN,
        "stranger": "这个登录方式已经解绑了",
        "payloads": ({"identity_id": 1},),
    },
    # Without a wish of this very tab there is nothing to give a password for.
    "linked_logins_state.submit": {"page": routes.SETTINGS, "payloads": ({"form": {"link_password": PASSWORD}},)},
    "linked_logins_state.leave": {"page": routes.SETTINGS},
    # My data. Each of these concerns the caller's own account and nobody else's.
    "my_data_state.load": {"page": routes.SETTINGS, "visitor": LOGIN},
    "my_data_state.request_export": {
        "page": routes.SETTINGS,
        "visitor": LOGIN,
        "may_change": frozenset({"data_export"}),
    },
    "my_data_state.close_account": {
        "page": routes.SETTINGS,
        "visitor": LOGIN,
        "stranger": WRONG,
        "payloads": ({"form": {"closing_password": "wrong password", "word": "注销账号"}},),
    },
    "my_data_state.keep_account": {"page": routes.SETTINGS, "visitor": LOGIN},
}
