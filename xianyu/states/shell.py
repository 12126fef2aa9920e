"""What every page shows: who is logged in, and how much is unread."""

from dataclasses import dataclass

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import ConversationRead, LiveEvent, MessageSent, ProfileChanged, SessionEnded
from xianyu.schemas.messages import ConversationView
from xianyu.services import accounts, messages, second_step
from xianyu.states import inbox
from xianyu.states.actor import client_address, read_as_visitor, tab_token, write_as_member
from xianyu.states.conversation import ConversationState
from xianyu.states.delivery import Refresher, tab_state
from xianyu.states.inbox import InboxState
from xianyu.states.linked_logins import LinkedLoginsState
from xianyu.states.my_data import MyDataState
from xianyu.states.people import MeState
from xianyu.states.settings_email import SettingsEmailState
from xianyu.states.settings_logins import SettingsLoginsState
from xianyu.states.settings_password import SettingsPasswordState
from xianyu.states.settings_profile import SettingsProfileState
from xianyu.states.settings_second_step import SettingsSecondStepState

PRIVATE: tuple[type[rx.State], ...] = (
    ConversationState,
    InboxState,
    LinkedLoginsState,
    MeState,
    MyDataState,
    SettingsEmailState,
    SettingsLoginsState,
    SettingsPasswordState,
    SettingsProfileState,
    SettingsSecondStepState,
)


class ShellState(rx.State):
    """The frame around every page. Its vars are written here and nowhere else."""

    user_id: int = 0
    username: str = ""
    # What the person is called and looks like: the display name if there is one.
    name: str = ""
    avatar_url: str = ""
    unread: int = 0
    # False until somebody looked: a page that is still on its way claims nothing about its visitor.
    known: bool = False
    # The login that this page was loaded with is over; the browser loads it anew.
    ended: bool = False

    @rx.event
    async def enter(self) -> rx.event.EventSpec | None:
        """A page was opened, or its socket came back: find out who looks and count anew."""
        visit = await read_as_visitor(self, accounts.visit)
        actor = visit.actor
        if self.user_id and (actor is None or actor.user_id != self.user_id):
            await self._forget_person()
        if actor is not None and visit.is_due:
            await write_as_member(self, accounts.note_visit, client_address(self))
        self._become(actor)
        # An operator who has yet to set up the second step gets no further than to where that is done.
        owes = actor is not None and second_step.must_enrol(actor) and self.router.url.path != routes.SETTINGS
        return rx.redirect(routes.SETTINGS) if owes else None

    def _become(self, actor: Actor | None) -> None:
        self.known, self.ended = True, False
        self.user_id = actor.user_id if actor else 0
        self.username = actor.username if actor else ""
        self.name, self.avatar_url = (actor.name, actor.avatar_url) if actor else ("", "")
        bus.enter(tab_token(self), self.user_id, actor.session_id if actor else 0)
        if actor is None:
            self.unread = 0
        else:
            badges.request(actor.user_id)

    async def _forget_person(self) -> None:
        """Drop what only the one who was here could see: the tab's state outlives a login."""
        for cls in PRIVATE:
            (await self.get_state(cls)).reset()

    @rx.event
    async def require_login(self) -> None:
        """On pages for neighbours: raise, and so be sent to the login page and back, without a login."""
        await read_as_visitor(self, accounts.require)


@dataclass(frozen=True)
class _Overview:
    """How much one person has not read, and their conversations where a tab of theirs lists them."""

    unread: int
    conversations: list[ConversationView] | None


def _overview(session: Session, user_id: int, with_list: bool) -> _Overview:
    unread = sum(messages.unread_by_user(session, user_id).values())
    return _Overview(unread, messages.conversations_of(session, user_id, inbox.LIMIT) if with_list else None)


async def _show_overview(user_id: int) -> None:
    tabs = bus.tabs(user_id=user_id)
    if not tabs:
        return
    with_list = any(inbox.TOPIC in tab.topics for tab in tabs)
    overview = await get_database().reading(_overview, user_id, with_list)
    for tab in tabs:
        async with tab_state(tab, ShellState) as shell:
            # A state that was made anew does not know what its page shows.
            if shell.unread != overview.unread or not shell.known:
                shell.unread = overview.unread
            if overview.conversations is not None and inbox.TOPIC in tab.topics:
                listed = await shell.get_state(InboxState)
                listed.conversations, listed.loaded = overview.conversations, True


badges = Refresher(_show_overview)


async def _forget_login(tab: Tab) -> None:
    bus.enter(tab.token, 0, 0)
    async with tab_state(tab, ShellState) as shell:
        shell.user_id, shell.username, shell.unread, shell.ended = 0, "", 0, True
        shell.name, shell.avatar_url = "", ""
        await shell._forget_person()  # noqa: SLF001 - the same module


async def _show_name(user_id: int) -> None:
    tabs = bus.tabs(user_id=user_id)
    if not tabs:
        return
    person = await get_database().reading(accounts.person, user_id)
    for tab in tabs:
        async with tab_state(tab, ShellState) as shell:
            shell.name, shell.avatar_url = person.name, person.avatar_url


async def on_event(event: LiveEvent) -> None:
    """Keep the counts, conversation lists and names of open tabs right."""
    if isinstance(event, MessageSent):
        badges.request(event.recipient_id)
        badges.request(event.sender_id)
    elif isinstance(event, ConversationRead):
        badges.request(event.reader_id)
    elif isinstance(event, SessionEnded):
        for tab in bus.tabs(session_id=event.session_id):
            await _forget_login(tab)
    elif isinstance(event, ProfileChanged):
        await _show_name(event.user_id)
