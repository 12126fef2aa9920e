"""The reviews on the page of an order: the dialog of one's own, both once they are shown, and the answer."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.form_dialog import DialogForm, form_dialog
from xianyu.components.react import photo_picker, time_ago
from xianyu.components.reviews import LIST, report_button, review_card
from xianyu.schemas.listings import PhotoView
from xianyu.schemas.reviews import ReviewView
from xianyu.services.review_forms import MAX_PHOTOS, REPLY_LENGTH, TEXT_LENGTH
from xianyu.states.order_reviews import OrderReviewsState

# A handler of a class is called to bind arguments, which types do not know.
_do: Any = OrderReviewsState
_NO_PHOTOS: list[PhotoView] = []
_LEGEND = {"font_weight": "600", "margin": "0 0 6px", "padding": "0"}
_FIELDS = {"border": "0", "padding": "0", "margin": "0", "min_width": "0"}


def _star(number: int) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio", name="stars", value=str(number), aria_label=f"{number} 星", class_name="x-visually-hidden"
        ),
        rx.icon("star", size=30, aria_hidden="true"),
        class_name="x-star-choice",
    )


def _stars() -> rx.Component:
    errors = OrderReviewsState.errors
    return rx.fragment(
        rx.el.div("星级", id="stars-label", style=_LEGEND),
        rx.el.div(
            *[_star(number) for number in range(1, 6)],
            role="radiogroup",
            aria_labelledby="stars-label",
            aria_describedby="stars-error",
            aria_required="true",
            aria_invalid=errors.contains("stars"),
            class_name="x-star-choices",
        ),
        controls.field_error(errors, "stars"),
    )


def _photos() -> rx.Component:
    errors = OrderReviewsState.errors
    return rx.el.fieldset(
        rx.el.legend("照片（可以不加）", style=_LEGEND),
        photo_picker(
            endpoint=routes.PHOTO_UPLOAD,
            most=MAX_PHOTOS,
            has_cover=False,
            initial=_NO_PHOTOS,
            described_by="photos-error",
            invalid=errors.contains("photos"),
        ),
        controls.field_error(errors, "photos"),
        style=_FIELDS,
    )


def _writing() -> rx.Component:
    state = OrderReviewsState
    return form_dialog(
        controls.primary_button("评价"),
        "评价这次交易",
        _stars(),
        controls.text_area(
            "文字",
            "text",
            state.errors,
            rows=4,
            max_length=2 * TEXT_LENGTH[1],
            placeholder="东西和描述一样吗？沟通、守时怎么样？",
        ),
        _photos(),
        submit="提交评价",
        form=DialogForm(
            is_open=state.writing,
            on_open_change=_do.ask,
            on_submit=state.write,
            errors=state.errors,
            busy=state.busy,
        ),
        sentence="双方都评价后才会一起公开。提交后不能修改。",
    )


def _replying(review: rx.Var[ReviewView]) -> rx.Component:
    state = OrderReviewsState
    return form_dialog(
        controls.secondary_button("回复"),
        "回复评价",
        controls.text_area("回复内容", "reply", state.errors, rows=3, max_length=2 * REPLY_LENGTH[1]),
        rx.el.input(type="hidden", name="review_id", value=review.id.to_string(), read_only=True),
        submit="回复",
        form=DialogForm(
            is_open=state.replying == review.id,
            on_open_change=lambda is_open: _do.ask_reply(review.id, is_open),
            on_submit=state.reply,
            errors=state.errors,
            busy=state.busy,
        ),
        sentence="只能回复一次，所有人都能看到。",
    )


def _card(review: rx.Var[ReviewView]) -> rx.Component:
    reply = rx.cond(review.can_reply, _replying(review))
    return review_card(review, reply, report_button(review), with_title=False)


def _note() -> rx.Component:
    found = OrderReviewsState.reviews
    return rx.cond(
        found.note != "",
        rx.el.p(
            found.note,
            rx.cond(found.until != "", rx.fragment(" ", time_ago(found.until, "clock"))),
            style={"margin": "0 0 12px", "color": tokens.QUIET, "font_size": "15px", "line_height": "1.6"},
        ),
    )


def order_reviews() -> rx.Component:
    """What the two say of each other, from the completion of the order on."""
    found = OrderReviewsState.reviews
    return rx.cond(
        found.order_id > 0,
        rx.el.div(
            controls.card(
                rx.el.h2("评价", style={"font_size": "17px", "margin": "0 0 8px"}),
                _note(),
                rx.cond(found.can_write, _writing()),
                rx.cond(
                    found.reviews.length() > 0,
                    rx.el.ul(
                        rx.foreach(found.reviews, _card),
                        aria_label="双方的评价",
                        style={**LIST, "margin_top": rx.cond(found.can_write, "16px", "0")},
                    ),
                ),
            ),
            style={"margin_top": "16px"},
        ),
    )
