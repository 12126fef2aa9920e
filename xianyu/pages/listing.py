"""The page at ``/listing/[listing_id]``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.cards import price, status_name
from xianyu.components.layout import page
from xianyu.components.react import gallery, time_ago
from xianyu.models import ListingStatus
from xianyu.states.listing import ListingState

_WIDE = "@media (min-width: 900px)"
# Several actions share a phone's width evenly and stand in a row of their own width elsewhere.
_EVEN = {"flex": "1", "padding": "0 6px", _WIDE: {"flex": "none", "padding": "0 20px"}}


def _seller() -> rx.Component:
    listing = ListingState.listing
    return rx.link(
        controls.avatar(listing.seller_name, listing.seller_avatar_url, "48px"),
        rx.el.span(
            rx.el.span(listing.seller_name, style={"font_weight": "600", "display": "block"}),
            rx.el.span("看看 TA 的主页", style={"color": tokens.QUIET, "font_size": "14px"}),
            style={"flex": "1", "min_width": "0", "overflow": "hidden"},
        ),
        rx.icon("chevron-right", size=20, color=tokens.QUIET, aria_hidden="true"),
        href=f"/user/{listing.seller_id}",
        underline="none",
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "12px",
            "padding": "12px 16px",
            "border_radius": tokens.RADIUS,
            "border": f"1px solid {tokens.LINE}",
            "background": tokens.SURFACE,
            "color": tokens.INK,
        },
    )


def _facts() -> rx.Component:
    listing = ListingState.listing
    on_offer = listing.status == ListingStatus.ACTIVE.value
    return rx.el.dl(
        *_fact("状态", rx.cond(on_offer, "在售", status_name(listing.status))),
        *_fact("数量", f"{listing.quantity} 件"),
        *_fact("分类", listing.category_name),
        *_fact("发布", time_ago(listing.published_at)),
        style={
            "display": "grid",
            "grid_template_columns": "auto 1fr",
            "gap": "6px 20px",
            "margin": "0",
            "font_size": "15px",
        },
    )


def _fact(name: str, value: rx.Component | rx.Var[str] | str) -> tuple[rx.Component, rx.Component]:
    return rx.el.dt(name, style={"color": tokens.QUIET}), rx.el.dd(value, style={"margin": "0"})


def _delete_dialog() -> rx.Component:
    return rx.alert_dialog.root(
        rx.alert_dialog.trigger(controls.secondary_button("删除", style={"color": tokens.DANGER, **_EVEN})),
        rx.alert_dialog.content(
            rx.alert_dialog.title("删除这件宝贝？"),
            rx.alert_dialog.description("删除后其他人就看不到它了，也不能恢复。"),
            rx.el.div(
                rx.alert_dialog.cancel(controls.secondary_button("再想想")),
                rx.alert_dialog.action(controls.primary_button("删除", on_click=ListingState.delete)),
                style={"display": "flex", "gap": "12px", "justify_content": "flex-end", "margin_top": "20px"},
            ),
            max_width="420px",
        ),
    )


def _own_actions() -> rx.Component:
    status = ListingState.listing.status
    active = status == ListingStatus.ACTIVE.value
    return rx.fragment(
        controls.primary_link("编辑", href=f"/listing/{ListingState.listing.id}/edit", style=_EVEN),
        rx.cond(active, controls.secondary_button("下架", on_click=ListingState.take_down, style=_EVEN)),
        rx.cond(active, controls.secondary_button("已售出", on_click=ListingState.mark_sold_out, style=_EVEN)),
        rx.cond(
            status == ListingStatus.TAKEN_DOWN.value,
            controls.secondary_button("上架", on_click=ListingState.relist, style=_EVEN),
        ),
        _delete_dialog(),
    )


def _actions() -> rx.Component:
    return rx.el.div(
        rx.cond(
            ListingState.listing.is_mine,
            _own_actions(),
            controls.primary_button(
                rx.icon("message-circle-heart", size=20, aria_hidden="true"),
                "想要",
                on_click=ListingState.want,
                style={"flex": "1", _WIDE: {"max_width": "320px"}},
            ),
        ),
        style={
            "display": "flex",
            "gap": "8px",
            # On a phone what can be done stays within the thumb's reach while the page scrolls.
            "position": "sticky",
            "bottom": "0",
            "z_index": "5",
            "margin": "0 -16px",
            "padding": "10px 16px",
            "background": tokens.PAGE,
            "border_top": f"1px solid {tokens.LINE}",
            _WIDE: {"position": "static", "margin": "0", "padding": "0", "border": "0", "flex_wrap": "wrap"},
        },
    )


def _shown() -> rx.Component:
    listing = ListingState.listing
    return rx.el.article(
        gallery(photos=ListingState.photos, alt=listing.title, key=listing.id.to_string()),
        rx.el.div(
            rx.el.div(price(listing.price, "32px")),
            rx.el.h1(listing.title, style={"font_size": "22px", "line_height": "1.4", "margin": "0", **_BREAK}),
            _facts(),
            _actions(),
            _seller(),
            rx.el.p(
                listing.description,
                style={"white_space": "pre-wrap", "margin": "0", "font_size": "16px", "line_height": "1.75", **_BREAK},
            ),
            style={"display": "flex", "flex_direction": "column", "gap": "18px", "min_width": "0"},
        ),
        style={
            "display": "grid",
            "grid_template_columns": "minmax(0, 1fr)",
            "gap": "24px",
            _WIDE: {"grid_template_columns": "minmax(0, 1.1fr) minmax(0, 1fr)", "gap": "40px"},
        },
    )


_BREAK = {"overflow_wrap": "anywhere"}


def _skeleton() -> rx.Component:
    return rx.el.div(
        controls.skeleton(aspect_ratio="1", max_height="70dvh"),
        rx.el.div(
            controls.skeleton(height="36px", width="40%"),
            controls.skeleton(height="26px", margin_top="18px"),
            controls.skeleton(height="140px", margin_top="18px"),
        ),
        rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
        style={"display": "grid", "gap": "24px", _WIDE: {"grid_template_columns": "1.1fr 1fr", "gap": "40px"}},
    )


def listing() -> rx.Component:
    """Everything about one thing, and 想要."""
    return page(
        rx.cond(
            ListingState.loaded,
            rx.cond(
                ListingState.missing == "",
                _shown(),
                controls.empty_state(
                    "package-x", ListingState.missing, controls.primary_link("看看别的", href=routes.HOME)
                ),
            ),
            _skeleton(),
        ),
    )
