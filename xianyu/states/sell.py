"""The form that publishes a listing, and the same form that changes one."""

import json
import re
from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.schemas.events import LiveEvent, Published
from xianyu.schemas.listings import DraftView, FormStart, ListingForm, PhotoView, VideoView
from xianyu.services import categories, drafts, limits, listing_start, listings, tags
from xianyu.services.errors import DomainError, InvalidForm, LoginRequired
from xianyu.services.listing_errors import Outdated
from xianyu.services.listing_form import check_listing
from xianyu.states import forms
from xianyu.states.actor import client_address, member_id, read_as_member, route_id, write_as_member
from xianyu.states.delivery import announce

# Characters of a field that holds what one of our own controls made.
LONGEST_FIELD = 2000
_EDIT_PATH = re.compile(r"/listing/([0-9]{1,15})/edit/?")
_TEXTS = ("kind", "title", "description", "price", "quantity", "category", "condition", "original_price", "place")


def _fields(form: dict[str, Any], photo_ids: object, video_id: object) -> dict[str, object]:
    """The form as its check takes it."""
    return {
        **{name: forms.text(form, name) for name in _TEXTS},
        **{name: form.get(name) in ("on", True) for name in ("is_free", "is_negotiable")},
        "tags": _made(form, "tags"),
        "photo_ids": photo_ids,
        "video_id": video_id,
    }


def _made(form: dict[str, Any], name: str) -> Any:
    """What one of our own controls put into its hidden field, or nothing."""
    field = forms.text(form, name)
    try:
        return json.loads(field) if field and len(field) < LONGEST_FIELD else None
    except (ValueError, RecursionError):
        return None


def _video_id(form: dict[str, Any]) -> object:
    """The number in the video's field: ``{"id": …, "pending": …}`` or nothing.

    Raises:
        InvalidForm: if the video is still on its way.
    """
    chosen = _made(form, "video")
    if not isinstance(chosen, dict):
        return chosen
    if chosen.get("pending"):
        raise InvalidForm({"video": "视频还在上传或处理，请稍等片刻再发布"})
    return chosen.get("id")


def _check(form: dict[str, Any]) -> ListingForm:
    return check_listing(_fields(form, forms.photo_ids(form), _video_id(form)))


def _kept(form: dict[str, Any]) -> dict[str, object]:
    """The form as a draft keeps it: what is still on its way is not there yet."""
    photos, video = _made(form, "photos"), _made(form, "video")
    return _fields(
        form,
        photos.get("ids") if isinstance(photos, dict) else None,
        video.get("id") if isinstance(video, dict) else video,
    )


def _listing_at(path: object) -> int:
    """The listing that the path of a form names, or 0."""
    match = _EDIT_PATH.fullmatch(path) if isinstance(path, str) else None
    return int(match[1]) if match else 0


class SellState(forms.FormState, rx.State):
    """What was refused in the form, and what it starts with."""

    # Counts up when the form begins with something else.
    number: int = 0
    start: FormStart = FormStart()
    photos: list[PhotoView] = []
    video: VideoView = VideoView()
    # What was begun some other time, until it is decided what to do about it.
    draft: DraftView = DraftView()
    # Beside the button of a long form: where to look for what was refused.
    refused: str = ""
    # The version that was saved elsewhere while this form was open; a second press saves over it.
    newer: str = ""
    suggestions: list[str] = []
    # What the listing's category is called where that takes nothing new; it may keep it.
    hidden_category: str = ""

    def _begin(self, opened: str) -> None:
        number = self.number + 1
        self.reset()
        self.opened, self.number = forms.showing(opened), number

    def _start(self) -> None:
        super()._start()
        self.refused = ""

    def _refuse(self, errors: dict[str, str]) -> None:
        super()._refuse(errors)
        places = [label for name, label in listing_start.LABELS.items() if name in errors]
        self.refused = f"还要改一下：{'、'.join(places)}" if places else ""

    @rx.event
    async def open_new(self, opened: str, again: bool = False) -> None:
        """An empty form is shown, and what was begun is offered; a form that is shown ``again`` goes on."""
        draft = await read_as_member(self, drafts.present)
        self._begin(opened)
        self.draft = DraftView() if again is True else draft

    @rx.event
    async def open_edit(self, opened: str, path: str = "") -> None:
        """The form of a listing of mine is shown, at a path that names it."""
        try:
            start, photos, video = await read_as_member(self, listing_start.start, _listing_at(path))
        except LoginRequired:
            raise
        except DomainError as error:
            self._begin(opened)
            self.missing = error.message
            return
        self._begin(opened)
        self.start, self.photos, self.video = start, photos, video
        self._keep_category()

    def _keep_category(self) -> None:
        category = categories.find(self.start.category)
        self.hidden_category = category.name if category is not None and category.is_hidden else ""

    @rx.event
    async def resume(self) -> None:
        """继续: the form goes on with the draft."""
        self.start, self.photos, self.video = await read_as_member(self, drafts.resume)
        self.draft, self.errors, self.number = DraftView(), {}, self.number + 1
        self._keep_category()

    @rx.event
    async def discard(self) -> None:
        """丢弃: the draft is gone."""
        await write_as_member(self, drafts.discard)
        self.draft = DraftView()

    @rx.event
    async def save_draft(self, form: dict[str, Any]) -> None:
        """Whoever types paused. What was begun before stays until it is decided what to do about it."""
        if self.draft.saved_at or not isinstance(form, dict):
            return
        try:
            await limits.spending(limits.DRAFT, str(await member_id(self)), address=client_address(self))
        except limits.TooManyRequests:
            # The next pause keeps it.
            return
        await write_as_member(self, drafts.keep, _kept(form))

    @rx.event
    async def suggest(self, typed: str) -> None:
        """Somebody types a tag."""
        if not isinstance(typed, str):
            return
        await limits.spending(limits.SUGGEST, str(await member_id(self)), address=client_address(self))
        self.suggestions = await read_as_member(self, tags.suggest, typed)

    @rx.event
    async def publish(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """发布."""
        self._start()
        yield
        published = await self._outcome(self._publish(form))
        if published is not None:
            await announce(*published.events)
            yield rx.redirect(routes.listing(published.listing_id), replace=True)

    async def _publish(self, form: dict[str, Any]) -> Published:
        checked = _check(form)
        await limits.spending(limits.PUBLISH, str(await member_id(self)), address=client_address(self))
        return await write_as_member(self, listings.publish, checked, keeps_draft=bool(self.draft.saved_at))

    @rx.event
    async def save(self, form: dict[str, Any]):  # noqa: ANN201 - an event generator
        """保存, and 仍要保存 once it was told that the listing was saved elsewhere."""
        self._start()
        yield
        listing_id = route_id(self, "listing_id")
        events = await self._outcome(self._save(listing_id, form), beside=(Outdated,), gone=(DomainError,))
        if events is not None:
            await announce(*events)
            yield rx.redirect(routes.listing(listing_id), replace=True)

    async def _save(self, listing_id: int, form: dict[str, Any]) -> list[LiveEvent]:
        base = listing_start.read_base(form.get("base"), form.get("newer"))
        try:
            return await write_as_member(self, listings.edit, listing_id, _check(form), base)
        except Outdated as error:
            self.newer = str(error.version)
            raise
