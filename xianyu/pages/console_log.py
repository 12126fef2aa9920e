"""The page at ``/admin/log``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.console import console_page, date_field, search_field, select_field, wrapping_form
from xianyu.components.react import sentinel, time_ago
from xianyu.schemas.console import LogEntry
from xianyu.services.operator_log_pages import LONGEST_WORDS
from xianyu.services.operator_log_words import SENTENCES
from xianyu.states.console_log import ConsoleLogState


def _search() -> rx.Component:
    state = ConsoleLogState
    return wrapping_form(
        search_field("在日志里找", "在对象和说明里找", LONGEST_WORDS, state.words),
        select_field(
            "管理员",
            "operator",
            state.operator,
            rx.el.option("全部管理员", value=""),
            rx.foreach(state.operators, lambda one: rx.el.option(one.label, value=one.value, key=one.value)),
        ),
        select_field(
            "操作",
            "action",
            state.action,
            rx.el.option("全部操作", value=""),
            *[rx.el.option(words, value=action) for action, words in SENTENCES.items()],
        ),
        date_field("从", "since", state.since),
        date_field("到", "until", state.until),
        rx.el.div(
            controls.secondary_button("查找", type="submit"),
            rx.el.a(
                rx.icon("download", size=18, aria_hidden="true"),
                "导出 CSV",
                href=state.csv_url,
                download=True,
                reload_document=True,
                class_name="x-quiet-button",
            ),
            style={"display": "flex", "gap": "8px"},
        ),
        # The choices of operators come with the first answer, and the chosen one has to be among them.
        key=f"{state.number}-{state.loaded}",
        on_submit=state.look_for,
        label="在日志里找",
    )


def _target(entry: rx.Var[LogEntry]) -> rx.Component:
    name = f"「{entry.target_name}」"
    return rx.cond(
        entry.target_name != "",
        rx.cond(
            entry.target_url != "",
            rx.link(name, href=entry.target_url, class_name="x-log-target"),
            rx.el.span(name),
        ),
    )


def _entry(entry: rx.Var[LogEntry]) -> rx.Component:
    return rx.el.li(
        rx.el.p(
            rx.el.strong(entry.operator_name),
            " ",
            entry.sentence,
            _target(entry),
            style={"margin": "0", "overflow_wrap": "anywhere", "line_height": "1.6"},
        ),
        rx.cond(
            entry.detail != "",
            rx.el.p(
                entry.detail,
                style={
                    "margin": "4px 0 0",
                    "overflow_wrap": "anywhere",
                    "white_space": "pre-wrap",
                    "font_size": "15px",
                },
            ),
        ),
        rx.el.p(
            time_ago(entry.at, "clock"),
            rx.cond(entry.address != "", f" · {entry.address}", ""),
            f" · 第 {entry.id} 条",
            style={"margin": "4px 0 0", "color": tokens.QUIET, "font_size": "13px"},
        ),
        key=entry.id.to_string(),
        class_name="x-order-card",
        style={"gap": "0"},
    )


def _empty() -> rx.Component:
    state = ConsoleLogState
    narrowed = (state.operator != "") | (state.action != "") | (state.words != "") | (state.since != "")
    return rx.cond(
        narrowed | (state.until != ""),
        controls.empty_state(
            "search-x", "没有符合条件的记录。", controls.secondary_link("看全部", href=routes.ADMIN_LOG)
        ),
        controls.empty_state("scroll-text", "还没有记录。管理员做的每件事都会记在这里，不能改也不能删。"),
    )


def console_log() -> rx.Component:
    """What operators did, the latest first."""
    state = ConsoleLogState
    return console_page(
        "日志",
        _search(),
        rx.cond(
            state.loaded,
            rx.cond(
                state.entries.length() > 0,
                rx.fragment(
                    rx.el.ul(rx.foreach(state.entries, _entry), aria_label="操作记录", class_name="x-orders"),
                    sentinel(active=state.has_more, on_reach=state.load_more, key=state.entries.length().to_string()),
                ),
                _empty(),
            ),
            rx.el.div(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                *[controls.skeleton(height="84px", margin_bottom="12px") for _ in range(4)],
            ),
        ),
    )
