"""What the forms of activities and announcements have in common."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.layout import page
from xianyu.components.publish_kinds import publish_kinds
from xianyu.components.react import fresh_form, photo_picker
from xianyu.services.form_checks import MAX_PHOTOS


def photos_field(state: Any) -> rx.Component:
    """The photo picker, which may stay empty."""
    return rx.el.fieldset(
        rx.el.legend(
            "照片",
            rx.el.span("（选填）", style={"color": tokens.QUIET, "font_weight": "400"}),
            style={"font_weight": "600", "margin_bottom": "8px", "padding": "0"},
        ),
        photo_picker(
            endpoint=routes.PHOTO_UPLOAD,
            most=MAX_PHOTOS,
            initial=state.photos,
            described_by="photos-error",
            invalid=state.errors.contains("photos"),
        ),
        controls.field_error(state.errors, "photos"),
        style={"border": "0", "padding": "0", "margin": "0 0 8px", "min_width": "0"},
    )


def publishing(state: Any, heading: str, *fields: rx.Component, back: str, route: str) -> rx.Component:
    """The page that publishes something; the other kinds are offered above the form.

    Args:
        state: The state of the form, with ``open_new`` and ``publish``.
        heading: The page's heading.
        fields: The form's controls, which start with what the state holds.
        back: Where to go if whoever looks may not publish.
        route: The page's own route.
    """
    form = _form(state, *fields, action="发布", busy_action="正在发布…", on_submit=state.publish)
    return page(publish_kinds(route), _framed(state, heading, form, state.open_new, back), width=tokens.NARROW)


def editing(state: Any, heading: str, *fields: rx.Component, back: str) -> rx.Component:
    """The page that changes something.

    Args:
        state: The state of the form, with ``open_edit`` and ``save``.
        heading: The page's heading.
        fields: The form's controls, which start with what the state holds.
        back: Where to go if there is nothing to change here.
    """
    form = _form(state, *fields, action="保存", busy_action="正在保存…", on_submit=state.save)
    return page(_framed(state, heading, form, state.open_edit, back), width=tokens.NARROW)


def _form(
    state: Any, *fields: rx.Component, action: str, busy_action: str, on_submit: rx.event.EventType
) -> rx.Component:
    return rx.el.form(
        *fields,
        # Which version is changed here; after a refusal over a newer one, knowingly that one.
        rx.el.input(type="hidden", name="version", value=state.version.to_string(), read_only=True),
        controls.field_error(state.errors, "form"),
        controls.primary_button(
            rx.cond(state.busy, busy_action, action),
            type="submit",
            disabled=controls.waits(state.busy),
            style={"width": "100%", "margin_top": "12px"},
        ),
        on_submit=on_submit,
        no_validate=True,
    )


def _framed(state: Any, heading: str, form: rx.Component, on_open: rx.event.EventType, back: str) -> rx.Component:
    return controls.card(
        rx.el.h1(heading, style={"font_size": "24px", "margin": "0 0 20px"}),
        fresh_form(
            rx.cond(
                state.missing == "",
                form,
                controls.empty_state("file-x", state.missing, controls.primary_link("返回", href=back)),
            ),
            opened=state.opened,
            on_open=on_open,
        ),
    )
