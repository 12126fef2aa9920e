"""The page at ``/admin/users/[user_id]``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import console_parts, controls, tokens
from xianyu.components.confirm import asking, confirm
from xianyu.components.console import console_page
from xianyu.components.react import modal, time_ago
from xianyu.pages.console_users import facts, marks
from xianyu.schemas.user_admin import UserThing
from xianyu.states.console_users import UserState

_QUIET = {"color": tokens.QUIET, "font_size": "14px"}


def _head() -> rx.Component:
    user = UserState.user
    line = user.line
    return controls.card(
        rx.el.div(
            controls.avatar(line.name, line.avatar_url, "64px"),
            rx.el.div(
                rx.el.div(
                    rx.el.h2(line.name, style={"font_size": "20px", "margin": "0", **console_parts.BREAK}),
                    marks(line),
                    style=console_parts.ROW,
                ),
                rx.el.p("@", line.username, f" · {line.id} 号", style={"margin": "0", **_QUIET, **console_parts.BREAK}),
                rx.cond(line.email != "", rx.el.p(line.email, style={"margin": "0", **_QUIET, **console_parts.BREAK})),
                rx.cond(user.building != "", rx.el.p(user.building, style={"margin": "0", **_QUIET})),
                style={"min_width": "0"},
            ),
            style={"display": "flex", "gap": "16px", "align_items": "center"},
        ),
        rx.cond(
            user.bio != "", rx.el.p(user.bio, style={"margin": "0", "white_space": "pre-wrap", **console_parts.BREAK})
        ),
        rx.cond(
            user.ban_reason != "",
            rx.el.p(
                f"停用原因：{user.ban_reason}", style={"margin": "0", "color": tokens.DANGER, **console_parts.BREAK}
            ),
        ),
        facts(line),
        rx.el.p(f"登录中的设备 {user.logins} 台 · 提交过 {user.reported} 次举报", style={"margin": "0", **_QUIET}),
        _actions(),
        display="flex",
        flex_direction="column",
        gap="12px",
        padding="18px",
    )


def _role() -> rx.Component:
    user = UserState.user
    return rx.cond(
        user.line.is_operator,
        rx.cond(
            ~user.is_me,
            confirm("取消管理员", "取消 TA 的管理员身份？", "TA 不能再进管理后台，其他不变。", UserState.dismiss),
        ),
        rx.cond(
            user.line.ban == "",
            asking(
                controls.secondary_button("设为管理员"),
                "设为管理员？",
                "管理员能处理举报、停用账号、下架宝贝，也能再设其他管理员。",
                "设为管理员",
                UserState.appoint,
            ),
        ),
    )


def _ban() -> rx.Component:
    user = UserState.user
    return rx.cond(
        user.line.ban != "",
        asking(
            controls.secondary_button("解除停用"),
            "解除停用？",
            "TA 马上可以登录，停用时下架的宝贝会回到原来的位置。",
            "解除停用",
            UserState.unban,
        ),
        rx.cond(
            ~user.line.is_operator,
            controls.secondary_button("停用账号", on_click=UserState.ask, style={"color": tokens.DANGER}),
        ),
    )


def _actions() -> rx.Component:
    user = UserState.user
    return rx.el.div(
        controls.secondary_link("TA 的主页", href=user.page_url),
        rx.cond(~user.line.is_closed, rx.fragment(_role(), _ban())),
        style=console_parts.ROW,
    )


def _thing(thing: rx.Var[UserThing]) -> rx.Component:
    inside = (
        rx.el.span(thing.title, style={"flex": "1", "min_width": "0", **console_parts.BREAK}),
        rx.el.span(thing.said, style={"flex": "none", **_QUIET}),
        rx.el.span(time_ago(thing.at), style={"flex": "none", **_QUIET}),
    )
    style = {
        "display": "flex",
        "align_items": "center",
        "gap": "12px",
        "min_height": tokens.TARGET,
        "border_bottom": f"1px solid {tokens.LINE}",
        "color": tokens.INK,
    }
    return rx.el.li(
        rx.cond(
            thing.url != "",
            rx.link(*inside, href=thing.url, underline="none", style=style),
            rx.el.span(*inside, style=style),
        )
    )


def _things(heading: str, things: rx.Var[list[UserThing]], none: str) -> rx.Component:
    return rx.el.section(
        rx.el.h2(heading, style={"font_size": "17px", "margin": "24px 0 8px"}),
        rx.cond(
            things.length() > 0,
            rx.el.ul(rx.foreach(things, _thing), style={"margin": "0", "padding": "0", "list_style": "none"}),
            rx.el.p(none, style={"margin": "0", **_QUIET}),
        ),
    )


def _dialog() -> rx.Component:
    state = UserState
    handlers: Any = UserState
    return modal(
        rx.el.form(
            rx.el.p("TA 的登录会马上退出，在售的宝贝会下架，到期后自动恢复。进行中的订单不变。", style=_QUIET),
            console_parts.ban_fields(state.errors, ("", "请选择停用多久")),
            console_parts.ban_reason(state.errors),
            controls.field_error(state.errors, "form"),
            console_parts.dialog_buttons(state.close, "停用", state.busy),
            on_submit=handlers.ban,
            no_validate=True,
            key=state.number.to_string(),
        ),
        open=state.is_open,
        title=f"停用 {state.user.line.name}",
        on_close=state.close,
    )


def console_user() -> rx.Component:
    """One person: what there is to know, their role, and bans."""
    return console_page(
        "用户",
        rx.cond(
            UserState.loaded,
            rx.cond(
                UserState.missing == "",
                rx.fragment(
                    _head(),
                    _things("最近的宝贝", UserState.user.listings, "没有发布过宝贝。"),
                    _things("关于 TA 的举报", UserState.user.reports, "没有人举报过 TA。"),
                ),
                controls.empty_state(
                    "user-round-x", UserState.missing, controls.primary_link("回到用户", href=routes.ADMIN_USERS)
                ),
            ),
            controls.skeleton(height="220px"),
        ),
        _dialog(),
    )
