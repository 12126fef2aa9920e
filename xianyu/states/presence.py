"""Notices who opened the site and who closed it, for those who may see that."""

import asyncio
import logging

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.adapters.relay import share_presence, who_is_online
from xianyu.schemas.events import PresenceChanged
from xianyu.services import presence

logger = logging.getLogger(__name__)

# Seconds from one look to the next. Who is missing at two of them has gone: a page that is loaded
# anew is away for a moment, too.
INTERVAL = 3.0


async def watch_people() -> None:
    """Lifespan task: look again and again at who has a tab open."""
    watch = PeopleWatch()
    while True:
        try:
            await watch.look()
        except Exception:
            # A database that is away for a moment must not end this for good.
            logger.exception("A look at who is here failed")
        await asyncio.sleep(INTERVAL)


class PeopleWatch:
    """Who was told to be here, and who of them was missing at the last look."""

    def __init__(self) -> None:
        self._known: set[int] = set()
        self._missing: set[int] = set()

    async def look(self) -> None:
        """Tell who came and who went since the last look. Who went on to another worker has not gone."""
        here = bus.people()
        missing = self._known - here
        gone = missing & self._missing
        if gone:
            gone -= await who_is_online(gone)
        came = here - self._known
        if gone:
            await get_database().writing(presence.note_gone, gone)
        self._known = (self._known | here) - gone
        self._missing = missing - gone
        if gone | came:
            # Before the event: whoever hears of it on another worker asks who is here.
            await share_presence()
        await bus.publish([PresenceChanged(user_id) for user_id in sorted(gone | came)])
