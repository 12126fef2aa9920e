"""The page at ``/forgot-password``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.recovery import narrow_page, sentence
from xianyu.states.recovery import ForgotPasswordState

_SENT = (
    "如果这个邮箱注册过账号，重置邮件很快就会送到，其中的链接 30 分钟内有效。"
    "没有收到？请看看垃圾邮件，或检查邮箱是否写对。"
)


def forgot_password() -> rx.Component:
    """Asks for the address."""
    return narrow_page(
        "忘记密码",
        sentence("填写注册时用的邮箱，我们会发送一个链接，用它可以设置新密码。"),
        rx.el.form(
            controls.text_input(
                "邮箱",
                "email",
                ForgotPasswordState.errors,
                type="email",
                input_mode="email",
                auto_complete="email",
                auto_capitalize="off",
            ),
            controls.primary_button(
                "发送重置邮件", type="submit", disabled=controls.waits(), style={"width": "100%", "margin_top": "8px"}
            ),
            on_submit=ForgotPasswordState.submit,
            no_validate=True,
        ),
        rx.el.p(
            rx.cond(ForgotPasswordState.sent, _SENT, ""),
            role="status",
            style={"margin": "16px 0 0", "color": tokens.INK},
        ),
        rx.el.p(
            rx.link("返回登录", href=routes.LOGIN, style={"color": tokens.INK}),
            style={"margin": "12px 0 0", "color": tokens.QUIET},
        ),
    )
