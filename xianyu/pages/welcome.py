"""The page at ``/welcome``: somebody whom a third party vouches for chooses a username."""

import reflex as rx

from xianyu.components import controls
from xianyu.components.external import explanation, late_error, pending_page, submit_button
from xianyu.states.external import PendingLoginState


def welcome() -> rx.Component:
    """A username, and an address where the third party gave none that it has verified."""
    state = PendingLoginState
    return pending_page(
        "还差一步",
        explanation("你已通过 ", state.view.provider, " 登录。选一个用户名，邻居们会看到它。"),
        rx.el.form(
            controls.text_input(
                "用户名",
                "username",
                state.errors,
                hint="2 到 20 个字符：中文、字母、数字、下划线",
                default_value=state.suggestion,
                auto_complete="username",
                auto_capitalize="off",
            ),
            rx.cond(state.view.is_verified, _verified_address(), _address()),
            late_error("form"),
            submit_button("完成注册"),
            # Fields keep what they began with: another person's login at this tab needs others.
            key=f"{state.suggestion} {state.view.address}",
            on_submit=state.choose_name,
            no_validate=True,
        ),
    )


def _verified_address() -> rx.Component:
    return rx.el.div(
        explanation("邮箱：", PendingLoginState.view.address),
        late_error("email"),
    )


def _address() -> rx.Component:
    return controls.text_input(
        "邮箱",
        "email",
        PendingLoginState.errors,
        type="email",
        input_mode="email",
        auto_complete="email",
        default_value=PendingLoginState.view.address,
    )
