"""The pages at ``/messages`` and ``/messages/[peer_id]``."""

import reflex as rx

from xianyu import routes
from xianyu.components import boxes, chat, contacts, controls, report, tokens
from xianyu.components.layout import page
from xianyu.states.boxes import BROADCASTS, NOTICES, PRIVATE, BoxState
from xianyu.states.conversation import ConversationState

_WIDE = "@media (min-width: 768px)"


def _strip(chosen: rx.Var[str] | str, *, hidden_on_phone: bool) -> rx.Component:
    """What the page is, and the boxes to choose from."""
    return rx.el.div(
        rx.el.h1("消息", style={"font_size": "22px", "margin": "0"}),
        boxes.tabs(chosen),
        style={
            "flex": "none",
            "align_items": "center",
            "gap": "12px",
            "padding": "4px 14px 0",
            "border_bottom": f"1px solid {tokens.LINE}",
            "display": "none" if hidden_on_phone else "flex",
            _WIDE: {"display": "flex"},
        },
    )


def _columns(left: rx.Component, right: rx.Component) -> rx.Component:
    return rx.el.div(
        left,
        right,
        style={
            "flex": "1",
            "min_height": "0",
            "display": "grid",
            "grid_template_columns": "minmax(0, 1fr)",
            _WIDE: {"grid_template_columns": "320px minmax(0, 1fr)"},
        },
    )


def _list(*, hidden_on_phone: bool) -> rx.Component:
    return rx.el.aside(
        contacts.entrances(),
        chat.conversation_list(),
        style={
            "min_height": "0",
            "overflow_y": "auto",
            "padding": "8px 6px",
            "border_right": f"1px solid {tokens.LINE}",
            "display": "none" if hidden_on_phone else "block",
            _WIDE: {"display": "block"},
        },
    )


def messages() -> rx.Component:
    """One of the boxes; beside all conversations, on a desktop, room for one of them."""
    return page(
        _strip(BoxState.box, hidden_on_phone=False),
        rx.match(
            BoxState.box,
            (NOTICES, boxes.notice_box()),
            (BROADCASTS, boxes.broadcast_box()),
            _columns(
                _list(hidden_on_phone=False),
                rx.el.div(
                    controls.empty_state("message-circle", "从左边选一个会话，继续聊。"),
                    style={"display": "none", _WIDE: {"display": "grid", "place_items": "center"}},
                ),
            ),
        ),
        fill=True,
    )


def conversation() -> rx.Component:
    """One conversation, beside the list on a desktop."""
    return page(
        _strip(PRIVATE, hidden_on_phone=True),
        _columns(_list(hidden_on_phone=True), _room()),
        report.dialog(),
        fill=True,
    )


def _room() -> rx.Component:
    return rx.el.section(
        rx.cond(
            ConversationState.loaded,
            rx.cond(
                ConversationState.missing == "",
                rx.fragment(chat.head(), chat.about(), contacts.guarded(chat.room())),
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
    )
