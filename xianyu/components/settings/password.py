"""The card of the settings that changes the password."""

import reflex as rx

from xianyu.components import controls
from xianyu.components.settings.section import done, proof_error, section
from xianyu.states.settings_password import SettingsPasswordState


def _fields() -> rx.Component:
    errors = SettingsPasswordState.errors
    return rx.el.div(
        rx.cond(
            SettingsPasswordState.is_first,
            rx.fragment(),
            controls.text_input("当前密码", "old_password", errors, type="password", auto_complete="current-password"),
        ),
        controls.text_input(
            "新密码", "new_password", errors, hint="至少 8 个字符", type="password", auto_complete="new-password"
        ),
        controls.text_input("确认新密码", "confirmation", errors, type="password", auto_complete="new-password"),
        # Another key is other fields: what was accepted does not stay in them.
        key=SettingsPasswordState.round.to_string(),
    )


def password() -> rx.Component:
    """The old one, the new one, and the new one again."""
    state = SettingsPasswordState
    action = rx.cond(state.is_first, "设置密码", "修改密码")
    return section(
        "登录密码",
        rx.el.form(
            _fields(),
            proof_error(SettingsPasswordState.errors),
            controls.secondary_button(
                rx.cond(state.busy, "正在保存…", action),
                type="submit",
                disabled=controls.waits(state.busy),
                style={"margin_top": "4px"},
            ),
            done(state.done),
            on_submit=state.submit,
            no_validate=True,
        ),
        hint="修改后，其他设备上的登录会立即退出。",
    )
