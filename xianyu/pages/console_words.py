"""The page at ``/admin/words``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.confirm import asking
from xianyu.components.console import console_page, search_field, select_field, wrapping_form
from xianyu.components.marked_text import marked_text
from xianyu.components.react import sentinel, time_ago
from xianyu.models import WordAction
from xianyu.schemas.moderation import WordView
from xianyu.services.sensitive_words import ACTIONS, LONGEST_SEARCH, LONGEST_TRIAL
from xianyu.states.console_words import ConsoleWordsState

_set_action: Any = ConsoleWordsState.set_action
_remove: Any = ConsoleWordsState.remove
_QUIET = {"color": tokens.QUIET, "font_size": "13px"}
_OPTIONS = [
    (WordAction.MASK.value, "遮盖：照常发布，敏感词换成＊"),
    (WordAction.HOLD.value, "送审：管理员通过后才发布"),
    (WordAction.REFUSE.value, "拒绝：不能发布，请作者修改"),
]


def _add() -> rx.Component:
    state = ConsoleWordsState
    return controls.card(
        rx.el.h2("添加敏感词", style={"font_size": "17px", "margin": "0 0 12px"}),
        rx.el.form(
            controls.text_area(
                "敏感词",
                "words",
                state.errors,
                rows=4,
                placeholder="一行一个",
                hint="被空格、标点隔开，或换成全角、繁体、形近字母的写法不用另加，都能找到。",
            ),
            controls.choice("处理方式", "action", _OPTIONS, state.errors),
            controls.primary_button("添加", type="submit", disabled=controls.waits()),
            on_submit=state.add,
            no_validate=True,
            # Added once, the fields are empty again.
            key=state.added.to_string(),
        ),
        rx.el.p(state.report, role="status", style={"margin": "10px 0 0", "min_height": "22px"}),
        padding="18px 20px 12px",
    )


def _try_out() -> rx.Component:
    state = ConsoleWordsState
    return controls.card(
        rx.el.h2("试一试", style={"font_size": "17px", "margin": "0 0 12px"}),
        rx.el.form(
            rx.el.label("要试的文字", html_for="trial", class_name="x-visually-hidden"),
            rx.el.textarea(
                id="trial",
                name="text",
                rows=4,
                max_length=LONGEST_TRIAL,
                placeholder="输入一段话，看看会变成什么样",
                style={**controls.INPUT, "resize": "vertical", "margin_bottom": "12px"},
            ),
            controls.secondary_button("试一试", type="submit", disabled=controls.waits()),
            on_submit=state.try_out,
        ),
        rx.el.div(
            rx.cond(
                state.trial.verdict != "",
                rx.fragment(
                    rx.el.p(state.trial.verdict, style={"margin": "0 0 8px", "font_weight": "600"}),
                    marked_text(state.trial.parts),
                    rx.cond(
                        state.trial.shown != "",
                        rx.fragment(
                            rx.el.p("别人看到的：", style={**_QUIET, "margin": "10px 0 2px"}),
                            rx.el.p(
                                state.trial.shown,
                                style={"margin": "0", "white_space": "pre-wrap", "overflow_wrap": "anywhere"},
                            ),
                        ),
                    ),
                ),
            ),
            role="status",
            style={"margin_top": "14px"},
        ),
        padding="18px 20px",
    )


def _search() -> rx.Component:
    state = ConsoleWordsState
    return wrapping_form(
        search_field("在敏感词里找", "在敏感词里找", LONGEST_SEARCH, state.sought),
        select_field(
            "处理方式筛选",
            "action",
            state.action,
            rx.el.option("全部处理方式", value=""),
            *[rx.el.option(name, value=action) for action, name in ACTIONS.items()],
        ),
        controls.secondary_button("查找", type="submit"),
        key=f"{state.number}-{state.loaded}",
        on_submit=state.look_for,
        label="在敏感词里找",
    )


def _row(word: rx.Var[WordView]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.strong(word.word, style={"overflow_wrap": "anywhere", "font_size": "16px"}),
            rx.el.span(time_ago(word.changed_at), style=_QUIET),
            style={"display": "grid", "gap": "2px", "flex": "1 1 160px", "min_width": "0"},
        ),
        rx.el.select(
            *[rx.el.option(name, value=action) for action, name in ACTIONS.items()],
            value=word.action,
            aria_label=f"“{word.word}”的处理方式",
            on_change=lambda action: _set_action(word.id, action),
            class_name="x-select",
            style={**controls.INPUT, "width": "auto", "min_height": tokens.TARGET, "padding": "6px 36px 6px 12px"},
        ),
        asking(
            rx.el.button(
                rx.icon("trash-2", size=18, aria_hidden="true"),
                type="button",
                aria_label=f"删除“{word.word}”",
                class_name="x-quiet-button",
                style={"min_width": tokens.TARGET},
            ),
            f"删除敏感词“{word.word}”？",
            "以后有这个词的内容会照常发布。已经遮盖的不会恢复。",
            "删除",
            _remove(word.id),
        ),
        key=word.id.to_string(),
        class_name="x-order-card",
        style={"flex_direction": "row", "flex_wrap": "wrap", "align_items": "center"},
    )


def _empty() -> rx.Component:
    state = ConsoleWordsState
    return rx.cond(
        (state.sought != "") | (state.action != ""),
        controls.empty_state(
            "search-x", "没有符合条件的敏感词。", controls.secondary_link("看全部", href=routes.ADMIN_WORDS)
        ),
        controls.empty_state("message-circle-warning", "还没有敏感词。添加以后马上对新发布的内容生效。"),
    )


def _list() -> rx.Component:
    state = ConsoleWordsState
    return rx.cond(
        state.words.length() > 0,
        rx.fragment(
            rx.el.p(f"共 {state.total} 个", style={**_QUIET, "margin": "0 0 8px"}),
            rx.el.ul(rx.foreach(state.words, _row), aria_label="敏感词", class_name="x-orders"),
            sentinel(active=state.has_more, on_reach=state.load_more, key=state.words.length().to_string()),
        ),
        _empty(),
    )


def console_words() -> rx.Component:
    """The sensitive words, and what becomes of a text with one."""
    return console_page(
        "敏感词",
        rx.el.div(
            _add(),
            _try_out(),
            style={
                "display": "grid",
                "grid_template_columns": "repeat(auto-fit, minmax(min(100%, 320px), 1fr))",
                "align_items": "start",
                "gap": "16px",
                "margin_bottom": "20px",
            },
        ),
        _search(),
        rx.cond(
            ConsoleWordsState.loaded,
            _list(),
            rx.el.div(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                *[controls.skeleton(height="70px", margin_bottom="12px") for _ in range(4)],
            ),
        ),
    )
