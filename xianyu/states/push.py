"""Web Push for those who look at no page: what happened here, told to their devices."""

import asyncio
import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xianyu.adapters.database import get_database, in_thread
from xianyu.adapters.live import bus, is_from_elsewhere
from xianyu.adapters.messages import StoreUnavailable
from xianyu.adapters.relay import who_is_looking
from xianyu.schemas.events import LiveEvent, MessageSent, NoticeAdded
from xianyu.schemas.push import PushMessage, PushTarget
from xianyu.services import push
from xianyu.settings import get_settings

if TYPE_CHECKING:
    from xianyu.adapters.push import PushService

logger = logging.getLogger(__name__)

# Seconds until something counts as missed: whoever loads a page anew is away for a moment.
GRACE = 3.0
# How many things wait at most, and how many are worked on at a time.
CAPACITY = 1000
AT_ONCE = 16
# Seconds until the next try, each three times the last pause, unless the push service names a longer
# one; and for how long a device is left alone after the last try.
FIRST_PAUSE = 5.0
ATTEMPTS = 4
REST = 300.0
# Devices left alone at a time, beyond which nothing is tried again, and what waits for one of them.
MOST_RESTING = 1000
MOST_POSTPONED = 20


@dataclass(frozen=True)
class Job:
    """Somebody to be told of a conversation, or with ``peer_id`` 0 of their notices.

    ``target_id`` is the one device that a further attempt is for, or 0 for all of them.
    """

    user_id: int
    peer_id: int
    target_id: int = 0
    attempt: int = 1


@dataclass(frozen=True)
class _Rest:
    """A device that is left alone until the timer ends, and what it is to be told then, by who wrote."""

    timer: asyncio.TimerHandle
    jobs: dict[int, Job] = field(default_factory=dict)


class Dispatcher:
    """Takes what happened at once and sends it in the background.

    Args:
        service: The way to push services.
    """

    def __init__(self, service: "PushService") -> None:
        self._service = service
        self._waiting: asyncio.Queue[tuple[float, Job]] = asyncio.Queue(CAPACITY)
        # What waits already: of many messages that come together, their reader hears once.
        self._known: set[Job] = set()
        # Devices whose push service wants to be left alone, or was tried in vain.
        self._resting: dict[int, _Rest] = {}

    def put(self, job: Job) -> None:
        """Have it sent, if it is still to be heard of then. Returns at once."""
        if job in self._known:
            return
        if self._waiting.full():
            logger.error("Too many pushes wait; one was dropped")
            return
        self._known.add(job)
        self._waiting.put_nowait((asyncio.get_running_loop().time() + GRACE, job))

    async def run(self) -> None:
        """Send until the task is cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for number in range(AT_ONCE):
                    tasks.create_task(self._work(), name=f"push {number}")
        finally:
            for rest in self._resting.values():
                rest.timer.cancel()

    async def _work(self) -> None:
        while True:
            moment, job = await self._waiting.get()
            await asyncio.sleep(max(0.0, moment - asyncio.get_running_loop().time()))
            self._known.discard(job)
            try:
                await self._tell(job)
            except StoreUnavailable:
                logger.warning("A push was dropped: the messages are away")
            except Exception:
                # A database that is away for a moment must not end this for good.
                logger.exception("A push failed")

    async def _tell(self, job: Job) -> None:
        if await who_is_looking([job.user_id]):
            return
        due = await get_database().reading(push.due, job.user_id, job.peer_id)
        if due is None:
            return
        wanted = [target for target in due.targets if job.target_id in {0, target.id}]
        gone = await asyncio.gather(*[self._send(job, target, due.message) for target in wanted])
        if any(gone):
            ids = [target.id for target, is_gone in zip(wanted, gone, strict=True) if is_gone]
            await get_database().writing(push.forget, ids)

    async def _send(self, job: Job, target: PushTarget, message: PushMessage) -> bool:
        """Send to one device. Returns whether that device is gone for good."""
        job = replace(job, target_id=target.id)
        if target.id in self._resting:
            self._postpone(job)
            return False
        answer = await self._service.send(target.keys, message)
        if answer.outcome == "later":
            self._rest(job, answer.wait)
        return answer.outcome == "gone"

    def _rest(self, job: Job, wait: float) -> None:
        """Leave a device alone for a while, and then try again, unless that was often enough."""
        if job.target_id not in self._resting:
            if len(self._resting) >= MOST_RESTING:
                return
            pause = REST if job.attempt >= ATTEMPTS else FIRST_PAUSE * 3 ** (job.attempt - 1)
            timer = asyncio.get_running_loop().call_later(max(wait, pause), self._wake, job.target_id)
            self._resting[job.target_id] = _Rest(timer)
        if job.attempt < ATTEMPTS:
            self._postpone(replace(job, attempt=job.attempt + 1))

    def _postpone(self, job: Job) -> None:
        jobs = self._resting[job.target_id].jobs
        if job.peer_id in jobs or len(jobs) < MOST_POSTPONED:
            jobs[job.peer_id] = job

    def _wake(self, target_id: int) -> None:
        for job in self._resting.pop(target_id).jobs.values():
            self.put(job)


_dispatcher: Dispatcher | None = None


async def push_people() -> None:
    """Lifespan task: tell devices, where the operator has set up keys."""
    global _dispatcher  # noqa: PLW0603 - there is one in a process
    if not get_settings().pushes:
        return
    service = await _make_service()
    _dispatcher = Dispatcher(service)
    try:
        await _dispatcher.run()
    finally:
        _dispatcher = None
        await service.close()


async def _make_service() -> "PushService":
    def load() -> type["PushService"]:
        # See the module: a site that pushes nothing does not pay for it.
        from xianyu.adapters.push import PushService

        return PushService

    return (await in_thread(load))(get_settings())


async def on_event(event: LiveEvent) -> None:
    """Note what somebody should hear of. The worker where it happened tells, and no other."""
    if _dispatcher is None or is_from_elsewhere():
        return
    job = _job(event)
    if job is not None and not bus.is_looking(job.user_id):
        _dispatcher.put(job)


def _job(event: LiveEvent) -> Job | None:
    if isinstance(event, MessageSent) and not event.is_read and not event.is_repeat:
        return Job(event.recipient_id, event.sender_id)
    return Job(event.user_id, 0) if isinstance(event, NoticeAdded) else None
