"""The page at ``/admin/reports``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import console_parts, controls, lists, tokens
from xianyu.components.console import console_page
from xianyu.components.react import modal, time_ago
from xianyu.models import ReportStatus
from xianyu.schemas.listings import PhotoView
from xianyu.schemas.reports import ContextLine, ReportLine
from xianyu.services.report_decisions import OUTCOMES
from xianyu.states.console_reports import DECIDED, NEWEST, OLDEST, OPEN, ReportsState

# A handler of a class is called to bind arguments, which types do not know.
_do: Any = ReportsState
_QUIET = {"color": tokens.QUIET, "font_size": "14px"}
_QUOTE = {
    "margin": "0",
    "padding": "12px 14px",
    "background": tokens.PAGE,
    "border_radius": tokens.RADIUS_SMALL,
    "white_space": "pre-wrap",
    **console_parts.BREAK,
}
_LINK = {"color": tokens.INK, "text_decoration": "underline", "text_underline_offset": "3px"}


def _filters() -> rx.Component:
    return rx.el.div(
        console_parts.choices("状态", {OPEN: "待处理", DECIDED: "已处理"}, ReportsState.which, _do.choose),
        console_parts.choices("顺序", {OLDEST: "最早在前", NEWEST: "最新在前"}, ReportsState.order, _do.sort),
        rx.cond(
            ReportsState.about > 0,
            rx.el.p(
                "只看关于一个人的举报。",
                rx.link("看全部", href=routes.ADMIN_REPORTS, style=_LINK),
                style={"margin": "0", **_QUIET},
            ),
        ),
        style={"display": "flex", "flex_wrap": "wrap", "gap": "12px 24px", "margin_bottom": "16px"},
    )


def _picture(url: rx.Var[str], name: str, href: rx.Var[str]) -> rx.Component:
    return rx.el.a(
        rx.el.img(
            src=url,
            alt=name,
            loading="lazy",
            style={"width": "88px", "height": "88px", "object_fit": "cover", "border_radius": tokens.RADIUS_SMALL},
        ),
        href=href,
        target="_blank",
        reload_document=True,
        style={"display": "inline-block"},
    )


def _evidence(photo: rx.Var[PhotoView]) -> rx.Component:
    return rx.fragment(_picture(photo.thumb_url, "举报人提供的照片", photo.url), key=photo.id.to_string())


def _snapshot(line: rx.Var[ReportLine]) -> rx.Component:
    snapshot = line.snapshot
    return rx.el.div(
        rx.el.p(
            "举报时的内容",
            rx.cond(snapshot.at != "", rx.fragment("（", time_ago(snapshot.at, "clock"), "）")),
            style={"margin": "0 0 6px", **_QUIET},
        ),
        rx.el.blockquote(
            rx.el.b(snapshot.title, style={"display": "block"}),
            snapshot.text,
            style=_QUOTE,
        ),
        rx.cond(
            snapshot.images.length() > 0,
            rx.el.div(
                rx.foreach(snapshot.images, lambda url: _picture(url, "被举报内容的照片", url)),
                style={**console_parts.ROW, "margin_top": "8px"},
            ),
        ),
    )


def _people(line: rx.Var[ReportLine]) -> rx.Component:
    return rx.el.p(
        rx.cond(
            line.reporter_url != "",
            rx.link(line.reporter_name, href=line.reporter_url, style=_LINK),
            line.reporter_name,
        ),
        " 举报 ",
        rx.link(line.accused_name, href=line.accused_url, style=_LINK),
        rx.cond(
            line.upheld > 0,
            rx.el.span(f" · 已成立 {line.upheld} 次", style={"color": tokens.DANGER, "font_weight": "600"}),
            rx.el.span(" · 从未成立", style={"color": tokens.QUIET}),
        ),
        style={"margin": "0", **console_parts.BREAK},
    )


def _context_line(line: rx.Var[ContextLine]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.name, style={"font_weight": "600"}),
        rx.cond(line.is_it, rx.el.span("被举报", class_name="x-tag", style={"margin_left": "8px"})),
        rx.el.span(time_ago(line.at, "clock"), style={"margin_left": "8px", **_QUIET}),
        rx.el.p(line.body, style={"margin": "2px 0 0", "white_space": "pre-wrap", **console_parts.BREAK}),
        key=line.seq.to_string(),
    )


def _context(line: rx.Var[ReportLine]) -> rx.Component:
    return rx.cond(
        line.has_context,
        rx.cond(
            ReportsState.context_of == line.id,
            rx.el.ol(
                rx.foreach(ReportsState.context, _context_line),
                aria_label="前后的消息",
                style={**console_parts.LIST, **_QUOTE, "gap": "10px", "white_space": "normal"},
            ),
            rx.el.div(
                controls.secondary_button("查看前后的消息", on_click=_do.show_context(line.id)),
                rx.el.span("会记入日志", style=_QUIET),
                style=console_parts.ROW,
            ),
        ),
    )


def _outcome(line: rx.Var[ReportLine]) -> rx.Component:
    name = rx.match(line.status, *OUTCOMES.items(), "")
    return rx.el.p(
        rx.el.b(name),
        rx.cond(line.decided_by != "", rx.fragment(" · ", line.decided_by)),
        rx.cond(line.decided_at != "", rx.fragment(" · ", time_ago(line.decided_at))),
        rx.cond(line.answer != "", rx.el.span("答复：", line.answer, style={"display": "block"})),
        style={"margin": "0", **console_parts.BREAK},
    )


def _line(line: rx.Var[ReportLine]) -> rx.Component:
    return rx.el.li(
        controls.card(
            rx.el.div(
                rx.el.span(line.kind_name, class_name="x-tag"),
                rx.el.b(line.reason),
                rx.el.span(time_ago(line.at), style=_QUIET),
                style=console_parts.ROW,
            ),
            _people(line),
            rx.cond(
                line.text != "",
                rx.el.p(line.text, style={"margin": "0", "white_space": "pre-wrap", **console_parts.BREAK}),
            ),
            rx.cond(line.photos.length() > 0, rx.el.div(rx.foreach(line.photos, _evidence), style=console_parts.ROW)),
            _snapshot(line),
            _context(line),
            rx.el.div(
                rx.cond(
                    line.status == ReportStatus.OPEN.value,
                    controls.primary_button("处理", on_click=_do.ask(line.id)),
                    _outcome(line),
                ),
                rx.cond(line.url != "", controls.secondary_link("看现在的样子", href=line.url)),
                style=console_parts.ROW,
            ),
            padding="16px",
            display="flex",
            flex_direction="column",
            gap="12px",
        ),
        key=line.id.to_string(),
    )


def _dialog() -> rx.Component:
    state = ReportsState
    return modal(
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend("结果", class_name="x-visually-hidden"),
                rx.el.div(
                    *[
                        controls.radio(name, "outcome", value, on_change=_do.set_outcome(value))
                        for value, name in OUTCOMES.items()
                    ],
                    style={"display": "flex", "gap": "24px"},
                ),
                controls.field_error(state.errors, "outcome"),
                style={"border": "0", "padding": "0", "margin": "0"},
            ),
            controls.text_area(
                "给举报人的答复", "answer", state.errors, rows=2, placeholder="举报人会在「互动」里看到", max_length=200
            ),
            rx.cond(
                state.outcome == ReportStatus.UPHELD.value,
                rx.fragment(
                    rx.cond(
                        state.removal != "",
                        rx.el.div(controls.check_box(state.removal, "removes"), style={"margin_bottom": "12px"}),
                    ),
                    rx.cond(
                        state.can_ban,
                        rx.fragment(
                            console_parts.ban_fields(state.errors, ("", "不停用"), on_change=_do.set_term),
                            rx.cond(state.term != "", console_parts.ban_reason(state.errors)),
                        ),
                    ),
                ),
            ),
            controls.field_error(state.errors, "form"),
            console_parts.dialog_buttons(state.close, "提交处理", state.busy),
            on_submit=state.decide,
            no_validate=True,
            key=state.number.to_string(),
        ),
        open=state.is_open,
        title="处理举报",
        on_close=state.close,
    )


def console_reports() -> rx.Component:
    """What neighbours told the operators of, and what came of it."""
    return console_page(
        "举报",
        _filters(),
        lists.growing(
            ReportsState,
            ReportsState.lines,
            _line,
            lists.more(ReportsState),
            layout=console_parts.LIST,
            skeletons=[controls.skeleton(height="220px") for _ in range(3)],
            empty=controls.empty_state(
                "flag", rx.cond(ReportsState.which == OPEN, "没有待处理的举报。", "还没有处理过的举报。")
            ),
        ),
        _dialog(),
    )
