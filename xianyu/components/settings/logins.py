"""The card of the settings that lists the browsers that are logged in."""

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.react import time_ago
from xianyu.components.settings.section import done, section
from xianyu.schemas.accounts import LoginView
from xianyu.states.settings_logins import SettingsLoginsState


def _login(login: rx.Var[LoginView]) -> rx.Component:
    where = rx.cond(login.place != "", login.place, "未知地址")
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.b(login.device),
                rx.cond(login.is_current, rx.el.span("当前设备", class_name="x-tag")),
                style={"display": "flex", "align_items": "center", "gap": "8px", "flex_wrap": "wrap"},
            ),
            rx.el.div(
                where,
                " · ",
                time_ago(login.seen_at),
                "活跃",
                style={"color": tokens.QUIET, "font_size": "14px", "overflow_wrap": "anywhere"},
            ),
            style={"flex": "1", "min_width": "0"},
        ),
        rx.cond(
            login.is_current,
            rx.fragment(),
            controls.secondary_button(
                "退出",
                rx.el.span(login.device, class_name="x-visually-hidden"),
                on_click=SettingsLoginsState.end(login.id),  # type: ignore[operator]  # a handler of a class is called to bind arguments
            ),
        ),
        key=login.id.to_string(),
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "12px",
            "padding": "10px 0",
            "min_height": "64px",
            "border_bottom": f"1px solid {tokens.LINE}",
        },
    )


def logins() -> rx.Component:
    """Where I am logged in, and how to put a browser out."""
    state = SettingsLoginsState
    return section(
        "登录设备",
        rx.cond(
            state.loaded,
            rx.el.ul(
                rx.foreach(state.logins, _login),
                aria_label="登录设备",
                style={"list_style": "none", "margin": "0", "padding": "0"},
            ),
            controls.skeleton(height="128px"),
        ),
        rx.cond(
            state.logins.length() > 1,
            controls.secondary_button("退出其他所有设备", on_click=state.end_others, style={"margin_top": "16px"}),
        ),
        done(state.done),
        hint="发现不认识的设备？让它退出，再修改密码。",
    )
