"""The page at ``/login/code``: the second step after a login through a third party."""

import reflex as rx

from xianyu.components import controls
from xianyu.components.external import explanation, pending_page, submit_button
from xianyu.states.external import PendingLoginState


def login_code() -> rx.Component:
    """Asks for a code of the authenticator app, or a recovery code."""
    return pending_page(
        "两步验证",
        explanation("打开身份验证器应用，输入其中的 6 位验证码；也可以输入一个恢复码。"),
        rx.el.form(
            controls.text_input("验证码", "code", PendingLoginState.errors, auto_complete="one-time-code"),
            submit_button("登录"),
            on_submit=PendingLoginState.give_code,
            no_validate=True,
        ),
    )
