"""What the handlers of the settings page and of the second step do for those who have no right to it.

Rows for the table in ``test_every_handler.py``: the fields of its ``Surface`` by handler.
"""

from typing import Any

from tests.factories import PASSWORD
from xianyu import routes

LOGIN = "the login page"
WRONG = "当前密码不正确"
NO_CODE = "验证码不正确或已经用过"
OWN_ROW = frozenset({"user_account"})

_PROVEN = {"form": {"step_password": PASSWORD, "code": "000000"}}


def _private(**row: Any) -> dict[str, Any]:
    return {"page": routes.SETTINGS, "visitor": LOGIN, **row}


ROWS: dict[str, dict[str, Any]] = {
    "settings_profile_state.load": _private(),
    "settings_profile_state.show_avatar": _private(),
    "settings_profile_state.save": _private(
        payloads=(
            {"form": {"display_name": "卖家本人", "bio": "x", "building": "y", "user_id": 1, "role": "operator"}},
        ),
        may_change=OWN_ROW,
    ),
    "settings_profile_state.remove_avatar": _private(may_change=OWN_ROW),
    "settings_profile_state.choose_mail": _private(payloads=({"wants_mail": False},), may_change=OWN_ROW),
    "settings_push_state.load": _private(),
    # Without keys of the operator's nothing can be subscribed to.
    "settings_push_state.subscribe": _private(
        payloads=(
            {"endpoint": "https://127.0.0.1/x", "p256dh": "x", "auth": "x"},
            {"endpoint": [], "p256dh": None, "auth": {}},
        ),
    ),
    "settings_push_state.unsubscribe": _private(),
    "settings_logins_state.load": _private(),
    "settings_logins_state.end": _private(
        payloads=({"login_id": 1}, {"login_id": 0}, {"login_id": 2**80}), stranger="这个登录已经退出了"
    ),
    "settings_logins_state.end_others": _private(),
    "settings_password_state.load": _private(),
    "settings_password_state.submit": _private(
        payloads=(
            {
                "form": {
                    "old_password": "x" * 8,
                    "new_password": "另一个很长的密码 2",
                    "confirmation": "另一个很长的密码 2",
                }
            },
        ),
        stranger=WRONG,
    ),
    "settings_second_step_state.load": _private(),
    "settings_second_step_state.begin": _private(payloads=({"form": {"step_password": "x" * 8}},), stranger=WRONG),
    # Without a secret that this very tab was shown there is nothing to confirm.
    "settings_second_step_state.confirm": {"page": routes.SETTINGS, "payloads": (_PROVEN,)},
    "settings_second_step_state.renew": _private(payloads=(_PROVEN,), stranger=NO_CODE),
    "settings_second_step_state.disable": _private(payloads=(_PROVEN,), stranger=NO_CODE),
    "settings_second_step_state.manage": {"page": routes.SETTINGS, "payloads": ({"what": "off"}, {"what": []})},
    "settings_second_step_state.leave": {"page": routes.SETTINGS},
    # Without a password that was right before, a code is nothing.
    "login_state.submit_code": {"page": routes.LOGIN, "payloads": ({"form": {"code": "000000"}},)},
    "login_state.start_over": {"page": routes.LOGIN},
}
