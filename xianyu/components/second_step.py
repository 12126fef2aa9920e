"""The field for a code of an authenticator app."""

from typing import Any

import reflex as rx

from xianyu.components import controls


def code_field(errors: rx.Var[dict[str, str]], hint: str, name: str = "code", **props: Any) -> rx.Component:
    """A field for six digits, or a recovery code."""
    return controls.text_input(
        "验证码",
        name,
        errors,
        hint=hint,
        auto_complete="one-time-code",
        auto_capitalize="characters",
        spell_check=False,
        **props,
    )
