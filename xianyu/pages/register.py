"""The page at ``/register``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.external import external_choices, external_problem
from xianyu.components.layout import page
from xianyu.components.react import session_handoff
from xianyu.states.entrance import RegisterState


def register() -> rx.Component:
    """A new account."""
    errors = RegisterState.errors
    return page(
        controls.card(
            rx.el.h1("加入邻里", style={"font_size": "24px", "margin": "0 0 20px"}),
            external_problem(),
            rx.el.form(
                controls.text_input(
                    "用户名",
                    "username",
                    errors,
                    hint="2 到 20 个字符：中文、字母、数字、下划线",
                    auto_complete="username",
                    auto_capitalize="off",
                ),
                controls.text_input("邮箱", "email", errors, type="email", input_mode="email", auto_complete="email"),
                controls.text_input(
                    "密码", "password", errors, hint="至少 8 个字符", type="password", auto_complete="new-password"
                ),
                controls.text_input("确认密码", "confirmation", errors, type="password", auto_complete="new-password"),
                controls.field_error(errors, "form"),
                controls.primary_button(
                    rx.cond(RegisterState.busy, "正在注册…", "注册"),
                    type="submit",
                    disabled=controls.waits(RegisterState.busy),
                    style={"width": "100%", "margin_top": "8px"},
                ),
                on_submit=RegisterState.submit,
                no_validate=True,
            ),
            rx.el.p(
                "已经有账号？",
                rx.link("直接登录", href=RegisterState.other_form, style={"color": tokens.INK}),
                style={"margin": "20px 0 0", "color": tokens.QUIET},
            ),
            external_choices(),
            session_handoff(action=routes.SESSION, ticket=RegisterState.ticket, next=RegisterState.next_path),
        ),
        width="440px",
    )
