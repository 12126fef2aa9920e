"""Buttons, fields and small pieces that every page is made of."""

from typing import Any

import reflex as rx

from xianyu.components import tokens

_BUTTON = {
    "display": "inline-flex",
    "align_items": "center",
    "justify_content": "center",
    "gap": "8px",
    "min_height": tokens.TARGET,
    "padding": "0 20px",
    "border_radius": "999px",
    "border": "1px solid transparent",
    "font_size": "16px",
    "font_weight": "600",
    "line_height": "1",
    "cursor": "pointer",
    "white_space": "nowrap",
    "transition": f"background {tokens.MOTION}, border-color {tokens.MOTION}",
    "_disabled": {"opacity": "0.6", "cursor": "not-allowed"},
}
_PRIMARY = {
    "background": tokens.PRIMARY,
    "color": tokens.ON_PRIMARY,
    "_hover": {"background": tokens.PRIMARY_HOVER},
}
_SECONDARY = {
    "background": tokens.SURFACE,
    "color": tokens.INK,
    "border_color": tokens.LINE,
    "_hover": {"background": tokens.TINT},
}
# What people type into.
INPUT = {
    "width": "100%",
    "min_height": "48px",
    "padding": "11px 14px",
    "border_radius": tokens.RADIUS_SMALL,
    "border": f"1px solid {tokens.FIELD}",
    "background_color": tokens.SURFACE,
    "color": tokens.INK,
    # Phones zoom into fields with smaller text.
    "font_size": "16px",
    "line_height": "1.5",
    "font_family": "inherit",
    "_placeholder": {"color": tokens.QUIET, "opacity": "1"},
    "&[aria-invalid=true]": {"border_color": tokens.DANGER},
}


def primary_button(*children: Any, **props: Any) -> rx.Component:
    """The one thing that a page is for: dark text on yellow."""
    return rx.el.button(*children, style={**_BUTTON, **_PRIMARY, **props.pop("style", {})}, **_typed(props))


def secondary_button(*children: Any, **props: Any) -> rx.Component:
    """Anything else that can be done."""
    return rx.el.button(*children, style={**_BUTTON, **_SECONDARY, **props.pop("style", {})}, **_typed(props))


def _typed(props: dict[str, Any]) -> dict[str, Any]:
    return {"type": "button", **props}


class PostForm(rx.Component):
    """A form that the browser itself posts; ``rx.el.form`` never lets one leave the page."""

    tag = "form"
    _is_tag_in_global_scope = True

    action: rx.Var[str]
    method: rx.Var[str] = rx.Var.create("post")


post_form = PostForm.create


def waits(busy: Any = False) -> Any:
    """Whether a form has to wait before it can be sent.

    While its page still loads, since loading starts the form afresh and would wipe the answer away;
    and while the server is at work on the last press.
    """
    return ~rx.State.is_hydrated | busy


def primary_link(*children: Any, **props: Any) -> rx.Component:
    """A link that looks like the primary button."""
    return rx.el.a(*children, style={**_BUTTON, **_PRIMARY, **props.pop("style", {})}, **props)


def secondary_link(*children: Any, **props: Any) -> rx.Component:
    """A link that looks like a secondary button."""
    return rx.el.a(*children, style={**_BUTTON, **_SECONDARY, **props.pop("style", {})}, **props)


def field_error(errors: rx.Var[dict[str, str]], name: str) -> rx.Component:
    """The message beside a refused field; screen readers are told when it appears."""
    return rx.el.p(
        errors.get(name, ""),
        id=f"{name}-error",
        role="alert",
        style={"color": tokens.DANGER, "font_size": "14px", "min_height": "20px", "margin": "4px 0 12px"},
    )


def labelled(
    label: Any, name: str, control: rx.Component, errors: rx.Var[dict[str, str]], hint: str = ""
) -> rx.Component:
    """A control with its label above, and a hint and the message of its refusal below."""
    return rx.el.div(
        rx.el.label(label, html_for=name, style={"font_weight": "600", "display": "block", "margin_bottom": "6px"}),
        control,
        rx.el.p(hint, style={"color": tokens.QUIET, "font_size": "13px", "margin": "4px 0 0"})
        if hint
        else rx.fragment(),
        field_error(errors, name),
    )


def text_input(label: Any, name: str, errors: rx.Var[dict[str, str]], *, hint: str = "", **props: Any) -> rx.Component:
    """A labelled input of a form; it keeps what was typed whatever the server answers."""
    return labelled(label, name, rx.el.input(**_control(name, errors), **props), errors, hint)


def text_area(label: str, name: str, errors: rx.Var[dict[str, str]], *, hint: str = "", **props: Any) -> rx.Component:
    """A labelled field of several lines."""
    return labelled(
        label, name, rx.el.textarea(**_control(name, errors, {"resize": "vertical"}), **props), errors, hint
    )


def choice(
    label: str, name: str, options: list[tuple[str, str]], errors: rx.Var[dict[str, str]], **props: Any
) -> rx.Component:
    """A labelled choice of one. ``options`` are pairs of value and name."""
    items = [rx.el.option(text, value=value) for value, text in options]
    return labelled(label, name, rx.el.select(*items, class_name="x-select", **_control(name, errors), **props), errors)


def radio(label: Any, name: str, value: str, **props: Any) -> rx.Component:
    """One choice among those of the same name, its label beside it."""
    return rx.el.label(
        rx.el.input(
            type="radio",
            name=name,
            value=value,
            style={"width": "20px", "height": "20px", "margin": "0", "accent_color": tokens.PRIMARY_HOVER},
            **props,
        ),
        label,
        style={
            "display": "inline-flex",
            "align_items": "center",
            "gap": "10px",
            "min_height": tokens.TARGET,
            "cursor": "pointer",
        },
    )


def check_box(label: Any, name: str, **props: Any) -> rx.Component:
    """A choice of yes or no, its label beside it. A form holds ``on`` for yes and nothing for no."""
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=name,
            style={"width": "20px", "height": "20px", "margin": "0", "accent_color": tokens.PRIMARY_HOVER},
            **props,
        ),
        label,
        style={
            "display": "inline-flex",
            "align_items": "center",
            "gap": "10px",
            "min_height": tokens.TARGET,
            "cursor": "pointer",
        },
    )


def grouped_choice(
    label: str, name: str, first: str, *inside: Any, errors: rx.Var[dict[str, str]], **props: Any
) -> rx.Component:
    """A labelled choice of one. ``first`` is what the choice of nothing is called, ``inside`` options and groups."""
    select = rx.el.select(
        rx.el.option(first, value=""), *inside, class_name="x-select", **_control(name, errors), **props
    )
    return labelled(label, name, select, errors)


def _control(name: str, errors: rx.Var[dict[str, str]], style: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "id": name,
        "name": name,
        "style": {**INPUT, **(style or {})},
        "aria_describedby": f"{name}-error",
        "aria_invalid": errors.contains(name),
    }


def card(*children: Any, **style: Any) -> rx.Component:
    """A raised surface."""
    return rx.el.section(
        *children,
        style={
            "background": tokens.SURFACE,
            "border": f"1px solid {tokens.LINE}",
            "border_radius": tokens.RADIUS,
            "box_shadow": tokens.SHADOW,
            "padding": "24px",
            **style,
        },
    )


def empty_state(icon: str, sentence: Any, action: rx.Component | None = None) -> rx.Component:
    """What stands where there is nothing: a sentence, and something to do about it."""
    return rx.el.div(
        rx.icon(icon, size=44, stroke_width=1.4, color=tokens.QUIET, aria_hidden="true"),
        rx.el.p(sentence, style={"color": tokens.QUIET, "font_size": "16px", "text_align": "center", "margin": "0"}),
        action or rx.fragment(),
        style={
            "display": "flex",
            "flex_direction": "column",
            "align_items": "center",
            "gap": "16px",
            "padding": "64px 16px",
        },
    )


def count(shown: Any, said: Any, **props: Any) -> rx.Component:
    """A number on a dot, which screen readers hear in words."""
    return rx.el.span(rx.el.span(shown, aria_hidden="true"), rx.el.span(said, class_name="x-visually-hidden"), **props)


def avatar(name: Any, url: Any = "", size: str = "40px") -> rx.Component:
    """A person's picture, or their initial on a tint. The name stands beside it, so it is not read out twice.

    Args:
        name: What the person is called.
        url: The picture's address; empty where there is none.
        size: The diameter, as CSS has it.
    """
    picture = rx.Var.create(url).to(str)
    return rx.el.span(
        rx.cond(
            picture != "",
            rx.el.img(src=picture, alt="", style={"width": "100%", "height": "100%", "object_fit": "cover"}),
            rx.Var.create(name).to(str)[0],
        ),
        aria_hidden="true",
        style={
            "display": "inline-flex",
            "align_items": "center",
            "justify_content": "center",
            "width": size,
            "height": size,
            "flex": "none",
            "border_radius": "50%",
            "overflow": "hidden",
            "background": tokens.AVATAR,
            "color": tokens.INK,
            "font_size": f"calc({size} * 0.42)",
            "font_weight": "700",
        },
    )


def skeleton(**style: Any) -> rx.Component:
    """The place of something that is on its way."""
    return rx.el.div(class_name="x-skeleton", aria_hidden="true", style=style)
