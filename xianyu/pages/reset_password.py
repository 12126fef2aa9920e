"""The page at ``/reset-password``, where the mail's link leads."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.recovery import looking, narrow_page, outcome
from xianyu.states.recovery import ResetPasswordState


def _form() -> rx.Component:
    errors = ResetPasswordState.errors
    return rx.el.form(
        controls.text_input(
            "新密码", "password", errors, hint="至少 8 个字符", type="password", auto_complete="new-password"
        ),
        controls.text_input("确认密码", "confirmation", errors, type="password", auto_complete="new-password"),
        controls.primary_button(
            rx.cond(ResetPasswordState.busy, "正在重置…", "重置密码"),
            type="submit",
            disabled=controls.waits(ResetPasswordState.busy),
            style={"width": "100%", "margin_top": "8px"},
        ),
        on_submit=ResetPasswordState.submit,
        no_validate=True,
    )


def reset_password() -> rx.Component:
    """Takes the new password, or says that the link is good for nothing."""
    return narrow_page(
        "重置密码",
        rx.match(
            ResetPasswordState.step,
            ("form", _form()),
            (
                "done",
                outcome(
                    "密码已重置，其他设备上的登录已全部退出。请用新密码登录。",
                    controls.primary_link("去登录", href=routes.LOGIN),
                ),
            ),
            (
                "expired",
                outcome(
                    ResetPasswordState.problem,
                    controls.primary_link("重新申请", href=routes.FORGOT_PASSWORD),
                ),
            ),
            looking(),
        ),
    )
