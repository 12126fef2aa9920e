"""The frame of every page: header, navigation with the unread count, connection banner."""

from typing import Any

import reflex as rx
from reflex_components_core.core.banner import has_connection_errors

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.herald import herald
from xianyu.components.react import chat_keeper, reload, scroll_keeper, search_box, tab_front
from xianyu.settings import get_settings
from xianyu.states.search_box import SearchBoxState
from xianyu.states.shell import ShellState

_WIDE = "@media (min-width: 768px)"
# From here on the header has room for names beside the search box.
_ROOMY = "@media (min-width: 1080px)"

# A badge has room for two digits.
MOST_SHOWN = 99

_LINKS = (
    ("首页", "house", routes.HOME),
    ("发布", "circle-plus", routes.SELL),
    ("消息", "message-circle", routes.MESSAGES),
    ("我的", "user-round", routes.ME),
)


def _unread() -> rx.Component:
    shown = rx.cond(ShellState.unread > MOST_SHOWN, f"{MOST_SHOWN}+", ShellState.unread.to_string())
    return rx.cond(
        ShellState.unread > 0,
        controls.count(
            shown,
            f"{ShellState.unread} 条未读消息",
            style={
                "position": "absolute",
                "top": "-7px",
                "left": "14px",
                "min_width": "18px",
                "height": "18px",
                "padding": "0 5px",
                "border_radius": "9px",
                "background": "#d5321a",
                "color": "#fff",
                "font_size": "12px",
                "font_weight": "700",
                "line_height": "18px",
                "text_align": "center",
            },
        ),
    )


def _nav_link(label: str, icon: str, href: str) -> rx.Component:
    path = rx.State.router.url.path
    here = (path == href) | path.startswith(f"{href}/") if href != routes.HOME else path == href
    return rx.link(
        rx.el.span(
            rx.icon(icon, size=24, stroke_width=1.8, aria_hidden="true"),
            _unread() if href == routes.MESSAGES else rx.fragment(),
            style={"position": "relative", "display": "inline-flex"},
        ),
        rx.el.span(label),
        href=href,
        underline="none",
        aria_current=rx.cond(here, "page", "false"),
        style={
            "display": "flex",
            "align_items": "center",
            "justify_content": "center",
            "color": tokens.QUIET,
            "min_height": tokens.TARGET,
            "min_width": "64px",
            "font_size": "12px",
            "flex_direction": "column",
            "gap": "3px",
            "&[aria-current=page]": {"color": tokens.INK, "font_weight": "700"},
            _WIDE: {"flex_direction": "row", "font_size": "16px", "gap": "8px", "padding": "0 14px"},
        },
    )


def _brand() -> rx.Component:
    return rx.link(
        rx.el.span(
            "鱼",
            aria_hidden="true",
            style={
                "display": "inline-flex",
                "align_items": "center",
                "justify_content": "center",
                "width": "34px",
                "height": "34px",
                "border_radius": "11px",
                "background": tokens.PRIMARY,
                "color": tokens.ON_PRIMARY,
                "font_weight": "800",
            },
        ),
        rx.el.span(get_settings().site_name, class_name="x-roomy", style={"font_weight": "800", "font_size": "19px"}),
        href=routes.HOME,
        underline="none",
        style={
            "display": "flex",
            "align_items": "center",
            "justify_content": "center",
            "gap": "10px",
            "flex": "none",
            "min_height": tokens.TARGET,
            "min_width": tokens.TARGET,
            "color": tokens.INK,
        },
    )


def _account() -> rx.Component:
    return rx.cond(
        ShellState.user_id > 0,
        rx.el.span(
            controls.avatar(ShellState.name, ShellState.avatar_url, "30px"),
            rx.el.span(
                ShellState.name, class_name="x-roomy", style={"overflow": "hidden", "text_overflow": "ellipsis"}
            ),
            style={
                "display": "flex",
                "align_items": "center",
                "justify_content": "flex-end",
                "gap": "8px",
                "color": tokens.QUIET,
                "font_size": "15px",
                "min_width": "0",
            },
        ),
        rx.cond(ShellState.known, _login_link()),
    )


def _login_link() -> rx.Component:
    return rx.link(
        "登录",
        rx.el.span("\u00a0/ 注册", class_name="x-roomy"),
        href=routes.LOGIN,
        underline="none",
        style={
            "color": tokens.INK,
            "font_weight": "600",
            "font_size": "15px",
            "display": "inline-flex",
            "align_items": "center",
            "justify_content": "center",
            "min_height": tokens.TARGET,
            "min_width": tokens.TARGET,
        },
    )


def _search() -> rx.Component:
    return search_box(
        action=routes.SEARCH,
        suggestions=SearchBoxState.suggestions,
        asked=SearchBoxState.asked,
        refusal=SearchBoxState.refusal,
        user=ShellState.user_id,
        known=ShellState.known,
        on_suggest=SearchBoxState.suggest,
    )


def _header() -> rx.Component:
    return rx.el.header(
        rx.el.div(
            _brand(),
            _search(),
            rx.el.nav(
                *[_nav_link(*link) for link in _LINKS],
                aria_label="主导航",
                style={"display": "none", "flex": "none", _WIDE: {"display": "flex"}},
            ),
            rx.el.div(
                _account(),
                # As wide before it is known who looks as afterwards: nothing beside it may move.
                style={
                    "flex": "none",
                    "width": tokens.TARGET,
                    "text_align": "right",
                    "white_space": "nowrap",
                    _ROOMY: {"width": "132px", "overflow": "hidden"},
                },
            ),
            style={
                "max_width": tokens.MAX_WIDTH,
                "margin": "0 auto",
                "padding": "8px 16px",
                "display": "flex",
                "align_items": "center",
                "justify_content": "space-between",
                "gap": "8px",
                _ROOMY: {"gap": "16px"},
            },
        ),
        style={
            "background": tokens.SURFACE,
            "border_bottom": f"1px solid {tokens.LINE}",
            "position": "sticky",
            "top": "0",
            "z_index": "20",
        },
    )


def _bottom_bar() -> rx.Component:
    return rx.el.nav(
        *[_nav_link(*link) for link in _LINKS],
        aria_label="主导航",
        style={
            "display": "flex",
            "justify_content": "space-around",
            "align_items": "center",
            "height": f"calc({tokens.BAR} + env(safe-area-inset-bottom))",
            "padding_bottom": "env(safe-area-inset-bottom)",
            "background": tokens.SURFACE,
            "border_top": f"1px solid {tokens.LINE}",
            "flex": "none",
            _WIDE: {"display": "none"},
        },
    )


def connection_banner() -> rx.Component:
    """Says that the connection is lost, for as long as it is."""
    return rx.cond(
        has_connection_errors,
        rx.el.div(
            rx.icon("wifi-off", size=18, aria_hidden="true"),
            "连接已断开，正在重新连接…",
            role="status",
            style={
                "position": "fixed",
                "top": "0",
                "left": "0",
                "right": "0",
                "z_index": "1000",
                "display": "flex",
                "align_items": "center",
                "justify_content": "center",
                "gap": "8px",
                "padding": "10px 16px",
                "background": "#7a2e12",
                "color": "#fff",
                "font_size": "15px",
            },
        ),
    )


def page(*children: Any, width: str = tokens.MAX_WIDTH, fill: bool = False) -> rx.Component:
    """A page in its frame.

    The frame is a column as high as the window: header, content that scrolls, bar. The bar is part
    of the column, so it can cover nothing.

    Args:
        children: The content.
        width: The widest that the content gets.
        fill: Whether the content has exactly the height that is left and scrolls inside itself.
    """
    content = {
        "max_width": width,
        "width": "100%",
        "margin": "0 auto",
        "padding": "0" if fill else "20px 16px 40px",
        **({"flex": "1", "min_height": "0", "display": "flex", "flex_direction": "column"} if fill else {}),
    }
    return rx.el.div(
        _header(),
        herald(),
        rx.el.main(
            scroll_keeper(),
            rx.el.div(*children, style=content),
            id="main",
            style={
                "flex": "1",
                "min_height": "0",
                "overflow_y": "hidden" if fill else "auto",
                "display": "flex",
                "flex_direction": "column",
            },
        ),
        _bottom_bar(),
        reload(when=ShellState.ended),
        # Before the page's own events are done, the state may still be that of an earlier visit.
        chat_keeper(
            me=ShellState.user_id,
            known=ShellState.known & ShellState.is_hydrated,
            ended=ShellState.ended,
            logout=routes.LOGOUT,
        ),
        tab_front(epoch=ShellState.entry, on_change=ShellState.note_front),
        style={
            "display": "flex",
            "flex_direction": "column",
            "height": "100dvh",
            "background": tokens.PAGE,
            "color": tokens.INK,
            "line_height": "1.6",
        },
    )
