"""The page at ``/friends``."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import contacts, controls, tokens
from xianyu.components.confirm import asking
from xianyu.components.layout import page
from xianyu.components.react import time_ago
from xianyu.schemas.contacts import Contact
from xianyu.states.contacts import ContactState, FriendsState

# A handler of a class is called to bind arguments, which types do not know.
_do: Any = ContactState
_people: Any = FriendsState


def _tab(name: str, section: str, *more: rx.Component) -> rx.Component:
    return rx.el.button(
        name,
        *more,
        type="button",
        role="tab",
        id=f"{section}-tab",
        aria_selected=FriendsState.section == section,
        aria_controls="friends-panel",
        on_click=_people.choose(section),
        class_name="x-section-tab",
    )


def _person(person: rx.Var[Contact], note: Any, *actions: rx.Component) -> rx.Component:
    return rx.el.li(
        rx.link(
            controls.avatar(person.name, person.avatar_url, "48px"),
            rx.el.span(
                rx.el.span(person.name, style={"font_weight": "600", "overflow_wrap": "anywhere"}),
                rx.el.span(note, style={"color": tokens.QUIET, "font_size": "13px", "overflow_wrap": "anywhere"}),
                style={"display": "flex", "flex_direction": "column", "min_width": "0", "line_height": "1.4"},
            ),
            href=person.url,
            underline="none",
            class_name="x-person",
        ),
        rx.el.div(*actions, class_name="x-person-actions"),
        key=person.id.to_string(),
        class_name="x-contact",
    )


def _list(people: Any, entry: Any, label: str) -> rx.Component:
    return rx.el.ul(rx.foreach(people, entry), aria_label=label, class_name="x-contacts")


def _friend(person: rx.Var[Contact]) -> rx.Component:
    return _person(
        person,
        # Once is enough.
        rx.cond(person.name == person.username, "", f"@{person.username}"),
        controls.secondary_link("发消息", href=person.chat_url),
        asking(
            controls.secondary_button("删除好友", style={"color": tokens.DANGER}),
            rx.el.span("删除好友 ", person.name, "？"),
            "你们会互相从好友里消失，你这边的聊天记录会清空；对方那边的还在。",
            "删除好友",
            _do.unfriend(person.id),
        ),
    )


def _friends() -> rx.Component:
    return rx.fragment(
        rx.cond(
            (FriendsState.friends.length() > 0) | (FriendsState.query != ""),
            rx.el.input(
                type="search",
                placeholder="查找好友",
                aria_label="查找好友",
                max_length=50,
                default_value=FriendsState.query,
                on_change=_people.search.debounce(200),
                class_name="x-find",
            ),
        ),
        rx.cond(
            FriendsState.friends.length() > 0,
            _list(FriendsState.friends, _friend, "好友"),
            rx.cond(
                FriendsState.query != "",
                controls.empty_state("search-x", f"好友里没有“{FriendsState.query}”"),
                controls.empty_state(
                    "users-round",
                    "还没有好友。在邻居的主页点「加好友」，就能在这里找到 TA。",
                    controls.primary_link("逛逛邻居的宝贝", href=routes.HOME),
                ),
            ),
        ),
    )


def _asks(person: rx.Var[Contact]) -> rx.Component:
    return _person(
        person,
        rx.fragment(time_ago(person.since), " 想加你为好友"),
        controls.primary_button("通过", on_click=_do.accept(person.id)),
        controls.secondary_button("拒绝", on_click=_do.decline(person.id)),
    )


def _asked(person: rx.Var[Contact]) -> rx.Component:
    return _person(
        person,
        rx.fragment(time_ago(person.since), " 已申请，等对方通过"),
        controls.secondary_button("撤回申请", on_click=_do.withdraw(person.id)),
    )


def _requests() -> rx.Component:
    return rx.cond(
        (FriendsState.asking.length() > 0) | (FriendsState.asked.length() > 0),
        rx.fragment(
            rx.cond(FriendsState.asking.length() > 0, _list(FriendsState.asking, _asks, "收到的申请")),
            rx.cond(
                FriendsState.asked.length() > 0,
                rx.fragment(
                    rx.el.h2("我发出的", style={"font_size": "16px", "margin": "20px 4px 4px"}),
                    _list(FriendsState.asked, _asked, "我发出的申请"),
                ),
            ),
        ),
        controls.empty_state("user-round-plus", "没有新的好友申请。"),
    )


def _blocked_one(person: rx.Var[Contact]) -> rx.Component:
    return _person(
        person,
        rx.fragment(time_ago(person.since), " 拉黑"),
        controls.secondary_button("取消拉黑", on_click=_do.unblock(person.id)),
    )


def _blocked() -> rx.Component:
    return rx.cond(
        FriendsState.blocked.length() > 0,
        _list(FriendsState.blocked, _blocked_one, "黑名单"),
        controls.empty_state("shield-check", "黑名单是空的。"),
    )


def friends() -> rx.Component:
    """Friends, those who would like to be, and those who were blocked."""
    return page(
        rx.el.h1("好友", style={"font_size": "22px", "margin": "0 4px 8px"}),
        rx.el.div(
            _tab("好友", "friends"),
            _tab("新的朋友", "requests", contacts.waiting_count()),
            _tab("黑名单", "blocked"),
            role="tablist",
            aria_label="好友",
            class_name="x-section-tabs",
        ),
        rx.el.div(
            rx.cond(
                FriendsState.loaded,
                rx.match(FriendsState.section, ("requests", _requests()), ("blocked", _blocked()), _friends()),
                rx.fragment(*[controls.skeleton(height="56px", margin="14px 0") for _ in range(4)]),
            ),
            id="friends-panel",
            role="tabpanel",
            aria_labelledby=f"{FriendsState.section}-tab",
        ),
        width=tokens.NARROW,
    )
