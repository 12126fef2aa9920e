"""The card of the settings about what others see."""

import reflex as rx

from xianyu.components.settings.section import switch
from xianyu.states.settings_profile import SettingsProfileState


def privacy() -> rx.Component:
    """One switch."""
    state = SettingsProfileState
    return switch(
        "隐私",
        "让聊过的邻居看到我是否在线",
        state.profile.shows_presence,
        state.choose_presence,
        loaded=state.loaded,
        hint="关掉以后，别人看不到你是否在线、什么时候来过、是不是正在输入；你也看不到别人的。",
    )
