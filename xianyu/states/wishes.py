"""What a visitor pressed before they were sent to log in, done once the same tab is back.

The wish travels in the address that the login leads back to, signed for the tab and for what it is about: a
link that somebody else made presses nothing for whoever opens it, and any worker can tell.
"""

import reflex as rx

from xianyu import routes
from xianyu.adapters import signatures
from xianyu.states.actor import query, tab_token

_PURPOSE = "wish"


def _text(state: rx.State, wish: str, page: str) -> str:
    return f"{wish} {page} {tab_token(state)}"


def log_in_first(state: rx.State, wish: str, page: str) -> rx.event.EventSpec:
    """Lead a visitor to the login and, with their wish, back to the page that they are on.

    Args:
        state: The state of their tab.
        wish: What they pressed, as the address names it.
        page: The address that they are on, without a query.
    """
    signature = signatures.sign(_PURPOSE, _text(state, wish, page))
    return rx.redirect(routes.login(routes.with_wish(page, wish, signature)))


def is_back(state: rx.State, wish: str, page: str) -> bool:
    """Whether the address of the tab holds that wish, and the tab itself made it."""
    return signatures.is_signed(_PURPOSE, _text(state, wish, page), query(state, wish))
