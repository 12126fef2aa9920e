"""The page at ``/me/settings``: a column of cards."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from xianyu.components import tokens
from xianyu.components.layout import page
from xianyu.components.settings import (
    email,
    linked_logins,
    logins,
    mails,
    my_data,
    password,
    privacy,
    profile,
    second_step,
)
from xianyu.states.linked_logins import LinkedLoginsState
from xianyu.states.my_data import MyDataState
from xianyu.states.settings_email import SettingsEmailState
from xianyu.states.settings_logins import SettingsLoginsState
from xianyu.states.settings_password import SettingsPasswordState
from xianyu.states.settings_profile import SettingsProfileState
from xianyu.states.settings_push import SettingsPushState
from xianyu.states.settings_second_step import SettingsSecondStepState

# In the order of the page. Each is a card of its own from components/settings, without arguments.
CARDS: tuple[Callable[[], rx.Component], ...] = (
    profile.profile,
    mails.mails,
    privacy.privacy,
    email.email,
    password.password,
    second_step.second_step,
    linked_logins.linked_logins,
    logins.logins,
    my_data.export_card,
    my_data.closing_card,
)

# What the cards need to know when the page is opened.
ON_LOAD: tuple[Any, ...] = (
    SettingsProfileState.load,
    SettingsPushState.load,
    SettingsEmailState.load,
    SettingsPasswordState.load,
    SettingsSecondStepState.load,
    LinkedLoginsState.load,
    SettingsLoginsState.load,
    MyDataState.load,
)


def settings() -> rx.Component:
    """Everything about my account that I can change."""
    return page(
        rx.el.h1("设置", style={"font_size": "24px", "margin": "0 0 16px"}),
        rx.el.div(*[card() for card in CARDS], style={"display": "flex", "flex_direction": "column", "gap": "16px"}),
        width=tokens.NARROW,
    )
