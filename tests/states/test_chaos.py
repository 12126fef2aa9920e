"""Nothing is lost, doubled or miscounted while workers, Redis, MongoDB and sockets fail; in full: ``make chaos``."""

from pathlib import Path
from random import Random

import pytest

from benchmarks.report import print_figures
from tests.chaos.engine import SMALL, play
from xianyu.adapters.database import Database


@pytest.mark.parametrize("with_mongodb", [False, True], ids=["sql", "mongodb"])
async def test_every_acknowledged_message_is_there_once_and_every_count_is_exact(
    sqlite_database: Database, tmp_path: Path, *, with_mongodb: bool
) -> None:
    seed = Random().randrange(10_000)
    folder = tmp_path / "chaos"
    folder.mkdir()
    report = await play(SMALL, sqlite_database, folder, with_mongodb=with_mongodb, seed=seed)
    print_figures(report.figures, "", as_json=False)
    assert report.problems == [], f"seed {seed}"
    figures = {figure.name: figure.value for figure in report.figures}
    # It is no test unless all of that happened.
    assert figures["messages acknowledged"] == SMALL.people * SMALL.messages
    assert figures["disconnects"] >= SMALL.disconnects
    assert figures["workers killed"] == 2
    assert figures["Redis restarted"] == 1
    assert figures["MongoDB restarted"] == int(with_mongodb)
