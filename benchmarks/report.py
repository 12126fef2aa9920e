"""Figures, and the table that shows them."""

import argparse
import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured value beside the same thing done by the reference in the same run.

    ``reference`` is ``None`` where there is nothing to compare with.
    """

    name: str
    value: float
    unit: str
    reference: float | None = None
    target: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times the reference's value."""
        return self.value / self.reference if self.reference else None


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of a hundred do not exceed, by linear interpolation."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def machine() -> str:
    """The machine that measured."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    memory = f"{pages / 2**30:.0f} GiB"
    parts = (
        f"{os.cpu_count()} cores ({_processor()})",
        memory,
        f"Python {platform.python_version()}",
        platform.system(),
    )
    return f"{', '.join(parts)}; load {os.getloadavg()[0]:.1f} at the end"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _row(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f} ×"
    cells = (figure.name, f"{_number(figure.value)} {figure.unit}", _number(figure.reference), ratio, figure.target)
    return f"| {' | '.join(cells)} |"


def output_options(description: str | None) -> argparse.ArgumentParser:
    """A command line with what every benchmark understands."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small sizes, to see that it works")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def listing_options(description: str | None, sizes: Sequence[int]) -> argparse.ArgumentParser:
    """The same, for measurements among listings."""
    parser = output_options(description)
    parser.add_argument("--sizes", nargs="+", type=int, default=sizes, help="how many listings")
    parser.add_argument(
        "--url", default="", help="an empty database in place of SQLite, such as postgresql+psycopg://…"
    )
    return parser


def print_figures(figures: Sequence[Figure], reference: str, as_json: bool) -> None:
    """Print a table for Markdown, or JSON for programs."""
    if as_json:
        rows = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
        print(json.dumps({"machine": machine(), "figures": rows}, ensure_ascii=False, indent=2))
        return
    print(f"{machine()}\n")
    print(f"| what | measured | {reference} | ratio | target |\n| --- | ---: | ---: | ---: | --- |")
    for figure in figures:
        print(_row(figure))
