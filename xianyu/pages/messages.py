"""The pages at ``/messages`` and ``/messages/[peer_id]``."""

import reflex as rx

from xianyu import routes
from xianyu.components import chat, controls, tokens
from xianyu.components.layout import page
from xianyu.states.conversation import ConversationState

_WIDE = "@media (min-width: 768px)"


def _columns(left: rx.Component, right: rx.Component) -> rx.Component:
    return page(
        rx.el.div(
            left,
            right,
            style={
                "flex": "1",
                "min_height": "0",
                "display": "grid",
                "grid_template_columns": "minmax(0, 1fr)",
                _WIDE: {"grid_template_columns": "320px minmax(0, 1fr)"},
            },
        ),
        fill=True,
    )


def _list(*, hidden_on_phone: bool) -> rx.Component:
    return rx.el.aside(
        rx.el.h1("消息", style={"font_size": "22px", "margin": "16px 14px 8px"}),
        chat.conversation_list(),
        style={
            "min_height": "0",
            "overflow_y": "auto",
            "padding": "0 6px",
            "border_right": f"1px solid {tokens.LINE}",
            "display": "none" if hidden_on_phone else "block",
            _WIDE: {"display": "block"},
        },
    )


def messages() -> rx.Component:
    """All conversations; on a desktop, room for one of them."""
    return _columns(
        _list(hidden_on_phone=False),
        rx.el.div(
            controls.empty_state("message-circle", "从左边选一个会话，继续聊。"),
            style={"display": "none", _WIDE: {"display": "grid", "place_items": "center"}},
        ),
    )


def _head() -> rx.Component:
    return rx.el.div(
        rx.link(
            rx.icon("chevron-left", size=24, aria_hidden="true"),
            href=routes.MESSAGES,
            aria_label="返回会话列表",
            style={
                "display": "inline-flex",
                "align_items": "center",
                "justify_content": "center",
                "width": tokens.TARGET,
                "height": tokens.TARGET,
                "color": tokens.INK,
                _WIDE: {"display": "none"},
            },
        ),
        rx.link(
            rx.el.h2(ConversationState.peer.name, style={"font_size": "18px", "margin": "0"}),
            href=f"/user/{ConversationState.peer.id}",
            underline="none",
            style={"color": tokens.INK, "display": "inline-flex", "align_items": "center", "min_height": tokens.TARGET},
        ),
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "6px",
            "padding": "2px 12px",
            "background": tokens.SURFACE,
            "border_bottom": f"1px solid {tokens.LINE}",
            "flex": "none",
        },
    )


def conversation() -> rx.Component:
    """One conversation, beside the list on a desktop."""
    return _columns(
        _list(hidden_on_phone=True),
        rx.el.section(
            rx.cond(
                ConversationState.loaded,
                rx.cond(
                    ConversationState.missing == "",
                    rx.fragment(_head(), chat.about(), chat.room()),
                    controls.empty_state(
                        "user-round-x",
                        ConversationState.missing,
                        controls.primary_link("回到消息", href=routes.MESSAGES),
                    ),
                ),
                rx.el.div(
                    rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                    *[controls.skeleton(height="48px", width="60%", margin="14px") for _ in range(5)],
                ),
            ),
            aria_label="会话",
            style={"display": "flex", "flex_direction": "column", "min_height": "0", "min_width": "0"},
        ),
    )
