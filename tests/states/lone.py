"""A state without a tab, for what it does by itself."""

from typing import Any, TypeVar

import reflex as rx

from tests.live_site import state_names

S = TypeVar("S", bound=rx.State)


def lone(cls: type[S]) -> S:
    """The state as a tab has it."""
    state_names()
    root: Any = rx.State(_reflex_internal_init=True)  # type: ignore[call-arg]  # as Reflex itself makes it
    found: Any = root.get_substate(cls.get_full_name().split("."))
    assert isinstance(found, cls)
    return found
