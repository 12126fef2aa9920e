"""Removes pictures that became part of nothing. Run from time to time, off the event loop."""

import logging
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from xianyu.adapters import media
from xianyu.adapters.database import Database
from xianyu.models.types import utc_now
from xianyu.services import photos

logger = logging.getLogger(__name__)

# Long enough to finish a form that was begun yesterday evening.
ORPHAN_AGE = timedelta(hours=24)


def clean_orphans(database: Database, directory: Path, now: datetime | None = None) -> int:
    """Remove rows and files of pictures that have been part of no listing for ``ORPHAN_AGE``.

    Files go after their rows are gone and committed: a crash in between leaves files that no row
    names, and those are found by their age in the second step.

    Returns:
        How many pictures and stray files were removed.
    """
    # A database without a single picture beside a folder full of them is more likely the wrong
    # database than the right moment to delete everything.
    if database.read(photos.is_empty):
        return 0
    before = (now or utc_now()) - ORPHAN_AGE
    removed = _remove_orphans(database, directory, before) + _remove_strays(database, directory, before)
    if removed:
        logger.info("Removed %d pictures and files that nothing refers to", removed)
    return removed


def _remove_orphans(database: Database, directory: Path, before: datetime) -> int:
    removed = 0
    while orphans := database.read(photos.expired_orphans, before):
        names = dict(orphans)
        gone = database.write(photos.forget, names)
        for photo_id in gone:
            media.delete_photo(directory, names[photo_id])
        removed += len(gone)
        if not gone:
            break
    return removed


def _remove_strays(database: Database, directory: Path, before: datetime) -> int:
    removed = 0
    for batch in _batches(media.files_before(directory, before)):
        known = database.read(photos.known_names, {name for name, _ in batch})
        for name, path in batch:
            if name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _batches(files: Iterable[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    iterator = iter(files)
    while batch := list(islice(iterator, photos.BATCH)):
        yield batch
