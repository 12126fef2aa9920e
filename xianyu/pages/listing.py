"""The page at ``/listing/[listing_id]``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, interest, report, reviews, tokens
from xianyu.components.cards import GRID, cover_placeholder, listing_card
from xianyu.components.detail import BREAK, COLUMN, GROWING, WIDE, action_bar, person, text
from xianyu.components.layout import page
from xianyu.components.listing_facts import facts, held_line, own_actions, price_line, tag_links
from xianyu.components.offers import listing_offer
from xianyu.components.react import gallery
from xianyu.models import ListingKind, ListingStatus, ReportTarget
from xianyu.states.listing import ListingState
from xianyu.states.reviews import ListingReviewsState

# Four buttons share a phone's width.
_EVEN = {"flex": "1", "padding": "0 8px", "min_width": "0"}


def _seller() -> rx.Component:
    listing = ListingState.listing
    return person(
        listing.seller_name,
        listing.seller_avatar_url,
        reviews.rating_line(ListingReviewsState.seller, rx.el.span("看看 TA 的主页")),
        href=f"/user/{listing.seller_id}",
        size="48px",
    )


def _is_on_sale() -> Any:
    listing = ListingState.listing
    return (listing.status == ListingStatus.ACTIVE.value) & (listing.kind == ListingKind.OFFER.value)


def _want() -> rx.Component:
    inside = (
        rx.icon("message-circle-heart", size=20, aria_hidden="true", class_name="x-roomy-icon"),
        # Who looks for a thing hears from those who have it.
        rx.cond(ListingState.listing.kind == ListingKind.WANTED.value, "我有", "想要"),
    )
    return rx.cond(
        _is_on_sale(),
        controls.secondary_button(*inside, on_click=ListingState.want, style=_EVEN),
        controls.primary_button(*inside, on_click=ListingState.want, style=GROWING),
    )


def _buy() -> rx.Component:
    return rx.fragment(
        listing_offer(ListingState.listing.id, controls.secondary_button("出价", style=_EVEN)),
        controls.primary_button(
            "立即购买", on_click=rx.redirect(f"/listing/{ListingState.listing.id}/buy"), style={**_EVEN, "flex": "1.4"}
        ),
    )


def _actions() -> rx.Component:
    return action_bar(
        rx.cond(
            ListingState.listing.is_mine,
            own_actions(),
            rx.fragment(
                interest.favorite_button(flex="none", padding="0 12px"),
                _want(),
                rx.cond(_is_on_sale(), _buy()),
            ),
        )
    )


def _shown() -> rx.Component:
    listing = ListingState.listing
    return rx.el.article(
        rx.cond(
            (ListingState.photos.length() == 0) & (listing.video.id == 0),
            rx.el.div(
                cover_placeholder(listing.kind, 72),
                style={"aspect_ratio": "16 / 9", "border_radius": tokens.RADIUS, "overflow": "hidden"},
            ),
            gallery(photos=ListingState.photos, video=listing.video, alt=listing.title, key=listing.id.to_string()),
        ),
        rx.el.div(
            held_line(),
            price_line(),
            rx.el.h1(listing.title, style={"font_size": "22px", "line_height": "1.4", "margin": "0", **BREAK}),
            interest.summary(),
            facts(),
            _actions(),
            _seller(),
            text(listing.description),
            tag_links(),
            rx.cond(~listing.is_mine, report.quiet_button(ReportTarget.LISTING, listing.id)),
            style=COLUMN,
        ),
        rx.el.div(
            reviews.recent(ListingReviewsState, "买家评价", with_title=False),
            style={WIDE: {"grid_column": "1 / -1"}},
        ),
        style={
            "display": "grid",
            "grid_template_columns": "minmax(0, 1fr)",
            "gap": "24px",
            WIDE: {"grid_template_columns": "minmax(0, 1.1fr) minmax(0, 1fr)", "gap": "40px"},
        },
    )


def _skeleton() -> rx.Component:
    return rx.el.div(
        controls.skeleton(aspect_ratio="1", max_height="70dvh"),
        rx.el.div(
            controls.skeleton(height="36px", width="40%"),
            controls.skeleton(height="26px", margin_top="18px"),
            controls.skeleton(height="140px", margin_top="18px"),
        ),
        rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
        style={"display": "grid", "gap": "24px", WIDE: {"grid_template_columns": "1.1fr 1fr", "gap": "40px"}},
    )


def _gone() -> rx.Component:
    """Says that it is no more, and shows what is like it."""
    return rx.fragment(
        controls.empty_state("package-x", ListingState.missing, controls.primary_link("看看别的", href=routes.HOME)),
        rx.cond(
            ListingState.similar.length() > 0,
            rx.el.section(
                rx.el.h2("相似的宝贝", style={"font_size": "18px", "margin": "0 0 14px"}),
                rx.el.div(rx.foreach(ListingState.similar, listing_card), style=GRID),
            ),
        ),
    )


def listing() -> rx.Component:
    """Everything about one thing, and 想要."""
    return page(
        rx.cond(
            ListingState.loaded,
            rx.cond(
                ListingState.missing == "",
                _shown(),
                _gone(),
            ),
            _skeleton(),
        ),
        report.dialog(),
    )
