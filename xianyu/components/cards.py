"""Listings as cards in a grid, and as a strip above a conversation."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.react import sentinel, time_ago
from xianyu.models import ListingStatus
from xianyu.schemas.listings import ListingCard

_ONE_LINE = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap"}
_GRID = {
    "display": "grid",
    "grid_template_columns": "repeat(2, minmax(0, 1fr))",
    "gap": "12px",
    "@media (min-width: 640px)": {"grid_template_columns": "repeat(3, minmax(0, 1fr))", "gap": "16px"},
    "@media (min-width: 900px)": {"grid_template_columns": "repeat(4, minmax(0, 1fr))"},
    "@media (min-width: 1140px)": {"grid_template_columns": "repeat(5, minmax(0, 1fr))"},
}


def status_name(status: rx.Var[str]) -> rx.Component:
    """What a listing that is not on offer is called."""
    return rx.match(
        status,
        (ListingStatus.SOLD_OUT.value, "已售出"),
        (ListingStatus.TAKEN_DOWN.value, "已下架"),
        (ListingStatus.DELETED.value, "已删除"),
        "",
    )


def price(amount: rx.Var[str], size: str = "19px") -> rx.Component:
    """An amount in the one red."""
    return rx.el.span(
        rx.el.span("¥", style={"font_size": "0.72em", "margin_right": "1px"}),
        amount,
        style={"color": tokens.PRICE, "font_weight": "700", "font_size": size, "font_variant_numeric": "tabular-nums"},
    )


def _cover(listing: rx.Var[ListingCard]) -> rx.Component:
    return rx.el.div(
        rx.el.img(
            src=listing.cover_url,
            alt="",
            loading="lazy",
            style={"width": "100%", "height": "100%", "object_fit": "cover"},
        ),
        rx.cond(
            listing.status != ListingStatus.ACTIVE.value,
            rx.el.span(
                status_name(listing.status),
                style={
                    "position": "absolute",
                    "inset": "0",
                    "display": "flex",
                    "align_items": "center",
                    "justify_content": "center",
                    "background": "rgb(25 20 5 / 58%)",
                    "color": "#fff",
                    "font_weight": "700",
                    "letter_spacing": "2px",
                },
            ),
        ),
        style={"position": "relative", "aspect_ratio": "1", "background": tokens.PLACEHOLDER, "overflow": "hidden"},
    )


def listing_card(listing: rx.Var[ListingCard]) -> rx.Component:
    """A listing in a grid. The link's name starts with the title, since the picture is silent."""
    return rx.link(
        _cover(listing),
        rx.el.div(
            rx.el.div(
                listing.title,
                style={
                    "display": "-webkit-box",
                    "-webkit-line-clamp": "2",
                    "-webkit-box-orient": "vertical",
                    "overflow": "hidden",
                    "font_size": "15px",
                    "line_height": "1.4",
                    "min_height": "2.8em",
                    "overflow_wrap": "anywhere",
                },
            ),
            rx.el.div(
                price(listing.price),
                rx.el.span(
                    f"{listing.quantity} 件", style={"color": tokens.QUIET, "font_size": "12px", "flex": "none"}
                ),
                style={"display": "flex", "align_items": "baseline", "justify_content": "space-between", "gap": "6px"},
            ),
            rx.el.div(
                rx.el.span(listing.seller_name, style=_ONE_LINE),
                rx.el.span(time_ago(listing.published_at), style={"flex": "none"}),
                style={
                    "display": "flex",
                    "justify_content": "space-between",
                    "gap": "8px",
                    "color": tokens.QUIET,
                    "font_size": "12px",
                },
            ),
            style={"padding": "10px 12px 12px", "display": "flex", "flex_direction": "column", "gap": "4px"},
        ),
        href=listing.url,
        underline="none",
        key=listing.id.to_string(),
        style={
            "display": "block",
            "background": tokens.SURFACE,
            "color": tokens.INK,
            "border_radius": tokens.RADIUS,
            "overflow": "hidden",
            "border": f"1px solid {tokens.LINE}",
            "transition": f"box-shadow {tokens.MOTION}",
            "_hover": {"box_shadow": tokens.SHADOW},
        },
    )


def _card_skeleton() -> rx.Component:
    return rx.el.div(
        controls.skeleton(aspect_ratio="1", border_radius=tokens.RADIUS),
        controls.skeleton(height="16px", margin_top="12px"),
        controls.skeleton(height="20px", width="45%", margin_top="10px"),
    )


def listing_grid(
    cards: rx.Var[list[ListingCard]],
    *,
    loaded: rx.Var[bool],
    has_more: rx.Var[bool],
    on_more: rx.event.EventType[()],
    empty: rx.Component,
) -> rx.Component:
    """Cards with what belongs to them: skeletons before, a sentence instead, more at the end."""
    return rx.cond(
        loaded,
        rx.cond(
            cards.length() > 0,
            rx.el.div(
                rx.el.div(rx.foreach(cards, listing_card), style=_GRID),
                sentinel(active=has_more, on_reach=on_more, key=cards.length().to_string()),
                rx.cond(
                    has_more,
                    rx.el.div(
                        controls.secondary_button("加载更多", on_click=on_more),
                        style={"display": "flex", "justify_content": "center", "padding": "20px"},
                    ),
                ),
            ),
            empty,
        ),
        rx.el.div(
            rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
            *[_card_skeleton() for _ in range(10)],
            style=_GRID,
        ),
    )


def listing_strip(listing: rx.Var[ListingCard]) -> rx.Component:
    """A listing in one line, above the conversation about it."""
    return rx.link(
        rx.el.img(
            src=listing.cover_url,
            alt="",
            style={"width": "48px", "height": "48px", "object_fit": "cover", "border_radius": tokens.RADIUS_SMALL},
        ),
        rx.el.span(
            rx.el.span(listing.title, style={"display": "block", "font_size": "15px", **_ONE_LINE}),
            rx.el.span(
                price(listing.price, "16px"),
                rx.el.span(status_name(listing.status), style={"color": tokens.QUIET, "font_size": "13px"}),
                style={"display": "flex", "gap": "10px", "align_items": "baseline"},
            ),
            style={"flex": "1", "min_width": "0"},
        ),
        rx.icon("chevron-right", size=18, color=tokens.QUIET, aria_hidden="true"),
        href=rx.cond(listing.url == "", routes.HOME, listing.url),
        underline="none",
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "12px",
            "padding": "8px 16px",
            "background": tokens.SURFACE,
            "border_bottom": f"1px solid {tokens.LINE}",
            "color": tokens.INK,
            "flex": "none",
        },
    )
