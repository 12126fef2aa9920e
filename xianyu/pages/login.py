"""The page at ``/login``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.layout import page
from xianyu.components.react import session_handoff
from xianyu.states.entrance import LoginState


def login() -> rx.Component:
    """Name and password."""
    return page(
        controls.card(
            rx.el.h1("欢迎回来", style={"font_size": "24px", "margin": "0 0 20px"}),
            rx.el.form(
                controls.text_input(
                    "用户名或邮箱", "login", LoginState.errors, auto_complete="username", auto_capitalize="off"
                ),
                controls.text_input(
                    "密码", "password", LoginState.errors, type="password", auto_complete="current-password"
                ),
                controls.primary_button(
                    rx.cond(LoginState.busy, "正在登录…", "登录"),
                    type="submit",
                    disabled=LoginState.busy,
                    style={"width": "100%", "margin_top": "8px"},
                ),
                on_submit=LoginState.submit,
                no_validate=True,
            ),
            rx.el.p(
                "还没有账号？",
                rx.link("注册一个", href=LoginState.other_form, style={"color": tokens.INK}),
                style={"margin": "20px 0 0", "color": tokens.QUIET},
            ),
            session_handoff(action=routes.SESSION, ticket=LoginState.ticket, next=LoginState.next_path),
        ),
        width="440px",
    )
