"""What Reflex cannot express: components in JavaScript, one file each, as Reflex sees them."""

from typing import Any

import reflex as rx

from xianyu.schemas.listings import PhotoView, VideoView
from xianyu.schemas.search import Suggestion


def _library(file: str) -> str:
    return rx.asset(path=file, shared=True).importable_path


class SessionHandoff(rx.Component):
    """Posts a login ticket to the route that sets the cookie, as soon as there is one."""

    library = _library("session_handoff.jsx")
    tag = "SessionHandoff"

    action: rx.Var[str]
    ticket: rx.Var[str]
    next: rx.Var[str]


class TimeAgo(rx.Component):
    """A moment in the reader's time zone. ``mode`` is ``ago``, ``clock`` or ``date``."""

    library = _library("time_ago.jsx")
    tag = "TimeAgo"

    at: rx.Var[str]
    mode: rx.Var[str]


session_handoff = SessionHandoff.create


def time_ago(at: Any, mode: str = "ago") -> rx.Component:
    """How long ago something was, at what time of which day, or on which day."""
    return TimeAgo.create(at=at, mode=mode)


class ChatKeeper(rx.Component):
    """Erases what chats keep in this browser for anybody but ``me``, once that is ``known``.

    For ``me``, too, when the login was ``ended`` or a form is sent to ``logout``.
    """

    library = _library("chat_keeper.jsx")
    tag = "ChatKeeper"

    me: rx.Var[int]
    known: rx.Var[bool]
    ended: rx.Var[bool]
    logout: rx.Var[str]


chat_keeper = ChatKeeper.create


class Sentinel(rx.Component):
    """Reports when the end of a list comes near, while ``active``."""

    library = _library("sentinel.jsx")
    tag = "Sentinel"

    active: rx.Var[bool]

    on_reach: rx.EventHandler[rx.event.no_args_event_spec]


class Alarm(rx.Component):
    """Reports once that the moment ``at`` has come, if that is still ahead."""

    library = _library("alarm.jsx")
    tag = "Alarm"

    at: rx.Var[str]

    on_ring: rx.EventHandler[rx.event.no_args_event_spec]


class Gallery(rx.Component):
    """Photos to be swiped through, and a video behind the first of them, if there is one."""

    library = _library("gallery.jsx")
    tag = "Gallery"

    photos: rx.Var[list[PhotoView]]
    video: rx.Var[VideoView]
    alt: rx.Var[str]


class PhotoPicker(rx.Component):
    """Chooses, uploads and arranges photos; gives the form its field ``photos``.

    With ``has_cover`` the first of them is marked as the cover.
    """

    library = _library("photo_picker.jsx")
    tag = "PhotoPicker"

    endpoint: rx.Var[str]
    most: rx.Var[int]
    has_cover: rx.Var[bool]
    initial: rx.Var[list[PhotoView]]
    described_by: rx.Var[str]
    invalid: rx.Var[bool]


class VideoPicker(rx.Component):
    """Chooses and uploads one video; gives the form its field ``video``, and says why that was refused."""

    # It shares the upload with this one, which has to lie beside it in the build.
    _library("photo_picker.jsx")
    library = _library("video_picker.jsx")
    tag = "VideoPicker"

    endpoint: rx.Var[str]
    most_bytes: rx.Var[int]
    most_seconds: rx.Var[int]
    initial: rx.Var[VideoView]
    refusal: rx.Var[str]


class TagField(rx.Component):
    """Free tags as chips; gives the form its field ``tags``. ``suggestions`` answer to what was typed last."""

    library = _library("tag_field.jsx")
    tag = "TagField"

    field_id: rx.Var[str]
    initial: rx.Var[list[str]]
    most: rx.Var[int]
    longest: rx.Var[int]
    suggestions: rx.Var[list[str]]
    described_by: rx.Var[str]
    invalid: rx.Var[bool]

    on_type: rx.EventHandler[rx.event.passthrough_event_spec(str)]


class FreshForm(rx.Component):
    """A form that is begun once for each showing of its page: it appears when ``opened`` is what it asked for.

    While it is shown it begins with something else when ``number`` changes.
    """

    library = _library("fresh_form.jsx")
    tag = "FreshForm"

    opened: rx.Var[str]
    number: rx.Var[int]

    # The name of the showing, the page's path, and whether it is shown already to a server that forgot it.
    on_open: rx.EventHandler[rx.event.passthrough_event_spec(str, str, bool)]


class DraftKeeper(rx.Component):
    """Reports what the form that it stands in holds, a moment after it changed."""

    library = _library("draft_keeper.jsx")
    tag = "DraftKeeper"

    on_keep: rx.EventHandler[rx.event.passthrough_event_spec(dict)]


class AvatarPicker(rx.Component):
    """Chooses and uploads an avatar. ``url`` is the present one's address, or empty; then ``name`` begins it."""

    # It shares the upload with this one, which has to lie beside it in the build.
    _library("photo_picker.jsx")
    library = _library("avatar_picker.jsx")
    tag = "AvatarPicker"

    endpoint: rx.Var[str]
    url: rx.Var[str]
    name: rx.Var[str]

    on_done: rx.EventHandler[rx.event.no_args_event_spec]


class Reload(rx.Component):
    """Loads the page anew once ``when`` becomes true."""

    library = _library("reload.jsx")
    tag = "Reload"

    when: rx.Var[bool]


class Leave(rx.Component):
    """Goes to an address outside of the pages once ``to`` is one."""

    library = _library("leave.jsx")
    tag = "Leave"

    to: rx.Var[str]


class ScrollKeeper(rx.Component):
    """Scrolls its parent to where it was when the reader comes back to an address."""

    library = _library("scroll_keeper.jsx")
    tag = "ScrollKeeper"


class SearchBox(rx.Component):
    """The search box and what it offers while somebody types.

    ``suggestions`` answer to the words in ``asked``, and ``refusal`` says why there are none. ``user`` is
    who is logged in, or 0, once that is ``known``: a browser remembers the searches of one person.
    """

    library = _library("search_box.jsx")
    tag = "SearchBox"

    action: rx.Var[str]
    suggestions: rx.Var[list[Suggestion]]
    asked: rx.Var[str]
    refusal: rx.Var[str]
    user: rx.Var[int]
    known: rx.Var[bool]

    on_suggest: rx.EventHandler[rx.event.passthrough_event_spec(str)]


search_box = SearchBox.create


class Modal(rx.Component):
    """A dialog over the page, which gives the focus back when it closes. Its content is made anew each time."""

    library = _library("modal.jsx")
    tag = "Modal"

    open: rx.Var[bool]
    title: rx.Var[str]

    on_close: rx.EventHandler[rx.event.no_args_event_spec]


class ShareButton(rx.Component):
    """Passes an address on: through the system's own sheet on a phone, else by copying it. Says which."""

    library = _library("share_button.jsx")
    tag = "ShareButton"

    url: rx.Var[str]
    title: rx.Var[str]


class Visibility(rx.Component):
    """Reports whether the page is before somebody's eyes: whenever ``epoch`` or that changes, and at its end."""

    library = _library("visibility.jsx")
    tag = "Visibility"

    epoch: rx.Var[int]

    on_change: rx.EventHandler[rx.event.passthrough_event_spec(bool)]


class TabFront(rx.Component):
    """Reports whether the tab is in front, whatever it shows: whenever ``epoch`` or that changes."""

    library = _library("visibility.jsx")
    tag = "TabFront"

    epoch: rx.Var[int]

    on_change: rx.EventHandler[rx.event.passthrough_event_spec(bool)]


class DayBreak(rx.Component):
    """The heading of a day in the reader's time zone, where ``at`` and ``previous`` are not of the same one."""

    # It words the day as this one does, which has to lie beside it in the build.
    _library("time_ago.jsx")
    library = _library("day_break.jsx")
    tag = "DayBreak"

    at: rx.Var[str]
    previous: rx.Var[str]


modal = Modal.create
share_button = ShareButton.create
visibility = Visibility.create
tab_front = TabFront.create
day_break = DayBreak.create
reload = Reload.create
leave = Leave.create
scroll_keeper = ScrollKeeper.create
sentinel = Sentinel.create
alarm = Alarm.create
gallery = Gallery.create
photo_picker = PhotoPicker.create
video_picker = VideoPicker.create
avatar_picker = AvatarPicker.create
tag_field = TagField.create
fresh_form = FreshForm.create
draft_keeper = DraftKeeper.create
