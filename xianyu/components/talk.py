"""What a conversation and the public room have in common: the head, who says what when, and the first lines."""

from typing import Any

import reflex as rx

from xianyu.components import tokens
from xianyu.components.react import time_ago
from xianyu.components.react.chat import message_bubble


def head(*children: Any, padding: str) -> rx.Component:
    """The line above the messages."""
    return rx.el.div(
        *children,
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "6px",
            "padding": padding,
            "background": tokens.SURFACE,
            "border_bottom": f"1px solid {tokens.LINE}",
            "flex": "none",
        },
    )


def back(href: Any, label: str, **style: Any) -> rx.Component:
    """The arrow that leads back."""
    return rx.link(
        rx.icon("chevron-left", size=24, aria_hidden="true"),
        href=href,
        aria_label=label,
        style={
            "display": "inline-flex",
            "align_items": "center",
            "justify_content": "center",
            "width": tokens.TARGET,
            "height": tokens.TARGET,
            "color": tokens.INK,
            **style,
        },
    )


def said(message: Any, own: rx.Var[bool], *bubbles: Any) -> rx.Component:
    """What somebody said, under their name and the time."""
    return rx.el.div(
        rx.el.div(
            rx.el.span(rx.cond(own, "我", message.sender_name)),
            " ",
            time_ago(message.sent_at, "clock"),
            class_name="x-note",
        ),
        *bubbles,
        class_name="x-bubble-column",
    )


def line(message: Any, words: Any) -> rx.Component:
    """What stands in place of a message that is not shown."""
    return message_bubble(words, seq=message.seq, own=False, look="x-line")


def recalled(message: Any, own: rx.Var[bool]) -> Any:
    """Who took a message back."""
    return rx.cond(own, "你撤回了一条消息", f"{message.sender_name} 撤回了一条消息")


def first_lines(state: Any, shown: rx.Var[Any], empty: str) -> rx.Component:
    """What stands above the messages: that there are older ones, or that there are none.

    Args:
        state: A state with ``has_older`` and ``unavailable``.
        shown: Its messages.
        empty: What to say where there are none.
    """
    return rx.fragment(
        rx.cond(state.has_older, rx.el.p("正在加载更早的消息…", class_name="x-note x-center")),
        rx.cond(
            (shown.length() == 0) & ~state.unavailable,
            rx.el.p(empty, class_name="x-note x-center"),
        ),
    )
