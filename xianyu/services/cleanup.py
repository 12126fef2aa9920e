"""Removes pictures and videos that became part of nothing. Run from time to time, off the event loop."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from types import ModuleType

from xianyu.adapters import media, video
from xianyu.adapters.database import Database
from xianyu.models.types import utc_now
from xianyu.services import drafts, photos, screening, uploads, videos

logger = logging.getLogger(__name__)

# Long enough to finish a form that was begun yesterday evening.
ORPHAN_AGE = timedelta(hours=24)


def clean_orphans(database: Database, directory: Path, now: datetime | None = None) -> int:
    """Remove rows and files of pictures and videos that have been part of nothing for ``ORPHAN_AGE``.

    Files go after their rows are gone and committed: a crash in between leaves files that no row
    names, and those are found by their age in the second step.

    Returns:
        How many pictures, videos and stray files were removed.
    """
    database.write(screening.tidy, now)
    # A database without a single picture or video beside a folder full of them is more likely the wrong
    # database than the right moment to delete everything.
    if database.read(photos.is_empty) and database.read(videos.is_empty):
        return 0
    database.write(drafts.tidy, now)
    before = (now or utc_now()) - ORPHAN_AGE
    removed = _remove_orphans(database, directory, before, photos, media.delete_photo)
    removed += _remove_orphans(database, directory, before, videos, video.delete_video)
    removed += _remove_strays(database, directory, before)
    if removed:
        logger.info("Removed %d pictures, videos and files that nothing refers to", removed)
    return removed


def remove_files(directory: Path, photo_names: Iterable[str], video_names: Iterable[str]) -> None:
    """Remove the files of pictures and videos whose rows are gone and committed.

    What a crash leaves of them is found by ``clean_orphans``.
    """
    for name in photo_names:
        media.delete_photo(directory, name)
    for name in video_names:
        video.delete_video(directory, name)


def _remove_orphans(
    database: Database, directory: Path, before: datetime, service: ModuleType, delete: Callable[[Path, str], None]
) -> int:
    """The same for pictures and for videos, whose services know the same verbs."""
    removed = 0
    while orphans := database.read(service.expired_orphans, before):
        names = dict(orphans)
        gone = database.write(service.forget, names)
        for row_id in gone:
            delete(directory, names[row_id])
        removed += len(gone)
        if not gone:
            break
    return removed


def _remove_strays(database: Database, directory: Path, before: datetime) -> int:
    removed = 0
    for batch in _batches(media.files_before(directory, before)):
        names = {name for name, _ in batch}
        known = database.read(photos.known_names, names) | database.read(videos.known_names, names)
        for name, path in batch:
            if name not in known:
                path.unlink(missing_ok=True)
                removed += 1
    return removed


def _batches(files: Iterable[tuple[str, Path]]) -> Iterator[list[tuple[str, Path]]]:
    iterator = iter(files)
    while batch := list(islice(iterator, uploads.BATCH)):
        yield batch
