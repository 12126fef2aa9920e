"""The frame of the operators' console: its entries beside or above the page."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.layout import page
from xianyu.states.console import ConsoleState

_WIDE = "@media (min-width: 900px)"
_ENTRIES = (
    ("概览", "chart-line", routes.ADMIN),
    ("举报", "flag", routes.ADMIN_REPORTS),
    ("待审核", "shield-alert", routes.ADMIN_HELD),
    ("用户", "users", routes.ADMIN_USERS),
    ("宝贝", "package", routes.ADMIN_LISTINGS),
    ("公告", "megaphone", routes.ADMIN_ANNOUNCEMENTS),
    ("敏感词", "message-circle-warning", routes.ADMIN_WORDS),
    ("分类", "layout-grid", routes.ADMIN_CATALOG),
    ("日志", "scroll-text", routes.ADMIN_LOG),
)
# What waits is counted beside its entry.
_COUNTS = {routes.ADMIN_REPORTS: ConsoleState.reports, routes.ADMIN_HELD: ConsoleState.held}


def _count(href: str) -> rx.Component:
    number = _COUNTS.get(href)
    if number is None:
        return rx.fragment()
    return rx.cond(
        number > 0,
        controls.count(
            number.to_string(),
            f"{number} 条待处理",
            style={
                "background": "#d5321a",
                "color": "#fff",
                "border_radius": "9px",
                "min_width": "18px",
                "padding": "0 5px",
                "font_size": "12px",
                "font_weight": "700",
                "line_height": "18px",
                "text_align": "center",
            },
        ),
    )


def _entry(label: str, icon: str, href: str) -> rx.Component:
    path = rx.State.router.url.path
    return rx.link(
        rx.icon(icon, size=18, stroke_width=1.8, aria_hidden="true"),
        rx.el.span(label),
        _count(href),
        href=href,
        underline="none",
        # A page that is loaded anew has a slash at the end of its address.
        aria_current=rx.cond((path == href) | (path == f"{href}/"), "page", "false"),
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "8px",
            "flex": "none",
            "min_height": tokens.TARGET,
            "padding": "0 14px",
            "border_radius": tokens.RADIUS_SMALL,
            "color": tokens.INK,
            "font_size": "15px",
            "white_space": "nowrap",
            "_hover": {"background": tokens.TINT},
            "&[aria-current=page]": {
                "background": tokens.TINT,
                "font_weight": "700",
                # Where the row scrolls, the present one stands where it can be seen.
                "@media (max-width: 899px)": {"order": "-1"},
            },
        },
    )


_FIELD = {**controls.INPUT, "min_height": tokens.TARGET, "padding": "6px 12px", "min_width": "0"}


def wrapping_form(*children: Any, label: str, **props: Any) -> rx.Component:
    """The fields that narrow a list, beside each other where there is room."""
    return rx.el.form(
        *children,
        no_validate=True,
        role="search",
        aria_label=label,
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": "10px", "margin_bottom": "16px"},
        **props,
    )


def search_field(label: str, placeholder: str, longest: int, value: rx.Var[str]) -> rx.Component:
    """What is looked for."""
    return rx.el.input(
        type="search",
        name="words",
        aria_label=label,
        placeholder=placeholder,
        max_length=longest,
        default_value=value,
        style={**_FIELD, "flex": "2 1 220px", "width": "auto"},
    )


def select_field(label: str, name: str, value: rx.Var[str], *options: rx.Component) -> rx.Component:
    """One of several that a list is narrowed to."""
    return rx.el.select(
        *options,
        name=name,
        aria_label=label,
        default_value=value,
        class_name="x-select",
        style={**_FIELD, "flex": "1 1 150px", "width": "auto", "padding_right": "36px"},
    )


def date_field(label: str, name: str, value: rx.Var[str]) -> rx.Component:
    """A day."""
    return rx.el.label(
        rx.el.span(label, style={"flex": "none"}),
        rx.el.input(type="date", name=name, default_value=value, style=_FIELD),
        style={"display": "flex", "align_items": "center", "gap": "8px", "flex": "1 1 150px", "min_width": "0"},
    )


def console_page(heading: str, *children: Any) -> rx.Component:
    """A page of the console, for operators; anybody else reads why there is nothing to see."""
    return page(
        rx.cond(
            ConsoleState.known,
            rx.cond(
                ConsoleState.refusal == "",
                _console(heading, children),
                controls.empty_state(
                    "lock", ConsoleState.refusal, controls.primary_link("回首页看看", href=routes.HOME)
                ),
            ),
            rx.fragment(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                controls.skeleton(height="44px"),
                controls.skeleton(height="320px", margin_top="16px"),
            ),
        ),
    )


def _console(heading: str, children: tuple[Any, ...]) -> rx.Component:
    return rx.el.div(
        rx.el.nav(
            *[_entry(*entry) for entry in _ENTRIES],
            aria_label="管理后台",
            style={
                "display": "flex",
                "gap": "4px",
                "overflow_x": "auto",
                # What only screen readers hear lies inside of it, not beyond the window.
                "position": "relative",
                # Space for the ring of a focus inside what scrolls.
                "padding": "3px",
                _WIDE: {"flex_direction": "column", "position": "sticky", "top": "0", "align_self": "start"},
            },
        ),
        rx.el.div(
            rx.el.h1(heading, style={"font_size": "22px", "margin": "0 0 16px"}),
            *children,
            style={"min_width": "0"},
        ),
        style={
            "display": "grid",
            "grid_template_columns": "minmax(0, 1fr)",
            "gap": "16px",
            _WIDE: {"grid_template_columns": "168px minmax(0, 1fr)", "gap": "28px"},
        },
    )
