"""The sentence over the page that ``NoticeState`` holds."""

import reflex as rx

from xianyu.components import tokens
from xianyu.states.notices import NoticeState


def notice() -> rx.Component:
    """Says a sentence until it was read or has been there for a while; screen readers say it at once."""
    return rx.el.div(
        rx.cond(
            NoticeState.text != "",
            rx.el.div(
                rx.el.span(NoticeState.text, style={"flex": "1", "min_width": "0"}),
                rx.el.button("知道了", type="button", class_name="x-notice-close", on_click=NoticeState.dismiss),
                # The same sentence once more is another element, so that its time starts anew.
                key=NoticeState.number.to_string(),
                class_name="x-notice",
            ),
        ),
        role="alert",
        style={
            "position": "fixed",
            "left": "0",
            "right": "0",
            "bottom": f"calc({tokens.BAR} + 16px)",
            "z_index": "900",
        },
        class_name="x-notices",
    )
