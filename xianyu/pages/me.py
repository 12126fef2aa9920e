"""The page at ``/me``."""

import reflex as rx

from xianyu import routes
from xianyu.components import contacts, controls, order_parts, tokens
from xianyu.components.layout import page
from xianyu.components.my_activities import my_activities
from xianyu.components.my_listings import my_listings
from xianyu.states.shell import ShellState

_WIDE = "@media (min-width: 640px)"
_PLACES = (
    ("订单", "receipt-text", routes.ORDERS),
    ("收藏", "heart", routes.FAVORITES),
    ("足迹", "footprints", routes.HISTORY),
    ("我的订阅", "bell", routes.SAVED_SEARCHES),
)


def _head() -> rx.Component:
    return rx.el.div(
        controls.avatar(ShellState.name, ShellState.avatar_url, "64px"),
        rx.el.h1(
            ShellState.name,
            style={"font_size": "22px", "margin": "0", "flex": "1 0 160px", "overflow_wrap": "anywhere"},
        ),
        rx.el.div(
            contacts.friends_entrance(),
            controls.secondary_link("设置", href=routes.SETTINGS),
            controls.post_form(controls.secondary_button("退出登录", type="submit"), action=routes.LOGOUT),
            style={"display": "flex", "flex_wrap": "wrap", "gap": "12px"},
        ),
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": "16px", "margin_bottom": "16px"},
    )


def _place(label: str, icon: str, href: str) -> rx.Component:
    return rx.link(
        rx.icon(icon, size=20, stroke_width=1.8, aria_hidden="true"),
        rx.el.span(label, order_parts.waiting_badge() if href == routes.ORDERS else "", class_name="x-place-name"),
        href=href,
        underline="none",
        style={
            "flex": "1",
            "display": "flex",
            "align_items": "center",
            "justify_content": "center",
            # Four names and a count do not fit beside their icons on a phone.
            "flex_direction": "column",
            "gap": "4px",
            "padding": "8px 0",
            "min_height": "52px",
            _WIDE: {"flex_direction": "row", "gap": "8px", "padding": "0"},
            "color": tokens.INK,
            "font_size": "15px",
            "_hover": {"background": tokens.TINT},
        },
    )


def _places() -> rx.Component:
    return rx.el.nav(
        *[_place(*place) for place in _PLACES],
        rx.cond(ShellState.is_operator, _place("管理后台", "shield", routes.ADMIN)),
        aria_label="我的",
        style={
            "display": "flex",
            "background": tokens.SURFACE,
            "border": f"1px solid {tokens.LINE}",
            "border_radius": tokens.RADIUS,
            "overflow": "hidden",
            "margin_bottom": "16px",
        },
    )


def me() -> rx.Component:
    """What I offer, offered and sold, and where else to look for what is mine."""
    return page(_head(), _places(), my_activities(), my_listings())
