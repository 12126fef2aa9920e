"""举报: its button, and the one dialog that every page with such a button has."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.react import modal, photo_picker
from xianyu.models import ReportTarget
from xianyu.services import reports
from xianyu.states.reporting import ReportState

# A handler of a class is called to bind arguments, which types do not know.
_do: Any = ReportState
_BUTTONS = {"display": "flex", "gap": "12px", "justify_content": "flex-end", "flex_wrap": "wrap"}


def ask(kind: ReportTarget, ref: Any, seq: Any = 0) -> Any:
    """What opens the dialog.

    Args:
        kind: What is reported.
        ref: Its number; of a private message, the other's, and of one in the public room, 0.
        seq: A message's number.
    """
    return _do.ask(kind.value, ref, seq)


def button(kind: ReportTarget, ref: Any) -> rx.Component:
    """举报 among other buttons."""
    return controls.secondary_button("举报", on_click=ask(kind, ref))


def quiet_button(kind: ReportTarget, ref: Any, **props: Any) -> rx.Component:
    """举报 below something that one reads, where few look for it. ``props`` are for the button."""
    return rx.el.button(
        rx.icon("flag", size=16, aria_hidden="true"),
        "举报",
        type="button",
        on_click=ask(kind, ref),
        style={
            "display": "inline-flex",
            "align_items": "center",
            "align_self": "flex-start",
            "gap": "6px",
            "min_height": tokens.TARGET,
            "min_width": tokens.TARGET,
            "padding": "0",
            "border": "0",
            "background": "none",
            "color": tokens.QUIET,
            "font": "inherit",
            "font_size": "14px",
            "cursor": "pointer",
            "_hover": {"text_decoration": "underline"},
        },
        **props,
    )


def dialog() -> rx.Component:
    """The dialog, closed until one of the page's buttons opens it."""
    state = ReportState
    return modal(
        rx.cond(state.done, _thanks(), _form()),
        open=state.is_open,
        title="举报",
        on_close=state.close,
    )


def _form() -> rx.Component:
    state = ReportState
    about = state.subject
    return rx.el.form(
        rx.el.p(
            about.kind_name,
            "：",
            rx.el.b(about.title),
            style={"color": tokens.QUIET, "overflow_wrap": "anywhere"},
        ),
        rx.el.fieldset(
            rx.el.legend("原因", style={"font_weight": "600", "padding": "0", "margin_bottom": "4px"}),
            rx.el.div(
                *[controls.radio(name, "reason", code) for code, name in reports.REASONS.items()],
                style={"display": "grid", "grid_template_columns": "repeat(2, minmax(0, 1fr))", "gap": "0 12px"},
            ),
            controls.field_error(state.errors, "reason"),
            style={"border": "0", "padding": "0", "margin": "0", "min_width": "0"},
        ),
        controls.text_area(
            "说明",
            "text",
            state.errors,
            rows=3,
            placeholder="发生了什么？选“其他”时一定要写",
            max_length=2 * reports.TEXT_LENGTH[1],
        ),
        rx.el.fieldset(
            rx.el.legend(
                "证据照片",
                rx.el.span("（选填，只有你和管理员能看到）", class_name="x-note"),
                style={"font_weight": "600", "padding": "0", "margin_bottom": "8px"},
            ),
            photo_picker(
                endpoint=routes.PHOTO_UPLOAD,
                most=reports.MAX_PHOTOS,
                initial=[],
                has_cover=False,
                described_by="photos-error",
                invalid=state.errors.contains("photos"),
            ),
            controls.field_error(state.errors, "photos"),
            style={"border": "0", "padding": "0", "margin": "0", "min_width": "0"},
        ),
        controls.field_error(state.errors, "form"),
        rx.el.div(
            controls.secondary_button("取消", on_click=state.close),
            controls.primary_button(rx.cond(state.busy, "正在提交…", "提交举报"), type="submit", disabled=state.busy),
            style=_BUTTONS,
        ),
        on_submit=state.submit,
        no_validate=True,
        key=state.number.to_string(),
    )


def _thanks() -> rx.Component:
    state = ReportState
    return rx.el.div(
        rx.el.p("已收到，管理员会尽快处理，结果会出现在你的「互动」里。对方不会知道是谁举报的。", role="status"),
        rx.cond(
            ~state.subject.is_blocked,
            rx.el.p(
                f"不想再和 {state.subject.accused_name} 来往？拉黑后你们都不能给对方发消息、加好友。",
                style={"color": tokens.QUIET},
            ),
        ),
        rx.el.div(
            rx.cond(~state.subject.is_blocked, controls.secondary_button("拉黑 TA", on_click=state.block)),
            controls.primary_button("好的", on_click=state.close, auto_focus=True),
            style=_BUTTONS,
        ),
    )
