"""One announcement's page, and the form that operators write it with."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from sqlmodel import Session

from xianyu import routes
from xianyu.adapters.database import get_database
from xianyu.adapters.live import bus
from xianyu.schemas.events import AnnouncementChanged, AnnouncementPublished, LiveEvent, Reconnected
from xianyu.schemas.listings import PhotoView
from xianyu.schemas.sections import AnnouncementDetail, AnnouncementView
from xianyu.services import accounts, announcements, limits
from xianyu.services.accounts import OperatorsOnly
from xianyu.services.announcements import AnnouncementEvent, AnnouncementNotFound
from xianyu.services.section_forms import FormOutdated, check_announcement
from xianyu.states.actor import (
    client_address,
    member_id,
    read_as_member,
    read_as_visitor,
    route_id,
    tab_token,
    write_as_member,
)
from xianyu.states.delivery import announce, open_pages, tab_state
from xianyu.states.forms import FormState, number, photo_ids, showing

TOPIC = "announcement"


def topic(announcement_id: int) -> str:
    """The live topic of one announcement's page."""
    return f"{TOPIC}:{announcement_id}"


class AnnouncementState(rx.State):
    """The announcement that the address names."""

    announcement: AnnouncementDetail = AnnouncementDetail()
    photos: list[PhotoView] = []
    loaded: bool = False
    missing: str = ""

    @rx.event
    async def load(self) -> None:
        """The page was opened, or its socket came back."""
        announcement_id = route_id(self, "announcement_id")
        if announcement_id != self.announcement.id:
            self._show(AnnouncementView())
            self.loaded = False
        bus.show(tab_token(self), topic(announcement_id))
        try:
            self._show(await read_as_visitor(self, announcements.view, announcement_id))
        except AnnouncementNotFound as error:
            self.missing, self.loaded = error.message, True

    def _show(self, view: AnnouncementView) -> None:
        self.announcement, self.photos, self.missing, self.loaded = view.announcement, view.photos, "", True

    @rx.event
    async def pin(self) -> None:
        """置顶."""
        await self._set_pinned(pinned=True)

    @rx.event
    async def unpin(self) -> None:
        """取消置顶."""
        await self._set_pinned(pinned=False)

    async def _set_pinned(self, *, pinned: bool) -> None:
        announcement_id = route_id(self, "announcement_id")
        await announce(await write_as_member(self, announcements.pin, announcement_id, pinned=pinned))

    @rx.event
    async def publish_now(self) -> None:
        """立即发布, of one that waits."""
        event = await write_as_member(self, announcements.publish_now, route_id(self, "announcement_id"))
        if event is not None:
            await announce(event)

    @rx.event
    async def delete(self) -> rx.event.EventSpec:
        """删除, after the dialog asked."""
        await announce(await write_as_member(self, announcements.delete, route_id(self, "announcement_id")))
        return rx.redirect(routes.section("announcement"), replace=True)


async def on_event(event: LiveEvent) -> None:
    """Show a change on every open page of the announcement."""
    if isinstance(event, AnnouncementChanged | AnnouncementPublished):
        await _refresh(event.announcement_id)
    elif isinstance(event, Reconnected):
        for announcement_id in open_pages(TOPIC):
            await _refresh(announcement_id)


async def _refresh(announcement_id: int) -> None:
    tabs = bus.tabs(topic=topic(announcement_id))
    if not tabs:
        return
    public = await _seen_by(announcement_id)
    for tab in tabs:
        # What nobody sees yet operators do.
        view = public if not public.missing else await _seen_by(announcement_id, tab.session_id)
        async with tab_state(tab, AnnouncementState) as page:
            page._show(view.view)  # noqa: SLF001 - the same module
            page.missing = view.missing


@dataclass(frozen=True)
class _Seen:
    """What a page shows to somebody: the announcement, or why there is none."""

    view: AnnouncementView
    missing: str = ""


async def _seen_by(announcement_id: int, session_id: int = 0) -> _Seen:
    try:
        return _Seen(await get_database().reading(_view_of, announcement_id, session_id))
    except AnnouncementNotFound as error:
        return _Seen(AnnouncementView(), error.message)


def _view_of(session: Session, announcement_id: int, session_id: int) -> AnnouncementView:
    actor = accounts.actor_of_session(session, session_id) if session_id else None
    return announcements.view(session, actor, announcement_id)


class AnnouncementFormState(FormState, rx.State):
    """What was refused in the form, and what it starts with."""

    title: str = ""
    text: str = ""
    is_pinned: bool = False
    # When it is to be published, as the field holds it; ``can_wait`` is whether that can still be chosen.
    scheduled: str = ""
    can_wait: bool = True
    photos: list[PhotoView] = []
    version: int = 0

    @rx.event
    async def open_new(self, opened: str) -> None:
        """An empty form is shown, to operators."""
        self.reset()
        try:
            await read_as_member(self, announcements.may_publish)
        except OperatorsOnly as error:
            self.missing = error.message
        finally:
            self.opened = showing(opened)

    @rx.event
    async def open_edit(self, opened: str) -> None:
        """The form of an announcement is shown."""
        self.reset()
        try:
            found = await read_as_member(self, announcements.for_form, route_id(self, "announcement_id"))
        except (AnnouncementNotFound, OperatorsOnly) as error:
            self.missing = error.message
            return
        finally:
            self.opened = showing(opened)
        present = found.announcement
        self.title, self.text, self.is_pinned = present.title, present.text, present.is_pinned
        self.scheduled, self.can_wait = present.scheduled_input, bool(present.scheduled_for)
        self.photos, self.version = found.photos, present.version

    @rx.event
    async def publish(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """发布."""
        self._start()
        yield
        event = await self._outcome(self._publish(form), beside=(OperatorsOnly,))
        if event is not None:
            await announce(event)
            yield rx.redirect(routes.announcement(event.announcement_id), replace=True)

    async def _publish(self, form: dict[str, Any]) -> AnnouncementEvent:
        checked = check_announcement(form, photo_ids(form))
        await limits.spending(limits.PUBLISH, str(await member_id(self)), address=client_address(self))
        return await write_as_member(self, announcements.publish, checked)

    @rx.event
    async def save(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """保存."""
        self._start()
        yield
        announcement_id = route_id(self, "announcement_id")
        event = await self._outcome(
            self._save(announcement_id, form), beside=(FormOutdated,), gone=(AnnouncementNotFound, OperatorsOnly)
        )
        if event is not None:
            await announce(event)
            yield rx.redirect(routes.announcement(announcement_id), replace=True)

    async def _save(self, announcement_id: int, form: dict[str, Any]) -> AnnouncementEvent:
        checked = check_announcement(form, photo_ids(form))
        try:
            return await write_as_member(self, announcements.edit, announcement_id, checked, number(form, "version"))
        except FormOutdated as error:
            self.version = error.version
            raise
