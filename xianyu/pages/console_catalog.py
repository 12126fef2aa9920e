"""The page at ``/admin/catalog``."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.confirm import asking
from xianyu.components.console import console_page
from xianyu.schemas.listings import CatalogRow
from xianyu.services.catalog import LENGTHS
from xianyu.services.categories import CATEGORY
from xianyu.states.console_catalog import ConsoleCatalogState

_ICON = {"padding": "0", "min_width": tokens.TARGET}
_SMALL = {"font_size": "15px", "padding": "0 14px"}


def _move(row: rx.Var[CatalogRow], label: str, icon: str, *, up: bool) -> rx.Component:
    move: Any = ConsoleCatalogState.move
    return controls.secondary_button(
        rx.icon(icon, size=18, aria_hidden="true"),
        aria_label=f"{label} {row.name}",
        disabled=row.is_first if up else row.is_last,
        on_click=move(row.kind, row.slug, up),
        style=_ICON,
    )


def _toggle(row: rx.Var[CatalogRow]) -> rx.Component:
    set_hidden: Any = ConsoleCatalogState.set_hidden
    return rx.cond(
        row.is_fixed,
        rx.fragment(),
        rx.cond(
            row.is_hidden,
            controls.secondary_button(
                "显示", aria_label=f"显示 {row.name}", on_click=set_hidden(row.kind, row.slug, False), style=_SMALL
            ),
            controls.secondary_button(
                "隐藏", aria_label=f"隐藏 {row.name}", on_click=set_hidden(row.kind, row.slug, True), style=_SMALL
            ),
        ),
    )


def _remove(row: rx.Var[CatalogRow]) -> rx.Component:
    remove: Any = ConsoleCatalogState.remove
    button = controls.secondary_button("删除", aria_label=f"删除 {row.name}", style={**_SMALL, "color": tokens.DANGER})
    return rx.cond(
        row.is_added, asking(button, "删除这个分类？", "只有从没放过宝贝的分类可以删除。", "删除", remove(row.slug))
    )


def _naming() -> rx.Component:
    """The one dialog for every name: Reflex reads a form's fields by their ids, of which a page has one each."""
    state = ConsoleCatalogState
    return rx.dialog.root(
        rx.dialog.content(
            rx.dialog.title(state.heading, style={"font_size": "19px", "margin": "0 0 14px"}),
            rx.el.form(
                rx.el.input(type="hidden", name="key", value=state.editing, read_only=True),
                controls.text_input(
                    "名称",
                    "name",
                    state.errors,
                    default_value=state.name,
                    max_length=4 * LENGTHS[CATEGORY][1],
                    auto_complete="off",
                ),
                rx.el.div(
                    rx.dialog.close(controls.secondary_button("取消")),
                    controls.primary_button("保存", type="submit", disabled=controls.waits(state.busy)),
                    style={"display": "flex", "gap": "12px", "justify_content": "flex-end"},
                ),
                on_submit=state.save,
                no_validate=True,
            ),
            aria_describedby="",
            # A slip beside it would lose what is typed.
            on_interact_outside=rx.prevent_default,
            max_width="420px",
        ),
        open=state.editing != "",
        on_open_change=state.note_open,
    )


def _row(row: rx.Var[CatalogRow]) -> rx.Component:
    edit: Any = ConsoleCatalogState.edit
    key = f"{row.kind} {row.slug}"
    is_top = row.group == ""
    shown = rx.el.div(
        rx.el.div(
            rx.el.span(
                row.name,
                style={
                    "font_weight": rx.cond(is_top, "700", "400"),
                    "color": rx.cond(row.is_hidden, tokens.QUIET, tokens.INK),
                    "overflow_wrap": "anywhere",
                },
            ),
            rx.cond(row.is_hidden, rx.el.span("已隐藏", class_name="x-tag x-tag-quiet")),
            rx.cond(row.is_added, rx.el.span("新增", class_name="x-tag")),
            style={"display": "flex", "flex": "1 1 200px", "align_items": "center", "gap": "8px", "min_width": "0"},
        ),
        rx.el.div(
            _move(row, "上移", "arrow-up", up=True),
            _move(row, "下移", "arrow-down", up=False),
            controls.secondary_button("改名", aria_label=f"改名 {row.name}", on_click=edit(key), style=_SMALL),
            _toggle(row),
            _remove(row),
            style={"display": "flex", "flex_wrap": "wrap", "gap": "6px"},
        ),
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": "8px"},
    )
    return rx.el.li(
        shown,
        rx.cond((row.kind == CATEGORY) & is_top, _adding(row)),
        key=key,
        style={
            "padding": rx.cond(is_top, "10px 0", "8px 0 8px 20px"),
            "border_top": rx.cond(is_top, f"1px solid {tokens.LINE}", "0"),
        },
    )


def _adding(group: rx.Var[CatalogRow]) -> rx.Component:
    edit: Any = ConsoleCatalogState.edit
    return rx.el.button(
        rx.icon("plus", size=16, aria_hidden="true"),
        "添加分类",
        type="button",
        aria_label=f"在 {group.name} 里添加分类",
        on_click=edit(f"add {group.slug}"),
        class_name="x-pill x-pill-bare",
    )


def _list(heading: str, hint: str, rows: rx.Var[list[CatalogRow]]) -> rx.Component:
    return controls.card(
        rx.el.h2(heading, style={"font_size": "18px", "margin": "0 0 4px"}),
        rx.el.p(hint, style={"color": tokens.QUIET, "font_size": "14px", "margin": "0 0 12px"}),
        rx.el.ul(
            rx.foreach(rows, _row), aria_label=heading, style={"list_style": "none", "margin": "0", "padding": "0"}
        ),
        padding="18px",
        margin_bottom="16px",
    )


def console_catalog() -> rx.Component:
    """The tabs of the home page, and what things are sorted into."""
    state = ConsoleCatalogState
    return console_page(
        "板块与分类",
        rx.cond(
            state.loaded,
            rx.fragment(
                _list("板块", "首页上面的标签。隐藏以后不再接受新活动，已有的内容仍能打开。", state.sections),
                _naming(),
                _list("分类", "隐藏的分类不能再选，里面已有的宝贝照常显示。", state.categories),
            ),
            rx.fragment(
                *[controls.skeleton(height="180px", border_radius=tokens.RADIUS, margin_bottom="16px") for _ in "12"]
            ),
        ),
    )
