"""The page at ``/admin``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import charts, controls, tokens
from xianyu.components.console import console_page
from xianyu.services.overview import COLUMNS, RANGES
from xianyu.states.console import ConsoleState
from xianyu.states.console_overview import ConsoleOverviewState

_GRID = {
    "display": "grid",
    "grid_template_columns": "repeat(auto-fill, minmax(min(100%, 132px), 1fr))",
    "gap": "12px",
    "margin_bottom": "20px",
}
_TILE = {
    "display": "flex",
    "flex_direction": "column",
    "min_height": "76px",
    "padding": "12px 16px",
    "border": f"1px solid {tokens.LINE}",
    "border_radius": tokens.RADIUS,
    "background": tokens.SURFACE,
    "color": tokens.INK,
}


def _number(number: rx.Var[int], label: str) -> tuple[rx.Component, rx.Component]:
    return (
        rx.el.span(
            number.to_string(),
            style={
                "font_size": "26px",
                "line_height": "1.4",
                "font_weight": "700",
                "font_variant_numeric": "tabular-nums",
            },
        ),
        rx.el.span(label, style={"color": tokens.QUIET, "font_size": "14px", "line_height": "1.5"}),
    )


def _waits(number: Any, label: str, href: str) -> rx.Component:
    """How much waits for operators; what waits stands out."""
    waiting = {"background": rx.cond(number > 0, tokens.TINT, tokens.SURFACE)}
    return rx.link(
        *_number(number, label),
        href=href,
        underline="none",
        style={**_TILE, **waiting, "_hover": {"background": tokens.TINT}},
    )


def _tile(number: rx.Var[int], label: str) -> rx.Component:
    return rx.el.div(*_number(number, label), style=_TILE)


def _tiles() -> rx.Component:
    state = ConsoleOverviewState
    return rx.el.div(
        _waits(ConsoleState.reports, "条举报待处理", routes.ADMIN_REPORTS),
        _waits(ConsoleState.held, "条内容待审核", routes.ADMIN_HELD),
        _tile(state.online, "人在线"),
        _tile(state.tiles.people, "位邻居"),
        _tile(state.tiles.listings, "件在售"),
        _tile(state.tiles.orders, "个订单进行中"),
        style=_GRID,
    )


def _range(days: int) -> rx.Component:
    return rx.link(
        f"近 {days} 天",
        href=routes.admin({"days": str(days)}),
        underline="none",
        aria_current=rx.cond(ConsoleOverviewState.days == days, "true", "false"),
        class_name="x-pill",
    )


def _charts() -> rx.Component:
    state = ConsoleOverviewState
    return rx.fragment(
        rx.el.nav(
            *[_range(days) for days in RANGES],
            aria_label="看多久",
            style={"display": "flex", "flex_wrap": "wrap", "gap": "8px", "margin_bottom": "14px"},
        ),
        rx.el.div(
            rx.foreach(state.charts, lambda one: rx.fragment(charts.chart(one, state.first), key=one.name)),
            style={
                "display": "grid",
                "grid_template_columns": "minmax(0, 1fr)",
                "gap": "14px",
                "@media (min-width: 700px)": {"grid_template_columns": "repeat(2, minmax(0, 1fr))"},
            },
        ),
        charts.table(state.rows, COLUMNS),
    )


def console_overview() -> rx.Component:
    """What waits for the operators, and how things went in the last days."""
    return console_page(
        "概览",
        rx.cond(
            ConsoleOverviewState.loaded,
            rx.fragment(_tiles(), _charts()),
            rx.el.div(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                controls.skeleton(height="76px", margin_bottom="20px"),
                *[controls.skeleton(height="210px", margin_bottom="14px") for _ in range(3)],
            ),
        ),
    )
