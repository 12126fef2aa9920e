"""Threads that meet: what the database decides is only tested by two at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

# Seconds until a meeting that does not come about fails its test.
PATIENCE = 30


def race(*works: Callable[[], T]) -> Sequence[T | Exception]:
    """Start all works at the same moment and return what each returned or raised, in order."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T | Exception:
        start.wait(PATIENCE)
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
            return error

    with ThreadPoolExecutor(max_workers=len(works)) as pool:
        return list(pool.map(run, works))
