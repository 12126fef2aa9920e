"""The page at ``/login``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.external import external_choices, external_problem
from xianyu.components.layout import page
from xianyu.components.react import session_handoff
from xianyu.components.second_step import code_field
from xianyu.states.entrance import LoginState


def login() -> rx.Component:
    """Name and password, and a code for those who have a second step."""
    return page(
        controls.card(
            # Hidden and not removed, so that what was typed is still there for whoever comes back to it.
            rx.el.div(_first_step(), hidden=LoginState.needs_code),
            rx.cond(LoginState.needs_code, _second_step()),
            session_handoff(action=routes.SESSION, ticket=LoginState.ticket, next=LoginState.next_path),
        ),
        width="440px",
    )


def _first_step() -> rx.Component:
    return rx.fragment(
        rx.el.h1("欢迎回来", style=_HEADING),
        external_problem(),
        rx.el.form(
            controls.text_input(
                "用户名或邮箱", "login", LoginState.errors, auto_complete="username", auto_capitalize="off"
            ),
            controls.text_input(
                "密码", "password", LoginState.errors, type="password", auto_complete="current-password"
            ),
            rx.link(
                "忘记密码",
                href=routes.FORGOT_PASSWORD,
                style={
                    "color": tokens.INK,
                    "font_size": "14px",
                    "display": "inline-flex",
                    "min_height": tokens.TARGET,
                },
            ),
            _submit(),
            on_submit=LoginState.submit,
            no_validate=True,
        ),
        rx.el.p(
            "还没有账号？",
            rx.link("注册一个", href=LoginState.other_form, style={"color": tokens.INK}),
            style={"margin": "20px 0 0", "color": tokens.QUIET},
        ),
        external_choices(),
    )


def _second_step() -> rx.Component:
    return rx.fragment(
        rx.el.h1("两步验证", style=_HEADING),
        rx.el.form(
            code_field(LoginState.errors, "验证器应用里的 6 位数字。手机不在身边？输入一个恢复码。", auto_focus=True),
            _submit(),
            controls.secondary_button(
                "换个账号登录", on_click=LoginState.start_over, style={"width": "100%", "margin_top": "12px"}
            ),
            on_submit=LoginState.submit_code,
            no_validate=True,
        ),
    )


_HEADING = {"font_size": "24px", "margin": "0 0 20px"}


def _submit() -> rx.Component:
    return controls.primary_button(
        rx.cond(LoginState.busy, "正在登录…", "登录"),
        type="submit",
        disabled=controls.waits(LoginState.busy),
        style={"width": "100%", "margin_top": "8px"},
    )
