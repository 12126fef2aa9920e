"""The tabs of the messages' pages, and the boxes 互动 and 广播."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, lists, tokens
from xianyu.components.layout import MOST_SHOWN
from xianyu.components.react import scroll_keeper, time_ago, visibility
from xianyu.models import NoticeKind
from xianyu.schemas.notices import BroadcastView, NoticeView
from xianyu.states.boxes import BROADCASTS, NOTICES, PRIVATE, BoxState
from xianyu.states.shell import ShellState

_BOXES = (
    ("私信", PRIVATE, routes.MESSAGES),
    ("互动", NOTICES, routes.box(NOTICES)),
    ("广播", BROADCASTS, routes.box(BROADCASTS)),
)
_ONE_LINE = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap", "min_width": "0"}


def tabs(chosen: rx.Var[str] | str) -> rx.Component:
    """私信 互动 广播, each with how much is unread in it."""
    counts = {
        PRIVATE: ShellState.unread - ShellState.unread_notices - ShellState.unread_broadcasts,
        NOTICES: ShellState.unread_notices,
        BROADCASTS: ShellState.unread_broadcasts,
    }
    return rx.el.div(
        *[_tab(name, href, rx.Var.create(chosen) == box, counts[box]) for name, box, href in _BOXES],
        role="tablist",
        aria_label="消息分类",
        style={"display": "flex", "gap": "4px"},
    )


def _tab(name: str, href: str, is_chosen: Any, unread: Any) -> rx.Component:
    return rx.link(
        name,
        rx.cond(unread > 0, _count(unread)),
        href=href,
        underline="none",
        role="tab",
        aria_selected=is_chosen,
        class_name="x-tab",
    )


def _count(unread: Any) -> rx.Component:
    shown = rx.cond(unread > MOST_SHOWN, f"{MOST_SHOWN}+", unread.to_string())
    return rx.fragment(
        rx.el.span(shown, class_name="x-count", aria_hidden="true"),
        rx.el.span(f" {unread} 条未读", class_name="x-visually-hidden"),
    )


def _pane(*children: Any, label: str) -> rx.Component:
    """A column that scrolls inside the page."""
    return rx.el.section(
        scroll_keeper(),
        rx.el.div(*children, style={"max_width": "860px", "margin": "0 auto", "padding": "8px 8px 32px"}),
        aria_label=label,
        style={"flex": "1", "min_height": "0", "overflow_y": "auto"},
    )


def _skeletons() -> rx.Component:
    return rx.fragment(
        rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
        *[controls.skeleton(height="62px", margin="10px 8px") for _ in range(6)],
    )


_ICONS = {
    NoticeKind.PRICE_DROPPED: "trending-down",
    NoticeKind.SEARCH_MATCHED: "search",
    NoticeKind.ACTIVITY_CHANGED: "calendar-clock",
    NoticeKind.ACTIVITY_CANCELLED: "calendar-x",
    NoticeKind.ORDER_EXPIRES: "clock-alert",
    NoticeKind.ORDER_COMPLETES: "clock",
    NoticeKind.ORDER_EXPIRED: "receipt",
    NoticeKind.ORDER_COMPLETED: "receipt",
    NoticeKind.OFFER_EXPIRED: "hand-coins",
    NoticeKind.REVIEWS_OPENED: "star",
    NoticeKind.REPORT_UPHELD: "flag",
    NoticeKind.REPORT_DISMISSED: "flag-off",
    NoticeKind.LISTING_REMOVED: "package-x",
    NoticeKind.REVIEW_REMOVED: "message-square-off",
    NoticeKind.LISTING_TAKEN_DOWN: "package-x",
    NoticeKind.LISTING_RESTORED: "package-check",
    NoticeKind.LISTING_ERASED: "trash-2",
}


def _round(icon: str) -> rx.Component:
    return rx.el.span(
        rx.icon(icon, size=22, stroke_width=1.8, aria_hidden="true"),
        style={
            "display": "inline-flex",
            "align_items": "center",
            "justify_content": "center",
            "flex": "none",
            "width": "46px",
            "height": "46px",
            "border_radius": "50%",
            "background": tokens.TINT,
        },
    )


def _thumb(url: rx.Var[str]) -> rx.Component:
    return rx.cond(
        url != "",
        rx.el.img(
            src=url,
            alt="",
            loading="lazy",
            style={
                "width": "52px",
                "height": "52px",
                "flex": "none",
                "object_fit": "cover",
                "border_radius": tokens.RADIUS_SMALL,
            },
        ),
    )


def _who(notice: rx.Var[NoticeView]) -> rx.Component:
    """Whoever did it, or a sign of what it is about."""
    return rx.el.span(
        rx.cond(
            notice.actor_name != "",
            controls.avatar(notice.actor_name, notice.actor_avatar_url, "46px"),
            rx.match(notice.kind, *[(kind.value, _round(icon)) for kind, icon in _ICONS.items()], _round("bell")),
        ),
        rx.cond(notice.is_new, rx.el.span(class_name="x-dot", aria_hidden="true")),
        style={"position": "relative", "flex": "none", "display": "inline-flex"},
    )


def _notice(notice: rx.Var[NoticeView]) -> rx.Component:
    return rx.link(
        _who(notice),
        rx.el.span(
            rx.cond(notice.is_new, rx.el.span("未读 ", class_name="x-visually-hidden")),
            rx.el.span(
                rx.cond(notice.actor_name != "", rx.el.strong(notice.actor_name, " ")),
                notice.lead,
                rx.cond(notice.subject != "", f"「{notice.subject}」", ""),
                notice.tail,
                style={"font_size": "15px", "line_height": "1.45", "overflow_wrap": "anywhere"},
            ),
            rx.el.span(
                rx.cond(
                    notice.detail != "",
                    rx.el.span(
                        notice.detail,
                        style={
                            "color": rx.cond(notice.kind == NoticeKind.PRICE_DROPPED.value, tokens.PRICE, tokens.INK),
                            "font_weight": "600",
                            **_ONE_LINE,
                        },
                    ),
                ),
                rx.el.span(time_ago(notice.at), style={"color": tokens.QUIET, "flex": "none"}),
                style={"display": "flex", "gap": "10px", "font_size": "13px"},
            ),
            style={"flex": "1", "min_width": "0", "display": "flex", "flex_direction": "column", "gap": "2px"},
        ),
        _thumb(notice.cover_url),
        href=notice.url,
        underline="none",
        key=notice.id.to_string(),
        class_name="x-entry",
    )


def notice_box() -> rx.Component:
    """What others did that I should hear of."""
    shown = BoxState.notices
    return _pane(
        visibility(epoch=BoxState.epoch, on_change=BoxState.set_visible),
        rx.cond(
            BoxState.notices_loaded,
            rx.cond(
                shown.length() > 0,
                rx.fragment(
                    rx.cond(
                        BoxState.has_marks | (ShellState.unread_notices > 0),
                        rx.el.div(
                            rx.el.button(
                                rx.icon("check-check", size=18, aria_hidden="true"),
                                "全部已读",
                                type="button",
                                on_click=BoxState.read_all,
                                class_name="x-quiet-button",
                            ),
                            style={"display": "flex", "justify_content": "flex-end"},
                        ),
                    ),
                    rx.foreach(shown, _notice),
                    lists.end(BoxState, shown),
                ),
                controls.empty_state("bell", "还没有互动。有人想要或收藏你的宝贝、你收藏的宝贝降价，都会记在这里。"),
            ),
            _skeletons(),
        ),
        label="互动",
    )


def _broadcast(entry: rx.Var[BroadcastView]) -> rx.Component:
    return rx.link(
        rx.match(
            entry.kind,
            ("announcement", _round("megaphone")),
            ("activity", _round("calendar-days")),
            _round("package-open"),
        ),
        rx.el.span(
            rx.el.span(entry.title, style={"font_weight": "600", **_ONE_LINE}),
            rx.el.span(
                rx.el.span(entry.note, style=_ONE_LINE),
                rx.el.span(time_ago(entry.at), style={"flex": "none"}),
                style={"display": "flex", "gap": "10px", "font_size": "13px", "color": tokens.QUIET},
            ),
            style={"flex": "1", "min_width": "0", "display": "flex", "flex_direction": "column", "gap": "2px"},
        ),
        _thumb(entry.cover_url),
        href=entry.url,
        underline="none",
        key=entry.url,
        class_name="x-entry",
    )


def broadcast_box() -> rx.Component:
    """What is new in the compound."""
    return _pane(
        visibility(epoch=BoxState.epoch, on_change=BoxState.set_visible),
        rx.cond(
            BoxState.broadcasts_loaded,
            rx.cond(
                BoxState.broadcasts.length() > 0,
                rx.foreach(BoxState.broadcasts, _broadcast),
                controls.empty_state("radio", "最近几天没有新的公告、活动和宝贝。"),
            ),
            _skeletons(),
        ),
        label="广播",
    )
