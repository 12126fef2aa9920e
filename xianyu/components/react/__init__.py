"""What Reflex cannot express: components in JavaScript, one file each, as Reflex sees them."""

from typing import Any

import reflex as rx

from xianyu.schemas.listings import PhotoView
from xianyu.schemas.messages import MessageView, Refusal


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


class ChatRoom(rx.Component):
    """The scrolling pane, the outbox and the message field of a conversation.

    ``messages`` are those shown, oldest first; the children are their bubbles.
    """

    library = _library("chat_room.jsx")
    tag = "ChatRoom"

    me: rx.Var[int]
    peer: rx.Var[int]
    messages: rx.Var[list[MessageView]]
    has_older: rx.Var[bool]
    refusal: rx.Var[Refusal]
    settled: rx.Var[list[str]]
    epoch: rx.Var[int]

    on_older: rx.EventHandler[rx.event.no_args_event_spec]
    on_send: rx.EventHandler[rx.event.passthrough_event_spec(int, str, str)]
    on_check: rx.EventHandler[rx.event.passthrough_event_spec(int, list[str])]
    on_visible: rx.EventHandler[rx.event.passthrough_event_spec(bool)]


chat_room = ChatRoom.create


class Sentinel(rx.Component):
    """Reports when the end of a list comes near, while ``active``."""

    library = _library("sentinel.jsx")
    tag = "Sentinel"

    active: rx.Var[bool]

    on_reach: rx.EventHandler[rx.event.no_args_event_spec]


class Gallery(rx.Component):
    """A listing's photos, to be swiped through."""

    library = _library("gallery.jsx")
    tag = "Gallery"

    photos: rx.Var[list[PhotoView]]
    alt: rx.Var[str]


class PhotoPicker(rx.Component):
    """Chooses, uploads and arranges photos; gives the form its field ``photos``."""

    library = _library("photo_picker.jsx")
    tag = "PhotoPicker"

    endpoint: rx.Var[str]
    most: rx.Var[int]
    initial: rx.Var[list[PhotoView]]
    described_by: rx.Var[str]
    invalid: rx.Var[bool]


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


reload = Reload.create
leave = Leave.create
scroll_keeper = ScrollKeeper.create
sentinel = Sentinel.create
gallery = Gallery.create
photo_picker = PhotoPicker.create
avatar_picker = AvatarPicker.create
