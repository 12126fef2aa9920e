"""The page at ``/admin/listings``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.cards import price
from xianyu.components.console import console_page, search_field, select_field, wrapping_form
from xianyu.components.form_dialog import DialogForm, form_dialog
from xianyu.components.order_parts import picture
from xianyu.components.react import sentinel, time_ago
from xianyu.schemas.console import ConsoleListing
from xianyu.services.console_listings import (
    ERASE,
    ERASE_WORD,
    LONGEST_WORDS,
    REASON_LENGTH,
    RESTORE,
    STATUSES,
    TAKE_DOWN,
)
from xianyu.states.console_listings import ConsoleListingsState

_ONE_LINE = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap", "min_width": "0"}


def _search() -> rx.Component:
    state = ConsoleListingsState
    return wrapping_form(
        search_field("找宝贝", "标题、卖家或编号，例如 #12", LONGEST_WORDS, state.words),
        select_field(
            "状态",
            "status",
            state.status,
            rx.el.option("全部状态", value=""),
            *[rx.el.option(label, value=status) for status, label in STATUSES.items()],
        ),
        controls.secondary_button("查找", type="submit"),
        key=state.number.to_string(),
        on_submit=state.look_for,
        label="找宝贝",
    )


def _reason() -> rx.Component:
    return controls.text_area(
        "原因",
        "reason",
        ConsoleListingsState.errors,
        rows=3,
        max_length=2 * REASON_LENGTH[1],
        placeholder="卖家会在互动里看到",
    )


def _word() -> rx.Component:
    return controls.text_input(
        f"输入“{ERASE_WORD}”确认", "word", ConsoleListingsState.errors, auto_complete="off", max_length=20
    )


def _dialog(
    listing: rx.Var[ConsoleListing], action: str, label: str, sentence: Any, *fields: rx.Component, danger: bool = False
) -> rx.Component:
    state = ConsoleListingsState
    button = controls.secondary_button(
        label,
        rx.el.span(f" {listing.title}", class_name="x-visually-hidden"),
        style={"padding": "0 16px", "font_size": "15px", **({"color": tokens.DANGER} if danger else {})},
    )
    return form_dialog(
        button,
        f"{label}「{listing.title}」",
        rx.el.input(type="hidden", name="action", value=action, read_only=True),
        rx.el.input(type="hidden", name="listing_id", value=listing.id.to_string(), read_only=True),
        *fields,
        submit=label,
        form=DialogForm(
            is_open=(state.asking == action) & (state.ref == listing.id),
            on_open_change=lambda is_open: state.ask(action, listing.id, is_open),  # type: ignore[operator]  # Reflex makes an event of it on the class
            on_submit=state.submit,
            errors=state.errors,
            busy=state.busy,
        ),
        sentence=sentence,
    )


def _actions(listing: rx.Var[ConsoleListing]) -> rx.Component:
    may: Any = listing.actions
    return rx.el.div(
        rx.cond(
            may.contains(TAKE_DOWN),
            _dialog(listing, TAKE_DOWN, "下架", "别人不再看到它在售，卖家会收到原因。", _reason()),
        ),
        rx.cond(
            may.contains(RESTORE),
            _dialog(
                listing,
                RESTORE,
                "恢复",
                rx.cond(
                    listing.status == "deleted",
                    "恢复后是“已下架”，由卖家决定是否重新上架；原来的标签不会回来。",
                    "恢复后重新在售，卖家会收到通知。",
                ),
            ),
        ),
        _dialog(
            listing,
            ERASE,
            "彻底删除",
            "宝贝、照片、视频、收藏和出价都会删掉，不能找回。订单和聊天只留下它的标题和订单里的图片。",
            _reason(),
            _word(),
            danger=True,
        ),
        style={"display": "flex", "flex_wrap": "wrap", "gap": "8px"},
    )


def _title(listing: rx.Var[ConsoleListing]) -> rx.Component:
    style = {"font_weight": "600", "overflow_wrap": "anywhere"}
    return rx.cond(
        listing.url != "",
        rx.link(listing.title, href=listing.url, class_name="x-log-target", style=style),
        rx.el.strong(listing.title, style=style),
    )


def _row(listing: rx.Var[ConsoleListing]) -> rx.Component:
    quiet = {"color": tokens.QUIET, "font_size": "13px", "overflow_wrap": "anywhere"}
    return rx.el.li(
        rx.el.div(
            picture(listing.cover_url),
            rx.el.div(
                rx.el.p(
                    _title(listing),
                    " ",
                    rx.el.span(listing.status_label, class_name="x-tag"),
                    style={"margin": "0", "line_height": "1.5"},
                ),
                rx.el.p(listing.excerpt, style={**quiet, "margin": "2px 0", **_TWO_LINES}),
                rx.el.p(
                    price(listing.price, "15px"),
                    " · ",
                    rx.link(listing.seller_name, href=listing.seller_url, class_name="x-log-target"),
                    " · ",
                    time_ago(listing.created_at, "clock"),
                    f" · #{listing.id}",
                    rx.cond(listing.pieces != "", f" · {listing.pieces}", ""),
                    style={**quiet, "margin": "0", "line_height": "1.7"},
                ),
                style={"flex": "1", "min_width": "0"},
            ),
            class_name="x-order-line",
            style={"align_items": "flex-start"},
        ),
        _actions(listing),
        key=listing.id.to_string(),
        class_name="x-order-card",
    )


_TWO_LINES = {
    "display": "-webkit-box",
    "-webkit-line-clamp": "2",
    "-webkit-box-orient": "vertical",
    "overflow": "hidden",
}


def _empty() -> rx.Component:
    state = ConsoleListingsState
    return rx.cond(
        (state.status != "") | (state.words != ""),
        controls.empty_state(
            "search-x", "没有符合条件的宝贝。", controls.secondary_link("看全部", href=routes.ADMIN_LISTINGS)
        ),
        controls.empty_state("package", "还没有人发布过宝贝。"),
    )


def console_listings() -> rx.Component:
    """Everybody's listings, the latest first, deleted ones included."""
    state = ConsoleListingsState
    return console_page(
        "宝贝",
        _search(),
        rx.el.p(state.done, role="status", style={"color": tokens.QUIET, "margin": "0 0 8px", "min_height": "24px"}),
        rx.cond(
            state.loaded,
            rx.cond(
                state.listings.length() > 0,
                rx.fragment(
                    rx.el.ul(rx.foreach(state.listings, _row), aria_label="宝贝", class_name="x-orders"),
                    sentinel(active=state.has_more, on_reach=state.load_more, key=state.listings.length().to_string()),
                ),
                _empty(),
            ),
            rx.el.div(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                *[controls.skeleton(height="132px", margin_bottom="12px") for _ in range(4)],
            ),
        ),
    )
