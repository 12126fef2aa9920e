"""Everything fails while people write to each other, and nothing may be lost.

``python -m tests.chaos [--full] [--store sql|mongodb …] [--seed N] [--keep FOLDER]``
"""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from benchmarks.report import print_figures
from tests.backends import REQUIRE_ALL

STORES = ("sql", "mongodb")


def _play(store: str, seed: int, folder: Path, *, full: bool) -> list[str]:
    # Neither the developer's database nor their data is for this.
    os.environ |= {"XIANYU_DATA_DIR": str(folder), "XIANYU_DATABASE_URL": ""}
    from tests.chaos import engine
    from xianyu.adapters.database import Database
    from xianyu.adapters.migrations import migrate
    from xianyu.settings import Settings

    url = Settings().resolved_database_url
    migrate(url)
    size = engine.FULL if full else engine.SMALL
    database = Database(url)
    report = asyncio.run(engine.play(size, database, folder, with_mongodb=store == "mongodb", seed=seed))
    database.engine.dispose()
    sys.stdout.write(f"\n## {store}, seed {seed}\n\n")
    print_figures(report.figures, "", as_json=False)
    for line in report.problems or ["Nothing is lost, doubled or miscounted."]:
        sys.stdout.write(f"\n{line}\n")
    sys.stdout.flush()
    return report.problems


def main() -> None:
    """Play what the command line asks for and print its figures; the exit status tells whether all was right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="20 people, 1,000 messages, 1,000 disconnects")
    parser.add_argument("--store", nargs="+", choices=STORES, default=list(STORES), help="where messages are kept")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), help="what is cut, and when")
    parser.add_argument("--keep", type=Path, help="an empty folder for data and logs, to look into afterwards")
    options = parser.parse_args()
    # Whoever ends this ends the servers too: an exit runs what stops them, a bare SIGTERM would not.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    os.environ[REQUIRE_ALL] = "1"
    failed = False
    for store in options.store:
        folder = Path(tempfile.mkdtemp(prefix="xianyu-chaos-"))
        try:
            failed |= bool(_play(store, options.seed, folder, full=options.full))
        finally:
            if options.keep is None:
                shutil.rmtree(folder)
            else:
                shutil.move(folder, options.keep / store)
    sys.exit(failed)


if __name__ == "__main__":
    main()
