"""The card of the settings with one's avatar, name and what one tells about oneself."""

import reflex as rx

from xianyu import routes
from xianyu.components import controls
from xianyu.components.react import avatar_picker
from xianyu.components.settings.section import ROW, done, section
from xianyu.states.settings_profile import SettingsProfileState
from xianyu.states.shell import ShellState


def _avatar() -> rx.Component:
    state = SettingsProfileState
    return rx.el.div(
        avatar_picker(
            endpoint=routes.AVATAR_UPLOAD, url=state.profile.avatar_url, name=ShellState.name, on_done=state.show_avatar
        ),
        rx.cond(
            state.profile.avatar_url != "",
            controls.secondary_button("移除头像", on_click=state.remove_avatar),
        ),
        style={**ROW, "margin_bottom": "20px"},
    )


def _form() -> rx.Component:
    state = SettingsProfileState
    return rx.el.form(
        controls.text_input(
            "昵称",
            "display_name",
            state.errors,
            hint="最多 20 个字；不填就显示用户名",
            default_value=state.profile.display_name,
            placeholder=state.profile.username,
            auto_complete="nickname",
        ),
        controls.text_area(
            "个人简介",
            "bio",
            state.errors,
            hint="最多 200 个字",
            default_value=state.profile.bio,
            rows=3,
            placeholder="让邻居认识你",
        ),
        controls.text_input(
            "楼栋",
            "building",
            state.errors,
            hint="最多 40 个字，显示在你的主页上，方便约定在哪里交接",
            default_value=state.profile.building,
            placeholder="例如 3 号楼",
            auto_complete="off",
        ),
        controls.primary_button("保存资料", type="submit", disabled=controls.waits()),
        done(rx.cond(state.saved, "资料已保存", "")),
        on_submit=state.save,
        no_validate=True,
    )


def profile() -> rx.Component:
    """What others see of me."""
    return section(
        "个人资料",
        rx.cond(
            SettingsProfileState.loaded,
            rx.fragment(_avatar(), _form()),
            controls.skeleton(height="420px"),
        ),
        hint="邻居在宝贝、聊天和你的主页上看到的样子。",
    )
