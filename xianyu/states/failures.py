"""What becomes of an exception that a handler did not turn into a field error."""

import logging

import reflex as rx
from reflex_base.event.context import EventContext

from xianyu import routes
from xianyu.services.errors import DomainError, LoginRequired

logger = logging.getLogger(__name__)


def answer(exception: Exception) -> rx.event.EventSpec | None:
    """A toast with the domain error's own sentence, the login page, or one generic line and a traceback."""
    if isinstance(exception, LoginRequired):
        return rx.redirect(routes.login(_present_path()))
    if isinstance(exception, DomainError):
        return rx.toast.error(exception.message)
    logger.error("A handler failed", exc_info=exception)
    return rx.toast.error("出了点问题，请稍后再试")


def _present_path() -> str:
    try:
        return str((EventContext.get().router_data or {}).get("asPath", ""))
    except LookupError:
        return ""
