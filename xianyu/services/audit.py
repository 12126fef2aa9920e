"""What the security log is told of refusals and of logins that end."""

from xianyu.adapters import security_log
from xianyu.adapters.live import is_from_elsewhere
from xianyu.schemas.accounts import Actor
from xianyu.schemas.events import LiveEvent, SessionEnded
from xianyu.services.errors import DomainError, InvalidForm
from xianyu.services.limits import TooManyRequests


def refused(error: DomainError, actor: Actor | None, address: str, tried: str) -> None:
    """Note that somebody was refused something.

    A form that was filled in wrongly is no refusal, and limits keep their own lines.

    Args:
        error: Why.
        actor: Who, if that is known.
        address: From where.
        tried: The name of the service that was called.
    """
    if isinstance(error, InvalidForm | TooManyRequests):
        return
    security_log.record(
        "refused",
        "refused",
        user_id=actor.user_id if actor else None,
        session_id=actor.session_id if actor else None,
        address=address,
        reason=type(error).__name__,
        tried=tried,
    )


async def on_event(event: LiveEvent) -> None:
    """Note the end of each login, whether its owner logged out or it was revoked; once, not on each worker."""
    if isinstance(event, SessionEnded) and not is_from_elsewhere():
        security_log.record("session_ended", "success", user_id=event.user_id, session_id=event.session_id)
