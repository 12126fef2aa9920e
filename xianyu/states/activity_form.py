"""The form that publishes an activity, and the same form that changes one."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.schemas.events import ActivityPublished, LiveEvent
from xianyu.schemas.listings import PhotoView
from xianyu.services import activities, activity_pages, limits
from xianyu.services.activities import ActivityClosed, ActivityNotFound, NotYourActivity
from xianyu.services.section_forms import FormOutdated, check_activity
from xianyu.states.actor import client_address, member_id, read_as_member, route_id, write_as_member
from xianyu.states.delivery import announce
from xianyu.states.forms import FormState, number, photo_ids, showing


class ActivityFormState(FormState, rx.State):
    """What was refused in the form, and what it starts with."""

    title: str = ""
    text: str = ""
    place: str = ""
    capacity: str = ""
    starts: str = ""
    ends: str = ""
    photos: list[PhotoView] = []
    version: int = 0

    @rx.event
    def open_new(self, opened: str) -> None:
        """An empty form is shown."""
        self.reset()
        self.opened, self.capacity = showing(opened), "10"

    @rx.event
    async def open_edit(self, opened: str) -> None:
        """The form of an activity of mine is shown."""
        self.reset()
        try:
            found = await read_as_member(self, activity_pages.own, route_id(self, "activity_id"))
        except (ActivityNotFound, NotYourActivity) as error:
            self.missing = error.message
            return
        finally:
            self.opened = showing(opened)
        activity = found.activity
        self.title, self.text, self.place = activity.title, activity.text, activity.place
        self.starts, self.ends, self.capacity = activity.starts_input, activity.ends_input, str(activity.capacity)
        self.photos, self.version = found.photos, activity.version

    @rx.event
    async def publish(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """发布."""
        self._start()
        yield
        event = await self._outcome(self._publish(form))
        if event is not None:
            await announce(event)
            yield rx.redirect(routes.activity(event.activity_id), replace=True)

    async def _publish(self, form: dict[str, Any]) -> ActivityPublished:
        checked = check_activity(form, photo_ids(form))
        await limits.spending(limits.PUBLISH, str(await member_id(self)), address=client_address(self))
        return await write_as_member(self, activities.publish, checked)

    @rx.event
    async def save(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """保存."""
        self._start()
        yield
        activity_id = route_id(self, "activity_id")
        events = await self._outcome(
            self._save(activity_id, form),
            beside=(FormOutdated, ActivityClosed),
            gone=(ActivityNotFound, NotYourActivity),
        )
        if events is not None:
            await announce(*events)
            yield rx.redirect(routes.activity(activity_id), replace=True)

    async def _save(self, activity_id: int, form: dict[str, Any]) -> list[LiveEvent]:
        checked = check_activity(form, photo_ids(form))
        try:
            return await write_as_member(self, activities.edit, activity_id, checked, number(form, "version"))
        except FormOutdated as error:
            self.version = error.version
            raise
