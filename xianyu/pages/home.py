"""The page at ``/``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.cards import listing_grid
from xianyu.components.layout import page
from xianyu.schemas.listings import Category
from xianyu.services.categories import categories
from xianyu.states.feed import FeedState


def _category_link(category: Category) -> rx.Component:
    href = f"{routes.HOME}?category={category.slug}" if category.slug else routes.HOME
    return rx.link(
        rx.icon(category.icon, size=18, stroke_width=1.8, aria_hidden="true"),
        category.name,
        href=href,
        underline="none",
        aria_current=rx.cond(FeedState.category == category.slug, "true", "false"),
        style={
            "display": "inline-flex",
            "align_items": "center",
            "gap": "6px",
            "min_height": tokens.TARGET,
            "padding": "0 14px",
            "border_radius": "999px",
            "border": f"1px solid {tokens.LINE}",
            "background": tokens.SURFACE,
            "color": tokens.INK,
            "font_size": "15px",
            "white_space": "nowrap",
            "flex": "none",
            "_hover": {"background": tokens.TINT},
            "&[aria-current=true]": {
                "background": tokens.PRIMARY,
                "border_color": "transparent",
                "color": tokens.ON_PRIMARY,
                "font_weight": "600",
                # On a phone the row scrolls; the chosen one stands where it can be seen.
                "@media (max-width: 767px)": {"order": "-1"},
            },
        },
    )


def _categories() -> rx.Component:
    everything = Category(slug="", name="全部", icon="layout-grid")
    return rx.el.nav(
        *[_category_link(category) for category in (everything, *categories())],
        aria_label="分类",
        class_name="x-chips",
    )


def _new_listings() -> rx.Component:
    return rx.cond(
        FeedState.has_new,
        rx.el.div(
            controls.primary_button(
                rx.icon("arrow-up", size=18, aria_hidden="true"), "有新发布", on_click=FeedState.show_new
            ),
            role="status",
            style={
                "display": "flex",
                "justify_content": "center",
                "position": "sticky",
                "top": "8px",
                "z_index": "10",
                "padding_bottom": "12px",
            },
        ),
    )


def home() -> rx.Component:
    """What the neighbours offer."""
    return page(
        rx.el.h1("邻居们的闲置", class_name="x-visually-hidden"),
        _categories(),
        _new_listings(),
        listing_grid(
            FeedState.cards,
            loaded=FeedState.loaded,
            has_more=FeedState.has_more,
            on_more=FeedState.load_more,
            empty=controls.empty_state(
                "package-open",
                "这里还没有宝贝，来发布第一件吧。",
                controls.primary_link("发布闲置", href=routes.SELL),
            ),
        ),
    )
