"""What lists and pages of orders are made of: the picture, the status, the badge of what waits."""

from typing import Any

import reflex as rx

from xianyu.components import tokens
from xianyu.components.cards import cover_placeholder
from xianyu.components.layout import MOST_SHOWN
from xianyu.models import OrderStatus
from xianyu.states.orders import WaitingState

_ENDED = (OrderStatus.DECLINED, OrderStatus.CANCELLED, OrderStatus.EXPIRED)


def picture(url: rx.Var[str], size: str = "72px") -> rx.Component:
    """The picture that the order keeps; silent, since the title stands beside it."""
    return rx.el.span(
        rx.cond(
            url == "",
            cover_placeholder(rx.Var.create("offer"), 26),
            rx.el.img(
                src=url, alt="", loading="lazy", style={"width": "100%", "height": "100%", "object_fit": "cover"}
            ),
        ),
        aria_hidden="true",
        style={
            "display": "block",
            "width": size,
            "height": size,
            "flex": "none",
            "overflow": "hidden",
            "border_radius": tokens.RADIUS_SMALL,
            "background": tokens.PLACEHOLDER,
        },
    )


def status(code: rx.Var[str], label: rx.Var[str], **style: Any) -> rx.Component:
    """Where an order stands; what came to nothing is quiet."""
    colour = rx.match(code, *[(one.value, tokens.QUIET) for one in _ENDED], tokens.INK)
    return rx.el.span(label, style={"color": colour, "font_weight": "600", **style})


def waiting_badge() -> rx.Component:
    """How many orders wait for whoever looks, if any do."""
    count = WaitingState.count
    return rx.cond(
        count > 0,
        rx.fragment(
            rx.el.span(
                rx.cond(count > MOST_SHOWN, f"{MOST_SHOWN}+", count.to_string()),
                class_name="x-count",
                aria_hidden="true",
            ),
            rx.el.span(f" {count} 个订单等你处理", class_name="x-visually-hidden"),
        ),
    )
