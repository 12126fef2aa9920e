"""Listings as cards in a grid, and as a strip above a conversation."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, lists, tokens
from xianyu.components.react import time_ago
from xianyu.models import ListingKind, ListingStatus
from xianyu.schemas.listings import ListingCard
from xianyu.services.listing_screening import REJECTED

# How a price of nothing is written by ``format_price``.
FREE = "0.00"

_ONE_LINE = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap"}
# Cards side by side: two on a phone, up to five on a desktop.
GRID = {
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
        (ListingStatus.SUSPENDED.value, "已下架"),
        (ListingStatus.HELD.value, "审核中"),
        (REJECTED, "未通过审核"),
        (ListingStatus.DELETED.value, "已删除"),
        "",
    )


def price(amount: rx.Var[str], size: str = "19px") -> rx.Component:
    """An amount in the one red; nothing to pay is called 免费送."""
    return rx.el.span(
        rx.cond(
            amount == FREE,
            "免费送",
            rx.fragment(rx.el.span("¥", style={"font_size": "0.72em", "margin_right": "1px"}), amount),
        ),
        style={"color": tokens.PRICE, "font_weight": "700", "font_size": size, "font_variant_numeric": "tabular-nums"},
    )


def cover_placeholder(kind: rx.Var[str], size: int = 40) -> rx.Component:
    """What stands where there is no picture: most often something wanted, which nobody has to show yet."""
    return rx.el.span(
        rx.cond(
            kind == ListingKind.WANTED.value,
            rx.icon("hand-heart", size=size, stroke_width=1.4),
            rx.icon("package", size=size, stroke_width=1.4),
        ),
        aria_hidden="true",
        style={
            "display": "flex",
            "align_items": "center",
            "justify_content": "center",
            "width": "100%",
            "height": "100%",
            "background": tokens.TINT,
            "color": tokens.QUIET,
        },
    )


def wanted_badge(**style: Any) -> rx.Component:
    """Says that somebody looks for a thing rather than has it."""
    return rx.el.span(
        "求购",
        style={
            "padding": "2px 10px",
            "border_radius": "10px",
            "background": tokens.PRIMARY,
            "color": tokens.ON_PRIMARY,
            "font_size": "12px",
            "font_weight": "600",
            **style,
        },
    )


# Where it covers least of the thing, and off what else is drawn over the picture.
_PLAY_MARK = rx.el.span(
    rx.icon("play", size=14, fill="currentColor"),
    class_name="x-in-motion",
    style={
        "position": "absolute",
        "right": "8px",
        "bottom": "8px",
        "display": "flex",
        "padding": "6px",
        "border_radius": "50%",
        "background": "rgb(25 20 5 / 58%)",
        "color": "#fff",
    },
)


def _cover(listing: rx.Var[ListingCard]) -> rx.Component:
    return rx.el.div(
        rx.cond(
            listing.cover_url == "",
            cover_placeholder(listing.kind),
            rx.el.img(
                src=listing.cover_url,
                alt="",
                loading="lazy",
                style={"width": "100%", "height": "100%", "object_fit": "cover"},
            ),
        ),
        rx.cond(
            listing.kind == ListingKind.WANTED.value,
            wanted_badge(position="absolute", top="8px", left="8px"),
        ),
        rx.cond(listing.has_video, _PLAY_MARK),
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
        # The link's name starts with the title; what is drawn here is said after it.
        aria_hidden="true",
        style={"position": "relative", "aspect_ratio": "1", "background": tokens.PLACEHOLDER, "overflow": "hidden"},
    )


def _said(listing: rx.Var[ListingCard]) -> rx.Component:
    """What the picture shows of kind and status, for those who do not see it."""
    return rx.el.span(
        rx.cond(listing.kind == ListingKind.WANTED.value, " 求购 ", " "),
        rx.cond(listing.has_video, "有视频 ", ""),
        status_name(listing.status),
        class_name="x-visually-hidden",
    )


def _price_line(listing: rx.Var[ListingCard]) -> rx.Component:
    return rx.el.div(
        rx.el.span(
            rx.cond(
                listing.kind == ListingKind.WANTED.value,
                rx.el.span("预算 ", style={"color": tokens.QUIET, "font_size": "12px"}),
            ),
            price(listing.price),
            style={"white_space": "nowrap"},
        ),
        rx.el.span(
            listing.condition,
            rx.cond((listing.condition != "") & (listing.quantity != 1), " · ", ""),
            rx.cond(listing.quantity == 1, "", f"{listing.quantity} 件"),
            style={"color": tokens.QUIET, "font_size": "12px", **_ONE_LINE},
        ),
        style={"display": "flex", "align_items": "baseline", "justify_content": "space-between", "gap": "6px"},
    )


def listing_card(listing: rx.Var[ListingCard]) -> rx.Component:
    """A listing in a grid. The link's name starts with the title, since the picture is silent."""
    return titled_card(listing, listing.title)


def titled_card(listing: rx.Var[ListingCard], title: rx.Component | rx.Var[str]) -> rx.Component:
    """The same with the title drawn in another way, such as with what was searched for marked."""
    return rx.link(
        _cover(listing),
        rx.el.div(
            rx.el.div(
                title,
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
            _said(listing),
            _price_line(listing),
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


def card_skeleton() -> rx.Component:
    """The place of a card that is on its way."""
    return rx.el.div(
        controls.skeleton(aspect_ratio="1", border_radius=tokens.RADIUS),
        controls.skeleton(height="16px", margin_top="12px"),
        controls.skeleton(height="20px", width="45%", margin_top="10px"),
    )


def listing_grid(state: Any, empty: rx.Component) -> rx.Component:
    """The listings of ``state``, which has ``cards`` beside what a growing list needs."""
    skeletons = [card_skeleton() for _ in range(10)]
    return lists.growing(
        state, state.cards, listing_card, lists.more(state), layout=GRID, skeletons=skeletons, empty=empty
    )


def listing_strip(listing: rx.Var[ListingCard]) -> rx.Component:
    """A listing in one line, above the conversation about it."""
    return rx.link(
        rx.el.span(
            rx.cond(
                listing.cover_url == "",
                cover_placeholder(listing.kind, 22),
                rx.el.img(
                    src=listing.cover_url, alt="", style={"width": "100%", "height": "100%", "object_fit": "cover"}
                ),
            ),
            style={
                "width": "48px",
                "height": "48px",
                "flex": "none",
                "overflow": "hidden",
                "border_radius": tokens.RADIUS_SMALL,
            },
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
            "padding": "8px 0",
            "color": tokens.INK,
            "flex": "1",
            "min_width": "0",
        },
    )
