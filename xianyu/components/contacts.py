"""What one can do about a person, and the ways to friends and to the public room."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, report, tokens
from xianyu.components.confirm import asking
from xianyu.models import ReportTarget
from xianyu.schemas.contacts import Friendship
from xianyu.states.contacts import ContactState
from xianyu.states.people import PersonState
from xianyu.states.shell import ShellState

# A handler of a class is called to bind arguments, which types do not know.
_do: Any = ContactState
_ROW = {"display": "flex", "flex_wrap": "wrap", "align_items": "center", "gap": "10px"}


def _friendship(person_id: rx.Var[int]) -> rx.Component:
    return rx.match(
        ContactState.standing.friendship,
        (Friendship.FRIENDS.value, _told("user-round-check", "已是好友")),
        (
            Friendship.ASKED.value,
            rx.fragment(
                _told("clock", "已申请"), controls.secondary_button("撤回申请", on_click=_do.withdraw(person_id))
            ),
        ),
        (
            Friendship.IS_ASKED.value,
            rx.fragment(
                controls.primary_button("通过申请", on_click=_do.accept(person_id)),
                controls.secondary_button("拒绝", on_click=_do.decline(person_id)),
            ),
        ),
        controls.secondary_button("加好友", on_click=_do.ask(person_id)),
    )


def _told(icon: str, text: str) -> rx.Component:
    return rx.el.span(
        rx.icon(icon, size=18, aria_hidden="true"),
        text,
        role="status",
        style={
            "display": "inline-flex",
            "align_items": "center",
            "gap": "6px",
            "min_height": tokens.TARGET,
            "padding": "0 6px",
            "color": tokens.QUIET,
            "font_weight": "600",
        },
    )


def _block(person_id: rx.Var[int]) -> rx.Component:
    return asking(
        controls.secondary_button("拉黑"),
        "拉黑这位邻居？",
        "拉黑后你们都不能给对方发消息、加好友；已是好友的会解除好友关系。随时可以取消拉黑。",
        "拉黑",
        _do.block(person_id),
    )


def actions() -> rx.Component:
    """What can be done about the one whose page it is; nothing about oneself, nor about who left."""
    person = PersonState.person
    return rx.cond(
        (ShellState.user_id != person.id) & (person.username != ""),
        rx.el.div(
            controls.primary_link("发消息", href=f"/messages/{person.id}"),
            rx.cond(
                ContactState.standing.is_blocked,
                rx.fragment(
                    _told("ban", "已拉黑"),
                    controls.secondary_button("取消拉黑", on_click=_do.unblock(person.id)),
                ),
                rx.fragment(_friendship(person.id), _block(person.id)),
            ),
            report.button(ReportTarget.PERSON, person.id),
            role="group",
            aria_label="和这位邻居",
            style={**_ROW, "gap": "8px", "margin_bottom": "24px"},
            class_name="x-about-person",
        ),
    )


def guarded(conversation: rx.Component) -> rx.Component:
    """A conversation; where the two cannot write to each other a line stands in place of the field.

    What was typed before stays in the field, which comes back with the other's goodwill.
    """
    standing = ContactState.standing
    line = rx.match(
        rx.cond(standing.is_blocked, "blocked", rx.cond(standing.refuses, "refused", "")),
        (
            "blocked",
            rx.el.div(
                rx.el.span("你已拉黑对方，先解除拉黑才能联系"),
                controls.secondary_button("取消拉黑", on_click=_do.unblock(standing.person_id)),
                role="status",
                class_name="x-closed-line",
            ),
        ),
        ("refused", rx.el.div("暂时无法联系对方", role="status", class_name="x-closed-line")),
        rx.fragment(),
    )
    return rx.el.div(
        conversation,
        line,
        class_name=rx.cond(standing.is_blocked | standing.refuses, "x-guarded x-closed", "x-guarded"),
    )


def waiting_count() -> rx.Component:
    """How many friend requests wait, if any."""
    return rx.cond(
        ContactState.waiting > 0,
        controls.count(ContactState.waiting.to_string(), f"{ContactState.waiting} 条好友申请", class_name="x-count"),
    )


def _entrance(icon: str, label: str, href: str, *more: rx.Component) -> rx.Component:
    return rx.link(
        rx.icon(icon, size=18, stroke_width=1.8, aria_hidden="true"),
        label,
        *more,
        href=href,
        underline="none",
        class_name="x-entrance",
    )


def plaza_entrance() -> rx.Component:
    """The way to the public room."""
    return _entrance("messages-square", "公共聊天室", routes.PLAZA)


def friends_entrance() -> rx.Component:
    """The way to the friends, with how many would like to be."""
    return _entrance("users-round", "好友", routes.FRIENDS, waiting_count())


def entrances() -> rx.Component:
    """Both ways, above the list of conversations."""
    return rx.el.div(friends_entrance(), plaza_entrance(), class_name="x-entrances")
