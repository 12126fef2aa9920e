"""The public room: who is there, its bubbles, and the field to write in."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, report, talk
from xianyu.components.react.chat import message_bubble, message_row
from xianyu.components.react.plaza import plaza_room, room_text
from xianyu.models import ReportTarget
from xianyu.schemas.contacts import RoomMessage, RoomPerson
from xianyu.schemas.messages import RECALLED, RETRACTED
from xianyu.settings import get_settings
from xianyu.states.plaza import PlazaState
from xianyu.states.shell import ShellState


def _face(person: rx.Var[RoomPerson]) -> rx.Component:
    return rx.link(
        controls.avatar(person.name, person.avatar_url, "32px"),
        href=person.url,
        aria_label=person.name,
        title=person.name,
        key=person.id.to_string(),
        class_name="x-face",
    )


def head() -> rx.Component:
    """What the room is called, and who is there."""
    return talk.head(
        talk.back(rx.cond(ShellState.user_id > 0, routes.MESSAGES, routes.HOME), "返回"),
        rx.el.div(
            rx.el.h1("公共聊天室", style={"font_size": "18px", "margin": "0", "line_height": "1.3"}),
            rx.el.p(
                rx.cond(
                    PlazaState.people_count > 0,
                    f"{PlazaState.people_count} 位邻居在这里",
                    rx.cond(PlazaState.loaded, "现在没有邻居在这里", ""),
                ),
                class_name="x-note",
                style={"margin": "0"},
            ),
            style={"flex": "1", "min_width": "0"},
        ),
        rx.el.div(rx.foreach(PlazaState.here, _face), class_name="x-faces", role="group", aria_label="在这里的邻居"),
        padding="4px 12px",
    )


def _line(message: rx.Var[RoomMessage], own: rx.Var[bool]) -> rx.Component:
    """What stands in place of a message that is not shown."""
    return talk.line(
        message,
        rx.match(
            message.kind,
            (RECALLED, talk.recalled(message, own)),
            (RETRACTED, "管理员删除了一条消息"),
            "已屏蔽的人发了一条消息",
        ),
    )


def _spoken(message: rx.Var[RoomMessage], own: rx.Var[bool]) -> rx.Component:
    return rx.fragment(
        rx.cond(
            own,
            rx.fragment(),
            rx.link(
                controls.avatar(message.sender_name, message.sender_avatar_url, "36px"),
                href=f"/user/{message.sender_id}",
                aria_label=message.sender_name,
                class_name="x-face",
            ),
        ),
        talk.said(
            message,
            own,
            message_bubble(
                room_text(text=message.body, mentions=message.mentions, me=ShellState.username),
                seq=message.seq,
                own=False,
                look="",
            ),
        ),
    )


def _message(message: rx.Var[RoomMessage]) -> rx.Component:
    own = message.sender_id == ShellState.user_id
    gone = (message.kind == RECALLED) | (message.kind == RETRACTED)
    hidden = gone | PlazaState.blocked.contains(message.sender_id)
    return message_row(
        rx.cond(hidden, _line(message, own), _spoken(message, own)),
        seq=message.seq,
        own=own,
        note=hidden,
        key=message.seq.to_string(),
    )


def room() -> rx.Component:
    """The messages of the room, and the field to write in."""
    shown = PlazaState.history + PlazaState.tail
    handlers: Any = PlazaState
    return plaza_room(
        talk.first_lines(PlazaState, shown, "还没有人说话，来打个招呼吧。"),
        rx.foreach(shown, _message),
        me=ShellState.user_id,
        messages=shown,
        has_older=PlazaState.has_older,
        refusal=PlazaState.refusal,
        settled=PlazaState.settled,
        epoch=PlazaState.epoch,
        now=PlazaState.now,
        unavailable=PlazaState.unavailable,
        operator=PlazaState.is_operator,
        muted_until=PlazaState.muted_until,
        pause=get_settings().room_pause,
        blocked=PlazaState.blocked,
        login_url=routes.login(routes.PLAZA),
        on_older=handlers.load_older,
        on_send=handlers.send,
        on_check=handlers.check_outbox,
        on_recall=handlers.recall,
        on_retract=handlers.retract,
        on_mute=handlers.mute,
        on_report=lambda seq: report.ask(ReportTarget.ROOM_MESSAGE, 0, seq),
    )
