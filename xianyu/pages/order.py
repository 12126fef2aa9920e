"""The page at ``/orders/[order_id]``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, order_parts, report, tokens
from xianyu.components.cards import price
from xianyu.components.detail import FACTS
from xianyu.components.layout import page
from xianyu.components.order_reviews import order_reviews
from xianyu.components.order_steps import buttons, timeline
from xianyu.components.react import time_ago
from xianyu.services.order_lists import BOUGHT
from xianyu.states.order import OrderState

_WIDE = "@media (min-width: 900px)"
_BREAK = {"overflow_wrap": "anywhere"}
_HEADING = {"font_size": "17px", "margin": "0 0 12px"}


def _status() -> rx.Component:
    """Where it stands, what is next and by when, and what whoever looks may do."""
    order = OrderState.order
    return controls.card(
        rx.el.p(
            order_parts.status(order.status, order.status_label),
            style={"font_size": "22px", "margin": "0", "line_height": "1.4"},
            role="status",
        ),
        rx.cond(order.status_note != "", rx.el.p(order.status_note, style={"margin": "4px 0 0"})),
        rx.cond(
            order.deadline_at != "",
            rx.el.p(
                rx.icon("clock", size=16, aria_hidden="true", style={"flex": "none"}),
                rx.el.span("截止 ", time_ago(order.deadline_at, "clock"), "，", order.deadline_note),
                style={
                    "display": "flex",
                    "align_items": "center",
                    "gap": "6px",
                    "margin": "6px 0 0",
                    "color": tokens.QUIET,
                    "font_size": "14px",
                },
            ),
        ),
        buttons(),
    )


def _title() -> rx.Component:
    order = OrderState.order
    style = {"font_size": "16px", "font_weight": "600", "line_height": "1.5", **_BREAK}
    return rx.cond(
        order.listing_url != "",
        rx.link(
            order.title,
            href=order.listing_url,
            underline="hover",
            style={**style, "color": tokens.INK, "display": "inline-block", "min_height": tokens.TARGET},
        ),
        rx.el.span(
            order.title,
            rx.el.span("（宝贝已不在架上）", style={"color": tokens.QUIET, "font_weight": "400"}),
            style=style,
        ),
    )


def _snapshot() -> rx.Component:
    """The thing as it was when it was ordered, and what it costs in all."""
    order = OrderState.order
    return rx.el.div(
        order_parts.picture(order.cover_url, "88px"),
        rx.el.div(
            _title(),
            rx.el.div(
                f"¥{order.unit_price} × {order.quantity}",
                rx.cond(
                    order.listed_price != order.unit_price,
                    rx.el.span("（标价 ", rx.el.s(f"¥{order.listed_price}"), "）"),
                ),
                style={"color": tokens.QUIET, "font_size": "14px"},
            ),
            rx.el.div("合计 ", price(order.total, "20px"), style={"margin_top": "2px"}),
            style={"flex": "1", "min_width": "0"},
        ),
        style={"display": "flex", "gap": "14px"},
    )


def _peer() -> rx.Component:
    order = OrderState.order
    role = rx.cond(order.side == BOUGHT, "卖家", "买家")
    return rx.el.div(
        rx.link(
            controls.avatar(order.peer_name, order.peer_avatar_url, "44px"),
            rx.el.span(
                rx.el.span(role, style={"color": tokens.QUIET, "font_size": "13px", "display": "block"}),
                rx.el.span(order.peer_name, style={"font_weight": "600"}),
                style={"min_width": "0", **_BREAK},
            ),
            href=f"/user/{order.peer_id}",
            underline="none",
            style={
                "display": "flex",
                "align_items": "center",
                "gap": "12px",
                "flex": "1",
                "min_width": "0",
                "color": tokens.INK,
            },
        ),
        controls.secondary_link("联系", role, href=order.conversation_url),
        style={
            "display": "flex",
            "align_items": "center",
            "gap": "12px",
            "margin": "16px 0",
            "padding": "14px 0",
            "border_top": f"1px solid {tokens.LINE}",
            "border_bottom": f"1px solid {tokens.LINE}",
        },
    )


def _fact(name: str, value: Any) -> rx.Component:
    return rx.cond(
        value != "",
        rx.fragment(
            rx.el.dt(name, style={"color": tokens.QUIET, "white_space": "nowrap"}),
            rx.el.dd(value, style={"margin": "0", "white_space": "pre-wrap", **_BREAK}),
        ),
    )


def _facts() -> rx.Component:
    order = OrderState.order
    return rx.el.dl(
        _fact("交易方式", order.delivery_label),
        _fact("收件人", order.recipient),
        _fact("手机号", order.phone),
        _fact("收货地址", order.address),
        _fact("快递公司", order.carrier),
        _fact("快递单号", order.tracking_number),
        _fact("买家留言", order.note),
        _fact("订单号", order.id.to_string()),
        rx.el.dt("下单时间", style={"color": tokens.QUIET}),
        rx.el.dd(time_ago(order.created_at, "clock"), style={"margin": "0"}),
        style=FACTS,
    )


def _shown() -> rx.Component:
    return rx.el.article(
        rx.el.h1("订单详情", class_name="x-visually-hidden"),
        _status(),
        order_reviews(),
        rx.el.div(
            controls.card(
                rx.el.h2("宝贝", style=_HEADING),
                _snapshot(),
                _peer(),
                _facts(),
            ),
            controls.card(rx.el.h2("订单进展", style=_HEADING), timeline()),
            style={
                "display": "grid",
                "grid_template_columns": "minmax(0, 1fr)",
                "align_items": "start",
                "gap": "16px",
                "margin_top": "16px",
                _WIDE: {"grid_template_columns": "minmax(0, 1.2fr) minmax(0, 1fr)"},
            },
        ),
    )


def order() -> rx.Component:
    """One order, as its buyer or its seller sees it."""
    return page(
        rx.link(
            rx.icon("chevron-left", size=20, aria_hidden="true"),
            "我的订单",
            href=routes.ORDERS,
            underline="none",
            style={
                "display": "inline-flex",
                "align_items": "center",
                "gap": "4px",
                "min_height": tokens.TARGET,
                "margin": "-10px 0 6px -6px",
                "padding_right": "10px",
                "color": tokens.INK,
            },
        ),
        rx.cond(
            OrderState.loaded,
            rx.cond(
                OrderState.missing == "",
                _shown(),
                controls.empty_state(
                    "file-x", OrderState.missing, controls.primary_link("看我的订单", href=routes.ORDERS)
                ),
            ),
            rx.fragment(
                rx.el.span("正在加载", role="status", class_name="x-visually-hidden"),
                controls.skeleton(height="140px"),
                controls.skeleton(height="260px", margin_top="16px"),
            ),
        ),
        report.dialog(),
        width="1000px",
    )
