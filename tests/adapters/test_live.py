"""The live bus: which tabs are open, what they show, and who hears of what."""

import asyncio
import logging

import pytest

from xianyu.adapters.live import LiveBus
from xianyu.schemas.events import ListingChanged, LiveEvent


class Sockets:
    """The tabs that have a socket, and the times that each has got a new one."""

    def __init__(self) -> None:
        self.open: set[str] = set()
        self.renewed = 0

    def __call__(self, token: str) -> str:
        return f"socket {self.renewed} of {token}" if token in self.open else ""


@pytest.fixture
def sockets() -> Sockets:
    return Sockets()


@pytest.fixture
def bus(sockets: Sockets) -> LiveBus:
    return LiveBus(sockets)


def enter(bus: LiveBus, sockets: Sockets, token: str, user_id: int = 0, session_id: int = 0) -> None:
    sockets.open.add(token)
    bus.enter(token, user_id, session_id)


def tokens(bus: LiveBus, *, user_id: int = 0, topic: str = "", session_id: int = 0) -> set[str]:
    return {tab.token for tab in bus.tabs(user_id=user_id, topic=topic, session_id=session_id)}


def test_tabs_are_found_by_person_topic_and_login(bus: LiveBus, sockets: Sockets) -> None:
    enter(bus, sockets, "a", user_id=1, session_id=10)
    enter(bus, sockets, "b", user_id=1, session_id=11)
    enter(bus, sockets, "c", user_id=2, session_id=12)
    enter(bus, sockets, "visitor")
    bus.show("a", "home")
    bus.show("c", "home", "inbox")
    bus.show("visitor", "home")
    assert tokens(bus) == {"a", "b", "c", "visitor"}
    assert tokens(bus, user_id=1) == {"a", "b"}
    assert tokens(bus, topic="home") == {"a", "c", "visitor"}
    assert tokens(bus, topic="home", user_id=2) == {"c"}
    assert tokens(bus, session_id=11) == {"b"}
    assert tokens(bus, topic="hom") == set()


def test_a_thousand_tabs_that_came_and_went_leave_nothing(bus: LiveBus, sockets: Sockets) -> None:
    for number in range(1000):
        enter(bus, sockets, f"tab{number}", user_id=number % 7 + 1, session_id=number + 1)
        bus.show(f"tab{number}", "home", f"listing:{number}")
    assert len(bus.tabs()) == 1000
    sockets.open = {"tab3"}
    assert tokens(bus) == {"tab3"}
    sockets.open = set()
    assert bus.tabs() == []
    assert bus._tabs == {}
    assert bus.tab("tab3") is None


def test_a_new_page_in_a_tab_shows_nothing_of_the_last(bus: LiveBus, sockets: Sockets) -> None:
    enter(bus, sockets, "a", user_id=1)
    bus.show("a", "conversation:1:2")
    enter(bus, sockets, "a", user_id=1)
    assert tokens(bus, topic="conversation:1:2") == set()
    assert tokens(bus, user_id=1) == {"a"}


def test_whether_somebody_has_it_before_their_eyes(bus: LiveBus, sockets: Sockets) -> None:
    topic = "conversation:1:2"
    for token in ("front", "back"):
        enter(bus, sockets, token, user_id=1)
        bus.show(token, topic)
    enter(bus, sockets, "peer", user_id=2)
    bus.show("peer", "inbox")
    assert not bus.is_viewing(1, topic)
    bus.set_visible("front", True)
    assert bus.is_viewing(1, topic)
    assert not bus.is_viewing(2, topic)
    bus.set_visible("front", False)
    assert not bus.is_viewing(1, topic)
    bus.set_visible("back", True)
    assert bus.is_viewing(1, topic)
    sockets.open.discard("back")
    assert not bus.is_viewing(1, topic)


def test_a_new_page_counts_as_looked_at_only_once_it_says_so(bus: LiveBus, sockets: Sockets) -> None:
    enter(bus, sockets, "a", user_id=1)
    bus.set_visible("a", True)
    enter(bus, sockets, "a", user_id=1)
    bus.show("a", "home")
    assert not bus.is_viewing(1, "home")
    bus.set_visible("a", True)
    assert bus.is_viewing(1, "home")


def test_a_tab_that_came_back_shows_nothing_until_it_has_entered_again(bus: LiveBus, sockets: Sockets) -> None:
    enter(bus, sockets, "a", user_id=1)
    bus.show("a", "conversation:1:2")
    bus.set_visible("a", True)
    sockets.renewed += 1
    assert not bus.is_viewing(1, "conversation:1:2")
    assert bus.people() == set()
    enter(bus, sockets, "a", user_id=1)
    bus.show("a", "conversation:1:2")
    assert tokens(bus, user_id=1) == {"a"}


def test_what_a_tab_that_never_entered_says_is_passed_over(bus: LiveBus, sockets: Sockets) -> None:
    sockets.open.add("stranger")
    bus.show("stranger", "home")
    bus.set_visible("stranger", True)
    assert bus.tabs() == []


async def test_a_listener_that_fails_holds_up_nobody(bus: LiveBus, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[tuple[str, LiveEvent]] = []

    async def broken(event: LiveEvent) -> None:
        heard.append(("broken", event))
        raise RuntimeError("no such column")

    async def sound(event: LiveEvent) -> None:
        await asyncio.sleep(0)
        heard.append(("sound", event))

    bus.subscribe(broken)
    bus.subscribe(sound)
    first, second = ListingChanged(1), ListingChanged(2)
    with caplog.at_level(logging.ERROR):
        await bus.publish([first, second])
    assert heard == [("broken", first), ("sound", first), ("broken", second), ("sound", second)]
    assert caplog.text.count("A listener failed at ListingChanged") == 2
    assert "no such column" in caplog.text


async def test_a_cancelled_publication_stops(bus: LiveBus) -> None:
    """A server that shuts down must not be held up by what listeners swallow."""
    started = asyncio.Event()

    async def waits(_event: LiveEvent) -> None:
        started.set()
        await asyncio.Event().wait()

    bus.subscribe(waits)
    task = asyncio.create_task(bus.publish([ListingChanged(1)]))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
