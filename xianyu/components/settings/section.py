"""What every card of the settings page looks like."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.services import proof

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


def switch(
    title: str, sentence: str, checked: rx.Var[bool], on_change: Any, *, loaded: rx.Var[bool], hint: str
) -> rx.Component:
    """A card with one switch.

    Args:
        title: The heading.
        sentence: What the switch is for, beside it.
        checked: Whether it is on.
        on_change: What takes the choice.
        loaded: Whether that is known yet.
        hint: What comes of it.
    """
    return section(title, switch_line(sentence, checked, on_change, loaded=loaded), hint=hint)


def switch_line(sentence: str, checked: rx.Var[bool], on_change: Any, *, loaded: rx.Var[bool]) -> rx.Component:
    """A switch with what it is for beside it, for a card that has more than that."""
    return rx.cond(
        loaded,
        rx.el.label(
            rx.switch(checked=checked, on_change=on_change, size="3"),
            sentence,
            class_name="x-switch",
        ),
        controls.skeleton(height=tokens.TARGET),
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


def proof_error(errors: rx.Var[dict[str, str]]) -> rx.Component:
    """Where an account without a password is told that its login is too old, and the way to a new one."""
    return rx.cond(
        errors.contains(proof.FIELD),
        rx.el.div(
            rx.el.p(errors.get(proof.FIELD, ""), role="alert", style={"color": tokens.DANGER, "margin": "0 0 8px"}),
            controls.secondary_link("重新登录", href=routes.login(routes.SETTINGS)),
            style={"margin": "0 0 16px"},
        ),
    )
