"""Logs: one line of JSON for each record, on the error stream."""

import json
import logging
import sys
from datetime import UTC, datetime

from xianyu.adapters import security_log

# Reflex warns of arguments of a wrong type and quotes them: messages and passwords, from clients that
# are no page of ours.
QUOTES_ARGUMENTS = "reflex_base.event.processor.base_state_processor"
# It quotes an event that nobody handles whole, with the headers of its socket: the session's cookie.
QUOTES_EVENTS = "reflex_base.event.processor.event_processor"
_QUOTED = "Error processing event queue entry"


def _leave_the_event_out(record: logging.LogRecord) -> bool:
    if record.getMessage().startswith(_QUOTED):
        record.msg, record.args = "An event could not be processed", ()
    return True


class JsonLines(logging.Formatter):
    """A record as one line; what the security log writes is one already."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        if record.name == security_log.LOGGER:
            return record.getMessage()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "logger": record.name,
            "level": record.levelname,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def set_up(level: str) -> None:
    """Write the program's own log from ``level`` on, and other libraries' warnings.

    The security log is complete at every level: it is evidence and no matter of taste.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    # Whoever runs the program inside another one has set up handlers, and they stay.
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("xianyu").setLevel(level)
    logging.getLogger(security_log.LOGGER).setLevel(logging.INFO)
    logging.getLogger(QUOTES_ARGUMENTS).setLevel(logging.ERROR)
    logging.getLogger(QUOTES_EVENTS).addFilter(_leave_the_event_out)
