"""The page at ``/``: three sections, each at an address of its own."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import contacts, controls, tokens
from xianyu.components.cards import listing_grid
from xianyu.components.layout import page
from xianyu.components.section_cards import activity_list, announcement_list
from xianyu.models import Section
from xianyu.schemas.listings import CategoryGroup
from xianyu.schemas.sections import SectionName
from xianyu.services.categories import original
from xianyu.states.catalog import CatalogState
from xianyu.states.feed import FeedState
from xianyu.states.section_feeds import ActivityFeedState, AnnouncementFeedState
from xianyu.states.shell import ShellState

# Groups come from the data file, which names their icons: none is fetched while somebody waits.
_ICONS = tuple(dict.fromkeys(group.icon for group in original()))


def _tab(section: rx.Var[SectionName]) -> rx.Component:
    return rx.link(
        section.name,
        href=rx.match(
            section.slug,
            *[(each.value, routes.section(each)) for each in (Section.ACTIVITY, Section.ANNOUNCEMENT)],
            routes.section(),
        ),
        underline="none",
        role="tab",
        id=f"tab-{section.slug}",
        aria_selected=rx.cond(FeedState.section == section.slug, "true", "false"),
        aria_controls="section",
        key=section.slug,
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
            rx.foreach(CatalogState.sections, _tab), role="tablist", aria_label="板块", style={"display": "flex"}
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


def _chip(href: Any, *children: Any, chosen: rx.Var[bool], key: Any = "", **style: Any) -> rx.Component:
    return rx.link(
        *children,
        href=href,
        underline="none",
        aria_current=rx.cond(chosen, "true", "false"),
        key=key,
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


def _icon(name: str) -> rx.Component:
    return rx.icon(name, size=18, stroke_width=1.8, aria_hidden="true")


def _group_chip(group: rx.Var[CategoryGroup]) -> rx.Component:
    return _chip(
        f"{routes.HOME}?category={group.slug}",
        rx.match(group.icon, *[(name, _icon(name)) for name in _ICONS], _icon("package")),
        group.name,
        chosen=FeedState.group == group.slug,
        key=group.slug,
    )


def _category_chip(slug: Any, name: Any) -> rx.Component:
    """One of a group's own, quieter than the groups above it."""
    return _chip(
        f"{routes.HOME}?category={slug}",
        name,
        chosen=FeedState.category == slug,
        key=slug,
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


def _inside(group: rx.Var[CategoryGroup]) -> rx.Component:
    return rx.cond(
        (FeedState.group == group.slug) & (group.children.length() > 0),
        rx.el.nav(
            _category_chip(group.slug, "全部"),
            rx.foreach(group.children, lambda child: _category_chip(child.slug, child.name)),
            aria_label=f"{group.name}的分类",
            class_name="x-chips x-chips-quiet",
            key=group.slug,
        ),
    )


def _categories() -> rx.Component:
    return rx.fragment(
        rx.el.nav(
            _chip(routes.HOME, _icon("layout-grid"), "全部", chosen=FeedState.group == ""),
            rx.foreach(CatalogState.groups, _group_chip),
            aria_label="分类",
            class_name="x-chips",
        ),
        rx.foreach(CatalogState.groups, _inside),
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
