"""The page at ``/``: three sections, each at an address of its own."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import contacts, controls, tokens
from xianyu.components.cards import listing_grid
from xianyu.components.layout import page
from xianyu.components.section_cards import activity_list, announcement_list
from xianyu.models import Section
from xianyu.schemas.listings import Category
from xianyu.services.categories import categories
from xianyu.states.feed import FeedState
from xianyu.states.section_feeds import ActivityFeedState, AnnouncementFeedState
from xianyu.states.shell import ShellState

_SECTIONS = (
    ("闲置", Section.TRADE, routes.section()),
    ("活动", Section.ACTIVITY, routes.section(Section.ACTIVITY)),
    ("公告", Section.ANNOUNCEMENT, routes.section(Section.ANNOUNCEMENT)),
)


def _tab(name: str, section: Section, href: str) -> rx.Component:
    return rx.link(
        name,
        href=href,
        underline="none",
        role="tab",
        id=f"tab-{section.value}",
        aria_selected=rx.cond(FeedState.section == section.value, "true", "false"),
        aria_controls="section",
        style={
            "display": "inline-flex",
            "align_items": "center",
            "justify_content": "center",
            # As high as the row, so that the mark of the open one lies on the row's own line.
            "min_height": "52px",
            "min_width": "60px",
            "padding": "3px 14px 0",
            "margin_bottom": "-1px",
            "border_bottom": "3px solid transparent",
            "color": tokens.QUIET,
            "font_size": "17px",
            "&[aria-selected=true]": {
                "color": tokens.INK,
                "font_weight": "700",
                "border_bottom_color": tokens.PRIMARY,
            },
        },
    )


def _top() -> rx.Component:
    """The tabs, and what can be added to the one that is open."""
    return rx.el.div(
        rx.el.div(
            *[_tab(*section) for section in _SECTIONS], role="tablist", aria_label="板块", style={"display": "flex"}
        ),
        rx.match(
            FeedState.section,
            (Section.ACTIVITY.value, _action("发起活动", routes.ACTIVITY_NEW)),
            (
                Section.ANNOUNCEMENT.value,
                rx.cond(ShellState.is_operator, _action("发布公告", routes.ANNOUNCEMENT_NEW), rx.fragment()),
            ),
            rx.fragment(),
        ),
        style={
            "display": "flex",
            "align_items": "center",
            "justify_content": "space-between",
            "gap": "12px",
            "min_height": "52px",
            "margin": "-8px 0 14px",
            "border_bottom": f"1px solid {tokens.LINE}",
        },
    )


def _action(name: str, href: str) -> rx.Component:
    return rx.link(
        rx.icon("plus", size=18, aria_hidden="true"),
        name,
        href=href,
        underline="none",
        style={
            "display": "inline-flex",
            "align_items": "center",
            "gap": "4px",
            "min_height": tokens.TARGET,
            "padding": "0 4px",
            "color": tokens.INK,
            "font_weight": "600",
            "font_size": "15px",
        },
    )


def _chip(href: str, *children: Any, chosen: rx.Var[bool], **style: Any) -> rx.Component:
    return rx.link(
        *children,
        href=href,
        underline="none",
        aria_current=rx.cond(chosen, "true", "false"),
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
            **style,
        },
    )


def _address(slug: str) -> str:
    return f"{routes.HOME}?category={slug}" if slug else routes.HOME


def _group_chip(group: Category) -> rx.Component:
    return _chip(
        _address(group.slug),
        rx.icon(group.icon, size=18, stroke_width=1.8, aria_hidden="true"),
        group.name,
        chosen=FeedState.group == group.slug,
    )


def _category_chip(category: Category, name: str) -> rx.Component:
    """One of a group's own, quieter than the groups above it."""
    return _chip(
        _address(category.slug),
        name,
        chosen=FeedState.category == category.slug,
        background="transparent",
        border_color="transparent",
        font_size="14px",
        padding="0 10px",
        **{
            "&[aria-current=true]": {
                "background": tokens.TINT,
                "color": tokens.INK,
                "font_weight": "600",
                "@media (max-width: 767px)": {"order": "-1"},
            }
        },
    )


def _inside(group: Category) -> tuple[str, rx.Component]:
    chips = [_category_chip(group, "全部"), *(_category_chip(child, child.name) for child in group.children)]
    return group.slug, rx.el.nav(*chips, aria_label=f"{group.name}的分类", class_name="x-chips x-chips-quiet")


def _categories() -> rx.Component:
    everything = Category(slug="", name="全部", icon="layout-grid")
    groups = categories()
    return rx.fragment(
        rx.el.nav(
            *[_group_chip(group) for group in (everything, *groups)],
            aria_label="分类",
            class_name="x-chips",
        ),
        rx.match(FeedState.group, *[_inside(group) for group in groups if group.children], rx.fragment()),
    )


def _new(state: Any) -> rx.Component:
    return rx.cond(
        state.has_new,
        rx.el.div(
            controls.primary_button(
                rx.icon("arrow-up", size=18, aria_hidden="true"), "有新发布", on_click=state.show_new
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


def _offers() -> rx.Component:
    return rx.fragment(
        _categories(),
        rx.el.div(contacts.plaza_entrance(), style={"margin_bottom": "14px"}),
        _new(FeedState),
        listing_grid(
            FeedState,
            controls.empty_state(
                "package-open",
                "这里还没有宝贝，来发布第一件吧。",
                controls.primary_link("发布闲置", href=routes.SELL),
            ),
        ),
    )


def _activities() -> rx.Component:
    empty = controls.empty_state(
        "calendar-days",
        "还没有活动。约邻居打球、换书、遛娃，都可以在这里征集。",
        controls.primary_link("发起活动", href=routes.ACTIVITY_NEW),
    )
    return rx.fragment(_new(ActivityFeedState), activity_list(ActivityFeedState, empty))


def _announcements() -> rx.Component:
    empty = controls.empty_state(
        "megaphone",
        "还没有公告，小区的重要信息会发布在这里。",
        rx.cond(
            ShellState.is_operator,
            controls.primary_link("发布公告", href=routes.ANNOUNCEMENT_NEW),
            controls.secondary_link("看看闲置", href=routes.HOME),
        ),
    )
    return rx.fragment(_new(AnnouncementFeedState), announcement_list(AnnouncementFeedState, empty))


def home() -> rx.Component:
    """What the neighbours offer, what they do together, and what everybody should know."""
    return page(
        rx.el.h1("邻居们的闲置、活动和公告", class_name="x-visually-hidden"),
        _top(),
        rx.el.div(
            rx.match(
                FeedState.section,
                (Section.ACTIVITY.value, _activities()),
                (Section.ANNOUNCEMENT.value, _announcements()),
                _offers(),
            ),
            id="section",
            role="tabpanel",
            aria_labelledby=f"tab-{FeedState.section}",
        ),
    )
