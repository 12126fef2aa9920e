"""A question before something that cannot be undone."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens


def asking(button: rx.Component, title: Any, explanation: str, action: str, event: Any, **props: Any) -> rx.Component:
    """A button that asks before it does something.

    Args:
        button: What is pressed.
        title: The question.
        explanation: What will come of it.
        action: What the button says that goes ahead.
        event: What it does.
        props: For the dialog.
    """
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(button),
        rx.alert_dialog.content(
            rx.alert_dialog.title(title),
            rx.alert_dialog.description(explanation),
            rx.el.div(
                rx.alert_dialog.cancel(controls.secondary_button("再想想")),
                rx.alert_dialog.action(controls.primary_button(action, on_click=event)),
                style={"display": "flex", "gap": "12px", "justify_content": "flex-end", "margin_top": "20px"},
            ),
            max_width="420px",
        ),
        **props,
    )


def confirm(
    action: str, title: str, explanation: str, event: rx.event.EventType, style: dict[str, Any] | None = None
) -> rx.Component:
    """A button that asks before it does something that cannot be undone."""
    button = controls.secondary_button(action, style={"color": tokens.DANGER, **(style or {})})
    return asking(button, title, explanation, action, event)
