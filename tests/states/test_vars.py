"""What the states hold and offer: nothing that a browser must not see, and no event by accident."""

import ast
import dataclasses
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reflex.state import BaseState

from tests.live_site import states_by_name

STATES = Path(__file__).resolve().parents[2] / "xianyu" / "states"


def _held_types(annotation: Any) -> Iterator[Any]:
    arguments = typing.get_args(annotation)
    if arguments:
        for argument in arguments:
            yield from _held_types(argument)
    elif dataclasses.is_dataclass(annotation):
        yield annotation
        for hint in typing.get_type_hints(annotation).values():
            yield from _held_types(hint)
    else:
        yield annotation


PLAIN = (int, str, bool, float, types.NoneType)


def _own_states() -> dict[str, type[BaseState]]:
    return {name: cls for name, cls in states_by_name().items() if cls.__module__.startswith("xianyu.")}


def test_vars_hold_nothing_but_plain_values_and_frozen_views() -> None:
    checked = 0
    for state, cls in _own_states().items():
        for var, held in [(var, one) for var, kind in cls.base_vars.items() for one in _held_types(kind._var_type)]:
            checked += 1
            view = dataclasses.is_dataclass(held) and held.__module__.startswith("xianyu.schemas.")
            assert held in PLAIN or (view and held.__dataclass_params__.frozen), f"{state}.{var} may hold {held}"
    assert checked > 50


# Operators find people by their address, on pages that nobody else is shown.
FOR_OPERATORS = {("UserLine", "email")}


def test_no_var_is_named_like_a_secret() -> None:
    names = {var for cls in _own_states().values() for var in cls.base_vars}
    for cls in _own_states().values():
        views = [one for kind in cls.base_vars.values() for one in _held_types(kind._var_type)]
        fields = [
            (view, one.name) for view in views if dataclasses.is_dataclass(view) for one in dataclasses.fields(view)
        ]
        names |= {name for view, name in fields if (getattr(view, "__name__", ""), name) not in FOR_OPERATORS}
    secret = re.compile("password|hash|token|email|session|cookie")
    assert {name for name in names if secret.search(name)} == set()
    assert {"username", "unread", "seller_name"} <= names


def _public_methods() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file in STATES.glob("*.py"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "rx.State" for base in node.bases):
                for method in node.body:
                    if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef) and not method.name.startswith("_"):
                        yield f"{node.name}.{method.name}", method


def test_every_public_method_says_that_it_is_an_event() -> None:
    """Reflex makes an event of each, said or not; an unsaid one may be a helper that lost its underscore."""
    methods = dict(_public_methods())
    assert len(methods) >= 30
    assert [name for name, one in methods.items() if "rx.event" not in map(ast.unparse, one.decorator_list)] == []
