"""The way from the live bus into open tabs: out-of-band changes of their states."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import reflex as rx
from reflex_base.event.context import EventContext

from xianyu.adapters.live import Tab, bus
from xianyu.schemas.events import LiveEvent


class OpenedState(rx.State, mixin=True):
    """What a page shows, filled when the page is opened.

    The state of a tab that slept for long is made anew, empty, when something is brought to it.
    """

    loaded: bool = False


def next_epoch(before: int) -> int:
    """What tells one loading of a page from every other, those on another worker and before a restart included.

    A count would not do: a browser that comes back finds a state that was made anew, whose first
    loading may have the very number of the last one that it knows, and takes nothing for new.
    """
    return max(before + 1, time.time_ns() // 1_000_000)


S = TypeVar("S", bound=rx.State)
L = TypeVar("L", bound=OpenedState)
T = TypeVar("T")

# Seconds that the end of the program waits for work that handlers did not wait for.
FINISHING = 2.0

_app: rx.App | None = None


def install(app: rx.App) -> None:
    """Name the app whose tabs are to be reached. Called once, by the composition root."""
    global _app  # noqa: PLW0603 - there is one app in a process, and Reflex passes it to nobody
    _app = app
    bus.socket_of = _socket_of


def _socket_of(token: str) -> str:
    namespace = _app.event_namespace if _app is not None else None
    if namespace is None:
        return ""
    # The public ``token_to_sid`` makes a copy of all tabs each time that it is asked for one.
    manager = namespace._token_manager  # noqa: SLF001
    socket = manager.token_to_socket.get(token)
    return str(socket.sid) if socket is not None and socket.instance_id == manager.instance_id else ""


def origin_tab() -> str:
    """The tab whose handler announced the event that is being delivered, or an empty string."""
    try:
        return str(EventContext.get().token)
    except LookupError:
        return ""


def plain(items: list[T]) -> list[T]:
    """A state's list itself: Reflex hands out proxies that watch for changes, item by item."""
    return list(getattr(items, "__wrapped__", items))


def open_pages(kind: str) -> list[int]:
    """The numbers of those things whose pages are open here, by what their topics begin with."""
    topics = {topic for tab in bus.tabs() for topic in tab.topics if topic.startswith(f"{kind}:")}
    return sorted(int(topic.removeprefix(f"{kind}:")) for topic in topics)


@asynccontextmanager
async def tab_state(tab: Tab, cls: type[S]) -> AsyncIterator[S]:
    """The tab's state, to be changed; what changed reaches the browser at the end of the block."""
    assert _app is not None, "install() comes first"
    async with _app.modify_state(rx.BaseStateToken(ident=tab.token, cls=cls)) as root:
        yield await root.get_state(cls)


async def bring(
    tabs: Iterable[Tab], cls: type[L], change: Callable[[L], None], *, wake: Callable[[L, Tab], Awaitable[None]]
) -> None:
    """Show a change in each of the tabs.

    Args:
        tabs: Those that may show what changed.
        cls: The state, which has a var ``loaded``.
        change: Changes it.
        wake: Fills it instead, where the tab slept so long that its state was made anew, empty.
    """
    for tab in tabs:
        async with tab_state(tab, cls) as state:
            if state.loaded:
                change(state)
            else:
                await wake(state, tab)


# Between two refreshes of one key lies a pause of so many times as long as the last one took: a busy
# worker then spends its time on messages and not on counts that change faster than anybody reads.
# In seconds, at least and at most. The first refresh is made at once.
REFRESH_REST = 10
REFRESH_PAUSE = (0.1, 1.0)


class Refresher:
    """Runs one refresh a key at a time, and once more if it was asked for meanwhile.

    A refresh reads the present from the database and shows it. With one at a time an older reading
    can never follow a newer one, and however many events come in, no reading is made for nothing.

    Args:
        refresh: What to do for a key.
        pause: How many seconds to rest between two refreshes, at least and at most, where others than usual.
    """

    def __init__(self, refresh: Callable[[int], Awaitable[None]], pause: tuple[float, float] | None = None) -> None:
        self._refresh = refresh
        self._pause = pause
        self._running: dict[int, asyncio.Task[None]] = {}
        self._again: set[int] = set()

    def request(self, key: int) -> None:
        """Have the key refreshed soon, from a reading that starts after this call."""
        if key in self._running:
            self._again.add(key)
            return
        self._running[key] = asyncio.create_task(self._run(key), name=f"refresh {key}")

    async def _run(self, key: int) -> None:
        try:
            while True:
                self._again.discard(key)
                started = time.monotonic()
                await self._refresh(key)
                shortest, longest = self._pause or REFRESH_PAUSE
                await asyncio.sleep(min(max(shortest, REFRESH_REST * (time.monotonic() - started)), longest))
                if key not in self._again:
                    return
        finally:
            self._running.pop(key, None)
            self._again.discard(key)


_announcing: set[asyncio.Task[None]] = set()


async def announce(*events: LiveEvent) -> None:
    """Tell open tabs what a handler has just committed, without waiting for them.

    A handler holds its own tab's lock: waiting here for another tab's, whose handler may be waiting
    for this one's, would never end. One turn of the loop lets the first pushes go out ahead of the
    handler's own answer.
    """
    beside(bus.publish(events), "announce")
    await asyncio.sleep(0)


def beside(work: Coroutine[Any, Any, None], name: str) -> None:
    """Have work done that the handler's answer must not wait for. It handles its own failures."""
    task = asyncio.create_task(work, name=name)
    _announcing.add(task)
    task.add_done_callback(_announcing.discard)


async def settle() -> None:
    """Wait for what handlers left to be done, but not long."""
    if _announcing:
        await asyncio.wait(_announcing, timeout=FINISHING)


@asynccontextmanager
async def finish() -> AsyncIterator[None]:
    """For as long as the program runs; at its end what handlers left to be done is waited for."""
    yield
    await settle()
