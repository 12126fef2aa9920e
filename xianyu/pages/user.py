"""The page at ``/user/[user_id]``."""

import reflex as rx

from xianyu import routes
from xianyu.components import contacts, controls, report, reviews, tokens
from xianyu.components.cards import listing_grid
from xianyu.components.layout import page
from xianyu.components.react import time_ago
from xianyu.states.people import PersonState
from xianyu.states.reviews import PersonReviewsState


def _head() -> rx.Component:
    person = PersonState.person
    return rx.el.div(
        controls.avatar(person.name, person.avatar_url, "64px"),
        rx.el.div(
            rx.el.h1(person.name, style={"font_size": "22px", "margin": "0", **_BREAK}),
            rx.cond(person.username != "", _who()),
            rx.cond(
                person.bio != "", rx.el.p(person.bio, style={"margin": "8px 0 0", "white_space": "pre-wrap", **_BREAK})
            ),
            style={"flex": "1", "min_width": "0"},
        ),
        style={"display": "flex", "align_items": "center", "gap": "16px", "margin_bottom": "16px"},
    )


def _who() -> rx.Component:
    """What there is to know of somebody who is still here."""
    person = PersonState.person
    return rx.el.p(
        rx.el.span("@", person.username),
        rx.cond(person.building != "", rx.el.span(" · ", person.building)),
        rx.el.span(" · ", time_ago(person.joined_at, "date"), " 加入"),
        style={"color": tokens.QUIET, "margin": "0", "font_size": "14px", **_BREAK},
    )


def _reviews() -> rx.Component:
    nothing = rx.el.p("还没有评价。", style={"color": tokens.QUIET, "margin": "0"})
    # Of who left, nothing is said.
    return rx.cond(
        PersonState.person.username != "", reviews.recent(PersonReviewsState, "收到的评价", otherwise=nothing)
    )


_BREAK = {"overflow_wrap": "anywhere"}


def user() -> rx.Component:
    """A neighbour, what others say of them, and what they offer."""
    return page(
        rx.cond(
            PersonState.missing == "",
            rx.fragment(
                rx.cond(
                    PersonState.loaded,
                    rx.fragment(_head(), contacts.actions(), _reviews()),
                    controls.skeleton(height="64px", margin_bottom="24px"),
                ),
                rx.el.h2("在售", style={"font_size": "18px", "margin": "0 0 12px"}),
                listing_grid(PersonState, controls.empty_state("package-open", "TA 现在没有在售的宝贝。")),
            ),
            controls.empty_state(
                "user-round-x", PersonState.missing, controls.primary_link("回首页看看", href=routes.HOME)
            ),
        ),
        report.dialog(),
    )
