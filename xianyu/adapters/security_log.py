"""The security log: one JSON line for each authentication event and each refusal."""

import json
import logging
from datetime import UTC, datetime

from xianyu.adapters import metrics

LOGGER = "xianyu.security"
# Characters of a fact; whatever somebody sends, a line stays a line.
LONGEST_FACT = 200

_logger = logging.getLogger(LOGGER)


def record(
    event: str,
    outcome: str,
    *,
    user_id: int | None = None,
    session_id: int | None = None,
    address: str = "",
    **facts: str | int,
) -> None:
    """Write what happened, who did it, from where, and how it ended.

    Nothing that was typed belongs here: no password, token or message, and no name at a login that
    failed, since people type passwords there by mistake (OWASP ASVS 5.0, 16.2.5).

    Args:
        event: What was tried: ``"login"``, ``"password_reset"``, ``"refused"`` …
        outcome: ``"success"``, ``"failure"`` or ``"refused"``.
        user_id: Whose account it is about, where that is known.
        session_id: The login that it happened in.
        address: The client's address.
        facts: What else tells one case from another, such as ``rule`` or ``reason``.
    """
    line: dict[str, str | int] = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "logger": LOGGER}
    line |= {"event": event, "outcome": outcome}
    who = {"user_id": user_id, "session_id": session_id, "address": address}
    line |= {name: value for name, value in who.items() if value}
    line |= {name: value[:LONGEST_FACT] if isinstance(value, str) else value for name, value in facts.items()}
    if outcome != "success":
        metrics.REFUSALS.labels(event, str(facts.get("rule") or facts.get("reason") or "")).inc()
    # ASCII alone: no character of another's making can end the line or hide in it.
    _logger.info(json.dumps(line, ensure_ascii=True))
