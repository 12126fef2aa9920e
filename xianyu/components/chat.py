"""A conversation: its list entry, its head, its bubbles, its room."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, report, talk, tokens
from xianyu.components.cards import listing_strip, price, status_name
from xianyu.components.offers import listing_offer, offer_card, order_card
from xianyu.components.react import time_ago
from xianyu.components.react.chat import (
    chat_room,
    head_menu,
    message_bubble,
    message_photo,
    message_row,
    message_text,
    presence_line,
)
from xianyu.models import ListingKind, ListingStatus, ReportTarget
from xianyu.models.messages import MessageKind
from xianyu.schemas.messages import RECALLED, ConversationView, FoundMessage, MessageView
from xianyu.states.conversation import ConversationState
from xianyu.states.inbox import InboxState
from xianyu.states.message_actions import MessageActionsState
from xianyu.states.shell import ShellState


def conversation_entry(conversation: rx.Var[ConversationView]) -> rx.Component:
    """A line of the list: who, the last words, when, and how many are unread."""
    return rx.link(
        rx.el.span(
            controls.avatar(conversation.peer_name, conversation.peer_avatar_url, "46px"),
            rx.cond(
                (conversation.unread > 0) & ~conversation.is_muted, rx.el.span(class_name="x-dot", aria_hidden="true")
            ),
            rx.cond(
                InboxState.online.contains(conversation.peer_id),
                rx.el.span(rx.el.span("在线", class_name="x-visually-hidden"), class_name="x-there"),
            ),
            style={"position": "relative", "flex": "none", "display": "inline-flex"},
        ),
        rx.el.span(
            rx.el.span(
                rx.el.span(
                    conversation.peer_name,
                    rx.cond(conversation.is_pinned, _mark("pin", "已置顶")),
                    rx.cond(conversation.is_muted, _mark("bell-off", "免打扰")),
                    style={"font_weight": "600", **_ONE_LINE},
                ),
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
                    controls.count(
                        conversation.unread.to_string(),
                        f"{conversation.unread} 条未读",
                        class_name=rx.cond(conversation.is_muted, "x-count x-quiet-count", "x-count"),
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
        class_name=rx.cond(conversation.is_pinned, "x-entry x-pinned", "x-entry"),
    )


def _mark(icon: str, meaning: str) -> rx.Component:
    return rx.el.span(
        rx.icon(icon, size=14, color=tokens.QUIET, aria_hidden="true"),
        rx.el.span(meaning, class_name="x-visually-hidden"),
        style={"display": "inline-block", "margin_left": "6px", "vertical_align": "-1px"},
    )


_ONE_LINE: dict[str, Any] = {
    "overflow": "hidden",
    "text_overflow": "ellipsis",
    "white_space": "nowrap",
    "min_width": "0",
}


def conversation_list() -> rx.Component:
    """All of my conversations, under the field that finds what was said in them."""
    return rx.fragment(
        rx.el.input(
            type="search",
            placeholder="查找聊天记录",
            aria_label="查找聊天记录",
            max_length=50,
            on_change=InboxState.search.debounce(300),
            class_name="x-find",
        ),
        rx.cond(InboxState.unavailable, rx.el.p("聊天暂时不可用，稍后会自动恢复", role="status", class_name="x-note")),
        rx.cond(InboxState.query != "", _found(), _conversations()),
    )


def _conversations() -> rx.Component:
    return rx.el.nav(
        rx.cond(
            InboxState.loaded,
            rx.cond(
                InboxState.conversations.length() > 0,
                rx.foreach(InboxState.conversations, conversation_entry),
                rx.cond(
                    InboxState.unavailable,
                    rx.fragment(),
                    controls.empty_state("messages-square", "还没有聊天。看到喜欢的宝贝，点「想要」就能和邻居聊起来。"),
                ),
            ),
            rx.fragment(*[controls.skeleton(height="62px", margin="10px 14px") for _ in range(5)]),
        ),
        aria_label="会话列表",
    )


def _found() -> rx.Component:
    return rx.el.nav(
        rx.cond(
            InboxState.found.length() > 0,
            rx.foreach(InboxState.found, _found_entry),
            controls.empty_state("search-x", f"没有找到含“{InboxState.query}”的消息"),
        ),
        aria_label="找到的消息",
    )


def _found_entry(found: rx.Var[FoundMessage]) -> rx.Component:
    return rx.link(
        controls.avatar(found.peer_name, found.peer_avatar_url, "46px"),
        rx.el.span(
            rx.el.span(
                rx.el.span(found.peer_name, style={"font_weight": "600", **_ONE_LINE}),
                rx.el.span(time_ago(found.sent_at), style={"color": tokens.QUIET, "font_size": "12px", "flex": "none"}),
                style={"display": "flex", "justify_content": "space-between", "gap": "8px", "align_items": "baseline"},
            ),
            rx.el.span(
                rx.cond(found.is_mine, "我：", ""),
                found.body,
                style={"color": tokens.QUIET, "font_size": "14px", "overflow_wrap": "anywhere"},
            ),
            style={"flex": "1", "min_width": "0", "display": "flex", "flex_direction": "column", "gap": "2px"},
        ),
        href=found.url,
        underline="none",
        key=found.key,
        class_name="x-entry",
    )


_WIDE = "@media (min-width: 768px)"


def head() -> rx.Component:
    """With whom the conversation is, whether they are there, and what can be done with it."""
    actions: Any = MessageActionsState
    return talk.head(
        talk.back(routes.MESSAGES, "返回会话列表", **{_WIDE: {"display": "none"}}),
        rx.link(
            rx.el.h2(ConversationState.peer.name, style={"font_size": "18px", "margin": "0", **_ONE_LINE}),
            presence_line(
                typing=ConversationState.typing,
                shown=ConversationState.presence.shown,
                online=ConversationState.presence.is_online,
                last_seen=ConversationState.presence.last_seen_at,
            ),
            href=f"/user/{ConversationState.peer.id}",
            underline="none",
            style={
                "color": tokens.INK,
                "display": "flex",
                "flex": "1",
                "min_width": "0",
                "align_items": "baseline",
                "flex_wrap": "wrap",
                "column_gap": "10px",
                "align_content": "center",
                "min_height": tokens.TARGET,
                "line_height": "1.25",
            },
        ),
        head_menu(
            pinned=ConversationState.is_pinned,
            muted=ConversationState.is_muted,
            on_pin=lambda pinned: actions.set_pinned(ConversationState.peer.id, pinned),
            on_mute=lambda muted: actions.set_muted(ConversationState.peer.id, muted),
            on_clear=actions.clear(ConversationState.peer.id),
        ),
        padding="2px 12px",
    )


def _message(message: rx.Var[MessageView]) -> rx.Component:
    own = message.sender_id == ShellState.user_id
    recalled = message.kind == RECALLED
    return message_row(
        rx.cond(
            recalled,
            talk.line(message, talk.recalled(message, own)),
            _spoken(message, own),
        ),
        seq=message.seq,
        own=own,
        note=recalled,
        key=message.seq.to_string(),
    )


def _spoken(message: rx.Var[MessageView], own: rx.Var[bool]) -> rx.Component:
    return rx.fragment(
        rx.cond(own, rx.fragment(), controls.avatar(message.sender_name, message.sender_avatar_url, "36px")),
        talk.said(
            message,
            own,
            rx.match(
                message.kind,
                (
                    MessageKind.PHOTO.value,
                    message_bubble(
                        message_photo(
                            url=message.attachment.url,
                            thumb=message.attachment.image_url,
                            width=message.attachment.width,
                            height=message.attachment.height,
                        ),
                        seq=message.seq,
                        own=own,
                        look="x-bare",
                    ),
                ),
                (
                    MessageKind.LISTING.value,
                    message_bubble(_listing_card(message), seq=message.seq, own=own, look="x-card"),
                ),
                (
                    MessageKind.ORDER.value,
                    message_bubble(order_card(message), seq=message.seq, own=own, look="x-card"),
                ),
                (
                    MessageKind.OFFER.value,
                    message_bubble(offer_card(message), seq=message.seq, own=own, look="x-card"),
                ),
                message_bubble(message_text(text=message.body), seq=message.seq, own=own, look=""),
            ),
        ),
    )


def _listing_card(message: rx.Var[MessageView]) -> rx.Component:
    card = message.attachment
    inside = (
        rx.cond(
            card.image_url != "",
            rx.el.img(src=card.image_url, alt="", class_name="x-card-picture"),
        ),
        rx.el.span(
            rx.el.span(card.title, class_name="x-card-title"),
            rx.el.span(
                rx.cond(card.price != "", price(card.price, "16px")),
                rx.el.span(status_name(card.status), style={"color": tokens.QUIET, "font_size": "13px"}),
                style={"display": "flex", "gap": "10px", "align_items": "baseline"},
            ),
            style={"flex": "1", "min_width": "0"},
        ),
    )
    return rx.cond(
        card.url != "",
        rx.link(*inside, href=card.url, underline="none", class_name="x-card-body"),
        rx.el.span(*inside, class_name="x-card-body"),
    )


def room() -> rx.Component:
    """The messages of the open conversation, and the field to write in."""
    state = ConversationState
    shown = state.history + state.tail
    return chat_room(
        talk.first_lines(state, shown, "还没有消息，打个招呼吧。"),
        rx.foreach(shown, _message),
        me=ShellState.user_id,
        peer=state.peer.id,
        messages=shown,
        has_older=state.has_older,
        has_newer=state.has_newer,
        at=state.at,
        about=state.about,
        refusal=state.refusal,
        settled=state.settled,
        epoch=state.epoch,
        now=state.now,
        read_by_peer=state.read_by_peer,
        unavailable=state.unavailable,
        photo_endpoint=routes.PHOTO_UPLOAD,
        on_older=state.load_older,
        on_newer=state.load_newer,
        on_newest=state.show_newest,
        on_send=state.send,
        on_check=state.check_outbox,
        on_visible=state.set_visible,
        on_typing=state.note_typing,
        on_recall=MessageActionsState.recall,
        on_delete=MessageActionsState.delete,
        on_report=lambda peer, seq: report.ask(ReportTarget.MESSAGE, peer, seq),
    )


def about() -> rx.Component:
    """The listing that the conversation is about, and 出价 where the other sells it."""
    listing = ConversationState.about
    sells = (
        (listing.seller_id == ConversationState.peer.id)
        & (listing.status == ListingStatus.ACTIVE.value)
        & (listing.kind == ListingKind.OFFER.value)
    )
    return rx.cond(
        listing.id > 0,
        rx.el.div(
            listing_strip(listing),
            rx.cond(
                sells,
                listing_offer(
                    listing.id, controls.secondary_button("出价", style={"flex": "none", "padding": "0 16px"})
                ),
            ),
            class_name="x-about-listing",
        ),
        rx.cond(
            listing.title != "",
            rx.el.p(
                f"{listing.title}（已删除）",
                style={"margin": "0", "padding": "12px 0", "color": tokens.QUIET, **_ONE_LINE},
                class_name="x-about-listing",
            ),
        ),
    )
