"""The benchmarks run, print what they promise, and lose nothing. How fast they are is not asked here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]


def _run(module: str, *options: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XIANYU_")}
    done = subprocess.run(
        [sys.executable, "-m", module, "--quick", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def _figures(module: str) -> dict[str, dict[str, Any]]:
    return {figure["name"]: figure for figure in json.loads(_run(module, "--json"))["figures"]}


def _value(figures: dict[str, dict[str, Any]], beginning: str) -> float:
    (found,) = [figure for name, figure in figures.items() if name.startswith(beginning)]
    return float(found["value"])


def test_chat_measures_everything_beside_the_relay_and_loses_nothing() -> None:
    figures = _figures("benchmarks.chat")
    assert _value(figures, "of these not stored or not received") == 0
    assert _value(figures, "memory of a further tab") > 0
    compared = [name for name in figures if name.startswith(("one to one", "throughput", "one message to"))]
    assert len(compared) == 10
    for name in compared:
        assert figures[name]["value"] > 0
        assert figures[name]["reference"] > 0


def test_feed_measures_the_first_and_a_deep_page_of_all_and_of_one_category() -> None:
    figures = _figures("benchmarks.feed")
    assert len(figures) == 8
    assert sum(", page 1," in name for name in figures) == 4
    assert all(figure["value"] > 0 and figure["reference"] > 0 for figure in figures.values())


@pytest.mark.parametrize("module", ["benchmarks.chat", "benchmarks.feed"])
def test_a_table_for_markdown_is_the_usual_output(module: str) -> None:
    options = ["--only", "throughput"] if module == "benchmarks.chat" else []
    rows = [line for line in _run(module, *options).splitlines() if line.startswith("| ")]
    assert rows[0].startswith("| what | measured |")
    assert len({row.count("|") for row in rows}) == 1
