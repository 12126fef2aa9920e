"""The filters of a search: beside the results on a desktop, in a sheet on a phone."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.models import Section
from xianyu.schemas.listings import CategoryGroup, CategoryName
from xianyu.schemas.search import Filter
from xianyu.services.conditions import CONDITIONS
from xianyu.services.search_filters import KINDS
from xianyu.states.catalog import CatalogState
from xianyu.states.search import SearchState

_EXAMPLE = "200 元以内的自行车，九成新"
_PILLS = {"display": "flex", "flex_wrap": "wrap", "gap": "8px"}


def _choose(name: str, value: Any) -> Any:
    return SearchState.choose(name, value)  # type: ignore[operator]  # a handler of a class is called to bind arguments


def _pill(label: Any, name: str, value: Any, *, chosen: rx.Var[bool], **props: Any) -> rx.Component:
    return rx.el.button(
        label,
        type="button",
        class_name="x-pill",
        aria_pressed=chosen,
        on_click=_choose(name, value),
        **props,
    )


def _group(title: str, *children: rx.Component) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, style={"font_size": "15px", "margin": "0 0 10px"}),
        *children,
        aria_label=title,
        style={"margin": "0 0 26px"},
    )


def _category(group: rx.Var[CategoryGroup]) -> rx.Component:
    return rx.fragment(
        rx.cond(
            (SearchState.group == "") | (SearchState.group == group.slug),
            _pill(group.name, "category", group.slug, chosen=SearchState.category == group.slug),
        ),
        rx.cond(SearchState.group == group.slug, rx.foreach(group.children, _child)),
        key=group.slug,
    )


def _child(category: rx.Var[CategoryName]) -> rx.Component:
    chosen = SearchState.category == category.slug
    return _pill(category.name, "category", category.slug, chosen=chosen, key=category.slug)


def _categories() -> rx.Component:
    back = rx.fragment(rx.icon("chevron-left", size=16, aria_hidden="true"), "全部分类")
    return _group(
        "分类",
        rx.el.div(
            rx.cond(SearchState.group != "", _pill(back, "category", "", chosen=SearchState.category == "")),
            rx.foreach(CatalogState.groups, _category),
            style=_PILLS,
        ),
    )


def _kinds() -> rx.Component:
    pills = [_pill(label, "kind", value, chosen=SearchState.kind == value) for value, label in KINDS]
    return _group("类型", rx.el.div(*pills, style=_PILLS))


def _conditions() -> rx.Component:
    pills = [
        _pill(label, "condition", value, chosen=SearchState.conditions.contains(value))
        for value, label in CONDITIONS.items()
    ]
    return _group("成色", rx.el.div(*pills, style=_PILLS))


def _bound(label: str, value: rx.Var[str], handler: Any) -> rx.Component:
    return rx.el.input(
        # The browser keeps what is typed; only other prices than those make another field.
        key=SearchState.prices.to_string(),
        default_value=value,
        on_change=handler.debounce(500),
        aria_label=label,
        aria_invalid=SearchState.price_error != "",
        aria_describedby="price-error",
        placeholder=label,
        input_mode="decimal",
        auto_complete="off",
        max_length=12,
        class_name="x-price-bound",
    )


def _prices() -> rx.Component:
    return _group(
        "价格（元）",
        rx.el.div(
            _bound("最低价", SearchState.min_text, SearchState.type_min),
            rx.el.span("–", aria_hidden="true", style={"color": tokens.QUIET}),
            _bound("最高价", SearchState.max_text, SearchState.type_max),
            style={"display": "flex", "align_items": "center", "gap": "8px"},
        ),
        rx.el.p(
            SearchState.price_error,
            id="price-error",
            role="alert",
            style={"color": tokens.DANGER, "font_size": "14px", "min_height": "22px", "margin": "4px 0 0"},
        ),
    )


def panel() -> rx.Component:
    """All filters of listings, one below the other; the results follow each change."""
    return rx.cond(
        (SearchState.section == Section.ACTIVITY.value) | (SearchState.section == Section.ANNOUNCEMENT.value),
        rx.el.p("活动和公告没有更多筛选。", style={"color": tokens.QUIET, "font_size": "14px", "margin": "0"}),
        rx.el.div(_categories(), _prices(), _kinds(), _conditions()),
    )


def sheet() -> rx.Component:
    """The button that brings the filters up from below, on a phone."""
    count = SearchState.filters.length()
    found = rx.cond(SearchState.is_more, f"{SearchState.count}+", SearchState.count.to_string())
    return rx.dialog.root(
        rx.dialog.trigger(
            rx.el.button(
                rx.icon("sliders-horizontal", size=17, aria_hidden="true"),
                "筛选",
                rx.cond(count > 0, rx.el.span(count.to_string(), class_name="x-filter-count")),
                type="button",
                class_name="x-pill x-on-phone",
            )
        ),
        rx.dialog.content(
            rx.el.div(
                rx.dialog.title("筛选", style={"font_size": "18px", "margin": "0"}),
                rx.dialog.close(
                    rx.el.button("✕", type="button", aria_label="关闭筛选", class_name="x-sheet-close"),
                ),
                class_name="x-sheet-head",
            ),
            rx.el.div(panel(), class_name="x-sheet-body"),
            rx.el.div(
                rx.dialog.close(controls.primary_button(f"看 {found} 件结果", style={"width": "100%"})),
                class_name="x-sheet-foot",
            ),
            class_name="x-sheet",
            aria_describedby="",
        ),
    )


def _chip(each: rx.Var[Filter]) -> rx.Component:
    return rx.el.button(
        each.label,
        rx.icon("x", size=15, aria_hidden="true"),
        type="button",
        aria_label=f"移除 {each.label}",
        on_click=SearchState.choose(each.name, ""),  # type: ignore[operator]  # as above
        class_name="x-pill x-filter",
        key=each.name,
    )


def _subscription() -> rx.Component:
    """Only listings can be waited for."""
    return rx.cond(
        # Where nothing was found, this is offered in the middle of the page.
        ((SearchState.section == "") | (SearchState.section == Section.TRADE.value)) & (SearchState.count > 0),
        rx.cond(
            SearchState.saved,
            rx.link(
                rx.icon("bell-ring", size=17, aria_hidden="true"),
                "已订阅",
                href=routes.SAVED_SEARCHES,
                underline="none",
                class_name="x-pill x-pill-quiet",
            ),
            rx.el.button(
                rx.icon("bell-plus", size=17, aria_hidden="true"),
                "订阅这个搜索",
                type="button",
                class_name="x-pill x-pill-quiet",
                disabled=controls.waits(SearchState.busy),
                on_click=SearchState.save,
            ),
        ),
    )


def _what_is_asked() -> rx.Component:
    return rx.fragment(
        rx.cond(
            SearchState.sentence != "",
            rx.el.span("理解为", style={"color": tokens.QUIET, "font_size": "14px"}),
        ),
        rx.cond(
            (SearchState.sentence != "") & (SearchState.words != ""),
            rx.el.span(f"“{SearchState.words}”", style={"font_weight": "600", "overflow_wrap": "anywhere"}),
        ),
        rx.foreach(SearchState.filters, _chip),
        rx.cond(
            SearchState.filters.length() > 1,
            rx.el.button("清空条件", type="button", class_name="x-pill x-pill-bare", on_click=SearchState.clear),
        ),
        _subscription(),
    )


def _example() -> rx.Component:
    """Where nothing is asked yet: that whole sentences can be."""
    return rx.fragment(
        rx.el.span("试试", style={"color": tokens.QUIET, "font_size": "14px"}),
        rx.link(_EXAMPLE, href=routes.search({"q": _EXAMPLE}), underline="none", class_name="x-pill"),
    )


def chips() -> rx.Component:
    """What restricts the search, each with its removal, and what was understood in a sentence.

    The row is there from the start, so that the results below it stay where they are.
    """
    is_asked = (SearchState.filters.length() > 0) | (SearchState.words != "")
    return rx.el.div(
        rx.cond(
            SearchState.loaded,
            rx.cond(is_asked, _what_is_asked(), _example()),
            controls.skeleton(width="150px", height=tokens.TARGET, border_radius="22px"),
        ),
        role="group",
        aria_label="搜索条件",
        style={**_PILLS, "align_items": "center", "min_height": tokens.TARGET, "margin_bottom": "14px"},
    )
