"""The field for a code of an authenticator app."""

from typing import Any

import reflex as rx

from xianyu.components import controls


def code_field(errors: rx.Var[dict[str, str]], hint: str, **props: Any) -> rx.Component:
    """The field ``code``: six digits, or a recovery code."""
    return controls.text_input(
        "验证码",
        "code",
        errors,
        hint=hint,
        auto_complete="one-time-code",
        auto_capitalize="characters",
        spell_check=False,
        **props,
    )
