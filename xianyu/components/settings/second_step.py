"""The card of the settings that sets up the second step of a login."""

from typing import Any

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.second_step import code_field
from xianyu.components.settings.section import ROW, proof_error, section
from xianyu.states.settings_second_step import SettingsSecondStepState

_KEY = {
    "font_family": "ui-monospace, monospace",
    "font_size": "16px",
    "letter_spacing": "1px",
    "overflow_wrap": "anywhere",
}


def _proof() -> rx.Component:
    return rx.cond(
        SettingsSecondStepState.asks,
        controls.text_input(
            "登录密码",
            "step_password",
            SettingsSecondStepState.errors,
            type="password",
            auto_complete="current-password",
        ),
        proof_error(SettingsSecondStepState.errors),
    )


def _submit(label: str, **props: Any) -> rx.Component:
    busy = SettingsSecondStepState.busy
    return controls.primary_button(
        rx.cond(busy, "请稍候…", label), type="submit", disabled=controls.waits(busy), **props
    )


def _offer() -> rx.Component:
    return rx.el.form(
        rx.cond(
            SettingsSecondStepState.view.is_demanded,
            rx.el.p(
                "管理员必须先开启两步验证，才能使用管理功能。",
                role="alert",
                style={"color": tokens.DANGER, "margin": "0 0 12px"},
            ),
        ),
        _proof(),
        _submit("开启两步验证"),
        on_submit=SettingsSecondStepState.begin,
        no_validate=True,
    )


def _enrolment() -> rx.Component:
    state = SettingsSecondStepState
    return rx.el.form(
        rx.el.p(
            "1. 用验证器应用（如 Microsoft Authenticator、Google Authenticator）扫描二维码：",
            style={"margin": "0 0 12px"},
        ),
        rx.el.img(
            src=state.enrolment.qr,
            alt="两步验证的二维码",
            style={"width": "208px", "height": "208px", "border_radius": tokens.RADIUS_SMALL},
        ),
        rx.el.p("扫不了？把这串密钥输入应用：", style={"margin": "12px 0 4px"}),
        rx.el.code(state.enrolment.key, style=_KEY),
        rx.el.p("2. 输入应用里显示的 6 位数字：", style={"margin": "16px 0 8px"}),
        code_field(state.errors, "每 30 秒换一个"),
        rx.el.div(_submit("确认开启"), controls.secondary_button("取消", on_click=state.leave), style=ROW),
        on_submit=state.confirm,
        no_validate=True,
    )


def _codes() -> rx.Component:
    state = SettingsSecondStepState
    return rx.el.div(
        rx.el.p(
            "请现在保存这些恢复码，它们不会再次显示。手机丢了或换了，可以用其中一个代替验证码登录，每个只能用一次。",
            role="status",
            style={"margin": "0 0 12px"},
        ),
        rx.el.ol(
            rx.foreach(state.codes, lambda code: rx.el.li(rx.el.code(code, style=_KEY), key=code)),
            aria_label="恢复码",
            style={"margin": "0 0 16px", "padding_left": "28px", "line_height": "1.9"},
        ),
        rx.el.div(
            controls.primary_button("我已保存", on_click=state.leave),
            # Not the clipboard, which browsers keep from sites without https.
            controls.secondary_link(
                "下载",
                href="data:text/plain;charset=utf-8," + state.codes.join("%0A"),
                custom_attrs={"download": "recovery-codes.txt"},
            ),
            style=ROW,
        ),
    )


def _manage() -> rx.Component:
    state = SettingsSecondStepState
    return rx.fragment(
        rx.el.p(
            "已开启，还有 ",
            rx.el.b(state.view.codes_left.to_string()),
            " 个恢复码没有用过。",
            style={"margin": "0 0 12px"},
        ),
        rx.match(
            state.managing,
            ("renew", _managing("重新生成恢复码", state.renew)),
            ("off", _managing("关闭两步验证", state.disable)),
            rx.el.div(
                controls.secondary_button("重新生成恢复码", on_click=state.manage("renew")),  # type: ignore[operator]  # a handler of a class is called to bind arguments
                rx.cond(
                    state.view.is_demanded,
                    rx.fragment(),
                    controls.secondary_button("关闭两步验证", on_click=state.manage("off")),  # type: ignore[operator]  # as above
                ),
                style=ROW,
            ),
        ),
    )


def _managing(label: str, on_submit: rx.event.EventType) -> rx.Component:
    state = SettingsSecondStepState
    return rx.el.form(
        _proof(),
        code_field(state.errors, "验证器应用里的 6 位数字，或者一个恢复码"),
        rx.el.div(_submit(label), controls.secondary_button("取消", on_click=state.leave), style=ROW),
        on_submit=on_submit,
        no_validate=True,
    )


def second_step() -> rx.Component:
    """Off, being set up, fresh codes, or on."""
    state = SettingsSecondStepState
    return section(
        "两步验证",
        rx.cond(
            state.loaded,
            rx.cond(
                state.codes.length() > 0,
                _codes(),
                rx.cond(state.view.is_on, _manage(), rx.cond(state.enrolment.key != "", _enrolment(), _offer())),
            ),
            controls.skeleton(height="120px"),
        ),
        hint="登录时除了密码，再输入一次手机上的验证码。密码泄露了，别人也进不来。",
    )
