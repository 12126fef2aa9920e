"""The page at ``/orders``."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls, order_parts, tokens
from xianyu.components.cards import price
from xianyu.components.layout import page
from xianyu.components.react import sentinel, time_ago
from xianyu.schemas.orders import OrderCard, OrderCount
from xianyu.services.order_lists import BOUGHT, LONGEST_WORDS, SOLD
from xianyu.states.orders import OrdersState

_ONE_LINE = {"overflow": "hidden", "text_overflow": "ellipsis", "white_space": "nowrap", "min_width": "0"}
_TABS = (("我买到的", BOUGHT, routes.orders()), ("我卖出的", SOLD, routes.orders({"side": SOLD})))


def _tab(label: str, side: str, href: str) -> rx.Component:
    return rx.link(
        label,
        href=href,
        underline="none",
        role="tab",
        aria_selected=OrdersState.side == side,
        class_name="x-tab",
    )


def _head() -> rx.Component:
    return rx.fragment(
        rx.el.h1(
            "我的订单",
            " ",
            order_parts.waiting_badge(),
            style={"font_size": "22px", "margin": "0 0 6px", "display": "flex", "align_items": "center", "gap": "8px"},
        ),
        rx.el.div(
            *[_tab(*tab) for tab in _TABS],
            role="tablist",
            aria_label="我的订单",
            style={
                "display": "flex",
                "gap": "4px",
                "border_bottom": f"1px solid {tokens.LINE}",
                "margin_bottom": "14px",
            },
        ),
    )


def _status(one: rx.Var[OrderCount]) -> rx.Component:
    chosen = OrdersState.status == one.status
    return rx.cond(
        # What nothing is in is only in the way, unless it is what is looked at.
        (one.count > 0) | (one.status == "") | chosen,
        rx.el.button(
            one.label,
            rx.el.span(one.count.to_string(), style={"color": tokens.QUIET, "font_variant_numeric": "tabular-nums"}),
            type="button",
            aria_pressed=rx.cond(chosen, "true", "false"),
            on_click=OrdersState.choose(one.status),  # type: ignore[operator]  # a handler of a class is called to bind arguments
            class_name="x-pill",
        ),
    )


def _statuses() -> rx.Component:
    return rx.el.div(
        rx.foreach(OrdersState.counts, lambda one: rx.fragment(_status(one), key=one.status)),
        role="group",
        aria_label="状态",
        class_name="x-order-statuses",
    )


def _date(label: str, name: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, style={"flex": "none"}),
        rx.el.input(
            type="date",
            name=name,
            default_value=value,
            style={**controls.INPUT, "min_height": tokens.TARGET, "padding": "6px 10px", "min_width": "0"},
        ),
        style={"display": "flex", "align_items": "center", "gap": "8px", "flex": "1 1 140px", "min_width": "0"},
    )


def _search() -> rx.Component:
    """What is looked for among the titles as they were, and when; the same as a table to keep."""
    return rx.el.form(
        rx.el.input(
            type="search",
            name="words",
            aria_label="在订单里找",
            placeholder="在订单里找，例如 山地车",
            max_length=LONGEST_WORDS,
            default_value=OrdersState.words,
            style={
                **controls.INPUT,
                "min_height": tokens.TARGET,
                "padding": "6px 14px",
                "flex": "2 1 220px",
                "width": "auto",
                "min_width": "0",
            },
        ),
        _date("从", "since", OrdersState.since),
        _date("到", "until", OrdersState.until),
        rx.el.div(
            controls.secondary_button("查找", type="submit"),
            rx.el.a(
                rx.icon("download", size=18, aria_hidden="true"),
                "导出 CSV",
                href=OrdersState.csv_url,
                download=True,
                reload_document=True,
                class_name="x-quiet-button",
            ),
            style={"display": "flex", "gap": "8px"},
        ),
        # The fields keep what is typed; an address that asks for something else is another form.
        key=OrdersState.number.to_string(),
        on_submit=OrdersState.look_for,
        no_validate=True,
        role="search",
        aria_label="在订单里找",
        style={"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": "10px", "margin_bottom": "14px"},
    )


def _card(order: rx.Var[OrderCard]) -> rx.Component:
    return rx.el.li(
        rx.link(
            rx.el.span(
                controls.avatar(order.peer_name, order.peer_avatar_url, "28px"),
                rx.el.span(order.peer_name, style={"flex": "1", "font_size": "14px", **_ONE_LINE}),
                order_parts.status(order.status, order.status_label, flex="none", font_size="15px"),
                class_name="x-order-line",
            ),
            rx.el.span(
                order_parts.picture(order.cover_url),
                rx.el.span(
                    rx.el.span(order.title, class_name="x-card-title"),
                    rx.el.span(
                        order.delivery_label,
                        " · ",
                        time_ago(order.created_at),
                        style={"color": tokens.QUIET, "font_size": "13px", "display": "block"},
                    ),
                    style={"flex": "1", "min_width": "0"},
                ),
                rx.el.span(
                    price(order.total, "17px"),
                    rx.el.span(
                        f"{order.quantity} 件", style={"color": tokens.QUIET, "font_size": "13px", "display": "block"}
                    ),
                    style={"flex": "none", "text_align": "right"},
                ),
                class_name="x-order-line",
            ),
            rx.foreach(
                order.actions,
                lambda action: rx.cond(
                    action.is_primary, rx.el.span("等你", action.label, class_name="x-order-waits"), rx.fragment()
                ),
            ),
            rx.cond(order.is_to_review, rx.el.span("待评价", class_name="x-order-waits x-order-hint")),
            href=order.url,
            underline="none",
            class_name="x-order-card",
        ),
        key=order.id.to_string(),
    )


def _empty() -> rx.Component:
    state = OrdersState
    narrowed = (state.status != "") | (state.words != "") | (state.since != "") | (state.until != "")
    return rx.cond(
        narrowed,
        controls.empty_state(
            "search-x",
            "没有符合条件的订单。",
            controls.secondary_link("看全部", href=rx.cond(state.side == SOLD, _TABS[1][2], _TABS[0][2])),
        ),
        rx.cond(
            state.side == SOLD,
            controls.empty_state("receipt", "还没有卖出过东西。", controls.primary_link("发布闲置", href=routes.SELL)),
            controls.empty_state("receipt", "还没有买过东西。", controls.primary_link("去逛逛", href=routes.HOME)),
        ),
    )


def orders() -> rx.Component:
    """What I bought and what I sold."""
    return page(
        _head(),
        _search(),
        rx.cond(
            OrdersState.loaded,
            rx.fragment(
                _statuses(),
                rx.cond(
                    OrdersState.orders.length() > 0,
                    rx.fragment(
                        rx.el.ul(rx.foreach(OrdersState.orders, _card), aria_label="订单", class_name="x-orders"),
                        sentinel(
                            active=OrdersState.has_more,
                            on_reach=OrdersState.load_more,
                            key=OrdersState.orders.length().to_string(),
                        ),
                    ),
                    _empty(),
                ),
            ),
            rx.fragment(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                *[controls.skeleton(height="130px", margin_top="12px") for _ in range(4)],
            ),
        ),
        width="860px",
    )
