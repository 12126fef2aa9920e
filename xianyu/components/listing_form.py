"""The form of a listing, for publishing and for changing."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.react import photo_picker
from xianyu.services.categories import categories
from xianyu.services.listing_form import MAX_PHOTOS
from xianyu.states.sell import SellState


def listing_form(action: str, busy_action: str, on_submit: rx.event.EventType) -> rx.Component:
    """All fields of a listing, filled with what ``SellState`` starts with.

    Args:
        action: What the button says.
        busy_action: What it says while the server works.
        on_submit: What takes the form.
    """
    errors = SellState.errors
    # The fields keep what is typed, whatever they start with: a form that starts differently is another form.
    start = (SellState.title, SellState.description, SellState.price, SellState.quantity, SellState.category)
    return rx.el.form(
        rx.el.fieldset(
            rx.el.legend("照片", style={"font_weight": "600", "margin_bottom": "8px", "padding": "0"}),
            photo_picker(
                endpoint=routes.PHOTO_UPLOAD,
                most=MAX_PHOTOS,
                initial=SellState.photos,
                described_by="photos-error",
                invalid=errors.contains("photos"),
            ),
            controls.field_error(errors, "photos"),
            style={"border": "0", "padding": "0", "margin": "0 0 8px", "min_width": "0"},
        ),
        controls.text_input(
            "标题", "title", errors, default_value=SellState.title, placeholder="品牌、型号、关键特点", max_length=120
        ),
        controls.text_area(
            "描述",
            "description",
            errors,
            default_value=SellState.description,
            rows=6,
            placeholder="成色、使用时间、有没有瑕疵、怎么取……说得越清楚，卖得越快",
        ),
        rx.el.div(
            controls.text_input(
                "价格",
                "price",
                errors,
                default_value=SellState.price,
                input_mode="decimal",
                placeholder="元，例如 128.00",
            ),
            controls.text_input("数量", "quantity", errors, default_value=SellState.quantity, input_mode="numeric"),
            style={"display": "grid", "grid_template_columns": "repeat(2, minmax(0, 1fr))", "gap": "16px"},
        ),
        controls.choice(
            "分类",
            "category",
            [("", "请选择分类"), *((category.slug, category.name) for category in categories())],
            errors,
            default_value=SellState.category,
        ),
        controls.field_error(errors, "form"),
        controls.primary_button(
            rx.cond(SellState.busy, busy_action, action),
            type="submit",
            disabled=SellState.busy,
            style={"width": "100%", "margin_top": "12px"},
        ),
        key=rx.Var.create(start).to_string(),
        on_submit=on_submit,
        no_validate=True,
    )
