"""The card of the settings about what one wants to be told while no page is open."""

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.react.push import push_switch
from xianyu.components.settings.section import note, section, switch_line
from xianyu.states.settings_profile import SettingsProfileState
from xianyu.states.settings_push import SettingsPushState


def _by_push() -> rx.Component:
    state = SettingsPushState
    return rx.cond(
        state.loaded,
        push_switch(
            server_key=state.key,
            endpoint=state.endpoint,
            error=state.error,
            on_subscribe=state.subscribe,
            on_unsubscribe=state.unsubscribe,
        ),
        controls.skeleton(height=tokens.TARGET),
    )


def mails() -> rx.Component:
    """A switch for mails, and one for this device."""
    profile = SettingsProfileState
    return section(
        "通知",
        switch_line(
            "有没看到的消息时，发邮件提醒我", profile.profile.wants_mail, profile.choose_mail, loaded=profile.loaded
        ),
        note(
            "离开半小时以上、消息又有十分钟没看时，发一封邮件告诉你有几条；"
            "下次回来之前不再发，邮件里没有消息内容，点一下就能退订。"
        ),
        rx.el.div(_by_push(), style={"margin_top": "16px"}),
        note(
            "没有打开本站的页面时，新消息和互动直接显示在这台设备上，只说是谁发来的，不显示内容。退出登录后自动关闭。"
        ),
    )
