"""The page at ``/confirm-email``, where the mail to a new address leads."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.recovery import looking, narrow_page, outcome
from xianyu.states.settings_email import ConfirmEmailState


def _question() -> rx.Component:
    view = ConfirmEmailState.view
    return outcome(
        rx.fragment("把账号“", rx.el.b(view.username), "”的邮箱换成 ", rx.el.b(view.waiting), "？"),
        controls.primary_button("确认更换邮箱", on_click=ConfirmEmailState.confirm),
    )


def confirm_email() -> rx.Component:
    """Asks once more: only the button changes anything."""
    return narrow_page(
        "确认新邮箱",
        rx.match(
            ConfirmEmailState.step,
            ("ask", _question()),
            (
                "done",
                outcome("邮箱已更换，以后用新邮箱登录和找回密码。", controls.primary_link("回首页", href=routes.HOME)),
            ),
            (
                "expired",
                outcome(ConfirmEmailState.problem, controls.primary_link("到设置里重新申请", href=routes.SETTINGS)),
            ),
            looking(),
        ),
    )
