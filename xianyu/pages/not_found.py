"""The page of every address that names nothing."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.layout import page


def not_found() -> rx.Component:
    """Says so, and leads home."""
    return page(
        rx.el.h1("这里什么也没有", class_name="x-visually-hidden"),
        controls.empty_state(
            "map-pin-off", "这个页面不存在，可能已经被移走了。", controls.primary_link("回首页看看", href=routes.HOME)
        ),
    )
