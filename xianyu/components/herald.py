"""The strip that tells of an announcement which was published just now."""

import reflex as rx

from xianyu.components import tokens
from xianyu.states.herald import HeraldState


def herald() -> rx.Component:
    """Between the header and the page, where it covers nothing; screen readers say it when they are done.

    What is said is there from the start, empty: a region that comes with its words is not read out.
    """
    return rx.el.div(
        rx.cond(
            HeraldState.title != "",
            rx.el.div(
                rx.icon("megaphone", size=18, stroke_width=1.8, aria_hidden="true", flex="none"),
                rx.link(
                    rx.el.span("新公告：", style={"flex": "none", "font_weight": "600"}),
                    rx.el.span(HeraldState.title, class_name="x-herald-title"),
                    href=HeraldState.url,
                    underline="none",
                    on_click=HeraldState.dismiss,
                    class_name="x-herald-link",
                ),
                rx.el.button(
                    rx.icon("x", size=18, aria_hidden="true"),
                    type="button",
                    aria_label="不再显示这条公告",
                    on_click=HeraldState.dismiss,
                    class_name="x-herald-close",
                ),
                style={"max_width": tokens.MAX_WIDTH, "margin": "0 auto", "padding": "0 6px 0 16px"},
                class_name="x-herald",
            ),
        ),
        role="status",
        class_name="x-herald-place",
    )
