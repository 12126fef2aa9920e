"""The JavaScript of conversations, as Reflex sees it."""

import reflex as rx

from xianyu.schemas.listings import ListingCard
from xianyu.schemas.messages import MessageView, Refusal


def _library(file: str) -> str:
    return rx.asset(path=file, shared=True).importable_path


# What these files share has to lie beside them in the build.
for _part in (
    "chat_context.jsx",
    "chat_outbox.jsx",
    "chat_composer.jsx",
    "photo_picker.jsx",
    "visibility.jsx",
    "time_ago.jsx",
):
    _library(_part)


class ChatRoom(rx.Component):
    """The scrolling pane, the outbox, the menu of a message and the message field of a conversation.

    ``messages`` are those shown, oldest first; the children are their bubbles. ``at`` is the number of
    the one to point out, ``now`` the server's clock when the page was loaded.
    """

    library = _library("chat_room.jsx")
    tag = "ChatRoom"

    me: rx.Var[int]
    peer: rx.Var[int]
    messages: rx.Var[list[MessageView]]
    has_older: rx.Var[bool]
    has_newer: rx.Var[bool]
    at: rx.Var[int]
    about: rx.Var[ListingCard]
    refusal: rx.Var[Refusal]
    settled: rx.Var[list[str]]
    epoch: rx.Var[int]
    now: rx.Var[str]
    read_by_peer: rx.Var[int]
    unavailable: rx.Var[bool]
    photo_endpoint: rx.Var[str]

    on_older: rx.EventHandler[rx.event.no_args_event_spec]
    on_newer: rx.EventHandler[rx.event.no_args_event_spec]
    on_newest: rx.EventHandler[rx.event.no_args_event_spec]
    on_send: rx.EventHandler[rx.event.passthrough_event_spec(int, str, str, str, int)]
    on_check: rx.EventHandler[rx.event.passthrough_event_spec(int, list[str])]
    on_visible: rx.EventHandler[rx.event.passthrough_event_spec(bool)]
    on_typing: rx.EventHandler[rx.event.no_args_event_spec]
    on_recall: rx.EventHandler[rx.event.passthrough_event_spec(int, int)]
    on_delete: rx.EventHandler[rx.event.passthrough_event_spec(int, list[int])]
    on_report: rx.EventHandler[rx.event.passthrough_event_spec(int, int)]


class MessageRow(rx.Component):
    """The row of a message. It can be chosen among several; with ``note`` it is a line that says something."""

    library = _library("chat_message.jsx")
    tag = "MessageRow"

    seq: rx.Var[int]
    own: rx.Var[bool]
    note: rx.Var[bool]


class MessageBubble(rx.Component):
    """What a message shows, with its menu, and below it whether it was read. ``look`` is a class of its own."""

    library = _library("chat_message.jsx")
    tag = "MessageBubble"

    seq: rx.Var[int]
    own: rx.Var[bool]
    look: rx.Var[str]


class MessageText(rx.Component):
    """A text in which addresses are links; those of other sites ask first."""

    library = _library("chat_message.jsx")
    tag = "MessageText"

    text: rx.Var[str]


class MessagePhoto(rx.Component):
    """A picture that opens large."""

    library = _library("chat_message.jsx")
    tag = "MessagePhoto"

    url: rx.Var[str]
    thumb: rx.Var[str]
    width: rx.Var[int]
    height: rx.Var[int]


class HeadMenu(rx.Component):
    """The button for what can be done with a conversation as a whole; clearing it asks first."""

    library = _library("chat_menu.jsx")
    tag = "HeadMenu"

    pinned: rx.Var[bool]
    muted: rx.Var[bool]

    on_pin: rx.EventHandler[rx.event.passthrough_event_spec(bool)]
    on_mute: rx.EventHandler[rx.event.passthrough_event_spec(bool)]
    on_clear: rx.EventHandler[rx.event.no_args_event_spec]


class PresenceLine(rx.Component):
    """Whether the other is writing, online, or when they were last. Each growth of ``typing`` is a sign."""

    library = _library("presence_line.jsx")
    tag = "PresenceLine"

    typing: rx.Var[int]
    shown: rx.Var[bool]
    online: rx.Var[bool]
    last_seen: rx.Var[str]


chat_room = ChatRoom.create
message_row = MessageRow.create
message_bubble = MessageBubble.create
message_text = MessageText.create
message_photo = MessagePhoto.create
head_menu = HeadMenu.create
presence_line = PresenceLine.create
