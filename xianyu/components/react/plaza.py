"""The JavaScript of the public room, as Reflex sees it."""

import reflex as rx

# It is put together from the parts of conversations and has to lie beside them in the build.
from xianyu.components.react.chat import _library
from xianyu.schemas.contacts import RoomMessage
from xianyu.schemas.messages import Refusal


class PlazaRoom(rx.Component):
    """The scrolling pane, the outbox, the menu of a message and the message field of the public room.

    ``messages`` are those shown, oldest first; the children are their bubbles. ``now`` is the server's
    clock when the page was loaded, ``pause`` the seconds of the slow mode, ``blocked`` are
    those whose messages the reader does not want to see.
    """

    library = _library("plaza_room.jsx")
    tag = "PlazaRoom"

    me: rx.Var[int]
    messages: rx.Var[list[RoomMessage]]
    has_older: rx.Var[bool]
    refusal: rx.Var[Refusal]
    settled: rx.Var[list[str]]
    epoch: rx.Var[int]
    now: rx.Var[str]
    unavailable: rx.Var[bool]
    operator: rx.Var[bool]
    muted_until: rx.Var[str]
    pause: rx.Var[int]
    blocked: rx.Var[list[int]]
    login_url: rx.Var[str]

    on_older: rx.EventHandler[rx.event.no_args_event_spec]
    on_send: rx.EventHandler[rx.event.passthrough_event_spec(str, str)]
    on_check: rx.EventHandler[rx.event.passthrough_event_spec(list[str])]
    on_recall: rx.EventHandler[rx.event.passthrough_event_spec(int)]
    on_retract: rx.EventHandler[rx.event.passthrough_event_spec(int)]
    on_mute: rx.EventHandler[rx.event.passthrough_event_spec(int, int)]
    on_report: rx.EventHandler[rx.event.passthrough_event_spec(int)]


class RoomText(rx.Component):
    """A text in which those are pointed out who are called by name; ``me`` is the reader's username."""

    library = _library("plaza_room.jsx")
    tag = "RoomText"

    text: rx.Var[str]
    mentions: rx.Var[list[str]]
    me: rx.Var[str]


plaza_room = PlazaRoom.create
room_text = RoomText.create
