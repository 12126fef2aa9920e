"""Lists that grow as one scrolls down."""

from collections.abc import Callable, Sequence
from typing import Any

import reflex as rx

from xianyu.components import controls
from xianyu.components.react import sentinel


def growing(
    state: Any,
    items: rx.Var[Any],
    draw: Callable[[Any], rx.Component],
    *below: Any,
    layout: dict[str, Any],
    skeletons: Sequence[rx.Component],
    empty: rx.Component,
) -> rx.Component:
    """Items with what belongs to them: skeletons before, a sentence instead, more at the end.

    Args:
        state: A state with ``loaded``, ``has_more`` and ``load_more``.
        items: Its list of them.
        draw: Makes a component of one.
        below: What stands at the end.
        layout: How they stand beside and below each other.
        skeletons: What stands in their place while they load.
        empty: What stands where there is nothing.
    """
    return rx.cond(
        state.loaded,
        rx.cond(
            items.length() > 0,
            rx.el.div(rx.el.div(rx.foreach(items, draw), style=layout), end(state, items), *below),
            empty,
        ),
        rx.el.div(
            rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
            *skeletons,
            style=layout,
        ),
    )


def end(state: Any, items: rx.Var[Any]) -> rx.Component:
    """The end of a list, which asks for more when it comes near."""
    return sentinel(active=state.has_more, on_reach=state.load_more, key=items.length().to_string())


def more(state: Any) -> rx.Component:
    """加载更多, for those who do not scroll."""
    return rx.cond(
        state.has_more,
        rx.el.div(
            controls.secondary_button("加载更多", on_click=state.load_more),
            style={"display": "flex", "justify_content": "center", "padding": "20px"},
        ),
    )
