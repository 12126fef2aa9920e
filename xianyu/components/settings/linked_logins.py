"""The card of the settings with the accounts at third parties that open mine."""

import reflex as rx

from xianyu.components import controls, tokens
from xianyu.components.react import leave, time_ago
from xianyu.components.settings.section import ROW, done, note, proof_error, section
from xianyu.schemas.external_logins import IdentityView, ProviderView
from xianyu.states.linked_logins import LinkedLoginsState


def linked_logins() -> rx.Component:
    """Those that are linked, and those that could be; nothing where no third party is set up and none is linked."""
    state = LinkedLoginsState
    return rx.cond(
        (state.choices.length() > 0) | (state.identities.length() > 0),
        section(
            "第三方登录",
            rx.el.ul(
                rx.foreach(state.identities, _identity),
                aria_label="已绑定的登录方式",
                style={"list_style": "none", "margin": "0 0 12px", "padding": "0"},
            ),
            rx.cond(state.wanted != "", _proof(), rx.el.div(rx.foreach(state.choices, _choice), style=ROW)),
            proof_error(state.errors),
            rx.el.p(state.errors.get("link", ""), role="alert", style={"color": tokens.DANGER, "margin": "8px 0 0"}),
            done(state.said),
            leave(to=state.leaving),
            hint="绑定以后，可以用这些账号登录。",
        ),
    )


def _proof() -> rx.Component:
    state = LinkedLoginsState
    return rx.el.form(
        controls.text_input(
            "登录密码",
            "link_password",
            state.errors,
            type="password",
            auto_complete="current-password",
            auto_focus=True,
        ),
        rx.el.div(
            controls.primary_button(
                rx.cond(state.busy, "请稍候…", f"确认{state.wanted}"),
                type="submit",
                disabled=controls.waits(state.busy),
            ),
            controls.secondary_button("取消", on_click=state.leave),
            style=ROW,
        ),
        on_submit=state.submit,
        no_validate=True,
    )


def _identity(identity: rx.Var[IdentityView]) -> rx.Component:
    return rx.el.li(
        rx.el.span(
            rx.el.b(identity.provider),
            " ",
            identity.label,
            note(time_ago(at=identity.linked_at, mode="date"), " 绑定"),
            style={"flex": "1", "min_width": "0", "overflow_wrap": "anywhere"},
        ),
        controls.secondary_button(
            "解绑",
            on_click=LinkedLoginsState.unlink(identity.id),  # type: ignore[operator]  # a handler of a class is called to bind arguments
            aria_label=f"解绑 {identity.provider} {identity.label}",
        ),
        key=identity.id.to_string(),
        style={**ROW, "flex_wrap": "nowrap", "padding": "8px 0"},
    )


def _choice(provider: rx.Var[ProviderView]) -> rx.Component:
    return controls.secondary_button(
        f"绑定 {provider.label}",
        on_click=LinkedLoginsState.link(provider.name),  # type: ignore[operator]  # as above
        key=provider.name,
    )
