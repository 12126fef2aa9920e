"""The live bus: which tabs are open on this worker, and the way to tell them what happened."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, field

from xianyu.schemas.events import LiveEvent

logger = logging.getLogger(__name__)

# How many tabs may be known before closed ones are looked for.
SWEEP_AT_LEAST = 64

_from_elsewhere: ContextVar[bool] = ContextVar("from_elsewhere", default=False)

Listener = Callable[[LiveEvent], Awaitable[None]]


@dataclass
class Tab:
    """An open tab: who looks, through which login, and at what.

    ``topics`` name what is on the page: ``"home"``, ``"inbox"``, ``"listing:12"``,
    ``"conversation:7"``. ``visible`` is whether the page says that it is in front, so that a message
    in it counts as seen: after a page was loaded nothing does until the page has said so. ``in_front``
    is whether the tab is, whatever it shows. ``socket`` is what it was loaded through.
    """

    token: str
    socket: str = ""
    user_id: int = 0
    session_id: int = 0
    topics: frozenset[str] = field(default_factory=frozenset)
    visible: bool = False
    in_front: bool = False


class LiveBus:
    """The open tabs of one worker, and the listeners that bring events to them.

    Args:
        socket_of: Names the socket that a tab has now, or nothing. Tabs that have not the one that
            they entered with are forgotten: a tab that comes back enters anew, and until it did,
            what it showed before must not count as being looked at.
    """

    def __init__(self, socket_of: Callable[[str], str]) -> None:
        self.socket_of = socket_of
        self._tabs: dict[str, Tab] = {}
        # The tokens of each person's tabs, of each topic's and of each login's: events look tabs up
        # by these, and a site may have thousands open.
        self._index: defaultdict[tuple[str, int | str], dict[str, None]] = defaultdict(dict)
        self._listeners: list[Listener] = []
        # Tells the other workers, where there are any.
        self.relay: Callable[[list[LiveEvent]], Awaitable[None]] | None = None
        self._next_sweep = SWEEP_AT_LEAST

    def enter(self, token: str, user_id: int, session_id: int) -> Tab:
        """A tab has loaded a page; what it showed before is gone."""
        known = self._tabs.get(token)
        if known is not None:
            self._forget(known)
        elif len(self._tabs) >= self._next_sweep:
            self._sweep()
        tab = Tab(token=token, socket=self.socket_of(token), user_id=user_id, session_id=session_id)
        self._tabs[token] = tab
        self._note(tab)
        return tab

    def _sweep(self) -> None:
        """Forget the tabs that closed. Done each time that their number has doubled, so it costs little."""
        for tab in [tab for tab in self._tabs.values() if not self._is_open(tab)]:
            self._forget(tab)
        self._next_sweep = max(SWEEP_AT_LEAST, 2 * len(self._tabs))

    def _is_open(self, tab: Tab) -> bool:
        return bool(tab.socket) and self.socket_of(tab.token) == tab.socket

    def _keys(self, tab: Tab) -> list[tuple[str, int | str]]:
        topics: list[tuple[str, int | str]] = [("topic", topic) for topic in tab.topics]
        return [("user", tab.user_id), ("session", tab.session_id), *topics]

    def _note(self, tab: Tab) -> None:
        for key in self._keys(tab):
            self._index[key][tab.token] = None

    def _forget(self, tab: Tab) -> None:
        for key in self._keys(tab):
            self._index[key].pop(tab.token, None)
            if not self._index[key]:
                del self._index[key]
        self._tabs.pop(tab.token, None)

    def show(self, token: str, *topics: str) -> None:
        """Say what the tab's page shows."""
        tab = self._tabs.get(token)
        if tab is not None:
            self._forget(tab)
            tab.topics = frozenset(topics)
            self._tabs[token] = tab
            self._note(tab)

    def set_visible(self, token: str, visible: bool) -> None:
        """The tab came to the front or went to the back."""
        tab = self._tabs.get(token)
        if tab is not None:
            tab.visible = visible

    def tab(self, token: str) -> Tab | None:
        """The tab of that name, if it has entered."""
        return self._tabs.get(token)

    def tabs(self, *, user_id: int = 0, topic: str = "", session_id: int = 0) -> list[Tab]:
        """The open tabs of a person, at a topic, of one login, or of all that is given together.

        Closed ones among them are forgotten here.
        """
        wanted: list[tuple[str, int | str]] = [
            key for key in (("user", user_id), ("topic", topic), ("session", session_id)) if key[1]
        ]
        groups = sorted((self._index.get(key, {}) for key in wanted), key=len) or [dict.fromkeys(self._tabs)]
        found = [self._tabs[token] for token in groups[0] if all(token in group for group in groups[1:])]
        for tab in found:
            if not self._is_open(tab):
                self._forget(tab)
        return [tab for tab in found if tab.token in self._tabs]

    def is_viewing(self, user_id: int, topic: str) -> bool:
        """Whether the person has this in front of them right now, in any tab."""
        return any(tab.visible for tab in self.tabs(user_id=user_id, topic=topic))

    def is_looking(self, user_id: int) -> bool:
        """Whether the person has any page in front of them right now."""
        return any(tab.in_front for tab in self.tabs(user_id=user_id))

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` awaited for each event."""
        self._listeners.append(listener)

    def people(self, topic: str = "") -> set[int]:
        """Who has a tab open on this worker, or one on that topic. Asked every few seconds, it forgets closed ones."""
        return {tab.user_id for tab in self.tabs(topic=topic) if tab.user_id}

    def lookers(self) -> set[int]:
        """Who has a tab in front on this worker."""
        return {tab.user_id for tab in self._tabs.values() if tab.user_id and tab.in_front and self._is_open(tab)}

    async def publish(self, events: Iterable[LiveEvent]) -> None:
        """Bring what happened here to the open tabs, and to the other workers."""
        happened = list(events)
        if happened and self.relay is not None:
            await asyncio.gather(self._deliver(happened), self.relay(happened))
        else:
            await self._deliver(happened)

    async def receive(self, events: Iterable[LiveEvent]) -> None:
        """Bring what happened on another worker to the open tabs of this one."""
        here = _from_elsewhere.set(True)
        try:
            await self._deliver(events)
        finally:
            _from_elsewhere.reset(here)

    async def _deliver(self, events: Iterable[LiveEvent]) -> None:
        """A listener that fails is logged and holds up nobody."""
        for event in events:
            for listener in self._listeners:
                try:
                    await listener(event)
                except Exception:
                    logger.exception("A listener failed at %s", type(event).__name__)


def is_from_elsewhere() -> bool:
    """Whether the event that is being delivered happened on another worker, which has seen to the rest."""
    return _from_elsewhere.get()


def _no_socket(_token: str) -> str:
    """Before the site runs no tab has one."""
    return ""


bus = LiveBus(_no_socket)
