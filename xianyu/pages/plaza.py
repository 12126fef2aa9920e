"""The page at ``/plaza``."""

import reflex as rx

from xianyu.components import controls, plaza, report, tokens
from xianyu.components.layout import page
from xianyu.states.plaza import PlazaState


def public_room() -> rx.Component:
    """The public room of the whole compound."""
    return page(
        rx.el.section(
            plaza.head(),
            rx.cond(
                PlazaState.loaded,
                plaza.room(),
                rx.el.div(
                    rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                    *[controls.skeleton(height="48px", width="60%", margin="14px") for _ in range(5)],
                ),
            ),
            aria_label="公共聊天室",
            style={"display": "flex", "flex_direction": "column", "flex": "1", "min_height": "0", "min_width": "0"},
        ),
        report.dialog(),
        width=tokens.MAX_WIDTH,
        fill=True,
    )
