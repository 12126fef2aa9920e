"""Tables to keep, which spreadsheets open."""

import csv
import io
from collections.abc import Iterable, Sequence

# More rows than a spreadsheet is of use for.
MOST_ROWS = 20_000
# What a spreadsheet takes for a formula where a cell begins with it (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A header and rows as CSV.

    It begins with a byte order mark, without which spreadsheets take UTF-8 for something else. No cell
    is a formula, whatever somebody called a thing.
    """
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: str) -> str:
    """The value, with an apostrophe before what a spreadsheet would calculate."""
    return f"'{value}" if value.lstrip().startswith(_FORMULA) or value.startswith(_FORMULA) else value
