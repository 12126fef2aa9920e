"""Ways to log in through third parties, and the pages where such a login goes on."""

from typing import Any

import reflex as rx

from xianyu import routes
from xianyu.components import controls, tokens
from xianyu.components.layout import page
from xianyu.components.react import session_handoff
from xianyu.schemas.external_logins import ProviderLink
from xianyu.states.external import ExternalEntranceState, PendingLoginState

_PROBLEM = {"color": tokens.DANGER, "margin": "0 0 12px"}


def external_problem() -> rx.Component:
    """Why the last login through a third party came to nothing."""
    return rx.el.div(
        rx.cond(ExternalEntranceState.problem != "", rx.el.p(ExternalEntranceState.problem, style=_PROBLEM)),
        role="alert",
    )


def external_choices() -> rx.Component:
    """A button for each third party, or nothing where none is set up."""
    return rx.cond(
        ExternalEntranceState.choices.length() > 0,
        rx.el.div(
            rx.el.p("或者", style={"color": tokens.QUIET, "text_align": "center", "margin": "16px 0 8px"}),
            rx.foreach(ExternalEntranceState.choices, _choice),
        ),
    )


def _choice(choice: rx.Var[ProviderLink]) -> rx.Component:
    style = {"width": "100%", "margin_bottom": "8px", "text_decoration": "none", "box_sizing": "border-box"}
    # The address is no page: the browser has to ask the server for it, and not the router.
    return controls.secondary_link(
        f"用 {choice.label} 登录", href=choice.href, reload_document=True, key=choice.href, style=style
    )


def pending_page(title: str, *children: Any) -> rx.Component:
    """A page of one card for a login that waits for its person, with what to do when it waits no more."""
    state = PendingLoginState
    return page(
        controls.card(
            rx.el.h1(title, style={"font_size": "24px", "margin": "0 0 12px"}),
            rx.cond(
                state.lapsed != "",
                rx.el.div(
                    rx.el.p(state.lapsed, role="alert", style=_PROBLEM),
                    controls.primary_link("重新登录", href=routes.LOGIN, style={"text_decoration": "none"}),
                ),
                rx.cond(state.loaded, rx.el.div(*children), controls.skeleton(height="160px")),
            ),
            session_handoff(action=routes.SESSION, ticket=state.ticket, next=state.next_path),
        ),
        width="440px",
    )


def submit_button(label: str) -> rx.Component:
    """The button of such a page's form."""
    return controls.primary_button(
        rx.cond(PendingLoginState.busy, "请稍候…", label),
        type="submit",
        disabled=controls.waits(PendingLoginState.busy),
        style={"width": "100%", "margin_top": "8px"},
    )


def late_error(name: str) -> rx.Component:
    """The message of a refusal that seldom comes: it keeps no room free."""
    errors = PendingLoginState.errors
    return rx.cond(errors.contains(name), controls.field_error(errors, name))


def explanation(*children: Any) -> rx.Component:
    """A quiet paragraph."""
    return rx.el.p(*children, style={"color": tokens.QUIET, "margin": "0 0 16px", "overflow_wrap": "anywhere"})
