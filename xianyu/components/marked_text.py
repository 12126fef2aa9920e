"""A text as it was typed, in which what was found stands out."""

import reflex as rx

from xianyu.components import tokens
from xianyu.schemas.moderation import TextPart


def marked_text(parts: rx.Var[list[TextPart]]) -> rx.Component:
    """The text in its lines; marked stretches are underlined as well, for who does not tell colours apart."""
    return rx.el.p(
        rx.foreach(parts, _part),
        style={"margin": "0", "white_space": "pre-wrap", "overflow_wrap": "anywhere", "line_height": "1.6"},
    )


def _part(part: rx.Var[TextPart]) -> rx.Component:
    return rx.cond(
        part.is_marked,
        rx.el.mark(
            part.text,
            style={
                "background": tokens.PRIMARY,
                "color": tokens.ON_PRIMARY,
                "border_radius": "4px",
                "padding": "0 2px",
                "text_decoration": "underline",
            },
        ),
        rx.el.span(part.text),
    )
