"""A dialog with a form in it, which stays open with everything typed until its state closes it."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from xianyu.components import controls


@dataclass(frozen=True)
class DialogForm:
    """How a dialog's form and its state know each other.

    Args:
        is_open: Whether the dialog is open.
        on_open_change: What hears that it is to open or to close.
        on_submit: What takes the form.
        errors: What was refused, by field.
        busy: Whether the server is at work on it.
        error: What the refusal is called that belongs to no field.
    """

    is_open: Any
    on_open_change: Any
    on_submit: Any
    errors: rx.Var[dict[str, str]]
    busy: rx.Var[bool]
    error: str = "form"


def form_dialog(
    trigger: rx.Component, title: Any, *fields: Any, submit: Any, form: DialogForm, sentence: Any = ""
) -> rx.Component:
    """A button, and the dialog that it opens.

    Args:
        trigger: The button.
        title: The dialog's heading.
        fields: What is to be filled in.
        submit: What the button says that sends it.
        form: What keeps it.
        sentence: What is to be known beforehand.
    """
    return rx.dialog.root(
        rx.dialog.trigger(trigger),
        rx.dialog.content(
            rx.dialog.title(title, style={"font_size": "19px", "margin": "0 0 8px"}),
            rx.dialog.description(sentence, style={"margin": "0 0 14px", "line_height": "1.6"}),
            rx.el.form(
                *fields,
                controls.field_error(form.errors, form.error),
                rx.el.div(
                    rx.dialog.close(controls.secondary_button("再想想")),
                    controls.primary_button(submit, type="submit", disabled=form.busy),
                    style={"display": "flex", "gap": "12px", "justify_content": "flex-end"},
                ),
                on_submit=form.on_submit,
                no_validate=True,
            ),
            # A slip beside it would lose what is typed.
            on_interact_outside=rx.prevent_default,
            max_width="440px",
        ),
        open=form.is_open,
        on_open_change=form.on_open_change,
    )
