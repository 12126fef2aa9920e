"""The address book as a choice in a form, with the dialogs that add, change and delete."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.confirm import confirm
from xianyu.components.form_dialog import DialogForm, form_dialog
from xianyu.schemas.orders import AddressView
from xianyu.services.order_forms import ADDRESS_LENGTH, RECIPIENT_LENGTH
from xianyu.states.purchase import BuyState

_SMALL = {"padding": "0 14px", "font_size": "15px"}


def _fields(address: Any) -> tuple[rx.Component, ...]:
    errors = BuyState.address_errors
    return (
        rx.el.input(type="hidden", name="id", value=address.id.to_string(), read_only=True),
        controls.text_input(
            "收件人",
            "book_recipient",
            errors,
            default_value=address.recipient,
            auto_complete="name",
            max_length=2 * RECIPIENT_LENGTH[1],
        ),
        controls.text_input(
            "手机号",
            "book_phone",
            errors,
            default_value=address.phone,
            type="tel",
            auto_complete="tel",
            max_length=40,
        ),
        controls.text_area(
            "详细地址",
            "book_address",
            errors,
            default_value=address.address,
            rows=2,
            auto_complete="street-address",
            placeholder="城市、街道、小区、楼栋、门牌号",
            max_length=2 * ADDRESS_LENGTH[1],
        ),
        controls.check_box("设为默认地址", "is_default", default_checked=address.is_default),
    )


def _dialog(button: rx.Component, title: str, address: Any) -> rx.Component:
    return form_dialog(
        button,
        title,
        *_fields(address),
        submit="保存地址",
        form=DialogForm(
            is_open=BuyState.editing == address.id,
            on_open_change=lambda is_open: BuyState.edit_address(address.id, is_open),  # type: ignore[operator]  # Reflex makes an event of it on the class
            on_submit=BuyState.save_address,
            errors=BuyState.address_errors,
            busy=BuyState.address_busy,
            error="book_form",
        ),
        sentence="只有你和发货的卖家看得到。",
    )


def _entry(address: rx.Var[AddressView], form: str) -> rx.Component:
    return rx.el.li(
        rx.el.label(
            rx.el.input(
                type="radio",
                name="address_id",
                form=form,
                value=address.id.to_string(),
                default_checked=BuyState.chosen == address.id,
                # The choice is the browser's own; after a change of the book it is made anew.
                key=BuyState.book.to_string(),
                style={"width": "22px", "height": "22px", "flex": "none", "accent_color": tokens.PRIMARY_HOVER},
            ),
            rx.el.span(
                rx.el.span(
                    rx.el.strong(address.recipient),
                    " ",
                    address.phone,
                    rx.cond(address.is_default, rx.el.span("默认", class_name="x-tag", style={"margin_left": "8px"})),
                    style={"display": "block"},
                ),
                rx.el.span(address.address, style={"color": tokens.QUIET, "font_size": "14px"}),
                style={"flex": "1", "min_width": "0", "overflow_wrap": "anywhere"},
            ),
            class_name="x-address-choice",
        ),
        rx.el.div(
            _dialog(
                controls.secondary_button(
                    "修改", rx.el.span(address.recipient, class_name="x-visually-hidden"), style=_SMALL
                ),
                "修改地址",
                address,
            ),
            confirm(
                "删除",
                "删除这个地址？",
                "已经下的订单不受影响。",
                BuyState.delete_address(address.id),  # type: ignore[operator]  # as above
                style=_SMALL,
            ),
            style={"display": "flex", "gap": "8px", "justify_content": "flex-end", "padding": "0 12px 12px"},
        ),
        key=address.id.to_string(),
        class_name="x-address",
    )


def address_choice(form: str) -> rx.Component:
    """Where to send it. The radio buttons belong to the form of that id, the dialogs have their own.

    Args:
        form: The id of the form that the choice is a field of.
    """
    return rx.el.fieldset(
        rx.el.legend("收货地址", style={"font_weight": "600", "padding": "0", "margin_bottom": "8px"}),
        rx.cond(
            BuyState.addresses.length() > 0,
            rx.el.ul(
                rx.foreach(BuyState.addresses, lambda address: _entry(address, form)),
                style={"list_style": "none", "margin": "0 0 10px", "padding": "0", "display": "grid", "gap": "10px"},
            ),
        ),
        _dialog(
            controls.secondary_button(rx.icon("plus", size=18, aria_hidden="true"), "添加地址"),
            "添加地址",
            rx.Var.create(AddressView()),
        ),
        controls.field_error(BuyState.errors, "address"),
        style={"border": "0", "padding": "0", "margin": "0", "min_width": "0"},
    )
