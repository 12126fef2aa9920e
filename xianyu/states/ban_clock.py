"""The clock of bans: puts back on offer what a ban took away, once that is over."""

import asyncio
import logging

from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.services import bans
from xianyu.services.accounts import PersonNotFound

logger = logging.getLogger(__name__)

# Seconds from one round to the next.
INTERVAL = 20


async def keep_bans() -> None:
    """Lifespan task, on each worker: whichever comes first to something does it."""
    while True:
        try:
            await settle()
        except Exception:
            # A database that is away for a moment must not end this for good.
            logger.exception("A round of bans failed")
        await asyncio.sleep(INTERVAL)


async def settle() -> None:
    """One round, each person's listings told as soon as they are committed."""
    for user_id in await get_database().reading(bans.unsettled):
        try:
            await bus.publish(await get_database().writing(bans.settle, user_id))
        except PersonNotFound:
            # They left between the two.
            continue
