"""Every library that is installed has its version written down, those that others bring along included."""

import re
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LISTS = ("requirements.txt", "requirements-dev.txt")
PINNED = re.compile(r"[\w.-]+(\[[\w,]+\])?==[\w.]+")


def lines(name: str) -> list[str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith(("#", "-"))]


def requirements(name: str) -> list[Requirement]:
    return [Requirement(line) for line in lines(name)]


def _demands(name: str, extras: Iterable[str]) -> list[Requirement]:
    """What an installed library demands here, with those extras of its own."""
    found = map(Requirement, distribution(name).requires or [])
    environments = [{"extra": extra} for extra in ("", *extras)]
    return [one for one in found if one.marker is None or any(map(one.marker.evaluate, environments))]


def brought_along() -> dict[str, str]:
    """The versions of all libraries that the lists lead to, themselves included."""
    versions: dict[str, str] = {}
    looked_at: set[tuple[str, frozenset[str]]] = set()
    waiting = [one for name in LISTS for one in requirements(name)]
    while waiting:
        one = waiting.pop()
        key = (str(canonicalize_name(one.name)), frozenset(one.extras))
        if key not in looked_at:
            looked_at.add(key)
            versions[key[0]] = distribution(one.name).version
            waiting += _demands(one.name, one.extras)
    return versions


def pins(*names: str) -> dict[str, str]:
    found = [one for name in names for one in requirements(name)]
    return {str(canonicalize_name(one.name)): str(one.specifier).removeprefix("==") for one in found}


def test_every_line_names_one_version() -> None:
    every = [line for name in (*LISTS, "constraints.txt") for line in lines(name)]
    assert [line for line in every if not PINNED.fullmatch(line)] == []


def test_whatever_is_brought_along_is_pinned_as_it_is_installed() -> None:
    pinned, installed = pins(*LISTS, "constraints.txt"), brought_along()
    different = {f"{name}=={version}" for name, version in installed.items() if pinned.get(name) != version}
    assert different == set(), "these belong into constraints.txt"


def test_both_lists_heed_the_pins() -> None:
    assert "-c constraints.txt" in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()


def test_no_pin_is_given_twice() -> None:
    assert pins(*LISTS).keys() & pins("constraints.txt").keys() == set()
