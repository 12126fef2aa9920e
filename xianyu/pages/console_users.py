"""The page at ``/admin/users``."""

from typing import Any

import reflex as rx

from xianyu.components import console_parts, controls, lists, tokens
from xianyu.components.console import console_page
from xianyu.components.react import time_ago
from xianyu.schemas.user_admin import UserLine
from xianyu.services.user_admin import FILTERS, LONGEST_WORDS
from xianyu.states.console_users import UsersState

# A handler of a class is called to bind arguments, which types do not know.
_do: Any = UsersState
_QUIET = {"color": tokens.QUIET, "font_size": "14px"}


def _search() -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="search",
            aria_label="查找用户",
            placeholder="名字、用户名、邮箱或编号",
            max_length=LONGEST_WORDS,
            on_change=UsersState.look_for.debounce(300),
            style={**controls.INPUT, "max_width": "420px"},
        ),
        console_parts.choices("筛选", FILTERS, UsersState.which, _do.choose),
        style={"display": "flex", "flex_direction": "column", "gap": "12px", "margin_bottom": "16px"},
    )


def marks(line: rx.Var[UserLine]) -> rx.Component:
    """What sets a person apart."""
    return rx.fragment(
        rx.cond(line.is_operator, rx.el.span("管理员", class_name="x-tag")),
        rx.cond(line.is_closed, rx.el.span("已注销", class_name="x-tag")),
        rx.cond(
            line.ban != "",
            rx.el.span(line.ban, style={"color": tokens.DANGER, "font_weight": "600", "font_size": "14px"}),
        ),
    )


def _fact(name: str, value: Any) -> rx.Component:
    return rx.el.span(
        rx.el.span(name, " ", style={"color": tokens.QUIET}),
        value,
        style={"white_space": "nowrap", "font_size": "14px"},
    )


def facts(line: rx.Var[UserLine]) -> rx.Component:
    """When they came and were here last, and how much there is of theirs."""
    return rx.el.span(
        _fact("加入", time_ago(line.joined_at, "date")),
        _fact("最近", rx.cond(line.seen_at != "", time_ago(line.seen_at), "从未")),
        _fact("宝贝", line.listings.to_string()),
        _fact("订单", line.orders.to_string()),
        _fact("举报成立", line.upheld.to_string()),
        style={"display": "flex", "flex_wrap": "wrap", "gap": "2px 16px"},
    )


def _line(line: rx.Var[UserLine]) -> rx.Component:
    return rx.el.li(
        rx.link(
            controls.avatar(line.name, line.avatar_url, "44px"),
            rx.el.span(
                rx.el.span(
                    rx.el.b(line.name, style=console_parts.BREAK),
                    marks(line),
                    style={**console_parts.ROW, "gap": "4px 8px"},
                ),
                rx.el.span("@", line.username, f" · {line.id} 号", style={**_QUIET, **console_parts.BREAK}),
                facts(line),
                style={"display": "flex", "flex_direction": "column", "gap": "2px", "min_width": "0"},
            ),
            href=line.url,
            underline="none",
            style={
                "display": "flex",
                "gap": "12px",
                "padding": "12px 14px",
                "border": f"1px solid {tokens.LINE}",
                "border_radius": tokens.RADIUS,
                "background": tokens.SURFACE,
                "color": tokens.INK,
                "_hover": {"background": tokens.TINT},
            },
        ),
        key=line.id.to_string(),
    )


def console_users() -> rx.Component:
    """Everybody with an account."""
    return console_page(
        "用户",
        _search(),
        lists.growing(
            UsersState,
            UsersState.lines,
            _line,
            lists.more(UsersState),
            layout={**console_parts.LIST, "gap": "8px"},
            skeletons=[controls.skeleton(height="88px") for _ in range(6)],
            empty=controls.empty_state("user-round-x", "没有找到这样的人。"),
        ),
    )
