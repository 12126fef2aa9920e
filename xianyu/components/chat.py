"""A conversation: its list entry, its bubbles, its room."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.cards import listing_strip
from xianyu.components.react import chat_room, time_ago
from xianyu.schemas.messages import ConversationView, MessageView
from xianyu.states.conversation import ConversationState
from xianyu.states.inbox import InboxState
from xianyu.states.shell import ShellState


def conversation_entry(conversation: rx.Var[ConversationView]) -> rx.Component:
    """A line of the list: who, the last words, when, and how many are unread."""
    return rx.link(
        rx.el.span(
            controls.avatar(conversation.peer_name, conversation.peer_avatar_url, "46px"),
            rx.cond(conversation.unread > 0, rx.el.span(class_name="x-dot", aria_hidden="true")),
            style={"position": "relative", "flex": "none", "display": "inline-flex"},
        ),
        rx.el.span(
            rx.el.span(
                rx.el.span(conversation.peer_name, style={"font_weight": "600", **_ONE_LINE}),
                rx.el.span(
                    time_ago(conversation.last_at), style={"color": tokens.QUIET, "font_size": "12px", "flex": "none"}
                ),
                style={"display": "flex", "justify_content": "space-between", "gap": "8px", "align_items": "baseline"},
            ),
            rx.el.span(
                rx.el.span(
                    conversation.last_body,
                    style={"color": tokens.QUIET, "font_size": "14px", "padding_right": "20px", **_ONE_LINE},
                ),
                rx.cond(
                    conversation.unread > 0,
                    rx.el.span(
                        rx.el.span(conversation.unread.to_string(), aria_hidden="true"),
                        rx.el.span(f"{conversation.unread} 条未读", class_name="x-visually-hidden"),
                        class_name="x-count",
                    ),
                ),
                style={"display": "flex", "justify_content": "space-between", "gap": "8px", "align_items": "center"},
            ),
            style={"flex": "1", "min_width": "0", "display": "flex", "flex_direction": "column", "gap": "2px"},
        ),
        href=conversation.url,
        underline="none",
        key=conversation.peer_id.to_string(),
        aria_current=rx.cond(rx.State.router.url.path == conversation.url, "page", "false"),
        class_name="x-entry",
    )


_ONE_LINE: dict[str, Any] = {
    "overflow": "hidden",
    "text_overflow": "ellipsis",
    "white_space": "nowrap",
    "min_width": "0",
}


def conversation_list() -> rx.Component:
    """All of my conversations."""
    return rx.el.nav(
        rx.cond(
            InboxState.loaded,
            rx.cond(
                InboxState.conversations.length() > 0,
                rx.foreach(InboxState.conversations, conversation_entry),
                controls.empty_state("messages-square", "还没有聊天。看到喜欢的宝贝，点「想要」就能和邻居聊起来。"),
            ),
            rx.fragment(*[controls.skeleton(height="62px", margin="10px 14px") for _ in range(5)]),
        ),
        aria_label="会话列表",
    )


def _bubble(message: rx.Var[MessageView]) -> rx.Component:
    own = message.sender_id == ShellState.user_id
    return rx.el.div(
        rx.cond(own, rx.fragment(), controls.avatar(message.sender_name, message.sender_avatar_url, "36px")),
        rx.el.div(
            rx.el.div(
                rx.el.span(rx.cond(own, "我", message.sender_name)),
                " ",
                time_ago(message.sent_at, "clock"),
                class_name="x-note",
            ),
            rx.el.div(message.body, class_name="x-bubble"),
            class_name="x-bubble-column",
        ),
        class_name=rx.cond(own, "x-row x-own", "x-row"),
        key=message.seq.to_string(),
    )


def room() -> rx.Component:
    """The messages of the open conversation, and the field to write in."""
    shown = ConversationState.history + ConversationState.tail
    return chat_room(
        rx.cond(ConversationState.has_older, rx.el.p("正在加载更早的消息…", class_name="x-note x-center")),
        rx.cond(
            shown.length() == 0,
            rx.el.p("还没有消息，打个招呼吧。", class_name="x-note x-center"),
        ),
        rx.foreach(shown, _bubble),
        me=ShellState.user_id,
        peer=ConversationState.peer.id,
        messages=shown,
        has_older=ConversationState.has_older,
        refusal=ConversationState.refusal,
        settled=ConversationState.settled,
        epoch=ConversationState.epoch,
        on_older=ConversationState.load_older,
        on_send=ConversationState.send,
        on_check=ConversationState.check_outbox,
        on_visible=ConversationState.set_visible,
    )


def about() -> rx.Component:
    """The listing that the conversation is about."""
    return rx.cond(ConversationState.about.id > 0, listing_strip(ConversationState.about))
