"""Mails about missed messages, for those who have no tab open."""

import asyncio
import logging
from datetime import datetime
from functools import partial

from xianyu.adapters.database import get_database, in_thread
from xianyu.adapters.mail import outbox
from xianyu.adapters.relay import who_is_online
from xianyu.models.types import utc_now
from xianyu.services import reminders

logger = logging.getLogger(__name__)

# Seconds from one round to the next.
INTERVAL = 300
# How many mails a round brings at most, so that the outbox has room for those that open accounts.
PER_ROUND = 200


async def remind_people() -> None:
    """Lifespan task: look every few minutes for people who missed messages."""
    while True:
        try:
            await remind(utc_now())
        except Exception:
            # A database that is away for a moment must not end the reminders for good.
            logger.exception("A round of reminders failed")
        await asyncio.sleep(INTERVAL)


async def remind(now: datetime) -> None:
    """One round. It is noted before the mail goes out: one that is lost is better than two."""
    room = PER_ROUND
    due = await get_database().reading(reminders.due, now)
    online = await who_is_online(reminder.user_id for reminder in due)
    for reminder in due:
        if room == 0:
            return
        if reminder.user_id in online:
            continue
        if await get_database().writing(reminders.note, reminder.user_id, now):
            outbox.put(await in_thread(partial(reminders.mail, reminder)))
            room -= 1
