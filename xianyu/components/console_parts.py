"""What the pages of the operators' console have in common."""

from collections.abc import Mapping
from typing import Any

import reflex as rx

from xianyu.components import controls
from xianyu.services.bans import TERMS

ROW = {"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": "10px"}
BREAK = {"overflow_wrap": "anywhere"}
LIST = {
    "display": "flex",
    "flex_direction": "column",
    "gap": "14px",
    "margin": "0",
    "padding": "0",
    "list_style": "none",
}


def choices(label: str, options: Mapping[str, str], chosen: rx.Var[str], handler: Any) -> rx.Component:
    """A row of choices, one of which is pressed.

    Args:
        label: What is chosen.
        options: Names by value.
        chosen: The value that is.
        handler: What takes another.
    """
    return rx.el.div(
        *[
            rx.el.button(
                name,
                type="button",
                aria_pressed=rx.cond(chosen == value, "true", "false"),
                on_click=handler(value),
                class_name="x-pill",
            )
            for value, name in options.items()
        ],
        role="group",
        aria_label=label,
        style={"display": "flex", "flex_wrap": "wrap", "gap": "8px"},
    )


def ban_fields(errors: rx.Var[dict[str, str]], *first: tuple[str, str], **props: Any) -> rx.Component:
    """For how long, and why.

    Args:
        errors: What was refused.
        first: Choices before the terms.
        props: For the choice of the term.
    """
    terms = [*first, *((str(days), name) for days, name in TERMS.items())]
    return controls.choice("停用账号", "term", terms, errors, **props)


def ban_reason(errors: rx.Var[dict[str, str]]) -> rx.Component:
    """Why somebody is banned, which they are told."""
    return controls.text_input(
        "停用原因", "ban_reason", errors, placeholder="对方登录时会看到", max_length=200, auto_complete="off"
    )


def dialog_buttons(close: Any, submit: str, busy: rx.Var[bool]) -> rx.Component:
    """The end of a dialog's form."""
    return rx.el.div(
        controls.secondary_button("再想想", on_click=close),
        controls.primary_button(rx.cond(busy, "正在提交…", submit), type="submit", disabled=busy),
        style={"display": "flex", "gap": "12px", "justify_content": "flex-end"},
    )
