"""The form of a listing, for publishing and for changing."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.adapters.video import MAX_SECONDS, MAX_VIDEO_BYTES
from xianyu.components import controls, tokens
from xianyu.components.react import draft_keeper, photo_picker, tag_field, video_picker
from xianyu.models import ListingKind
from xianyu.schemas.listings import CategoryGroup
from xianyu.services import tags
from xianyu.services.conditions import CONDITIONS
from xianyu.services.listing_form import MAX_PHOTOS, PLACE_LENGTH
from xianyu.states.catalog import CatalogState
from xianyu.states.sell import SellState

_PAIR = {"display": "grid", "grid_template_columns": "repeat(2, minmax(0, 1fr))", "gap": "0 16px"}
_HEADING = {"font_weight": "600", "margin_bottom": "8px", "padding": "0"}
# What is shown depends on two choices within the form, which the style sheet follows: nothing has to
# be asked of the server, and what is hidden keeps what was typed.
_OFFER_ONLY = "x-offer-only"
_PRICED_ONLY = "x-priced-only"


def _kind(label: str, kind: ListingKind) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="radio",
            name="kind",
            value=kind.value,
            default_checked=SellState.start.kind == kind.value,
            class_name="x-visually-hidden",
        ),
        label,
        class_name="x-segment",
    )


def _kinds() -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend("发布什么", class_name="x-visually-hidden"),
        _kind("出闲置", ListingKind.OFFER),
        _kind("求购", ListingKind.WANTED),
        class_name="x-segments",
    )


def _photos() -> rx.Component:
    errors = SellState.errors
    return rx.el.fieldset(
        rx.el.legend("照片", rx.el.span("（可以不加）", class_name="x-wanted-only x-note"), style=_HEADING),
        photo_picker(
            endpoint=routes.PHOTO_UPLOAD,
            most=MAX_PHOTOS,
            initial=SellState.photos,
            described_by="photos-error",
            invalid=errors.contains("photos"),
        ),
        controls.field_error(errors, "photos"),
        video_picker(
            endpoint=routes.VIDEO_UPLOAD,
            most_bytes=MAX_VIDEO_BYTES,
            most_seconds=MAX_SECONDS,
            initial=SellState.video,
            refusal=errors.get("video", ""),
        ),
        style={"border": "0", "padding": "0", "margin": "0 0 8px", "min_width": "0"},
    )


def _price() -> rx.Component:
    errors, start = SellState.errors, SellState.start
    # The label says 价格 or 预算; the second word is the style sheet's, and so never read out beside the first.
    label = rx.fragment(
        rx.el.span("价格", class_name=_OFFER_ONLY),
        rx.el.span(class_name="x-wanted-only x-said", custom_attrs={"data-text": "预算"}),
    )
    return rx.el.div(
        rx.el.div(
            controls.text_input(
                label,
                "price",
                errors,
                default_value=start.price,
                input_mode="decimal",
                placeholder="元，例如 128",
                max_length=40,
            ),
            class_name=_PRICED_ONLY,
        ),
        rx.el.div(
            controls.text_input(
                "原价",
                "original_price",
                errors,
                default_value=start.original_price,
                input_mode="decimal",
                placeholder="元，选填",
                max_length=40,
            ),
            class_name=_OFFER_ONLY,
        ),
        rx.el.div(
            rx.el.div(controls.check_box("免费送", "is_free", default_checked=start.is_free), class_name=_OFFER_ONLY),
            rx.el.div(
                controls.check_box("可议价", "is_negotiable", default_checked=start.is_negotiable),
                class_name=_PRICED_ONLY,
            ),
            style={"display": "flex", "gap": "28px", "grid_column": "1 / -1", "margin_bottom": "12px"},
        ),
        style=_PAIR,
    )


def _quantity_and_condition() -> rx.Component:
    errors, start = SellState.errors, SellState.start
    return rx.el.div(
        controls.text_input(
            "数量", "quantity", errors, default_value=start.quantity, input_mode="numeric", max_length=40
        ),
        rx.el.div(
            controls.choice(
                "成色", "condition", [("", "选填"), *CONDITIONS.items()], errors, default_value=start.condition
            ),
            class_name=_OFFER_ONLY,
        ),
        style=_PAIR,
    )


def _options(group: rx.Var[CategoryGroup]) -> rx.Component:
    """A group's categories, and the group itself for what fits none of them."""
    return rx.el.optgroup(
        rx.foreach(group.children, lambda child: rx.el.option(child.name, value=child.slug, key=child.slug)),
        rx.el.option(group.rest, value=group.slug),
        label=group.name,
        key=group.slug,
    )


def _category() -> rx.Component:
    start = SellState.start
    return controls.grouped_choice(
        "分类",
        "category",
        "请选择分类",
        rx.foreach(CatalogState.groups, _options),
        # What takes nothing new may be kept by what is in it.
        rx.cond(
            SellState.hidden_category != "",
            rx.el.option(f"{SellState.hidden_category}（已停用）", value=start.category),
        ),
        errors=SellState.errors,
        default_value=start.category,
    )


def _tags() -> rx.Component:
    errors = SellState.errors
    field = tag_field(
        field_id="tags",
        initial=SellState.start.tags,
        most=tags.MAX_TAGS,
        longest=tags.LENGTH,
        suggestions=SellState.suggestions,
        described_by="tags-error",
        invalid=errors.contains("tags"),
        on_type=SellState.suggest,
    )
    return controls.labelled("标签", "tags", field, errors)


def _submit(action: str, busy_action: str) -> rx.Component:
    return rx.fragment(
        controls.field_error(SellState.errors, "form"),
        rx.cond(SellState.refused != "", rx.el.p(SellState.refused, style={"color": tokens.DANGER, "margin": "0"})),
        controls.primary_button(
            rx.cond(SellState.busy, busy_action, rx.cond(SellState.newer != "", "仍要保存", action)),
            type="submit",
            disabled=controls.waits(SellState.busy),
            style={"width": "100%", "margin_top": "12px"},
        ),
    )


def listing_form(action: str, busy_action: str, on_submit: rx.event.EventType, **props: Any) -> rx.Component:
    """All fields of a listing, filled with what ``SellState`` starts with.

    Args:
        action: What the button says.
        busy_action: What it says while the server works.
        on_submit: What takes the form.
        props: ``on_keep``: what takes the form each time that somebody pauses while they type.
    """
    errors, start = SellState.errors, SellState.start
    return rx.el.form(
        _kinds(),
        _photos(),
        controls.text_input(
            "标题", "title", errors, default_value=start.title, placeholder="品牌、型号、关键特点", max_length=120
        ),
        controls.text_area(
            "描述",
            "description",
            errors,
            default_value=start.description,
            rows=6,
            placeholder="使用时间、有没有瑕疵、怎么取……说得越清楚，越快成交",
        ),
        _price(),
        _quantity_and_condition(),
        _category(),
        _tags(),
        controls.text_input(
            "自提地点",
            "place",
            errors,
            default_value=start.place,
            placeholder="选填，例如 3 号楼大堂",
            max_length=2 * PLACE_LENGTH[1],
        ),
        rx.el.input(type="hidden", name="base", default_value=start.base),
        rx.el.input(type="hidden", name="newer", value=SellState.newer),
        draft_keeper(on_keep=props["on_keep"]) if "on_keep" in props else rx.fragment(),
        _submit(action, busy_action),
        on_submit=on_submit,
        no_validate=True,
        class_name="x-listing-form",
    )
