"""The page at ``/me``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.cards import listing_grid
from xianyu.components.layout import page
from xianyu.models import ListingStatus
from xianyu.states.people import MeState
from xianyu.states.shell import ShellState

_TABS = (
    ("在售", ListingStatus.ACTIVE.value),
    ("已下架", ListingStatus.TAKEN_DOWN.value),
    ("已售出", ListingStatus.SOLD_OUT.value),
)


def _head() -> rx.Component:
    return rx.el.div(
        controls.avatar(ShellState.name, ShellState.avatar_url, "64px"),
        rx.el.h1(
            ShellState.name,
            style={"font_size": "22px", "margin": "0", "flex": "1 0 160px", "overflow_wrap": "anywhere"},
        ),
        rx.el.div(
            controls.secondary_link("设置", href=routes.SETTINGS),
            controls.post_form(controls.secondary_button("退出登录", type="submit"), action=routes.LOGOUT),
            style={"display": "flex", "gap": "12px"},
        ),
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": "16px", "margin_bottom": "20px"},
    )


def _tab(label: str, status: str) -> rx.Component:
    chosen = MeState.status == status
    return rx.el.button(
        label,
        " ",
        rx.el.span(MeState.counts.get(status, 0).to_string(), style={"font_variant_numeric": "tabular-nums"}),
        type="button",
        role="tab",
        aria_selected=chosen,
        on_click=MeState.choose(status),  # type: ignore[operator]  # a handler of a class is called to bind arguments
        style={
            "min_height": tokens.TARGET,
            "padding": "0 16px",
            "border": "0",
            "border_bottom": "3px solid transparent",
            "background": "none",
            "color": tokens.QUIET,
            "font": "inherit",
            "cursor": "pointer",
            "&[aria-selected=true]": {
                "color": tokens.INK,
                "font_weight": "700",
                "border_bottom_color": tokens.PRIMARY,
            },
        },
    )


def me() -> rx.Component:
    """What I offer, offered and sold."""
    return page(
        _head(),
        rx.el.div(
            *[_tab(*tab) for tab in _TABS],
            role="tablist",
            aria_label="我的宝贝",
            style={"display": "flex", "border_bottom": f"1px solid {tokens.LINE}", "margin_bottom": "16px"},
        ),
        listing_grid(
            MeState.cards,
            loaded=MeState.loaded,
            has_more=MeState.has_more,
            on_more=MeState.load_more,
            empty=controls.empty_state(
                "package-open", "这里还没有宝贝。", controls.primary_link("发布闲置", href=routes.SELL)
            ),
        ),
    )
