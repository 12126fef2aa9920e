"""收藏, 分享 and the counts on a listing's page, and the lists 我的收藏 and 足迹."""

from typing import Any

import reflex as rx

from xianyu.components import controls, lists, tokens
from xianyu.components.cards import GRID, card_skeleton, listing_card
from xianyu.components.react import day_break, share_button
from xianyu.models import ListingKind, ListingStatus
from xianyu.schemas.interest import Remembered
from xianyu.states.interest import InterestState
from xianyu.states.listing import ListingState


def favorite_button(**style: Any) -> rx.Component:
    """收藏, or 已收藏 where that was pressed. Not for one's own listing."""
    saved = InterestState.is_saved
    return controls.secondary_button(
        rx.icon("heart", size=20, aria_hidden="true"),
        rx.cond(saved, "已收藏", "收藏"),
        aria_pressed=rx.cond(saved, "true", "false"),
        on_click=InterestState.favor(~saved),  # type: ignore[operator]  # a handler of a class is called to bind arguments
        style={
            "&[aria-pressed=true]": {"border_color": tokens.PRICE, "color": tokens.PRICE},
            "&[aria-pressed=true] svg": {"fill": "currentColor"},
            **style,
        },
    )


def summary() -> rx.Component:
    """The counts, and 分享 beside them."""
    return rx.el.div(
        _counts(),
        _share(),
        style={
            "display": "flex",
            "align_items": "center",
            "justify_content": "space-between",
            "gap": "8px",
            # The button is as high as a finger needs it, and no further from its neighbours than text.
            "margin": "-10px 0",
        },
    )


def _share() -> rx.Component:
    """分享: passes on the address whose preview chats and crawlers can read."""
    return share_button(
        rx.icon("share-2", size=18, aria_hidden="true"),
        "分享",
        url=InterestState.share_url,
        title=ListingState.listing.title,
        class_name="x-quiet-button",
    )


def _counts() -> rx.Component:
    """How many people want the listing and saved it, and how often it was looked at."""
    shown = InterestState.counts
    return rx.el.p(
        f"{shown.wants} 人",
        # Who looks for a thing hears from those who have it.
        rx.cond(ListingState.listing.kind == ListingKind.WANTED.value, "有", "想要"),
        f" · {shown.favorites} 收藏 · {shown.views} 浏览",
        style={
            "margin": "0",
            "color": tokens.QUIET,
            "font_size": "14px",
            "font_variant_numeric": "tabular-nums",
        },
    )


def _gone(entry: rx.Var[Remembered]) -> rx.Component:
    """The place of a listing that is no more."""
    return rx.el.div(
        rx.icon("package-x", size=36, stroke_width=1.4, aria_hidden="true"),
        rx.el.span(entry.card.title, style={"font_size": "14px", "text_align": "center"}),
        style={
            "display": "flex",
            "flex_direction": "column",
            "align_items": "center",
            "justify_content": "center",
            "gap": "10px",
            "height": "100%",
            "min_height": "220px",
            "padding": "16px",
            "border": f"1px dashed {tokens.LINE}",
            "border_radius": tokens.RADIUS,
            "color": tokens.QUIET,
        },
    )


def _entry(entry: rx.Var[Remembered], icon: str, action: str, on_remove: Any) -> rx.Component:
    return rx.el.div(
        rx.cond(entry.card.status == ListingStatus.DELETED.value, _gone(entry), listing_card(entry.card)),
        rx.el.button(
            rx.icon(icon, size=18, aria_hidden="true"),
            type="button",
            aria_label=f"{action}：{entry.card.title}",
            title=action,
            on_click=on_remove(entry.card.id),
            class_name="x-card-button",
        ),
        key=entry.card.id.to_string(),
        style={"position": "relative", "min_width": "0"},
    )


def remembered_grid(
    state: Any, *, icon: str, action: str, on_remove: Any, empty: rx.Component, by_day: bool = False
) -> rx.Component:
    """Listings that a person comes back to, each with a button that takes it out.

    Args:
        state: A state with ``entries``, ``loaded``, ``has_more`` and ``load_more``.
        icon: The button's icon.
        action: What the button does, before the listing's title.
        on_remove: Its handler, which takes the listing's id.
        empty: What stands where there is nothing.
        by_day: Whether each day has a heading.
    """

    def shown(entry: rx.Var[Remembered]) -> rx.Component:
        card = _entry(entry, icon, action, on_remove)
        if not by_day:
            return card
        heading = day_break(at=entry.at, previous=entry.previous)
        return rx.fragment(heading, card, key=entry.card.id.to_string())

    skeletons = [card_skeleton() for _ in range(10)]
    return lists.growing(state, state.entries, shown, layout=GRID, skeletons=skeletons, empty=empty)
