"""The live bus: which tabs are open on this worker, and the way to tell them what happened."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from xianyu.schemas.events import LiveEvent

logger = logging.getLogger(__name__)

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
        self._listeners: list[Listener] = []

    def enter(self, token: str, user_id: int, session_id: int) -> Tab:
        """A tab has loaded a page; what it showed before is gone."""
        known = self._tabs.get(token)
        tab = Tab(token=token, user_id=user_id, session_id=session_id, visible=known.visible if known else True)
        self._tabs[token] = tab
        return tab

    def show(self, token: str, *topics: str) -> None:
        """Say what the tab's page shows."""
        tab = self._tabs.get(token)
        if tab is not None:
            tab.topics = frozenset(topics)

    def set_visible(self, token: str, visible: bool) -> None:
        """The tab came to the front or went to the back."""
        tab = self._tabs.get(token)
        if tab is not None:
            tab.visible = visible

    def tab(self, token: str) -> Tab | None:
        """The tab of that name, if it has entered."""
        return self._tabs.get(token)

    def tabs(self, *, user_id: int = 0, topic: str = "", session_id: int = 0) -> list[Tab]:
        """The open tabs of a person, at a topic, or of one login. Closed ones are forgotten here."""
        self._forget_closed()
        return [
            tab
            for tab in self._tabs.values()
            if (not user_id or tab.user_id == user_id)
            and (not topic or topic in tab.topics)
            and (not session_id or tab.session_id == session_id)
        ]

    def _forget_closed(self) -> None:
        for token in [token for token in self._tabs if not self.is_open(token)]:
            del self._tabs[token]

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
