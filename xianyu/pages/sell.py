"""The pages at ``/sell`` and ``/listing/[listing_id]/edit``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.layout import page
from xianyu.components.listing_form import listing_form
from xianyu.components.publish_kinds import publish_kinds
from xianyu.components.react import fresh_form, time_ago
from xianyu.states.sell import SellState


def _framed(heading: str, form: rx.Component, on_open: rx.event.EventType, *above: rx.Component) -> rx.Component:
    return page(
        *above,
        controls.card(
            rx.el.h1(heading, style={"font_size": "24px", "margin": "0 0 20px"}),
            fresh_form(
                rx.cond(
                    SellState.missing == "",
                    form,
                    controls.empty_state(
                        "package-x", SellState.missing, controls.primary_link("回我的主页", href=routes.ME)
                    ),
                ),
                opened=SellState.opened,
                number=SellState.number,
                on_open=on_open,
            ),
        ),
        width=tokens.NARROW,
    )


def _draft() -> rx.Component:
    """What was begun some other time, and two ways to go on."""
    draft = SellState.draft
    return rx.el.section(
        rx.cond(
            draft.cover_url != "",
            rx.el.img(
                src=draft.cover_url,
                alt="",
                style={
                    "width": "56px",
                    "height": "56px",
                    "object_fit": "cover",
                    "border_radius": tokens.RADIUS_SMALL,
                    "flex": "none",
                },
            ),
        ),
        rx.el.div(
            rx.el.strong("继续上次没发完的内容？"),
            rx.el.div(
                rx.cond(draft.title == "", "还没有标题", draft.title),
                " · ",
                time_ago(draft.saved_at),
                style={"color": tokens.QUIET, "font_size": "14px", "overflow_wrap": "anywhere"},
            ),
            style={"flex": "1 1 200px", "min_width": "0"},
        ),
        rx.el.div(
            controls.primary_button("继续", on_click=SellState.resume),
            controls.secondary_button("丢弃", on_click=SellState.discard),
            style={"display": "flex", "gap": "10px"},
        ),
        aria_label="没发完的内容",
        style={
            "display": "flex",
            "flex_wrap": "wrap",
            "align_items": "center",
            "gap": "12px 14px",
            "padding": "14px 16px",
            "margin_bottom": "20px",
            "border_radius": tokens.RADIUS_SMALL,
            "background": tokens.TINT,
            # A page that was loaded anew stands where it was scrolled to.
            "position": "sticky",
            "top": "8px",
            "z_index": "5",
        },
    )


def sell() -> rx.Component:
    """Publish something."""
    form = listing_form("发布", "正在发布…", SellState.publish, on_keep=SellState.save_draft)
    return _framed(
        "发布宝贝",
        rx.fragment(rx.cond(SellState.draft.saved_at != "", _draft()), form),
        lambda name, _path, again: SellState.open_new(name, again),  # type: ignore[operator]  # Reflex makes events
        publish_kinds(routes.SELL),
    )


def edit() -> rx.Component:
    """Change something that is published."""
    return _framed("编辑宝贝", listing_form("保存", "正在保存…", SellState.save), SellState.open_edit)
