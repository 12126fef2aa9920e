"""What can be published, as a row of links above each of the forms."""

import reflex as rx

from xianyu import routes
from xianyu.components import tokens
from xianyu.states.catalog import CatalogState
from xianyu.states.shell import ShellState


def _link(name: str, href: str, current: str) -> rx.Component:
    return rx.link(
        name,
        href=href,
        underline="none",
        aria_current="page" if href == current else "false",
        style={
            "display": "inline-flex",
            "align_items": "center",
            "justify_content": "center",
            "flex": "1",
            "min_height": tokens.TARGET,
            "border_radius": "999px",
            "color": tokens.INK,
            "font_size": "15px",
            "_hover": {"background": tokens.TINT},
            "&[aria-current=page]": {"background": tokens.PRIMARY, "color": tokens.ON_PRIMARY, "font_weight": "600"},
        },
    )


def publish_kinds(current: str) -> rx.Component:
    """Things to sell or wanted, activities, and announcements for operators.

    Args:
        current: The route of the page that it stands on.
    """
    return rx.el.nav(
        _link("闲置 / 求购", routes.SELL, current),
        rx.cond(CatalogState.has_activities, _link("活动", routes.ACTIVITY_NEW, current)),
        rx.cond(ShellState.is_operator, _link("公告", routes.ANNOUNCEMENT_NEW, current)),
        aria_label="发布什么",
        style={
            "display": "flex",
            "gap": "4px",
            "padding": "4px",
            "margin_bottom": "16px",
            "border": f"1px solid {tokens.LINE}",
            "border_radius": "999px",
            "background": tokens.SURFACE,
        },
    )
