"""我的活动, folded up on my page: what I organize and where I come."""

import reflex as rx

from xianyu.components import tokens
from xianyu.components.section_cards import phase_name
from xianyu.schemas.sections import ActivityCard, Phase
from xianyu.states.activities import MyActivitiesState
from xianyu.states.shell import ShellState

_QUIET = {"color": tokens.QUIET, "font_size": "13px"}
_ONE_LINE = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap"}


def _entry(activity: rx.Var[ActivityCard]) -> rx.Component:
    role = rx.cond(activity.organizer_id == ShellState.user_id, "我发起的", "我报名的")
    return rx.el.li(
        rx.link(
            rx.el.span(
                rx.el.span(activity.title, style={"display": "block", "font_weight": "600", **_ONE_LINE}),
                rx.el.span(activity.when, " · ", activity.place, style={"display": "block", **_QUIET, **_ONE_LINE}),
                style={"flex": "1", "min_width": "0"},
            ),
            rx.el.span(
                rx.el.span(role, style={"display": "block", "font_size": "13px"}),
                rx.el.span(
                    rx.cond(
                        activity.phase == Phase.OPEN.value,
                        f"{activity.signup_count}/{activity.capacity} 人",
                        phase_name(activity.phase),
                    ),
                    style={"display": "block", **_QUIET},
                ),
                style={"flex": "none", "text_align": "right"},
            ),
            href=activity.url,
            underline="none",
            style={
                "display": "flex",
                "align_items": "center",
                "gap": "12px",
                "min_height": tokens.TARGET,
                "padding": "10px 0",
                "color": tokens.INK,
                "border_top": f"1px solid {tokens.LINE}",
            },
        ),
        key=activity.id.to_string(),
    )


def my_activities() -> rx.Component:
    """A row that opens into a list; nothing where there is none."""
    cards = MyActivitiesState.cards
    return rx.cond(
        cards.length() > 0,
        rx.el.details(
            rx.el.summary(
                rx.icon("calendar-days", size=20, stroke_width=1.8, aria_hidden="true"),
                rx.el.span("我的活动", style={"flex": "1"}),
                rx.el.span(cards.length().to_string(), style=_QUIET),
                rx.icon("chevron-down", size=18, color=tokens.QUIET, aria_hidden="true"),
                style={
                    "display": "flex",
                    "align_items": "center",
                    "gap": "10px",
                    "min_height": "52px",
                    "cursor": "pointer",
                    "list_style": "none",
                },
            ),
            rx.el.ul(rx.foreach(cards, _entry), style={"margin": "0", "padding": "0 0 6px", "list_style": "none"}),
            style={
                "margin_bottom": "20px",
                "padding": "0 16px",
                "background": tokens.SURFACE,
                "border": f"1px solid {tokens.LINE}",
                "border_radius": tokens.RADIUS,
            },
        ),
    )
