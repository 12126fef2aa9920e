"""The card of the settings that changes the account's address."""

import reflex as rx

from xianyu.components import controls
from xianyu.components.second_step import code_field
from xianyu.components.settings.section import done, note, proof_error, section
from xianyu.states.settings_email import SettingsEmailState


def email() -> rx.Component:
    """The present address, and a form for another."""
    state = SettingsEmailState
    return section(
        "邮箱",
        rx.el.p("现在的邮箱：", rx.el.b(state.view.address), style={"margin": "0 0 12px", "word_break": "break-all"}),
        rx.el.form(
            controls.text_input(
                "新邮箱", "email", state.errors, type="email", input_mode="email", auto_complete="email"
            ),
            rx.cond(
                state.view.needs_proof,
                controls.text_input(
                    "登录密码", "email_password", state.errors, type="password", auto_complete="current-password"
                ),
            ),
            rx.cond(
                state.view.needs_code,
                code_field(state.errors, "验证器应用里的 6 位数字，或者一个恢复码", name="email_code"),
            ),
            proof_error(state.errors),
            controls.secondary_button(
                rx.cond(state.busy, "正在发送…", "发送确认邮件"),
                type="submit",
                disabled=controls.waits(state.busy),
                style={"margin_top": "8px"},
            ),
            on_submit=state.submit,
            no_validate=True,
        ),
        done(
            rx.cond(
                state.sent_to,
                f"确认邮件已发往 {state.sent_to}，请在 30 分钟内打开其中的链接。在那之前，邮箱不变。",
                "",
            )
        ),
        rx.cond(
            (state.view.waiting != "") & (state.sent_to == ""),
            note(f"{state.view.waiting} 还在等待确认。", word_break="break-all"),
        ),
        hint="用来登录和找回密码，别人看不到。换成新邮箱要在新邮箱里确认。",
    )
