"""The pages at ``/sell`` and ``/listing/[listing_id]/edit``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.layout import page
from xianyu.components.listing_form import listing_form
from xianyu.states.sell import SellState


def _framed(heading: str, form: rx.Component) -> rx.Component:
    return page(
        controls.card(
            rx.el.h1(heading, style={"font_size": "24px", "margin": "0 0 20px"}),
            rx.cond(
                SellState.loaded,
                rx.cond(
                    SellState.missing == "",
                    form,
                    controls.empty_state(
                        "package-x", SellState.missing, controls.primary_link("回我的主页", href=routes.ME)
                    ),
                ),
                controls.skeleton(height="420px"),
            ),
        ),
        width=tokens.NARROW,
    )


def sell() -> rx.Component:
    """Publish something."""
    return _framed("发布闲置", listing_form("发布", "正在发布…", SellState.publish))


def edit() -> rx.Component:
    """Change something that is published."""
    return _framed("编辑宝贝", listing_form("保存", "正在保存…", SellState.save))
