"""What every card of the settings page looks like."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens

ROW = {"display": "flex", "flex_wrap": "wrap", "gap": "12px", "align_items": "center"}


def section(title: str, *children: Any, hint: Any = "") -> rx.Component:
    """A card with its heading, a line on what it is for, and its content.

    Args:
        title: The heading, level 2.
        children: The content.
        hint: One quiet sentence below the heading, if any.
    """
    return controls.card(
        rx.el.h2(title, style={"font_size": "18px", "margin": "0"}),
        note(hint) if hint else rx.fragment(),
        rx.el.div(*children, style={"margin_top": "16px"}),
        padding="20px",
    )


def note(*children: Any, role: str | None = None, **style: Any) -> rx.Component:
    """A quiet sentence."""
    properties = {"role": role} if role else {}
    return rx.el.p(
        *children, style={"color": tokens.QUIET, "font_size": "14px", "margin": "4px 0 0", **style}, **properties
    )


def done(message: Any) -> rx.Component:
    """What has just been done, told to screen readers as it appears. Empty says nothing."""
    return rx.el.p(
        message,
        role="status",
        style={"color": tokens.INK, "font_size": "14px", "min_height": "20px", "margin": "8px 0 0"},
    )
