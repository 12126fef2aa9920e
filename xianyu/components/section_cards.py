"""Activities and announcements as cards, and the lists that they stand in."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from xianyu.components import controls, lists, tokens
from xianyu.components.react import time_ago
from xianyu.schemas.sections import ActivityCard, AnnouncementCard, Phase

_GRID = {
    "display": "grid",
    "grid_template_columns": "repeat(auto-fill, minmax(min(100%, 350px), 1fr))",
    "gap": "12px",
    "@media (min-width: 640px)": {"gap": "16px"},
}
_COLUMN = {"display": "flex", "flex_direction": "column", "gap": "12px", "max_width": "820px", "margin": "0 auto"}
_CARD = {
    "display": "flex",
    "gap": "14px",
    "background": tokens.SURFACE,
    "color": tokens.INK,
    "border_radius": tokens.RADIUS,
    "border": f"1px solid {tokens.LINE}",
    "overflow": "hidden",
    "transition": f"box-shadow {tokens.MOTION}",
    "_hover": {"box_shadow": tokens.SHADOW},
}
_ONE_LINE = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap", "min_width": "0"}


def _lines(count: int) -> dict[str, str]:
    return {
        "display": "-webkit-box",
        "-webkit-line-clamp": str(count),
        "-webkit-box-orient": "vertical",
        "overflow": "hidden",
        "overflow_wrap": "anywhere",
    }


def phase_name(phase: rx.Var[str]) -> rx.Component:
    """What an activity is called that nobody can sign up for any more; of others nothing."""
    return rx.match(
        phase,
        (Phase.FULL.value, "已满"),
        (Phase.PAST.value, "已结束"),
        (Phase.CANCELLED.value, "已取消"),
        (Phase.DELETED.value, "已删除"),
        "",
    )


def calendar_leaf(month: rx.Var[str], day: rx.Var[str]) -> rx.Component:
    """The leaf of a calendar, where an activity has no photo. The date stands in words beside it."""
    return rx.el.div(
        rx.el.span(
            rx.el.span(
                month,
                style={
                    "display": "block",
                    "background": tokens.PRICE,
                    "color": tokens.SURFACE,
                    "font_size": "13px",
                    "font_weight": "600",
                    "line_height": "24px",
                },
            ),
            rx.el.span(
                day,
                style={"display": "block", "font_size": "30px", "font_weight": "700", "line_height": "46px"},
            ),
            style={
                "width": "68px",
                "border_radius": tokens.RADIUS_SMALL,
                "overflow": "hidden",
                "text_align": "center",
                "background": tokens.SURFACE,
                "color": tokens.INK,
                "box_shadow": tokens.SHADOW,
            },
        ),
        aria_hidden="true",
        style={"display": "grid", "place_items": "center", "height": "100%", "background": tokens.TINT},
    )


def fact(icon: str, *children: Any, lines: int = 1) -> rx.Component:
    """A fact with a small picture of what it is about, on at most so many lines."""
    return rx.el.span(
        rx.icon(icon, size=15, stroke_width=1.8, color=tokens.QUIET, aria_hidden="true", flex="none", margin_top="3px"),
        rx.el.span(*children, style=_ONE_LINE if lines == 1 else _lines(lines)),
        style={"display": "flex", "gap": "6px", "color": tokens.QUIET, "font_size": "13px"},
    )


def _picture(activity: rx.Var[ActivityCard]) -> rx.Component:
    return rx.el.div(
        rx.cond(
            activity.cover_url != "",
            rx.el.img(
                src=activity.cover_url,
                alt="",
                loading="lazy",
                style={"width": "100%", "height": "100%", "object_fit": "cover"},
            ),
            calendar_leaf(activity.month, activity.day),
        ),
        style={"flex": "none", "width": "116px", "min_height": "128px", "background": tokens.PLACEHOLDER},
    )


def activity_card(activity: rx.Var[ActivityCard]) -> rx.Component:
    """An activity in a list: when, where, and how many come. The link's name starts with the title."""
    is_off = (activity.phase != Phase.OPEN.value) & (activity.phase != Phase.FULL.value)
    return rx.link(
        _picture(activity),
        rx.el.div(
            rx.el.div(
                activity.title, style={"font_size": "16px", "font_weight": "600", "line_height": "1.4", **_lines(2)}
            ),
            fact("calendar-days", activity.when, lines=2),
            fact("map-pin", activity.place),
            rx.el.div(
                fact(
                    "users-round",
                    rx.el.span(
                        f"{activity.signup_count}/{activity.capacity} 人",
                        style={"color": tokens.INK, "font_variant_numeric": "tabular-nums"},
                    ),
                ),
                rx.cond(
                    activity.phase != Phase.OPEN.value,
                    rx.el.span(phase_name(activity.phase), class_name="x-tag", style={"flex": "none"}),
                ),
                style={"display": "flex", "align_items": "center", "justify_content": "space-between", "gap": "8px"},
            ),
            style={
                "flex": "1",
                "min_width": "0",
                "padding": "12px 14px 12px 0",
                "display": "flex",
                "flex_direction": "column",
                "justify_content": "center",
                "gap": "5px",
            },
        ),
        href=activity.url,
        underline="none",
        key=activity.id.to_string(),
        style={**_CARD, "filter": rx.cond(is_off, "saturate(0.35)", "none")},
    )


def pinned_mark() -> rx.Component:
    """置顶, beside a title."""
    return rx.el.span(
        rx.icon("pin", size=12, stroke_width=2.2, aria_hidden="true"),
        "置顶",
        class_name="x-tag",
        style={"display": "inline-flex", "align_items": "center", "gap": "4px", "flex": "none"},
    )


def announcement_card(announcement: rx.Var[AnnouncementCard]) -> rx.Component:
    """An announcement in a list. The link's name starts with the title; the mark stands first to the eye."""
    return rx.link(
        rx.el.div(
            rx.el.div(
                rx.el.span(
                    announcement.title,
                    style={"font_size": "17px", "font_weight": "600", "line_height": "1.45", **_lines(2)},
                ),
                rx.cond(announcement.is_pinned, rx.el.span(pinned_mark(), style={"order": "-1", "flex": "none"})),
                style={"display": "flex", "align_items": "baseline", "gap": "8px"},
            ),
            rx.el.div(
                announcement.excerpt,
                style={"color": tokens.QUIET, "font_size": "15px", "line_height": "1.6", **_lines(2)},
            ),
            rx.el.span(time_ago(announcement.published_at, "date"), style={"color": tokens.QUIET, "font_size": "13px"}),
            style={"flex": "1", "min_width": "0", "display": "flex", "flex_direction": "column", "gap": "6px"},
        ),
        rx.cond(
            announcement.cover_url != "",
            rx.el.img(
                src=announcement.cover_url,
                alt="",
                loading="lazy",
                style={
                    "flex": "none",
                    "width": "84px",
                    "height": "84px",
                    "object_fit": "cover",
                    "border_radius": tokens.RADIUS_SMALL,
                },
            ),
        ),
        href=announcement.url,
        underline="none",
        key=announcement.id.to_string(),
        style={
            **_CARD,
            "padding": "16px",
            "align_items": "center",
            "border_color": rx.cond(announcement.is_pinned, tokens.PRIMARY, tokens.LINE),
        },
    )


def _skeleton(height: str) -> rx.Component:
    return controls.skeleton(height=height, border_radius=tokens.RADIUS)


def _list(
    state: Any, card: Callable[[Any], rx.Component], layout: dict[str, Any], height: str, empty: rx.Component
) -> rx.Component:
    skeletons = [_skeleton(height) for _ in range(6)]
    return lists.growing(state, state.cards, card, lists.more(state), layout=layout, skeletons=skeletons, empty=empty)


def activity_list(state: Any, empty: rx.Component) -> rx.Component:
    """The activities of ``state``, two or three beside each other on a desktop."""
    return _list(state, activity_card, _GRID, "130px", empty)


def announcement_list(state: Any, empty: rx.Component) -> rx.Component:
    """The announcements of ``state``, one below the other."""
    return _list(state, announcement_card, _COLUMN, "118px", empty)
