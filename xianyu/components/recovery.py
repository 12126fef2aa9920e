"""Pieces of the pages that a mail leads to."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.layout import page


def narrow_page(title: str, *children: Any) -> rx.Component:
    """A page of one card."""
    return page(
        controls.card(rx.el.h1(title, style={"font_size": "24px", "margin": "0 0 16px"}), *children),
        width="440px",
    )


def sentence(*children: Any, **props: Any) -> rx.Component:
    """A paragraph of a card."""
    return rx.el.p(*children, style={"margin": "0 0 16px", "color": tokens.INK}, **props)


def outcome(message: Any, *actions: rx.Component) -> rx.Component:
    """How it ended, told to screen readers as it appears, and what to do next."""
    return rx.el.div(
        sentence(message, role="status"),
        rx.el.div(*actions, style={"display": "flex", "flex_wrap": "wrap", "gap": "12px"}),
    )


def looking() -> rx.Component:
    """The place of what the link will turn out to be."""
    return controls.skeleton(height="120px")
