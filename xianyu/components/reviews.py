"""Reviews wherever they are read: the stars, what many come to, and a card for each."""

from typing import Any

import reflex as rx

from xianyu.components import controls, report, tokens
from xianyu.components.detail import BREAK
from xianyu.components.react import time_ago
from xianyu.models import ReportTarget
from xianyu.schemas.listings import PhotoView
from xianyu.schemas.reviews import Rating, ReviewView, StarCount

_MOST = 5
_QUIET = {"color": tokens.QUIET, "font_size": "14px"}
LIST = {
    "display": "grid",
    "grid_template_columns": "repeat(auto-fill, minmax(min(100%, 340px), 1fr))",
    "gap": "12px",
    "margin": "0",
    "padding": "0",
    "list_style": "none",
}


def star(*, size: int = 16) -> rx.Component:
    """One star, silent: what it counts stands beside it in words."""
    return rx.icon("star", size=size, aria_hidden="true", class_name="x-star x-star-on")


def stars(count: Any, *, size: int = 16) -> rx.Component:
    """So many of five stars, read out as “4 星”."""
    return rx.el.span(
        *[
            rx.icon(
                "star",
                size=size,
                aria_hidden="true",
                class_name=rx.cond(count >= number, "x-star x-star-on", "x-star"),
            )
            for number in range(1, _MOST + 1)
        ],
        role="img",
        aria_label=f"{count} 星",
        class_name="x-stars",
    )


def rating_line(rating: rx.Var[Rating], otherwise: Any) -> rx.Component:
    """The average and the count in one line, or something else where there are none."""
    return rx.cond(
        rating.count > 0,
        rx.el.span(
            star(size=15),
            rx.el.strong(rating.average, style={"color": tokens.INK}),
            rx.el.span(f"· {rating.count} 条评价"),
            class_name="x-rating-line",
        ),
        otherwise,
    )


def _bar(bar: rx.Var[StarCount]) -> rx.Component:
    return rx.el.li(
        rx.el.span(f"{bar.stars} 星", style={"flex": "none"}),
        rx.el.span(
            rx.el.span(style={"width": f"{bar.percent}%"}),
            aria_hidden="true",
            class_name="x-rating-bar",
        ),
        rx.el.span(f"{bar.count} 条", class_name="x-rating-count"),
        key=bar.stars.to_string(),
    )


def summary(rating: rx.Var[Rating]) -> rx.Component:
    """The average, large, beside how the stars are spread."""
    return rx.el.div(
        rx.el.div(
            rx.el.span(rating.average, aria_hidden="true", style={"font_size": "40px", "line_height": "1.1"}),
            rx.el.span(f"平均 {rating.average} 星", class_name="x-visually-hidden"),
            rx.el.span(f"{rating.count} 条评价", style=_QUIET),
            style={"display": "flex", "flex_direction": "column", "align_items": "center", "flex": "none"},
        ),
        rx.el.ul(rx.foreach(rating.bars, _bar), aria_label="各星级的评价数", class_name="x-rating-bars"),
        class_name="x-rating",
    )


def _photo(photo: rx.Var[PhotoView], index: Any) -> rx.Component:
    return rx.el.a(
        rx.el.img(src=photo.thumb_url, alt=f"评价的第 {index + 1} 张照片", loading="lazy"),
        href=photo.url,
        target="_blank",
        key=photo.id.to_string(),
    )


def _author(review: rx.Var[ReviewView]) -> rx.Component:
    name = rx.el.span(review.author_name, style={"font_weight": "600", **BREAK})
    return rx.el.div(
        controls.avatar(review.author_name, review.author_avatar_url, "36px"),
        rx.el.div(
            rx.cond(
                review.author_url != "",
                rx.link(name, href=review.author_url, underline="hover", class_name="x-review-author"),
                name,
            ),
            rx.el.div(review.role_label, " · ", time_ago(review.at, "date"), style={**_QUIET, "font_size": "13px"}),
            style={"flex": "1", "min_width": "0"},
        ),
        rx.cond(review.label != "", rx.el.span(review.label, class_name="x-review-label")),
        style={"display": "flex", "align_items": "center", "gap": "10px"},
    )


def _reply(review: rx.Var[ReviewView]) -> rx.Component:
    return rx.cond(
        review.replied_at != "",
        rx.el.div(
            rx.el.span(
                review.subject_name,
                " 回复 · ",
                time_ago(review.replied_at, "date"),
                style={**_QUIET, "font_size": "13px"},
            ),
            rx.el.p(review.reply, class_name="x-review-text"),
            class_name="x-review-reply",
        ),
    )


def review_card(review: rx.Var[ReviewView], *actions: Any, with_title: bool = True) -> rx.Component:
    """One review with its pictures and its answer.

    Args:
        review: The review.
        actions: What whoever looks can do about it; they stand in a row at its end.
        with_title: Whether it names what was traded.
    """
    return rx.el.li(
        _author(review),
        stars(review.stars),
        rx.cond(review.text != "", rx.el.p(review.text, class_name="x-review-text")),
        rx.cond(review.photos.length() > 0, rx.el.div(rx.foreach(review.photos, _photo), class_name="x-review-photos")),
        rx.el.div(f"交易：{review.title}", style={**_QUIET, "font_size": "13px", **BREAK}) if with_title else None,
        _reply(review),
        rx.el.div(*actions, class_name="x-review-actions") if actions else None,
        key=review.id.to_string(),
        class_name="x-review",
    )


def _to_reply(review: rx.Var[ReviewView]) -> rx.Component:
    """The subject answers on the page of the order."""
    return rx.cond(
        review.can_reply,
        rx.link("去回复", href=review.order_url, underline="none", class_name="x-quiet-button"),
    )


def report_button(review: rx.Var[ReviewView]) -> rx.Component:
    """Somebody else's review can be reported, on pages that have the dialog."""
    button = report.quiet_button(ReportTarget.REVIEW, review.id, aria_label="举报这条评价")
    return rx.cond(review.is_mine, rx.fragment(), button)


def recent(state: Any, heading: str, *, with_title: bool = True, otherwise: Any = None) -> rx.Component:
    """What many reviews come to, the newest, and more of them on demand.

    Args:
        state: A ``states.reviews.ReviewList``.
        heading: What they are called.
        with_title: Whether each names what was traded.
        otherwise: What stands there while there are none, beside the heading; without it, nothing does.
    """
    shown = rx.fragment(
        summary(state.rating),
        rx.el.ul(
            rx.foreach(
                state.reviews,
                lambda review: review_card(review, _to_reply(review), report_button(review), with_title=with_title),
            ),
            aria_label=heading,
            style=LIST,
        ),
        rx.cond(
            state.has_more,
            rx.el.div(
                controls.secondary_button("加载更多评价", on_click=state.load_more),
                style={"display": "flex", "justify_content": "center", "padding": "16px 0 0"},
            ),
        ),
    )
    title = rx.el.h2(heading, style={"font_size": "18px", "margin": "0 0 12px"})
    style = {"margin_bottom": "28px"}
    filled = rx.el.section(title, shown, aria_label=heading, style=style)
    empty = rx.el.section(title, otherwise, aria_label=heading, style=style) if otherwise is not None else rx.fragment()
    return rx.cond(state.loaded, rx.cond(state.rating.count > 0, filled, empty))
