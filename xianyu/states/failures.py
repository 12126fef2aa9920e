"""What becomes of an exception that a handler did not turn into a field error."""

import logging

import reflex as rx
from reflex_base.event.context import EventContext

from xianyu import routes
from xianyu.adapters.messages import StoreUnavailable
from xianyu.services.errors import DomainError, LoginRequired
from xianyu.states import outage
from xianyu.states.notices import NoticeState

logger = logging.getLogger(__name__)


def answer(exception: Exception) -> rx.event.EventSpec | None:
    """A notice with the domain error's own sentence, the login page, or one generic line and a traceback."""
    if isinstance(exception, LoginRequired):
        return rx.redirect(routes.login(_present_path()))
    if isinstance(exception, DomainError):
        return _say(exception.message)
    if isinstance(exception, StoreUnavailable):
        outage.note()
        return _say("聊天暂时不可用，请稍后再试")
    logger.error("A handler failed", exc_info=exception)
    return _say("出了点问题，请稍后再试")


def _say(text: str) -> rx.event.EventSpec:
    return NoticeState.show(text)  # type: ignore[operator]  # Reflex makes an event of it on the class


def _present_path() -> str:
    try:
        return str((EventContext.get().router_data or {}).get("asPath", ""))
    except LookupError:
        return ""
