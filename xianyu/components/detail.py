"""What the pages of a listing, an activity and an order have in common."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens

WIDE = "@media (min-width: 900px)"
# Long words break rather than widen the page.
BREAK = {"overflow_wrap": "anywhere"}
# Several actions share a phone's width evenly and stand in a row of their own width elsewhere.
EVEN = {"flex": "1", "padding": "0 6px", WIDE: {"flex": "none", "padding": "0 20px"}}
# One action takes the width that is left, but not all of a desktop's.
GROWING = {"flex": "1", WIDE: {"max_width": "320px"}}
COLUMN = {"display": "flex", "flex_direction": "column", "gap": "18px", "min_width": "0"}
# Names and what they are, a line for each.
FACTS = {
    "display": "grid",
    "grid_template_columns": "auto 1fr",
    "gap": "6px 20px",
    "margin": "0",
    "font_size": "15px",
}
# Controls that stay at the lower edge while the page scrolls.
STICKY = {
    "display": "flex",
    "align_items": "center",
    "position": "sticky",
    "bottom": "0",
    "z_index": "5",
    "padding": "10px 16px",
    "background": tokens.PAGE,
    "border_top": f"1px solid {tokens.LINE}",
}


def action_bar(*children: Any) -> rx.Component:
    """What can be done: on a phone within the thumb's reach while the page scrolls."""
    return rx.el.div(
        *children,
        style={
            **STICKY,
            "gap": "8px",
            "min_height": tokens.TARGET,
            "margin": "0 -16px",
            WIDE: {"position": "static", "margin": "0", "padding": "0", "border": "0", "flex_wrap": "wrap"},
        },
    )


def person(name: rx.Var[str], avatar_url: rx.Var[str], *said: Any, href: Any, size: str = "44px") -> rx.Component:
    """Whose it is, as a link to their page.

    Args:
        name: What they are called.
        avatar_url: Their picture.
        said: The line below the name.
        href: Their page.
        size: The picture's diameter.
    """
    return rx.link(
        controls.avatar(name, avatar_url, size),
        rx.el.span(
            rx.el.span(name, style={"font_weight": "600", "display": "block"}),
            rx.el.span(*said, style={"color": tokens.QUIET, "font_size": "14px"}),
            style={"flex": "1", "min_width": "0", "overflow": "hidden"},
        ),
        rx.icon("chevron-right", size=20, color=tokens.QUIET, aria_hidden="true"),
        href=href,
        underline="none",
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "12px",
            "padding": "12px 16px",
            "border_radius": tokens.RADIUS,
            "border": f"1px solid {tokens.LINE}",
            "background": tokens.SURFACE,
            "color": tokens.INK,
        },
    )


def text(words: rx.Var[str]) -> rx.Component:
    """What was written, with its line breaks."""
    return rx.el.p(
        words, style={"white_space": "pre-wrap", "margin": "0", "font_size": "16px", "line_height": "1.75", **BREAK}
    )
