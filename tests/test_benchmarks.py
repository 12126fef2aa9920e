"""The benchmarks run, print what they promise, and lose nothing. How fast they are is not asked here."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mongodb import running_mongodb
from tests.redis_server import running_redis

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


def _figures(module: str, *options: str) -> dict[str, dict[str, Any]]:
    return {figure["name"]: figure for figure in json.loads(_run(module, "--json", *options))["figures"]}


def _measured(figures: dict[str, dict[str, Any]], part: str, number: int, *, has_reference: bool = True) -> None:
    """There are so many figures of that name, and something was measured for each."""
    found = [figure for name, figure in figures.items() if f": {part}" in name]
    assert len(found) == number, part
    assert all(figure["value"] > 0 for figure in found)
    assert all((figure["reference"] or 0) > 0 for figure in found) is has_reference


def _messages_measured(figures: dict[str, dict[str, Any]], times: int) -> None:
    _measured(figures, "one to one, every 10 ms, p", 2 * times)
    _measured(figures, "one to one, back to back, p", 2 * times)
    _measured(figures, "throughput", times)
    lost = [figure["value"] for name, figure in figures.items() if ": of these not stored or not received" in name]
    assert lost == [0] * times


def test_chat_measures_everything_beside_the_relay_and_loses_nothing() -> None:
    figures = _figures("benchmarks.chat", "--store", "sql", "--workers", "1")
    assert {name.partition(":")[0] for name in figures} == {
        "SQL, 1 worker",
        "SQL, 1 worker, 0 stored",
        "SQL, 1 worker, 60 stored",
    }
    _messages_measured(figures, 2)
    _measured(figures, "one message to", 1)
    _measured(figures, "memory of a further tab", 1, has_reference=False)
    _measured(figures, "one message in the room to", 2)
    _measured(figures, "what it sends to each of", 2, has_reference=False)


@pytest.mark.parametrize(
    ("options", "label"),
    [
        (["--store", "sql", "--workers", "2"], "SQL, 2 workers"),
        (["--store", "mongodb", "--workers", "1"], "MongoDB stand-in, 1 worker"),
    ],
    ids=["two workers", "MongoDB"],
)
def test_chat_measures_each_store_and_number_of_workers(options: list[str], label: str, tmp_path: Path) -> None:
    # Skipped where the programs are missing.
    with running_redis(tmp_path), running_mongodb():
        pass
    parts = ["--only", "latency", "throughput", "--stored", "30"]
    figures = _figures("benchmarks.chat", *options, *parts)
    _messages_measured(figures, 1)
    assert f"{label}, 30 stored: throughput, 3 pairs" in figures


def test_chat_leaves_out_what_the_stand_in_cannot_answer() -> None:
    options = ["--store", "mongodb", "--workers", "1", "--stored", "1000000", "--only", "latency"]
    assert _figures("benchmarks.chat", *options) == {}


def test_feed_measures_the_first_and_a_deep_page_of_all_of_a_group_and_of_one_category() -> None:
    figures = _figures("benchmarks.feed")
    assert len(figures) == 12
    assert sum(", page 1," in name for name in figures) == 6
    assert all(figure["value"] > 0 and figure["reference"] > 0 for figure in figures.values())


def test_search_measures_each_kind_of_query_while_others_write() -> None:
    figures = _figures("benchmarks.search")
    for kind in ("common word, newest", "common word and price", "rare word", "absent word", "common word, relevance"):
        assert sum(f"listings, {kind}" in name for name in figures) == 3, kind
    assert sum(", suggestion, p" in name for name in figures) == 3
    assert sum("writing one with its index" in name for name in figures) == 2
    assert all(figure["value"] > 0 for figure in figures.values())
    compared = [figure for name, figure in figures.items() if "newest" in name and figure["reference"]]
    assert len(compared) == 10


SMALL = {"benchmarks.chat": ["--store", "sql", "--workers", "1", "--stored", "0", "--only", "throughput"]}


@pytest.mark.parametrize("module", ["benchmarks.chat", "benchmarks.feed"])
def test_a_table_for_markdown_is_the_usual_output(module: str) -> None:
    rows = [line for line in _run(module, *SMALL.get(module, [])).splitlines() if line.startswith("| ")]
    assert rows[0].startswith("| what | measured |")
    assert len({row.count("|") for row in rows}) == 1


def test_orders_sells_no_piece_twice_and_measures_every_list() -> None:
    figures = _figures("benchmarks.orders")
    for beginning, sold in (
        ("40 buyers at once of 1 piece: orders", 1),
        ("40 buyers at once of 20 pieces: orders", 20),
    ):
        (found,) = [figure for name, figure in figures.items() if name.startswith(beginning)]
        assert found["value"] == sold
    assert sum(name.startswith("orders a second") for name in figures) == 2
    lists = [figure for name, figure in figures.items() if name.startswith("2,000 orders") and name.endswith("p99")]
    assert len(lists) == 11
    assert all(figure["value"] > 0 for figure in figures.values())
