"""The card of the settings about what one wants to be told by e-mail."""

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.settings.section import section
from xianyu.states.settings_profile import SettingsProfileState


def mails() -> rx.Component:
    """One switch."""
    state = SettingsProfileState
    return section(
        "通知",
        rx.cond(
            state.loaded,
            rx.el.label(
                rx.switch(checked=state.profile.wants_mail, on_change=state.choose_mail, size="3"),
                "有没看到的消息时，发邮件提醒我",
                style={
                    "display": "flex",
                    "align_items": "center",
                    "gap": "12px",
                    "min_height": tokens.TARGET,
                    "cursor": "pointer",
                },
            ),
            controls.skeleton(height=tokens.TARGET),
        ),
        hint="离开半小时以上、消息又有十分钟没看时，发一封邮件告诉你有几条；下次回来之前不再发，邮件里没有消息内容。",
    )
