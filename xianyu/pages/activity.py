"""The page at ``/activity/[activity_id]``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, report, tokens
from xianyu.components.confirm import confirm
from xianyu.components.detail import BREAK, COLUMN, EVEN, GROWING, WIDE, action_bar, person, text
from xianyu.components.layout import page
from xianyu.components.react import alarm, gallery, time_ago
from xianyu.components.section_cards import phase_name
from xianyu.models import ReportTarget, Section
from xianyu.schemas.sections import Guest, Phase
from xianyu.states.activities import ActivityState


def _fact(icon: str, name: str, *children: Any) -> rx.Component:
    return rx.el.div(
        rx.el.dt(
            rx.icon(icon, size=20, stroke_width=1.8, color=tokens.QUIET, aria_hidden="true"),
            rx.el.span(name, class_name="x-visually-hidden"),
            style={"display": "flex", "flex": "none", "padding_top": "2px"},
        ),
        rx.el.dd(*children, style={"margin": "0", "min_width": "0", **BREAK}),
        style={"display": "flex", "gap": "12px"},
    )


def _facts() -> rx.Component:
    activity = ActivityState.activity
    return rx.el.dl(
        _fact("calendar-days", "时间", activity.when),
        _fact("map-pin", "地点", activity.place),
        _fact(
            "users-round",
            "人数",
            rx.el.span(
                f"{activity.signup_count}/{activity.capacity} 人",
                role="status",
                style={"font_variant_numeric": "tabular-nums"},
            ),
            rx.cond(
                activity.phase == Phase.OPEN.value,
                rx.el.span(f"，还有 {activity.capacity - activity.signup_count} 个名额", style={"color": tokens.QUIET}),
            ),
        ),
        style={"display": "flex", "flex_direction": "column", "gap": "10px", "margin": "0", "font_size": "16px"},
    )


def _guest(guest: rx.Var[Guest]) -> rx.Component:
    return rx.el.li(
        rx.link(
            controls.avatar(guest.name, guest.avatar_url, "44px"),
            rx.el.span(
                guest.name,
                style={
                    "max_width": "100%",
                    "overflow": "hidden",
                    "text_overflow": "ellipsis",
                    "white_space": "nowrap",
                    "font_size": "13px",
                },
            ),
            href=guest.url,
            underline="none",
            style={
                "display": "flex",
                "flex_direction": "column",
                "align_items": "center",
                "gap": "6px",
                "color": tokens.INK,
            },
        ),
        key=guest.id.to_string(),
        style={"min_width": "0"},
    )


def _guests() -> rx.Component:
    return rx.el.section(
        rx.el.h2("谁来参加", style={"font_size": "18px", "margin": "0 0 12px"}),
        rx.cond(
            ActivityState.guests.length() > 0,
            rx.el.ul(
                rx.foreach(ActivityState.guests, _guest),
                aria_label="参加的人",
                style={
                    "display": "grid",
                    "grid_template_columns": "repeat(auto-fill, minmax(72px, 1fr))",
                    "gap": "14px 8px",
                    "margin": "0",
                    "padding": "0",
                    "list_style": "none",
                },
            ),
            rx.el.p("还没有人报名。", style={"color": tokens.QUIET, "margin": "0"}),
        ),
        rx.cond(
            ActivityState.more_guests > 0,
            rx.el.p(f"还有 {ActivityState.more_guests} 人", style={"color": tokens.QUIET, "margin": "12px 0 0"}),
        ),
    )


def _organizer() -> rx.Component:
    activity = ActivityState.activity
    return person(
        activity.organizer_name,
        activity.organizer_avatar_url,
        "发起人 · ",
        time_ago(activity.published_at),
        href=f"/user/{activity.organizer_id}",
    )


def _own_actions(goes_on: rx.Var[bool]) -> rx.Component:
    return rx.fragment(
        rx.cond(goes_on, controls.primary_link("编辑", href=f"/activity/{ActivityState.activity.id}/edit", style=EVEN)),
        rx.cond(
            goes_on,
            confirm(
                "取消活动",
                "取消这个活动？",
                "报名的邻居会收到通知，取消后不能恢复。",
                ActivityState.cancel,
                style=EVEN,
            ),
        ),
        confirm(
            "删除",
            "删除这个活动？",
            "删除后谁都看不到它了，也不能恢复。还没开始的话，报名的邻居会收到通知。",
            ActivityState.delete,
            style=EVEN,
        ),
    )


def _guest_actions(goes_on: rx.Var[bool]) -> rx.Component:
    activity = ActivityState.activity
    said = rx.el.p(phase_name(activity.phase), style={"margin": "0", "font_weight": "600", "color": tokens.QUIET})
    return rx.cond(
        goes_on,
        rx.cond(
            activity.is_going,
            rx.fragment(
                rx.el.span(
                    rx.icon("circle-check", size=20, aria_hidden="true"),
                    "你已报名",
                    style={
                        "display": "flex",
                        "gap": "6px",
                        "align_items": "center",
                        "flex": "1",
                        WIDE: {"flex": "none"},
                    },
                ),
                controls.secondary_button("取消报名", on_click=ActivityState.leave),
            ),
            rx.cond(
                activity.phase == Phase.OPEN.value,
                controls.primary_button("报名", on_click=ActivityState.sign_up, style=GROWING),
                controls.primary_button("名额已满", disabled=True, style=GROWING),
            ),
        ),
        said,
    )


def _actions() -> rx.Component:
    phase = ActivityState.activity.phase
    goes_on = (phase == Phase.OPEN.value) | (phase == Phase.FULL.value)
    return action_bar(rx.cond(ActivityState.activity.is_mine, _own_actions(goes_on), _guest_actions(goes_on)))


def _head() -> rx.Component:
    activity = ActivityState.activity
    return rx.el.div(
        rx.el.h1(activity.title, style={"font_size": "24px", "line_height": "1.4", "margin": "0", **BREAK}),
        rx.cond(
            activity.phase != Phase.OPEN.value,
            rx.el.span(phase_name(activity.phase), class_name="x-tag", style={"flex": "none"}),
        ),
        style={"display": "flex", "align_items": "baseline", "gap": "10px", "justify_content": "space-between"},
    )


def _shown() -> rx.Component:
    activity = ActivityState.activity
    has_photos = ActivityState.photos.length() > 0
    return rx.el.article(
        alarm(at=activity.is_over_at, on_ring=ActivityState.load),
        rx.cond(has_photos, gallery(photos=ActivityState.photos, alt=activity.title, key=activity.id.to_string())),
        rx.el.div(
            _head(),
            _facts(),
            _actions(),
            _organizer(),
            text(activity.text),
            _guests(),
            rx.cond(~activity.is_mine, report.quiet_button(ReportTarget.ACTIVITY, activity.id)),
            style=COLUMN,
        ),
        style={
            "display": "grid",
            "grid_template_columns": "minmax(0, 1fr)",
            "gap": "24px",
            "max_width": rx.cond(has_photos, "none", tokens.NARROW),
            "margin": "0 auto",
            WIDE: {
                "grid_template_columns": rx.cond(has_photos, "minmax(0, 1.1fr) minmax(0, 1fr)", "minmax(0, 1fr)"),
                "gap": "40px",
            },
        },
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        controls.skeleton(height="34px", width="70%"),
        controls.skeleton(height="96px", margin_top="18px"),
        controls.skeleton(height="180px", margin_top="18px"),
        rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
        style={"max_width": tokens.NARROW, "margin": "0 auto"},
    )


def activity() -> rx.Component:
    """When, where, who comes, and 报名."""
    return page(
        rx.cond(
            ActivityState.loaded,
            rx.cond(
                ActivityState.missing == "",
                _shown(),
                controls.empty_state(
                    "calendar-x",
                    ActivityState.missing,
                    controls.primary_link("看看别的活动", href=routes.section(Section.ACTIVITY)),
                ),
            ),
            _skeleton(),
        ),
        report.dialog(),
    )
