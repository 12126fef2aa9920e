"""What a listing's page says of the thing, and what its seller can do with it there."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.cards import price, status_name, wanted_badge
from xianyu.components.confirm import confirm
from xianyu.components.detail import BREAK, EVEN, FACTS
from xianyu.components.react import time_ago
from xianyu.models import ListingKind, ListingStatus
from xianyu.schemas.listings import TagLink
from xianyu.states.listing import ListingState


def held_line() -> rx.Component:
    """Why nobody but its seller sees it, where that is so."""
    held = ListingState.listing.held
    return rx.cond(
        held != "",
        rx.el.p(
            rx.icon("shield-alert", size=18, aria_hidden="true", style={"flex": "none", "margin_top": "2px"}),
            rx.el.span(held, style={"min_width": "0"}),
            role="status",
            style={
                "display": "flex",
                "gap": "8px",
                "margin": "0",
                "padding": "12px 14px",
                "border_radius": tokens.RADIUS_SMALL,
                "background": tokens.TINT,
                "line_height": "1.5",
                **BREAK,
            },
        ),
    )


def price_line() -> rx.Component:
    """What it costs, or what somebody would pay; what it cost once; and whether that can be talked about."""
    listing = ListingState.listing
    return rx.el.div(
        rx.cond(
            listing.kind == ListingKind.WANTED.value,
            rx.fragment(wanted_badge(font_size="14px"), rx.el.span("预算", style={"color": tokens.QUIET})),
        ),
        price(listing.price, "32px"),
        rx.cond(
            listing.original_price != "",
            rx.el.span(
                rx.el.span("原价 ", class_name="x-visually-hidden"),
                rx.el.s(f"¥{listing.original_price}"),
                style={"color": tokens.QUIET, "font_size": "15px"},
            ),
        ),
        rx.cond(listing.is_negotiable, rx.el.span("可议价", class_name="x-tag", style={"font_size": "13px"})),
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "baseline", "gap": "4px 12px"},
    )


def facts() -> rx.Component:
    """Status, condition and the like, a line for each that is known."""
    listing = ListingState.listing
    active = listing.status == ListingStatus.ACTIVE.value
    on_offer = rx.cond(listing.kind == ListingKind.WANTED.value, "求购中", "在售")
    return rx.el.dl(
        *_fact("状态", rx.cond(active, on_offer, status_name(listing.status))),
        rx.cond(listing.condition != "", rx.fragment(*_fact("成色", listing.condition))),
        *_fact("数量", f"{listing.quantity} 件"),
        *_fact("分类", listing.category_name),
        rx.cond(listing.place != "", rx.fragment(*_fact("自提", listing.place))),
        *_fact("发布", time_ago(listing.published_at)),
        style=FACTS,
    )


def _fact(name: str, value: Any) -> tuple[rx.Component, rx.Component]:
    return rx.el.dt(name, style={"color": tokens.QUIET}), rx.el.dd(value, style={"margin": "0", **BREAK})


def tag_links() -> rx.Component:
    """The tags, each a search for others that bear it."""
    tags = ListingState.listing.tags
    return rx.cond(
        tags.length() > 0,
        rx.el.ul(
            rx.foreach(tags, _tag),
            aria_label="标签",
            style={
                "display": "flex",
                "flex_wrap": "wrap",
                "gap": "8px",
                "margin": "0",
                "padding": "0",
                "list_style": "none",
            },
        ),
    )


def _tag(tag: rx.Var[TagLink]) -> rx.Component:
    return rx.el.li(
        rx.link(
            f"# {tag.name}",
            href=tag.url,
            underline="none",
            style={
                "display": "inline-flex",
                "align_items": "center",
                "min_height": tokens.TARGET,
                "padding": "0 16px",
                "border_radius": "999px",
                "background": tokens.TINT,
                "color": tokens.INK,
                "font_size": "15px",
            },
        ),
        key=tag.name,
    )


def own_actions() -> rx.Component:
    """编辑 and what else its seller can do with it as it stands."""
    listing = ListingState.listing
    active = listing.status == ListingStatus.ACTIVE.value
    sold = rx.cond(listing.kind == ListingKind.WANTED.value, "已求到", "已售出")
    return rx.fragment(
        controls.primary_link("编辑", href=f"/listing/{listing.id}/edit", style=EVEN),
        rx.cond(active, controls.secondary_button("擦亮", on_click=ListingState.bump, style=EVEN)),
        rx.cond(active, controls.secondary_button("下架", on_click=ListingState.take_down, style=EVEN)),
        rx.cond(active, controls.secondary_button(sold, on_click=ListingState.mark_sold_out, style=EVEN)),
        rx.cond(
            listing.status == ListingStatus.TAKEN_DOWN.value,
            controls.secondary_button("上架", on_click=ListingState.relist, style=EVEN),
        ),
        confirm("删除", "删除这件宝贝？", "删除后其他人就看不到它了，也不能恢复。", ListingState.delete, style=EVEN),
    )
