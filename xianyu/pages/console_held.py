"""The page at ``/admin/held``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.console import console_page
from xianyu.components.marked_text import marked_text
from xianyu.components.react import sentinel, time_ago
from xianyu.schemas.moderation import HeldView
from xianyu.services.held import NOTE_LENGTH
from xianyu.services.held_pages import DECIDED, NOTED, PARTS, WAITING
from xianyu.states.console_held import ConsoleHeldState

_approve: Any = ConsoleHeldState.approve
_ask: Any = ConsoleHeldState.ask
_QUIET = {"color": tokens.QUIET, "font_size": "14px"}
_EMPTY = {
    WAITING: ("shield-check", "没有等待审核的内容。"),
    DECIDED: ("shield", "还没有处理过的内容。"),
    NOTED: ("shield", "还没有遮盖或拒绝过的内容。"),
}


def _tab(part: str, name: str) -> rx.Component:
    return rx.el.a(
        name,
        href=routes.admin_held({} if part == WAITING else {"part": part}),
        aria_current=rx.cond(ConsoleHeldState.part == part, "page", "false"),
        style={
            "display": "inline-flex",
            "align_items": "center",
            "min_height": tokens.TARGET,
            "padding": "0 16px",
            "border_bottom": "3px solid transparent",
            "color": tokens.QUIET,
            "white_space": "nowrap",
            "&[aria-current=page]": {
                "color": tokens.INK,
                "font_weight": "700",
                "border_bottom_color": tokens.PRIMARY,
            },
        },
    )


def _tabs() -> rx.Component:
    return rx.el.nav(
        *[_tab(part, name) for part, name in PARTS.items()],
        aria_label="审核",
        style={
            "display": "flex",
            "overflow_x": "auto",
            "border_bottom": f"1px solid {tokens.LINE}",
            "margin_bottom": "16px",
        },
    )


def _heading(entry: rx.Var[HeldView]) -> rx.Component:
    return rx.el.p(
        rx.link(entry.author_name, href=entry.author_url, class_name="x-log-target", style={"font_weight": "700"}),
        " · ",
        entry.kind,
        rx.cond(entry.recipient != "", f"（发给 {entry.recipient}）", ""),
        " · ",
        entry.reason,
        rx.cond(entry.words != "", f"：{entry.words}", ""),
        style={"margin": "0", "overflow_wrap": "anywhere", "line_height": "1.6"},
    )


def _foot(entry: rx.Var[HeldView]) -> rx.Component:
    return rx.el.p(
        time_ago(entry.at, "clock"),
        rx.cond(entry.is_waiting, "", f" · {entry.outcome}"),
        rx.cond(entry.decided_by != "", f"（{entry.decided_by}）", ""),
        rx.cond(entry.note != "", f"：{entry.note}", ""),
        style={**_QUIET, "margin": "0", "overflow_wrap": "anywhere"},
    )


def _buttons(entry: rx.Var[HeldView]) -> rx.Component:
    about = f"{entry.author_name}的{entry.kind}"
    return rx.el.div(
        controls.primary_button("通过", on_click=_approve(entry.id), aria_label=f"通过：{about}"),
        controls.secondary_button("驳回", on_click=_ask(entry.id), aria_label=f"驳回：{about}"),
        style={"display": "flex", "flex_wrap": "wrap", "gap": "10px"},
    )


def _entry(entry: rx.Var[HeldView]) -> rx.Component:
    return rx.el.li(
        _heading(entry),
        rx.el.div(
            marked_text(entry.parts),
            style={
                "padding": "10px 12px",
                "border_radius": tokens.RADIUS_SMALL,
                "background": tokens.TINT,
                "max_height": "320px",
                "overflow_y": "auto",
            },
            tab_index=0,
            role="group",
            aria_label=f"{entry.author_name}写的原文",
        ),
        _foot(entry),
        rx.cond(
            entry.subject_url != "",
            rx.link(
                "在后台查看",
                href=entry.subject_url,
                class_name="x-quiet-button",
                style={"align_self": "start", "margin_left": "-14px", "text_decoration": "underline"},
            ),
        ),
        rx.cond(entry.is_waiting, _buttons(entry)),
        key=entry.id.to_string(),
        class_name="x-order-card",
    )


def _reject() -> rx.Component:
    state = ConsoleHeldState
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title("驳回这条内容？", style={"font_size": "19px", "margin": "0 0 8px"}),
            rx.dialog.description(
                "作者会在“互动”里看到没有通过，和你写的说明。", style={"margin": "0 0 14px", "line_height": "1.6"}
            ),
            rx.el.form(
                rx.el.input(type="hidden", name="screening_id", value=state.rejecting.to_string(), read_only=True),
                controls.text_input(
                    "说明（可以不填）",
                    "note",
                    state.errors,
                    placeholder="例如：请不要在描述里留群号",
                    max_length=NOTE_LENGTH,
                ),
                rx.el.div(
                    rx.dialog.close(controls.secondary_button("再想想")),
                    controls.primary_button("驳回", type="submit"),
                    style={"display": "flex", "gap": "12px", "justify_content": "flex-end"},
                ),
                on_submit=state.reject,
                no_validate=True,
            ),
            max_width="440px",
        ),
        open=state.rejecting > 0,
        on_open_change=lambda _open: _ask(0),
    )


def _empty() -> rx.Component:
    states = {part: controls.empty_state(icon, sentence) for part, (icon, sentence) in _EMPTY.items()}
    return rx.match(ConsoleHeldState.part, *states.items(), rx.fragment())


def console_held() -> rx.Component:
    """What was held back, and what was masked or refused."""
    state = ConsoleHeldState
    return console_page(
        "审核",
        _tabs(),
        rx.cond(
            state.loaded,
            rx.cond(
                state.entries.length() > 0,
                rx.fragment(
                    rx.el.ul(rx.foreach(state.entries, _entry), aria_label="被拦下的内容", class_name="x-orders"),
                    sentinel(active=state.has_more, on_reach=state.load_more, key=state.entries.length().to_string()),
                ),
                _empty(),
            ),
            rx.el.div(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                *[controls.skeleton(height="150px", margin_bottom="12px") for _ in range(3)],
            ),
        ),
        _reject(),
    )
