"""My own listings: by status, searched within, and changed one by one or several at once."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, lists, tokens
from xianyu.components.cards import GRID, card_skeleton, listing_card
from xianyu.components.detail import STICKY
from xianyu.models import ListingStatus
from xianyu.schemas.listings import ListingCard
from xianyu.services.listing_pages import LONGEST_WORDS
from xianyu.states.my_listings import MeState

_TABS = (
    ("在售", ListingStatus.ACTIVE.value),
    ("已下架", ListingStatus.TAKEN_DOWN.value),
    ("已售出", ListingStatus.SOLD_OUT.value),
)
_ACTION = {
    "flex": "1",
    "display": "inline-flex",
    "align_items": "center",
    "justify_content": "center",
    "min_height": tokens.TARGET,
    "padding": "0 4px",
    "border": "0",
    "background": "none",
    "color": tokens.INK,
    "font": "inherit",
    "font_size": "14px",
    "white_space": "nowrap",
    "border_radius": tokens.RADIUS_SMALL,
    "cursor": "pointer",
    "_hover": {"background": tokens.TINT},
}


def _tab(label: str, status: str) -> rx.Component:
    chosen = MeState.status == status
    return rx.el.button(
        label,
        " ",
        rx.el.span(MeState.counts.get(status, 0).to_string(), style={"font_variant_numeric": "tabular-nums"}),
        type="button",
        role="tab",
        aria_selected=chosen,
        on_click=MeState.choose(status),  # type: ignore[operator]  # a handler of a class is called to bind arguments
        style={
            "min_height": tokens.TARGET,
            "padding": "0 16px",
            "border": "0",
            "border_bottom": "3px solid transparent",
            "background": "none",
            "color": tokens.QUIET,
            "font": "inherit",
            "cursor": "pointer",
            "white_space": "nowrap",
            "&[aria-selected=true]": {
                "color": tokens.INK,
                "font_weight": "700",
                "border_bottom_color": tokens.PRIMARY,
            },
        },
    )


def _tabs() -> rx.Component:
    return rx.el.div(
        *[_tab(*tab) for tab in _TABS],
        role="tablist",
        aria_label="我的宝贝",
        style={"display": "flex", "border_bottom": f"1px solid {tokens.LINE}", "margin_bottom": "16px"},
    )


def _tools() -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="text",
            aria_label="在我的宝贝里找",
            placeholder="在我的宝贝里找",
            max_length=LONGEST_WORDS,
            on_change=MeState.look_for.debounce(250),
            style={**controls.INPUT, "flex": "0 1 400px", "width": "auto", "min_width": "0"},
        ),
        controls.secondary_button(
            rx.cond(MeState.choosing, "完成", "批量管理"), on_click=MeState.start_choosing, style={"flex": "none"}
        ),
        style={"display": "flex", "justify_content": "space-between", "gap": "12px", "margin_bottom": "16px"},
    )


def _several() -> rx.Component:
    """What can be done with those that are chosen; within the thumb's reach while the page scrolls."""
    nothing = MeState.chosen.length() == 0
    on_offer = MeState.status == ListingStatus.ACTIVE.value
    return rx.el.div(
        rx.el.span(f"已选 {MeState.chosen.length()} 件", role="status", style={"flex": "1", "white_space": "nowrap"}),
        controls.secondary_button("全选", on_click=MeState.choose_all),
        rx.cond(
            on_offer,
            controls.primary_button("下架", on_click=MeState.take_down_chosen, disabled=nothing),
            controls.primary_button("上架", on_click=MeState.relist_chosen, disabled=nothing),
        ),
        role="group",
        aria_label="批量管理",
        style={**STICKY, "gap": "10px", "margin": "16px -16px 0"},
    )


def _report() -> rx.Component:
    return rx.cond(
        MeState.report != "",
        rx.el.p(
            MeState.report,
            role="status",
            style={
                "margin": "0 0 16px",
                "padding": "12px 16px",
                "border_radius": tokens.RADIUS_SMALL,
                "background": tokens.TINT,
                "overflow_wrap": "anywhere",
            },
        ),
    )


def _action(label: str, listing: rx.Var[ListingCard], handler: Any) -> rx.Component:
    return rx.el.button(
        label,
        rx.el.span(listing.title, class_name="x-visually-hidden"),
        type="button",
        on_click=handler(listing.id),
        style=_ACTION,
    )


def _actions(listing: rx.Var[ListingCard]) -> rx.Component:
    edit = rx.el.a(
        "编辑",
        rx.el.span(listing.title, class_name="x-visually-hidden"),
        href=f"/listing/{listing.id}/edit",
        style=_ACTION,
    )
    return rx.el.div(
        edit,
        rx.match(
            listing.status,
            (
                ListingStatus.ACTIVE.value,
                rx.fragment(
                    _action("下架", listing, MeState.take_down),
                    _action("擦亮", listing, MeState.bump),
                ),
            ),
            (ListingStatus.TAKEN_DOWN.value, _action("上架", listing, MeState.relist)),
            rx.fragment(),
        ),
        style={"display": "flex", "gap": "2px", "padding_top": "2px"},
    )


def _choice(listing: rx.Var[ListingCard]) -> rx.Component:
    """Covers the whole card: a press anywhere on it chooses."""
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            aria_label=listing.title,
            # The browser's own, so that it changes at once; chosen anew with all others it is another one.
            default_checked=MeState.chosen.contains(listing.id),
            key=MeState.choice.to_string(),
            on_change=lambda _: MeState.toggle(listing.id),  # type: ignore[operator]  # as above
            style={"width": "24px", "height": "24px", "margin": "0", "accent_color": tokens.PRIMARY_HOVER},
        ),
        style={
            "position": "absolute",
            "inset": "0",
            "padding": "10px",
            "border_radius": tokens.RADIUS,
            "cursor": "pointer",
            "&:has(:checked)": {"box_shadow": f"inset 0 0 0 3px {tokens.PRIMARY_HOVER}"},
        },
    )


def _card(listing: rx.Var[ListingCard]) -> rx.Component:
    return rx.el.div(
        rx.el.div(listing_card(listing), rx.cond(MeState.choosing, _choice(listing)), style={"position": "relative"}),
        rx.cond(MeState.choosing, rx.fragment(), _actions(listing)),
        key=listing.id.to_string(),
        style={"min_width": "0"},
    )


def _empty() -> rx.Component:
    return rx.cond(
        MeState.words == "",
        controls.empty_state("package-open", "这里还没有宝贝。", controls.primary_link("发布闲置", href=routes.SELL)),
        controls.empty_state("search-x", "没有标题里带这些字的宝贝，换个词试试。"),
    )


def my_listings() -> rx.Component:
    """Tabs with counts, a search within, the cards, and what can be done with them."""
    return rx.fragment(
        _tabs(),
        _tools(),
        _report(),
        lists.growing(
            MeState,
            MeState.cards,
            _card,
            rx.cond(MeState.choosing, _several()),
            layout=GRID,
            skeletons=[card_skeleton() for _ in range(10)],
            empty=_empty(),
        ),
    )
