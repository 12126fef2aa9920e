"""The page at ``/me/searches``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.layout import page
from xianyu.components.react import time_ago
from xianyu.schemas.search import SavedSearchView
from xianyu.states.saved_searches import SavedSearchesState

_edit: Any = SavedSearchesState.edit
_delete: Any = SavedSearchesState.delete
_QUIET = {"color": tokens.QUIET, "font_size": "14px"}
_BUTTONS = {"display": "flex", "flex_wrap": "wrap", "gap": "10px", "margin_top": "14px"}


def _words(saved: rx.Var[SavedSearchView]) -> rx.Component:
    return rx.fragment(
        rx.link(
            rx.icon("search", size=18, aria_hidden="true", style={"flex": "none", "color": tokens.QUIET}),
            rx.el.h2(saved.name, style={"font_size": "17px", "margin": "0", "overflow_wrap": "anywhere"}),
            href=saved.url,
            underline="none",
            style={
                "display": "flex",
                "align_items": "center",
                "gap": "10px",
                "min_height": tokens.TARGET,
                "color": tokens.INK,
            },
        ),
        rx.el.p(
            rx.cond(saved.summary != saved.name, f"{saved.summary} · ", ""),
            time_ago(saved.created_at),
            "订阅",
            style={**_QUIET, "margin": "0", "overflow_wrap": "anywhere"},
        ),
        rx.el.div(
            controls.primary_link("看结果", href=saved.url),
            controls.secondary_button("改名", on_click=_edit(saved.id), aria_label=f"改名：{saved.name}"),
            controls.secondary_button("取消订阅", on_click=_delete(saved.id), aria_label=f"取消订阅：{saved.name}"),
            style=_BUTTONS,
        ),
    )


def _form(saved: rx.Var[SavedSearchView]) -> rx.Component:
    return rx.el.form(
        controls.text_input(
            "名称", "name", SavedSearchesState.errors, default_value=saved.name, auto_focus=True, max_length=60
        ),
        rx.el.div(
            controls.primary_button("保存", type="submit", disabled=controls.waits()),
            controls.secondary_button("取消", on_click=_edit(0)),
            style={**_BUTTONS, "margin_top": "0"},
        ),
        on_submit=SavedSearchesState.rename,
    )


def _row(saved: rx.Var[SavedSearchView]) -> rx.Component:
    return rx.el.li(
        controls.card(
            rx.cond(SavedSearchesState.editing == saved.id, _form(saved), _words(saved)), padding="14px 20px 18px"
        ),
        key=saved.id.to_string(),
    )


def _nothing() -> rx.Component:
    return controls.empty_state(
        "bell",
        "还没有订阅的搜索。搜一样想要的东西，按“订阅这个搜索”，有人发布就通知你。",
        controls.primary_link("去搜索", href=routes.SEARCH),
    )


def saved_searches() -> rx.Component:
    """The searches that I keep, each with its results, another name, and its end."""
    return page(
        rx.el.h1("我的订阅", style={"font_size": "22px", "margin": "0 0 4px"}),
        rx.el.p("有人发布符合的宝贝，就会在消息的“互动”里告诉你。", style={**_QUIET, "margin": "0 0 20px"}),
        rx.cond(
            SavedSearchesState.loaded,
            rx.cond(
                SavedSearchesState.searches.length() > 0,
                rx.el.ul(
                    rx.foreach(SavedSearchesState.searches, _row),
                    style={"display": "grid", "gap": "14px", "margin": "0", "padding": "0", "list_style": "none"},
                ),
                _nothing(),
            ),
            rx.el.div(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                *[controls.skeleton(height="124px", margin_bottom="14px") for _ in range(3)],
            ),
        ),
        width=tokens.NARROW,
    )
