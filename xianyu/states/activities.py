"""One activity's page, and the activities that are mine."""

import reflex as rx

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.events import ActivityChanged, LiveEvent, Reconnected
from xianyu.schemas.listings import PhotoView
from xianyu.schemas.sections import ActivityCard, ActivityDetail, ActivityView, Guest
from xianyu.services import activities, activity_pages, limits
from xianyu.services.activities import ActivityClosed, ActivityNotFound
from xianyu.services.errors import LoginRequired
from xianyu.states import wishes
from xianyu.states.actor import (
    client_address,
    member_id,
    read_as_member,
    read_as_visitor,
    route_id,
    tab_token,
    write_as_member,
)
from xianyu.states.delivery import Refresher, announce, open_pages, tab_state
from xianyu.states.notices import NoticeState

TOPIC = "activity"


def topic(activity_id: int) -> str:
    """The live topic of one activity's page."""
    return f"{TOPIC}:{activity_id}"


class ActivityState(rx.State):
    """Everything about the activity that the address names."""

    activity: ActivityDetail = ActivityDetail()
    photos: list[PhotoView] = []
    guests: list[Guest] = []
    more_guests: int = 0
    loaded: bool = False
    missing: str = ""

    @rx.event
    async def load(self) -> rx.event.EventCallback | None:
        """The page was opened, its socket came back, or the activity has just ended."""
        activity_id = route_id(self, "activity_id")
        if activity_id != self.activity.id:
            self._show(ActivityView())
            self.loaded = False
        bus.show(tab_token(self), topic(activity_id))
        try:
            self._show(await read_as_visitor(self, activity_pages.view, activity_id))
        except ActivityNotFound as error:
            self.missing, self.loaded = error.message, True
            return None
        # A visitor who pressed 报名 was sent to log in; here they are again, to be led on.
        return ActivityState.sign_up if wishes.is_back(self, "join", routes.activity(activity_id)) else None

    def _show(self, view: ActivityView) -> None:
        self.activity, self.photos = view.activity, view.photos
        self.guests, self.more_guests = view.guests, view.more_guests
        self.missing, self.loaded = "", True

    @rx.event
    async def sign_up(self) -> rx.event.EventSpec | list[rx.event.EventSpec] | None:
        """报名."""
        activity_id = route_id(self, "activity_id")
        page = routes.activity(activity_id)
        has_come_back = wishes.is_back(self, "join", page)
        try:
            await limits.spending(limits.JOIN, str(await member_id(self)), address=client_address(self))
            events = await write_as_member(self, activities.sign_up, activity_id)
        except LoginRequired:
            return wishes.log_in_first(self, "join", page)
        except ActivityClosed as error:
            # Whatever it was that has changed meanwhile, it is to be seen from now on.
            pages.request(activity_id)
            said = NoticeState.show(error.message)  # type: ignore[operator]  # Reflex makes an event of it on the class
            return [rx.redirect(page, replace=True), said] if has_come_back else said
        await announce(*events)
        # Loading the page anew is not to sign up anew.
        return rx.redirect(page, replace=True) if has_come_back else None

    @rx.event
    async def leave(self) -> None:
        """取消报名."""
        await limits.spending(limits.JOIN, str(await member_id(self)), address=client_address(self))
        await announce(*await write_as_member(self, activities.leave, route_id(self, "activity_id")))

    @rx.event
    async def cancel(self) -> None:
        """取消活动, after the dialog asked."""
        await announce(*await write_as_member(self, activities.cancel, route_id(self, "activity_id")))

    @rx.event
    async def delete(self) -> rx.event.EventSpec:
        """删除, after the dialog asked."""
        await announce(*await write_as_member(self, activities.delete, route_id(self, "activity_id")))
        return rx.redirect(routes.section("activity"), replace=True)


async def _refresh(activity_id: int) -> None:
    tabs = bus.tabs(topic=topic(activity_id))
    if not tabs:
        return
    viewers = {tab.user_id for tab in tabs}
    try:
        views = await get_database().reading(activity_pages.views, activity_id, viewers)
    except ActivityNotFound as error:
        for tab in tabs:
            async with tab_state(tab, ActivityState) as page:
                page.missing, page.loaded = error.message, True
        return
    for tab in tabs:
        # Each tab sees it as its own person does.
        if tab.user_id in views:
            async with tab_state(tab, ActivityState) as page:
                page._show(views[tab.user_id])  # noqa: SLF001 - the same module


pages = Refresher(_refresh)


async def on_event(event: LiveEvent) -> None:
    """Show a change on every open page of the activity."""
    if isinstance(event, ActivityChanged):
        pages.request(event.activity_id)
    elif isinstance(event, Reconnected):
        for activity_id in open_pages(TOPIC):
            pages.request(activity_id)


class MyActivitiesState(rx.State):
    """What I organize and where I come."""

    cards: list[ActivityCard] = []

    @rx.event
    async def load(self) -> None:
        """My page was opened, or its socket came back."""
        self.cards = await read_as_member(self, activity_pages.mine)
