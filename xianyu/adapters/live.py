"""The live bus: which tabs are open on this worker, and the way to tell them what happened."""

import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from xianyu.schemas.events import LiveEvent

logger = logging.getLogger(__name__)

# How many tabs may be known before closed ones are looked for.
SWEEP_AT_LEAST = 64

Listener = Callable[[LiveEvent], Awaitable[None]]


@dataclass
class Tab:
    """An open tab: who looks, through which login, and at what.

    ``topics`` name what is on the page: ``"home"``, ``"inbox"``, ``"listing:12"``,
    ``"conversation:7"``. ``visible`` is whether the tab is in front, so that a message in it counts
    as seen.
    """

    token: str
    user_id: int = 0
    session_id: int = 0
    topics: frozenset[str] = field(default_factory=frozenset)
    visible: bool = True


class LiveBus:
    """The open tabs of one worker, and the listeners that bring events to them.

    Args:
        is_open: Tells whether a tab still has its socket; tabs that do not are forgotten.
    """

    def __init__(self, is_open: Callable[[str], bool] = lambda _token: True) -> None:
        self.is_open = is_open
        self._tabs: dict[str, Tab] = {}
        # The tokens of each person's tabs, of each topic's and of each login's: events look tabs up
        # by these, and a site may have thousands open.
        self._index: defaultdict[tuple[str, int | str], dict[str, None]] = defaultdict(dict)
        self._listeners: list[Listener] = []
        self._next_sweep = SWEEP_AT_LEAST

    def enter(self, token: str, user_id: int, session_id: int) -> Tab:
        """A tab has loaded a page; what it showed before is gone."""
        known = self._tabs.get(token)
        if known is not None:
            self._forget(known)
        elif len(self._tabs) >= self._next_sweep:
            self._sweep()
        tab = Tab(token=token, user_id=user_id, session_id=session_id, visible=known.visible if known else True)
        self._tabs[token] = tab
        self._note(tab)
        return tab

    def _sweep(self) -> None:
        """Forget the tabs that closed. Done each time that their number has doubled, so it costs little."""
        for tab in [tab for tab in self._tabs.values() if not self.is_open(tab.token)]:
            self._forget(tab)
        self._next_sweep = max(SWEEP_AT_LEAST, 2 * len(self._tabs))

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
            if not self.is_open(tab.token):
                self._forget(tab)
        return [tab for tab in found if tab.token in self._tabs]

    def is_viewing(self, user_id: int, topic: str) -> bool:
        """Whether the person has this in front of them right now, in any tab."""
        return any(tab.visible for tab in self.tabs(user_id=user_id, topic=topic))

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener`` awaited for each event."""
        self._listeners.append(listener)

    async def publish(self, events: Iterable[LiveEvent]) -> None:
        """Bring events to the open tabs. A listener that fails is logged and holds up nobody."""
        for event in events:
            for listener in self._listeners:
                try:
                    await listener(event)
                except Exception:
                    logger.exception("A listener failed at %s", type(event).__name__)


bus = LiveBus()
