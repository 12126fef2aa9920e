"""The page at ``/admin/announcements``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, lists, tokens
from xianyu.components.confirm import asking
from xianyu.components.console import console_page
from xianyu.components.section_cards import pinned_mark
from xianyu.schemas.sections import AnnouncementRow
from xianyu.states.console_announcements import ConsoleAnnouncementsState

_COLUMN = {"display": "flex", "flex_direction": "column", "gap": "12px"}
_SMALL = {"font_size": "15px", "padding": "0 16px"}


def _status(row: rx.Var[AnnouncementRow]) -> rx.Component:
    return rx.el.div(
        rx.cond(
            row.is_scheduled,
            rx.el.span("定时", class_name="x-tag"),
            rx.el.span("已发布", class_name="x-tag x-tag-quiet"),
        ),
        rx.cond(row.is_pinned, pinned_mark()),
        style={"display": "flex", "gap": "6px", "flex": "none"},
    )


def _pin(row: rx.Var[AnnouncementRow]) -> rx.Component:
    pin: Any = ConsoleAnnouncementsState.pin
    return rx.cond(
        row.is_pinned,
        controls.secondary_button(
            "取消置顶", aria_label=f"取消置顶 {row.title}", on_click=pin(row.id, False), style=_SMALL
        ),
        controls.secondary_button("置顶", aria_label=f"置顶 {row.title}", on_click=pin(row.id, True), style=_SMALL),
    )


def _publish_now(row: rx.Var[AnnouncementRow]) -> rx.Component:
    publish: Any = ConsoleAnnouncementsState.publish_now
    button = controls.secondary_button("立即发布", aria_label=f"立即发布 {row.title}", style=_SMALL)
    return rx.cond(
        row.is_scheduled,
        asking(button, "现在就发布？", "所有人马上就会看到这条公告。", "立即发布", publish(row.id)),
    )


def _delete(row: rx.Var[AnnouncementRow]) -> rx.Component:
    delete: Any = ConsoleAnnouncementsState.delete
    button = controls.secondary_button("删除", aria_label=f"删除 {row.title}", style={**_SMALL, "color": tokens.DANGER})
    return asking(button, "删除这条公告？", "删除后谁都看不到它了，也不能恢复。", "删除", delete(row.id))


def _row(row: rx.Var[AnnouncementRow]) -> rx.Component:
    return rx.el.article(
        rx.el.div(
            rx.link(
                row.title,
                href=row.url,
                style={"color": tokens.INK, "font_weight": "600", "overflow_wrap": "anywhere", "padding": "10px 0"},
            ),
            _status(row),
            style={"display": "flex", "align_items": "center", "justify_content": "space-between", "gap": "12px"},
        ),
        rx.el.p(
            rx.cond(row.is_scheduled, f"定于 {row.when} 发布", f"{row.when} 发布"),
            f" · {row.author_name}",
            style={"margin": "0 0 10px", "color": tokens.QUIET, "font_size": "14px", "overflow_wrap": "anywhere"},
        ),
        rx.el.div(
            controls.secondary_link("编辑", href=row.edit_url, aria_label=f"编辑 {row.title}", style=_SMALL),
            _publish_now(row),
            _pin(row),
            _delete(row),
            style={"display": "flex", "flex_wrap": "wrap", "gap": "8px"},
        ),
        key=row.id.to_string(),
        aria_label=row.title,
        style={
            "background": tokens.SURFACE,
            "border": f"1px solid {tokens.LINE}",
            "border_radius": tokens.RADIUS,
            "padding": "10px 16px 16px",
        },
    )


def console_announcements() -> rx.Component:
    """Everything that operators told or are going to tell everybody."""
    state = ConsoleAnnouncementsState
    return console_page(
        "公告",
        rx.el.div(
            controls.primary_link(
                rx.icon("plus", size=18, aria_hidden="true"), "发布公告", href=routes.ANNOUNCEMENT_NEW
            ),
            style={"margin_bottom": "16px"},
        ),
        lists.growing(
            state,
            state.rows,
            _row,
            lists.more(state),
            layout=_COLUMN,
            skeletons=[controls.skeleton(height="132px", border_radius=tokens.RADIUS) for _ in range(4)],
            empty=controls.empty_state("megaphone", "还没有公告，第一条就从这里发布。"),
        ),
    )
