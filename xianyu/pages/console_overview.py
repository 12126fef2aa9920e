"""The page at ``/admin``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.console import console_page
from xianyu.states.console import ConsoleState


def _waits(number: rx.Var[int], label: str, href: str) -> rx.Component:
    return rx.link(
        rx.el.span(number.to_string(), style={"font_size": "28px", "font_weight": "700"}),
        rx.el.span(label, style={"color": tokens.QUIET}),
        href=href,
        underline="none",
        style={"display": "flex", "flex_direction": "column", "min_height": tokens.TARGET, "color": tokens.INK},
    )


def console_overview() -> rx.Component:
    """What waits for the operators."""
    return console_page(
        "概览",
        controls.card(
            rx.el.div(
                _waits(ConsoleState.reports, "条举报待处理", routes.ADMIN_REPORTS),
                _waits(ConsoleState.held, "条内容待审核", routes.ADMIN_HELD),
                style={"display": "grid", "grid_template_columns": "1fr 1fr", "gap": "16px"},
            )
        ),
    )
