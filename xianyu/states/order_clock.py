"""The clock of orders, offers and reviews: warns, ends what nobody answered, completes what was sent."""

import asyncio
import logging
from datetime import datetime

from xianyu.adapters.database import get_database, in_thread
from xianyu.adapters.live import bus
from xianyu.models.types import utc_now
from xianyu.services import order_deadlines

logger = logging.getLogger(__name__)

# Seconds from one round to the next.
INTERVAL = 20


async def keep_deadlines() -> None:
    """Lifespan task, on each worker: whichever comes first to a deadline meets it."""
    while True:
        try:
            await meet(utc_now())
        except Exception:
            # A database that is away for a moment must not end this for good.
            logger.exception("A round of deadlines failed")
        await asyncio.sleep(INTERVAL)


async def meet(now: datetime) -> None:
    """One round: whatever is due, each told as soon as it is committed."""
    rounds = order_deadlines.run(get_database(), now)
    while (events := await in_thread(lambda: next(rounds, None))) is not None:
        if events:
            await bus.publish(events)
