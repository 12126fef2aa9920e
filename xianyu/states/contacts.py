"""Friends and blocks: how the reader stands with whom the page is about, and the page of all of them."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.contacts import Contact, Contacts, Standing
from xianyu.schemas.events import BlockChanged, FriendshipChanged, LiveEvent, Reconnected
from xianyu.services import contacts, friends, limits
from xianyu.services.errors import LoginRequired
from xianyu.states.actor import (
    client_address,
    member_id,
    read_as_member,
    read_as_visitor,
    route_id,
    tab_token,
    write_as_member,
)
from xianyu.states.conversation import TOPIC as CONVERSATION
from xianyu.states.conversation import topic as conversation_topic
from xianyu.states.delivery import announce, tab_state

P = ParamSpec("P")

PERSON = "person"
FRIENDS = "friends"
# What the page can be asked to show.
SECTIONS = ("friends", "requests", "blocked")

Change = Callable[Concatenate[Session, Actor, int, P], list[LiveEvent]]


class ContactState(rx.State):
    """How the reader stands with the one whom the page is about, and what they can do about it.

    ``waiting`` is how many friend requests wait for their answer.
    """

    standing: Standing = Standing()
    waiting: int = 0
    # Whom a visitor pressed 加好友 for. Kept here and not in the address, where a link would press it for anybody.
    _wanted: int = 0

    @rx.event
    async def load(self) -> rx.event.EventSpec | None:
        """The page of a person was opened, or its socket came back."""
        user_id = route_id(self, "user_id")
        bus.show(tab_token(self), f"{PERSON}:{user_id}")
        self.standing = await read_as_visitor(self, contacts.standing, user_id)
        wanted, self._wanted = self._wanted, 0
        tab = bus.tab(tab_token(self))
        if tab is None or not tab.user_id or wanted != user_id or user_id == 0:
            return None
        # They were sent to log in; here they are again.
        return ContactState.ask(user_id)  # type: ignore[operator]  # a handler of a class is called to bind arguments

    @rx.event
    async def load_peer(self) -> None:
        """A conversation was opened, or its socket came back."""
        self.standing = await read_as_visitor(self, contacts.standing, route_id(self, "peer_id"))

    @rx.event
    async def count(self) -> None:
        """A page was opened that leads to the friends."""
        self.waiting = await read_as_member(self, friends.waiting)

    async def _do(self, change: Change[[]], person_id: int) -> None:
        await announce(*await write_as_member(self, change, person_id))

    @rx.event
    async def ask(self, person_id: int) -> rx.event.EventSpec | None:
        """加好友. A visitor logs in first, and comes back to somebody who was asked."""
        try:
            await limits.spending(limits.FRIEND, str(await member_id(self)), address=client_address(self))
        except LoginRequired:
            self._wanted = route_id(self, "user_id")
            return rx.redirect(routes.login(routes.user(self._wanted)))
        await self._do(friends.ask, person_id)
        return None

    @rx.event
    async def withdraw(self, person_id: int) -> None:
        """撤回申请."""
        await self._do(friends.withdraw, person_id)

    @rx.event
    async def accept(self, person_id: int) -> None:
        """通过."""
        await self._do(friends.accept, person_id)

    @rx.event
    async def decline(self, person_id: int) -> None:
        """拒绝."""
        await self._do(friends.decline, person_id)

    @rx.event
    async def unfriend(self, person_id: int) -> None:
        """删除好友, after the dialog asked."""
        await self._do(friends.unfriend, person_id)

    @rx.event
    async def block(self, person_id: int) -> None:
        """拉黑, after the dialog asked."""
        await self._do(contacts.block, person_id)

    @rx.event
    async def unblock(self, person_id: int) -> None:
        """取消拉黑."""
        await self._do(contacts.unblock, person_id)


class FriendsState(rx.State):
    """My friends, those who would like to be, and whom I blocked. ``query`` is what the friends are searched for."""

    section: str = "friends"
    friends: list[Contact] = []
    asking: list[Contact] = []
    asked: list[Contact] = []
    blocked: list[Contact] = []
    query: str = ""
    loaded: bool = False

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        bus.show(tab_token(self), FRIENDS)
        self._show(await read_as_member(self, friends.everybody, self.query))

    def _show(self, found: Contacts) -> None:
        self.friends, self.asking, self.asked, self.blocked = found.friends, found.asking, found.asked, found.blocked
        self.loaded = True

    @rx.event
    def choose(self, section: str) -> None:
        """Another section was chosen."""
        if section in SECTIONS:
            self.section = section

    @rx.event
    async def search(self, text: str) -> None:
        """Somebody types into the search field above the friends."""
        wanted = text[: friends.QUERY_LENGTH] if isinstance(text, str) else ""
        self.query = wanted.encode(errors="ignore").decode()
        self._show(await read_as_member(self, friends.everybody, self.query))


async def on_event(event: LiveEvent) -> None:
    """Bring what changed between two people to the tabs of both."""
    if isinstance(event, FriendshipChanged):
        await _show_between(event.user_id, event.other_id)
    elif isinstance(event, BlockChanged):
        await _show_between(event.blocker_id, event.blocked_id)
    elif isinstance(event, Reconnected):
        for user_id in bus.people():
            await _show_all(user_id)


async def _show_between(one: int, other: int) -> None:
    for user_id, peer_id in ((one, other), (other, one)):
        pages = [f"{PERSON}:{peer_id}", conversation_topic(one, other)]
        await _show_standing([tab for page in pages for tab in bus.tabs(user_id=user_id, topic=page)], peer_id)
        await _show_lists(user_id)


async def _show_all(user_id: int) -> None:
    for tab in bus.tabs(user_id=user_id):
        if peer_id := _about(tab):
            await _show_standing([tab], peer_id)
    await _show_lists(user_id)


def _about(tab: Tab) -> int:
    """Whom a tab's page is about, or 0."""
    for shown in tab.topics:
        kind, *ids = shown.split(":")
        if kind == PERSON:
            return int(ids[0])
        if kind == CONVERSATION:
            return sum(int(one) for one in ids) - tab.user_id
    return 0


async def _show_standing(tabs: list[Tab], peer_id: int) -> None:
    if not tabs:
        return
    found = await get_database().reading(contacts.standing_of, tabs[0].user_id, peer_id)
    for tab in tabs:
        async with tab_state(tab, ContactState) as contact:
            contact.standing = found


async def _show_lists(user_id: int) -> None:
    tabs = bus.tabs(user_id=user_id)
    if not tabs:
        return
    waiting = await get_database().reading(friends.waiting_of, user_id)
    for tab in tabs:
        async with tab_state(tab, ContactState) as contact:
            contact.waiting = waiting
            if FRIENDS in tab.topics:
                page = await contact.get_state(FriendsState)
                page._show(await get_database().reading(friends.everybody_of, user_id, page.query))  # noqa: SLF001 - the same module
