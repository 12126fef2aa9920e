"""The page at ``/link``: an account has the address already, and its password ties the two together."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.external import explanation, late_error, pending_page, submit_button
from xianyu.states.external import PendingLoginState


def link() -> rx.Component:
    """Asks for the password of the account that has the address."""
    view = PendingLoginState.view
    return pending_page(
        "绑定已有账号",
        explanation(
            "邮箱 ",
            view.address,
            " 已属于账号 ",
            rx.el.b(view.owner, style={"color": tokens.INK}),
            "。",
            "输入它的密码，以后就可以直接用 ",
            view.provider,
            " 登录。",
        ),
        rx.cond(view.has_way_in, _form(), _no_password()),
        rx.el.p(
            rx.link("忘记密码", href=routes.FORGOT_PASSWORD, style={"color": tokens.INK}), style={"margin": "16px 0 0"}
        ),
    )


def _form() -> rx.Component:
    state = PendingLoginState
    return rx.el.form(
        # Tells password managers whose password is wanted.
        rx.el.input(type="hidden", name="username", auto_complete="username", value=state.view.owner, read_only=True),
        controls.text_input("密码", "password", state.errors, type="password", auto_complete="current-password"),
        late_error("form"),
        submit_button("绑定并登录"),
        on_submit=state.give_password,
        no_validate=True,
    )


def _no_password() -> rx.Component:
    return explanation("这个账号没有设置密码。请用原来的方式登录，再到设置里绑定；也可以用“忘记密码”设置一个。")
