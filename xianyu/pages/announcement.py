"""The page at ``/announcement/[announcement_id]``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.confirm import confirm
from xianyu.components.layout import page
from xianyu.components.react import gallery, time_ago
from xianyu.components.section_cards import pinned_mark
from xianyu.models import Section
from xianyu.states.announcements import AnnouncementState
from xianyu.states.shell import ShellState

_BREAK = {"overflow_wrap": "anywhere"}
_BACK = routes.section(Section.ANNOUNCEMENT)


def _actions() -> rx.Component:
    """What operators may do; the server asks anew each time."""
    announcement = AnnouncementState.announcement
    return rx.el.div(
        controls.primary_link("编辑", href=f"/announcement/{announcement.id}/edit"),
        rx.cond(
            announcement.scheduled_for != "",
            controls.secondary_button("立即发布", on_click=AnnouncementState.publish_now),
        ),
        rx.cond(
            announcement.is_pinned,
            controls.secondary_button("取消置顶", on_click=AnnouncementState.unpin),
            controls.secondary_button("置顶", on_click=AnnouncementState.pin),
        ),
        confirm("删除", "删除这条公告？", "删除后谁都看不到它了，也不能恢复。", AnnouncementState.delete),
        style={"display": "flex", "flex_wrap": "wrap", "gap": "8px"},
    )


def _shown() -> rx.Component:
    announcement = AnnouncementState.announcement
    return rx.el.article(
        rx.el.header(
            rx.cond(announcement.is_pinned, rx.el.div(pinned_mark())),
            rx.cond(
                announcement.scheduled_for != "",
                rx.el.p(
                    rx.icon("clock", size=18, aria_hidden="true", flex="none"),
                    f"定于 {announcement.scheduled_for} 发布，现在只有管理员看得到",
                    style={
                        "display": "flex",
                        "align_items": "center",
                        "gap": "8px",
                        "margin": "0 0 6px",
                        "padding": "10px 14px",
                        "border_radius": tokens.RADIUS_SMALL,
                        "background": tokens.TINT,
                    },
                ),
            ),
            rx.el.h1(
                announcement.title, style={"font_size": "26px", "line_height": "1.4", "margin": "6px 0", **_BREAK}
            ),
            rx.el.p(
                announcement.author_name,
                rx.cond(
                    announcement.scheduled_for == "",
                    rx.fragment(" · ", time_ago(announcement.published_at, "date")),
                ),
                style={"color": tokens.QUIET, "margin": "0", "font_size": "15px", **_BREAK},
            ),
        ),
        rx.el.p(
            announcement.text,
            style={"white_space": "pre-wrap", "margin": "0", "font_size": "17px", "line_height": "1.8", **_BREAK},
        ),
        rx.cond(
            AnnouncementState.photos.length() > 0,
            gallery(photos=AnnouncementState.photos, alt=announcement.title, key=announcement.id.to_string()),
        ),
        rx.cond(ShellState.is_operator, _actions()),
        style={"display": "flex", "flex_direction": "column", "gap": "22px"},
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        controls.skeleton(height="36px", width="70%"),
        controls.skeleton(height="20px", width="40%", margin_top="14px"),
        controls.skeleton(height="180px", margin_top="22px"),
        rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
    )


def announcement() -> rx.Component:
    """What everybody should know."""
    return page(
        rx.cond(
            AnnouncementState.loaded,
            rx.cond(
                AnnouncementState.missing == "",
                _shown(),
                controls.empty_state(
                    "file-x", AnnouncementState.missing, controls.primary_link("看看别的公告", href=_BACK)
                ),
            ),
            _skeleton(),
        ),
        width=tokens.NARROW,
    )
