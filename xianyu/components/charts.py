"""Charts of figures over days, drawn by the browser from paths: nothing has to be loaded for them.

What they show is said in words to those who do not see it, and stands in a table below.
"""

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.schemas.console import Chart, DayRow


def chart(one: rx.Var[Chart], first: rx.Var[str]) -> rx.Component:
    """A figure over days: its name, what it comes to, and the drawing."""
    return controls.card(
        rx.el.h2(one.title, style={"font_size": "15px", "margin": "0", "font_weight": "600"}),
        rx.el.p(
            rx.el.span(one.caption, " ", style={"color": tokens.QUIET, "font_size": "13px"}),
            rx.el.strong(one.headline, style={"font_size": "20px", "font_variant_numeric": "tabular-nums"}),
            style={"margin": "2px 0 12px"},
        ),
        rx.el.div(
            rx.el.div(
                rx.el.svg(
                    rx.el.path(d="M0 0H300M0 50H300M0 100H300", class_name="x-chart-grid"),
                    rx.el.path(d=one.bars, class_name="x-chart-bar"),
                    rx.el.path(d=one.today, class_name="x-chart-today"),
                    rx.el.path(d=one.line, class_name="x-chart-line"),
                    rx.el.path(d=one.dots, class_name="x-chart-dot"),
                    rx.el.path(d=one.today_dot, class_name="x-chart-dot x-chart-dot-today"),
                    view_box="0 0 300 100",
                    preserve_aspect_ratio="none",
                    aria_hidden="true",
                ),
                rx.el.span(one.top, style={"top": "0"}),
                rx.el.span(one.middle, style={"top": "50%"}),
                class_name="x-chart-area",
                aria_hidden="true",
            ),
            rx.el.div(rx.el.span(first), rx.el.span("今天"), class_name="x-chart-ends", aria_hidden="true"),
            role="img",
            aria_label=one.summary,
        ),
        padding="16px",
        min_width="0",
    )


def table(rows: rx.Var[list[DayRow]], columns: tuple[str, ...]) -> rx.Component:
    """What the charts show, day by day, the latest first."""
    return rx.el.details(
        rx.el.summary("看每天的数字", class_name="x-chart-summary"),
        rx.el.div(
            rx.el.table(
                rx.el.caption("每天的数字，今天的还在变", class_name="x-visually-hidden"),
                rx.el.thead(
                    rx.el.tr(rx.el.th("日期", scope="col"), *[rx.el.th(column, scope="col") for column in columns])
                ),
                rx.el.tbody(
                    rx.foreach(
                        rows,
                        lambda row: rx.el.tr(
                            rx.el.th(row.day, scope="row"),
                            rx.foreach(row.cells, rx.el.td),
                            key=row.day,
                        ),
                    )
                ),
                class_name="x-chart-table",
            ),
            # What scrolls has to be reachable by keyboard.
            tab_index=0,
            role="region",
            aria_label="每天的数字",
            style={"overflow_x": "auto"},
        ),
        style={"margin_top": "16px"},
    )
