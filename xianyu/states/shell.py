"""What every page shows: who is logged in, and how much is unread."""

from dataclasses import dataclass

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import Tab, bus
from xianyu.adapters.messages import StoreUnavailable
from xianyu.adapters.relay import share_presence
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import (
    AnnouncementChanged,
    AnnouncementPublished,
    BroadcastsSeen,
    ConversationCleared,
    ConversationMarked,
    ConversationRead,
    LiveEvent,
    MessageRecalled,
    MessageSent,
    MessagesHidden,
    NoticeAdded,
    NoticesRead,
    ProfileChanged,
    Reconnected,
    SessionEnded,
)
from xianyu.schemas.messages import ConversationView
from xianyu.services import accounts, broadcasts, console, conversation_list, notices, second_step
from xianyu.states import inbox, outage
from xianyu.states.activities import MyActivitiesState
from xianyu.states.activity_form import ActivityFormState
from xianyu.states.actor import client_address, read_as_visitor, tab_token, write_as_member
from xianyu.states.announcements import AnnouncementFormState
from xianyu.states.boxes import BoxState
from xianyu.states.catalog import CatalogState
from xianyu.states.console import ConsoleState
from xianyu.states.console_announcements import ConsoleAnnouncementsState
from xianyu.states.console_catalog import ConsoleCatalogState
from xianyu.states.console_reports import ReportsState
from xianyu.states.console_users import UsersState, UserState
from xianyu.states.contacts import ContactState, FriendsState
from xianyu.states.conversation import ConversationState
from xianyu.states.delivery import Refresher, beside, tab_state
from xianyu.states.herald import HeraldState
from xianyu.states.inbox import InboxState
from xianyu.states.interest import InterestState
from xianyu.states.linked_logins import LinkedLoginsState
from xianyu.states.my_data import MyDataState
from xianyu.states.my_listings import MeState
from xianyu.states.notices import NoticeState
from xianyu.states.offers import OfferState
from xianyu.states.order import OrderState
from xianyu.states.order_reviews import OrderReviewsState
from xianyu.states.orders import OrdersState, WaitingState
from xianyu.states.plaza import PlazaState
from xianyu.states.purchase import BuyState
from xianyu.states.remembered import FavoritesState, HistoryState
from xianyu.states.reporting import ReportState
from xianyu.states.reviews import ListingReviewsState, PersonReviewsState
from xianyu.states.saved_searches import SavedSearchesState
from xianyu.states.search import SearchState
from xianyu.states.sell import SellState
from xianyu.states.settings_email import SettingsEmailState
from xianyu.states.settings_logins import SettingsLoginsState
from xianyu.states.settings_password import SettingsPasswordState
from xianyu.states.settings_profile import SettingsProfileState
from xianyu.states.settings_push import SettingsPushState
from xianyu.states.settings_second_step import SettingsSecondStepState

PRIVATE: tuple[type[rx.State], ...] = (
    ActivityFormState,
    AnnouncementFormState,
    BoxState,
    BuyState,
    ConsoleAnnouncementsState,
    ConsoleCatalogState,
    ConsoleState,
    ContactState,
    ConversationState,
    FavoritesState,
    FriendsState,
    HistoryState,
    InboxState,
    InterestState,
    LinkedLoginsState,
    ListingReviewsState,
    MeState,
    MyActivitiesState,
    MyDataState,
    OfferState,
    OrderReviewsState,
    OrderState,
    OrdersState,
    PersonReviewsState,
    PlazaState,
    ReportState,
    ReportsState,
    SavedSearchesState,
    SearchState,
    SellState,
    SettingsEmailState,
    SettingsLoginsState,
    SettingsPasswordState,
    SettingsProfileState,
    SettingsPushState,
    SettingsSecondStepState,
    UserState,
    UsersState,
    WaitingState,
)


class ShellState(rx.State):
    """The frame around every page. Its vars are written here and nowhere else."""

    user_id: int = 0
    username: str = ""
    # What the person is called and looks like: the display name if there is one.
    name: str = ""
    avatar_url: str = ""
    # Which buttons make sense; what is allowed is decided anew each time.
    is_operator: bool = False
    # Messages, notices and announcements together, and the last two alone.
    unread: int = 0
    unread_notices: int = 0
    unread_broadcasts: int = 0
    # How often this tab was entered: the browser says each time whether it is in front.
    entry: int = 0
    # False until somebody looked: a page that is still on its way claims nothing about its visitor.
    known: bool = False
    # The login that this page was loaded with is over; the browser loads it anew.
    ended: bool = False

    @rx.event
    async def enter(self) -> rx.event.EventSpec | None:
        """A page was opened, or its socket came back: find out who looks and count anew."""
        visit = await read_as_visitor(self, accounts.visit)
        (await self.get_state(CatalogState))._follow()  # noqa: SLF001 - what every page offers
        (await self.get_state(NoticeState))._turn_page()  # noqa: SLF001 - its own way to be told
        (await self.get_state(HeraldState))._turn_page(self.router.url.path)  # noqa: SLF001 - the same
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
        self.entry += 1
        self.user_id = actor.user_id if actor else 0
        self.username = actor.username if actor else ""
        self.name, self.avatar_url = (actor.name, actor.avatar_url) if actor else ("", "")
        self.is_operator = actor is not None and actor.is_operator
        bus.enter(tab_token(self), self.user_id, actor.session_id if actor else 0)
        if actor is None:
            self.unread = self.unread_notices = self.unread_broadcasts = 0
        else:
            badges.request(actor.user_id)

    def _count(self, overview: "_Overview") -> None:
        # A state that was made anew does not know what its page shows.
        if self.unread != overview.unread or not self.known:
            self.unread = overview.unread
        if self.unread_notices != overview.unread_notices:
            self.unread_notices = overview.unread_notices
        if self.unread_broadcasts != overview.unread_broadcasts:
            self.unread_broadcasts = overview.unread_broadcasts

    async def _forget_person(self) -> None:
        """Drop what only the one who was here could see: the tab's state outlives a login."""
        for cls in PRIVATE:
            (await self.get_state(cls)).reset()

    @rx.event
    async def note_front(self, in_front: bool) -> None:
        """The tab came to the front or went to the back: only who looks at no page is told by other ways."""
        tab = bus.tab(tab_token(self))
        if tab is not None and tab.in_front is not (in_front is True):
            tab.in_front = in_front is True
            beside(share_presence(), "presence")

    @rx.event
    async def require_login(self) -> None:
        """On pages for neighbours: raise, and so be sent to the login page and back, without a login."""
        await read_as_visitor(self, accounts.require)


@dataclass(frozen=True)
class _Overview:
    """How much one person has not read, and their conversations where a tab of theirs lists them."""

    unread: int
    unread_notices: int
    unread_broadcasts: int
    conversations: list[ConversationView] | None


def _overview(session: Session, user_id: int, with_list: bool) -> _Overview:
    unread_notices = notices.unread(session, user_id)
    unread_broadcasts = broadcasts.unread(session, user_id)
    messages = conversation_list.unread_of(session, user_id)
    unread = sum(messages.values()) + unread_notices + unread_broadcasts
    listed = conversation_list.conversations_of(session, user_id, inbox.LIMIT, messages) if with_list else None
    return _Overview(unread, unread_notices, unread_broadcasts, listed)


async def _show_overview(user_id: int) -> None:
    tabs = bus.tabs(user_id=user_id)
    if not tabs:
        return
    with_list = any(inbox.TOPIC in tab.topics for tab in tabs)
    try:
        overview = await get_database().reading(_overview, user_id, with_list)
    except StoreUnavailable:
        # What is shown stays until the messages are back, and is read anew then.
        outage.note()
        return
    for tab in tabs:
        async with tab_state(tab, ShellState) as shell:
            shell._count(overview)  # noqa: SLF001 - the same module
            if overview.conversations is not None and inbox.TOPIC in tab.topics:
                listed = await shell.get_state(InboxState)
                await listed._show(overview.conversations)  # noqa: SLF001 - the list's own way to be changed


badges = Refresher(_show_overview)


async def _forget_login(tab: Tab) -> None:
    bus.enter(tab.token, 0, 0)
    async with tab_state(tab, ShellState) as shell:
        shell.user_id, shell.username, shell.unread, shell.unread_notices, shell.ended = 0, "", 0, 0, True
        shell.name, shell.avatar_url, shell.is_operator, shell.unread_broadcasts = "", "", False, 0
        await shell._forget_person()  # noqa: SLF001 - the same module


async def _end_login(session_id: int) -> None:
    for tab in bus.tabs(session_id=session_id):
        await _forget_login(tab)


async def _wake_all() -> None:
    """Nobody knows what was missed: logins that ended meanwhile, names, counts."""
    for session_id in {tab.session_id for tab in bus.tabs() if tab.session_id}:
        if await get_database().reading(accounts.actor_of_session, session_id) is None:
            await _end_login(session_id)
    for user_id in bus.people():
        await _show_name(user_id)
        badges.request(user_id)


async def _show_name(user_id: int) -> None:
    tabs = bus.tabs(user_id=user_id)
    if not tabs:
        return
    person = await get_database().reading(accounts.person, user_id)
    is_operator = bool(await get_database().reading(console.operators_among, [user_id]))
    for tab in tabs:
        async with tab_state(tab, ShellState) as shell:
            shell.name, shell.avatar_url, shell.is_operator = person.name, person.avatar_url, is_operator


async def on_event(event: LiveEvent) -> None:
    """Keep the counts, conversation lists and names of open tabs right."""
    if isinstance(event, MessageSent | MessageRecalled):
        badges.request(event.recipient_id)
        badges.request(event.sender_id)
    elif isinstance(event, ConversationRead | MessagesHidden | ConversationCleared):
        badges.request(event.reader_id)
    elif isinstance(event, BroadcastsSeen | ConversationMarked | NoticeAdded | NoticesRead):
        badges.request(event.user_id)
    elif isinstance(event, SessionEnded):
        await _end_login(event.session_id)
    elif isinstance(event, ProfileChanged):
        await _show_name(event.user_id)
    elif isinstance(event, AnnouncementPublished | AnnouncementChanged):
        for user_id in bus.people():
            badges.request(user_id)
    elif isinstance(event, Reconnected):
        await _wake_all()
