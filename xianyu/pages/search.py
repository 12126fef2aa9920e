"""The page at ``/search``."""

from typing import Any

import reflex as rx

from xianyu.components import search_filters, search_results
from xianyu.components.layout import page
from xianyu.services.search_filters import SORTS
from xianyu.states.catalog import CatalogState
from xianyu.states.search import SearchState


def _section(value: Any, label: Any, **props: Any) -> rx.Component:
    choose: Any = SearchState.choose
    return rx.el.button(
        label,
        type="button",
        aria_pressed=SearchState.section == value,
        on_click=choose("section", value),
        class_name="x-section",
        **props,
    )


def _sort() -> rx.Component:
    return rx.el.select(
        *[rx.el.option(label, value=value) for value, label in SORTS],
        value=SearchState.sort,
        on_change=SearchState.choose_sort,
        aria_label="排序",
        class_name="x-select x-sort",
    )


def search() -> rx.Component:
    """What was found, and the ways to find less or more."""
    return page(
        rx.el.h1(
            rx.cond(SearchState.words != "", f"搜索“{SearchState.words}”的结果", "搜索"),
            class_name="x-visually-hidden",
        ),
        rx.el.div(
            rx.el.div(
                _section("", "全部"),
                rx.foreach(CatalogState.sections, lambda each: _section(each.slug, each.name, key=each.slug)),
                role="group",
                aria_label="板块",
                class_name="x-sections",
            ),
            class_name="x-search-top",
        ),
        rx.el.div(
            rx.el.aside(search_filters.panel(), aria_label="筛选", class_name="x-search-aside"),
            rx.el.div(
                rx.el.div(
                    search_results.count(),
                    rx.el.div(_sort(), search_filters.sheet(), class_name="x-search-tools"),
                    class_name="x-search-bar",
                ),
                search_filters.chips(),
                search_results.results(),
                style={"min_width": "0"},
            ),
            class_name="x-search-columns",
        ),
    )
