"""出价: the dialog that makes an offer, and the cards of offers and orders in a conversation."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.cards import price
from xianyu.components.form_dialog import DialogForm, form_dialog
from xianyu.schemas.messages import MessageView
from xianyu.states.offers import LISTING, OFFER, OfferState
from xianyu.states.shell import ShellState


def _fields() -> tuple[rx.Component, ...]:
    state = OfferState
    return (
        rx.el.input(type="hidden", name="about", value=state.about, read_only=True),
        rx.el.input(type="hidden", name="ref", value=state.ref.to_string(), read_only=True),
        rx.el.input(type="hidden", name="client_key", value=state.key, read_only=True),
        controls.text_input(
            "每件出价",
            "price",
            state.errors,
            input_mode="decimal",
            placeholder="元",
            max_length=40,
            auto_complete="off",
        ),
        controls.text_input(
            "数量", "quantity", state.errors, default_value=state.quantity, input_mode="numeric", max_length=40
        ),
    )


def offer_dialog(button: rx.Component, about: str, ref: Any) -> rx.Component:
    """A button and the dialog that it opens.

    Args:
        button: The button.
        about: ``LISTING`` to make an offer, ``OFFER`` to answer one.
        ref: The listing's or the offer's number.
    """
    state = OfferState
    answers = about == OFFER
    return form_dialog(
        button,
        "还价" if answers else "出价",
        *_fields(),
        submit="发出还价" if answers else "发出出价",
        form=DialogForm(
            is_open=(state.about == about) & (state.ref == ref),
            on_open_change=lambda is_open: state.ask(about, ref, is_open),  # type: ignore[operator]  # Reflex makes an event of it on the class
            on_submit=state.submit,
            errors=state.errors,
            busy=state.busy,
        ),
        sentence=rx.fragment(
            state.title, "，", "对方出价" if answers else "标价", f" ¥{state.listed}。对方接受后就生成订单。"
        ),
    )


def listing_offer(listing_id: Any, button: rx.Component) -> rx.Component:
    """出价 for a listing."""
    return offer_dialog(button, LISTING, listing_id)


def _answer(label: str, card: Any, handler: Any) -> rx.Component:
    return rx.el.button(
        label,
        rx.el.span(card.title, class_name="x-visually-hidden"),
        type="button",
        on_click=handler(card.ref_id),
        class_name="x-card-answer",
    )


def _answers(message: rx.Var[MessageView]) -> rx.Component:
    """What whoever looks may answer to an open offer."""
    card = message.attachment
    state: Any = OfferState
    theirs = rx.el.div(
        _answer("接受", card, state.accept),
        offer_dialog(
            rx.el.button(
                "还价",
                rx.el.span(card.title, class_name="x-visually-hidden"),
                type="button",
                class_name="x-card-answer",
            ),
            OFFER,
            card.ref_id,
        ),
        _answer("拒绝", card, state.decline),
        class_name="x-card-answers",
    )
    mine = rx.el.div(_answer("撤回", card, state.withdraw), class_name="x-card-answers")
    return rx.cond(card.awaits_id > 0, rx.cond(card.awaits_id == ShellState.user_id, theirs, mine))


def _body(card: Any, kind: str, amount: rx.Component, **props: Any) -> rx.Component:
    inside = (
        rx.cond(card.image_url != "", rx.el.img(src=card.image_url, alt="", class_name="x-card-picture")),
        rx.el.span(
            rx.el.span(
                rx.el.span(kind, class_name="x-tag"),
                rx.el.span(card.label, style={"color": tokens.QUIET, "font_size": "13px"}),
                style={"display": "flex", "gap": "8px", "align_items": "center", "justify_content": "space-between"},
            ),
            rx.el.span(card.title, class_name="x-card-title"),
            amount,
            style={"flex": "1", "min_width": "0"},
        ),
    )
    return rx.cond(
        card.url != "",
        rx.link(*inside, href=card.url, underline="none", class_name="x-card-body", **props),
        rx.el.span(*inside, class_name="x-card-body"),
    )


def _pieces(card: Any) -> rx.Component:
    return rx.el.span(f"× {card.quantity}", style={"color": tokens.QUIET, "font_size": "13px"})


def _line(*children: Any) -> rx.Component:
    return rx.el.span(*children, style={"display": "flex", "gap": "8px", "align_items": "baseline"})


def order_card(message: rx.Var[MessageView]) -> rx.Component:
    """An order in a conversation: what it is about, what it costs, where it stands."""
    card: Any = message.attachment
    return _body(card, "订单", rx.cond(card.price != "", _line(price(card.price, "16px"), _pieces(card))))


def offer_card(message: rx.Var[MessageView]) -> rx.Component:
    """An offer in a conversation, with what may be answered to it."""
    card: Any = message.attachment
    amount = rx.cond(card.price != "", _line("每件", price(card.price, "16px"), _pieces(card)))
    return rx.fragment(_body(card, "出价", amount), _answers(message))
