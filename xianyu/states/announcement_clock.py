"""The clock of announcements that wait: each is published at its moment, by whichever worker comes first."""

import asyncio
import logging
from contextlib import suppress

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.models.types import utc_now
from xianyu.schemas.events import AnnouncementChanged, LiveEvent, Reconnected
from xianyu.services import announcement_schedule

logger = logging.getLogger(__name__)

# Seconds until the clock looks again by itself. It wakes earlier at the moment of the next one, and when a
# moment is changed; this is for changes that it was not told of.
INTERVAL = 10.0
# Seconds that it rests at least, so that a row that cannot be published is no endless loop.
LEAST = 0.2

# What wakes the clock of this worker while it runs.
_clocks: set[asyncio.Event] = set()


async def publish_announcements() -> None:
    """Lifespan task, on each worker."""
    changed = asyncio.Event()
    _clocks.add(changed)
    try:
        while True:
            changed.clear()
            await _wait(changed, await _round())
    finally:
        _clocks.discard(changed)


async def _round() -> float:
    try:
        return await publish_due()
    except Exception:
        # A database that is away for a moment must not end this for good.
        logger.exception("Announcements that are due could not be published")
        return INTERVAL


async def _wait(changed: asyncio.Event, seconds: float) -> None:
    await asyncio.sleep(LEAST)
    with suppress(TimeoutError):
        await asyncio.wait_for(changed.wait(), seconds)


async def publish_due() -> float:
    """Publish what is due, and return after how many seconds to look again."""
    due = await get_database().reading(announcement_schedule.next_due)
    if due is not None and due <= utc_now():
        events = await get_database().writing(announcement_schedule.publish_due, utc_now())
        if events:
            await bus.publish(events)
        due = await get_database().reading(announcement_schedule.next_due)
    return INTERVAL if due is None else min(INTERVAL, max(0.0, (due - utc_now()).total_seconds()))


async def on_event(event: LiveEvent) -> None:
    """A moment may have been chosen or changed, here or on another worker."""
    if isinstance(event, AnnouncementChanged | Reconnected):
        for changed in _clocks:
            changed.set()
