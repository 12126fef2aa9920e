"""The page at ``/listing/[listing_id]/buy``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, order_parts, tokens
from xianyu.components.addresses import address_choice
from xianyu.components.cards import price
from xianyu.components.layout import page
from xianyu.components.react import fresh_form
from xianyu.models import Delivery
from xianyu.services.order_forms import NOTE_LENGTH
from xianyu.states.purchase import BuyState

# The dialogs of the address book are forms of their own, and no form lies in another: its fields
# belong to this one by its name.
_FORM = "buy"


def _summary() -> rx.Component:
    start = BuyState.start
    return rx.link(
        order_parts.picture(start.cover_url),
        rx.el.span(
            rx.el.span(start.title, class_name="x-card-title"),
            price(start.price, "18px"),
            rx.el.span(
                f"还有 {start.free} 件 · 卖家 {start.seller_name}",
                style={"color": tokens.QUIET, "font_size": "13px", "display": "block", "overflow_wrap": "anywhere"},
            ),
            style={"flex": "1", "min_width": "0"},
        ),
        href=f"/listing/{start.listing_id}",
        underline="none",
        style={"display": "flex", "gap": "14px", "color": tokens.INK, "margin_bottom": "20px"},
    )


def _way(label: str, way: Delivery, **props: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="delivery", value=way.value, class_name="x-visually-hidden", **props),
        label,
        class_name="x-segment",
    )


def _ways() -> rx.Component:
    return rx.fragment(
        rx.el.fieldset(
            rx.el.legend("交易方式", style={"font_weight": "600", "padding": "0", "margin_bottom": "8px"}),
            rx.el.div(
                _way("当面交易", Delivery.FACE_TO_FACE, default_checked=True),
                _way("快递", Delivery.SHIPPING),
                class_name="x-segments",
                style={"margin_bottom": "0"},
            ),
            style={"border": "0", "padding": "0", "margin": "0", "min_width": "0"},
        ),
        controls.field_error(BuyState.errors, "delivery"),
    )


def _hidden(name: str, value: Any) -> rx.Component:
    return rx.el.input(type="hidden", name=name, value=value, read_only=True)


def _fields() -> rx.Component:
    errors, start = BuyState.errors, BuyState.start
    return rx.el.div(
        rx.el.form(
            _hidden("listing_id", start.listing_id.to_string()),
            _hidden("client_key", BuyState.key),
            # What was before the buyer's eyes as they pressed the button.
            _hidden("seen_fen", start.price_fen.to_string()),
            controls.text_input(
                "数量",
                "quantity",
                errors,
                default_value="1",
                input_mode="numeric",
                max_length=40,
                on_change=BuyState.count,
            ),
            _ways(),
            id=_FORM,
            on_submit=BuyState.submit,
            no_validate=True,
        ),
        rx.el.div(address_choice(_FORM), class_name="x-shipping-only"),
        rx.el.div(
            rx.cond(
                start.place != "",
                rx.el.p(
                    "自提地点：",
                    start.place,
                    style={"margin": "0 0 12px", "color": tokens.QUIET, "overflow_wrap": "anywhere"},
                ),
            ),
            controls.text_input(
                "手机号",
                "phone",
                errors,
                form=_FORM,
                type="tel",
                auto_complete="tel",
                placeholder="选填，方便碰头时联系",
                max_length=40,
            ),
            class_name="x-meeting-only",
        ),
        controls.text_area(
            "留言",
            "note",
            errors,
            form=_FORM,
            rows=2,
            placeholder="选填，例如 周六下午方便",
            max_length=2 * NOTE_LENGTH[1],
        ),
        class_name="x-buy-form",
    )


def _foot() -> rx.Component:
    """What it costs in all, what changed meanwhile, and the button."""
    news = rx.cond(BuyState.gone != "", BuyState.gone, BuyState.changed)
    return rx.fragment(
        rx.el.p(news, role="status", style={"margin": "0", "color": tokens.DANGER, "font_weight": "600"}),
        controls.field_error(BuyState.errors, "form"),
        rx.el.div(
            rx.el.span(
                rx.cond(BuyState.total == "", "", rx.fragment("合计 ", price(BuyState.total, "26px"))),
                aria_live="polite",
            ),
            controls.primary_button(
                rx.cond(BuyState.busy, "正在提交…", "提交订单"),
                type="submit",
                form=_FORM,
                disabled=controls.waits(BuyState.busy),
                style={"flex": "1", "max_width": "260px"},
            ),
            style={"display": "flex", "align_items": "center", "justify_content": "space-between", "gap": "16px"},
        ),
        rx.el.p(
            "下单后件数会为你留着，等卖家确认。钱款由双方自行约定。",
            style={"margin": "14px 0 0", "color": tokens.QUIET, "font_size": "13px"},
        ),
    )


def buy() -> rx.Component:
    """Order something."""
    return page(
        controls.card(
            rx.el.h1("立即购买", style={"font_size": "24px", "margin": "0 0 20px"}),
            fresh_form(
                rx.cond(
                    BuyState.missing == "",
                    rx.fragment(_summary(), _fields(), _foot()),
                    controls.empty_state(
                        "package-x", BuyState.missing, controls.primary_link("看看别的", href=routes.HOME)
                    ),
                ),
                opened=BuyState.opened,
                on_open=BuyState.open,
            ),
        ),
        width=tokens.NARROW,
    )
